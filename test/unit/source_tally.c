/* SPDX-License-Identifier: BSD-3-Clause */

/* Sums behind figures: of made-up counts, of recorded ticks, and of a recorded PMU. */

#include <errno.h>
#include <string.h>

#include "pmu_world.h"
#include "steer_tally.h"
#include "timing_fixture.h"

#define BIT(level) (1u << STEER_CACHE_##level)

static char why[STEER_SOURCE_WHY];

static void
means_weigh_as_much_as_their_packets(void **state)
{
	struct steer_tally a = {{.unit = STEER_UNIT_LOADS,
				 .packets = 100,
				 .known = BIT(L1) | BIT(L2),
				 .per_packet = {200, 50},
				 .cycles_known = true,
				 .cycles = 1000}};
	struct steer_tally b = {{.unit = STEER_UNIT_LOADS,
				 .packets = 300,
				 .known = BIT(L1),
				 .per_packet = {1000},
				 .cycles_known = true,
				 .cycles = 9000}};
	struct steer_tally sum = {.sum.packets = 0}, none = sum;
	struct steer_figures f;

	steer_tally_add(&sum, &a);
	steer_tally_add(&sum, &none);
	assert_memory_equal(&sum, &a, sizeof(a));
	steer_tally_add(&sum, &b);
	steer_tally_figures(&sum, &f);
	assert_int_equal(f.packets, 400);
	assert_int_equal(f.known, BIT(L1)); /* b does not know L2 */
	assert_near(f.per_packet[STEER_CACHE_L1], 3.0);
	assert_near(f.per_packet[STEER_CACHE_L2], 0.0);
	assert_true(f.cycles_known);
	assert_near(f.cycles, 25.0);
	steer_tally_sub(&sum, &a);
	steer_tally_figures(&sum, &f);
	assert_int_equal(f.packets, 300);
	assert_near(f.per_packet[STEER_CACHE_L1], 10.0 / 3);
	assert_near(f.cycles, 30.0);
	steer_tally_sub(&sum, &none);
	assert_int_equal(sum.sum.packets, 300);
}

static void
nothing_has_no_figures(void **state)
{
	struct steer_tally a = {{.unit = STEER_UNIT_SAMPLES,
				 .packets = 100,
				 .touch_known = BIT(L1) | BIT(MEMORY),
				 .known = BIT(L1),
				 .cycles_known = true,
				 .first_touch = {40, 0, 0, 0, 60}}};
	struct steer_tally same = a;
	struct steer_figures f;

	steer_tally_sub(&a, &same);
	steer_tally_figures(&a, &f);
	assert_int_equal(f.packets, 0);
	assert_int_equal(f.known | f.touch_known, 0);
	assert_false(f.cycles_known);
}

/* What one thread cannot tell apart is one level in the sum, and stays one when it is taken off. */
static void
merged_levels_are_merged_in_the_sum(void **state)
{
	struct steer_tally fine = {{.unit = STEER_UNIT_SAMPLES,
				    .packets = 6400,
				    .touch_known = BIT(L1) | BIT(L2) | BIT(OTHER) | BIT(MEMORY),
				    .merged = BIT(OTHER) | BIT(LLC),
				    .first_touch = {10, 20, 30, 0, 40}}};
	struct steer_tally coarse = {{.unit = STEER_UNIT_SAMPLES,
				      .packets = 6400,
				      .touch_known = BIT(L1) | BIT(OTHER) | BIT(MEMORY),
				      .merged = BIT(L1) | BIT(L2) | BIT(OTHER) | BIT(LLC),
				      .first_touch = {50, 0, 25, 0, 25}}};
	struct steer_tally sum = fine;
	struct steer_figures f;

	steer_tally_add(&sum, &coarse);
	steer_tally_figures(&sum, &f);
	assert_int_equal(f.touch_known, BIT(L1) | BIT(OTHER) | BIT(MEMORY));
	assert_int_equal(f.merged, BIT(L1) | BIT(L2) | BIT(OTHER) | BIT(LLC));
	assert_near(f.first_touch[STEER_CACHE_L1], 80.0 / 200);
	assert_near(f.first_touch[STEER_CACHE_OTHER], 55.0 / 200);
	assert_near(f.first_touch[STEER_CACHE_MEMORY], 65.0 / 200);
	steer_tally_sub(&sum, &fine);
	steer_tally_figures(&sum, &f);
	assert_near(f.first_touch[STEER_CACHE_L1], 0.5);
	assert_near(f.first_touch[STEER_CACHE_OTHER], 0.25);
}

static struct steer_source *source;
static struct steer_source_thread *thread;

static void
timed_window(uint32_t ticks, uint32_t n)
{
	const uint64_t packets[] = {640, 0};

	source->ops->start(thread, 0);
	steer_timing_thread_of(thread)->ticks[0][ticks] += n;
	source->ops->stop(thread, 0, packets);
}

/* Each window is too small for shares; together they are not. */
static void
few_samples_add_up(void **state)
{
	struct steer_tally sum = {.sum.packets = 0}, one;
	struct steer_figures f;

	fake_machine_reset("timing/quiet.txt");
	assert_int_equal(timing_create(&fake_machine.ops, NULL, &source, why, sizeof(why)), 0);
	assert_int_equal(source->ops->thread_open(source, 2, &thread, why, sizeof(why)), 0);
	assert_int_equal(source->ops->prepare(thread, why, sizeof(why)), 0);
	for (unsigned int i = 0; i < 3; i++) {
		source->ops->reset(thread); /* with the calibration of before */
		timed_window(i == 0 ? 44 : 2000, 10);
		assert_int_equal(source->ops->read(thread, -1, &f, why, sizeof(why)), 0);
		assert_int_equal(f.touch_known, 0);
		assert_int_equal(source->ops->tally(thread, 0, &one, why, sizeof(why)), 0);
		steer_tally_add(&sum, &one);
	}
	steer_tally_figures(&sum, &f);
	assert_int_equal(f.packets, 3 * 640);
	assert_true(f.touch_known & BIT(L1));
	assert_near(f.first_touch[STEER_CACHE_L1], 1.0 / 3);
	assert_near(f.first_touch[STEER_CACHE_MEMORY], 2.0 / 3);
	assert_true(f.cycles_known);
	assert_near(f.cycles, 100.0 / 640); /* the clock moves by 100 a window */
	/* of a queue without packets: nothing; elsewhere: refused as read() does */
	assert_int_equal(source->ops->tally(thread, 1, &one, why, sizeof(why)), 0);
	assert_int_equal(one.sum.packets, 0);
	assert_int_equal(source->ops->tally(thread, 2, &one, why, sizeof(why)), -EINVAL);
	fake_machine.cpu++;
	timed_window(44, 10);
	assert_int_equal(source->ops->tally(thread, -1, &one, why, sizeof(why)), -EIO);
	source->ops->thread_close(thread);
	source->ops->destroy(source);
}

static void
windows_of_all(struct world *w, unsigned int packets)
{
	w->s->ops->reset(w->t);
	for (unsigned int i = 0; i < w->s->ops->passes(w->s); i++)
		world_window(w, i, packets);
}

/* A round that is void is left out, and the next one counts without another check. */
static void
rounds_of_a_pmu_add_up(void **state)
{
	struct steer_tally sum = {.sum.packets = 0}, one;
	struct steer_figures f;
	unsigned int warmed;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	world_round(&w, 32000);
	warmed = w.f.warmed;
	assert_int_equal(w.s->ops->tally(w.t, -1, &one, w.why, sizeof(w.why)), 0);
	steer_tally_add(&sum, &one);
	w.f.lost_permille = 500;
	windows_of_all(&w, 1000);
	assert_int_equal(w.s->ops->tally(w.t, -1, &one, w.why, sizeof(w.why)), -EIO);
	w.f.lost_permille = 0;
	windows_of_all(&w, 8000);
	assert_int_equal(w.s->ops->tally(w.t, 0, &one, w.why, sizeof(w.why)), 0);
	steer_tally_add(&sum, &one);
	assert_int_equal(w.f.warmed, warmed);
	steer_tally_figures(&sum, &f);
	assert_int_equal(f.source, STEER_SOURCE_PMU);
	assert_int_equal(f.unit, STEER_UNIT_LOADS);
	assert_int_equal(f.packets, 4 * (32000 + 8000));
	assert_near(f.per_packet[STEER_CACHE_L1], 12.0 + 1.5);
	assert_near(f.per_packet[STEER_CACHE_L2], 0.8);
	assert_near(f.per_packet[STEER_CACHE_MEMORY], 0.090 - 0.005 - 0.010);
	assert_near(f.cycles, 300.0);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means_weigh_as_much_as_their_packets),
		cmocka_unit_test(nothing_has_no_figures),
		cmocka_unit_test(merged_levels_are_merged_in_the_sum),
		cmocka_unit_test(few_samples_add_up),
		cmocka_unit_test(rounds_of_a_pmu_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
