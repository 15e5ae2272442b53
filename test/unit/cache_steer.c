/* SPDX-License-Identifier: BSD-3-Clause */

/* What decides whether a tagged write helps: acceptance, the ways it may use, the size of L2. */

#include "cache_help.h"

#define KIB       1024u
#define BUF       576u /* from one packet's buffer to the next: 9 lines, so that all sets are used */
#define STATE     (1ull << 40)
#define PER_ROUND 8u /* lines of its own state that the core reads with each packet */

/* Small enough to see through: L2 of 1024 lines in 8 ways, LLC of 16 times that, DMA into it. */
static struct steer_platform
small(void)
{
	struct steer_platform p = *steer_platform_find("neoverse-v2");

	p.l1 = (struct steer_cache_geom){.size = 8 * KIB, .ways = 4};
	p.l2 = (struct steer_cache_geom){.size = 64 * KIB, .ways = 8};
	p.llc = (struct steer_cache_geom){.size = 256 * KIB, .ways = 16};
	p.llc_slices = 4;
	return p;
}

/*
 * A core polls a ring that is always full, as on an overloaded machine: a packet is written a whole
 * ring before the core reads its first line, and with each packet the core walks on through state
 * of its own. @return cycles per packet once the caches are warm.
 */
static double
forward(const struct steer_platform *p, unsigned int ring, uint32_t state_lines, int target)
{
	struct steer_cache_counters ctr = {0};
	unsigned int warm = 20 * ring, n;
	struct steer_cache *c;
	uint64_t at = 0;

	assert_int_equal(steer_cache_create(p, 1, 1, &c), 0);
	for (n = 0; n < warm + 20 * ring; n++) {
		if (n == warm)
			ctr = (struct steer_cache_counters){0};
		steer_cache_dma_write(c, (uint64_t)(n % ring) * BUF, 512, target);
		steer_cache_access(c, 0, (uint64_t)((n + 1) % ring) * BUF, 64, STEER_CACHE_OP_LOAD,
				   &ctr);
		for (unsigned int i = 0; i < PER_ROUND; i++, at = (at + 1) % state_lines)
			steer_cache_access(c, 0, STATE + at * LINE, 8, STEER_CACHE_OP_LOAD, &ctr);
	}
	steer_cache_destroy(c);
	return steer_platform_cycles(p, ctr.lines) / (20 * ring);
}

static void
steering_helps_a_short_ring(void **state)
{
	/* 32 packets of 8 lines are a quarter of L2; the core's state another quarter. */
	struct steer_platform p = small();

	assert_true(forward(&p, 32, 256, 0) < 0.8 * forward(&p, 32, 256, -1));
}

static void
steering_hurts_when_the_ring_outgrows_l2(void **state)
{
	/* 256 packets of 8 lines are twice L2: they are gone to the LLC before they are read, and
	 * have pushed out the core's state, which without tags stays in L2. */
	struct steer_platform p = small();
	double off = forward(&p, 256, 512, -1), right = forward(&p, 256, 512, 0);

	assert_true(right > 1.2 * off);
}

static void
a_way_limit_guards_what_the_core_works_on(void **state)
{
	/* The same ring, but its lines may use 2 of 8 ways only: the core's state stays, and so do
	 * the first lines of packets, which a read has brought into the other ways, where the
	 * device updates them. */
	struct steer_platform p = small();
	double off = forward(&p, 256, 512, -1), all = forward(&p, 256, 512, 0), limited;

	p.l2_tag_ways = 2;
	limited = forward(&p, 256, 512, 0);
	assert_true(limited < 0.5 * all);
	assert_true(limited < off);
}

static void
declined_lines_go_the_untagged_way(void **state)
{
	struct steer_platform p = small();
	struct steer_cache_dma_stats dma;
	struct steer_cache *c;
	unsigned int seen[STEER_CACHE_LEVELS] = {0};

	p.tag_declined = 250;
	assert_int_equal(steer_cache_create(&p, 1, 1, &c), 0);
	for (unsigned int i = 0; i < 512; i++) {
		steer_cache_dma_write(c, i * LINE, LINE, 0);
		seen[load(c, 0, i * LINE)]++;
	}
	steer_cache_dma_stats(c, &dma);
	assert_int_equal(dma.tagged, 512);
	assert_int_equal(dma.declined, seen[STEER_CACHE_LLC]);
	assert_int_equal(seen[STEER_CACHE_L2] + seen[STEER_CACHE_LLC], 512);
	/* 128 of 512 are expected; four standard deviations are 39. */
	assert_in_range(dma.declined, 128 - 39, 128 + 39);
	steer_cache_destroy(c);
}

static void
untagged_lines_are_not_offered(void **state)
{
	struct steer_platform p = small();
	struct steer_cache_dma_stats dma;
	struct steer_cache *c;

	p.tag_declined = 1000;
	assert_int_equal(steer_cache_create(&p, 1, 1, &c), 0);
	steer_cache_dma_write(c, 0, LINE, -1);
	steer_cache_dma_write(c, 0, LINE, 5); /* no such core */
	steer_cache_dma_stats(c, &dma);
	assert_int_equal(dma.tagged, 0);
	steer_cache_dma_write(c, 0, LINE, 0);
	steer_cache_dma_stats(c, &dma);
	assert_int_equal(dma.tagged, 1);
	assert_int_equal(dma.declined, 1);
	assert_int_equal(load(c, 0, 0), STEER_CACHE_LLC);
	steer_cache_destroy(c);
}

static void
read_lines_leave_the_io_ways(void **state)
{
	/* One slice of one set: ways 0 and 1 take DMA, 2 and 3 are shared with L2. Read by the
	 * core, lines 0 and 1 move to the shared ways and stay there, so that lines 2 and 3 find
	 * the I/O ways empty; without shared ways the LLC has lost 0 and 1 to L2. */
	for (uint16_t shared = 0; shared <= 2; shared += 2) {
		struct steer_platform p = small();
		struct steer_cache_dma_stats dma;
		struct steer_cache *c;

		p.llc = (struct steer_cache_geom){.size = 4 * LINE, .ways = 4};
		p.llc_slices = 1;
		p.io_ways = 2;
		p.shared_ways = shared;
		assert_int_equal(steer_cache_create(&p, 2, 1, &c), 0);
		for (uint64_t i = 0; i < 4; i++) {
			steer_cache_dma_write(c, i * LINE, LINE, -1);
			if (i < 2)
				assert_int_equal(load(c, 0, i * LINE), STEER_CACHE_LLC);
		}
		/* Updates of all four: nothing was pushed out, and nothing is now where there are
		 * shared ways. Without them 0 and 1 return to the I/O ways and push. */
		steer_cache_dma_write(c, 0, 4 * LINE, -1);
		steer_cache_dma_write(c, 0, 4 * LINE, -1);
		steer_cache_dma_stats(c, &dma);
		assert_int_equal(dma.writes, 12);
		if (shared)
			assert_int_equal(dma.write_hits, 8);
		else
			assert_true(dma.write_hits < 8);
		steer_cache_destroy(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steering_helps_a_short_ring),
		cmocka_unit_test(steering_hurts_when_the_ring_outgrows_l2),
		cmocka_unit_test(a_way_limit_guards_what_the_core_works_on),
		cmocka_unit_test(declined_lines_go_the_untagged_way),
		cmocka_unit_test(untagged_lines_are_not_offered),
		cmocka_unit_test(read_lines_leave_the_io_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
