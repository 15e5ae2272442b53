/* SPDX-License-Identifier: BSD-3-Clause */

/* The verdict on a series of rounds: recorded series, and the edges by made-up ones. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "data_file.h"
#include "steer_stat.h"

#define MAX 512

static enum steer_stat_verdict
judge(const double *v, size_t n)
{
	char why[STEER_STAT_WHY] = "";
	enum steer_stat_verdict verdict = steer_stat_stability(v, n, why, sizeof(why));

	printf("%s: %s\n", steer_stat_verdict_name(verdict), why);
	assert_true(why[0] != '\0');
	assert_null(strchr(why, '\n'));
	assert_true(strlen(why) < sizeof(why) - 1);
	return verdict;
}

static void
recorded(const char *name, enum steer_stat_verdict verdict)
{
	double v[MAX];
	size_t n = data_file(name, v, MAX);

	assert_true(n >= 20);
	assert_int_equal(judge(v, n), verdict);
	/* The first ten rounds are what an experiment has at least. */
	if (verdict == STEER_STAT_STABLE)
		assert_int_equal(judge(v, 10), verdict);
}

static void
recorded_stationary(void **state)
{
	recorded("stability/stationary.txt", STEER_STAT_STABLE);
}

static void
recorded_drifting(void **state)
{
	recorded("stability/drifting.txt", STEER_STAT_DRIFT);
}

static void
recorded_bimodal(void **state)
{
	recorded("stability/bimodal.txt", STEER_STAT_BIMODAL);
}

/* A drifting series is one by its order only: sorted the other way it falls, shuffled it has none.
 */
static void
order_makes_the_drift(void **state)
{
	double v[MAX], w[MAX];
	size_t n = data_file("stability/drifting.txt", v, MAX), step = 7;

	while (n % step == 0)
		step += 2;
	for (size_t i = 0; i < n; i++)
		w[i] = v[n - 1 - i];
	assert_int_equal(judge(w, n), STEER_STAT_DRIFT);
	for (size_t i = 0; i < n; i++)
		w[i] = v[i * step % n];
	assert_int_not_equal(judge(w, n), STEER_STAT_DRIFT);
}

static void
few(void **state)
{
	double v[STEER_STAT_MIN] = {1, 1, 1, 1, 1, 1, 1, 1};

	assert_int_equal(judge(v, 0), STEER_STAT_FEW);
	assert_int_equal(judge(v, STEER_STAT_MIN - 1), STEER_STAT_FEW);
	assert_int_equal(judge(v, STEER_STAT_MIN), STEER_STAT_STABLE);
	v[3] = NAN;
	assert_int_equal(judge(v, STEER_STAT_MIN), STEER_STAT_FEW);
}

/* A trend that nobody would care for: +0.9 % each way of the median, strictly rising. */
static void
small_trend_is_stable(void **state)
{
	double v[19];

	for (int i = 0; i < 19; i++)
		v[i] = 1000 + i - 9;
	assert_int_equal(judge(v, 19), STEER_STAT_STABLE);
	for (int i = 0; i < 19; i++)
		v[i] = 1000 + 3 * (i - 9);
	assert_int_equal(judge(v, 19), STEER_STAT_DRIFT);
}

static void
alternating_is_bimodal(void **state)
{
	double v[20];

	for (int i = 0; i < 20; i++)
		v[i] = (i % 2 ? 100 : 110) + i * i % 7 * 0.1;
	assert_int_equal(judge(v, 20), STEER_STAT_BIMODAL);
	/* The same for shares, whose size is below 1, and for negative differences. */
	for (int i = 0; i < 20; i++)
		v[i] /= -1000;
	assert_int_equal(judge(v, 20), STEER_STAT_BIMODAL);
}

/* Evenly spread is not two modes, however wide. */
static void
wide_is_noisy(void **state)
{
	double v[20];

	for (int i = 0; i < 20; i++)
		v[i] = 100 + i * 7 % 20;
	assert_int_equal(judge(v, 20), STEER_STAT_STABLE);
	for (int i = 0; i < 20; i++)
		v[i] = 100 + 3 * (i * 7 % 20);
	assert_int_equal(judge(v, 20), STEER_STAT_NOISY);
}

static void
outliers_do_not_count(void **state)
{
	double v[20];

	for (int i = 0; i < 20; i++)
		v[i] = 100 + i * 7 % 20 * 0.2;
	v[4] = 500;
	v[13] = 900;
	assert_int_equal(judge(v, 20), STEER_STAT_STABLE);
}

static void
zeros_are_stable(void **state)
{
	double v[12] = {0};

	assert_int_equal(judge(v, 12), STEER_STAT_STABLE);
	v[5] = 0.01;
	assert_int_equal(judge(v, 12), STEER_STAT_STABLE);
}

static void
why_is_cut_to_its_room(void **state)
{
	double v[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	char why[6] = "xxxxx";

	assert_int_equal(steer_stat_stability(v, 10, NULL, 0), STEER_STAT_DRIFT);
	assert_int_equal(steer_stat_stability(v, 10, why, 5), STEER_STAT_DRIFT);
	assert_string_equal(why, "rise");
}

static void
names(void **state)
{
	assert_string_equal(steer_stat_verdict_name(STEER_STAT_STABLE), "stable");
	assert_string_equal(steer_stat_verdict_name(STEER_STAT_DRIFT), "drift");
	assert_string_equal(steer_stat_verdict_name(STEER_STAT_BIMODAL), "bimodal");
	assert_string_equal(steer_stat_verdict_name(STEER_STAT_NOISY), "noisy");
	assert_string_equal(steer_stat_verdict_name(STEER_STAT_FEW), "few");
	assert_string_equal(steer_stat_verdict_name((enum steer_stat_verdict)99), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_stationary),
		cmocka_unit_test(recorded_drifting),
		cmocka_unit_test(recorded_bimodal),
		cmocka_unit_test(order_makes_the_drift),
		cmocka_unit_test(few),
		cmocka_unit_test(small_trend_is_stable),
		cmocka_unit_test(alternating_is_bimodal),
		cmocka_unit_test(wide_is_noisy),
		cmocka_unit_test(outliers_do_not_count),
		cmocka_unit_test(zeros_are_stable),
		cmocka_unit_test(why_is_cut_to_its_room),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
