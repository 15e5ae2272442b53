/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Device side. A write makes every other copy stale, so a line is afterwards in one place only:
 * the target's L2, the LLC or memory. A write of part of a line goes the same way as one of the
 * whole: the merge with the old bytes is work of the memory system before the CPU looks, and which
 * parts treat partial tagged writes differently is not published.
 */

#include "cache.h"

/* Steered: into the L2 of the target, whose L1 has old bytes. */
static void
write_l2(struct steer_cache *c, uint64_t line, struct line_state *st, unsigned int core,
	 bool in_llc)
{
	bool inclusive = c->p.inclusion == STEER_CACHE_INCLUSIVE;
	bool in_l2 = l2_hit(c, core, line, st);

	private_drop(c, line, st, (int)core);
	st->owner = OWNER_CORE(core);
	l1_drop(c, core, line, st);
	if (in_llc && !inclusive)
		llc_drop(c, line, st);
	if (!in_llc && inclusive)
		llc_fill(c, line, st);
	if (!in_l2)
		l2_fill(c, core, line, st, c->p.l2_tag_ways ? c->p.l2_tag_ways : c->l2.ways);
}

/* Not steered: the LLC in place, in whichever way, or in the I/O ways; or memory. */
static void
write_default(struct steer_cache *c, uint64_t line, struct line_state *st, bool in_llc)
{
	bool to_llc = c->p.dma_default == STEER_CACHE_DMA_LLC;

	private_drop(c, line, st, -1);
	if (to_llc && !in_llc)
		llc_fill_io(c, line, st);
	if (to_llc)
		st->llc = LLC_IO;
	else
		llc_drop(c, line, st);
}

/* A target may decline what is meant for it (AMBA CHI: a stash is a hint). */
static bool
accepted(struct steer_cache *c)
{
	c->dma.tagged++;
	if (c->p.tag_declined == 0 ||
	    rng_below(&c->rng, STEER_CACHE_PER_MILLE) >= c->p.tag_declined)
		return true;
	c->dma.declined++;
	return false;
}

static void
write_line(struct steer_cache *c, uint64_t line, struct line_state *st, int target)
{
	bool in_llc = llc_has(c, line, st);

	c->dma.writes++;
	c->dma.write_hits += in_llc || private_elsewhere(c, line, st, -1);
	touch_arm(c, st);
	if (target >= 0 && accepted(c))
		write_l2(c, line, st, (unsigned int)target, in_llc);
	else
		write_default(c, line, st, in_llc);
}

void
steer_cache_dma_write(struct steer_cache *cache, uint64_t addr, uint32_t len, int target)
{
	uint64_t line = addr >> LINE_SHIFT, n = lines_in(addr, len);
	struct line_state *st;

	if (!cache->p.tags_to_l2 || target < 0 || (unsigned int)target >= cache->cores)
		target = -1;
	if (n == 0)
		return;
	st = lines_get(&cache->lines, line);
	for (;;) {
		write_line(cache, line, st, target);
		if (--n == 0)
			return;
		st = lines_next(&cache->lines, st, ++line);
	}
}

void
steer_cache_dma_read(struct steer_cache *cache, uint64_t addr, uint32_t len)
{
	uint64_t line = addr >> LINE_SHIFT;

	for (uint64_t n = lines_in(addr, len); n > 0; n--, line++) {
		const struct line_state *st = lines_get(&cache->lines, line);

		cache->dma.reads++;
		if (llc_has(cache, line, st) || private_elsewhere(cache, line, st, -1))
			cache->dma.read_hits++;
	}
}

void
steer_cache_dma_stats(const struct steer_cache *cache, struct steer_cache_dma_stats *stats)
{
	*stats = cache->dma;
}
