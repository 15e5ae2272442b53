/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Series of rounds as an experiment has them, measured: ticks per load of a walk in random
 * order, the median of 400 chunks of 1,000 loads in each round.
 * What test/data/stability has was printed by this.
 *   bench-series stationary|drifting|bimodal ROUNDS
 *       stationary: a working set of a quarter of L2 in each round
 *       drifting: a working set that grows from half of L2 to one and a half
 *       bimodal: a quarter of L2 or three quarters, by a fixed coin
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "steer_stat.h"
#include "steer_timing_probe.h"

#define LINE       64u
#define L2_DEFAULT (1u << 20)
#define CHUNK      1000u /* loads */
#define CHUNKS     400u
#define MAX_ROUNDS 100000u

static uint64_t rng = 1;

static uint32_t
below(uint32_t n)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
	return (uint32_t)(((rng >> 32) * n) >> 32);
}

/* Each line has the address of the next, all on one ring in random order (Sattolo). */
static void **
ring_make(char *mem, size_t len)
{
	uint32_t n = (uint32_t)(len / LINE);
	uint32_t *order = calloc(n, sizeof(*order));

	if (order == NULL)
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	for (uint32_t i = n - 1; i > 0; i--) {
		uint32_t k = below(i), t = order[i];

		order[i] = order[k];
		order[k] = t;
	}
	for (uint32_t i = 0; i < n; i++)
		*(void **)(mem + order[i] * LINE) = mem + order[(i + 1) % n] * LINE;
	free(order);
	return (void **)mem;
}

static double
chunk_measure(void *volatile **at)
{
	void *volatile *p = *at;
	uint64_t start = steer_timing_now();

	for (unsigned int i = 0; i < CHUNK; i++)
		p = *p;
	*at = p;
	return (double)(steer_timing_now() - start) / CHUNK;
}

/* The median of many chunks: in some of them the CPU was somebody else's. */
static double
round_measure(char *mem, size_t len)
{
	static double ticks[CHUNKS];
	void *volatile *p = (void *volatile *)ring_make(mem, len);

	if (p == NULL)
		return -1;
	for (unsigned int i = 0; i < CHUNKS; i++) /* warm-up */
		chunk_measure(&p);
	for (unsigned int i = 0; i < CHUNKS; i++)
		ticks[i] = chunk_measure(&p);
	return steer_stat_median(ticks, CHUNKS);
}

static size_t
working_set(const char *kind, size_t l2, unsigned int round, unsigned int rounds)
{
	static uint32_t coin = 0x9e3779b9;

	if (strcmp(kind, "stationary") == 0)
		return l2 / 4;
	if (strcmp(kind, "drifting") == 0)
		return l2 / 2 + l2 / rounds * round;
	coin = coin * 1664525 + 1013904223; /* Numerical Recipes */
	return coin >> 31 ? l2 / 4 : l2 / 4 * 3;
}

static bool
known_kind(const char *kind)
{
	return strcmp(kind, "stationary") == 0 || strcmp(kind, "drifting") == 0 ||
	       strcmp(kind, "bimodal") == 0;
}

int
main(int argc, char **argv)
{
	long known = sysconf(_SC_LEVEL2_CACHE_SIZE);
	size_t l2 = known > 0 ? (size_t)known : L2_DEFAULT;
	unsigned long rounds = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	char *mem;

	if (rounds == 0 || rounds > MAX_ROUNDS || !known_kind(argv[1])) {
		fprintf(stderr, "usage: bench-series stationary|drifting|bimodal ROUNDS\n");
		return 2;
	}
	mem = aligned_alloc(LINE, 2 * l2);
	if (mem == NULL) {
		fprintf(stderr, "bench-series: no memory\n");
		return 1;
	}
	memset(mem, 0, 2 * l2);
	printf("# ticks per load, bench-series %s %lu, L2 of %zu bytes\n", argv[1], rounds, l2);
	for (unsigned int i = 0; i < rounds; i++)
		printf("%.3f\n",
		       round_measure(mem, working_set(argv[1], l2, i, (unsigned int)rounds)));
	free(mem);
	return 0;
}
