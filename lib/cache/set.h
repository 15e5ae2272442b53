/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One level of caches: sets of ways with a tag each. A tag is the line number plus one, 0 in an
 * empty way. Beside its tags a set has two words of a bit per way: full, and used lately.
 */

#ifndef CACHE_SET_H
#define CACHE_SET_H

#include <stddef.h>
#include <stdint.h>

#define WAY_NONE (-1)
#define MAX_WAYS 32u /* bits of a set's words */

struct set_words {
	uint32_t full;
	uint32_t used; /* not looked at in the LLC */
};

/* All caches of a level, one after the other: of each core, or of each slice. */
struct level {
	uint32_t sets; /* of one cache, power of two */
	uint32_t ways;
	uint64_t *tags;
	struct set_words *words;
};

/* Ways first .. first + n - 1. */
struct way_range {
	uint32_t first, n;
};

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

/* Number of the line's set, counted over all caches of the level. */
static inline size_t
level_set(const struct level *l, unsigned int cache, uint64_t line)
{
	return (size_t)cache * l->sets + (line & (l->sets - 1));
}

static inline uint64_t *
level_tag(const struct level *l, size_t set, uint32_t way)
{
	return &l->tags[set * l->ways + way];
}

/* For lines whose way is not known. */
static inline int
level_find(const struct level *l, size_t set, uint64_t line)
{
	const uint64_t *tags = level_tag(l, set, 0);

	for (uint32_t w = 0; w < l->ways; w++)
		if (tags[w] == line + 1)
			return (int)w;
	return WAY_NONE;
}

/* Returns the tag that had to go, 0 none. */
static inline uint64_t
level_put(const struct level *l, size_t set, uint32_t way, uint64_t line)
{
	uint64_t *tag = level_tag(l, set, way), victim = *tag;

	*tag = line + 1;
	l->words[set].full |= 1u << way;
	return victim;
}

static inline void
level_drop(const struct level *l, size_t set, uint32_t way)
{
	*level_tag(l, set, way) = 0;
	l->words[set].full &= ~(1u << way);
}

/* Not recently used by one bit per way: a hit or fill sets it; when that would set the last one the
 * others are cleared. */
static inline void
level_used(const struct level *l, size_t set, uint32_t way)
{
	uint32_t *used = &l->words[set].used;

	*used |= 1u << way;
	if (*used == (uint32_t)((1ull << l->ways) - 1))
		*used = 1u << way;
}

static inline uint32_t
range_bits(struct way_range r)
{
	return (uint32_t)(((1ull << r.n) - 1) << r.first);
}

/* The first empty way, else one at random. */
static inline uint32_t
way_random(const struct set_words *s, struct way_range r, uint64_t *rng)
{
	uint32_t empty = ~s->full & range_bits(r);

	return empty ? (uint32_t)__builtin_ctz(empty) : r.first + rng_below(rng, r.n);
}

/* The first empty way, else the first one not used lately from a random one on; that one itself
 * where all are in use. */
static inline uint32_t
way_unused(const struct set_words *s, struct way_range r, uint64_t *rng)
{
	uint32_t start, unused, above;

	if (~s->full & range_bits(r))
		return (uint32_t)__builtin_ctz(~s->full & range_bits(r));
	start = r.first + rng_below(rng, r.n);
	unused = ~s->used & range_bits(r);
	above = unused >> start << start;
	if (unused == 0)
		return start;
	return (uint32_t)__builtin_ctz(above ? above : unused);
}

#endif /* CACHE_SET_H */
