/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Last-level cache in slices: the slice is a hash of the whole line number, the set its low bits.
 * Of the mappings tried against measured DDIO write hit rates this one, with random replacement,
 * came nearest (test/bench/model prints the error of this build).
 */

#include "cache.h"

static uint64_t *
set_of(struct steer_cache *c, uint64_t line)
{
	uint64_t slice = ((mix64(line) >> 32) * c->p.llc_slices) >> 32;

	return c->llc_tags + (slice * c->llc.sets + (line & (c->llc.sets - 1))) * c->llc.ways;
}

static int
way_of(struct steer_cache *c, uint64_t line)
{
	return set_find(set_of(c, line), c->llc.ways, line + 1);
}

bool
llc_has(struct steer_cache *c, uint64_t line, const struct line_state *st)
{
	return lines_tracks(&c->lines, st) ? st->in_llc : way_of(c, line) != SET_NONE;
}

void
llc_drop(struct steer_cache *c, uint64_t line)
{
	struct line_state *st = lines_get(&c->lines, line);

	if (!llc_has(c, line, st))
		return;
	set_of(c, line)[way_of(c, line)] = 0;
	st->in_llc = 0;
}

void
llc_fill(struct steer_cache *c, uint64_t line, bool io)
{
	uint32_t ways = io && c->p.io_ways ? c->p.io_ways : c->llc.ways;
	uint64_t victim = set_fill(set_of(c, line), ways, line + 1, &c->rng);
	struct line_state *st = lines_get(&c->lines, line);

	st->in_llc = 1;
	if (victim == 0)
		return;
	st = lines_get(&c->lines, victim - 1);
	st->in_llc = 0;
	if (c->p.inclusion == STEER_CACHE_INCLUSIVE)
		private_drop(c, victim - 1, st, -1);
}
