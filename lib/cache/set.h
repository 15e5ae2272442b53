/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One set of a cache: an array of tags. A tag is the line number plus one, so that a cleared
 * array is an empty cache.
 */

#ifndef CACHE_SET_H
#define CACHE_SET_H

#include <stddef.h>
#include <stdint.h>

#define SET_NONE (-1)

/* splitmix64: one word of state, passes BigCrush, the same numbers on any machine. */
static inline uint64_t
mix64(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0..n-1, without division. */
static inline uint32_t
rng_below(uint64_t *rng, uint32_t n)
{
	*rng += 0x9e3779b97f4a7c15u;
	return (uint32_t)(((mix64(*rng) >> 32) * n) >> 32);
}

static inline int
set_find(const uint64_t *set, uint32_t ways, uint64_t tag)
{
	for (uint32_t w = 0; w < ways; w++)
		if (set[w] == tag)
			return (int)w;
	return SET_NONE;
}

/* Put a tag that is not in the set into one of its first ways: an empty one, else one at random.
 * Returns the tag that had to go, 0 none. */
static inline uint64_t
set_fill(uint64_t *set, uint32_t ways, uint64_t tag, uint64_t *rng)
{
	uint64_t victim;
	int w = set_find(set, ways, 0);

	if (w == SET_NONE)
		w = (int)rng_below(rng, ways);
	victim = set[w];
	set[w] = tag;
	return victim;
}

/* Not-recently-used by one bit per way: a hit or fill sets it; when that would set the last one the
 * others are cleared. */
static inline void
set_used(uint32_t *used, uint32_t ways, int w)
{
	*used |= 1u << w;
	if (*used == (uint32_t)((1ull << ways) - 1))
		*used = 1u << w;
}

/* As set_fill(), but a way in use lately goes only where all of the first ways are. */
static inline uint64_t
set_fill_unused(uint64_t *set, uint32_t *used, uint32_t ways, uint32_t all, uint64_t tag,
		uint64_t *rng)
{
	uint32_t w, start;
	uint64_t victim;
	int empty = set_find(set, ways, 0);

	start = empty == SET_NONE ? rng_below(rng, ways) : (uint32_t)empty;
	w = start;
	while (empty == SET_NONE && *used & 1u << w) {
		w = w + 1 == ways ? 0 : w + 1;
		if (w == start)
			break;
	}
	victim = set[w];
	set[w] = tag;
	set_used(used, all, (int)w);
	return victim;
}

#endif /* CACHE_SET_H */
