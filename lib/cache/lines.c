/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * State per line. All memory is asked for at creation; calloc leaves it to the kernel to commit
 * pages as they are used, so a small footprint costs little.
 */

#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "set.h"

int
lines_init(struct line_table *t)
{
	t->pages = calloc((size_t)PAGE_MAX * PAGE_LINES, sizeof(*t->pages));
	t->dir = calloc(DIR_SIZE, sizeof(*t->dir));
	if (t->pages && t->dir)
		return 0;
	lines_free(t);
	return -ENOMEM;
}

void
lines_free(struct line_table *t)
{
	free(t->pages);
	free(t->dir);
	t->pages = NULL;
	t->dir = NULL;
}

void
lines_clear(struct line_table *t)
{
	memset(t->pages, 0, (size_t)t->used * PAGE_LINES * sizeof(*t->pages));
	memset(t->dir, 0, DIR_SIZE * sizeof(*t->dir));
	memset(t->tlb, 0, sizeof(t->tlb));
	t->used = 0;
}

static struct line_state *
page_find(struct line_table *t, uint64_t key)
{
	uint32_t i = (uint32_t)mix64(key) % DIR_SIZE;

	while (t->dir[i].key != 0 && t->dir[i].key != key)
		i = (i + 1) % DIR_SIZE;
	if (t->dir[i].key == key)
		return t->dir[i].page;
	if (t->used == PAGE_MAX)
		return NULL;
	t->dir[i].key = key;
	t->dir[i].page = t->pages + (size_t)t->used++ * PAGE_LINES;
	return t->dir[i].page;
}

struct line_state *
lines_miss(struct line_table *t, uint64_t line)
{
	uint64_t key = (line >> PAGE_SHIFT) + 1;
	struct line_state *page = page_find(t, key);

	if (page == NULL) {
		/* No memory of this line: any core may have it, no first touch is due. */
		t->outside = (struct line_state){.owner = OWNER_SEVERAL};
		return &t->outside;
	}
	t->tlb[key % TLB_SIZE] = (struct line_slot){.key = key, .page = page};
	return &page[line % PAGE_LINES];
}
