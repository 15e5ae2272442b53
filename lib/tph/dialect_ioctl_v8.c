/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The device ioctl with an operation in its own field. It turns TPH on and off itself, SET takes a
 * CPU per entry and clears every entry of a batch when one of them fails, GET translates CPUs and
 * is there for device-specific mode.
 */

#include <errno.h>
#include <stdlib.h>

#include <steer_vfio.h>

#include "dialect.h"
#include "ioctl_v8.h"

static int
v8_disable(struct steer_tph *tph)
{
	/* As long as for ENABLE: what the published client sends. */
	struct tph_v8_ctrl ctrl = {.head = {.argsz = sizeof(ctrl), .op = TPH_V8_DISABLE}};
	int rc = steer_vfio_device_ioctl(tph->dev, TPH_IOCTL, &ctrl);
	int note = tph_ctrl_note(tph);

	/* What the device shows counts: a kernel that says "not on" has it off, too. */
	if (note != 0)
		return note;
	if (tph->info.req == STEER_PCI_TPH_REQ_OFF) {
		tph->info.mode = STEER_PCI_TPH_MODE_NS;
		return 0;
	}
	return rc != 0 ? rc : -EIO;
}

static int
enable_call(struct steer_tph *tph, enum steer_pci_tph_mode mode)
{
	struct tph_v8_ctrl ctrl = {
		.head = {.argsz = sizeof(ctrl), .op = TPH_V8_ENABLE},
		.mode = mode == STEER_PCI_TPH_MODE_IV ? TPH_V8_MODE_IV : TPH_V8_MODE_DS,
	};

	return steer_vfio_device_ioctl(tph->dev, TPH_IOCTL, &ctrl);
}

static bool
is_on(const struct steer_tph *tph, enum steer_pci_tph_mode mode)
{
	return tph->info.req != STEER_PCI_TPH_REQ_OFF && tph->info.mode == mode;
}

/* The kernel chooses the requester enable. It may think that TPH is on though a reset or its own
 * error path turned it off in the device. */
static int
v8_enable(struct steer_tph *tph, enum steer_pci_tph_mode mode)
{
	int rc, note;

	if (mode == STEER_PCI_TPH_MODE_NS) /* this ABI has no word for it */
		return -ENOTSUP;
	rc = enable_call(tph, mode);
	note = tph_ctrl_note(tph);
	if (rc == -EBUSY && note == 0 && !is_on(tph, mode)) {
		v8_disable(tph);
		rc = enable_call(tph, mode);
		note = tph_ctrl_note(tph);
	}
	if (note != 0 || (rc != 0 && rc != -EBUSY))
		return note != 0 ? note : rc;
	if (is_on(tph, mode))
		return 0;
	tph->info.mode = STEER_PCI_TPH_MODE_NS;
	return -EIO;
}

static struct tph_v8_st *
st_alloc(uint32_t op, uint16_t index, uint16_t count, const uint32_t *cpus, int *rc)
{
	size_t len = sizeof(struct tph_v8_st) + count * sizeof(struct tph_v8_entry);
	struct tph_v8_st *st = calloc(1, len);
	uint16_t i;

	*rc = -ENOMEM;
	if (st == NULL)
		return NULL;
	st->head = (struct tph_v8_head){.argsz = (uint32_t)len, .op = op};
	st->count = count;
	for (i = 0; i < count; i++)
		st->entries[i] = (struct tph_v8_entry){.cpu = cpus[i], .index = index + i};
	return st;
}

static int
v8_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	int rc;
	struct tph_v8_st *st = st_alloc(TPH_V8_SET_ST, index, count, cpus, &rc);

	if (st != NULL)
		rc = steer_vfio_device_ioctl(tph->dev, TPH_IOCTL, st);
	free(st);
	return rc;
}

static int
v8_get(struct steer_tph *tph, uint16_t count, uint32_t *data)
{
	struct tph_v8_st *st;
	uint16_t i;
	int rc;

	if (tph->info.mode != STEER_PCI_TPH_MODE_DS)
		return -ENOTSUP;
	st = st_alloc(TPH_V8_GET_ST, 0, count, data, &rc);
	if (st != NULL)
		rc = steer_vfio_device_ioctl(tph->dev, TPH_IOCTL, st);
	for (i = 0; rc == 0 && i < count; i++)
		data[i] = st->entries[i].st;
	free(st);
	return rc;
}

static int
v8_cpu_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	uint32_t data = cpu;
	int rc = v8_get(tph, 1, &data);

	if (rc != 0)
		return rc;
	if (data == 0) /* firmware knows no tag for this CPU */
		return -ENOENT;
	*tag = (uint16_t)data;
	return 0;
}

const struct tph_dialect tph_dialect_ioctl_v8 = {
	.id = STEER_TPH_DIALECT_IOCTL_V8,
	.enable = v8_enable,
	.disable = v8_disable,
	.set = v8_set,
	.get = v8_get,
	.cpu_tag = v8_cpu_tag,
};
