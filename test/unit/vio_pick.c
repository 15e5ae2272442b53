/* SPDX-License-Identifier: BSD-3-Clause */

/* Draws by weight: the table's own probabilities against the weights it was made from. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pick.h"

#define MAX 65536u

static struct pick_slot slots[MAX];
static uint64_t weights[MAX], scratch[MAX];
static uint32_t stack[MAX];
static double chance[MAX];

/** Every column is drawn alike; keep of 2^32 is its own number, the rest the other's. */
static void
chances(uint32_t n)
{
	memset(chance, 0, n * sizeof(chance[0]));
	for (uint32_t i = 0; i < n; i++) {
		assert_in_range(slots[i].other, 0, n - 1);
		chance[i] += slots[i].keep / 4294967296.0 / n;
		chance[slots[i].other] += (4294967296.0 - slots[i].keep) / 4294967296.0 / n;
	}
}

static void
is_as_weighted(uint32_t n)
{
	double total = 0;

	memcpy(scratch, weights, n * sizeof(scratch[0]));
	pick_fill(slots, scratch, stack, n);
	chances(n);
	for (uint32_t i = 0; i < n; i++)
		total += (double)weights[i];
	for (uint32_t i = 0; i < n; i++)
		assert_true(fabs(chance[i] - (double)weights[i] / total) < 1e-9);
}

static void
small_tables(void **state)
{
	static const struct {
		uint32_t n;
		uint64_t w[4];
	} cases[] = {{1, {5}},
		     {1, {PICK_MAX_WEIGHT}},
		     {2, {1, 1}},
		     {2, {0, 7}},
		     {3, {7, 4, 1}},
		     {4, {1, PICK_MAX_WEIGHT, 1, 0}},
		     {4, {PICK_MAX_WEIGHT, PICK_MAX_WEIGHT, PICK_MAX_WEIGHT, PICK_MAX_WEIGHT}}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(weights, cases[i].w, sizeof(cases[i].w));
		is_as_weighted(cases[i].n);
	}
}

static void
random_tables(void **state)
{
	unsigned int seed = 7;

	for (unsigned int round = 0; round < 200; round++) {
		uint32_t n = 1 + (uint32_t)rand_r(&seed) % 500;

		for (uint32_t i = 0; i < n; i++)
			weights[i] = (uint64_t)rand_r(&seed) >> rand_r(&seed) % 31;
		weights[n / 2] = 1;
		is_as_weighted(n);
	}
}

static void
long_tails(void **state)
{
	for (uint32_t i = 0; i < MAX; i++)
		weights[i] = (uint64_t)llround(PICK_MAX_WEIGHT / pow(i + 1, 0.99));
	is_as_weighted(MAX);
	for (uint32_t i = 0; i < MAX; i++)
		weights[i] = PICK_MAX_WEIGHT;
	is_as_weighted(MAX);
}

static void
draws_reach_every_outcome_and_no_other(void **state)
{
	uint32_t seen[5] = {0};
	uint64_t random = 1;

	weights[0] = 100;
	weights[1] = 0;
	weights[2] = 1;
	weights[3] = 50;
	weights[4] = 0;
	is_as_weighted(5);
	for (unsigned int i = 0; i < 20000; i++)
		seen[pick_draw(slots, 5, pick_bits(&random))]++;
	assert_in_range(seen[0], 12900, 13600);
	assert_in_range(seen[2], 70, 200);
	assert_in_range(seen[3], 6300, 7000);
	assert_int_equal(seen[1] + seen[4], 0);
	/* The ends of what the bits can be. */
	assert_in_range(pick_draw(slots, 5, 0), 0, 4);
	assert_in_range(pick_draw(slots, 5, UINT64_MAX), 0, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_tables),
		cmocka_unit_test(random_tables),
		cmocka_unit_test(long_tails),
		cmocka_unit_test(draws_reach_every_outcome_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
