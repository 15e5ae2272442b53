/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"

int
level_shape(struct level *l, const struct steer_cache_geom *g)
{
	uint32_t way;

	if (g->ways == 0 || g->ways > MAX_WAYS || g->size == 0)
		return -EINVAL;
	way = g->ways * STEER_CACHE_LINE;
	if (g->size % way)
		return -EINVAL;
	l->ways = g->ways;
	l->sets = g->size / way;
	/* The set is taken from address bits; a slice hash makes up for odd totals. */
	return l->sets & (l->sets - 1) ? -EINVAL : 0;
}

static size_t
all_sets(const struct level *l, unsigned int caches)
{
	return (size_t)l->sets * caches;
}

int
level_alloc(struct level *l, unsigned int caches)
{
	l->tags = calloc(all_sets(l, caches) * l->ways, sizeof(*l->tags));
	l->words = calloc(all_sets(l, caches), sizeof(*l->words));
	return l->tags && l->words ? 0 : -ENOMEM;
}

void
level_free(struct level *l)
{
	free(l->tags);
	free(l->words);
}

void
level_clear(struct level *l, unsigned int caches)
{
	memset(l->tags, 0, all_sets(l, caches) * l->ways * sizeof(*l->tags));
	memset(l->words, 0, all_sets(l, caches) * sizeof(*l->words));
}
