/* SPDX-License-Identifier: BSD-3-Clause */

/* Programming entries, and believing only what is read back. */

#include <errno.h>
#include <string.h>

#include "dialect.h"

static int
check_range(const struct steer_tph *tph, uint16_t index, uint16_t count)
{
	if (tph->dialect == NULL)
		return -ENOTSUP;
	if (count == 0 || count > STEER_TPH_BATCH_MAX)
		return -EINVAL;
	return (uint32_t)index + count > tph->nb ? -ENXIO : 0;
}

/*
 * An entry that names another CPU but still shows the old tag: either the two CPUs share a tag, or
 * the write was lost. Clearing it first tells which.
 */
static int
settle_same_tags(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus,
		 const uint16_t *now)
{
	const uint32_t none = STEER_TPH_CPU_NONE;
	uint16_t i, e, tag;

	for (i = 0; i < count; i++) {
		e = index + i;
		if (cpus[i] == none || cpus[i] == tph->cpus[e] || now[i] != tph->tags[e])
			continue;
		if (tph->dialect->set(tph, e, 1, &none) != 0 ||
		    tph_table_read(tph, e, 1, &tag) != 0 || tag != 0)
			return -EIO;
		if (tph->dialect->set(tph, e, 1, &cpus[i]) != 0 ||
		    tph_table_read(tph, e, 1, &tag) != 0 || tag == 0)
			return -EIO;
	}
	return 0;
}

/* What the device shows after a SET that was answered with success. */
static int
verify_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	uint16_t now[STEER_TPH_BATCH_MAX];
	uint16_t i;
	int rc = tph_table_read(tph, index, count, now);

	if (rc == -ENOTSUP)
		memset(now, 0, sizeof(now[0]) * count);
	else if (rc != 0)
		return rc;
	for (i = 0; rc == 0 && i < count; i++)
		if ((now[i] != 0) != (cpus[i] != STEER_TPH_CPU_NONE))
			return -EIO;
	if (rc == 0 && settle_same_tags(tph, index, count, cpus, now) != 0)
		return -EIO;
	memcpy(&tph->cpus[index], cpus, count * sizeof(*cpus));
	memcpy(&tph->tags[index], now, count * sizeof(*now));
	return 0;
}

int
steer_tph_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	int rc = check_range(tph, index, count);

	if (rc != 0)
		return rc;
	if (!tph->can_set)
		return -ENOTSUP;
	rc = tph->dialect->set(tph, index, count, cpus);
	if (rc == 0)
		rc = verify_set(tph, index, count, cpus);
	if (rc != 0 && rc != -ENODEV) {
		tph_ctrl_repair(tph);
		tph_record_repair(tph, index, count);
	}
	return rc;
}

int
steer_tph_get(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags)
{
	int rc = check_range(tph, index, count);

	if (rc != 0)
		return rc;
	rc = tph_table_read(tph, index, count, tags);
	return rc == -ENOTSUP ? tph_record_get(tph, index, count, tags) : rc;
}
