/* SPDX-License-Identifier: BSD-3-Clause */

/* A noisy neighbour of the forwarder, as steer_trace.h has it: loads that the device makes up. */

#include <errno.h>

#include "model_priv.h"
#include "pick.h"

static bool
cpu_listed(const struct steer_trace_conf *c)
{
	uint32_t i;

	for (i = 0; i < c->ncpus; i++) {
		if (c->cpus[i] == c->noise_cpu)
			return true;
	}
	return false;
}

int
model_noise_check(const struct steer_trace_conf *c)
{
	if (c->noise_kib == 0)
		return 0;
	if (c->noise_kib > STEER_TRACE_NOISE_MAX_KIB)
		return -E2BIG;
	if (c->noise_lines == 0 || c->noise_lines > STEER_TRACE_NOISE_MAX_LINES)
		return -EINVAL;
	return cpu_listed(c) ? 0 : -ENOENT;
}

void
model_noise_begin(struct model *m, const struct steer_trace_conf *c)
{
	uint32_t lines = c->noise_kib * (1024u / STEER_CACHE_LINE);

	m->noise = (struct model_noise){0};
	if (lines == 0)
		return;
	m->noise = (struct model_noise){
		.lines = lines,
		.mask = rte_align32pow2(lines) - 1,
		.at = (uint32_t)pick_mix(c->seed),
		.add = (uint32_t)pick_mix(c->seed + 1) | 1,
		.per_packet = c->noise_lines,
		.core = (unsigned int)m->core_of[c->noise_cpu],
	};
}

/**
 * Next line. A linear congruential generator modulo a power of two goes through all numbers below
 * it when the increment is odd and the multiplier 1 more than a multiple of 4 (Hull and Dobell,
 * 1962); those beyond the memory are left out, at most every other one.
 */
static uint32_t
next_line(struct model_noise *n)
{
	do
		n->at = (n->at * 0x915f77f5u + n->add) & n->mask;
	while (n->at >= n->lines);
	return n->at;
}

void
model_noise_walk(struct model *m, uint64_t packets)
{
	struct model_noise *n = &m->noise;
	uint64_t left = packets * n->per_packet;

	for (; left > 0; left--)
		steer_cache_access(m->cache, n->core,
				   MODEL_NOISE_BASE + (uint64_t)next_line(n) * STEER_CACHE_LINE,
				   STEER_CACHE_LINE, STEER_CACHE_OP_LOAD, NULL);
}
