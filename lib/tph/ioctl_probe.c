/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Three ABIs were posted under one ioctl number, and their layouts alias: GET_CAP of the last one
 * is ENABLE of the first. So the two older ones are excluded first, each by a request that means
 * nothing to the others and that turns off what is off anyway.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <steer_vfio.h>

#include "dialect.h"
#include "ioctl_v8.h"

/* A zeroed buffer larger than any of the structs: who reads more finds zeros, not our stack. */
static int
ask(struct steer_tph *tph, void *req, size_t len)
{
	uint8_t buf[64] = {0};
	int rc;

	memcpy(buf, req, len);
	rc = steer_vfio_device_ioctl(tph->dev, TPH_IOCTL, buf);
	memcpy(req, buf, len);
	return rc;
}

static int
ask_b(struct steer_tph *tph)
{
	struct tph_b_probe b = {.argsz = sizeof(b), .flags = TPH_B_DISABLE};

	return ask(tph, &b, sizeof(b));
}

static int
ask_c(struct steer_tph *tph)
{
	struct tph_c_probe c = {.argsz = sizeof(c), .mode = UINT32_MAX, .op = TPH_C_DISABLE};

	return ask(tph, &c, sizeof(c));
}

static int
ask_v8(struct steer_tph *tph, struct tph_v8_cap *cap)
{
	*cap = (struct tph_v8_cap){.head = {.argsz = sizeof(*cap), .op = TPH_V8_GET_CAP}};
	return ask(tph, cap, sizeof(*cap));
}

/* Modes that the kernel keeps back are not offered further up, nor entries beyond its table. */
static int
take_cap(struct steer_tph *tph, const struct tph_v8_cap *cap, char *why, size_t len)
{
	struct steer_pci_tph *dev_cap = &tph->info.cap;
	uint8_t modes = (cap->supported_modes & TPH_V8_MODE_IV ? 1u << STEER_PCI_TPH_MODE_IV : 0) |
			(cap->supported_modes & TPH_V8_MODE_DS ? 1u << STEER_PCI_TPH_MODE_DS : 0);

	if ((dev_cap->modes & modes) == 0) {
		snprintf(why, len,
			 "the kernel has ioctl-v8, but offers none of the device's modes (0x%x)",
			 cap->supported_modes);
		return -ENOTSUP;
	}
	if (dev_cap->modes & 1u << STEER_PCI_TPH_MODE_DS & ~modes)
		snprintf(tph->info.note, sizeof(tph->info.note),
			 "the kernel keeps device-specific mode back; a module parameter of "
			 "vfio_pci "
			 "(enable_unsafe_tph_ds_mode) offers it");
	dev_cap->modes &= modes;
	if (cap->st_table_sz != 0 && cap->st_table_sz < tph->nb)
		dev_cap->entries = tph->nb = cap->st_table_sz;
	tph->can_set = tph->nb > 0;
	tph->can_get = dev_cap->modes & 1u << STEER_PCI_TPH_MODE_DS;
	tph->dialect = &tph_dialect_ioctl_v8;
	return 0;
}

static int
old_abi(const char *when, char *why, size_t len)
{
	snprintf(why, len,
		 "the kernel has a device ioctl for TPH as it was posted in %s; that form is not "
		 "supported, use a newer kernel or module",
		 when);
	return -ENOTSUP;
}

int
tph_ioctl_v8_find(struct steer_tph *tph, char *why, size_t len)
{
	struct tph_v8_cap cap;
	int rc = ask_b(tph);

	if (rc == 0)
		return old_abi("June 2025", why, len);
	if (rc != -ENOTTY && rc != -ENODEV)
		rc = ask_c(tph);
	if (rc == 0)
		return old_abi("October 2025", why, len);
	if (rc != -ENOTTY && rc != -ENODEV)
		rc = ask_v8(tph, &cap);
	if (rc == 0)
		return take_cap(tph, &cap, why, len);
	if (rc == -EOPNOTSUPP)
		snprintf(why, len,
			 "the kernel has ioctl-v8, but no usable TPH mode of this device");
	else if (rc == -ENOTTY)
		snprintf(why, len, "no device ioctl for TPH");
	else
		snprintf(why, len, "device ioctl for TPH is not ioctl-v8: %s", strerror(-rc));
	return rc == -ENODEV ? rc : -ENOTSUP;
}
