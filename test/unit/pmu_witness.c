/* SPDX-License-Identifier: BSD-3-Clause */

/* System-wide counters on made-up machines, and claims held against them. */

#include <errno.h>
#include <stdio.h>

#include <jansson.h>

#include "pmu_files.h"
#include "pmu_world.h"

#define CHA(mask) (UINT64_C(0x35) | ((mask)&0xff) << 8 | (uint64_t)((mask) >> 8) << 32)

/* Per caching agent and 1,000 packets. */
static const struct fake_count rec_cha[] = {
	{CHA(0xcc43fd04u), 0, 0, 0, 1500}, /* full lines: hits */
	{CHA(0xcc43fe04u), 0, 0, 0, 300},
	{CHA(0xcd43fd04u), 0, 0, 0, 100}, /* parts of lines: hits */
	{CHA(0xcd43fe04u), 0, 0, 0, 100},
};

static void
pmu(struct world *w, const char *name, const char *type, const char *cpumask)
{
	char path[PMU_PATH_MAX];

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/type", name);
	fake_tree_file(w->root, path, type);
	snprintf(path, sizeof(path), PMU_DEVICES "/%s/cpumask", name);
	fake_tree_file(w->root, path, cpumask);
}

static void
format(struct world *w, const char *name, const char *field, const char *text)
{
	char path[PMU_PATH_MAX];

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/format/%s", name, field);
	fake_tree_file(w->root, path, text);
}

static void
cha(struct world *w, const char *name, const char *type)
{
	pmu(w, name, type, "0,28\n");
	format(w, name, "event", "config:0-7\n");
	format(w, name, "umask", "config:8-15,32-55\n");
}

static struct steer_pmu_witness *
opened(struct world *w)
{
	struct steer_pmu_witness *wit = NULL;

	assert_int_equal(steer_pmu_witness_open(&w->conf, &wit, w->why, sizeof(w->why)), 0);
	return wit;
}

static int
open_result(struct world *w)
{
	struct steer_pmu_witness *wit = NULL;
	int rc;

	memset(w->why, 0, sizeof(w->why));
	rc = steer_pmu_witness_open(&w->conf, &wit, w->why, sizeof(w->why));
	assert_null(wit);
	assert_true(w->why[0] != '\0');
	fake_pmu_clean(&w->f);
	return rc;
}

static void
intel(void **state)
{
	struct steer_pmu_witness_figures f;
	struct steer_pmu_witness *wit;
	char json[2048];
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_cha);
	cha(&w, "uncore_cha_0", "30\n");
	cha(&w, "uncore_cha_1", "31\n");
	wit = opened(&w);
	assert_int_equal(w.f.opened, 4 * 2 * 2); /* events, agents, packages */
	assert_in_range(w.f.ev[0].attr.type, 30, 31);
	assert_int_equal(w.f.ev[0].attr.pinned, 0);
	assert_int_equal(w.f.ev[0].attr.exclude_kernel, 0);
	assert_true(w.f.ev[0].cpu == 0 && w.f.ev[1].cpu == 28);
	assert_int_equal(steer_pmu_witness_start(wit), 0);
	fake_pmu_forward(&w.f, 2000);
	assert_int_equal(steer_pmu_witness_stop(wit, &f, w.why, sizeof(w.why)), 0);
	fake_pmu_forward(&w.f, 2000); /* after the window: not counted */
	assert_int_equal(f.known, 1u << STEER_PMU_WRITE_HIT | 1u << STEER_PMU_WRITE_MISS);
	assert_int_equal(f.count[STEER_PMU_WRITE_HIT], 2 * (1500 + 100) * 4);
	assert_int_equal(f.count[STEER_PMU_WRITE_MISS], 2 * (300 + 100) * 4);
	assert_int_equal(steer_pmu_witness_judge(&f, 0.8, w.why, sizeof(w.why)), STEER_PMU_AGREES);
	assert_int_equal(steer_pmu_witness_start(wit), 0);
	assert_int_equal(steer_pmu_witness_stop(wit, &f, w.why, sizeof(w.why)), 0);
	assert_int_equal(f.count[STEER_PMU_WRITE_HIT], 0);
	assert_true(steer_pmu_witness_describe(wit, json, sizeof(json)) > 0);
	assert_non_null(strstr(json, "IO_MISS_ITOMCACHENEAR"));
	assert_int_equal(steer_pmu_witness_describe(wit, json, 10), -ENOSPC);
	steer_pmu_witness_close(wit);
	world_end(&w);
}

/* Skylake: an opcode filter in config1, and the doubt about it is said. */
static void
skylake(void **state)
{
	static const struct fake_count rec[] = {
		{0x1435, 0x49033, 0, 0, 900},
		{0x2435, 0x49033, 0, 0, 100},
	};
	struct steer_pmu_witness_figures f;
	struct steer_pmu_witness *wit;
	char json[2048];
	struct world w;

	WORLD_BEGIN(&w, TEXT_CLX, rec);
	pmu(&w, "uncore_cha_3", "33\n", "0\n");
	format(&w, "uncore_cha_3", "event", "config:0-7\n");
	format(&w, "uncore_cha_3", "umask", "config:8-15\n");
	wit = opened(&w);
	assert_int_equal(steer_pmu_witness_start(wit), 0);
	fake_pmu_forward(&w.f, 10000);
	assert_int_equal(steer_pmu_witness_stop(wit, &f, w.why, sizeof(w.why)), 0);
	assert_int_equal(f.count[STEER_PMU_WRITE_HIT], 9000);
	assert_int_equal(f.count[STEER_PMU_WRITE_MISS], 1000);
	assert_true(steer_pmu_witness_describe(wit, json, sizeof(json)) > 0);
	assert_non_null(strstr(json, "\"confirmed\":false"));
	steer_pmu_witness_close(wit);
	world_end(&w);
}

static void
amd(void **state)
{
	static const struct fake_count rec[] = {
		{UINT64_C(0x8) << 32 | 0x1f | 0xff00 | 0xf000000, 0, 0, 0, 700}, /* port 0 */
		{UINT64_C(0x9) << 32 | 0xdf | 0xff00 | 0xf000000, 0, 0, 0, 300}, /* port 7 */
		{0x20a, 0, 0, 0, 50},                                            /* DRAM writes */
	};
	struct steer_pmu_witness_figures f;
	struct steer_pmu_witness *wit;
	struct world w;

	WORLD_BEGIN(&w, TEXT_ZEN5, rec);
	pmu(&w, "amd_df", "12\n", "0\n");
	format(&w, "amd_df", "event", "config:0-7,32-37\n");
	format(&w, "amd_df", "umask", "config:8-15,24-27\n");
	pmu(&w, "amd_umc_0", "13\n", "0\n");
	pmu(&w, "amd_umc_1", "14\n", "0\n");
	for (int i = 0; i < 2; i++) {
		format(&w, i ? "amd_umc_1" : "amd_umc_0", "event", "config:0-7\n");
		format(&w, i ? "amd_umc_1" : "amd_umc_0", "rdwrmask", "config:8-9\n");
	}
	wit = opened(&w);
	assert_int_equal(w.f.opened, 8 + 2);
	assert_int_equal(steer_pmu_witness_start(wit), 0);
	fake_pmu_forward(&w.f, 10000);
	assert_int_equal(steer_pmu_witness_stop(wit, &f, w.why, sizeof(w.why)), 0);
	assert_int_equal(f.known, 1u << STEER_PMU_IO_WRITES | 1u << STEER_PMU_DRAM_WRITES);
	assert_int_equal(f.count[STEER_PMU_IO_WRITES], 10000);
	assert_int_equal(f.count[STEER_PMU_DRAM_WRITES], 1000);
	steer_pmu_witness_close(wit);
	world_end(&w);
}

/* A mesh has home nodes of one kind; the events of the other kind are refused and left out. */
static void
arm(void **state)
{
	static const struct fake_count rec[] = {
		{0x5 | UINT64_C(0x1d) << 16, 0, 0, 0, 2000},
		{0x5 | UINT64_C(0x1e) << 16, 0, 0, 0, 1900},
	};
	struct steer_pmu_witness_figures f;
	struct steer_pmu_witness *wit;
	struct world w;

	WORLD_BEGIN(&w, TEXT_V2, rec);
	pmu(&w, "arm_cmn_0", "9\n", "0\n");
	format(&w, "arm_cmn_0", "type", "config:0-15\n");
	format(&w, "arm_cmn_0", "eventid", "config:16-26\n");
	w.f.open_err = -EINVAL;
	w.f.err_config = 0x200 | UINT64_C(0x1d) << 16;
	wit = opened(&w);
	assert_int_equal(w.f.opened, 3);
	assert_int_equal(steer_pmu_witness_start(wit), 0);
	fake_pmu_forward(&w.f, 1000);
	assert_int_equal(steer_pmu_witness_stop(wit, &f, w.why, sizeof(w.why)), 0);
	assert_int_equal(f.count[STEER_PMU_STASH_SENT], 2000);
	assert_int_equal(f.count[STEER_PMU_STASH_PULLED], 1900);
	steer_pmu_witness_close(wit);
	world_end(&w);
}

static void
absent_is_said(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_cha);
	assert_int_equal(open_result(&w), -ENOENT);
	assert_non_null(strstr(w.why, "has no uncore_cha"));
	fake_tree_file(w.root, "/proc/cpuinfo", TEXT_ZEN3);
	assert_int_equal(open_result(&w), -ENOENT);
	assert_non_null(strstr(w.why, "no system-wide events are known"));
	fake_tree_file(w.root, "/proc/cpuinfo", "nothing\n");
	assert_int_equal(open_result(&w), -ENOENT);
	world_end(&w);
}

static void
refused(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_cha);
	cha(&w, "uncore_cha_0", "30\n");
	w.f.open_err = -EACCES;
	assert_int_equal(open_result(&w), -EACCES);
	assert_non_null(strstr(w.why, "whole system 0 or less"));
	w.f.open_err = -EINVAL;
	assert_int_equal(open_result(&w), -ENOENT); /* there, but not with these events */
	w.f.err_config = CHA(0xcd43fe04u);          /* the last one: the others are closed again */
	w.f.open_err = -EMFILE;
	assert_int_equal(open_result(&w), -EMFILE);
	world_end(&w);
}

static void
strange_sysfs(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_cha);
	cha(&w, "uncore_cha_0", "30\n");
	format(&w, "uncore_cha_0", "umask", "config:8-15\n"); /* too narrow for ours */
	assert_int_equal(open_result(&w), -EPROTO);
	assert_non_null(strstr(w.why, "uncore_cha_0"));
	format(&w, "uncore_cha_0", "umask", "somewhere\n");
	assert_int_equal(open_result(&w), -EPROTO);
	cha(&w, "uncore_cha_0", "thirty\n");
	assert_int_equal(open_result(&w), -EPROTO);
	cha(&w, "uncore_cha_0", "30\n");
	fake_tree_file(w.root, PMU_DEVICES "/uncore_cha_0/cpumask", "\n");
	assert_int_equal(open_result(&w), -EPROTO);
	world_end(&w);
}

static void
shared_is_refused(void **state)
{
	struct steer_pmu_witness_figures f;
	struct steer_pmu_witness *wit;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_cha);
	cha(&w, "uncore_cha_0", "30\n");
	wit = opened(&w);
	assert_int_equal(steer_pmu_witness_start(wit), 0);
	w.f.lost_permille = 500;
	fake_pmu_forward(&w.f, 1000);
	assert_int_equal(steer_pmu_witness_stop(wit, &f, w.why, sizeof(w.why)), -EIO);
	assert_int_equal(f.known, 0);
	assert_non_null(strstr(w.why, "shared with others"));
	w.f.lost_permille = 0;
	w.f.short_read = 1;
	assert_int_equal(steer_pmu_witness_start(wit), -EIO);
	w.f.control_err = -EBUSY;
	assert_int_equal(steer_pmu_witness_start(wit), -EBUSY);
	steer_pmu_witness_close(wit);
	world_end(&w);
}

#define FIGURES(kind_a, a, kind_b, b)                                                              \
	{                                                                                          \
		.known = 1u << (kind_a) | 1u << (kind_b), .count = {                               \
			[kind_a] = (a),                                                            \
			[kind_b] = (b)                                                             \
		}                                                                                  \
	}
#define HITS(hit, miss)     FIGURES(STEER_PMU_WRITE_HIT, hit, STEER_PMU_WRITE_MISS, miss)
#define STASHES(sent, took) FIGURES(STEER_PMU_STASH_SENT, sent, STEER_PMU_STASH_PULLED, took)
#define FABRIC(io, dram)    FIGURES(STEER_PMU_IO_WRITES, io, STEER_PMU_DRAM_WRITES, dram)

static void
judges(void **state)
{
	static const struct {
		struct steer_pmu_witness_figures f;
		double claim;
		enum steer_pmu_verdict want;
	} cases[] = {
		{HITS(9000, 1000), 0.95, STEER_PMU_AGREES},
		{HITS(9000, 1000), 0.85, STEER_PMU_AGREES},
		{HITS(3900, 6100), 1.00, STEER_PMU_CONTRADICTS},
		{HITS(9000, 1000), 0.50, STEER_PMU_CONTRADICTS},
		{HITS(900, 99), 0.10, STEER_PMU_CANNOT_TELL}, /* a thousand, less one */
		{HITS(900, 100), 0.10, STEER_PMU_CONTRADICTS},
		{STASHES(10000, 9500), 0.90, STEER_PMU_AGREES},
		{STASHES(10000, 2000), 0.90, STEER_PMU_CONTRADICTS},
		{STASHES(10000, 9500), 0.30, STEER_PMU_AGREES}, /* others had no stash */
		{STASHES(0, 0), 0.30, STEER_PMU_CANNOT_TELL},
		{FABRIC(10000, 500), 1.00, STEER_PMU_AGREES},
		{FABRIC(10000, 500), 0.20, STEER_PMU_CONTRADICTS},
		{FABRIC(10000, 9000), 0.90, STEER_PMU_CANNOT_TELL}, /* others may have written */
		{FABRIC(10000, 90000), 0.05, STEER_PMU_AGREES},
		{{.known = 1u << STEER_PMU_DRAM_WRITES}, 0.5, STEER_PMU_CANNOT_TELL},
		{{.known = 0}, 0.5, STEER_PMU_CANNOT_TELL},
	};
	char why[STEER_SOURCE_WHY];

	for (size_t i = 0; i < PMU_N(cases); i++) {
		why[0] = '\0';
		assert_int_equal(
			steer_pmu_witness_judge(&cases[i].f, cases[i].claim, why, sizeof(why)),
			cases[i].want);
		assert_true(why[0] != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intel),
		cmocka_unit_test(skylake),
		cmocka_unit_test(amd),
		cmocka_unit_test(arm),
		cmocka_unit_test(absent_is_said),
		cmocka_unit_test(refused),
		cmocka_unit_test(strange_sysfs),
		cmocka_unit_test(shared_is_refused),
		cmocka_unit_test(judges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
