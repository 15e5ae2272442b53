/* SPDX-License-Identifier: BSD-3-Clause */

/* From recorded counts to figures; every expected value is calculated here by hand. */

#include <errno.h>

#include <jansson.h>

#include "pmu_world.h"

#define ALL_LEVELS ((1u << STEER_CACHE_LEVELS) - 1)
#define NO_LLC     (ALL_LEVELS & ~(1u << STEER_CACHE_LLC))
#define OTHER_LLC  (1u << STEER_CACHE_OTHER | 1u << STEER_CACHE_LLC)

static double
row(const struct world *w, const char *name)
{
	struct steer_pmu_row rows[32];
	unsigned int n = steer_pmu_rows(w->t, rows, PMU_N(rows));

	for (unsigned int i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].per_packet;
	return -1;
}

static void
intel(void **state)
{
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	assert_int_equal(w.s->ops->passes(w.s), 4);
	world_round(&w, 32000);
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_int_equal(f.source, STEER_SOURCE_PMU);
	assert_int_equal(f.unit, STEER_UNIT_LOADS);
	assert_int_equal(f.packets, 4 * 32000);
	assert_int_equal(f.known, ALL_LEVELS);
	assert_int_equal(f.touch_known, 0);
	assert_int_equal(f.merged, 0);
	assert_near(f.per_packet[STEER_CACHE_L1], 12.0 + 1.5);
	assert_near(f.per_packet[STEER_CACHE_L2], 0.8);
	assert_near(f.per_packet[STEER_CACHE_OTHER], 0.040 + 0.005 + 0.010);
	assert_near(f.per_packet[STEER_CACHE_LLC], 0.250 - 0.040);
	assert_near(f.per_packet[STEER_CACHE_MEMORY], 0.090 - 0.005 - 0.010);
	assert_true(f.cycles_known);
	assert_near(f.cycles, 300.0);
	assert_near(row(&w, "of L1: line was still on its way (fill buffer)"), 1.5);
	assert_near(row(&w, "software prefetches that L2 had"), 0.6);
	assert_near(row(&w, "software prefetches that L2 had not"), 1.4);
	assert_near(row(&w, "lines from DRAM into the core, prefetches with them"), 0.07);
	assert_int_equal(steer_pmu_rows(w.t, NULL, 0), 7);
	world_end(&w);
}

static void
amd(void **state)
{
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_ZEN4, rec_zen4);
	world_open(&w, 1);
	world_round(&w, 8000);
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_int_equal(f.known, NO_LLC);
	assert_int_equal(f.merged, OTHER_LLC);
	assert_near(f.per_packet[STEER_CACHE_L1], 16.0 - 0.5 - 0.3 - 0.2);
	assert_near(f.per_packet[STEER_CACHE_L2], 0.5 + 1.1);
	assert_near(f.per_packet[STEER_CACHE_OTHER], 0.3 + 0.7);
	assert_near(f.per_packet[STEER_CACHE_MEMORY], 0.2 + 0.05);
	assert_near(f.cycles, 250.0);
	assert_near(row(&w, "software prefetches served by DRAM or I/O"), 0.05);
	assert_near(row(&w, "of other core and LLC: another complex, by demand"), 0.12);
	world_end(&w);
}

static void
arm(void **state)
{
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_N2, rec_n2);
	world_open(&w, 1);
	world_round(&w, 5000);
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_int_equal(f.known, NO_LLC);
	assert_int_equal(f.merged, OTHER_LLC);
	assert_near(f.per_packet[STEER_CACHE_L1], 18.0 - 2.0);
	assert_near(f.per_packet[STEER_CACHE_L2], 2.0 - 0.7);
	assert_near(f.per_packet[STEER_CACHE_OTHER], 0.65 - 0.15);
	assert_near(f.per_packet[STEER_CACHE_MEMORY], 0.15);
	assert_near(f.cycles, 200.0);
	assert_near(row(&w, "L2 reads beyond refills by loads (prefetches, instructions, page "
			    "walks)"),
		    2.6 - 2.0);
	assert_near(row(&w, "accesses to another chip"), 0.03);
	world_end(&w);
}

/* Without last-level events, what is beyond L2 is one level; the first reading's self-check
 * refuses, the second passes. */
static void
arm_without_last_level(void **state)
{
	struct steer_figures f;
	char json[8192];
	struct world w;

	WORLD_BEGIN(&w, TEXT_N2, rec_n2_no_llc);
	world_open(&w, 1);
	world_round(&w, 5000);
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_int_equal(f.known,
			 1u << STEER_CACHE_L1 | 1u << STEER_CACHE_L2 | 1u << STEER_CACHE_OTHER);
	assert_int_equal(f.merged, OTHER_LLC | 1u << STEER_CACHE_MEMORY);
	assert_near(f.per_packet[STEER_CACHE_OTHER], 0.7);
	assert_true(w.s->ops->describe(w.s, json, sizeof(json)) > 0);
	assert_non_null(strstr(json, "CPUECTLR.EXTLLC"));
	world_end(&w);
}

/* Both ways of reading give the same counts; packets of all slots count. */
static void
by_read_as_by_user(void **state)
{
	const uint64_t packets[2] = {600, 400};
	struct steer_figures f[2];
	struct world w;

	for (int no_user = 0; no_user < 2; no_user++) {
		WORLD_BEGIN(&w, TEXT_ZEN4, rec_zen4);
		w.f.no_user = no_user;
		world_open(&w, 2);
		assert_int_equal(((struct pmu_source *)w.s)->user, !no_user);
		assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
		for (unsigned int i = 0; i < w.s->ops->passes(w.s); i++) {
			w.s->ops->start(w.t, i);
			fake_pmu_forward(&w.f, 1000);
			w.s->ops->stop(w.t, i, packets);
		}
		assert_int_equal(world_read(&w, -1, &f[no_user]), 0);
		world_end(&w);
	}
	assert_memory_equal(&f[0], &f[1], sizeof(f[0]));
	assert_int_equal(f[0].packets, 4 * 1000);
	assert_near(f[0].per_packet[STEER_CACHE_L2], 1.6);
}

/* The kernel writes the page while it is read: the value of a torn look is not taken. */
static void
sequence_lock(void **state)
{
	const uint64_t packets = 1000;
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
	for (unsigned int i = 0; i < 4; i++) {
		w.f.busy_seq = 7;
		w.s->ops->start(w.t, i);
		fake_pmu_forward(&w.f, 1000);
		w.f.busy_seq = 9;
		w.s->ops->stop(w.t, i, &packets);
		assert_int_equal(w.f.busy_seq, 0);
	}
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_near(f.per_packet[STEER_CACHE_L1], 13.5);
	assert_near(f.cycles, 300.0);
	world_end(&w);
}

/* What runs outside of the windows is not counted, and windows of a round add up. */
static void
windows(void **state)
{
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
	for (unsigned int i = 0; i < 4; i++) {
		fake_pmu_forward(&w.f, 77000);
		world_window(&w, i, 1000);
		fake_pmu_forward(&w.f, 55000);
		world_window(&w, i, 3000);
	}
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_int_equal(f.packets, 16000);
	assert_near(f.per_packet[STEER_CACHE_L2], 0.8);
	world_round(&w, 2000); /* a new round begins at nothing */
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_int_equal(f.packets, 8000);
	assert_near(f.per_packet[STEER_CACHE_MEMORY], 0.075);
	world_end(&w);
}

/* User space of the calling thread, on any CPU; the leader is pinned, and all is off at first. */
static void
how_events_are_opened(void **state)
{
	unsigned int leaders = 0;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	for (unsigned int i = 0; i < FAKE_FDS; i++) {
		const struct fake_event *e = &w.f.ev[i];
		bool leader = e->attr.config == 0x3c;

		if (!e->open)
			continue;
		leaders += leader;
		assert_int_equal(e->cpu, -1);
		assert_int_equal(e->enabled, 0);
		assert_int_equal(e->attr.type, PERF_TYPE_RAW);
		assert_int_equal(e->attr.exclude_kernel, 1);
		assert_int_equal(e->attr.exclude_hv, 1);
		assert_int_equal(e->attr.pinned, leader);
		assert_int_equal(e->attr.disabled, leader);
	}
	assert_int_equal(leaders, 4);
	world_end(&w);
}

static void
queue_of_its_own_or_none(void **state)
{
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	world_round(&w, 1000);
	assert_int_equal(world_read(&w, 0, &f), 0);
	assert_near(f.per_packet[STEER_CACHE_L2], 0.8);
	assert_int_equal(world_read(&w, 1, &f), -ENODATA);
	w.s->ops->thread_close(w.t);
	assert_int_equal(w.s->ops->thread_open(w.s, 3, &w.t, w.why, sizeof(w.why)), 0);
	world_round(&w, 1000);
	assert_int_equal(world_read(&w, 0, &f), -ENODATA);
	assert_non_null(strstr(w.why, "polls 3 queues"));
	assert_int_equal(world_read(&w, -1, &f), 0);
	world_end(&w);
}

static const char *
text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	assert_non_null(s);
	return s;
}

static void
describes(void **state)
{
	char json[8192];
	struct world w;
	json_t *o;
	int n;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	assert_int_equal(world_create(&w), 0);
	n = w.s->ops->describe(w.s, json, sizeof(json));
	assert_int_equal(n, strlen(json));
	o = json_loads(json, 0, NULL);
	assert_non_null(o);
	assert_string_equal(text(o, "table"), "spr");
	assert_string_equal(text(o, "unit"), "loads");
	assert_string_equal(text(o, "read_by"), "rdpmc");
	assert_int_equal(json_array_size(json_object_get(o, "passes")), 4);
	assert_string_equal(text(json_object_get(o, "levels"), "llc"),
			    "MEM_LOAD_RETIRED.L3_HIT - MEM_LOAD_L3_HIT_RETIRED.XSNP_FWD");
	assert_non_null(json_object_get(json_object_get(o, "self_check"), "memory_loop"));
	json_decref(o);
	assert_int_equal(w.s->ops->describe(w.s, json, (size_t)n), -ENOSPC);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intel),
		cmocka_unit_test(amd),
		cmocka_unit_test(arm),
		cmocka_unit_test(arm_without_last_level),
		cmocka_unit_test(by_read_as_by_user),
		cmocka_unit_test(sequence_lock),
		cmocka_unit_test(windows),
		cmocka_unit_test(how_events_are_opened),
		cmocka_unit_test(queue_of_its_own_or_none),
		cmocka_unit_test(describes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
