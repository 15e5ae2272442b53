/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Statistics of rounds: few values, skewed, with outliers. So everything here goes by order, not
 * by mean and deviation, and an interval comes from resampling, not from an assumed distribution.
 *
 * All functions are pure (no state of their own): safe in any thread. Values must be finite; the
 * functions that can refuse do so (-EINVAL), the others then return NaN.
 */

#ifndef STEER_STAT_H
#define STEER_STAT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STEER_STAT_RESAMPLES 2000u /**< of a bootstrap */
#define STEER_STAT_MIN       8u    /**< values below which nothing is said about stability */
#define STEER_STAT_WHY       160   /**< room for any reason of steer_stat_stability() */

/** Sorts v. @return the median, between the middle two when n is even; NaN when n is 0. */
double steer_stat_median(double *v, size_t n);

/**
 * First and third quartile, linear between the neighbouring values: at (n - 1) / 4 and
 * 3 (n - 1) / 4 of the sorted values, counted from 0 (the default of R and numpy). Sorts v. Both
 * NaN when n is 0.
 */
void steer_stat_quartiles(double *v, size_t n, double *q1, double *q3);

/** A difference, and where it lies with 95 % confidence. */
struct steer_stat_interval {
	double diff; /**< of the medians as measured */
	double low;
	double high;
};

/**
 * Difference of medians, a - b, of two independent sets: STEER_STAT_RESAMPLES times both are drawn
 * anew from themselves, with replacement; the interval is what the middle 95 % of the differences
 * span (percentile method). The same seed and values give the same interval on any machine.
 *
 * With few values the interval is too narrow rather than too wide: take 10 rounds or more.
 *
 * @return 0, -EINVAL a set has fewer than 2 values or one that is not finite, -ENOMEM.
 */
int steer_stat_bootstrap(const double *a, size_t na, const double *b, size_t nb, uint64_t seed,
			 struct steer_stat_interval *out);

/** May the values of a series be taken as repetitions of one measurement? */
enum steer_stat_verdict {
	STEER_STAT_STABLE,
	STEER_STAT_DRIFT,   /**< they rise or fall with time */
	STEER_STAT_BIMODAL, /**< they lie around two values */
	STEER_STAT_NOISY,   /**< their middle half is wide */
	STEER_STAT_FEW,     /**< too few to say */
};

/**
 * Judge n values in the order of measurement, by the first of these that holds:
 * - few: fewer than STEER_STAT_MIN;
 * - stable: all within 1 % of the median; what such a series does is of no interest;
 * - drift: a Mann-Kendall test finds a trend (p < 0.01, two-sided), and the line through the series
 *   (Theil-Sen) changes by more than 1 % of the median from its first to its last value;
 * - bimodal: the best cut in two, with a fifth of the values or more on each side, explains 95 %
 *   (n = 8) to 88 % (many) of the variance, leaves between the sides a gap wider than either side's
 * middle half, and puts their medians more than 1 % apart;
 * - noisy: the quartiles are more than 10 % of the median apart;
 * - stable.
 *
 * Single outliers make no series unstable: medians and quartiles do not see them.
 *
 * @param why  one line without newline for the user, what was found, with numbers; may be NULL
 *             with len 0. STEER_STAT_WHY is enough.
 * @return the verdict; STEER_STAT_FEW also when a value is not finite or memory is short (why says
 *         which).
 */
enum steer_stat_verdict steer_stat_stability(const double *v, size_t n, char *why, size_t len);

/** @return "stable", "drift", "bimodal", "noisy" or "few". */
const char *steer_stat_verdict_name(enum steer_stat_verdict verdict);

#ifdef __cplusplus
}
#endif
#endif /* STEER_STAT_H */
