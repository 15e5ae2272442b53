/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Levels that a source cannot tell apart. It may be able to in one round and not in the next, and
 * on one thread and not on another; numbers that are compared must have one form, so what was
 * joined anywhere is joined everywhere.
 */

#include "result.h"

/* Level l belongs to the group of level l - 1 where it is merged and has no number of its own. */
uint32_t
figures_joined(const struct steer_figures *f)
{
	uint32_t own = f->known | f->touch_known;

	/* without any number there is no telling where a group begins */
	return own == 0 ? 0 : f->merged & ~own & ~1u;
}

static void
join(uint32_t *known, double *values, uint32_t joined)
{
	unsigned int head = 0;

	for (unsigned int l = 1; l < STEER_CACHE_LEVELS; l++) {
		if ((joined & 1u << l) == 0) {
			head = l;
			continue;
		}
		if ((*known & 1u << l) != 0)
			values[head] += values[l];
		*known &= ~(1u << l);
		values[l] = 0;
	}
}

void
figures_join(struct steer_figures *f, uint32_t joined)
{
	join(&f->known, f->per_packet, joined);
	join(&f->touch_known, f->first_touch, joined);
	/* heads of groups are the level before a joined one */
	f->merged = joined | joined >> 1;
}

uint32_t
result_joined(const struct result *r)
{
	uint32_t joined = 0;

	for (unsigned int i = 0; i < r->nb_rounds; i++) {
		joined |= figures_joined(&r->rounds[i].fig);
		for (unsigned int q = 0; q < r->nb_queues; q++)
			joined |= figures_joined(&r->rounds[i].queues[q].fig);
	}
	return joined;
}

void
result_join(struct result *r)
{
	uint32_t joined = result_joined(r);

	for (unsigned int i = 0; i < r->nb_rounds; i++) {
		figures_join(&r->rounds[i].fig, joined);
		for (unsigned int q = 0; q < r->nb_queues; q++)
			figures_join(&r->rounds[i].queues[q].fig, joined);
	}
}

json_t *
merged_json(uint32_t joined)
{
	json_t *groups = json_array(), *group = NULL;

	for (unsigned int l = 1; l < STEER_CACHE_LEVELS; l++) {
		if ((joined & 1u << l) == 0) {
			group = NULL;
			continue;
		}
		if (group == NULL) {
			group = json_pack("[s]", steer_cache_level_name(l - 1));
			json_array_append_new(groups, group);
		}
		json_array_append_new(group, json_string(steer_cache_level_name(l)));
	}
	return groups;
}
