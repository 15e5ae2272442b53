/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Cache model inside. The rules that the files share:
 * - L2 holds everything that L1 of the same core holds.
 * - Where the LLC is not inclusive, a line with one owner is not in the LLC, but for lines that DMA
 *   wrote into ways which the platform shares between LLC and cores (shared_ways).
 * - Empty ways are filled first. In the LLC a victim is then chosen at random, which is nearest to
 *   measurements; in L1 and L2 at random of those not used lately, since the private caches of the
 *   parts that were taken apart are pseudo-LRU (nanoBench, arXiv 1911.03282: Skylake L1 PLRU, L2
 *   QLRU). For the others this is assumed.
 *
 * Where a line is stands in its state, so that next to no set is searched: the owner's ways, and
 * the way in the LLC. Only lines of several owners, and lines that the table has no room for, are
 * looked for by their tags.
 */

#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <stdbool.h>

#include "lines.h"
#include "set.h"
#include "steer_cache.h"

#define LINE_SHIFT 6

struct steer_cache {
	struct steer_platform p;
	struct level l1, l2, llc; /* llc: a cache is a slice */
	unsigned int cores;
	uint64_t seed;
	uint64_t rng;
	struct steer_cache_dma_stats dma;
	struct line_table lines;
};

/* level.c */
/* Sets and ways of one cache. @return 0 or -EINVAL. */
int level_shape(struct level *l, const struct steer_cache_geom *g);
int level_alloc(struct level *l, unsigned int caches);
void level_free(struct level *l);
void level_clear(struct level *l, unsigned int caches);

/* l1l2.c: private caches of a core */
/* The core looks for the line; a hit makes it recent. */
bool l1_hit(struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st);
bool l2_hit(struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st);
/* Line is not there. */
void l1_fill(struct steer_cache *c, unsigned int core, uint64_t line, struct line_state *st);
/* Line is not there; only the first ways may take it. The victim goes to the LLC. */
void l2_fill(struct steer_cache *c, unsigned int core, uint64_t line, struct line_state *st,
	     uint32_t ways);
void l1_drop(struct steer_cache *c, unsigned int core, uint64_t line, const struct line_state *st);

/* owners.c */
/* Does a core other than self (-1: any core) have the line? */
bool private_elsewhere(const struct steer_cache *c, uint64_t line, const struct line_state *st,
		       int self);
/* Remove the line from every core but keep (-1: from all); leaves the right owner behind. */
void private_drop(struct steer_cache *c, uint64_t line, struct line_state *st, int keep);

/* llc.c */
bool llc_has(const struct steer_cache *c, uint64_t line, const struct line_state *st);
void llc_drop(struct steer_cache *c, uint64_t line, struct line_state *st);
/* Line is not there: a core's victim or fill, into any way. */
void llc_fill(struct steer_cache *c, uint64_t line, struct line_state *st);
/* Line is not there: a device's write, into the ways that DMA may use. */
void llc_fill_io(struct steer_cache *c, uint64_t line, struct line_state *st);
/* A core reads the line, which is there, into its L2. */
void llc_read(struct steer_cache *c, uint64_t line, struct line_state *st);

/* first_touch.c */
void touch_arm(struct steer_cache *c, struct line_state *st);
void touch_note(struct line_state *st, enum steer_cache_level level, enum steer_cache_op op,
		struct steer_cache_counters *ctr);

/* Number of lines that [addr, addr + len) touches. */
static inline uint64_t
lines_in(uint64_t addr, uint32_t len)
{
	return len ? ((addr & (STEER_CACHE_LINE - 1)) + len + STEER_CACHE_LINE - 1) >> LINE_SHIFT
		   : 0;
}

#endif /* CACHE_CACHE_H */
