/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Device feature TPH_ST as proposed for Linux in May 2026 in two forms that share one payload:
 * GET translates the CPUs handed in (by CPU), or returns what SET stored (by index). Neither form
 * is merged, so the feature's index is configuration. The calls here are right for both: GET is
 * from entry 0, with the CPUs that were set in the buffer.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steer_vfio.h>

#include "dialect.h"

/* Payload behind the 8-byte struct vfio_device_feature. */
struct tph_st {
	uint32_t flags; /* bit 0: persistent memory; we steer into volatile memory */
	uint16_t index; /* first entry; ignored by GET by CPU */
	uint16_t count;
	uint32_t data[]; /* SET: CPUs, 0xffffffff clears; GET: tags */
};
static_assert(sizeof(struct tph_st) == 8, "head of 8 bytes");
static_assert(offsetof(struct tph_st, index) == 4, "index at 4");
static_assert(offsetof(struct tph_st, count) == 6, "count at 6");
static_assert(offsetof(struct tph_st, data) == 8, "data at 8");

static uint32_t
feature_flags(const struct steer_tph *tph, uint32_t op)
{
	return (uint32_t)tph->info.feature | op;
}

static int
feature_call(struct steer_tph *tph, uint32_t op, uint16_t index, uint16_t count, uint32_t *data)
{
	size_t len = sizeof(struct tph_st) + count * sizeof(*data);
	struct tph_st *st = malloc(len);
	int rc;

	if (st == NULL)
		return -ENOMEM;
	*st = (struct tph_st){.index = index, .count = count};
	memcpy(st->data, data, count * sizeof(*data));
	rc = steer_vfio_feature(tph->dev, feature_flags(tph, op), st, len);
	if (rc == 0)
		memcpy(data, st->data, count * sizeof(*data));
	free(st);
	return rc;
}

int
tph_feature_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	uint32_t data[STEER_TPH_BATCH_MAX];

	memcpy(data, cpus, count * sizeof(*cpus));
	return feature_call(tph, STEER_VFIO_FEATURE_SET, index, count, data);
}

int
tph_feature_get(struct steer_tph *tph, uint16_t count, uint32_t *data)
{
	if (!tph->can_get)
		return -ENOTSUP;
	return feature_call(tph, STEER_VFIO_FEATURE_GET, 0, count, data);
}

int
tph_feature_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	uint32_t data = cpu;
	int rc = tph_feature_get(tph, 1, &data);

	if (rc != 0)
		return rc;
	if (data == 0 || data > UINT16_MAX) /* 0: firmware knows no tag for this CPU */
		return -ENOENT;
	*tag = (uint16_t)data;
	return 0;
}

bool
tph_feature_get_is_by_index(struct steer_tph *tph, uint16_t index)
{
	uint32_t data = STEER_TPH_CPU_NONE;

	return tph->can_get && feature_call(tph, STEER_VFIO_FEATURE_GET, index, 1, &data) == 0;
}

static int
feature_probe(struct steer_tph *tph)
{
	int set = steer_vfio_feature(
		tph->dev, feature_flags(tph, STEER_VFIO_FEATURE_PROBE | STEER_VFIO_FEATURE_SET),
		NULL, 0);
	int get = steer_vfio_feature(
		tph->dev, feature_flags(tph, STEER_VFIO_FEATURE_PROBE | STEER_VFIO_FEATURE_GET),
		NULL, 0);

	tph->can_set = set == 0;
	tph->can_get = get == 0;
	if (tph->can_set && tph->can_get)
		return 0;
	/* One operation alone may be a foreign feature under the same number: only if the user
	 * vouches for the index. */
	if (tph->feature_named && (tph->can_set || tph->can_get))
		return 0;
	return set != 0 ? set : get;
}

/* The kernel may answer PROBE only while TPH is on (the form by CPU), so ask again with it on, and
 * leave the control register as it was. */
static int
probe_enabled(struct steer_tph *tph)
{
	enum steer_pci_tph_mode mode = tph->info.cap.modes & 1u << STEER_PCI_TPH_MODE_IV
					       ? STEER_PCI_TPH_MODE_IV
					       : STEER_PCI_TPH_MODE_DS;
	int rc;

	if (steer_tph_enable(tph, mode) != 0)
		return -EIO;
	rc = feature_probe(tph);
	tph_ctrl_write(tph, STEER_PCI_TPH_MODE_NS, STEER_PCI_TPH_REQ_OFF);
	return rc;
}

static int
absent(const struct steer_tph *tph, int rc, char *why, size_t len)
{
	if (rc == -EIO)
		snprintf(
			why, len,
			"no TPH_ST feature %d, and writes to the TPH control register do not stick "
			"(a kernel without TPH for user space)",
			tph->info.feature);
	else
		snprintf(why, len,
			 "device feature %d is not TPH_ST (%s); give its index by tph-feature=",
			 tph->info.feature, strerror(-rc));
	return -ENOTSUP;
}

/* Both forms answer PROBE alike; GET tells them apart and changes nothing. */
static int
take_form(struct steer_tph *tph, enum steer_tph_dialect want, char *why, size_t len)
{
	const struct tph_dialect *found = tph_feature_get_is_by_index(tph, 0)
						  ? &tph_dialect_feature_by_index
						  : &tph_dialect_feature;

	if (want != STEER_TPH_DIALECT_NONE && want != found->id) {
		snprintf(why, len, "device feature %d is there, but GET does not work %s: %s",
			 tph->info.feature,
			 want == STEER_TPH_DIALECT_FEATURE ? "by CPU" : "by index",
			 want == STEER_TPH_DIALECT_FEATURE ? "it is feature-by-index"
							   : "it is feature, or refuses");
		return -ENOTSUP;
	}
	tph->dialect = found;
	tph->unsure = want == STEER_TPH_DIALECT_NONE && found == &tph_dialect_feature &&
		      tph->can_get && tph->can_set;
	return 0;
}

int
tph_feature_find(struct steer_tph *tph, enum steer_tph_dialect want, char *why, size_t len)
{
	int rc;

	if (tph->info.feature < 0) {
		snprintf(why, len,
			 "the device tells no index of the TPH_ST feature; give it by "
			 "tph-feature=");
		return -ENOTSUP;
	}
	rc = feature_probe(tph);
	if (rc != 0 && rc != -ENODEV)
		rc = probe_enabled(tph);
	return rc != 0 ? absent(tph, rc, why, len) : take_form(tph, want, why, len);
}
