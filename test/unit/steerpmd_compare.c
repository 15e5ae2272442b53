/* SPDX-License-Identifier: BSD-3-Clause */

/* What dpdk-steerpmd concludes: figures of merged levels, differences, the negative control. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "result.h"

#define ROUNDS 6

static const enum steering modes[] = {STEERING_OFF, STEERING_RIGHT, STEERING_WRONG};

/* A measured round: near is known or not (negative), cycles likewise. */
static void
round_fill(struct round_result *round, double near, double cycles, double mpps)
{
	struct steer_figures *f = &round->fig;

	*f = (struct steer_figures){
		.source = STEER_SOURCE_TIMING, .unit = STEER_UNIT_SAMPLES, .packets = 1000};
	if (near >= 0) {
		f->touch_known =
			1u << STEER_CACHE_L1 | 1u << STEER_CACHE_L2 | 1u << STEER_CACHE_MEMORY;
		f->first_touch[STEER_CACHE_L2] = near;
		f->first_touch[STEER_CACHE_MEMORY] = 1 - near;
	}
	f->cycles_known = cycles >= 0;
	f->cycles = cycles;
	round->mpps = mpps;
}

/* Rounds of three modes around these figures; wobble keeps them from being all alike. */
static void
make(struct result *r, const double near[3], const double cycles[3], const double mpps[3])
{
	*r = (struct result){
		.source = STEER_SOURCE_TIMING, .unit = STEER_UNIT_SAMPLES, .steered = true};
	r->opts = (struct opts){.nb_modes = 3, .rounds = ROUNDS, .seed = 1, .input_name = "x"};
	memcpy(r->opts.modes, modes, sizeof(modes));
	assert_int_equal(result_init(r, 1, 3 * ROUNDS), 0);
	for (unsigned int i = 0; i < 3 * ROUNDS; i++) {
		double wobble = 1 + 0.001 * (double)(i / 3 % 3);
		struct round_result *round = &r->rounds[r->nb_rounds++];

		round->mode = modes[i % 3];
		round->round = i / 3;
		round_fill(round, near == NULL ? -1 : near[i % 3] * wobble,
			   cycles == NULL ? -1 : cycles[i % 3] * wobble,
			   mpps == NULL ? 0 : mpps[i % 3] * wobble);
	}
}

static struct control
control_of(const double near[3], const double cycles[3], const double mpps[3])
{
	struct control c;
	struct result r;

	make(&r, near, cycles, mpps);
	control_check(&r, &c);
	result_free(&r);
	return c;
}

#define OF(...) ((const double[]){__VA_ARGS__})

static void
right_gains_and_wrong_does_not(void **state)
{
	assert_int_equal(control_of(OF(0.1, 0.9, 0.1), NULL, NULL).verdict, CONTROL_VALID);
	assert_int_equal(control_of(NULL, OF(400, 200, 390), NULL).verdict, CONTROL_VALID);
	assert_int_equal(control_of(NULL, NULL, OF(1, 2, 1)).verdict, CONTROL_VALID);
	/* wrong gains something, right gains more */
	assert_int_equal(control_of(NULL, OF(1265, 202, 368), NULL).verdict, CONTROL_VALID);
}

static void
nothing_gains(void **state)
{
	struct control c = control_of(OF(0.1, 0.1, 0.1), OF(400, 400, 400), NULL);

	assert_int_equal(c.verdict, CONTROL_VALID);
	assert_non_null(strstr(c.why, "neither right nor wrong"));
	/* sure, and too small for anyone to care */
	assert_int_equal(control_of(NULL, OF(1000, 997, 1000), NULL).verdict, CONTROL_VALID);
	/* wrong hurts: that is no gain of its */
	assert_int_equal(control_of(NULL, OF(400, 400, 500), NULL).verdict, CONTROL_VALID);
}

static void
wrong_gains_as_well(void **state)
{
	struct control c = control_of(OF(0.1, 0.9, 0.9), NULL, NULL);

	assert_int_equal(c.verdict, CONTROL_INVALID);
	assert_non_null(strstr(c.why, "what right gains over off, wrong gains as well"));
	assert_int_equal(control_of(NULL, OF(400, 200, 200), NULL).verdict, CONTROL_INVALID);
	assert_int_equal(control_of(NULL, NULL, OF(1, 2, 2)).verdict, CONTROL_INVALID);
}

static void
inverted(void **state)
{
	assert_int_equal(control_of(OF(0.1, 0.1, 0.9), NULL, NULL).verdict, CONTROL_INVALID);
	/* right loses against off, and wrong does not: still the wrong way round */
	assert_int_equal(control_of(NULL, OF(400, 500, 400), NULL).verdict, CONTROL_INVALID);
}

static void
absent(void **state)
{
	struct control c;
	struct result r;

	assert_int_equal(control_of(NULL, NULL, NULL).verdict, CONTROL_ABSENT);
	make(&r, OF(0.1, 0.9, 0.1), NULL, NULL);
	r.steered = false;
	control_check(&r, &c);
	assert_int_equal(c.verdict, CONTROL_ABSENT);
	assert_string_equal(c.why, "the device cannot be steered");
	r.steered = true;
	r.nb_rounds = 5; /* off has two rounds, right too, wrong one */
	control_check(&r, &c);
	assert_int_equal(c.verdict, CONTROL_ABSENT);
	result_free(&r);
}

static void
differences_by_hand(void **state)
{
	struct comparison all[COMPARISONS_MAX];
	struct result r;

	make(&r, NULL, OF(400, 200, 390), NULL);
	assert_int_equal(compare_modes(&r, all), 3);
	assert_int_equal(all[0].a, STEERING_RIGHT);
	assert_int_equal(all[0].b, STEERING_OFF);
	assert_int_equal(all[0].fig, FIG_CYCLES);
	/* medians of x, 1.001 x, 1.002 x, twice each */
	assert_true(all[0].iv.diff == 200 * 1.001 - 400 * 1.001);
	assert_true(all[0].iv.low <= all[0].iv.diff && all[0].iv.diff <= all[0].iv.high);
	assert_string_equal(comparison_word(&r, &all[0]), "gain");
	assert_string_equal(comparison_word(&r, &all[2]), "gain"); /* wrong - off: 2.5 % */
	result_free(&r);
}

static void
steering_may_hurt(void **state)
{
	struct comparison all[COMPARISONS_MAX];
	struct result r;

	make(&r, NULL, OF(137, 315, 137.5), NULL);
	assert_int_equal(compare_modes(&r, all), 3);
	assert_string_equal(comparison_word(&r, &all[0]), "loss"); /* right - off */
	assert_string_equal(comparison_word(&r, &all[1]), "loss"); /* right - wrong */
	assert_string_equal(comparison_word(&r, &all[2]), "");     /* 0.4 % */
	result_free(&r);
}

/* Rounds that are no repetitions make an interval that means little. */
static void
drift_takes_the_certainty(void **state)
{
	const unsigned int rounds = 12;
	struct comparison all[COMPARISONS_MAX];
	struct result r = {.source = STEER_SOURCE_TIMING, .steered = true};

	r.opts = (struct opts){.nb_modes = 2, .rounds = rounds, .seed = 1, .input_name = "x"};
	memcpy(r.opts.modes, modes, sizeof(r.opts.modes[0]) * 2);
	assert_int_equal(result_init(&r, 1, 2 * rounds), 0);
	for (; r.nb_rounds < 2 * rounds; r.nb_rounds++) {
		struct round_result *round = &r.rounds[r.nb_rounds];
		double off = 400 + 10 * (double)(r.nb_rounds / 2);

		round->mode = modes[r.nb_rounds % 2];
		round_fill(round, -1, round->mode == STEERING_OFF ? off : 200, 0);
	}
	assert_int_equal(compare_modes(&r, all), 1);
	assert_string_equal(comparison_word(&r, &all[0]), "gain? unstable");
	result_free(&r);
}

/* ---- figures ---- */

static void
near_with_merged_levels(void **state)
{
	const uint32_t l1 = 1u << STEER_CACHE_L1, l2 = 1u << STEER_CACHE_L2;
	const uint32_t other = 1u << STEER_CACHE_OTHER, llc = 1u << STEER_CACHE_LLC;
	struct steer_figures f = {.packets = 1, .first_touch = {0.5, 0.25, 0.125}};
	double v;

	f.touch_known = l1 | l2;
	assert_true(figure_of(&f, FIG_NEAR, &v) && v == 0.75);
	f.touch_known = l1;
	assert_false(figure_of(&f, FIG_NEAR, &v));
	f.merged = l1 | l2;
	assert_true(figure_of(&f, FIG_NEAR, &v) && v == 0.5);
	/* two groups: L1 and L2, other and LLC */
	f.merged = l1 | l2 | other | llc;
	f.touch_known = l1 | other;
	assert_true(figure_of(&f, FIG_NEAR, &v) && v == 0.5);
	/* one group that reaches beyond L2 */
	f.touch_known = l1;
	assert_false(figure_of(&f, FIG_NEAR, &v));
	f.merged = l2 | other;
	f.touch_known = l1 | l2;
	assert_false(figure_of(&f, FIG_NEAR, &v));
	f.packets = 0;
	f.merged = 0;
	assert_false(figure_of(&f, FIG_NEAR, &v));
}

static void
groups_of_levels(void **state)
{
	const struct steer_figures f = {.touch_known = 1u << STEER_CACHE_L1 |
						       1u << STEER_CACHE_OTHER |
						       1u << STEER_CACHE_MEMORY,
					.merged = 0xf};
	json_t *groups = merged_json(figures_joined(&f));
	char *text = json_dumps(groups, JSON_COMPACT);

	assert_string_equal(text, "[[\"l1\",\"l2\"],[\"other_core\",\"llc\"]]");
	free(text);
	json_decref(groups);
}

/* One round could tell L1 from L2, the other could not: what is compared has one form. */
static void
joined_in_one_round_is_joined_in_all(void **state)
{
	struct round_result *rounds;
	struct result r;
	double v;

	make(&r, OF(0.5, 0.5, 0.5), NULL, NULL);
	rounds = r.rounds;
	rounds[0].fig.first_touch[STEER_CACHE_L1] = 0.25;
	rounds[3].fig.touch_known = 1u << STEER_CACHE_L1 | 1u << STEER_CACHE_MEMORY;
	rounds[3].fig.merged = 1u << STEER_CACHE_L1 | 1u << STEER_CACHE_L2;
	rounds[3].fig.first_touch[STEER_CACHE_L1] = 0.75;
	rounds[3].fig.first_touch[STEER_CACHE_L2] = 0;
	result_join(&r);
	assert_true(rounds[0].fig.first_touch[STEER_CACHE_L1] == 0.75);
	assert_true(rounds[3].fig.first_touch[STEER_CACHE_L1] == 0.75);
	assert_false(figure_of(&rounds[0].fig, FIG_TOUCH + STEER_CACHE_L2, &v));
	assert_true(figure_of(&rounds[0].fig, FIG_NEAR, &v) && v == 0.75);
	assert_true(figure_of(&rounds[1].fig, FIG_NEAR, &v) && v == 0.5);
	result_free(&r);
}

/* The same among threads of one round. */
static void
parts_with_other_groups(void **state)
{
	const uint32_t l1 = 1u << STEER_CACHE_L1, l2 = 1u << STEER_CACHE_L2;
	struct steer_figures f,
		parts[2] = {
			{.packets = 100, .touch_known = l1 | l2, .first_touch = {0.25, 0.5}},
			{.packets = 100,
			 .touch_known = l1,
			 .merged = l1 | l2,
			 .first_touch = {0.25}},
		};

	figures_merge(parts, 2, &f);
	assert_int_equal(f.touch_known, l1);
	assert_int_equal(f.merged, l1 | l2);
	assert_true(f.first_touch[STEER_CACHE_L1] == 0.5);
}

static void
parts_are_weighted_by_packets(void **state)
{
	struct steer_figures f, parts[3] = {
					{.packets = 300,
					 .known = 3,
					 .touch_known = 1,
					 .per_packet = {1, 4},
					 .cycles_known = true,
					 .cycles = 100},
					{.packets = 100,
					 .known = 1,
					 .touch_known = 1,
					 .per_packet = {5, 0},
					 .cycles_known = true,
					 .cycles = 500},
					{.packets = 0},
				};

	figures_merge(parts, 3, &f);
	assert_int_equal(f.packets, 400);
	/* only what both know; a part without packets has no say */
	assert_int_equal(f.known, 1);
	assert_true(f.per_packet[0] == 2);
	assert_true(f.cycles_known && f.cycles == 200);
	figures_merge(&parts[2], 1, &f);
	assert_int_equal(f.known, 0);
	assert_false(f.cycles_known);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_gains_and_wrong_does_not),
		cmocka_unit_test(nothing_gains),
		cmocka_unit_test(wrong_gains_as_well),
		cmocka_unit_test(inverted),
		cmocka_unit_test(absent),
		cmocka_unit_test(differences_by_hand),
		cmocka_unit_test(steering_may_hurt),
		cmocka_unit_test(drift_takes_the_certainty),
		cmocka_unit_test(near_with_merged_levels),
		cmocka_unit_test(groups_of_levels),
		cmocka_unit_test(joined_in_one_round_is_joined_in_all),
		cmocka_unit_test(parts_with_other_groups),
		cmocka_unit_test(parts_are_weighted_by_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
