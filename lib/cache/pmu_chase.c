/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Loops whose loads are all of one level: a chain of pointers in random order, so that no
 * prefetcher guesses the next one and none starts before the last has come. One that is larger
 * than an L1D and smaller than an L2, and one whose lines are flushed from all caches before.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pmu.h"

#define L2_LINES   4096u /* 256 KiB: the largest L1D is 64, the smallest L2 512 */
#define L2_STRIDE  STEER_CACHE_LINE
#define L2_ROUNDS  8u

#define FAR_LINES  16384u
#define FAR_STRIDE 256u /* its neighbours, which some prefetchers bring along, are never read */

struct pmu_chase {
	char *near, *far; /* each the first node of its chain */
};

int
pmu_chase_link(char *base, unsigned int nodes, size_t stride)
{
	unsigned int *order = malloc(nodes * sizeof(*order));
	uint64_t seed = 88172645463325252u; /* any: xorshift */

	if (order == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < nodes; i++)
		order[i] = i;
	for (unsigned int i = nodes - 1; i > 0; i--) {
		unsigned int j, tmp = order[i];

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		j = (unsigned int)(seed % (i + 1));
		order[i] = order[j];
		order[j] = tmp;
	}
	for (unsigned int i = 0; i < nodes; i++) {
		void *next = base + order[(i + 1) % nodes] * stride;

		memcpy(base + order[i] * stride, &next, sizeof(next));
	}
	free(order);
	return 0;
}

static char *
chain(unsigned int nodes, size_t stride)
{
	char *base = mmap(NULL, nodes * stride, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	if (pmu_chase_link(base, nodes, stride) == 0)
		return base;
	munmap(base, nodes * stride);
	return NULL;
}

void
pmu_chase_destroy(struct pmu_chase *c)
{
	if (c == NULL)
		return;
	if (c->near != NULL)
		munmap(c->near, (size_t)L2_LINES * L2_STRIDE);
	if (c->far != NULL)
		munmap(c->far, (size_t)FAR_LINES * FAR_STRIDE);
	free(c);
}

struct pmu_chase *
pmu_chase_create(void)
{
	struct pmu_chase *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->near = chain(L2_LINES, L2_STRIDE);
	c->far = chain(FAR_LINES, FAR_STRIDE);
	if (c->near != NULL && c->far != NULL)
		return c;
	pmu_chase_destroy(c);
	return NULL;
}

static void
flush(const char *line)
{
#if defined(__x86_64__)
	__asm__ volatile("clflush (%0)" : : "r"(line) : "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dc civac, %0" : : "r"(line) : "memory");
#endif
}

static void
fence(void)
{
#if defined(__x86_64__)
	__asm__ volatile("mfence" : : : "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dsb sy" : : : "memory");
#endif
}

static void
follow(char *p, unsigned int steps)
{
	while (steps-- > 0)
		p = *(char *volatile *)p;
}

void
pmu_chase_warm(struct pmu_chase *c, enum pmu_loop loop)
{
	if (loop == PMU_LOOP_L2) {
		follow(c->near, 2 * L2_LINES);
		return;
	}
	for (size_t i = 0; i < FAR_LINES; i++)
		flush(c->far + i * FAR_STRIDE);
	fence();
}

unsigned int
pmu_chase_run(struct pmu_chase *c, enum pmu_loop loop)
{
	unsigned int steps = loop == PMU_LOOP_L2 ? L2_LINES * L2_ROUNDS : FAR_LINES;

	follow(loop == PMU_LOOP_L2 ? c->near : c->far, steps);
	return steps;
}
