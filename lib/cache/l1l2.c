/* SPDX-License-Identifier: BSD-3-Clause */

/* Private caches. L2 includes L1: what leaves L2 leaves L1. */

#include "cache.h"

static size_t
set_index(const struct geometry *g, unsigned int core, uint64_t line)
{
	return (size_t)core * g->sets + (line & (g->sets - 1));
}

static uint64_t *
set_of(uint64_t *tags, const struct geometry *g, unsigned int core, uint64_t line)
{
	return tags + set_index(g, core, line) * g->ways;
}

static bool
drop(uint64_t *set, uint32_t ways, uint64_t line)
{
	int w = set_find(set, ways, line + 1);

	if (w == SET_NONE)
		return false;
	set[w] = 0;
	return true;
}

static bool
hit(uint64_t *tags, uint32_t *used, const struct geometry *g, unsigned int core, uint64_t line)
{
	size_t set = set_index(g, core, line);
	int w = set_find(tags + set * g->ways, g->ways, line + 1);

	if (w == SET_NONE)
		return false;
	set_used(&used[set], g->ways, w);
	return true;
}

bool
l1_hit(struct steer_cache *c, unsigned int core, uint64_t line)
{
	return hit(c->l1_tags, c->l1_used, &c->l1, core, line);
}

bool
l2_hit(struct steer_cache *c, unsigned int core, uint64_t line)
{
	return hit(c->l2_tags, c->l2_used, &c->l2, core, line);
}

bool
l2_has(struct steer_cache *c, unsigned int core, uint64_t line)
{
	return set_find(set_of(c->l2_tags, &c->l2, core, line), c->l2.ways, line + 1) != SET_NONE;
}

void
l1_fill(struct steer_cache *c, unsigned int core, uint64_t line)
{
	size_t set = set_index(&c->l1, core, line);

	/* The victim is still in L2. */
	set_fill_unused(c->l1_tags + set * c->l1.ways, &c->l1_used[set], c->l1.ways, c->l1.ways,
			line + 1, &c->rng);
}

void
l1_drop(struct steer_cache *c, unsigned int core, uint64_t line)
{
	drop(set_of(c->l1_tags, &c->l1, core, line), c->l1.ways, line);
}

void
l2_fill(struct steer_cache *c, unsigned int core, uint64_t line, uint32_t ways)
{
	size_t set = set_index(&c->l2, core, line);
	uint64_t tag = set_fill_unused(c->l2_tags + set * c->l2.ways, &c->l2_used[set], ways,
				       c->l2.ways, line + 1, &c->rng);
	struct line_state *st;

	if (tag == 0)
		return;
	l1_drop(c, core, tag - 1);
	st = lines_get(&c->lines, tag - 1);
	if (st->owner == OWNER_CORE(core))
		st->owner = OWNER_NONE;
	/* An inclusive LLC has it already; another sharer may have sent it there before. */
	if (c->p.inclusion != STEER_CACHE_INCLUSIVE && !llc_has(c, tag - 1, st))
		llc_fill(c, tag - 1, false);
}

static bool
core_drop(struct steer_cache *c, unsigned int core, uint64_t line)
{
	if (!drop(set_of(c->l2_tags, &c->l2, core, line), c->l2.ways, line))
		return false;
	l1_drop(c, core, line);
	return true;
}

bool
private_elsewhere(struct steer_cache *c, uint64_t line, struct line_state *st, int self)
{
	if (st->owner == OWNER_NONE)
		return false;
	if (st->owner != OWNER_SEVERAL)
		return self < 0 || st->owner != OWNER_CORE(self);
	for (unsigned int core = 0; core < c->cores; core++)
		if ((int)core != self && l2_has(c, core, line))
			return true;
	return false;
}

void
private_drop(struct steer_cache *c, uint64_t line, struct line_state *st, int keep)
{
	bool kept = false;

	if (st->owner == OWNER_NONE || (keep >= 0 && st->owner == OWNER_CORE(keep)))
		return;
	if (st->owner != OWNER_SEVERAL) {
		core_drop(c, st->owner - 1u, line);
	} else {
		for (unsigned int core = 0; core < c->cores; core++)
			if ((int)core == keep)
				kept = l2_has(c, core, line);
			else
				core_drop(c, core, line);
	}
	st->owner = kept ? OWNER_CORE(keep) : OWNER_NONE;
}
