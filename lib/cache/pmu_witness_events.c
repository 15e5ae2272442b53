/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the witnesses count. Sources: perf's uncore-cache.json of skylakex, icelakex,
 * sapphirerapids, emeraldrapids and graniterapids (TOR inserts of the caching agents, 4 counters
 * each); data-fabric.json and memory-controller.json of amdzen4 and amdzen5; the names
 * and numbers that the driver of Arm's interconnects shows (events/hnf_stash_*, hns_stash_*).
 *
 * A write "miss" of DDIO allocates a line; it says nothing about DRAM.
 */

#include "pmu_witness.h"

#define TOR(mask)                                                                                  \
	.pmu = "uncore_cha", .fields = {                                                           \
				     {"event", 0x35},                                              \
				     {"umask", mask},                                              \
	}

/* Ice Lake and later: full-line writes (ItoM) and writes of part of a line (ItoMCacheNear). */
const struct pmu_witness_event pmu_witness_cha[PMU_WITNESS_CHA] = {
	{.name = "UNC_CHA_TOR_INSERTS.IO_HIT_ITOM", .kind = STEER_PMU_WRITE_HIT, TOR(0xcc43fd04)},
	{.name = "UNC_CHA_TOR_INSERTS.IO_MISS_ITOM", .kind = STEER_PMU_WRITE_MISS, TOR(0xcc43fe04)},
	{.name = "UNC_CHA_TOR_INSERTS.IO_HIT_ITOMCACHENEAR",
	 .kind = STEER_PMU_WRITE_HIT,
	 TOR(0xcd43fd04)},
	{.name = "UNC_CHA_TOR_INSERTS.IO_MISS_ITOMCACHENEAR",
	 .kind = STEER_PMU_WRITE_MISS,
	 TOR(0xcd43fe04)},
};

/* Skylake has one opcode filter per agent, so full-line writes only. The list has the filter with
 * the misses; with the hits it is by analogy. */
const struct pmu_witness_event pmu_witness_skx[PMU_WITNESS_SKX] = {
	{.name = "UNC_CHA_TOR_INSERTS.IO_HIT, opcode ItoM",
	 .kind = STEER_PMU_WRITE_HIT,
	 TOR(0x14),
	 .config1 = 0x49033,
	 .doubtful = true},
	{.name = "UNC_CHA_TOR_INSERTS.IO_MISS_ITOM",
	 .kind = STEER_PMU_WRITE_MISS,
	 TOR(0x24),
	 .config1 = 0x49033},
};

#define UMC_WRITES                                                                                 \
	{                                                                                          \
		.name = "umc_cas_cmd.wr", .pmu = "amd_umc", .kind = STEER_PMU_DRAM_WRITES,         \
		.fields = {                                                                        \
			{"event", 0x0a},                                                           \
			{"rdwrmask", 2},                                                           \
		},                                                                                 \
	}

/* A beat is 64 bytes: what the lists' own bandwidth formulas take it for. */
#define IO_WRITES(text, port, mask)                                                                \
	{                                                                                          \
		.name = text #port, .pmu = "amd_df", .kind = STEER_PMU_IO_WRITES,                  \
		.fields = {                                                                        \
			{"event", 0x81f + 0x40 * (port)},                                          \
			{"umask", mask},                                                           \
		},                                                                                 \
	}
#define ZEN4_IO(port)                                                                              \
	IO_WRITES("local_socket_upstream_write_beats_iom", port, 0x7ff),                           \
		IO_WRITES("remote_socket_upstream_write_beats_iom", port, 0xbff)
#define ZEN5_IO(port) IO_WRITES("local_or_remote_socket_upstream_write_data_beats_io_", port, 0xfff)

const struct pmu_witness_event pmu_witness_zen4[PMU_WITNESS_ZEN4] = {
	ZEN4_IO(0), ZEN4_IO(1), ZEN4_IO(2), ZEN4_IO(3), UMC_WRITES,
};

const struct pmu_witness_event pmu_witness_zen5[PMU_WITNESS_ZEN5] = {
	ZEN5_IO(0), ZEN5_IO(1), ZEN5_IO(2), ZEN5_IO(3), ZEN5_IO(4),
	ZEN5_IO(5), ZEN5_IO(6), ZEN5_IO(7), UMC_WRITES,
};

#define CMN(node, prefix, what, id, is)                                                            \
	{                                                                                          \
		.name = prefix what, .pmu = "arm_cmn", .kind = is,                                 \
		.fields = {                                                                        \
			{"type", node},                                                            \
			{"eventid", id},                                                           \
		},                                                                                 \
	}

/* Home nodes are HN-F or HN-S; of the other kind there are none, and their event is refused. */
const struct pmu_witness_event pmu_witness_cmn[PMU_WITNESS_CMN] = {
	CMN(0x5, "hnf_", "stash_snp_sent", 0x1d, STEER_PMU_STASH_SENT),
	CMN(0x5, "hnf_", "stash_data_pull", 0x1e, STEER_PMU_STASH_PULLED),
	CMN(0x200, "hns_", "stash_snp_sent", 0x1d, STEER_PMU_STASH_SENT),
	CMN(0x200, "hns_", "stash_data_pull", 0x1e, STEER_PMU_STASH_PULLED),
};
