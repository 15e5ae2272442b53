/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Is a series of rounds one measurement repeated? Trend: H. B. Mann, Econometrica 13 (1945), and
 * M. G. Kendall's variance with ties; slope: P. K. Sen, JASA 63 (1968). Two modes: the cut that
 * explains most of the variance. A cut always explains much (0.64 of a normal distribution, 0.75 of
 * a uniform one, more of few values), hence the high bar and the gap beside it.
 */

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stat.h"

#define TREND_Z       2.576 /* two-sided 1 % of the normal distribution */
#define MATTERS       0.01  /* of the median: smaller changes are of no interest */
#define WIDE          0.10  /* of the median, between the quartiles */
#define EXPLAINED     0.88  /* of the variance, by two modes of many values */
#define EXPLAINED_FEW 0.56  /* more of fewer: over n, for 1 to 3 in 100 wrong alarms at any n */
#define SIDE          5     /* a mode has at least one in so many of the values */

struct series {
	const double *v; /* in order of measurement */
	size_t n;
	double *sorted;
	double *slopes; /* room for n * (n - 1) / 2 */
	double median;
	double scale; /* of the median, never 0 unless all values are */
};

static enum steer_stat_verdict __attribute__((format(printf, 4, 5)))
say(enum steer_stat_verdict verdict, char *why, size_t len, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (len > 0)
		vsnprintf(why, len, format, ap);
	va_end(ap);
	return verdict;
}

/* Sum of t (t - 1) (2t + 5) over the groups of equal values. */
static double
ties(const struct series *s)
{
	double sum = 0;

	for (size_t i = 0, j; i < s->n; i = j) {
		for (j = i + 1; j < s->n && s->sorted[j] == s->sorted[i];)
			j++;
		double t = (double)(j - i);

		sum += t * (t - 1) * (2 * t + 5);
	}
	return sum;
}

/* Standard score of Kendall's S: as many pairs rise as fall when there is no trend. */
static double
trend_z(const struct series *s)
{
	double n = (double)s->n, score = 0, var;

	for (size_t i = 0; i < s->n; i++)
		for (size_t j = i + 1; j < s->n; j++)
			score += (s->v[j] > s->v[i]) - (s->v[j] < s->v[i]);
	var = (n * (n - 1) * (2 * n + 5) - ties(s)) / 18;
	if (var <= 0 || score == 0)
		return 0;
	return (score > 0 ? score - 1 : score + 1) / sqrt(var);
}

/* Change over the whole series of the line through it: median slope of all pairs. */
static double
trend_change(const struct series *s)
{
	size_t k = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t j = i + 1; j < s->n; j++)
			s->slopes[k++] = (s->v[j] - s->v[i]) / (double)(j - i);
	return steer_stat_median(s->slopes, k) * (double)(s->n - 1);
}

static double
square_sum(const double *v, size_t n)
{
	double mean = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return sum;
}

/* Size of the lower of the two sides that explain most; *explained: share of the variance. */
static size_t
best_cut(const struct series *s, double *explained)
{
	size_t side = (s->n + SIDE - 1) / SIDE, best = side;
	double all = square_sum(s->sorted, s->n), least = all;

	for (size_t k = side; k <= s->n - side; k++) {
		double rest = square_sum(s->sorted, k) + square_sum(s->sorted + k, s->n - k);

		if (rest < least) {
			least = rest;
			best = k;
		}
	}
	*explained = all > 0 ? 1 - least / all : 0;
	return best;
}

static double
middle_half(const double *sorted, size_t n)
{
	return stat_quantile(sorted, n, 0.75) - stat_quantile(sorted, n, 0.25);
}

/* @return size of the lower mode, 0 when there are not two. */
static size_t
two_modes(const struct series *s)
{
	double explained, gap;
	size_t k = best_cut(s, &explained);
	const double *upper = s->sorted + k;

	gap = upper[0] - upper[-1];
	if (explained < EXPLAINED + EXPLAINED_FEW / (double)s->n ||
	    gap < middle_half(s->sorted, k) || gap < middle_half(upper, s->n - k))
		return 0;
	if (stat_quantile(upper, s->n - k, 0.5) - stat_quantile(s->sorted, k, 0.5) <=
	    MATTERS * s->scale)
		return 0;
	return k;
}

static enum steer_stat_verdict
judge(const struct series *s, char *why, size_t len)
{
	double half = middle_half(s->sorted, s->n), change;
	size_t k;

	if (s->sorted[s->n - 1] - s->median <= MATTERS * s->scale &&
	    s->median - s->sorted[0] <= MATTERS * s->scale)
		return say(STEER_STAT_STABLE, why, len, "%zu values, all within 1 %% of %.4g", s->n,
			   s->median);
	change = trend_change(s);
	if (fabs(trend_z(s)) > TREND_Z && fabs(change) > MATTERS * s->scale)
		return say(STEER_STAT_DRIFT, why, len,
			   "%s by %.1f %% of the median over %zu values",
			   change > 0 ? "rises" : "falls", 100 * fabs(change) / s->scale, s->n);
	k = two_modes(s);
	if (k > 0)
		return say(STEER_STAT_BIMODAL, why, len,
			   "two modes: %zu values around %.4g, %zu around %.4g", k,
			   stat_quantile(s->sorted, k, 0.5), s->n - k,
			   stat_quantile(s->sorted + k, s->n - k, 0.5));
	if (half > WIDE * s->scale)
		return say(STEER_STAT_NOISY, why, len,
			   "quartiles of %zu values are %.1f %% of the median apart", s->n,
			   100 * half / s->scale);
	return say(STEER_STAT_STABLE, why, len, "%zu values, quartiles %.1f %% of the median apart",
		   s->n, 100 * half / s->scale);
}

enum steer_stat_verdict
steer_stat_stability(const double *v, size_t n, char *why, size_t len)
{
	struct series s = {.v = v, .n = n};
	enum steer_stat_verdict verdict;

	if (n < STEER_STAT_MIN)
		return say(STEER_STAT_FEW, why, len, "%zu values, at least %u are needed", n,
			   STEER_STAT_MIN);
	if (!stat_finite(v, n))
		return say(STEER_STAT_FEW, why, len, "a value is not a number");
	s.sorted = calloc(n + n * (n - 1) / 2, sizeof(*s.sorted));
	if (s.sorted == NULL)
		return say(STEER_STAT_FEW, why, len, "no memory to judge %zu values", n);
	s.slopes = s.sorted + n;
	memcpy(s.sorted, v, n * sizeof(*v));
	s.median = steer_stat_median(s.sorted, n);
	/* Shares may have a median of 0: then the largest value is the measure. */
	s.scale = s.median != 0 ? fabs(s.median) : fmax(fabs(s.sorted[0]), fabs(s.sorted[n - 1]));
	verdict = judge(&s, why, len);
	free(s.sorted);
	return verdict;
}

const char *
steer_stat_verdict_name(enum steer_stat_verdict verdict)
{
	static const char *const names[] = {
		[STEER_STAT_STABLE] = "stable",   [STEER_STAT_DRIFT] = "drift",
		[STEER_STAT_BIMODAL] = "bimodal", [STEER_STAT_NOISY] = "noisy",
		[STEER_STAT_FEW] = "few",
	};

	return (size_t)verdict < sizeof(names) / sizeof(names[0]) ? names[verdict] : "unknown";
}
