/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * AMD Zen 3, 4 and 5. Codes, unit masks and models: perf's lists amdzen3, amdzen4, amdzen5 and
 * mapfile.csv (tools/perf/pmu-events/arch/x86). Unit masks of sources are or-ed, as those lists do
 * for "all", "remote_cache" (04 and 10) and "dram_io_all" (08 and 40).
 *
 * A core has 6 counters and none for cycles alone; the watchdog may have one of them.
 *
 * Nothing here counts retired loads by their source, but lines that come into the L1D: by demand
 * (loads and stores), by software prefetch, by any. PMDs prefetch, so the levels are made of the
 * first two together.
 */

#include "pmu.h"
#include "pmu_witness.h"

/* Sources of a fill. */
#define L2                  0x01 /* the core's own */
#define CCX                 0x02 /* L3 or another L2 of the complex */
#define OTHERS              0x14 /* a cache of another complex, near or far */
#define DRAM                0x48 /* DRAM or I/O, near or far */
#define DRAM_Z4             0xc8 /* and other memories (CXL) */

#define RAW(code, mask, in) .type = PERF_TYPE_RAW, .config = (mask) << 8 | (code), .set = (in)

#define EVENTS(dram)                                                                               \
	{.name = "ls_not_halted_cyc", RAW(0x76, 0x00, 0)},                                         \
		{.name = "ls_dispatch.ld_dispatch", RAW(0x29, 0x01, 0)},                           \
		{.name = "ls_dmnd_fills_from_sys.local_l2", RAW(0x43, L2, 0)},                     \
		{.name = "ls_dmnd_fills_from_sys.caches", RAW(0x43, CCX | OTHERS, 0)},             \
		{.name = "ls_dmnd_fills_from_sys.dram_io", RAW(0x43, dram, 0)},                    \
		{.name = "ls_sw_pf_dc_fills.local_l2", RAW(0x59, L2, 1)},                          \
		{.name = "ls_sw_pf_dc_fills.caches", RAW(0x59, CCX | OTHERS, 1)},                  \
		{.name = "ls_sw_pf_dc_fills.dram_io", RAW(0x59, dram, 1)},                         \
		{.name = "ls_pref_instr_disp", RAW(0x4b, 0x07, 1)},                                \
		{.name = "ls_any_fills_from_sys.local_l2", RAW(0x44, L2, 2)},                      \
		{.name = "ls_any_fills_from_sys.local_ccx", RAW(0x44, CCX, 2)},                    \
		{.name = "ls_any_fills_from_sys.remote_cache", RAW(0x44, OTHERS, 2)},              \
		{.name = "ls_any_fills_from_sys.dram_io", RAW(0x44, dram, 2)},                     \
	{                                                                                          \
		.name = "ls_dmnd_fills_from_sys.remote_cache", RAW(0x43, OTHERS, 3)                \
	}

static const struct pmu_event zen3_events[] = {EVENTS(DRAM)};
static const struct pmu_event zen4_events[] = {EVENTS(DRAM_Z4)};

static const struct pmu_row rows[] = {
	{.level = STEER_CACHE_L1,
	 .formula = "ls_dispatch.ld_dispatch - ls_dmnd_fills_from_sys.local_l2"
		    " - ls_dmnd_fills_from_sys.caches - ls_dmnd_fills_from_sys.dram_io"},
	{.level = STEER_CACHE_L2,
	 .formula = "ls_dmnd_fills_from_sys.local_l2 + ls_sw_pf_dc_fills.local_l2"},
	{.level = STEER_CACHE_OTHER,
	 .formula = "ls_dmnd_fills_from_sys.caches + ls_sw_pf_dc_fills.caches"},
	{.level = STEER_CACHE_MEMORY,
	 .formula = "ls_dmnd_fills_from_sys.dram_io + ls_sw_pf_dc_fills.dram_io"},
	{.level = -1,
	 .name = "software prefetches that L2 had",
	 .formula = "ls_sw_pf_dc_fills.local_l2"},
	{.level = -1,
	 .name = "software prefetches served by L3 or another core",
	 .formula = "ls_sw_pf_dc_fills.caches"},
	{.level = -1,
	 .name = "software prefetches served by DRAM or I/O",
	 .formula = "ls_sw_pf_dc_fills.dram_io"},
	{.level = -1, .name = "software prefetches", .formula = "ls_pref_instr_disp"},
	{.level = -1,
	 .name = "lines from L2 into L1D, all prefetches with them",
	 .formula = "ls_any_fills_from_sys.local_l2"},
	{.level = -1,
	 .name = "lines from the complex into L1D, all prefetches with them",
	 .formula = "ls_any_fills_from_sys.local_ccx"},
	{.level = -1,
	 .name = "lines from another complex into L1D, all prefetches with them",
	 .formula = "ls_any_fills_from_sys.remote_cache"},
	{.level = -1,
	 .name = "lines from DRAM or I/O into L1D, all prefetches with them",
	 .formula = "ls_any_fills_from_sys.dram_io"},
	{.level = -1,
	 .name = "of other core and LLC: another complex, by demand",
	 .formula = "ls_dmnd_fills_from_sys.remote_cache"},
};

static const struct pmu_ident zen3[] = {
	{PMU_AMD, 25, 0x00, 0x0f},
	{PMU_AMD, 25, 0x20, 0x2f},
	{PMU_AMD, 25, 0x40, 0x5f},
};
static const struct pmu_ident zen4[] = {
	{PMU_AMD, 25, 0x10, 0x1f},
	{PMU_AMD, 25, 0x30, 0x3f},
	{PMU_AMD, 25, 0x60, 0xff},
};
static const struct pmu_ident zen5[] = {
	{PMU_AMD, 26, 0x00, 0x2f},
	{PMU_AMD, 26, 0x40, 0x4f},
	{PMU_AMD, 26, 0x60, 0x7f},
};

#define ZEN(id, text, list, models, ev, wit, nb_wit)                                               \
	{                                                                                          \
		.name = id, .desc = text,                                                          \
		.counts = "L1: loads dispatched less lines filled by demand; below: lines filled"  \
			  " into the L1D by demand or software prefetch",                          \
		.source = "perf's event list " list, .idents = models, .nb_idents = PMU_N(models), \
		.events = ev, .nb_events = PMU_N(ev), .counters = 5, .nb_sets = 4,                 \
		.level_sets = 2,                                                                   \
		.reading = {.rows = rows,                                                          \
			    .nb = PMU_N(rows),                                                     \
			    .merged = 1u << STEER_CACHE_OTHER | 1u << STEER_CACHE_LLC,             \
			    .note = "L3 and another core's L2 of the complex are one event"},      \
		.witness = wit, .nb_witness = nb_wit,                                              \
	}

const struct pmu_table pmu_amd[] = {
	ZEN("zen3", "AMD Zen 3", "amdzen3", zen3, zen3_events, NULL, 0),
	ZEN("zen4", "AMD Zen 4", "amdzen4", zen4, zen4_events, pmu_witness_zen4, PMU_WITNESS_ZEN4),
	ZEN("zen5", "AMD Zen 5", "amdzen5", zen5, zen4_events, pmu_witness_zen5, PMU_WITNESS_ZEN5),
};
const unsigned int pmu_nb_amd = PMU_N(pmu_amd);
