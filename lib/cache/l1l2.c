/* SPDX-License-Identifier: BSD-3-Clause */

/* Private caches. L2 includes L1: what leaves L2 leaves L1. */

#include "cache.h"

static int
l1_way(const struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st,
       size_t set)
{
	if (st->owner == OWNER_CORE(core))
		return *level_tag(&c->l1, set, st->l1_way) == line + 1 ? (int)st->l1_way : WAY_NONE;
	return st->owner == OWNER_SEVERAL ? level_find(&c->l1, set, line) : WAY_NONE;
}

static int
l2_way(const struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st,
       size_t set)
{
	if (st->owner == OWNER_CORE(core))
		return (int)st->l2_way;
	return st->owner == OWNER_SEVERAL ? level_find(&c->l2, set, line) : WAY_NONE;
}

bool
l1_hit(struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st)
{
	size_t set = level_set(&c->l1, core, line);
	int w = l1_way(c, core, line, st, set);

	if (w == WAY_NONE)
		return false;
	level_used(&c->l1, set, (uint32_t)w);
	return true;
}

bool
l2_hit(struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st)
{
	size_t set = level_set(&c->l2, core, line);
	int w = l2_way(c, core, line, st, set);

	if (w == WAY_NONE)
		return false;
	level_used(&c->l2, set, (uint32_t)w);
	return true;
}

void
l1_fill(struct steer_cache *c, unsigned int core, uint64_t line, struct line_state *st)
{
	size_t set = level_set(&c->l1, core, line);
	uint32_t w = way_unused(&c->l1.words[set], (struct way_range){0, c->l1.ways}, &c->rng);

	/* The victim is still in L2. */
	level_put(&c->l1, set, w, line);
	level_used(&c->l1, set, w);
	st->l1_way = w & (MAX_WAYS - 1);
}

void
l1_drop(struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st)
{
	size_t set = level_set(&c->l1, core, line);
	int w = l1_way(c, core, line, st, set);

	if (w != WAY_NONE)
		level_drop(&c->l1, set, (uint32_t)w);
}

static void
l2_evicted(struct steer_cache *c, unsigned int core, uint64_t line)
{
	struct line_state *st = lines_get(&c->lines, line);

	l1_drop(c, core, line, st);
	if (st->owner == OWNER_CORE(core))
		st->owner = OWNER_NONE;
	/* An inclusive LLC has it already; so may a shared way, or another sharer has sent it. */
	if (c->p.inclusion != STEER_CACHE_INCLUSIVE && !llc_has(c, line, st))
		llc_fill(c, line, st);
}

void
l2_fill(struct steer_cache *c, unsigned int core, uint64_t line, struct line_state *st,
	uint32_t ways)
{
	size_t set = level_set(&c->l2, core, line);
	uint32_t w = way_unused(&c->l2.words[set], (struct way_range){0, ways}, &c->rng);
	uint64_t victim = level_put(&c->l2, set, w, line);

	level_used(&c->l2, set, w);
	st->l2_way = w & (MAX_WAYS - 1);
	if (victim != 0)
		l2_evicted(c, core, victim - 1);
}
