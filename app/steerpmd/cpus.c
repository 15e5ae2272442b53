/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "cpus.h"

int
cpus_add(struct cpus *cpus, uint32_t cpu)
{
	unsigned int i = 0;

	if (cpu > UINT16_MAX)
		return -EINVAL;
	while (i < cpus->n && cpus->cpu[i] < cpu)
		i++;
	if (i < cpus->n && cpus->cpu[i] == cpu)
		return 0;
	if (cpus->n == STEER_TRACE_MAX_CPUS)
		return -ENOSPC;
	memmove(&cpus->cpu[i + 1], &cpus->cpu[i], (cpus->n - i) * sizeof(cpus->cpu[0]));
	cpus->cpu[i] = cpu;
	cpus->n++;
	return 0;
}

uint16_t
cpus_other(const struct cpus *cpus, uint16_t cpu)
{
	unsigned int i = 0;

	while (i < cpus->n && cpus->cpu[i] <= cpu)
		i++;
	return cpus->cpu[i < cpus->n ? i : 0];
}
