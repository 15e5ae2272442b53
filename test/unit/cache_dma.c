/* SPDX-License-Identifier: BSD-3-Clause */

/* The device's side of the cache model; what must come out is reasoned in each test. */

#include <string.h>

#include "cache_help.h"

static void
tagged_dma_lands_in_l2(void **state)
{
	static const char *const names[] = {"zen5", "neoverse-v2"};

	for (size_t i = 0; i < 2; i++) {
		struct steer_cache *c = make(names[i], 2);

		steer_cache_dma_write(c, A, LINE, 0);
		assert_int_equal(load(c, 0, A), STEER_CACHE_L2);
		assert_int_equal(load(c, 0, A), STEER_CACHE_L1);
		/* L1 of the target has the old bytes after the next write. */
		steer_cache_dma_write(c, A, LINE, 0);
		assert_int_equal(load(c, 0, A), STEER_CACHE_L2);
		/* Wrong core: it is in somebody else's cache. */
		steer_cache_dma_write(c, A, LINE, 1);
		assert_int_equal(load(c, 0, A), STEER_CACHE_OTHER);
		steer_cache_destroy(c);
	}
}

static void
untagged_dma_goes_to_default(void **state)
{
	static const struct {
		const char *name;
		enum steer_cache_level level;
	} cases[] = {
		{"clx", STEER_CACHE_LLC},
		{"zen5", STEER_CACHE_MEMORY},
		{"neoverse-v2", STEER_CACHE_LLC},
	};

	for (size_t i = 0; i < 3; i++) {
		struct steer_cache *c = make(cases[i].name, 2);

		load(c, 0, A); /* a copy that the write must remove */
		steer_cache_dma_write(c, A, LINE, -1);
		assert_int_equal(load(c, 0, A), cases[i].level);
		load(c, 1, A);
		steer_cache_dma_write(c, A, LINE, 2); /* no such core: no tag */
		assert_int_equal(load(c, 1, A), cases[i].level);
		steer_cache_destroy(c);
	}
}

static void
clx_ignores_tags(void **state)
{
	struct steer_cache *c = make("clx", 2);

	steer_cache_dma_write(c, A, LINE, 0);
	assert_int_equal(load(c, 0, A), STEER_CACHE_LLC);
	steer_cache_destroy(c);
}

static void
io_ways_overflow_to_memory(void **state)
{
	/* clx: DMA has 2 of 11 ways of 2048 sets in 28 slices, 7 MiB. 28 MiB in a row leave at most
	 * 7 MiB behind, and with random replacement some of the newest, too. */
	struct steer_cache *c = make("clx", 1);
	const uint64_t lines = (28u << 20) / LINE;
	struct steer_cache_counters ctr = {0};

	steer_cache_dma_write(c, 0, 28u << 20, -1);
	for (uint64_t i = 0; i < lines; i++)
		steer_cache_access(c, 0, i * LINE, 1, STEER_CACHE_OP_LOAD, &ctr);
	assert_int_equal(ctr.lines[STEER_CACHE_LLC] + ctr.lines[STEER_CACHE_MEMORY], lines);
	assert_true(ctr.lines[STEER_CACHE_LLC] <= 2u * 2048 * 28);
	assert_true(ctr.lines[STEER_CACHE_LLC] >= 2u * 2048 * 28 * 9 / 10);
	steer_cache_destroy(c);
}

static void
dma_updates_llc_in_place(void **state)
{
	struct steer_cache *c = make("clx", 1);
	struct steer_cache_dma_stats st;

	steer_cache_dma_write(c, A, LINE, -1);
	steer_cache_dma_write(c, A, LINE, -1);
	steer_cache_dma_write(c, A + LINE - 1, 2, -1); /* parts of two lines */
	steer_cache_dma_read(c, A, 3 * LINE);
	steer_cache_dma_stats(c, &st);
	assert_int_equal(st.writes, 4);
	assert_int_equal(st.write_hits, 2);
	assert_int_equal(st.reads, 3);
	assert_int_equal(st.read_hits, 2);
	assert_int_equal(load(c, 0, A + 2 * LINE), STEER_CACHE_MEMORY); /* reads do not allocate */
	steer_cache_destroy(c);
}

static void
l2_tag_ways_bound_the_injected(void **state)
{
	/* 2 of 16 ways of 1024 sets hold 2048 lines: of 4096 written, the others are victims in the
	 * LLC. Lines of one address run fill each set with 4, and loads of lines found in the LLC
	 * may use any of the 16 ways, so they push nothing out. */
	struct steer_platform p = *steer_platform_find("zen5");
	struct steer_cache_counters ctr = {0};
	struct steer_cache *c;

	p.l2_tag_ways = 2;
	assert_int_equal(steer_cache_create(&p, 1, 1, &c), 0);
	steer_cache_dma_write(c, 0, 256 << 10, 0);
	steer_cache_access(c, 0, 0, 256 << 10, STEER_CACHE_OP_LOAD, &ctr);
	assert_int_equal(ctr.lines[STEER_CACHE_L2], 2048);
	assert_int_equal(ctr.lines[STEER_CACHE_LLC], 2048);
	steer_cache_destroy(c);
}

static void
first_touch_counts_once(void **state)
{
	struct steer_cache *c = make("zen5", 2);
	struct steer_cache_counters ctr = {0};

	steer_cache_dma_write(c, A, 2 * LINE, 0);
	steer_cache_access(c, 0, A, 2 * LINE, STEER_CACHE_OP_LOAD, &ctr);
	steer_cache_access(c, 0, A, 2 * LINE, STEER_CACHE_OP_LOAD, &ctr);
	steer_cache_access(c, 0, A + 4 * LINE, 1, STEER_CACHE_OP_LOAD, &ctr); /* never DMA */
	assert_int_equal(ctr.lines[STEER_CACHE_L2], 2);
	assert_int_equal(ctr.lines[STEER_CACHE_L1], 2);
	assert_int_equal(ctr.lines[STEER_CACHE_MEMORY], 1);
	assert_int_equal(ctr.first_touch[STEER_CACHE_L2], 2);
	assert_int_equal(ctr.first_touch[STEER_CACHE_L1], 0);
	assert_int_equal(ctr.first_touch[STEER_CACHE_MEMORY], 0);
	steer_cache_destroy(c);
}

static void
prefetch_is_first_touch_but_not_counted(void **state)
{
	struct steer_cache *c = make("zen5", 2);
	struct steer_cache_counters ctr = {0}, none = {0};

	steer_cache_dma_write(c, A, LINE, -1);
	steer_cache_access(c, 0, A, 1, STEER_CACHE_OP_PREFETCH, &ctr);
	steer_cache_access(c, 0, A, 1, STEER_CACHE_OP_PREFETCH, &ctr);
	assert_memory_equal(&ctr, &none, sizeof(ctr));
	steer_cache_access(c, 0, A, 1, STEER_CACHE_OP_STORE, &ctr);
	assert_int_equal(ctr.lines[STEER_CACHE_L1], 1);
	assert_int_equal(ctr.first_touch[STEER_CACHE_MEMORY], 1);
	assert_int_equal(ctr.first_touch[STEER_CACHE_L1], 0);
	/* A new write forgets the prefetch of the old bytes. */
	steer_cache_access(c, 0, A, 1, STEER_CACHE_OP_PREFETCH, &ctr);
	steer_cache_dma_write(c, A, LINE, 0);
	steer_cache_access(c, 0, A, 1, STEER_CACHE_OP_LOAD, &ctr);
	assert_int_equal(ctr.first_touch[STEER_CACHE_L2], 1);
	steer_cache_destroy(c);
}

static void
untracked_beyond_the_table(void **state)
{
	/* Every page of states covers 256 KiB: one line in each of 16384 pages fills the table. */
	struct steer_cache *c = make("zen5", 2);
	struct steer_cache_dma_stats st;
	const uint64_t beyond = 16384ull << 18;

	for (uint64_t page = 0; page < 16384; page++)
		steer_cache_dma_write(c, page << 18, LINE, -1);
	steer_cache_dma_stats(c, &st);
	assert_int_equal(st.untracked, 0);
	/* Levels are right all the same. */
	steer_cache_dma_write(c, beyond, LINE, 0);
	assert_int_equal(load(c, 0, beyond), STEER_CACHE_L2);
	assert_int_equal(load(c, 1, beyond), STEER_CACHE_OTHER);
	assert_int_equal(store(c, 0, beyond), STEER_CACHE_L1);
	assert_int_equal(load(c, 1, beyond), STEER_CACHE_OTHER);
	steer_cache_dma_write(c, beyond, LINE, -1);
	assert_int_equal(load(c, 1, beyond), STEER_CACHE_MEMORY);
	steer_cache_dma_stats(c, &st);
	assert_int_equal(st.untracked, 2);
	steer_cache_destroy(c);
}

static void
untracked_lines_are_found_in_llc(void **state)
{
	struct steer_cache *c = make("clx", 2);
	const uint64_t beyond = 16384ull << 18;

	for (uint64_t page = 0; page < 16384; page++)
		steer_cache_access(c, 0, page << 18, 1, STEER_CACHE_OP_PREFETCH, NULL);
	steer_cache_dma_write(c, beyond, LINE, -1);
	assert_int_equal(load(c, 0, beyond), STEER_CACHE_LLC);
	assert_int_equal(load(c, 1, beyond), STEER_CACHE_OTHER);
	assert_int_equal(store(c, 1, beyond), STEER_CACHE_L1);
	assert_int_equal(load(c, 0, beyond), STEER_CACHE_OTHER);
	steer_cache_destroy(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tagged_dma_lands_in_l2),
		cmocka_unit_test(untagged_dma_goes_to_default),
		cmocka_unit_test(clx_ignores_tags),
		cmocka_unit_test(io_ways_overflow_to_memory),
		cmocka_unit_test(dma_updates_llc_in_place),
		cmocka_unit_test(l2_tag_ways_bound_the_injected),
		cmocka_unit_test(first_touch_counts_once),
		cmocka_unit_test(prefetch_is_first_touch_but_not_counted),
		cmocka_unit_test(untracked_beyond_the_table),
		cmocka_unit_test(untracked_lines_are_found_in_llc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
