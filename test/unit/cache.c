/* SPDX-License-Identifier: BSD-3-Clause */

/* The CPU's side of the cache model; what must come out is reasoned in each test. */

#include <errno.h>
#include <string.h>

#include "cache_help.h"

/* Load n lines of core that share the L1 and L2 set of addr, so that addr leaves them; way_bytes is
 * the distance of addresses with the same set. */
static void
crowd(struct steer_cache *c, unsigned int core, uint64_t addr, uint64_t way_bytes, unsigned int n)
{
	for (unsigned int i = 1; i <= n; i++)
		steer_cache_access(c, core, addr + i * way_bytes, 1, STEER_CACHE_OP_LOAD, NULL);
}

static void
loads_climb(void **state)
{
	for (const struct steer_platform *p = NULL; (p = steer_platform_next(p)) != NULL;) {
		struct steer_cache *c = make(p->name, 2);

		assert_int_equal(load(c, 0, A), STEER_CACHE_MEMORY);
		assert_int_equal(load(c, 0, A), STEER_CACHE_L1);
		assert_int_equal(load(c, 0, A + 63), STEER_CACHE_L1);
		assert_int_equal(load(c, 0, A + 64), STEER_CACHE_MEMORY);
		steer_cache_destroy(c);
	}
}

static void
leaves_l1_before_l2(void **state)
{
	/* zen5: an L1 way is 4 KiB, an L2 way 64 KiB. 200 lines 4 KiB apart meet in one set of
	 * L1 (12 ways) and in 16 sets of L2 (16 ways each, room for 256). */
	struct steer_cache *c = make("zen5", 1);

	load(c, 0, A);
	crowd(c, 0, A, 4096, 200);
	assert_int_equal(load(c, 0, A), STEER_CACHE_L2);
	steer_cache_destroy(c);
}

static void
l2_victim_is_in_llc(void **state)
{
	static const char *const names[] = {"clx", "zen5", "neoverse-v2"};

	/* 40 lines 1 MiB apart share their L2 set in all three (an L2 way is 64 or 256 KiB); it
	 * keeps at most 16. The others must be in the LLC, where slices keep their sets from
	 * filling up. */
	for (size_t i = 0; i < 3; i++) {
		struct steer_cache *c = make(names[i], 1);
		unsigned int seen[STEER_CACHE_LEVELS] = {0};

		crowd(c, 0, A, 1 << 20, 40);
		for (unsigned int n = 1; n <= 40; n++)
			seen[load(c, 0, A + n * (1u << 20))]++;
		assert_int_equal(seen[STEER_CACHE_MEMORY] + seen[STEER_CACHE_OTHER], 0);
		assert_true(seen[STEER_CACHE_LLC] >= 24);
		steer_cache_destroy(c);
	}
}

static void
other_core_shares_then_store_takes(void **state)
{
	for (const struct steer_platform *p = NULL; (p = steer_platform_next(p)) != NULL;) {
		struct steer_cache *c = make(p->name, 3);

		assert_int_equal(load(c, 0, A), STEER_CACHE_MEMORY);
		assert_int_equal(load(c, 1, A), STEER_CACHE_OTHER);
		assert_int_equal(load(c, 0, A), STEER_CACHE_L1); /* both have it now */
		assert_int_equal(store(c, 1, A), STEER_CACHE_L1);
		assert_int_equal(load(c, 0, A), STEER_CACHE_OTHER); /* the store took it */
		assert_int_equal(store(c, 2, A), STEER_CACHE_OTHER);
		assert_int_equal(load(c, 1, A), STEER_CACHE_OTHER);
		assert_int_equal(load(c, 1, A), STEER_CACHE_L1);
		steer_cache_destroy(c);
	}
}

static void
recent_line_outlives_a_full_set(void **state)
{
	/* zen5, L2 way 64 KiB: 16 lines fill a set, and the 17th clears what the others were. The
	 * one just used is not among the victims of the next 14. */
	struct steer_cache *c = make("zen5", 1);

	crowd(c, 0, A, 1 << 16, 40);
	steer_cache_dma_write(c, A, LINE, 0);
	for (unsigned int i = 0; i < 100; i++) {
		steer_cache_access(c, 0, A + (100 + i) * (1u << 16), 1, STEER_CACHE_OP_LOAD, NULL);
		steer_cache_dma_write(c, A, LINE, 0);
		assert_int_equal(load(c, 0, A), STEER_CACHE_L2);
	}
	steer_cache_destroy(c);
}

static void
inclusive_llc_takes_its_lines_along(void **state)
{
	/* One slice of one set and two ways: the third line that enters the LLC throws one of the
	 * others out of the LLC and of L1 and L2, so one of the three is in memory again. */
	struct steer_platform p = *steer_platform_find("clx");
	unsigned int seen[STEER_CACHE_LEVELS] = {0};
	struct steer_cache *c;

	p.inclusion = STEER_CACHE_INCLUSIVE;
	p.llc = (struct steer_cache_geom){.size = 2 * LINE, .ways = 2};
	p.llc_slices = 1;
	assert_int_equal(steer_cache_create(&p, 2, 1, &c), 0);
	crowd(c, 0, A, LINE, 3);
	steer_cache_dma_read(c, A, 4 * LINE);
	struct steer_cache_dma_stats st;
	steer_cache_dma_stats(c, &st);
	assert_int_equal(st.read_hits, 2);
	for (unsigned int i = 3; i >= 1; i--)
		if (served(c, 0, A + i * LINE, STEER_CACHE_OP_PREFETCH) == -1)
			seen[0]++;
	assert_int_equal(seen[0], 3);
	steer_cache_dma_read(c, A, 4 * LINE);
	steer_cache_dma_stats(c, &st);
	assert_int_equal(st.read_hits, 4);
	steer_cache_destroy(c);
}

static void
create_refuses(void **state)
{
	struct steer_platform p = *steer_platform_find("zen5");
	struct steer_cache *c = NULL;

	assert_int_equal(steer_cache_create(NULL, 1, 1, &c), -EINVAL);
	assert_int_equal(steer_cache_create(&p, 0, 1, &c), -EINVAL);
	assert_int_equal(steer_cache_create(&p, STEER_CACHE_MAX_CORES + 1, 1, &c), -EINVAL);
	p.l1.size += 1;
	assert_int_equal(steer_cache_create(&p, 1, 1, &c), -EINVAL);
	p = *steer_platform_find("zen5");
	p.l2.ways = 12; /* sets would be no power of two */
	assert_int_equal(steer_cache_create(&p, 1, 1, &c), -EINVAL);
	p = *steer_platform_find("zen5");
	p.l2 = (struct steer_cache_geom){.size = 64 * 64 * LINE, .ways = 64};
	assert_int_equal(steer_cache_create(&p, 1, 1, &c), -EINVAL);
	p = *steer_platform_find("zen5");
	p.llc_slices = 0;
	assert_int_equal(steer_cache_create(&p, 1, 1, &c), -EINVAL);
	p = *steer_platform_find("clx");
	p.io_ways = 12;
	assert_int_equal(steer_cache_create(&p, 1, 1, &c), -EINVAL);
	assert_null(c);
	steer_cache_destroy(NULL);
}

static void
names_and_cycles(void **state)
{
	static const char *const names[] = {"l1", "l2", "other_core", "llc", "memory"};
	const struct steer_platform *p = steer_platform_find("clx");
	const uint64_t lines[STEER_CACHE_LEVELS] = {1, 10, 0, 2, 3};

	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		assert_string_equal(steer_cache_level_name(l), names[l]);
	/* 1*4 + 10*14 + 2*46 + 3*243 */
	assert_float_equal(steer_platform_cycles(p, lines), 965.0, 0);
	assert_null(steer_platform_find("clx2"));
	assert_null(steer_platform_find(NULL));
}

static void
bad_core_and_empty_do_nothing(void **state)
{
	struct steer_cache *c = make("zen5", 2);
	struct steer_cache_counters ctr = {0}, none = {0};

	steer_cache_access(c, 2, A, 1, STEER_CACHE_OP_LOAD, &ctr);
	steer_cache_access(c, 0, A, 0, STEER_CACHE_OP_LOAD, &ctr);
	steer_cache_dma_write(c, A, 0, 0);
	assert_memory_equal(&ctr, &none, sizeof(ctr));
	assert_int_equal(load(c, 0, A), STEER_CACHE_MEMORY);
	steer_cache_destroy(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_climb),
		cmocka_unit_test(leaves_l1_before_l2),
		cmocka_unit_test(l2_victim_is_in_llc),
		cmocka_unit_test(other_core_shares_then_store_takes),
		cmocka_unit_test(recent_line_outlives_a_full_set),
		cmocka_unit_test(inclusive_llc_takes_its_lines_along),
		cmocka_unit_test(create_refuses),
		cmocka_unit_test(names_and_cycles),
		cmocka_unit_test(bad_core_and_empty_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
