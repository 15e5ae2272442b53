/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Speed of the cache model in line accesses per second on one core, and the memory of a large one.
 * How near it is to measurements is what model-validation prints.
 */

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <steer_cache.h>

#define BAR        20e6
#define BAR_MIB    256.0
#define MANY_CORES 64u
#define LONG_RING  4096u
#define RUNS       5
#define QUEUES     4u
#define BUFFERS    2048u
#define STRIDE     2432u /* mbuf, headroom and data room of DPDK's default pool */
#define WINDOW     32u
#define WINDOWS    6000u

/* Of this thread's CPU, so that other programs on the machine count for less. */
static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* One packet of a queue: data and completion by DMA, then what a forwarder touches. */
static void
packet_dma(struct steer_cache *c, unsigned int q, unsigned int n, uint32_t len)
{
	uint64_t pool = (uint64_t)q << 44;

	steer_cache_dma_write(c, pool + (n % BUFFERS) * STRIDE + 256, len, (int)q);
	steer_cache_dma_write(c, pool + (64u << 20) + (n % 256) * 8, 8, (int)q);
}

static void
packet_cpu(struct steer_cache *c, unsigned int q, unsigned int n, struct steer_cache_counters *ctr)
{
	uint64_t pool = (uint64_t)q << 44, buf = pool + (n % BUFFERS) * STRIDE;

	steer_cache_access(c, q, pool + (64u << 20) + (n % 256) * 8, 8, STEER_CACHE_OP_LOAD, ctr);
	steer_cache_access(c, q, buf, 64, STEER_CACHE_OP_STORE, ctr);
	steer_cache_access(c, q, buf + 256, 14, STEER_CACHE_OP_STORE, ctr);
	steer_cache_access(c, q, pool + (65u << 20) + (n % 256) * 16, 16, STEER_CACHE_OP_STORE,
			   ctr);
	steer_cache_dma_read(c, buf + 256, 64);
}

/* Line accesses per second, device and CPU together. */
static double
speed(const struct steer_platform *p)
{
	static const uint32_t lens[] = {64, 64, 64, 64, 64, 64, 64, 570, 570, 570, 570, 1500};
	struct steer_cache_counters ctr = {0};
	struct steer_cache_dma_stats dma;
	struct steer_cache *c;
	uint64_t lines;
	double start;

	if (steer_cache_create(p, QUEUES, 1, &c) < 0)
		return 0;
	start = now();
	for (unsigned int first = 0; first < WINDOWS * WINDOW; first += WINDOW) {
		for (unsigned int i = 0; i < WINDOW * QUEUES; i++)
			packet_dma(c, i / WINDOW, first + i % WINDOW, lens[i % 12]);
		for (unsigned int i = 0; i < WINDOW * QUEUES; i++)
			packet_cpu(c, i / WINDOW, first + i % WINDOW, &ctr);
	}
	start = now() - start;
	steer_cache_dma_stats(c, &dma);
	lines = dma.writes + dma.reads;
	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		lines += ctr.lines[l];
	steer_cache_destroy(c);
	return (double)lines / start;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
print_speed(const struct steer_platform *p)
{
	double v[RUNS], median;

	for (int i = 0; i < RUNS; i++)
		v[i] = speed(p);
	qsort(v, RUNS, sizeof(v[0]), by_value);
	median = v[RUNS / 2];
	printf("%-12s %.1f million line accesses per second, median of %d [%.1f-%.1f]\n", p->name,
	       median / 1e6, RUNS, v[0] / 1e6, v[RUNS - 1] / 1e6);
	if (p == steer_platform_find("zen5"))
		printf("bar model-accesses %.0f %.0f %s\n", median, BAR,
		       median >= BAR ? "met" : "missed");
}

/* Memory of this process that is really there, in bytes. */
static double
resident(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/*
 * What a machine of 64 cores takes: every one of them with a full ring of 4096 large packets, so
 * that all its caches are full and all buffers have a state.
 */
static double
memory(const struct steer_platform *p)
{
	double before = resident(), after;
	struct steer_cache *c;

	if (steer_cache_create(p, MANY_CORES, 1, &c) < 0)
		return INFINITY;
	for (unsigned int pass = 0; pass < 2; pass++)
		for (unsigned int core = 0; core < MANY_CORES; core++)
			for (uint64_t n = 0; n < LONG_RING; n++) {
				uint64_t buf = ((uint64_t)core * LONG_RING + n) * STRIDE;

				steer_cache_dma_write(c, buf + 256, 1500, -1);
				steer_cache_access(c, core, buf, STRIDE, STEER_CACHE_OP_STORE,
						   NULL);
			}
	after = resident();
	steer_cache_destroy(c);
	return (after - before) / (1 << 20);
}

static void
print_memory(void)
{
	double most = 0;

	for (const struct steer_platform *p = NULL; (p = steer_platform_next(p)) != NULL;) {
		double mib = memory(p);

		printf("%-12s %.0f MiB resident for %u cores\n", p->name, mib, MANY_CORES);
		most = fmax(most, mib);
	}
	printf("bar model-memory %.0f %.0f %s\n", most, BAR_MIB,
	       most > 0 && most <= BAR_MIB ? "met" : "missed");
}

int
main(void)
{
	/* Or freed memory stays, and what takes it again looks as if it needed none. */
	mallopt(M_MMAP_THRESHOLD, 1 << 16);
	for (const struct steer_platform *p = NULL; (p = steer_platform_next(p)) != NULL;)
		print_speed(p);
	print_memory();
	return EXIT_SUCCESS;
}
