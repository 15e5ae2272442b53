/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"

static int
check(struct steer_cache *c)
{
	const struct steer_platform *p = &c->p;

	if (level_shape(&c->l1, &p->l1) || level_shape(&c->l2, &p->l2) ||
	    level_shape(&c->llc, &p->llc))
		return -EINVAL;
	if (p->llc_slices == 0 || p->io_ways > c->llc.ways || p->shared_ways > c->llc.ways)
		return -EINVAL;
	if (p->l2_tag_ways > c->l2.ways || p->tag_declined > STEER_CACHE_PER_MILLE)
		return -EINVAL;
	return 0;
}

static int
alloc(struct steer_cache *c)
{
	int ret = lines_init(&c->lines);

	if (ret == 0)
		ret = level_alloc(&c->l1, c->cores);
	if (ret == 0)
		ret = level_alloc(&c->l2, c->cores);
	return ret == 0 ? level_alloc(&c->llc, c->p.llc_slices) : ret;
}

int
steer_cache_create(const struct steer_platform *p, unsigned int cores, uint64_t seed,
		   struct steer_cache **cache)
{
	struct steer_cache *c;
	int ret;

	if (p == NULL || cores == 0 || cores > STEER_CACHE_MAX_CORES)
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	c->p = *p;
	c->cores = cores;
	c->seed = seed;
	c->rng = seed;
	ret = check(c);
	if (ret == 0)
		ret = alloc(c);
	if (ret < 0)
		goto fail;
	*cache = c;
	return 0;
fail:
	steer_cache_destroy(c);
	return ret;
}

void
steer_cache_destroy(struct steer_cache *cache)
{
	if (cache == NULL)
		return;
	level_free(&cache->l1);
	level_free(&cache->l2);
	level_free(&cache->llc);
	lines_free(&cache->lines);
	free(cache);
}

void
steer_cache_reset(struct steer_cache *cache)
{
	level_clear(&cache->l1, cache->cores);
	level_clear(&cache->l2, cache->cores);
	level_clear(&cache->llc, cache->p.llc_slices);
	lines_clear(&cache->lines);
	memset(&cache->dma, 0, sizeof(cache->dma));
	cache->rng = cache->seed;
}
