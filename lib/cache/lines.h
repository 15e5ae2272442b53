/* SPDX-License-Identifier: BSD-3-Clause */

/* State of each line that was ever seen, in pages found through a hash directory. */

#ifndef CACHE_LINES_H
#define CACHE_LINES_H

#include <stdbool.h>
#include <stdint.h>

/* Which cores have a line: nobody, core n (as n + 1), or more than one (search them). */
#define OWNER_NONE    0u
#define OWNER_CORE(c) ((uint8_t)((c) + 1))
#define OWNER_SEVERAL 255u

/* First touch: none due, due, or prefetched from a level (TOUCH_FROM + level) and due. */
#define TOUCH_NONE    0u
#define TOUCH_DUE     1u
#define TOUCH_FROM    2u

/* How the LLC has a line. */
#define LLC_NONE      0u
#define LLC_PLAIN     1u
#define LLC_IO        2u /* as DMA wrote it */

struct line_state {
	uint32_t owner : 8;
	uint32_t touch : 4;
	uint32_t llc : 2;
	uint32_t llc_way : 5;
	uint32_t l2_way : 5; /* of the owner, when it is one core */
	uint32_t l1_way : 5; /* of the owner, if its L1 has the line: the tag there tells */
};
_Static_assert(sizeof(struct line_state) == 4, "state of a line is one word");

#define PAGE_SHIFT 12 /* lines per page of states: 256 KiB of memory */
#define PAGE_LINES (1u << PAGE_SHIFT)
#define PAGE_MAX   16384u /* 4 GiB of memory with state; the array is touched only as used */
#define DIR_SIZE   (2 * PAGE_MAX)
#define TLB_SIZE   1024u

struct line_slot {
	uint64_t key; /* page number + 1; 0 free */
	struct line_state *page;
};

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
/* Beyond the TLB; see lines_get(). */
struct line_state *lines_miss(struct line_table *t, uint64_t line);

/* Never NULL. What is written to a line beyond the table is void at the next call. */
static inline struct line_state *
lines_get(struct line_table *t, uint64_t line)
{
	uint64_t key = (line >> PAGE_SHIFT) + 1;
	const struct line_slot *s = &t->tlb[key % TLB_SIZE];

	return s->key == key ? &s->page[line % PAGE_LINES] : lines_miss(t, line);
}

static inline bool
lines_tracks(const struct line_table *t, const struct line_state *st)
{
	return st != &t->outside;
}

/* State of the line after the one of st: neighbours mostly lie in one page. */
static inline struct line_state *
lines_next(struct line_table *t, struct line_state *st, uint64_t next)
{
	return next % PAGE_LINES != 0 && lines_tracks(t, st) ? st + 1 : lines_get(t, next);
}

#endif /* CACHE_LINES_H */
