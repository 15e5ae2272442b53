/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"

#define MAX_WAYS 32u /* of private caches: bits of a set's word */

static int
check(struct steer_cache *c)
{
	if (geometry_of(&c->p.l1, &c->l1) || geometry_of(&c->p.l2, &c->l2) ||
	    geometry_of(&c->p.llc, &c->llc))
		return -EINVAL;
	if (c->l1.ways > MAX_WAYS || c->l2.ways > MAX_WAYS)
		return -EINVAL;
	if (c->p.llc_slices == 0 || c->p.io_ways > c->llc.ways || c->p.l2_tag_ways > c->l2.ways)
		return -EINVAL;
	return 0;
}

static size_t
llc_lines(const struct steer_cache *c)
{
	return geometry_lines(&c->llc) * c->p.llc_slices;
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
	if (ret < 0)
		goto fail;
	ret = lines_init(&c->lines);
	if (ret < 0)
		goto fail;
	ret = -ENOMEM;
	c->l1_tags = calloc(geometry_lines(&c->l1) * cores, sizeof(uint64_t));
	c->l2_tags = calloc(geometry_lines(&c->l2) * cores, sizeof(uint64_t));
	c->llc_tags = calloc(llc_lines(c), sizeof(uint64_t));
	c->l1_used = calloc((size_t)c->l1.sets * cores, sizeof(uint32_t));
	c->l2_used = calloc((size_t)c->l2.sets * cores, sizeof(uint32_t));
	if (c->l1_tags == NULL || c->l2_tags == NULL || c->llc_tags == NULL || c->l1_used == NULL ||
	    c->l2_used == NULL)
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
	free(cache->l1_tags);
	free(cache->l2_tags);
	free(cache->llc_tags);
	free(cache->l1_used);
	free(cache->l2_used);
	lines_free(&cache->lines);
	free(cache);
}

void
steer_cache_reset(struct steer_cache *cache)
{
	struct steer_cache *c = cache;

	memset(c->l1_tags, 0, geometry_lines(&c->l1) * c->cores * sizeof(uint64_t));
	memset(c->l2_tags, 0, geometry_lines(&c->l2) * c->cores * sizeof(uint64_t));
	memset(c->llc_tags, 0, llc_lines(c) * sizeof(uint64_t));
	memset(c->l1_used, 0, (size_t)c->l1.sets * c->cores * sizeof(uint32_t));
	memset(c->l2_used, 0, (size_t)c->l2.sets * c->cores * sizeof(uint32_t));
	lines_clear(&c->lines);
	memset(&c->dma, 0, sizeof(c->dma));
	c->rng = c->seed;
}
