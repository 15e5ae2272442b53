/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Cache model inside. The rules that the files share:
 * - L2 holds everything that L1 of the same core holds.
 * - Where the LLC is not inclusive, a line with one owner is not in the LLC.
 * - Empty ways are filled first. In the LLC a victim is then chosen at random, which is nearest to
 *   measurements; in L1 and L2 at random of those not used lately, since the private caches of the
 *   parts that were taken apart are pseudo-LRU (nanoBench, arXiv 1911.03282: Skylake L1 PLRU, L2
 *   QLRU). For the others this is assumed.
 */

#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <stdbool.h>

#include "set.h"
#include "steer_cache.h"

#define LINE_SHIFT    6

/* Which cores have a line: nobody, core n (as n + 1), or more than one (search them). */
#define OWNER_NONE    0u
#define OWNER_CORE(c) ((uint8_t)((c) + 1))
#define OWNER_SEVERAL 255u

/* First touch: none due, due, or prefetched from a level (TOUCH_FROM + level) and due. */
#define TOUCH_NONE    0u
#define TOUCH_DUE     1u
#define TOUCH_FROM    2u

struct line_state {
	uint8_t owner;
	uint8_t touch : 7;
	uint8_t in_llc : 1; /* spares looking: most lines are not, and the LLC's tags are many */
};

#define PAGE_SHIFT 12 /* lines per page of states: 256 KiB of memory */
#define PAGE_LINES (1u << PAGE_SHIFT)
#define PAGE_MAX   16384u /* 4 GiB of memory with state; the array is touched only as used */
#define DIR_SIZE   (2 * PAGE_MAX)
#define TLB_SIZE   256u

struct line_slot {
	uint64_t key; /* page number + 1; 0 free */
	struct line_state *page;
};

/* State of each line that was ever seen, in pages found through a hash directory. */
struct line_table {
	struct line_state *pages;
	struct line_slot *dir;
	struct line_slot tlb[TLB_SIZE];
	uint32_t used;
	struct line_state outside; /* stands in for lines beyond PAGE_MAX pages */
};

int lines_init(struct line_table *t);
void lines_free(struct line_table *t);
void lines_clear(struct line_table *t);
/* Never NULL. The pointer to a line beyond the table is void at the next call. */
struct line_state *lines_get(struct line_table *t, uint64_t line);
bool lines_tracks(const struct line_table *t, const struct line_state *st);

struct geometry {
	uint32_t sets; /* power of two */
	uint32_t ways;
};

struct steer_cache {
	struct steer_platform p;
	struct geometry l1, l2, llc; /* llc: one slice */
	unsigned int cores;
	uint64_t seed;
	uint64_t rng;
	uint64_t *l1_tags, *l2_tags, *llc_tags;
	uint32_t *l1_used, *l2_used; /* per set, a bit per way */
	struct steer_cache_dma_stats dma;
	struct line_table lines;
};

/* geometry.c */
int geometry_of(const struct steer_cache_geom *g, struct geometry *out);
size_t geometry_lines(const struct geometry *g);

/* l1l2.c: private caches of a core */
/* The core looks for the line; a hit makes it recent. */
bool l1_hit(struct steer_cache *c, unsigned int core, uint64_t line);
bool l2_hit(struct steer_cache *c, unsigned int core, uint64_t line);
bool l2_has(struct steer_cache *c, unsigned int core, uint64_t line);
void l1_fill(struct steer_cache *c, unsigned int core, uint64_t line);
/* Line is not there; ways limits where it may go. The victim goes to the LLC. */
void l2_fill(struct steer_cache *c, unsigned int core, uint64_t line, uint32_t ways);
void l1_drop(struct steer_cache *c, unsigned int core, uint64_t line);
/* Does a core other than self (-1: any core) have the line? */
bool private_elsewhere(struct steer_cache *c, uint64_t line, struct line_state *st, int self);
/* Remove the line from every core but keep (-1: from all); leaves the right owner behind. */
void private_drop(struct steer_cache *c, uint64_t line, struct line_state *st, int keep);

/* llc.c */
bool llc_has(struct steer_cache *c, uint64_t line, const struct line_state *st);
void llc_drop(struct steer_cache *c, uint64_t line);
/* Line is not there. io: only into the ways that DMA may use. */
void llc_fill(struct steer_cache *c, uint64_t line, bool io);

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
