/* SPDX-License-Identifier: BSD-3-Clause */

/* The histogram of latencies against exact quantiles of the same samples. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hist.h"

#define N 20000u

static struct hist h, other;
static uint64_t samples[N];

static int
compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t
random_value(unsigned int *seed, unsigned int bits)
{
	uint64_t v = (uint64_t)rand_r(seed) << 31 ^ (uint64_t)rand_r(seed);

	return v >> (62 - bits);
}

static void
buckets_are_in_order_and_narrow(void **state)
{
	unsigned int last = 127, b;
	uint64_t v;

	for (v = 0; v < 128; v++)
		assert_int_equal(hist_bucket(v), v);
	for (v = 128; v < 1ull << 41; v += v / 512 + 1) {
		b = hist_bucket(v);
		assert_in_range(b, last, HIST_BUCKETS - 1);
		assert_true(b - last <= 1);
		last = b;
	}
	assert_int_equal(last, HIST_BUCKETS - 1);
	assert_int_equal(hist_bucket(UINT64_MAX), HIST_BUCKETS - 1);
	/* The bucket's ends are apart by 1/64 at most. */
	for (v = 128; v < 1ull << 39; v = v * 5 / 4)
		assert_int_not_equal(hist_bucket(v), hist_bucket(v + v / 64 + 1));
}

static void
quantiles_are_those_of_the_samples(void **state)
{
	static const double qs[] = {0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0};
	unsigned int seed = 1;

	for (unsigned int bits = 5; bits <= 39; bits++) {
		unsigned int n = 1 + (unsigned int)rand_r(&seed) % N;

		memset(&h, 0, sizeof(h));
		for (unsigned int i = 0; i < n; i++) {
			samples[i] = random_value(&seed, 1 + (unsigned int)rand_r(&seed) % bits);
			hist_add(&h, samples[i]);
		}
		assert_int_equal(hist_samples(&h), n);
		qsort(samples, n, sizeof(samples[0]), compare);
		for (size_t i = 0; i < sizeof(qs) / sizeof(qs[0]); i++) {
			double exact = (double)samples[(unsigned int)ceil(qs[i] * n) - 1];

			assert_true(fabs(hist_quantile(&h, qs[i]) - exact) <= exact / 64);
		}
	}
}

static void
ends(void **state)
{
	memset(&h, 0, sizeof(h));
	assert_true(hist_quantile(&h, 0.5) == 0);
	assert_int_equal(hist_samples(&h), 0);
	hist_add(&h, 77);
	assert_true(hist_quantile(&h, 0) == 77);
	assert_true(hist_quantile(&h, 0.5) == 77);
	assert_true(hist_quantile(&h, 1) == 77);
	/* Beyond the end all are alike, and none is lost. */
	hist_add(&h, UINT64_MAX);
	hist_add(&h, 1ull << 40);
	assert_int_equal(hist_samples(&h), 3);
	assert_true(hist_quantile(&h, 1) > 1e12);
}

static void
merging_and_a_mark(void **state)
{
	static struct hist mark, sum;

	memset(&h, 0, sizeof(h));
	hist_add(&h, 5);
	hist_add(&h, 1000);
	hist_copy(&mark, &h);
	hist_add(&h, 100);
	hist_add(&h, 100);
	hist_add(&h, 1000);
	hist_merge(&sum, &h, &mark);
	assert_int_equal(hist_samples(&sum), 3);
	assert_true(hist_quantile(&sum, 0.5) == 100);
	assert_int_equal(sum.count[5], 0);
	hist_add(&other, 7);
	hist_merge(&sum, &other, NULL);
	assert_int_equal(hist_samples(&sum), 4);
	assert_int_equal(sum.count[7], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_are_in_order_and_narrow),
		cmocka_unit_test(quantiles_are_those_of_the_samples),
		cmocka_unit_test(ends),
		cmocka_unit_test(merging_and_a_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
