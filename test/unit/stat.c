/* SPDX-License-Identifier: BSD-3-Clause */

/* Order statistics and the bootstrap, against what can be worked out by hand. */

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "steer_stat.h"

static void
medians(void **state)
{
	double odd[] = {9, -1, 4}, even[] = {4, 1, 3, 2}, one[] = {7};
	double unknown[] = {1, NAN, 2}, endless[] = {1, INFINITY};

	assert_float_equal(steer_stat_median(odd, 3), 4, 0);
	assert_float_equal(steer_stat_median(even, 4), 2.5, 0);
	assert_float_equal(steer_stat_median(one, 1), 7, 0);
	assert_true(isnan(steer_stat_median(one, 0)));
	assert_true(isnan(steer_stat_median(unknown, 3)));
	assert_true(isnan(steer_stat_median(endless, 2)));
	for (int i = 0; i < 3; i++)
		assert_float_equal(even[i], i + 1, 0);
}

static void
quartiles(void **state)
{
	/* 1..5: at 1 and 3. 1..6: at 1.25 and 3.75. 1, 3: at 0.25 and 0.75. */
	double five[] = {5, 4, 3, 2, 1}, six[] = {6, 1, 5, 2, 4, 3}, two[] = {3, 1}, one[] = {8};
	double q1, q3;

	steer_stat_quartiles(five, 5, &q1, &q3);
	assert_float_equal(q1, 2, 0);
	assert_float_equal(q3, 4, 0);
	steer_stat_quartiles(six, 6, &q1, &q3);
	assert_float_equal(q1, 2.25, 0);
	assert_float_equal(q3, 4.75, 0);
	steer_stat_quartiles(two, 2, &q1, &q3);
	assert_float_equal(q1, 1.5, 0);
	assert_float_equal(q3, 2.5, 0);
	steer_stat_quartiles(one, 1, &q1, &q3);
	assert_float_equal(q1, 8, 0);
	assert_float_equal(q3, 8, 0);
	steer_stat_quartiles(one, 0, &q1, &q3);
	assert_true(isnan(q1) && isnan(q3));
}

static void
interval_is(const struct steer_stat_interval *i, double diff, double low, double high)
{
	assert_float_equal(i->diff, diff, 0);
	assert_float_equal(i->low, low, 0);
	assert_float_equal(i->high, high, 0);
}

static void
bootstrap_of_constants_has_no_width(void **state)
{
	const double a[] = {5, 5, 5}, b[] = {2, 2};
	struct steer_stat_interval i;

	assert_int_equal(steer_stat_bootstrap(a, 3, b, 2, 1, &i), 0);
	interval_is(&i, 3, 3, 3);
}

/*
 * The median of n = 2m + 1 draws from n values is at most the k-th when m + 1 draws or more are
 * among the first k: a tail of the binomial distribution with p = k / n. For n = 11 it is 0.7 %
 * for k = 2 and 5.1 % for k = 3, so that the 2.5 % point is the third value, and by symmetry the
 * 97.5 % point is the ninth. Over 2,000 resamples these shares stray by 0.2 and 0.5 points.
 */
static void
bootstrap_finds_the_exact_points(void **state)
{
	const double a[] = {1100, 1, 2, 13, 24, 35, 46, 57, 68, 790, 910}, zero[] = {0, 0, 0};
	struct steer_stat_interval i;

	for (uint64_t seed = 0; seed < 100; seed++) {
		assert_int_equal(steer_stat_bootstrap(a, 11, zero, 3, seed, &i), 0);
		interval_is(&i, 46, 13, 790);
		assert_int_equal(steer_stat_bootstrap(zero, 3, a, 11, seed, &i), 0);
		interval_is(&i, -46, -790, -13);
	}
}

/* Median of 3 draws from 3 values: each of the outer ones with 7/27, the one between with 13/27.
 * The difference of two such: the extremes with 49/729 = 6.7 % each, more than 2.5 %. */
static void
bootstrap_draws_both_sides(void **state)
{
	const double a[] = {10, 20, 30}, b[] = {1, 2, 3};
	struct steer_stat_interval i;

	assert_int_equal(steer_stat_bootstrap(a, 3, b, 3, 42, &i), 0);
	interval_is(&i, 18, 7, 29);
}

static void
bootstrap_repeats_by_seed(void **state)
{
	double a[40], b[30];
	struct steer_stat_interval first, again, other;
	int differ = 0;

	for (int k = 0; k < 40; k++)
		a[k] = 100 + k * k % 37 * 0.73;
	for (int k = 0; k < 30; k++)
		b[k] = 90 + k * k % 29 * 0.61;
	assert_int_equal(steer_stat_bootstrap(a, 40, b, 30, 7, &first), 0);
	assert_int_equal(steer_stat_bootstrap(a, 40, b, 30, 7, &again), 0);
	interval_is(&again, first.diff, first.low, first.high);
	assert_true(first.low < first.diff && first.diff < first.high);
	for (uint64_t seed = 8; seed < 18; seed++) {
		assert_int_equal(steer_stat_bootstrap(a, 40, b, 30, seed, &other), 0);
		assert_float_equal(first.diff, other.diff, 0);
		differ += first.low != other.low || first.high != other.high;
	}
	assert_true(differ > 0);
}

static void
bootstrap_refuses(void **state)
{
	const double good[] = {1, 2, 3}, nan[] = {1, NAN}, inf[] = {-INFINITY, 1};
	struct steer_stat_interval i = {1, 2, 3};

	assert_int_equal(steer_stat_bootstrap(good, 1, good, 3, 1, &i), -EINVAL);
	assert_int_equal(steer_stat_bootstrap(good, 3, good, 1, 1, &i), -EINVAL);
	assert_int_equal(steer_stat_bootstrap(good, 3, nan, 2, 1, &i), -EINVAL);
	assert_int_equal(steer_stat_bootstrap(inf, 2, good, 3, 1, &i), -EINVAL);
	interval_is(&i, 1, 2, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(medians),
		cmocka_unit_test(quartiles),
		cmocka_unit_test(bootstrap_of_constants_has_no_width),
		cmocka_unit_test(bootstrap_finds_the_exact_points),
		cmocka_unit_test(bootstrap_draws_both_sides),
		cmocka_unit_test(bootstrap_repeats_by_seed),
		cmocka_unit_test(bootstrap_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
