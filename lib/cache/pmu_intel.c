/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Intel servers. Codes, unit masks and the counters that can count them: the vendor's event lists
 * as perf has them (tools/perf/pmu-events/arch/x86: skylakex, cascadelakex, icelakex,
 * sapphirerapids, emeraldrapids, graniterapids), from where also the models are (mapfile.csv).
 *
 * A thread of Skylake has 4 counters beside the fixed ones; the fixed counter of cycles may be the
 * watchdog's, so cycles may need one of the four. Later cores have 8, of which only the first 4
 * count these events.
 */

#include "pmu.h"
#include "pmu_witness.h"

#define FIRST_FOUR 0x0f
#define RAW(code, mask, in)                                                                        \
	.type = PERF_TYPE_RAW, .config = (mask) << 8 | (code), .set = (in), .counters = FIRST_FOUR
#define CYCLES                                                                                     \
	{                                                                                          \
		.name = "CPU_CLK_UNHALTED.THREAD_P", .type = PERF_TYPE_RAW, .config = 0x3c         \
	}

/* No list of Skylake has software prefetches by what L2 had, so there are no such rows. */
static const struct pmu_event skx_events[] = {
	CYCLES,
	{.name = "MEM_LOAD_RETIRED.L1_HIT", RAW(0xd1, 0x01, 0)},
	{.name = "MEM_LOAD_RETIRED.FB_HIT", RAW(0xd1, 0x40, 0)},
	{.name = "MEM_LOAD_RETIRED.L2_HIT", RAW(0xd1, 0x02, 0)},
	{.name = "MEM_LOAD_RETIRED.L3_HIT", RAW(0xd1, 0x04, 1)},
	{.name = "MEM_LOAD_L3_HIT_RETIRED.XSNP_HITM", RAW(0xd2, 0x04, 1)},
	{.name = "MEM_LOAD_RETIRED.L3_MISS", RAW(0xd1, 0x20, 1)},
	{.name = "MEM_LOAD_L3_MISS_RETIRED.REMOTE_HITM", RAW(0xd3, 0x04, 2)},
	{.name = "MEM_LOAD_L3_MISS_RETIRED.REMOTE_FWD", RAW(0xd3, 0x08, 2)},
	{.name = "MEM_INST_RETIRED.ALL_LOADS", RAW(0xd0, 0x81, 3)},
	{.name = "SW_PREFETCH_ACCESS.ANY", RAW(0x32, 0x0f, 3)},
	{.name = "LOAD_HIT_PRE.SW_PF", RAW(0x4c, 0x01, 3)},
};

#define LATER_LEVELS                                                                               \
	CYCLES, {.name = "MEM_LOAD_RETIRED.L1_HIT", RAW(0xd1, 0x01, 0)},                           \
		{.name = "MEM_LOAD_RETIRED.FB_HIT", RAW(0xd1, 0x40, 0)},                           \
		{.name = "MEM_LOAD_RETIRED.L2_HIT", RAW(0xd1, 0x02, 0)},                           \
		{.name = "MEM_LOAD_RETIRED.L3_MISS", RAW(0xd1, 0x20, 0)},                          \
		{.name = "MEM_LOAD_RETIRED.L3_HIT", RAW(0xd1, 0x04, 1)},                           \
		{.name = "MEM_LOAD_L3_HIT_RETIRED.XSNP_FWD", RAW(0xd2, 0x04, 1)},                  \
		{.name = "MEM_LOAD_L3_MISS_RETIRED.REMOTE_HITM", RAW(0xd3, 0x04, 1)},              \
	{                                                                                          \
		.name = "MEM_LOAD_L3_MISS_RETIRED.REMOTE_FWD", RAW(0xd3, 0x08, 1)                  \
	}
#define LATER_PREFETCH(code)                                                                       \
	{.name = "L2_RQSTS.SWPF_HIT", RAW(0x24, 0xc8, 2)},                                         \
		{.name = "L2_RQSTS.SWPF_MISS", RAW(0x24, 0x28, 2)},                                \
		{.name = "SW_PREFETCH_ACCESS.ANY", RAW(code, 0x0f, 2)},                            \
	{                                                                                          \
		.name = "LOAD_HIT_PREFETCH.SWPF", RAW(0x4c, 0x01, 2)                               \
	}
/* Two at most: a core has two registers for what an off-core event is to match, and its threads
 * share them. */
#define LATER_OFFCORE(code, hit, dram)                                                             \
	{.name = "OCR.READS_TO_CORE.L3_HIT", RAW(code, 0x01, 3), .config1 = (hit)},                \
	{                                                                                          \
		.name = "OCR.READS_TO_CORE.DRAM", RAW(code, 0x01, 3), .config1 = (dram)            \
	}

static const struct pmu_event icx_events[] = {
	LATER_LEVELS,
	LATER_PREFETCH(0x32),
	LATER_OFFCORE(0xb7, 0x3f003c0477, 0x73c000477),
};

static const struct pmu_event spr_events[] = {
	LATER_LEVELS,
	LATER_PREFETCH(0x40),
	LATER_OFFCORE(0x2a, 0x3f003c4477, 0x73c004477),
};

#define LEVEL_ROWS(snoop)                                                                          \
	{.level = STEER_CACHE_L1, .formula = "MEM_LOAD_RETIRED.L1_HIT + MEM_LOAD_RETIRED.FB_HIT"}, \
		{.level = STEER_CACHE_L2, .formula = "MEM_LOAD_RETIRED.L2_HIT"},                   \
		{.level = STEER_CACHE_OTHER,                                                       \
		 .formula = snoop " + MEM_LOAD_L3_MISS_RETIRED.REMOTE_HITM"                        \
				  " + MEM_LOAD_L3_MISS_RETIRED.REMOTE_FWD"},                       \
		{.level = STEER_CACHE_LLC, .formula = "MEM_LOAD_RETIRED.L3_HIT - " snoop},         \
		{.level = STEER_CACHE_MEMORY,                                                      \
		 .formula = "MEM_LOAD_RETIRED.L3_MISS - MEM_LOAD_L3_MISS_RETIRED.REMOTE_HITM"      \
			    " - MEM_LOAD_L3_MISS_RETIRED.REMOTE_FWD"},                             \
		{.level = -1,                                                                      \
		 .name = "of L1: line was still on its way (fill buffer)",                         \
		 .formula = "MEM_LOAD_RETIRED.FB_HIT"},                                            \
	{                                                                                          \
		.level = -1, .name = "software prefetches", .formula = "SW_PREFETCH_ACCESS.ANY"    \
	}

static const struct pmu_row skx_rows[] = {
	LEVEL_ROWS("MEM_LOAD_L3_HIT_RETIRED.XSNP_HITM"),
	{.level = -1,
	 .name = "load dispatches that met a software prefetch on its way",
	 .formula = "LOAD_HIT_PRE.SW_PF"},
	{.level = -1, .name = "all loads retired", .formula = "MEM_INST_RETIRED.ALL_LOADS"},
};

static const struct pmu_row later_rows[] = {
	LEVEL_ROWS("MEM_LOAD_L3_HIT_RETIRED.XSNP_FWD"),
	{.level = -1,
	 .name = "load dispatches that met a software prefetch on its way",
	 .formula = "LOAD_HIT_PREFETCH.SWPF"},
	{.level = -1, .name = "software prefetches that L2 had", .formula = "L2_RQSTS.SWPF_HIT"},
	{.level = -1,
	 .name = "software prefetches that L2 had not",
	 .formula = "L2_RQSTS.SWPF_MISS"},
	{.level = -1,
	 .name = "lines from the LLC into the core, prefetches with them",
	 .formula = "OCR.READS_TO_CORE.L3_HIT"},
	{.level = -1,
	 .name = "lines from DRAM into the core, prefetches with them",
	 .formula = "OCR.READS_TO_CORE.DRAM"},
};

static const struct pmu_ident skx[] = {{PMU_INTEL, 6, 0x55, 0x55}};
static const struct pmu_ident icx[] = {{PMU_INTEL, 6, 0x6a, 0x6a}, {PMU_INTEL, 6, 0x6c, 0x6c}};
static const struct pmu_ident spr[] = {{PMU_INTEL, 6, 0x8f, 0x8f}};
static const struct pmu_ident emr[] = {{PMU_INTEL, 6, 0xcf, 0xcf}};
static const struct pmu_ident gnr[] = {{PMU_INTEL, 6, 0xad, 0xae}};

#define COUNTS                                                                                     \
	"load instructions retired, by where their data was; a line that a prefetch or an earlier" \
	" load had asked for counts as L1"
#define LATER(id, text, list, models, ev)                                                          \
	{                                                                                          \
		.name = id, .desc = text, .counts = COUNTS, .source = "perf's event list " list,   \
		.idents = models, .nb_idents = PMU_N(models), .events = ev,                        \
		.nb_events = PMU_N(ev), .counters = 8, .nb_sets = 4, .level_sets = 2,              \
		.reading = {.rows = later_rows, .nb = PMU_N(later_rows)},                          \
		.witness = pmu_witness_cha, .nb_witness = PMU_WITNESS_CHA,                         \
	}

const struct pmu_table pmu_intel[] = {
	{
		.name = "skx",
		.desc = "Intel Skylake-SP, Cascade Lake-SP, Cooper Lake",
		.counts = COUNTS,
		.source = "perf's event lists skylakex, cascadelakex",
		.idents = skx,
		.nb_idents = PMU_N(skx),
		.events = skx_events,
		.nb_events = PMU_N(skx_events),
		.counters = 4,
		.nb_sets = 4,
		.level_sets = 3,
		.reading = {.rows = skx_rows, .nb = PMU_N(skx_rows)},
		.witness = pmu_witness_skx,
		.nb_witness = PMU_WITNESS_SKX,
	},
	LATER("icx", "Intel Ice Lake-SP", "icelakex", icx, icx_events),
	LATER("spr", "Intel Sapphire Rapids", "sapphirerapids", spr, spr_events),
	LATER("emr", "Intel Emerald Rapids", "emeraldrapids", emr, spr_events),
	LATER("gnr", "Intel Granite Rapids", "graniterapids", gnr, spr_events),
};
const unsigned int pmu_nb_intel = PMU_N(pmu_intel);
