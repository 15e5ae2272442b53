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

bool
llc_has(struct steer_cache *c, uint64_t line)
{
	return set_find(set_of(c, line), c->llc.ways, line + 1) != SET_NONE;
}

void
llc_drop(struct steer_cache *c, uint64_t line)
{
	uint64_t *set = set_of(c, line);
	int w = set_find(set, c->llc.ways, line + 1);

	if (w != SET_NONE)
		set[w] = 0;
}

void
llc_fill(struct steer_cache *c, uint64_t line, bool io)
{
	uint32_t ways = io && c->p.io_ways ? c->p.io_ways : c->llc.ways;
	uint64_t victim = set_fill(set_of(c, line), ways, line + 1, &c->rng);

	if (victim && c->p.inclusion == STEER_CACHE_INCLUSIVE)
		private_drop(c, victim - 1, lines_get(&c->lines, victim - 1), -1);
}
