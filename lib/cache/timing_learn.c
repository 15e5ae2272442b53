/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Where to cut.
 * L1 | L2, and L2 | between: where the fewest training loads are on the wrong side. What was walked
 * out of L2 may be in the LLC or in memory, but the fastest of it shows where the LLC begins.
 * Between | memory: all but the fastest 1 % of the memory loads are above.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "timing.h"

#define FASTEST 0.01

static uint64_t
count(const struct timing_histogram *h, uint32_t from, uint32_t to)
{
	uint64_t n = 0;

	for (uint32_t t = from; t < to; t++)
		n += h->ticks[t];
	return n;
}

uint32_t
timing_quantile(const struct timing_histogram *h, double p)
{
	uint64_t n = count(h, 0, TIMING_LAST), below = 0;

	for (uint32_t t = 0; t < TIMING_LAST; t++) {
		below += h->ticks[t];
		if ((double)below > p * (double)n)
			return t;
	}
	return TIMING_LAST;
}

/* Middle of the cuts that leave the fewest on the wrong side. */
static uint32_t
best_cut(const struct timing_histogram *near, const struct timing_histogram *far)
{
	uint64_t wrong = count(near, 0, TIMING_LAST), least = wrong;
	uint32_t first = 0, last = 0;

	for (uint32_t cut = 1; cut <= TIMING_LAST; cut++) {
		wrong -= near->ticks[cut - 1];
		wrong += far->ticks[cut - 1];
		if (wrong < least) {
			least = wrong;
			first = last = cut;
		} else if (wrong == least && last == cut - 1) {
			last = cut;
		}
	}
	return first + (last - first) / 2;
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void
cuts(const struct timing_samples *s, struct timing_calibration *cal)
{
	const struct timing_histogram *train = s->train;
	uint32_t l1 = best_cut(&train[TIMING_L1], &train[TIMING_L2]);
	uint32_t l2 = best_cut(&train[TIMING_L2], &train[TIMING_OUT]);

	cal->cut[CLASS_L1] = l1;
	cal->cut[CLASS_L2] = larger(l2, l1);
	cal->cut[CLASS_BETWEEN] =
		larger(timing_quantile(&train[TIMING_FAR], FASTEST), cal->cut[CLASS_L2]);
}

enum timing_class
timing_class_of(const struct timing_calibration *cal, uint32_t ticks)
{
	unsigned int c = CLASS_L1;

	while (c < CLASS_FAR && ticks >= cal->cut[c])
		c++;
	return (enum timing_class)c;
}

static void
test(const struct timing_samples *s, struct timing_calibration *cal)
{
	for (unsigned int st = 0; st < TIMING_STATES; st++) {
		for (uint32_t t = 0; t < TIMING_LAST; t++)
			cal->told[st][timing_class_of(cal, t)] += s->test[st].ticks[t];
		cal->interrupted += s->test[st].ticks[TIMING_LAST];
	}
}

int
timing_learn(const struct timing_samples *samples, struct timing_calibration *cal, char *why,
	     size_t len)
{
	memset(cal, 0, sizeof(*cal));
	for (unsigned int st = 0; st < TIMING_STATES; st++)
		cal->median[st] = timing_quantile(&samples->train[st], 0.5);
	if (cal->median[TIMING_FAR] <= larger(cal->median[TIMING_L1], cal->median[TIMING_L2])) {
		snprintf(why, len,
			 "memory is not slower than the caches: medians of L1, L2 and memory %u, "
			 "%u, %u ticks",
			 cal->median[TIMING_L1], cal->median[TIMING_L2], cal->median[TIMING_FAR]);
		return -EAGAIN;
	}
	cuts(samples, cal);
	test(samples, cal);
	if (timing_merge(cal) < 2) {
		snprintf(why, len,
			 "no two levels can be told apart: medians of L1, L2 and memory %u, %u, %u "
			 "ticks",
			 cal->median[TIMING_L1], cal->median[TIMING_L2], cal->median[TIMING_FAR]);
		return -EAGAIN;
	}
	cal->valid = true;
	return 0;
}
