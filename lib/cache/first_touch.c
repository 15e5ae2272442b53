/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * First CPU touch of lines that DMA has written. A prefetch decides the level but is no touch the
 * program waits for, so its level is kept until a load or store comes.
 */

#include "cache.h"

void
touch_arm(struct steer_cache *c, struct line_state *st)
{
	st->touch = TOUCH_DUE;
	if (!lines_tracks(&c->lines, st))
		c->dma.untracked++;
}

void
touch_note(struct line_state *st, enum steer_cache_level level, enum steer_cache_op op,
	   struct steer_cache_counters *ctr)
{
	if (op == STEER_CACHE_OP_PREFETCH) {
		if (st->touch == TOUCH_DUE)
			st->touch = (TOUCH_FROM + level) & 0xf;
		return;
	}
	if (ctr)
		ctr->lines[level]++;
	if (st->touch == TOUCH_NONE)
		return;
	if (ctr)
		ctr->first_touch[st->touch == TOUCH_DUE ? level : st->touch - TOUCH_FROM]++;
	st->touch = TOUCH_NONE;
}
