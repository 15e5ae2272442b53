/* SPDX-License-Identifier: BSD-3-Clause */

/* What is learned from ticks: cuts, the confusion matrix, and what has to be merged. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "timing_fixture.h"

static struct timing_samples samples;
static struct timing_calibration cal;
static char why[STEER_SOURCE_WHY];

static int
learn(void)
{
	why[0] = '\0';
	return timing_learn(&samples, &cal, why, sizeof(why));
}

static void
groups_are(unsigned int l1, unsigned int l2, unsigned int between, unsigned int far)
{
	const uint8_t groups[TIMING_CLASSES] = {l1, l2, between, far};

	assert_memory_equal(cal.group, groups, sizeof(groups));
}

static void
recalls_suffice(void)
{
	for (unsigned int st = 0; st < TIMING_STATES; st++)
		assert_true(cal.recall[st] >= TIMING_RECALL && cal.recall[st] <= 1);
}

static void
recorded_quiet(void **state)
{
	fake_machine_reset("timing/quiet.txt");
	fake_machine_samples(&samples);
	assert_int_equal(learn(), 0);
	assert_true(cal.valid);
	groups_are(0, 1, 2, 3);
	recalls_suffice();
	assert_true(cal.median[TIMING_L1] < cal.cut[CLASS_L1]);
	assert_true(cal.cut[CLASS_L1] <= cal.median[TIMING_L2]);
	assert_true(cal.median[TIMING_L2] < cal.cut[CLASS_L2]);
	assert_true(cal.cut[CLASS_L2] < cal.cut[CLASS_BETWEEN]);
	assert_true(cal.cut[CLASS_BETWEEN] < cal.median[TIMING_FAR]);
}

/* Every test load is told as something, and as what its ticks say. */
static void
confusion_has_all_test_loads(void **state)
{
	unsigned int loads = 0;

	fake_machine_reset("timing/busy.txt");
	fake_machine_samples(&samples);
	assert_int_equal(learn(), 0);
	for (unsigned int st = 0; st < TIMING_STATES; st++)
		for (unsigned int c = 0; c < TIMING_CLASSES; c++)
			loads += cal.told[st][c];
	for (unsigned int st = 0; st < TIMING_STATES; st++)
		loads -= fake_machine.n[st] / 2;
	assert_int_equal((int)loads + (int)cal.interrupted, 0);
}

/* The other half of the core at work: L1 and L2 overlap, what is beyond stays apart. */
static void
recorded_busy_merges_l1_and_l2(void **state)
{
	fake_machine_reset("timing/busy.txt");
	fake_machine_samples(&samples);
	assert_int_equal(learn(), 0);
	groups_are(0, 0, 2, 3);
	recalls_suffice();
}

/* Loads that were interrupted count among those of L2: it is not told from what is beyond. */
static void
recorded_crowd_leaves_memory(void **state)
{
	fake_machine_reset("timing/crowded.txt");
	fake_machine_samples(&samples);
	assert_int_equal(learn(), 0);
	groups_are(0, 0, 0, 3);
	recalls_suffice();
}

static void
coarse_ticks_merge_l1_and_l2(void **state)
{
	fake_machine_reset("timing/quiet.txt");
	fake_machine_coarsen(32);
	fake_machine_samples(&samples);
	assert_int_equal(learn(), 0);
	groups_are(0, 0, 2, 3);
	recalls_suffice();
}

static void
put(enum timing_state st, uint32_t ticks, uint32_t n)
{
	samples.train[st].ticks[ticks] += n;
	samples.test[st].ticks[ticks] += n;
}

static void
put_plain(void)
{
	memset(&samples, 0, sizeof(samples));
	put(TIMING_L1, 40, 1000);
	put(TIMING_L2, 50, 1000);
	put(TIMING_OUT, 100, 500);
	put(TIMING_OUT, 300, 500);
	put(TIMING_FAR, 300, 1000);
}

static void
cuts_of_plain_samples(void **state)
{
	put_plain();
	assert_int_equal(learn(), 0);
	/* Any cut of 41..50 leaves none on the wrong side, and of 51..100; all memory is at 300. */
	assert_int_equal(cal.cut[CLASS_L1], 45);
	assert_int_equal(cal.cut[CLASS_L2], 75);
	assert_int_equal(cal.cut[CLASS_BETWEEN], 300);
	groups_are(0, 1, 2, 3);
	assert_int_equal(timing_class_of(&cal, 0), CLASS_L1);
	assert_int_equal(timing_class_of(&cal, 44), CLASS_L1);
	assert_int_equal(timing_class_of(&cal, 45), CLASS_L2);
	assert_int_equal(timing_class_of(&cal, 74), CLASS_L2);
	assert_int_equal(timing_class_of(&cal, 75), CLASS_BETWEEN);
	assert_int_equal(timing_class_of(&cal, 299), CLASS_BETWEEN);
	assert_int_equal(timing_class_of(&cal, 300), CLASS_FAR);
	assert_int_equal(timing_class_of(&cal, 4000), CLASS_FAR);
}

static void
interrupted_loads_count_for_nothing(void **state)
{
	put_plain();
	put(TIMING_L1, TIMING_LAST, 5000);
	assert_int_equal(learn(), 0);
	groups_are(0, 1, 2, 3);
	assert_int_equal(cal.interrupted, 5000);
	assert_float_equal(cal.recall[TIMING_L1], 1, 0);
}

static void
flush_without_effect_is_refused(void **state)
{
	put_plain();
	memset(samples.train[TIMING_FAR].ticks, 0, sizeof(samples.train[0].ticks));
	put(TIMING_FAR, 50, 1000);
	assert_int_equal(learn(), -EAGAIN);
	assert_false(cal.valid);
	assert_string_equal(why, "memory is not slower than the caches: medians of L1, L2 and "
				 "memory 40, 50, 50 ticks");
}

/* The medians differ, the loads hardly do. */
static void
overlap_of_all_is_refused(void **state)
{
	memset(&samples, 0, sizeof(samples));
	for (uint32_t st = 0; st < TIMING_STATES; st++)
		for (uint32_t t = 40; t < 400; t++)
			put((enum timing_state)st, t + st, 3);
	assert_int_equal(learn(), -EAGAIN);
	assert_false(cal.valid);
	assert_non_null(strstr(why, "no two levels can be told apart"));
}

static void
quantiles(void **state)
{
	static struct timing_histogram h;

	h.ticks[10] = 90;
	h.ticks[20] = 10;
	h.ticks[TIMING_LAST] = 1000000;
	assert_int_equal(timing_quantile(&h, 0.01), 10);
	assert_int_equal(timing_quantile(&h, 0.89), 10);
	assert_int_equal(timing_quantile(&h, 0.90), 20);
	assert_int_equal(timing_quantile(&h, 0.99), 20);
	memset(&h, 0, sizeof(h));
	assert_int_equal(timing_quantile(&h, 0.5), TIMING_LAST);
}

struct merge_case {
	uint32_t told[TIMING_STATES][TIMING_CLASSES];
	uint8_t group[TIMING_CLASSES];
	unsigned int groups;
};

static const struct merge_case merge_cases[] = {
	/* 95 of 100 suffice */
	{{{95, 5, 0, 0}, {5, 95, 0, 0}, {0, 5, 60, 35}, {0, 0, 5, 95}}, {0, 1, 2, 3}, 4},
	/* 94 do not; the neighbour is the one that took them */
	{{{94, 6, 0, 0}, {0, 100, 0, 0}, {0, 0, 50, 50}, {0, 0, 0, 100}}, {0, 0, 2, 3}, 3},
	{{{100, 0, 0, 0}, {4, 90, 6, 0}, {0, 0, 50, 50}, {0, 0, 0, 100}}, {0, 1, 1, 3}, 3},
	{{{100, 0, 0, 0}, {6, 90, 4, 0}, {0, 0, 50, 50}, {0, 0, 0, 100}}, {0, 0, 2, 3}, 3},
	/* what is out of L2 may be in memory for all that is known, but not in L2 */
	{{{100, 0, 0, 0}, {0, 100, 0, 0}, {0, 0, 0, 100}, {0, 0, 0, 100}}, {0, 1, 2, 3}, 4},
	{{{100, 0, 0, 0}, {0, 100, 0, 0}, {0, 10, 45, 45}, {0, 0, 0, 100}}, {0, 1, 1, 3}, 3},
	/* memory that looks like the LLC */
	{{{100, 0, 0, 0}, {0, 100, 0, 0}, {0, 0, 50, 50}, {0, 0, 30, 70}}, {0, 1, 2, 2}, 3},
	/* one step leads to the next */
	{{{50, 50, 0, 0}, {50, 40, 10, 0}, {0, 0, 50, 50}, {0, 0, 0, 100}}, {0, 0, 0, 3}, 2},
	{{{50, 50, 0, 0}, {0, 100, 0, 0}, {0, 0, 50, 50}, {0, 0, 50, 50}}, {0, 0, 2, 2}, 2},
	/* L1 that looks like memory: nothing between can stay apart either */
	{{{50, 0, 0, 50}, {0, 100, 0, 0}, {0, 0, 50, 50}, {0, 0, 0, 100}}, {0, 0, 0, 0}, 1},
	/* a state without loads is not known to be told right */
	{{{100, 0, 0, 0}, {0, 100, 0, 0}, {0, 0, 50, 50}, {0, 0, 0, 0}}, {0, 0, 0, 0}, 1},
};

static void
merges(void **state)
{
	for (size_t i = 0; i < sizeof(merge_cases) / sizeof(merge_cases[0]); i++) {
		const struct merge_case *m = &merge_cases[i];

		memset(&cal, 0, sizeof(cal));
		memcpy(cal.told, m->told, sizeof(cal.told));
		assert_int_equal(timing_merge(&cal), m->groups);
		groups_are(m->group[0], m->group[1], m->group[2], m->group[3]);
		if (m->groups > 1)
			recalls_suffice();
	}
}

/* Whatever the matrix: groups are neighbours, numbered by their first, and good enough or one. */
static void
merges_of_any_matrix(void **state)
{
	unsigned int seed = 1, n;

	for (unsigned int round = 0; round < 20000; round++) {
		memset(&cal, 0, sizeof(cal));
		for (unsigned int st = 0; st < TIMING_STATES; st++)
			for (unsigned int c = 0; c < TIMING_CLASSES; c++)
				cal.told[st][c] =
					(uint32_t)(rand_r(&seed) % 4 == 0 ? rand_r(&seed) % 100
						   : st == c              ? 300
									  : 0);
		n = timing_merge(&cal);
		assert_int_equal(cal.group[0], 0);
		for (unsigned int c = 1; c < TIMING_CLASSES; c++)
			assert_true(cal.group[c] == c || cal.group[c] == cal.group[c - 1]);
		if (n > 1)
			recalls_suffice();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_quiet),
		cmocka_unit_test(confusion_has_all_test_loads),
		cmocka_unit_test(recorded_busy_merges_l1_and_l2),
		cmocka_unit_test(recorded_crowd_leaves_memory),
		cmocka_unit_test(coarse_ticks_merge_l1_and_l2),
		cmocka_unit_test(cuts_of_plain_samples),
		cmocka_unit_test(interrupted_loads_count_for_nothing),
		cmocka_unit_test(flush_without_effect_is_refused),
		cmocka_unit_test(overlap_of_all_is_refused),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(merges),
		cmocka_unit_test(merges_of_any_matrix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
