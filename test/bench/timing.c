/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the timing source sees on this machine; nothing here is judged.
 *   bench-timing rounds N
 *       N calibrations: medians, cuts, recalls, what was merged; then the source's description
 *   bench-timing record N
 *       raw ticks, N batches of each state: what test/data/timing has
 *   bench-timing shares
 *       random walks over several sizes of memory with the hook in them: the shares of levels
 *   bench-timing hook
 *       ticks that the hook costs per packet, by distance of the samples
 * Pin it (taskset): a thread that moves has no figures.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steer_stat.h"
#include "timing.h"

#define LINES    (1u << 14) /* of the memory that the hook walks: 1 MiB */
#define TOUCHES  (1u << 20)
#define WALKED   (1u << 18) /* lines of a random walk */
#define MOST_KIB 65536u
#define RUNS     15u

static const char *const state_name[TIMING_STATES] = {"L1", "L2", "out of L2", "memory"};

static int
fail(const char *why)
{
	fprintf(stderr, "bench-timing: %s\n", why);
	return 1;
}

static void
calibration_print(const struct timing_calibration *cal)
{
	for (unsigned int st = 0; st < TIMING_STATES; st++)
		printf(" %s %" PRIu32 " ticks recall %.2f %%,", state_name[st], cal->median[st],
		       100 * cal->recall[st]);
	printf(" cuts %" PRIu32 " %" PRIu32 " %" PRIu32 ", groups %u%u%u%u, %" PRIu32
	       " interrupted\n",
	       cal->cut[0], cal->cut[1], cal->cut[2], cal->group[0], cal->group[1], cal->group[2],
	       cal->group[3], cal->interrupted);
}

static int
rounds(unsigned long n)
{
	static char json[65536];
	char why[STEER_SOURCE_WHY];
	struct steer_source_thread *t;
	struct steer_source *s;

	if (steer_timing_create(NULL, &s, why, sizeof(why)) != 0)
		return fail(why);
	if (s->ops->thread_open(s, 1, &t, why, sizeof(why)) != 0) {
		s->ops->destroy(s);
		return fail(why);
	}
	for (unsigned long i = 0; i < n; i++) {
		printf("round %lu:", i);
		if (s->ops->prepare(t, why, sizeof(why)) == 0)
			calibration_print(&((struct timing_thread *)t)->cal);
		else
			printf(" %s\n", why);
	}
	if (s->ops->describe(s, json, sizeof(json)) > 0)
		printf("%s\n", json);
	s->ops->thread_close(t);
	s->ops->destroy(s);
	return 0;
}

/* One line per state and batch: the state, then the ticks. */
static int
record(unsigned long n)
{
	const struct timing_machine *m = &timing_this_machine;
	struct timing_pages *pages = m->pages();
	uint32_t ticks[TIMING_BATCH];

	if (pages == NULL)
		return fail("no memory");
	printf("# bench-timing record %lu: counter %s, %" PRIu64 " Hz, step %" PRIu32 "\n", n,
	       m->counter, m->hz(), m->step());
	for (unsigned long i = 0; i < n; i++) {
		for (unsigned int st = 0; st < TIMING_STATES; st++) {
			m->batch(pages, (enum timing_state)st, ticks);
			printf("# %s\n", state_name[st]);
			for (unsigned int k = 0; k < TIMING_BATCH; k++)
				printf("%" PRIu32 "%c", ticks[k],
				       k + 1 < TIMING_BATCH ? ' ' : '\n');
		}
	}
	m->pages_free(pages);
	return 0;
}

/* Read n lines of the memory in random order, each shown to the hook first. */
static void
random_walk(struct steer_timing_thread *t, const char *mem, uint32_t lines, uint32_t n)
{
	uint64_t rng = 1;

	while (n-- > 0) {
		const char *line;

		rng = rng * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
		line = mem + ((rng >> 32) * lines >> 32) * STEER_CACHE_LINE;
		line = steer_timing_touch(t, 0, line);
		(void)*(const volatile char *)line;
	}
}

static int
share_print(struct steer_source_thread *t, char *mem, uint32_t kib)
{
	const struct steer_source_ops *ops = t->source->ops;
	struct steer_timing_thread *hot = steer_timing_thread_of(t);
	const uint64_t packets[] = {WALKED};
	uint32_t lines = kib * 1024 / STEER_CACHE_LINE;
	char why[STEER_SOURCE_WHY];
	struct steer_figures f;

	if (ops->prepare(t, why, sizeof(why)) != 0)
		return fail(why);
	random_walk(hot, mem, lines, WALKED); /* no window yet: warm-up */
	ops->start(t, 0);
	random_walk(hot, mem, lines, WALKED);
	ops->stop(t, 0, packets);
	if (ops->read(t, 0, &f, why, sizeof(why)) != 0)
		return fail(why);
	printf("%7" PRIu32 " KiB, %5.1f ticks a line:", kib, f.cycles);
	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		if (f.touch_known & 1u << l)
			printf(" %s%s %.1f %%", f.merged & 1u << l ? "from " : "",
			       steer_cache_level_name(l), 100 * f.first_touch[l]);
	printf("\n");
	return 0;
}

static int
shares(void)
{
	const struct steer_timing_conf conf = {.every = 16};
	char *mem = aligned_alloc(STEER_CACHE_LINE, (size_t)MOST_KIB * 1024);
	char why[STEER_SOURCE_WHY];
	struct steer_source_thread *t = NULL;
	struct steer_source *s = NULL;
	int rc = 1;

	if (mem == NULL)
		return fail("no memory");
	memset(mem, 1, (size_t)MOST_KIB * 1024);
	if (steer_timing_create(&conf, &s, why, sizeof(why)) != 0 ||
	    s->ops->thread_open(s, 1, &t, why, sizeof(why)) != 0) {
		fail(why);
		goto out;
	}
	rc = 0;
	for (uint32_t kib = 16; kib <= MOST_KIB && rc == 0; kib *= 4)
		rc = share_print(t, mem, kib);
	s->ops->thread_close(t);
out:
	if (s != NULL)
		s->ops->destroy(s);
	free(mem);
	return rc;
}

/* Ticks per touch of a read of each line, with the hook before it or without. */
static double
walk(struct steer_timing_thread *t, const char *mem)
{
	uint64_t start = steer_timing_now();

	for (unsigned int i = 0; i < TOUCHES; i++) {
		const char *line = mem + i % LINES * STEER_CACHE_LINE;

		if (t != NULL)
			line = steer_timing_touch(t, 0, line);
		(void)*(const volatile char *)line;
	}
	return (double)(steer_timing_now() - start) / TOUCHES;
}

static double
median_walk(struct steer_timing_thread *t, const char *mem)
{
	double v[RUNS];

	for (unsigned int i = 0; i < RUNS; i++)
		v[i] = walk(t, mem);
	return steer_stat_median(v, RUNS);
}

static int
hook(void)
{
	static const uint32_t every[] = {1, 16, 64, 256, 1024};
	static uint32_t ticks[1][STEER_TIMING_BUCKETS];
	struct steer_timing_thread t = {.slots = 1, .ticks = ticks, .rng = 1, .every = 1};
	char *mem = malloc(LINES * STEER_CACHE_LINE);

	if (mem == NULL)
		return fail("no memory");
	memset(mem, 1, LINES * STEER_CACHE_LINE);
	printf("no hook: %.2f ticks per touch\n", median_walk(NULL, mem));
	printf("hook, no window open: %.2f\n", median_walk(&t, mem));
	for (unsigned int i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		t.every = every[i];
		t.left = 1;
		printf("hook, one in %" PRIu32 ": %.2f\n", every[i], median_walk(&t, mem));
	}
	free(mem);
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned long n = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (argc == 3 && n > 0 && strcmp(argv[1], "rounds") == 0)
		return rounds(n);
	if (argc == 3 && n > 0 && strcmp(argv[1], "record") == 0)
		return record(n);
	if (argc == 2 && strcmp(argv[1], "shares") == 0)
		return shares();
	if (argc == 2 && strcmp(argv[1], "hook") == 0)
		return hook();
	fprintf(stderr, "usage: bench-timing rounds N | record N | shares | hook\n");
	return 2;
}
