/* SPDX-License-Identifier: BSD-3-Clause */

#include <math.h>
#include <stdlib.h>

#include "stat.h"

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void
stat_sort(double *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), compare);
}

double
stat_quantile(const double *v, size_t n, double p)
{
	double at;
	size_t i;

	if (n == 0)
		return NAN;
	at = p * (double)(n - 1);
	i = (size_t)at;
	if (i + 1 >= n)
		return v[n - 1];
	return v[i] + (at - (double)i) * (v[i + 1] - v[i]);
}

bool
stat_finite(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(v[i]))
			return false;
	return true;
}

double
steer_stat_median(double *v, size_t n)
{
	if (!stat_finite(v, n))
		return NAN;
	stat_sort(v, n);
	return stat_quantile(v, n, 0.5);
}

void
steer_stat_quartiles(double *v, size_t n, double *q1, double *q3)
{
	*q1 = *q3 = NAN;
	if (!stat_finite(v, n))
		return;
	stat_sort(v, n);
	*q1 = stat_quantile(v, n, 0.25);
	*q3 = stat_quantile(v, n, 0.75);
}
