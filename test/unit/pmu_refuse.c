/* SPDX-License-Identifier: BSD-3-Clause */

/* When there are no figures, and what is said then. */

#include <errno.h>

#include "pmu_world.h"

/* @return the reason: one line, and nothing was left open. */
static const char *
refused(struct world *w, int want)
{
	assert_int_equal(world_create(w), want);
	assert_null(w->s);
	assert_true(w->why[0] != '\0');
	assert_null(strchr(w->why, '\n'));
	fake_pmu_clean(&w->f);
	return w->why;
}

static void
no_pmu_here(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_VM, rec_spr);
	fake_tree_remove(w.root);
	w.root = fake_tree(TEXT_VM, 0);
	w.conf.root = w.root;
	assert_non_null(strstr(refused(&w, -ENODEV), "no PMU on this machine"));
	assert_non_null(strstr(w.why, "hypervisor"));
	fake_tree_file(w.root, "/proc/cpuinfo", TEXT_SPR);
	assert_null(strstr(refused(&w, -ENODEV), "hypervisor"));
	assert_int_equal(w.f.opened, 0);
	world_end(&w);
}

static void
no_table(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_ATOM, rec_spr);
	assert_non_null(strstr(refused(&w, -ENODEV), "Intel family 6 model 175"));
	fake_tree_file(w.root, "/proc/cpuinfo", TEXT_A72);
	assert_non_null(strstr(refused(&w, -ENODEV), "Arm part 0xd08"));
	fake_tree_file(w.root, "/proc/cpuinfo", TEXT_AMPERE);
	assert_non_null(strstr(refused(&w, -ENODEV), "no CPU of Intel, AMD or Arm"));
	world_end(&w);
}

/* Each errno of perf_event_open(2) becomes one line that names the event and the reason. */
static void
open_fails(void **state)
{
	static const struct {
		int err;
		const char *says;
	} cases[] = {
		{EACCES, "perf_event_paranoid is 2"},
		{EPERM, "CAP_PERFMON"},
		{ENOENT, "no driver for this CPU's PMU"},
		{EINVAL, "nmi_watchdog"},
		{EOPNOTSUPP, "hypervisor hides it"},
		{ENODEV, "does not serve this CPU"},
		{EBUSY, "has the PMU for itself"},
		{ENOSYS, "no perf events"},
		{EMFILE, "ulimit -n"},
		{ENFILE, "open files in the system"},
		{ENOSPC, "no counter is left"},
		{E2BIG, "too old"},
		{ENOMEM, "no memory"},
		{EINTR, "Interrupted"},
	};
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	for (size_t i = 0; i < PMU_N(cases); i++) {
		w.f.open_err = -cases[i].err;
		w.f.err_config = 0;
		assert_non_null(strstr(refused(&w, -cases[i].err), cases[i].says));
		assert_non_null(strstr(w.why, "CPU_CLK_UNHALTED.THREAD"));
		w.f.err_config = 0x02d1; /* the fourth of the first group */
		assert_non_null(strstr(refused(&w, -cases[i].err), cases[i].says));
		assert_non_null(strstr(w.why, "MEM_LOAD_RETIRED.L2_HIT"));
	}
	world_end(&w);
}

/* The off-core events are beside the levels: without them there is a source all the same. */
static void
rows_may_lack(void **state)
{
	struct steer_figures f;
	char json[8192];
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	w.f.open_err = -EINVAL;
	w.f.err_config = 0x012a;
	world_open(&w, 1);
	assert_int_equal(w.s->ops->passes(w.s), 3);
	world_round(&w, 1000);
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_near(f.per_packet[STEER_CACHE_LLC], 0.21);
	assert_int_equal(steer_pmu_rows(w.t, NULL, 0), 5);
	assert_true(w.s->ops->describe(w.s, json, sizeof(json)) > 0);
	assert_non_null(strstr(json, "\"left_out\":\"OCR.READS_TO_CORE.L3_HIT"));
	world_end(&w);
}

static void
thread_open_fails(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	assert_int_equal(world_create(&w), 0);
	w.f.open_err = -EMFILE;
	w.f.err_config = 0x04d2;
	assert_int_equal(w.s->ops->thread_open(w.s, 1, &w.t, w.why, sizeof(w.why)), -EMFILE);
	assert_null(w.t);
	world_end(&w);
}

static void
multiplexed(struct world *w)
{
	struct steer_figures f;

	world_open(w, 1);
	world_round(w, 1000);
	assert_int_equal(world_read(w, -1, &f), 0);
	assert_int_equal(w->s->ops->prepare(w->t, w->why, sizeof(w->why)), 0);
	world_window(w, 0, 1000);
	w->f.lost_permille = 300;
	world_window(w, 1, 1000);
	w->f.lost_permille = 0;
	world_window(w, 1, 1000); /* does not mend the round */
	assert_int_equal(world_read(w, -1, &f), -EIO);
	assert_non_null(strstr(w->why, "pass 2 of 4"));
	assert_non_null(strstr(w->why, "not on the counters all the time"));
	assert_int_equal(f.known, 0);
	world_round(w, 1000); /* the next round is whole again */
	assert_int_equal(world_read(w, -1, &f), 0);
}

static void
multiplexed_is_refused(void **state)
{
	struct world w;

	for (int no_user = 0; no_user < 2; no_user++) {
		WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
		w.f.no_user = no_user;
		multiplexed(&w);
		world_end(&w);
	}
}

/* The watchdog takes a counter between two rounds: the pinned group is in error state then. */
static void
pinned_error(void **state)
{
	struct steer_figures f;
	struct world w;

	for (int no_user = 0; no_user < 2; no_user++) {
		WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
		w.f.no_user = no_user;
		world_open(&w, 1);
		world_round(&w, 1000);
		assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
		w.f.no_counters = 1;
		for (unsigned int i = 0; i < 4; i++)
			world_window(&w, i, 1000);
		assert_int_equal(world_read(&w, -1, &f), -EIO);
		assert_non_null(strstr(w.why, "got no counters"));
		assert_non_null(strstr(w.why, "NMI watchdog"));
		assert_int_equal(steer_pmu_rows(w.t, NULL, 0), 0);
		world_end(&w);
	}
}

static void
round_with_trouble(struct world *w)
{
	struct steer_figures f;

	for (unsigned int i = 0; i < 4; i++)
		world_window(w, i, 1000);
	assert_int_equal(world_read(w, -1, &f), -EIO);
	assert_non_null(strstr(w->why, "could not be read"));
}

/* The kernel does not switch on, writes the page without end, or gives a strange answer. */
static void
unreadable(void **state)
{
	struct world w;

	for (int trouble = 0; trouble < 4; trouble++) {
		WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
		w.f.no_user = trouble == 3;
		world_open(&w, 1);
		world_round(&w, 1000);
		assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
		w.f.control_err = trouble == 0 ? -EIO : 0;
		w.f.busy_seq = trouble == 1 ? 1000000 : 0;
		w.f.unreadable = trouble == 2;
		w.f.short_read = trouble == 3;
		round_with_trouble(&w);
		world_end(&w);
	}
}

static void
not_switched_on(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	w.f.control_err = -EBUSY;
	assert_non_null(strstr(refused(&w, -EBUSY), "switching counters on"));
	world_end(&w);
}

static void
no_counters_from_the_first(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	w.f.no_counters = 1;
	assert_non_null(strstr(refused(&w, -EBUSY), "got no counters"));
	world_end(&w);
}

/* A void pass beside the levels takes its rows with it, and nothing else. */
static void
row_pass_is_void(void **state)
{
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
	for (unsigned int i = 0; i < 4; i++) {
		w.f.lost_permille = i == 2 ? 20 : 0;
		world_window(&w, i, 1000);
	}
	assert_int_equal(world_read(&w, -1, &f), 0);
	assert_near(f.per_packet[STEER_CACHE_L2], 0.8);
	assert_near(f.cycles, 300.0);
	assert_int_equal(steer_pmu_rows(w.t, NULL, 0), 3); /* fill buffer, and two off-core */
	world_end(&w);
}

static void
migrated(void **state)
{
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	world_round(&w, 1000);
	w.f.moves = 1;
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
	world_window(&w, 0, 1000);
	assert_int_equal(world_read(&w, -1, &f), -EIO);
	assert_non_null(strstr(w.why, "moved to another CPU"));
	world_end(&w);
}

static void
no_undisturbed_window(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	w.f.moves = 1;
	assert_non_null(strstr(refused(&w, -EAGAIN), "moved to another CPU"));
	assert_int_equal(w.f.warmed, 3 * 2); /* three tries of the first loop's two sets */
	world_end(&w);
}

static void
pass_missing_or_empty(void **state)
{
	struct steer_figures f;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
	world_window(&w, 0, 1000);
	assert_int_equal(world_read(&w, -1, &f), -EIO);
	assert_non_null(strstr(w.why, "pass 2 of 4: no window"));
	world_window(&w, 1, 0);
	assert_int_equal(world_read(&w, -1, &f), -ENODATA);
	assert_non_null(strstr(w.why, "no packet in pass 2"));
	world_end(&w);
}

/* A PMU that counts cycles and nothing else, as some hypervisors give. */
static void
self_check_refuses(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_cycles_only);
	assert_non_null(strstr(refused(&w, -ENOTSUP), "self-check"));
	assert_non_null(strstr(w.why, "0.00 loads from L2"));
	world_end(&w);
}

/* On a thread of its own, when the counters are taken from the guest after creation. */
static void
self_check_on_each_thread(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	world_open(&w, 1);
	w.f.nb_rec = 1;
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), -ENOTSUP);
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), -ENOTSUP);
	w.f.nb_rec = PMU_N(rec_spr);
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
	w.f.nb_rec = 1; /* once is enough */
	assert_int_equal(w.s->ops->prepare(w.t, w.why, sizeof(w.why)), 0);
	world_end(&w);
}

#define LEVELS(l1, l2, other, llc, mem)                                                            \
	{                                                                                          \
		.known = 0x1f, .per_packet = { l1, l2, other, llc, mem }                           \
	}

#define MERGED(beyond)                                                                             \
	{                                                                                          \
		.known = 0x07, .merged = 0x1c, .per_packet = { 0, 0, beyond }                      \
	}

static void
self_check_judges(void **state)
{
	static const struct {
		struct steer_figures l2, memory;
		int want;
		const char *says;
	} cases[] = {
		{LEVELS(0.03, 0.96, 0, 0.01, 0), LEVELS(0.02, 0.01, 0, 0.01, 0.97), 0, ""},
		/* noise at the edge */
		{LEVELS(0.2, 0.81, 0, 0.10, 0.04), LEVELS(0.1, 0.14, 0, 0.05, 0.81), 0, ""},
		/* an L2 loop that comes from the LLC, or from L1 */
		{LEVELS(0, 0.1, 0, 0.9, 0), LEVELS(0, 0, 0, 0, 1), -ENOTSUP, "L2 holds"},
		{LEVELS(1, 0, 0, 0, 0), LEVELS(0, 0, 0, 0, 1), -ENOTSUP, "L2 holds"},
		/* its loads are counted once more beyond L2 */
		{LEVELS(0, 1, 0, 0.2, 0), LEVELS(0, 0, 0, 0, 1), -ENOTSUP, "L2 holds"},
		/* L2 counts twice */
		{LEVELS(0, 2, 0, 0, 0), LEVELS(0, 0, 0, 0, 1), -ENOTSUP, "L2 holds"},
		/* memory is called LLC, L2, or counted twice */
		{LEVELS(0, 1, 0, 0, 0), LEVELS(0, 0, 0, 1, 0), -ENOTSUP, "no cache holds"},
		{LEVELS(0, 1, 0, 0, 0), LEVELS(0, 1, 0, 0, 0), -ENOTSUP, "no cache holds"},
		{LEVELS(0, 1, 0, 0, 0), LEVELS(0, 0.3, 0, 0, 0.9), -ENOTSUP, "no cache holds"},
		{LEVELS(0, 1, 0, 0, 0), LEVELS(0, 0, 0, 0, 2), -ENOTSUP, "no cache holds"},
		/* memory is part of the nearest of what cannot be told apart */
		{LEVELS(0, 1, 0, 0, 0), MERGED(1), 0, ""},
		{LEVELS(0, 1, 0, 0, 0), MERGED(0.3), -ENOTSUP, "no cache holds"},
	};
	char why[STEER_SOURCE_WHY];

	for (size_t i = 0; i < PMU_N(cases); i++) {
		why[0] = '\0';
		assert_int_equal(pmu_check_judge(&cases[i].l2, &cases[i].memory, why, sizeof(why)),
				 cases[i].want);
		assert_non_null(strstr(why, cases[i].says));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_pmu_here),
		cmocka_unit_test(no_table),
		cmocka_unit_test(open_fails),
		cmocka_unit_test(rows_may_lack),
		cmocka_unit_test(thread_open_fails),
		cmocka_unit_test(multiplexed_is_refused),
		cmocka_unit_test(pinned_error),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(not_switched_on),
		cmocka_unit_test(no_counters_from_the_first),
		cmocka_unit_test(row_pass_is_void),
		cmocka_unit_test(migrated),
		cmocka_unit_test(no_undisturbed_window),
		cmocka_unit_test(pass_missing_or_empty),
		cmocka_unit_test(self_check_refuses),
		cmocka_unit_test(self_check_on_each_thread),
		cmocka_unit_test(self_check_judges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
