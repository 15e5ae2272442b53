/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Last-level cache in slices: the slice is a hash of the whole line number, the set its low bits.
 * Of the mappings tried against measured DDIO write hit rates this one, with random replacement,
 * came nearest (test/bench/model-validation prints the error of this build).
 */

#include "cache.h"

static size_t
set_of(const struct steer_cache *c, uint64_t line)
{
	uint64_t slice = ((mix64(line) >> 32) * c->p.llc_slices) >> 32;

	return level_set(&c->llc, (unsigned int)slice, line);
}

bool
llc_has(const struct steer_cache *c, uint64_t line, const struct line_state *st)
{
	if (lines_tracks(&c->lines, st))
		return st->llc != LLC_NONE;
	return level_find(&c->llc, set_of(c, line), line) != WAY_NONE;
}

void
llc_drop(struct steer_cache *c, uint64_t line, struct line_state *st)
{
	size_t set;

	if (!llc_has(c, line, st))
		return;
	set = set_of(c, line);
	level_drop(&c->llc, set,
		   lines_tracks(&c->lines, st) ? st->llc_way
					       : (uint32_t)level_find(&c->llc, set, line));
	st->llc = LLC_NONE;
}

static void
fill(struct steer_cache *c, uint64_t line, struct line_state *st, struct way_range ways,
     uint32_t how)
{
	size_t set = set_of(c, line);
	uint32_t way = way_random(&c->llc.words[set], ways, &c->rng);
	uint64_t victim = level_put(&c->llc, set, way, line);

	st->llc = how & 3;
	st->llc_way = way & (MAX_WAYS - 1);
	if (victim == 0)
		return;
	st = lines_get(&c->lines, victim - 1);
	st->llc = LLC_NONE;
	if (c->p.inclusion == STEER_CACHE_INCLUSIVE)
		private_drop(c, victim - 1, st, -1);
}

void
llc_fill(struct steer_cache *c, uint64_t line, struct line_state *st)
{
	fill(c, line, st, (struct way_range){0, c->llc.ways}, LLC_PLAIN);
}

void
llc_fill_io(struct steer_cache *c, uint64_t line, struct line_state *st)
{
	fill(c, line, st, (struct way_range){0, c->p.io_ways ? c->p.io_ways : c->llc.ways}, LLC_IO);
}

/*
 * Where the platform has ways that LLC and L2 share, a line that DMA wrote moves into them as a
 * core reads it, and stays: the next DMA write of it is an update there and takes no I/O way. Any
 * other line of a non-inclusive LLC leaves it.
 */
void
llc_read(struct steer_cache *c, uint64_t line, struct line_state *st)
{
	const struct way_range ways = {c->llc.ways - c->p.shared_ways, c->p.shared_ways};
	bool shared = c->p.shared_ways && st->llc == LLC_IO;

	if (c->p.inclusion == STEER_CACHE_INCLUSIVE || (shared && st->llc_way >= ways.first))
		return;
	llc_drop(c, line, st);
	if (shared)
		fill(c, line, st, ways, LLC_IO);
}
