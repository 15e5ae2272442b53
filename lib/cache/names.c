/* SPDX-License-Identifier: BSD-3-Clause */

#include "steer_cache.h"

const char *
steer_cache_level_name(enum steer_cache_level level)
{
	static const char *const names[STEER_CACHE_LEVELS] = {
		[STEER_CACHE_L1] = "l1",
		[STEER_CACHE_L2] = "l2",
		[STEER_CACHE_OTHER] = "other_core",
		[STEER_CACHE_LLC] = "llc",
		[STEER_CACHE_MEMORY] = "memory",
	};

	return (unsigned int)level < STEER_CACHE_LEVELS ? names[level] : "unknown";
}

double
steer_platform_cycles(const struct steer_platform *p, const uint64_t lines[STEER_CACHE_LEVELS])
{
	double cycles = 0;

	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		cycles += (double)lines[l] * p->latency[l];
	return cycles;
}
