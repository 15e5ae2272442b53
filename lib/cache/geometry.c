/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>

#include "cache.h"

int
geometry_of(const struct steer_cache_geom *g, struct geometry *out)
{
	uint32_t way;

	if (g->ways == 0 || g->size == 0)
		return -EINVAL;
	way = g->ways * STEER_CACHE_LINE;
	if (g->size % way)
		return -EINVAL;
	out->ways = g->ways;
	out->sets = g->size / way;
	/* The set is taken from address bits; a slice hash makes up for odd totals. */
	return out->sets & (out->sets - 1) ? -EINVAL : 0;
}

size_t
geometry_lines(const struct geometry *g)
{
	return (size_t)g->sets * g->ways;
}
