/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Speed of the cache model in line accesses per second on one core, and its distance from
 * published measurements. Both are about the model; no hardware counter is read here.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <steer_cache.h>

#define BAR     10e6
#define RUNS    5
#define QUEUES  4u
#define BUFFERS 2048u
#define STRIDE  2432u /* mbuf, headroom and data room of DPDK's default pool */
#define WINDOW  32u
#define WINDOWS 6000u

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

/*
 * PCIe write hit rates in percent, one core, from ddio-bench
 * (https://github.com/aliireza/ddio-bench, A. Farshin and others, "Reexamining Direct Cache
 * Access", USENIX ATC 2020): Xeon Gold 6140, ConnectX-5 100G, FastClick L2 forwarding, medians of
 * 10 runs.
 */
static const struct point {
	uint32_t len, ring, ways;
	double hit;
} points[] = {
	{256, 128, 2, 100.0},  {256, 256, 2, 100.0},   {256, 512, 2, 100.0},
	{256, 1024, 2, 100.0}, {256, 2048, 2, 100.0},  {256, 4096, 2, 99.9},
	{512, 128, 2, 100.0},  {512, 256, 2, 99.8},    {512, 512, 2, 99.8},
	{512, 1024, 2, 99.6},  {512, 2048, 2, 98.5},   {512, 4096, 2, 92.1},
	{1024, 128, 2, 100.0}, {1024, 256, 2, 98.9},   {1024, 512, 2, 98.2},
	{1024, 1024, 2, 95.9}, {1024, 2048, 2, 89.0},  {1024, 4096, 2, 62.8},
	{1500, 128, 2, 98.2},  {1500, 256, 2, 98.3},   {1500, 512, 2, 96.9},
	{1500, 1024, 2, 89.3}, {1500, 2048, 2, 81.7},  {1500, 4096, 2, 39.9},
	{1024, 4096, 3, 88.0}, {1024, 4096, 4, 97.1},  {1024, 4096, 5, 99.6},
	{1024, 4096, 6, 99.9}, {1024, 4096, 7, 100.0}, {1500, 4096, 4, 87.5},
	{1500, 4096, 6, 99.8}, {1500, 4096, 8, 100.0},
};

#define N_POINTS (sizeof(points) / sizeof(points[0]))
#define PASSES   16u

/* The ring walked in order, second half counted. touch: the CPU reads each packet's first line. */
static double
hit_rate(const struct point *pt, int touch)
{
	struct steer_platform p = *steer_platform_find("clx");
	struct steer_cache_dma_stats half, all;
	struct steer_cache *c;

	p.llc_slices = 18; /* Xeon Gold 6140 */
	p.io_ways = (uint16_t)pt->ways;
	if (steer_cache_create(&p, 1, 1, &c) < 0)
		return 0;
	for (unsigned int pass = 0; pass < PASSES; pass++) {
		if (pass == PASSES / 2)
			steer_cache_dma_stats(c, &half);
		for (uint64_t d = 0; d < pt->ring; d++) {
			steer_cache_dma_write(c, d * STRIDE + 256, pt->len, -1);
			if (touch)
				steer_cache_access(c, 0, d * STRIDE + 256, 14, STEER_CACHE_OP_STORE,
						   NULL);
		}
	}
	steer_cache_dma_stats(c, &all);
	steer_cache_destroy(c);
	return 100.0 * (double)(all.write_hits - half.write_hits) /
	       (double)(all.writes - half.writes);
}

static void
print_distance(const char *name, int touch)
{
	double sum = 0, sum_unsat = 0, worst = 0;
	unsigned int n = N_POINTS, n_unsat = 0;

	for (unsigned int i = 0; i < n; i++) {
		double e = hit_rate(&points[i], touch) - points[i].hit;

		sum += e * e;
		if (fabs(e) > fabs(worst))
			worst = e;
		if (points[i].hit < 99.0) {
			sum_unsat += e * e;
			n_unsat++;
		}
	}
	printf("modelled, single queue: DDIO write hit rate, %s: RMSE %.1f points over %u, "
	       "%.1f over the %u below 99 %%, worst %+.1f\n",
	       name, sqrt(sum / n), n, sqrt(sum_unsat / n_unsat), n_unsat, worst);
}

int
main(void)
{
	for (const struct steer_platform *p = NULL; (p = steer_platform_next(p)) != NULL;)
		print_speed(p);
	print_distance("device alone", 0);
	print_distance("header touched by the CPU", 1);
	return EXIT_SUCCESS;
}
