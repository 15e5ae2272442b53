/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdlib.h>

#include <rte_lcore.h>

#include "steer_priv.h"

/* Threads that registered with EAL have an lcore id too, but nobody gave them a CPU. */
bool
steer_lcore_is_eal(unsigned int lcore)
{
	enum rte_lcore_role_t role;

	if (lcore >= RTE_MAX_LCORE)
		return false;
	role = rte_eal_lcore_role(lcore);
	return role == ROLE_RTE || role == ROLE_SERVICE;
}

int
steer_lcore_cpu_count(unsigned int lcore)
{
	rte_cpuset_t set = rte_lcore_cpuset(lcore);

	return CPU_COUNT(&set);
}

uint32_t
steer_lcore_cpu(unsigned int lcore)
{
	rte_cpuset_t set;
	uint32_t cpu;

	if (!steer_lcore_is_eal(lcore))
		return STEER_CPU_NONE;
	set = rte_lcore_cpuset(lcore);
	if (CPU_COUNT(&set) != 1)
		return STEER_CPU_NONE;
	for (cpu = 0; !CPU_ISSET(cpu, &set); cpu++)
		continue;
	return cpu;
}

static int
cmp_cpu(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint16_t
steer_lcore_cpus(uint32_t *cpus, uint16_t max)
{
	unsigned int lcore;
	uint16_t n = 0, i;
	uint32_t cpu;

	for (lcore = 0; lcore < RTE_MAX_LCORE && n < max; lcore++) {
		cpu = steer_lcore_cpu(lcore);
		for (i = 0; i < n && cpus[i] != cpu; i++)
			continue;
		if (cpu != STEER_CPU_NONE && i == n)
			cpus[n++] = cpu;
	}
	qsort(cpus, n, sizeof(*cpus), cmp_cpu);
	return n;
}
