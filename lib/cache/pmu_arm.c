/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Arm Neoverse. Which events a core has: perf's lists neoverse-n1, neoverse-v1, neoverse-n2-v2;
 * codes: common-and-microarch.json and recommended.json beside them (tools/perf/pmu-events/
 * arch/arm64); parts from mapfile.csv there. A core has 6 counters and one of cycles alone
 * (that is what the reference manuals say; a core with fewer refuses the set).
 *
 * Counts are of executed loads, those of a mispredicted path among them. No event of these cores
 * counts software prefetches; N1 and V1 leave them out of L1D_CACHE_REFILL. They show as L2 reads
 * beyond the L1D's refills by loads.
 */

#include "pmu.h"
#include "pmu_witness.h"

#define RAW(code, in) .type = PERF_TYPE_RAW, .config = (code), .set = (in)

#define EVENTS                                                                                     \
	{.name = "CPU_CYCLES", RAW(0x11, 0)}, {.name = "L1D_CACHE_RD", RAW(0x40, 0)},              \
		{.name = "L1D_CACHE_REFILL_RD", RAW(0x42, 0)},                                     \
		{.name = "L2D_CACHE_REFILL_RD", RAW(0x52, 0)},                                     \
		{.name = "LL_CACHE_RD", RAW(0x36, 0)}, {.name = "LL_CACHE_MISS_RD", RAW(0x37, 0)}, \
		{.name = "L2D_CACHE_RD", RAW(0x50, 1)},                                            \
		{.name = "L2D_CACHE_REFILL", RAW(0x17, 1)},                                        \
		{.name = "L1D_CACHE_REFILL", RAW(0x03, 1)},                                        \
	{                                                                                          \
		.name = "REMOTE_ACCESS", RAW(0x31, 1)                                              \
	}

static const struct pmu_event n1_events[] = {EVENTS};
static const struct pmu_event later_events[] = {
	EVENTS,
	{.name = "L1D_CACHE_LMISS_RD", RAW(0x39, 1)},
};

#define L1_L2                                                                                      \
	{.level = STEER_CACHE_L1, .formula = "L1D_CACHE_RD - L1D_CACHE_REFILL_RD"},                \
	{                                                                                          \
		.level = STEER_CACHE_L2, .formula = "L1D_CACHE_REFILL_RD - L2D_CACHE_REFILL_RD"    \
	}
#define BESIDE                                                                                     \
	{.level = -1,                                                                              \
	 .name = "L2 reads beyond refills by loads (prefetches, instructions, page walks)",        \
	 .formula = "L2D_CACHE_RD - L1D_CACHE_REFILL_RD"},                                         \
		{.level = -1,                                                                      \
		 .name = "lines from outside into L2, by anything",                                \
		 .formula = "L2D_CACHE_REFILL"},                                                   \
		{.level = -1,                                                                      \
		 .name = "lines into L1D by loads and stores",                                     \
		 .formula = "L1D_CACHE_REFILL"},                                                   \
	{                                                                                          \
		.level = -1, .name = "accesses to another chip", .formula = "REMOTE_ACCESS"        \
	}

static const struct pmu_row rows[] = {
	L1_L2,
	{.level = STEER_CACHE_OTHER, .formula = "LL_CACHE_RD - LL_CACHE_MISS_RD"},
	{.level = STEER_CACHE_MEMORY, .formula = "LL_CACHE_MISS_RD"},
	BESIDE,
};

/* Where the last-level events do not count (EXTLLC is firmware's to set). */
static const struct pmu_row far_rows[] = {
	L1_L2,
	{.level = STEER_CACHE_OTHER, .formula = "L2D_CACHE_REFILL_RD"},
	BESIDE,
};

#define OTHER_LLC (1u << STEER_CACHE_OTHER | 1u << STEER_CACHE_LLC)

static const struct pmu_ident n1[] = {{PMU_ARM, 0, 0xd0c, 0xd0c}};
static const struct pmu_ident v1[] = {{PMU_ARM, 0, 0xd40, 0xd40}};
static const struct pmu_ident n2[] = {{PMU_ARM, 0, 0xd49, 0xd49}};
static const struct pmu_ident v2[] = {{PMU_ARM, 0, 0xd4f, 0xd4f}};

#define NEOVERSE(id, text, list, model, ev)                                                        \
	{                                                                                          \
		.name = id, .desc = text,                                                          \
		.counts = "L1: cache reads by executed loads less lines refilled; below: lines"    \
			  " refilled for loads, hardware's prefetches into L2 with them",          \
		.source = "perf's event list " list, .idents = model, .nb_idents = PMU_N(model),   \
		.events = ev, .nb_events = PMU_N(ev), .counters = 6, .nb_sets = 2,                 \
		.level_sets = 1,                                                                   \
		.reading = {.rows = rows,                                                          \
			    .nb = PMU_N(rows),                                                     \
			    .merged = OTHER_LLC,                                                   \
			    .note = "the interconnect does not say which cache had the line"},     \
		.fallback = {.rows = far_rows,                                                     \
			     .nb = PMU_N(far_rows),                                                \
			     .merged = OTHER_LLC | 1u << STEER_CACHE_MEMORY,                       \
			     .note = "LL_CACHE events do not count here (CPUECTLR.EXTLLC)"},       \
		.witness = pmu_witness_cmn, .nb_witness = PMU_WITNESS_CMN,                         \
	}

const struct pmu_table pmu_arm[] = {
	NEOVERSE("neoverse-n1", "Arm Neoverse N1", "neoverse-n1", n1, n1_events),
	NEOVERSE("neoverse-v1", "Arm Neoverse V1", "neoverse-v1", v1, later_events),
	NEOVERSE("neoverse-n2", "Arm Neoverse N2", "neoverse-n2-v2", n2, later_events),
	NEOVERSE("neoverse-v2", "Arm Neoverse V2", "neoverse-n2-v2", v2, later_events),
};
const unsigned int pmu_nb_arm = PMU_N(pmu_arm);
