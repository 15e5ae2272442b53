/* SPDX-License-Identifier: BSD-3-Clause */

/* CPU side: where a line is found, and where it then is. */

#include "cache.h"

static enum steer_cache_level
line_find(struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st)
{
	if (l1_hit(c, core, line, st))
		return STEER_CACHE_L1;
	if (l2_hit(c, core, line, st))
		return STEER_CACHE_L2;
	if (private_elsewhere(c, line, st, (int)core))
		return STEER_CACHE_OTHER;
	return llc_has(c, line, st) ? STEER_CACHE_LLC : STEER_CACHE_MEMORY;
}

/* Bring a line that is not in the core's L2 there. */
static void
line_take(struct steer_cache *c, unsigned int core, uint64_t line, struct line_state *st,
	  enum steer_cache_level from)
{
	if (from == STEER_CACHE_LLC)
		llc_read(c, line, st);
	if (from == STEER_CACHE_MEMORY && c->p.inclusion == STEER_CACHE_INCLUSIVE)
		llc_fill(c, line, st);
	st->owner = from == STEER_CACHE_OTHER ? OWNER_SEVERAL : OWNER_CORE(core);
	l2_fill(c, core, line, st, c->l2.ways);
}

/* The store has the line in L1: nobody else may keep a copy. */
static void
line_own(struct steer_cache *c, unsigned int core, uint64_t line, struct line_state *st)
{
	if (st->owner == OWNER_CORE(core))
		return;
	private_drop(c, line, st, (int)core);
	if (c->p.inclusion != STEER_CACHE_INCLUSIVE)
		llc_drop(c, line, st);
}

static void
line_access(struct steer_cache *c, unsigned int core, uint64_t line, struct line_state *st,
	    enum steer_cache_op op, struct steer_cache_counters *ctr)
{
	enum steer_cache_level level = line_find(c, core, line, st);

	touch_note(st, level, op, ctr);
	if (level > STEER_CACHE_L2)
		line_take(c, core, line, st, level);
	if (level > STEER_CACHE_L1)
		l1_fill(c, core, line, st);
	/* The fills may have used the stand-in of a line beyond the table for another line. */
	if (op == STEER_CACHE_OP_STORE)
		line_own(c, core, line,
			 lines_tracks(&c->lines, st) ? st : lines_get(&c->lines, line));
}

void
steer_cache_access(struct steer_cache *cache, unsigned int core, uint64_t addr, uint32_t len,
		   enum steer_cache_op op, struct steer_cache_counters *ctr)
{
	uint64_t line = addr >> LINE_SHIFT, n = lines_in(addr, len);
	struct line_state *st;

	if (core >= cache->cores || n == 0)
		return;
	st = lines_get(&cache->lines, line);
	for (;;) {
		line_access(cache, core, line, st, op, ctr);
		if (--n == 0)
			return;
		st = lines_next(&cache->lines, st, ++line);
	}
}
