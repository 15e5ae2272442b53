/* SPDX-License-Identifier: BSD-3-Clause */

/* Windows of the system-wide witnesses on made-up machines. */

#include <errno.h>
#include <stdio.h>

#include "pmu_files.h"
#include "pmu_world.h"
#include "witness.h"

/* Per 1,000 packets: 2,000 lines by devices, 100 to DRAM. */
static const struct fake_count rec_zen5[] = {
	{UINT64_C(0x8) << 32 | 0x1f | 0xff00 | 0xf000000, 0, 0, 0, 1500},
	{UINT64_C(0x9) << 32 | 0xdf | 0xff00 | 0xf000000, 0, 0, 0, 500},
	{0x20a, 0, 0, 0, 100},
};

static uint64_t forwarded;

static uint64_t
packets(void *arg)
{
	*(unsigned int *)arg += 1;
	return forwarded;
}

/* So many pass while the counters are switched on, or each time that somebody looks. */
static uint64_t
packets_that_pass(void *arg)
{
	forwarded += *(unsigned int *)arg;
	return forwarded;
}

static void
forward(struct world *w, unsigned int n)
{
	fake_pmu_forward(&w->f, n);
	forwarded += n;
}

static void
describe(struct world *w, const char *pmu, const char *file, const char *text)
{
	char path[PMU_PATH_MAX];

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/%s", pmu, file);
	fake_tree_file(w->root, path, text);
}

static void
zen5(struct world *w)
{
	WORLD_BEGIN(w, TEXT_ZEN5, rec_zen5);
	describe(w, "amd_df", "type", "12\n");
	describe(w, "amd_df", "cpumask", "0\n");
	describe(w, "amd_df", "format/event", "config:0-7,32-37\n");
	describe(w, "amd_df", "format/umask", "config:8-15,24-27\n");
	describe(w, "amd_umc_0", "type", "13\n");
	describe(w, "amd_umc_0", "cpumask", "0\n");
	describe(w, "amd_umc_0", "format/event", "config:0-7\n");
	describe(w, "amd_umc_0", "format/rdwrmask", "config:8-9\n");
}

/* A window of so many packets. */
static void
window(struct witness *wit, struct world *w, unsigned int n)
{
	unsigned int asked = 0;

	witness_start(wit, packets, &asked);
	assert_true(asked == 2 || wit->failed);
	forward(w, n);
	witness_stop(wit, forwarded);
	forward(w, 1000); /* between windows: not counted */
}

static void
windows_of_a_round_add_up(void **state)
{
	struct witness_figures f;
	struct witness wit;
	struct world w;
	double v;

	zen5(&w);
	witness_open(&wit, &w.conf);
	assert_string_equal(wit.why, "");
	witness_round(&wit);
	window(&wit, &w, 2000);
	window(&wit, &w, 3000);
	witness_take(&wit, &f);
	assert_int_equal(f.packets, 5000);
	assert_int_equal(f.sys.count[STEER_PMU_IO_WRITES], 10000);
	assert_true(witness_figure(&f, STEER_PMU_IO_WRITES, &v));
	assert_near(v, 2.0);
	assert_true(witness_figure(&f, STEER_PMU_DRAM_WRITES, &v));
	assert_near(v, 0.1);
	assert_false(witness_figure(&f, STEER_PMU_WRITE_HIT, &v));
	assert_false(witness_figure(&f, WITNESS_HITS, &v));
	assert_false(witness_figure(&f, WITNESS_TAKEN, &v));
	witness_round(&wit); /* what was before is forgotten */
	window(&wit, &w, 1000);
	witness_take(&wit, &f);
	assert_int_equal(f.packets, 1000);
	assert_int_equal(f.sys.count[STEER_PMU_DRAM_WRITES], 100);
	witness_close(&wit);
	world_end(&w);
}

static void
packets_that_pass_meanwhile_are_halved(void **state)
{
	unsigned int passing = 100;
	struct witness_figures f;
	struct witness wit;
	struct world w;

	zen5(&w);
	forwarded = 0;
	witness_open(&wit, &w.conf);
	witness_round(&wit);
	witness_start(&wit, packets_that_pass, &passing); /* from 100 to 200 */
	witness_stop(&wit, 1150);
	witness_stop(&wit, 9999); /* has ended already */
	witness_take(&wit, &f);
	assert_int_equal(f.packets, 1000);
	witness_close(&wit);
	world_end(&w);
}

static void
nobody_there_is_no_error(void **state)
{
	struct witness_figures f;
	struct witness wit;
	struct world w;
	double v;

	WORLD_BEGIN(&w, TEXT_ZEN5, rec_zen5);
	witness_open(&wit, &w.conf);
	assert_non_null(strstr(wit.why, "has no amd_df"));
	witness_round(&wit);
	witness_start(&wit, packets, &(unsigned int){0});
	witness_stop(&wit, forwarded + 1000);
	witness_take(&wit, &f);
	assert_int_equal(f.packets, 0);
	assert_false(witness_figure(&f, STEER_PMU_IO_WRITES, &v));
	assert_null(witness_events(&wit));
	witness_close(&wit);
	world_end(&w);
}

static void
not_permitted_says_what_to_do(void **state)
{
	struct witness wit;
	struct world w;

	zen5(&w);
	w.f.open_err = -EACCES;
	witness_open(&wit, &w.conf);
	assert_null(wit.pmu);
	assert_non_null(strstr(wit.why, "CAP_PERFMON"));
	witness_close(&wit);
	world_end(&w);
}

/* A round with a hole in it has no figures; the next one may. */
static void
a_lost_window_takes_its_round_along(void **state)
{
	struct witness_figures f;
	struct witness wit;
	struct world w;

	zen5(&w);
	witness_open(&wit, &w.conf);
	witness_round(&wit);
	window(&wit, &w, 1000);
	w.f.lost_permille = 500;
	window(&wit, &w, 1000);
	w.f.lost_permille = 0;
	witness_take(&wit, &f);
	assert_int_equal(f.packets, 0);
	assert_non_null(strstr(wit.why, "shared with others"));
	witness_round(&wit);
	w.f.control_err = -EBUSY;
	window(&wit, &w, 1000);
	w.f.control_err = 0;
	window(&wit, &w, 1000);
	witness_take(&wit, &f);
	assert_int_equal(f.packets, 0);
	assert_non_null(strstr(wit.why, "cannot be switched on"));
	for (unsigned int i = 0; i < FAKE_FDS; i++)
		assert_false(w.f.ev[i].open && w.f.ev[i].enabled);
	witness_round(&wit);
	window(&wit, &w, 1000);
	witness_take(&wit, &f);
	assert_int_equal(f.packets, 1000);
	witness_close(&wit);
	world_end(&w);
}

static void
events_are_named(void **state)
{
	struct witness wit;
	struct world w;
	json_t *o;

	zen5(&w);
	witness_open(&wit, &w.conf);
	o = witness_events(&wit);
	assert_string_equal(json_string_value(json_object_get(o, "scope")), "whole system");
	assert_int_equal(json_array_size(json_object_get(o, "events")), 9);
	json_decref(o);
	witness_close(&wit);
	world_end(&w);
}

static void
shares(void **state)
{
	struct witness_figures f = {
		.packets = 100,
		.sys = {.known = (1u << STEER_PMU_WITNESS_KINDS) - 1,
			.count = {[STEER_PMU_WRITE_HIT] = 30,
				  [STEER_PMU_WRITE_MISS] = 10,
				  [STEER_PMU_STASH_PULLED] = 5}},
	};
	double v;

	assert_true(witness_figure(&f, WITNESS_HITS, &v));
	assert_near(v, 0.75);
	assert_false(witness_figure(&f, WITNESS_TAKEN, &v)); /* of none */
	f.sys.count[STEER_PMU_STASH_SENT] = 20;
	assert_true(witness_figure(&f, WITNESS_TAKEN, &v));
	assert_near(v, 0.25);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_of_a_round_add_up),
		cmocka_unit_test(packets_that_pass_meanwhile_are_halved),
		cmocka_unit_test(nobody_there_is_no_error),
		cmocka_unit_test(not_permitted_says_what_to_do),
		cmocka_unit_test(a_lost_window_takes_its_round_along),
		cmocka_unit_test(events_are_named),
		cmocka_unit_test(shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
