/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "set.h"
#include "stat.h"

/* Of the middle 95 %. */
#define LOW  0.025
#define HIGH 0.975

/* Median of as many values drawn with replacement; room for n in work. */
static double
resampled_median(const double *v, size_t n, uint64_t *rng, double *work)
{
	for (size_t i = 0; i < n; i++)
		work[i] = v[rng_below(rng, (uint32_t)n)];
	stat_sort(work, n);
	return stat_quantile(work, n, 0.5);
}

static double
median_of_copy(const double *v, size_t n, double *work)
{
	memcpy(work, v, n * sizeof(*v));
	return steer_stat_median(work, n);
}

int
steer_stat_bootstrap(const double *a, size_t na, const double *b, size_t nb, uint64_t seed,
		     struct steer_stat_interval *out)
{
	size_t most = na > nb ? na : nb;
	double *diffs, *work;
	uint64_t rng = seed;

	if (na < 2 || nb < 2 || most > UINT32_MAX || !stat_finite(a, na) || !stat_finite(b, nb))
		return -EINVAL;
	diffs = calloc(STEER_STAT_RESAMPLES + most, sizeof(*diffs));
	if (diffs == NULL)
		return -ENOMEM;
	work = diffs + STEER_STAT_RESAMPLES;
	for (unsigned int i = 0; i < STEER_STAT_RESAMPLES; i++) {
		diffs[i] = resampled_median(a, na, &rng, work);
		diffs[i] -= resampled_median(b, nb, &rng, work);
	}
	stat_sort(diffs, STEER_STAT_RESAMPLES);
	out->low = stat_quantile(diffs, STEER_STAT_RESAMPLES, LOW);
	out->high = stat_quantile(diffs, STEER_STAT_RESAMPLES, HIGH);
	out->diff = median_of_copy(a, na, work) - median_of_copy(b, nb, work);
	free(diffs);
	return 0;
}
