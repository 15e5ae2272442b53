/* SPDX-License-Identifier: BSD-3-Clause */

/* The record of what was programmed, and bringing the device back to it. */

#include <errno.h>
#include <string.h>

#include "dialect.h"

static bool
programmed(const struct steer_tph *tph, uint16_t entry)
{
	return tph->cpus[entry] != STEER_TPH_CPU_NONE;
}

/* Entries that no longer are what the record says, as far as the table can be read; all of them
 * when it cannot. */
static void
find_lost(struct steer_tph *tph, uint16_t index, uint16_t count, bool *lost)
{
	uint16_t now[STEER_TPH_BATCH_MAX];
	uint16_t i, e;
	int rc = tph_table_read(tph, index, count, now);

	for (i = 0; i < count; i++) {
		e = index + i;
		if (rc != 0)
			lost[i] = true;
		else if (!programmed(tph, e))
			lost[i] = now[i] != 0;
		else
			lost[i] = now[i] == 0 || (tph->tags[e] != 0 && now[i] != tph->tags[e]);
	}
}

/* Each entry by itself: one that is refused must not take its neighbours along. */
void
tph_record_repair(struct steer_tph *tph, uint16_t index, uint16_t count)
{
	bool lost[STEER_TPH_BATCH_MAX];
	uint16_t i, e;

	find_lost(tph, index, count, lost);
	for (i = 0; i < count; i++) {
		e = index + i;
		if (!lost[i] || tph->dialect->set(tph, e, 1, &tph->cpus[e]) == 0)
			continue;
		/* What cannot be brought back is not claimed either, and better empty. */
		tph_ctrl_repair(tph);
		tph->cpus[e] = STEER_TPH_CPU_NONE;
		tph->tags[e] = 0;
		if (tph->dialect->set(tph, e, 1, &tph->cpus[e]) != 0) {
			tph->dirty = true;
			tph_ctrl_repair(tph);
		}
	}
}

int
tph_record_program(struct steer_tph *tph)
{
	uint32_t run[STEER_TPH_BATCH_MAX];
	uint16_t first = 0, end;
	int rc, bad = 0;

	while (first < tph->nb) {
		if (!programmed(tph, first)) {
			first++;
			continue;
		}
		for (end = first; end < tph->nb && programmed(tph, end); end++)
			run[end - first] = tph->cpus[end];
		rc = steer_tph_set(tph, first, end - first, run);
		if (rc != 0 && bad == 0)
			bad = rc;
		first = end;
	}
	return bad;
}

int
tph_record_get(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags)
{
	uint32_t data[STEER_TPH_BATCH_MAX];
	uint32_t total = (uint32_t)index + count, any = STEER_TPH_CPU_NONE, i;
	int rc;

	for (i = 0; i < total && any == STEER_TPH_CPU_NONE; i++)
		any = tph->cpus[i];
	memset(tags, 0, count * sizeof(*tags));
	if (any == STEER_TPH_CPU_NONE)
		return 0;
	/* GET by CPU refuses "none", so empty entries ask for a CPU that is known to have a tag. */
	for (i = 0; i < total; i++)
		data[i] = tph->cpus[i] != STEER_TPH_CPU_NONE ? tph->cpus[i] : any;
	rc = tph->dialect->get(tph, (uint16_t)total, data);
	if (rc != 0)
		return rc == -ENODEV ? rc : -ENOTSUP;
	for (i = 0; i < count; i++)
		if (programmed(tph, (uint16_t)(index + i)))
			tags[i] = (uint16_t)data[index + i];
	return 0;
}

/* Ours, or nobody's: left by a refusal that could not be repaired. */
static bool
to_clear(const struct steer_tph *tph, uint16_t entry)
{
	return programmed(tph, entry) || tph->tags[entry] != 0;
}

/* In runs, so that a palette is one call. Errors do not matter: off is what counts. */
static void
clear_all(struct steer_tph *tph)
{
	uint32_t none[STEER_TPH_BATCH_MAX];
	uint16_t first = 0, end;

	memset(none, 0xff, sizeof(none));
	if (tph->dirty)
		tph_table_read(tph, 0, tph->nb, tph->tags);
	tph->dirty = false;
	while (first < tph->nb) {
		for (end = first; end < tph->nb && to_clear(tph, end); end++)
			continue;
		if (end > first && tph->dialect->set(tph, first, end - first, none) == -ENODEV)
			break;
		first = end + 1;
	}
	memset(tph->cpus, 0xff, tph->nb * sizeof(*tph->cpus));
	memset(tph->tags, 0, tph->nb * sizeof(*tph->tags));
}

int
steer_tph_disable(struct steer_tph *tph)
{
	int rc;

	if (tph->info.cap.pos == 0)
		return 0;
	if (tph->dialect != NULL)
		clear_all(tph);
	if (tph->dialect != NULL && tph->dialect->disable != NULL)
		rc = tph->dialect->disable(tph);
	else
		rc = tph_ctrl_write(tph, STEER_PCI_TPH_MODE_NS, STEER_PCI_TPH_REQ_OFF);
	return rc == 0 || rc == -ENODEV ? rc : -EIO;
}
