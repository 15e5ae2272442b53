/* SPDX-License-Identifier: BSD-3-Clause */

/* Which cores have a line. */

#include "cache.h"

static int
l2_find(const struct steer_cache *c, unsigned int core, uint64_t line)
{
	return level_find(&c->l2, level_set(&c->l2, core, line), line);
}

bool
private_elsewhere(const struct steer_cache *c, uint64_t line, const struct line_state *st, int self)
{
	if (st->owner == OWNER_NONE)
		return false;
	if (st->owner != OWNER_SEVERAL)
		return self < 0 || st->owner != OWNER_CORE(self);
	for (unsigned int core = 0; core < c->cores; core++)
		if ((int)core != self && l2_find(c, core, line) != WAY_NONE)
			return true;
	return false;
}

static void
core_drop(struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st)
{
	size_t set = level_set(&c->l2, core, line);
	int w = st->owner == OWNER_SEVERAL ? level_find(&c->l2, set, line) : (int)st->l2_way;

	if (w == WAY_NONE)
		return;
	l1_drop(c, core, line, st);
	level_drop(&c->l2, set, (uint32_t)w);
}

/* One of several owners is left: its ways were not kept. @return its owner value. */
static uint8_t
owner_left(const struct steer_cache *c, unsigned int core, uint64_t line, struct line_state *st)
{
	int l2 = l2_find(c, core, line);
	int l1 = level_find(&c->l1, level_set(&c->l1, core, line), line);

	if (l2 == WAY_NONE)
		return OWNER_NONE;
	st->l2_way = (unsigned int)l2 & (MAX_WAYS - 1);
	if (l1 != WAY_NONE)
		st->l1_way = (unsigned int)l1 & (MAX_WAYS - 1);
	return OWNER_CORE(core);
}

void
private_drop(struct steer_cache *c, uint64_t line, struct line_state *st, int keep)
{
	if (st->owner == OWNER_NONE || (keep >= 0 && st->owner == OWNER_CORE(keep)))
		return;
	if (st->owner != OWNER_SEVERAL) {
		core_drop(c, st->owner - 1u, line, st);
		st->owner = OWNER_NONE;
		return;
	}
	for (unsigned int core = 0; core < c->cores; core++)
		if ((int)core != keep)
			core_drop(c, core, line, st);
	st->owner = keep >= 0 ? owner_left(c, (unsigned int)keep, line, st) : OWNER_NONE;
}
