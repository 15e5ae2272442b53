/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The CPUs that lcores run on: the cores of the cache model, and where "right" and "wrong" are.
 */

#ifndef CPUS_H
#define CPUS_H

#include <stdint.h>

#include <steer_trace.h>

struct cpus {
	unsigned int n;
	uint16_t cpu[STEER_TRACE_MAX_CPUS]; /**< ascending, each once */
};

/** Add a CPU in its place. @return 0, -ENOSPC, -EINVAL not a 16-bit number. */
int cpus_add(struct cpus *cpus, uint32_t cpu);
/** The next CPU of the list after this one, the first after the last. Needs two. */
uint16_t cpus_other(const struct cpus *cpus, uint16_t cpu);

#endif /* CPUS_H */
