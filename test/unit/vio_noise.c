/* SPDX-License-Identifier: BSD-3-Clause */

/* The noisy neighbour of a model session: its walk, and what it does to packets that wait. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "lockstep_fixture.h"

/*
 * LLC of one slice: 11 ways of 2048 sets. BACKLOG packets of a queue wait for 5 windows of 8. The
 * neighbour loads 1024 lines for each of a window's 16 packets. They fill its L2, and from then on
 * as many leave that for the LLC: 8 into each of 2048 sets.
 */
#define SMALL_LLC "clx:slices=1"
#define BACKLOG   40
#define LINES     1024
#define NOISE_CPU 9

struct outcome {
	struct steer_cache_counters ctr[PAIRS];
	struct steer_cache_dma_stats dma;
};

static struct steer_trace_conf
noisy_conf(uint32_t kib)
{
	struct steer_trace_conf conf = conf_of(1600);

	snprintf(conf.platform, sizeof(conf.platform), SMALL_LLC);
	conf.backlog = BACKLOG;
	conf.ncpus = 3;
	conf.cpus[2] = NOISE_CPU;
	conf.noise_kib = kib;
	conf.noise_cpu = NOISE_CPU;
	conf.noise_lines = LINES;
	return conf;
}

/** Load the first line of each packet that was delivered. */
static void
load(uint32_t pair)
{
	struct guest_queue *g = &rx[pair];
	uint32_t n = (uint32_t)steer_trace_pending(&rings[pair]), i, id;

	for (i = 0; i < n; i++, g->seen++) {
		assert_int_not_equal(g->seen, g->used->idx);
		id = g->used->ring[g->seen & (RING - 1)].id;
		steer_trace_put(&rings[pair], (void *)(uintptr_t)guest_buf(g, (uint16_t)id), 64,
				STEER_CACHE_OP_LOAD);
		guest_offer(g, (uint16_t)id);
	}
	steer_trace_publish(&rings[pair], n);
}

static void
credit(void)
{
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	for (unsigned int i = 0; i < 1000 && area()->state == STEER_TRACE_RUNNING; i++) {
		if (!model_poll(fake.vio)) {
			load(0);
			load(1);
		}
	}
	assert_int_equal(area()->state, STEER_TRACE_IDLE);
	assert_int_equal(area()->bad_records, 0);
}

/** Counters of a session's second round: the first fills the caches. */
static struct outcome
outcome_of(struct steer_trace_conf conf)
{
	struct outcome out = {0};

	session("gen,size=64,flows=16", 1600);
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	credit();
	for (unsigned int i = 0; i < PAIRS; i++)
		out.ctr[i] = rings[i].q->ctr;
	credit();
	for (unsigned int i = 0; i < PAIRS; i++) {
		for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
			out.ctr[i].lines[l] = rings[i].q->ctr.lines[l] - out.ctr[i].lines[l];
			out.ctr[i].first_touch[l] =
				rings[i].q->ctr.first_touch[l] - out.ctr[i].first_touch[l];
		}
	}
	out.dma = area()->dma;
	fake_stop();
	return out;
}

static uint64_t
sum(const uint64_t levels[STEER_CACHE_LEVELS])
{
	uint64_t n = 0;

	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		n += levels[l];
	return n;
}

static void
waiting_packets_are_driven_out(void **state)
{
	const struct outcome quiet = outcome_of(noisy_conf(0));
	const struct outcome noisy = outcome_of(noisy_conf(64 << 10));
	/* A victim is one of 11 ways: (10/11)^(8 * 5), one line in 45, is still there. */
	const double stays = 0.0221;

	for (unsigned int i = 0; i < PAIRS; i++) {
		const uint64_t *q = quiet.ctr[i].first_touch, *n = noisy.ctr[i].first_touch;

		assert_int_equal(q[STEER_CACHE_LLC], 800);
		assert_int_equal(n[STEER_CACHE_LLC] + n[STEER_CACHE_MEMORY], 800);
		assert_in_range(n[STEER_CACHE_LLC], 1, (uint64_t)(2 * stays * 800));
		/* The neighbour's own loads are nobody's. */
		assert_int_equal(sum(noisy.ctr[i].lines), sum(quiet.ctr[i].lines));
	}
	assert_int_equal(noisy.dma.writes, quiet.dma.writes);
	assert_true(noisy.dma.write_hits < quiet.dma.write_hits);
}

static void
a_walk_within_its_l2_disturbs_nobody(void **state)
{
	const struct outcome quiet = outcome_of(noisy_conf(0)), small = outcome_of(noisy_conf(512));

	assert_memory_equal(&quiet, &small, sizeof(quiet));
}

static void
the_seed_decides(void **state)
{
	struct steer_trace_conf conf = noisy_conf(4 << 10);
	const struct outcome first = outcome_of(conf), again = outcome_of(conf);
	struct outcome other;

	assert_memory_equal(&first, &again, sizeof(first));
	conf.seed++;
	other = outcome_of(conf);
	assert_memory_not_equal(&first, &other, sizeof(first));
}

static void
no_memory_is_no_neighbour(void **state)
{
	struct steer_trace_conf conf = noisy_conf(0);
	const struct outcome before = outcome_of(conf);
	struct outcome after;

	conf.noise_cpu = 77;
	conf.noise_lines = UINT32_MAX;
	after = outcome_of(conf);
	assert_memory_equal(&before, &after, sizeof(before));
}

/* 1000 KiB are no power of two, and fit an L2 of 1 MB: after one walk all of it is there. */
static void
each_line_comes_once(void **state)
{
	const uint32_t lines = 1000 * 1024 / STEER_CACHE_LINE;
	struct steer_trace_conf conf = noisy_conf(1000);
	struct steer_cache_counters ctr = {0};
	int16_t core_of[NOISE_CPU + 1] = {[NOISE_CPU] = 2};
	struct model m = {.core_of = core_of};

	conf.noise_lines = 8;
	assert_int_equal(steer_cache_create(steer_platform_find("clx"), 3, 1, &m.cache), 0);
	model_noise_begin(&m, &conf);
	model_noise_walk(&m, lines / 8);
	for (uint32_t i = 0; i < lines; i++)
		steer_cache_access(m.cache, 2, MODEL_NOISE_BASE + i * STEER_CACHE_LINE, 1,
				   STEER_CACHE_OP_LOAD, &ctr);
	assert_int_equal(ctr.lines[STEER_CACHE_L1] + ctr.lines[STEER_CACHE_L2], lines);
	assert_int_equal(sum(ctr.lines), lines);
	steer_cache_destroy(m.cache);
}

static void
refused(void **state)
{
	static const struct {
		uint32_t kib, cpu, lines;
		int status;
	} cases[] = {
		{STEER_TRACE_NOISE_MAX_KIB + 1, NOISE_CPU, LINES, -E2BIG},
		{UINT32_MAX, NOISE_CPU, LINES, -E2BIG},
		{64, 8, LINES, -ENOENT},
		{64, 65536 + NOISE_CPU, LINES, -ENOENT},
		{64, NOISE_CPU, 0, -EINVAL},
		{64, NOISE_CPU, STEER_TRACE_NOISE_MAX_LINES + 1, -EINVAL},
		{STEER_TRACE_NOISE_MAX_KIB, NOISE_CPU, STEER_TRACE_NOISE_MAX_LINES, 0},
		{1, 4, 1, 0},
	};

	fake_start("gen", 1);
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct steer_trace_conf conf = noisy_conf(cases[i].kib);

		conf.noise_cpu = cases[i].cpu;
		conf.noise_lines = cases[i].lines;
		conf_write(&conf);
		assert_int_equal(command(STEER_TRACE_CMD_START), cases[i].status);
		assert_int_equal(model_on(fake.vio), cases[i].status == 0);
		assert_int_equal(command(STEER_TRACE_CMD_STOP), 0);
	}
	fake_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_packets_are_driven_out),
		cmocka_unit_test(a_walk_within_its_l2_disturbs_nobody),
		cmocka_unit_test(the_seed_decides),
		cmocka_unit_test(no_memory_is_no_neighbour),
		cmocka_unit_test(each_line_comes_once),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
