/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a source can tell apart may change from round to round. Then only the coarsest of the
 * groupings is true of all rounds: a median over a level that stands for itself in one round and
 * for two in another would be of nothing.
 */

#include "steer_source.h"

/* Levels that stand in a nearer one, in any of the figures that know anything. */
static uint32_t
followers(const struct steer_figures *f, size_t n, bool touch)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t known = touch ? f[i].touch_known : f[i].known;

		if (known != 0)
			bits |= f[i].merged & ~known;
	}
	return bits & ~1u; /* nothing is nearer than the first */
}

static void
gather(uint32_t follow, uint32_t *known, uint32_t *merged, double *v)
{
	for (unsigned int l = STEER_CACHE_LEVELS - 1; l > 0; l--) {
		unsigned int to = l;

		while (follow & 1u << to)
			to--;
		if (to == l)
			continue;
		for (unsigned int i = to; i <= l; i++)
			*merged |= 1u << i;
		if (!(*known & 1u << l))
			continue;
		v[to] += v[l];
		v[l] = 0;
		*known &= ~(1u << l);
	}
}

void
steer_figures_align(struct steer_figures *f, size_t n)
{
	uint32_t touch = followers(f, n, true), packet = followers(f, n, false);

	for (size_t i = 0; i < n; i++) {
		if (f[i].touch_known != 0)
			gather(touch, &f[i].touch_known, &f[i].merged, f[i].first_touch);
		if (f[i].known != 0)
			gather(packet, &f[i].known, &f[i].merged, f[i].per_packet);
	}
}
