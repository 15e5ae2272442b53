/* SPDX-License-Identifier: BSD-3-Clause */

#include <math.h>
#include <stddef.h>

#include "hist.h"

void
hist_merge(struct hist *sum, const struct hist *h, const struct hist *base)
{
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		sum->count[i] += __atomic_load_n(&h->count[i], __ATOMIC_RELAXED) -
				 (base != NULL ? base->count[i] : 0);
}

void
hist_copy(struct hist *to, const struct hist *from)
{
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		to->count[i] = __atomic_load_n(&from->count[i], __ATOMIC_RELAXED);
}

uint64_t
hist_samples(const struct hist *h)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		n += h->count[i];
	return n;
}

static double
bucket_middle(unsigned int i)
{
	unsigned int shift;

	if (i < 2 * HIST_SUB)
		return i;
	shift = i / HIST_SUB - 1;
	return ldexp(i % HIST_SUB + HIST_SUB + 0.5, (int)shift) - 0.5;
}

double
hist_quantile(const struct hist *h, double q)
{
	double rank = ceil(q * (double)hist_samples(h));
	uint64_t seen = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		seen += h->count[i];
		if (seen != 0 && (double)seen >= rank)
			return bucket_middle(i);
	}
	return 0;
}
