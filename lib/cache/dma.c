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
	bool in_l2 = l2_hit(c, core, line);

	private_drop(c, line, st, (int)core);
	st->owner = OWNER_CORE(core);
	l1_drop(c, core, line);
	if (in_llc && !inclusive)
		llc_drop(c, line);
	if (!in_llc && inclusive)
		llc_fill(c, line, false);
	if (!in_l2)
		l2_fill(c, core, line, c->p.l2_tag_ways ? c->p.l2_tag_ways : c->l2.ways);
}

/* Not steered: the LLC in place, in whichever way, or in the I/O ways; or memory. */
static void
write_default(struct steer_cache *c, uint64_t line, struct line_state *st, bool in_llc)
{
	bool to_llc = c->p.dma_default == STEER_CACHE_DMA_LLC;

	private_drop(c, line, st, -1);
	if (to_llc && !in_llc)
		llc_fill(c, line, true);
	if (!to_llc && in_llc)
		llc_drop(c, line);
}

static void
write_line(struct steer_cache *c, uint64_t line, int target)
{
	struct line_state *st = lines_get(&c->lines, line);
	bool in_llc = llc_has(c, line, st);

	c->dma.writes++;
	c->dma.write_hits += in_llc || private_elsewhere(c, line, st, -1);
	touch_arm(c, st);
	if (target >= 0)
		write_l2(c, line, st, (unsigned int)target, in_llc);
	else
		write_default(c, line, st, in_llc);
}

void
steer_cache_dma_write(struct steer_cache *cache, uint64_t addr, uint32_t len, int target)
{
	uint64_t line = addr >> LINE_SHIFT;

	if (!cache->p.tags_to_l2 || target < 0 || (unsigned int)target >= cache->cores)
		target = -1;
	for (uint64_t n = lines_in(addr, len); n > 0; n--)
		write_line(cache, line++, target);
}

void
steer_cache_dma_read(struct steer_cache *cache, uint64_t addr, uint32_t len)
{
	uint64_t line = addr >> LINE_SHIFT;

	for (uint64_t n = lines_in(addr, len); n > 0; n--, line++) {
		struct line_state *st = lines_get(&cache->lines, line);

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
