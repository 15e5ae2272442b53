/* SPDX-License-Identifier: BSD-3-Clause */

/* Micro-scenarios of the cache model; what must come out is reasoned in each test. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <steer_cache.h>

#define LINE STEER_CACHE_LINE
#define A    0x10000u

static struct steer_cache *
make(const char *name, unsigned int cores)
{
	struct steer_cache *c = NULL;

	assert_non_null(steer_platform_find(name));
	assert_int_equal(steer_cache_create(steer_platform_find(name), cores, 1, &c), 0);
	return c;
}

/* Level that one access of one line is served from. */
static int
served(struct steer_cache *c, unsigned int core, uint64_t addr, enum steer_cache_op op)
{
	struct steer_cache_counters ctr = {0};
	int found = -1;

	steer_cache_access(c, core, addr, 1, op, &ctr);
	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		if (ctr.lines[l]) {
			assert_int_equal(found, -1);
			assert_int_equal(ctr.lines[l], 1);
			found = l;
		}
	return found;
}

static int
load(struct steer_cache *c, unsigned int core, uint64_t addr)
{
	return served(c, core, addr, STEER_CACHE_OP_LOAD);
}

static int
store(struct steer_cache *c, unsigned int core, uint64_t addr)
{
	return served(c, core, addr, STEER_CACHE_OP_STORE);
}

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
		cmocka_unit_test(tagged_dma_lands_in_l2),
		cmocka_unit_test(untagged_dma_goes_to_default),
		cmocka_unit_test(clx_ignores_tags),
		cmocka_unit_test(io_ways_overflow_to_memory),
		cmocka_unit_test(dma_updates_llc_in_place),
		cmocka_unit_test(l2_tag_ways_bound_the_injected),
		cmocka_unit_test(first_touch_counts_once),
		cmocka_unit_test(prefetch_is_first_touch_but_not_counted),
		cmocka_unit_test(inclusive_llc_takes_its_lines_along),
		cmocka_unit_test(untracked_beyond_the_table),
		cmocka_unit_test(create_refuses),
		cmocka_unit_test(names_and_cycles),
		cmocka_unit_test(bad_core_and_empty_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
