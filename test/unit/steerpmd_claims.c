/* SPDX-License-Identifier: BSD-3-Clause */

/* Figures held against what was witnessed, and what a user sees of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "result.h"

#define ROUNDS  3
#define PACKETS 10000

static const enum steering modes[] = {STEERING_OFF, STEERING_RIGHT};

/* What a mode has: shares of first touches, and two counts per packet. */
struct mode_figures {
	double near, memory, first, second;
};

static void
touch(struct steer_figures *f, const struct mode_figures *m)
{
	*f = (struct steer_figures){.source = STEER_SOURCE_TIMING,
				    .unit = STEER_UNIT_SAMPLES,
				    .packets = PACKETS,
				    .touch_known = (1u << STEER_CACHE_LEVELS) - 1};
	f->first_touch[STEER_CACHE_L2] = m->near;
	f->first_touch[STEER_CACHE_MEMORY] = m->memory;
	f->first_touch[STEER_CACHE_LLC] = 1 - m->near - m->memory;
}

/* Counts of a and b; nothing was witnessed where first is below 0. */
static void
make(struct result *r, enum steer_pmu_witness_kind a, enum steer_pmu_witness_kind b,
     const struct mode_figures m[2])
{
	*r = (struct result){
		.source = STEER_SOURCE_TIMING, .unit = STEER_UNIT_SAMPLES, .steered = true};
	r->opts = (struct opts){.nb_modes = 2, .rounds = ROUNDS, .seed = 1, .input_name = "x"};
	memcpy(r->opts.modes, modes, sizeof(modes));
	r->complete = true;
	assert_int_equal(result_init(r, 1, 2 * ROUNDS), 0);
	for (unsigned int i = 0; i < 2 * ROUNDS; i++) {
		struct round_result *round = &r->rounds[r->nb_rounds++];
		const struct mode_figures *f = &m[i % 2];

		round->mode = modes[i % 2];
		round->round = i / 2;
		touch(&round->fig, f);
		if (f->first < 0)
			continue;
		round->witness.packets = PACKETS;
		round->witness.sys.known = 1u << a | 1u << b;
		round->witness.sys.count[a] = (uint64_t)(f->first * PACKETS);
		round->witness.sys.count[b] = (uint64_t)(f->second * PACKETS);
	}
}

static const struct row {
	enum steer_pmu_witness_kind a, b;
	struct mode_figures m[2]; /* off, right */
	enum witness_state want;
	const char *why; /* part of it */
} rows[] = {
	/* two lines a packet, one of them in memory when it is touched: half went to DRAM */
	{STEER_PMU_IO_WRITES,
	 STEER_PMU_DRAM_WRITES,
	 {{0, 1, 2, 1}, {1, 0, 2, 0.01}},
	 WITNESS_AGREES,
	 "right: "},
	/* a header in memory and completions in a cache do not contradict each other */
	{STEER_PMU_IO_WRITES,
	 STEER_PMU_DRAM_WRITES,
	 {{0, 1, 4, 0.9}, {0.5, 0.5, 4, 0.5}},
	 WITNESS_AGREES,
	 "right: "},
	/* all headers came from memory, and nothing ever went there */
	{STEER_PMU_IO_WRITES,
	 STEER_PMU_DRAM_WRITES,
	 {{0, 1, 2, 0.02}, {1, 0, 2, 0.02}},
	 WITNESS_CONTRADICTS,
	 "off: devices wrote"},
	/* others write to DRAM as well: no bound from above */
	{STEER_PMU_IO_WRITES,
	 STEER_PMU_DRAM_WRITES,
	 {{1, 0, 2, 9}, {1, 0, 2, 9}},
	 WITNESS_CANNOT_TELL,
	 "right: "},
	{STEER_PMU_STASH_SENT,
	 STEER_PMU_STASH_PULLED,
	 {{0.1, 0.9, 0, 0}, {0.9, 0.1, 2, 1.8}},
	 WITNESS_AGREES,
	 "right: of "},
	/* more lines came into L2 than cores have taken */
	{STEER_PMU_STASH_SENT,
	 STEER_PMU_STASH_PULLED,
	 {{0.1, 0.9, 0, 0}, {0.9, 0.1, 1, 0.3}},
	 WITNESS_CONTRADICTS,
	 "right: of "},
	/* what is near without tags is not their doing */
	{STEER_PMU_STASH_SENT,
	 STEER_PMU_STASH_PULLED,
	 {{0.9, 0.1, 0, 0}, {0.9, 0.1, 1, 0.3}},
	 WITNESS_AGREES,
	 "right: of "},
	/* where a line was before it was written */
	{STEER_PMU_WRITE_HIT,
	 STEER_PMU_WRITE_MISS,
	 {{0, 1, 0.9, 0.1}, {1, 0, 0.1, 0.9}},
	 WITNESS_CANNOT_TELL,
	 "claim nothing"},
	{STEER_PMU_IO_WRITES,
	 STEER_PMU_DRAM_WRITES,
	 {{0, 1, -1, 0}, {1, 0, -1, 0}},
	 WITNESS_ABSENT,
	 "nothing was counted"},
	/* a mode without tags claims no stashes */
	{STEER_PMU_STASH_SENT,
	 STEER_PMU_STASH_PULLED,
	 {{0.1, 0.9, 2, 1.8}, {0.9, 0.1, -1, 0}},
	 WITNESS_CANNOT_TELL,
	 "claim nothing"},
};

static void
verdicts(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct witness_verdict v;
		struct result r;

		make(&r, rows[i].a, rows[i].b, rows[i].m);
		witness_check(&r, &v);
		if (v.state != rows[i].want || strstr(v.why, rows[i].why) == NULL)
			fail_msg("row %zu: %s: %s", i, witness_state_name(v.state), v.why);
		result_free(&r);
	}
}

static void
what_is_not_known_claims_nothing(void **state)
{
	struct witness_verdict v;
	struct result r;

	make(&r, rows[2].a, rows[2].b, rows[2].m); /* contradicted */
	for (unsigned int i = 0; i < r.nb_rounds; i++)
		r.rounds[i].fig.touch_known &= ~(1u << STEER_CACHE_MEMORY);
	witness_check(&r, &v);
	assert_int_equal(v.state, WITNESS_CANNOT_TELL);
	result_free(&r);
	make(&r, rows[5].a, rows[5].b, rows[5].m); /* contradicted */
	r.steered = false;
	witness_check(&r, &v);
	assert_int_equal(v.state, WITNESS_CANNOT_TELL);
	result_free(&r);
}

/* Rounds that were not counted are left out of the sums, not taken for zero. */
static void
holes_are_left_out(void **state)
{
	struct witness_verdict v;
	struct summary s;
	struct result r;

	make(&r, rows[0].a, rows[0].b, rows[0].m);
	r.rounds[0].witness = (struct witness_figures){.packets = 0};
	witness_check(&r, &v);
	assert_int_equal(v.state, WITNESS_AGREES);
	assert_int_equal(summarize(&r, STEERING_OFF, -1, &s), 0);
	assert_int_equal(s.fig[FIG_WITNESS + STEER_PMU_IO_WRITES].n, ROUNDS - 1);
	assert_true(s.fig[FIG_WITNESS + STEER_PMU_IO_WRITES].median == 2);
	result_free(&r);
}

static void
why_there_is_none(void **state)
{
	struct witness_verdict v;
	struct result r;

	make(&r, rows[8].a, rows[8].b, rows[8].m);
	strcpy(r.witness_why, "no witness: not permitted");
	witness_check(&r, &v);
	assert_int_equal(v.state, WITNESS_ABSENT);
	assert_string_equal(v.why, "no witness: not permitted");
	r.source = STEER_SOURCE_MODEL;
	witness_check(&r, &v);
	assert_string_equal(v.why, "a model has none");
	result_free(&r);
}

static void
json_has_counts_and_verdict(void **state)
{
	json_t *o, *round, *off, *w;
	struct result r;

	make(&r, rows[2].a, rows[2].b, rows[2].m);
	r.rounds[1].witness = (struct witness_figures){.packets = 0};
	o = result_json(&r);
	round = json_array_get(json_object_get(o, "rounds"), 0);
	w = json_object_get(round, "witness");
	assert_true(json_real_value(json_object_get(w, "io_writes")) == 2);
	assert_true(json_is_null(json_object_get(w, "write_hit")));
	round = json_array_get(json_object_get(o, "rounds"), 1);
	assert_true(json_is_null(json_object_get(round, "witness")));
	off = json_object_get(json_object_get(o, "summary"), "off");
	w = json_object_get(off, "witness");
	assert_true(json_real_value(json_object_get(w, "dram_writes")) == 0.02);
	w = json_object_get(o, "witness");
	assert_string_equal(json_string_value(json_object_get(w, "verdict")), "contradicts");
	assert_string_equal(json_string_value(json_object_get(w, "label")), WITNESS_LABEL);
	json_decref(o);
	result_free(&r);
}

static char *
table_of(const struct result *r)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(table_print(r, f), 0);
	fclose(f);
	return text;
}

#define SEEN(r, part)                                                                              \
	do {                                                                                       \
		char *seen = table_of(r);                                                          \
		if (strstr(seen, part) == NULL)                                                    \
			fail_msg("no '%s' in:%s", part, seen);                                     \
		free(seen);                                                                        \
	} while (0)

static void
table_says_it(void **state)
{
	struct result r;
	char *text;

	make(&r, rows[2].a, rows[2].b, rows[2].m);
	SEEN(&r, "off      system-wide: 2.00 lines written by devices, 0.02 lines written to DRAM "
		 "per packet (counted by the system's PMUs, all devices)\n");
	SEEN(&r, "  CONTRADICTED BY THE WITNESS: off: devices wrote");
	result_free(&r);
	make(&r, rows[4].a, rows[4].b, rows[4].m);
	SEEN(&r, "right    system-wide: 90.0 % of stashes taken, 2.00 sent, 1.80 taken per packet");
	SEEN(&r, "  witness agrees: right: of ");
	result_free(&r);
	make(&r, rows[7].a, rows[7].b, rows[7].m);
	SEEN(&r,
	     "off      system-wide: 90.0 % of device writes hit a cache, 0.90 hits, 0.10 misses "
	     "per packet");
	SEEN(&r, "  witness cannot tell: ");
	result_free(&r);
	make(&r, rows[8].a, rows[8].b, rows[8].m);
	text = table_of(&r);
	assert_null(strstr(text, "itness"));
	assert_null(strstr(text, "system-wide"));
	free(text);
	result_free(&r);
}

static void
sources_describe_themselves_in_short(void **state)
{
	struct result r;

	make(&r, rows[8].a, rows[8].b, rows[8].m);
	r.detail = json_pack("{s:f, s:[{s:{s:{s:f, s:f}}}, {s:n}, {s:{s:{s:f, s:f}}}]}",
			     "recall_needed", 0.95, "threads", "last", "recall", "l1", 0.99,
			     "memory", 1.0, "last", "last", "recall", "l1", 0.961, "memory", 1.0);
	SEEN(&r, "  known lines told rightly: L1 96.1 %, memory 100.0 % (worst thread, last "
		 "calibration; below 95 % levels are merged)\n");
	json_decref(r.detail);
	r.source = STEER_SOURCE_PMU;
	r.detail = json_pack("{s:{s:s, s:n}, s:s}", "levels", "l2", "MEM_LOAD_RETIRED.L2_HIT",
			     "llc", "merged_why", "this and that are one event");
	SEEN(&r, "  l2         = MEM_LOAD_RETIRED.L2_HIT\n  this and that are one event\n");
	result_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(what_is_not_known_claims_nothing),
		cmocka_unit_test(holes_are_left_out),
		cmocka_unit_test(why_there_is_none),
		cmocka_unit_test(json_has_counts_and_verdict),
		cmocka_unit_test(table_says_it),
		cmocka_unit_test(sources_describe_themselves_in_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
