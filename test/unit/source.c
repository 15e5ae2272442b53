/* SPDX-License-Identifier: BSD-3-Clause */

/* Names of sources, and figures of rounds in which different levels were merged. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "steer_source.h"

#define BIT(level) (1u << STEER_CACHE_##level)
#define ALL        ((1u << STEER_CACHE_LEVELS) - 1)

static void
names(void **state)
{
	for (int i = 0; i < STEER_SOURCE_IDS; i++)
		assert_int_equal(steer_source_parse(steer_source_name(i)), i);
	assert_int_equal(steer_source_parse("perf"), -EINVAL);
	assert_string_equal(steer_source_label(STEER_SOURCE_MODEL), "modelled");
	assert_string_equal(steer_source_label(STEER_SOURCE_TIMING), "measured by timing probe");
	assert_string_equal(steer_source_unit_name(STEER_UNIT_SAMPLES), "samples");
}

static void
shares_are(const struct steer_figures *f, const double share[STEER_CACHE_LEVELS])
{
	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		assert_float_equal(f->first_touch[l], share[l], 1e-12);
}

static void
coarsest_grouping_holds_for_all(void **state)
{
	struct steer_figures f[] = {
		{.touch_known = BIT(L1) | BIT(L2) | BIT(OTHER) | BIT(MEMORY),
		 .merged = BIT(OTHER) | BIT(LLC),
		 .first_touch = {0.1, 0.2, 0.3, 0, 0.4}},
		{.touch_known = BIT(L1) | BIT(OTHER) | BIT(MEMORY),
		 .merged = BIT(L1) | BIT(L2) | BIT(OTHER) | BIT(LLC),
		 .first_touch = {0.5, 0, 0.25, 0, 0.25}},
		{.touch_known = BIT(L1) | BIT(L2) | BIT(OTHER),
		 .merged = BIT(OTHER) | BIT(LLC) | BIT(MEMORY),
		 .first_touch = {0.1, 0.2, 0.7}},
	};

	steer_figures_align(f, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(f[i].touch_known, BIT(L1) | BIT(OTHER));
		assert_int_equal(f[i].merged, ALL);
	}
	shares_are(&f[0], (const double[]){0.3, 0, 0.7, 0, 0});
	shares_are(&f[1], (const double[]){0.5, 0, 0.5, 0, 0});
	shares_are(&f[2], (const double[]){0.3, 0, 0.7, 0, 0});
}

static void
chains_end_in_the_nearest(void **state)
{
	struct steer_figures f[] = {
		{.touch_known = ALL, .first_touch = {0.1, 0.2, 0.3, 0.3, 0.1}},
		{.touch_known = BIT(L1) | BIT(OTHER) | BIT(LLC) | BIT(MEMORY),
		 .merged = BIT(L1) | BIT(L2),
		 .first_touch = {0.3, 0, 0.3, 0.3, 0.1}},
		{.touch_known = BIT(L1) | BIT(L2) | BIT(LLC) | BIT(MEMORY),
		 .merged = BIT(L2) | BIT(OTHER),
		 .first_touch = {0.1, 0.5, 0, 0.3, 0.1}},
	};

	steer_figures_align(f, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(f[i].touch_known, BIT(L1) | BIT(LLC) | BIT(MEMORY));
		assert_int_equal(f[i].merged, BIT(L1) | BIT(L2) | BIT(OTHER));
		shares_are(&f[i], (const double[]){0.6, 0, 0, 0.3, 0.1});
	}
}

static void
nothing_merged_stays(void **state)
{
	struct steer_figures f[2] = {
		{.touch_known = ALL,
		 .known = ALL,
		 .first_touch = {0.1, 0.2, 0.3, 0.3, 0.1},
		 .per_packet = {1, 2, 3, 4, 5}},
		/* levels that a source does not know at all are no group */
		{.known = BIT(L1) | BIT(MEMORY), .per_packet = {7, 0, 0, 0, 8}}};
	struct steer_figures before[2];

	memcpy(before, f, sizeof(f));
	steer_figures_align(f, 2);
	assert_memory_equal(f, before, sizeof(f));
	steer_figures_align(f, 0);
}

static void
figures_per_packet_are_aligned_too(void **state)
{
	struct steer_figures f[2] = {{.known = ALL, .per_packet = {1, 2, 3, 4, 5}},
				     {.known = BIT(L1) | BIT(L2) | BIT(OTHER) | BIT(MEMORY),
				      .merged = BIT(OTHER) | BIT(LLC),
				      .per_packet = {1, 2, 9, 0, 5}}};

	steer_figures_align(f, 2);
	assert_int_equal(f[0].known, f[1].known);
	assert_int_equal(f[0].merged, BIT(OTHER) | BIT(LLC));
	assert_float_equal(f[0].per_packet[STEER_CACHE_OTHER], 7, 0);
	assert_float_equal(f[0].per_packet[STEER_CACHE_LLC], 0, 0);
	assert_float_equal(f[1].per_packet[STEER_CACHE_OTHER], 9, 0);
}

/* A round with too few samples says what is merged, but has no shares to move. */
static void
rounds_without_shares_do_not_count(void **state)
{
	struct steer_figures f[2] = {{.touch_known = ALL, .first_touch = {0.1, 0.2, 0.3, 0.3, 0.1}},
				     {.merged = ALL}};

	steer_figures_align(f, 2);
	assert_int_equal(f[0].touch_known, ALL);
	assert_int_equal(f[0].merged, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(coarsest_grouping_holds_for_all),
		cmocka_unit_test(chains_end_in_the_nearest),
		cmocka_unit_test(nothing_merged_stays),
		cmocka_unit_test(figures_per_packet_are_aligned_too),
		cmocka_unit_test(rounds_without_shares_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
