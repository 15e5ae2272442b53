/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Device feature TPH_ST as proposed for Linux in May 2026 in two forms that share one payload:
 * GET translates the CPUs handed in (by CPU), or returns what SET stored (by index). Neither form
 * is merged, so the feature's index is configuration. One call sequence is right for both: SET,
 * then GET from entry 0 with the same CPUs in the buffer.
 */

#include <assert.h>
#include <errno.h>
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
static_assert(offsetof(struct tph_st, index) == 4, "index at 4");
static_assert(offsetof(struct tph_st, count) == 6, "count at 6");
static_assert(offsetof(struct tph_st, data) == 8, "data at 8");

static uint32_t
feature_flags(const struct steer_tph *tph, uint32_t op)
{
	return (uint32_t)tph->info.feature | op;
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

static int
feature_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	uint32_t data[STEER_TPH_BATCH_MAX];

	memcpy(data, cpus, count * sizeof(*cpus));
	return feature_call(tph, STEER_VFIO_FEATURE_SET, index, count, data);
}

static int
feature_get(struct steer_tph *tph, uint16_t count, uint32_t *data)
{
	if (!tph->can_get)
		return -ENOTSUP;
	return feature_call(tph, STEER_VFIO_FEATURE_GET, 0, count, data);
}

static int
feature_one(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	uint32_t data = cpu;
	int rc = feature_get(tph, 1, &data);

	if (rc != 0)
		return rc;
	if (data == 0 || data > UINT16_MAX) /* 0: firmware knows no tag for this CPU */
		return -ENOENT;
	*tag = (uint16_t)data;
	return 0;
}

/*
 * GET by index needs a SET of entry 0 first. Without a table a SET that works means by index; one
 * that fails means by CPU, as long as no SET ever worked: a store that nobody wrote to is empty, so
 * a tag that comes back can only be a translation.
 */
static int
cpu_tag_no_table(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	int set = -ENOTSUP, rc;

	if (tph->can_set && tph->get_kind != TPH_GET_BY_CPU)
		set = feature_set(tph, 0, 1, &cpu);
	if (set == 0)
		tph->get_kind = TPH_GET_BY_INDEX;
	else if (tph->get_kind == TPH_GET_BY_INDEX)
		return set;
	rc = feature_one(tph, cpu, tag);
	if (set == 0 || rc != 0)
		return rc;
	tph->get_kind = TPH_GET_BY_CPU;
	return 0;
}

/* With a table entry 0 is borrowed, and given back what the record has for it. */
static int
cpu_tag_table(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	int rc = tph->can_set ? feature_set(tph, 0, 1, &cpu) : 0;

	if (rc == 0)
		rc = feature_one(tph, cpu, tag);
	if (tph->can_set && rc != -ENODEV)
		feature_set(tph, 0, 1, tph->cpus);
	return rc;
}

static int
feature_cpu_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	int rc = tph->nb == 0 ? cpu_tag_no_table(tph, cpu, tag) : cpu_tag_table(tph, cpu, tag);

	/* A refused SET may have turned TPH off. */
	if (rc != -ENODEV)
		tph_ctrl_repair(tph);
	return rc;
}

const struct tph_dialect tph_dialect_feature = {
	.id = STEER_TPH_DIALECT_FEATURE,
	.probe = feature_probe,
	.set = feature_set,
	.get = feature_get,
	.cpu_tag = feature_cpu_tag,
};
