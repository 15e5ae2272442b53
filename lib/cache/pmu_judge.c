/* SPDX-License-Identifier: BSD-3-Clause */

/* A claim about the device's writes, held against the witnesses. */

#include <inttypes.h>
#include <stdio.h>

#include "pmu.h"

#define FEW_WRITES 1000u
#define APART      0.10 /* what a window's edges and other devices may make */

static uint64_t
have(const struct steer_pmu_witness_figures *f, enum steer_pmu_witness_kind kind, bool *known)
{
	*known = *known && (f->known & 1u << kind);
	return f->count[kind];
}

static enum steer_pmu_verdict
too_few(const char *what, uint64_t n, char *why, size_t len)
{
	snprintf(why, len, "only %" PRIu64 " %s were witnessed", n, what);
	return STEER_PMU_CANNOT_TELL;
}

/* Hits and misses of the caching agents. */
static enum steer_pmu_verdict
by_hits(uint64_t hit, uint64_t miss, double claim, char *why, size_t len)
{
	double share;

	if (hit + miss < FEW_WRITES)
		return too_few("device writes", hit + miss, why, len);
	share = (double)hit / (double)(hit + miss);
	snprintf(why, len,
		 "of %" PRIu64 " device writes %.1f %% hit a cache, and %.1f %% are claimed",
		 hit + miss, 100 * share, 100 * claim);
	return share > claim + APART || share < claim - APART ? STEER_PMU_CONTRADICTS
							      : STEER_PMU_AGREES;
}

/* A stash that was not pulled did not reach its core; writes without a stash are not seen. */
static enum steer_pmu_verdict
by_stashes(uint64_t sent, uint64_t pulled, double claim, char *why, size_t len)
{
	double share;

	if (sent < FEW_WRITES)
		return too_few("stashes", sent, why, len);
	share = (double)pulled / (double)sent;
	snprintf(why, len,
		 "of %" PRIu64 " stashes the cores took %.1f %%, and %.1f %% hits are claimed",
		 sent, 100 * share, 100 * claim);
	return share < claim - APART ? STEER_PMU_CONTRADICTS : STEER_PMU_AGREES;
}

/* What did not go to DRAM stayed in caches: a lower bound, as others write to DRAM, too. */
static enum steer_pmu_verdict
by_dram(uint64_t io, uint64_t dram, double claim, char *why, size_t len)
{
	double stayed;

	if (io < FEW_WRITES)
		return too_few("device writes", io, why, len);
	stayed = dram < io ? 1 - (double)dram / (double)io : 0;
	snprintf(why, len,
		 "devices wrote %" PRIu64 " lines and DRAM took %" PRIu64
		 " from everybody: at least %.1f %% "
		 "stayed in caches, and %.1f %% are claimed",
		 io, dram, 100 * stayed, 100 * claim);
	if (claim < stayed - APART)
		return STEER_PMU_CONTRADICTS;
	return stayed > claim - APART ? STEER_PMU_AGREES : STEER_PMU_CANNOT_TELL;
}

enum steer_pmu_verdict
steer_pmu_witness_judge(const struct steer_pmu_witness_figures *f, double hits, char *why,
			size_t len)
{
	bool cha = true, cmn = true, df = true;
	uint64_t hit = have(f, STEER_PMU_WRITE_HIT, &cha);
	uint64_t miss = have(f, STEER_PMU_WRITE_MISS, &cha);
	uint64_t sent = have(f, STEER_PMU_STASH_SENT, &cmn);
	uint64_t pulled = have(f, STEER_PMU_STASH_PULLED, &cmn);
	uint64_t io = have(f, STEER_PMU_IO_WRITES, &df);
	uint64_t dram = have(f, STEER_PMU_DRAM_WRITES, &df);

	if (cha)
		return by_hits(hit, miss, hits, why, len);
	if (cmn)
		return by_stashes(sent, pulled, hits, why, len);
	if (df)
		return by_dram(io, dram, hits, why, len);
	snprintf(why, len, "no witness of device writes on this machine");
	return STEER_PMU_CANNOT_TELL;
}
