/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The cache model against a slow one made of one explicit list of copies. Direct-mapped caches in
 * one slice leave nothing to chance or hash, so every level of every access must agree.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include <steer_cache.h>

#define LINE  STEER_CACHE_LINE
#define CORES 3
#define LINES 24 /* addresses in play: more than any cache holds */
#define STEPS 60000

/* Where a copy lives: L1 of core n, L2 of core n, or the LLC. */
enum { L1 = 0, L2 = CORES, LLC = 2 * CORES, PLACES };
static const unsigned int sets[] = {2, 4, 8};

struct copy {
	int place;
	uint64_t line;
};

struct ref {
	struct steer_platform p;
	struct copy copies[PLACES * 8];
	int n;
	bool due[LINES];
	bool io[LINES];  /* the LLC has the line as DMA wrote it */
	int from[LINES]; /* level a prefetch found, -1 none */
	struct steer_cache_counters ctr[CORES];
};

static unsigned int
ref_sets(int place)
{
	return sets[place / CORES];
}

static int
ref_index(const struct ref *r, int place, uint64_t line)
{
	for (int i = 0; i < r->n; i++)
		if (r->copies[i].place == place && r->copies[i].line == line)
			return i;
	return -1;
}

static bool
ref_has(const struct ref *r, int place, uint64_t line)
{
	return ref_index(r, place, line) >= 0;
}

static void
ref_remove(struct ref *r, int place, uint64_t line)
{
	int i = ref_index(r, place, line);

	if (i < 0)
		return;
	r->copies[i] = r->copies[--r->n];
	if (place == LLC)
		r->io[line] = false;
}

static void ref_add(struct ref *r, int place, uint64_t line);

/* What follows when a place loses a line to another line. */
static void
ref_evicted(struct ref *r, int place, uint64_t line)
{
	bool inclusive = r->p.inclusion == STEER_CACHE_INCLUSIVE;

	if (place >= L2 && place < LLC) {
		ref_remove(r, place - L2 + L1, line);
		if (!inclusive && !ref_has(r, LLC, line))
			ref_add(r, LLC, line);
	} else if (place == LLC && inclusive) {
		for (int p = L1; p < LLC; p++)
			ref_remove(r, p, line);
	}
}

static void
ref_add(struct ref *r, int place, uint64_t line)
{
	uint64_t set = line % ref_sets(place);

	for (int i = 0; i < r->n; i++) {
		struct copy old = r->copies[i];

		if (old.place != place || old.line % ref_sets(place) != set)
			continue;
		r->copies[i] = (struct copy){place, line};
		if (place == LLC)
			r->io[old.line] = false;
		ref_evicted(r, place, old.line);
		return;
	}
	r->copies[r->n++] = (struct copy){place, line};
}

static void
ref_remove_all(struct ref *r, uint64_t line, int keep_core, bool keep_llc)
{
	for (int p = L1; p < PLACES; p++)
		if (p != L1 + keep_core && p != L2 + keep_core && !(p == LLC && keep_llc))
			ref_remove(r, p, line);
}

static int
ref_level(const struct ref *r, int core, uint64_t line)
{
	if (ref_has(r, L1 + core, line))
		return STEER_CACHE_L1;
	if (ref_has(r, L2 + core, line))
		return STEER_CACHE_L2;
	for (int c = 0; c < CORES; c++)
		if (ref_has(r, L2 + c, line))
			return STEER_CACHE_OTHER;
	return ref_has(r, LLC, line) ? STEER_CACHE_LLC : STEER_CACHE_MEMORY;
}

static void
ref_count(struct ref *r, int core, uint64_t line, int level, enum steer_cache_op op)
{
	if (op == STEER_CACHE_OP_PREFETCH) {
		if (r->due[line] && r->from[line] < 0)
			r->from[line] = level;
		return;
	}
	r->ctr[core].lines[level]++;
	if (r->due[line])
		r->ctr[core].first_touch[r->from[line] < 0 ? level : r->from[line]]++;
	r->due[line] = false;
}

static void
ref_access(struct ref *r, int core, uint64_t line, enum steer_cache_op op)
{
	bool inclusive = r->p.inclusion == STEER_CACHE_INCLUSIVE;
	int level = ref_level(r, core, line);

	ref_count(r, core, line, level, op);
	if (level == STEER_CACHE_LLC && !inclusive && !(r->p.shared_ways && r->io[line]))
		ref_remove(r, LLC, line);
	if (level == STEER_CACHE_MEMORY && inclusive)
		ref_add(r, LLC, line);
	if (level > STEER_CACHE_L2)
		ref_add(r, L2 + core, line);
	if (level > STEER_CACHE_L1)
		ref_add(r, L1 + core, line);
	if (op == STEER_CACHE_OP_STORE)
		ref_remove_all(r, line, core, inclusive);
}

static void
ref_dma_write(struct ref *r, uint64_t line, int target)
{
	bool inclusive = r->p.inclusion == STEER_CACHE_INCLUSIVE;

	r->due[line] = true;
	r->from[line] = -1;
	if (target >= 0 && r->p.tags_to_l2 && r->p.tag_declined == 0) {
		ref_remove_all(r, line, target, inclusive);
		ref_remove(r, L1 + target, line);
		if (inclusive && !ref_has(r, LLC, line))
			ref_add(r, LLC, line);
		if (!ref_has(r, L2 + target, line))
			ref_add(r, L2 + target, line);
	} else if (r->p.dma_default == STEER_CACHE_DMA_LLC) {
		ref_remove_all(r, line, CORES * 4, true);
		if (!ref_has(r, LLC, line))
			ref_add(r, LLC, line);
		r->io[line] = true;
	} else {
		ref_remove_all(r, line, CORES * 4, false);
	}
}

static uint32_t
rnd(uint32_t *s, uint32_t n)
{
	*s = *s * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)*s * n) >> 32);
}

static void
step(struct steer_cache *c, struct ref *r, struct steer_cache_counters *ctr, uint32_t *s)
{
	uint64_t line = rnd(s, LINES);
	uint32_t kind = rnd(s, 8);
	int core = (int)rnd(s, CORES);

	if (kind < 6) {
		enum steer_cache_op op = kind < 3   ? STEER_CACHE_OP_LOAD
					 : kind < 5 ? STEER_CACHE_OP_STORE
						    : STEER_CACHE_OP_PREFETCH;

		steer_cache_access(c, (unsigned int)core, line * LINE, LINE, op, &ctr[core]);
		ref_access(r, core, line, op);
		return;
	}
	core = (int)rnd(s, CORES + 1) - 1;
	steer_cache_dma_write(c, line * LINE, LINE, core);
	ref_dma_write(r, line, core);
}

/* What the device does with its tags, and what the LLC does with its lines. */
struct variant {
	enum steer_cache_dma_default dma;
	int tags;
	uint16_t declined, shared;
};

static void
compare(enum steer_cache_inclusion inclusion, const struct variant *v)
{
	struct ref r = {.p = {.l1 = {2 * LINE, 1},
			      .l2 = {4 * LINE, 1},
			      .llc = {8 * LINE, 1},
			      .llc_slices = 1,
			      .io_ways = 1,
			      .inclusion = inclusion,
			      .shared_ways = v->shared,
			      .dma_default = v->dma,
			      .tags_to_l2 = v->tags,
			      .tag_declined = v->declined}};
	struct steer_cache_counters ctr[CORES] = {0};
	struct steer_cache *c;
	uint32_t seed = 7;

	assert_int_equal(steer_cache_create(&r.p, CORES, 1, &c), 0);
	for (int i = 0; i < STEPS; i++) {
		step(c, &r, ctr, &seed);
		assert_memory_equal(ctr, r.ctr, sizeof(ctr));
	}
	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		assert_true(ctr[0].lines[l] > 100); /* the traffic reached every level */
	steer_cache_destroy(c);
}

static void
compare_all(enum steer_cache_inclusion inclusion)
{
	static const struct variant variants[] = {
		{STEER_CACHE_DMA_LLC, 0, 0, 0},    {STEER_CACHE_DMA_LLC, 1, 0, 0},
		{STEER_CACHE_DMA_MEMORY, 0, 0, 0}, {STEER_CACHE_DMA_MEMORY, 1, 0, 0},
		{STEER_CACHE_DMA_LLC, 0, 0, 1},    {STEER_CACHE_DMA_LLC, 1, 0, 1},
		{STEER_CACHE_DMA_LLC, 1, 1000, 1}, {STEER_CACHE_DMA_MEMORY, 1, 1000, 0},
	};

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		compare(inclusion, &variants[i]);
}

static void
agrees_non_inclusive(void **state)
{
	compare_all(STEER_CACHE_NON_INCLUSIVE);
}

static void
agrees_victim(void **state)
{
	compare_all(STEER_CACHE_VICTIM);
}

static void
agrees_inclusive(void **state)
{
	compare_all(STEER_CACHE_INCLUSIVE);
}

/* Traffic that evicts at random from real sizes. */
static void
churn(struct steer_cache *c, struct steer_cache_counters *ctr)
{
	uint32_t s = 3;

	for (int i = 0; i < 200000; i++) {
		uint64_t addr = (uint64_t)rnd(&s, 1 << 20) * LINE;
		unsigned int core = rnd(&s, CORES);

		if (i % 4 == 0)
			steer_cache_dma_write(c, addr, 256, (int)core);
		else
			steer_cache_access(c, core, addr, 100, (enum steer_cache_op)(i % 3),
					   &ctr[core]);
	}
}

static void
same_seed_same_counters(void **state)
{
	struct steer_cache_counters first[CORES] = {0}, again[CORES] = {0}, other[CORES] = {0};
	const struct steer_platform *p = steer_platform_find("zen5");
	struct steer_cache *a, *b, *d;

	assert_int_equal(steer_cache_create(p, CORES, 42, &a), 0);
	assert_int_equal(steer_cache_create(p, CORES, 42, &b), 0);
	assert_int_equal(steer_cache_create(p, CORES, 43, &d), 0);
	churn(a, first);
	churn(b, again);
	churn(d, other);
	assert_memory_equal(first, again, sizeof(first));
	assert_memory_not_equal(first, other, sizeof(first));
	steer_cache_destroy(a);
	steer_cache_destroy(b);
	steer_cache_destroy(d);
}

static void
reset_is_as_new(void **state)
{
	struct steer_cache_counters first[CORES] = {0}, again[CORES] = {0};
	const struct steer_platform *p = steer_platform_find("clx");
	struct steer_cache_dma_stats one, two;
	struct steer_cache *c;

	assert_int_equal(steer_cache_create(p, CORES, 42, &c), 0);
	churn(c, first);
	steer_cache_dma_stats(c, &one);
	steer_cache_reset(c);
	churn(c, again);
	steer_cache_dma_stats(c, &two);
	assert_memory_equal(first, again, sizeof(first));
	assert_memory_equal(&one, &two, sizeof(one));
	steer_cache_destroy(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_non_inclusive), cmocka_unit_test(agrees_victim),
		cmocka_unit_test(agrees_inclusive),     cmocka_unit_test(same_seed_same_counters),
		cmocka_unit_test(reset_is_as_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
