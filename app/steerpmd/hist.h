/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Histogram of unsigned values with buckets that widen with the value: exact below 128, else within
 * 1/64 of the value. It allocates nothing; one thread adds, others may read meanwhile and see each
 * count as it was at some moment.
 */

#ifndef HIST_H
#define HIST_H

#include <stdint.h>

#define HIST_SUB_BITS 6 /* buckets per power of two: 64 */
#define HIST_SUB      (1u << HIST_SUB_BITS)
#define HIST_TOP_BIT  40 /* values of 2^40 and more are in the last bucket */
#define HIST_BUCKETS  ((HIST_TOP_BIT - HIST_SUB_BITS + 1) * HIST_SUB)

struct hist {
	uint64_t count[HIST_BUCKETS];
};

/** Bucket of a value. */
static inline unsigned int
hist_bucket(uint64_t v)
{
	unsigned int shift;

	if (v < 2 * HIST_SUB)
		return (unsigned int)v;
	if (v >> HIST_TOP_BIT != 0)
		return HIST_BUCKETS - 1;
	shift = 63 - (unsigned int)__builtin_clzll(v) - HIST_SUB_BITS;
	return shift * HIST_SUB + (unsigned int)(v >> shift);
}

static inline void
hist_add(struct hist *h, uint64_t v)
{
	uint64_t *c = &h->count[hist_bucket(v)];

	/* One writer: no need of an atomic addition. */
	__atomic_store_n(c, *c + 1, __ATOMIC_RELAXED);
}

/** sum += h - base; base NULL: nothing is taken off. */
void hist_merge(struct hist *sum, const struct hist *h, const struct hist *base);
/** Copy what another thread adds to. */
void hist_copy(struct hist *to, const struct hist *from);
uint64_t hist_samples(const struct hist *h);
/**
 * Value that the share q (0..1) of the samples does not exceed: middle of its bucket; 0 without
 * samples.
 */
double hist_quantile(const struct hist *h, double q);

#endif /* HIST_H */
