/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Arm servers. "assumed" marks a figure without a public source. Sources:
 *
 * [n1]  Public descriptions of Graviton 2: 64 Neoverse N1, L2 1 MB 8 ways, L1 4 ways, 32 MB of SLC.
 * [v2]  chipsandcheese.com, "Arm's Neoverse V2, in AWS's Graviton 4" (2024): CMN-700, 36 MB
 *       shared, core to core 30-60 ns. learn.arm.com, cache hierarchy: L1 4 ways, L2 2 MB 8 ways.
 * [cmn] Linux, drivers/perf/arm-cmn.c (CMN-600 and CMN-700): events for stashes sent and for data
 *       pulled by the target, so a core may decline. What share it declines is not published;
 *       these profiles have every stash accepted (assumed).
 * [chi] AMBA CHI, stash transactions: a write that names no target may be cached by the
 *       completer (the home node with its slice of the SLC); home node and target may ignore a
 *       stash.
 */

#include "platforms.h"

const struct steer_platform platform_neoverse_n1 = {
	.name = "neoverse-n1",
	.desc = "Arm Neoverse N1 on CMN-600, tagged writes stashed into L2, others to the SLC",
	.l1 = {.size = 64 << 10, .ways = 4},    /* [n1]; 64 KB assumed */
	.l2 = {.size = 1 << 20, .ways = 8},     /* [n1] */
	.llc = {.size = 1 << 20, .ways = 16},   /* slice and ways assumed */
	.llc_slices = 32,                       /* [n1]: 32 MB in all */
	.io_ways = 0,                           /* no limit known: all ways */
	.inclusion = STEER_CACHE_NON_INCLUSIVE, /* assumed */
	.dma_default = STEER_CACHE_DMA_LLC,     /* [chi]; that it does: assumed */
	.tags_to_l2 = 1,                        /* [cmn] */
	.l2_tag_ways = 0,                       /* assumed: all */
	.tag_declined = 0,                      /* [cmn] */
	.latency =
		{
			[STEER_CACHE_L1] = 4,       /* assumed */
			[STEER_CACHE_L2] = 11,      /* assumed */
			[STEER_CACHE_OTHER] = 125,  /* assumed: 50 ns */
			[STEER_CACHE_LLC] = 80,     /* assumed: 32 ns */
			[STEER_CACHE_MEMORY] = 250, /* assumed: 100 ns */
		},
	.freq_mhz = 2500, /* assumed: Graviton 2 */
};

const struct steer_platform platform_neoverse_v2 = {
	.name = "neoverse-v2",
	.desc = "Arm Neoverse V2 on CMN-700, tagged writes stashed into L2, others to the SLC",
	.l1 = {.size = 64 << 10, .ways = 4},    /* [v2]; 64 KB assumed */
	.l2 = {.size = 2 << 20, .ways = 8},     /* [v2] */
	.llc = {.size = 1 << 20, .ways = 16},   /* slice and ways assumed */
	.llc_slices = 36,                       /* [v2]: 36 MB in all */
	.io_ways = 0,                           /* no limit known: all ways */
	.inclusion = STEER_CACHE_NON_INCLUSIVE, /* assumed */
	.dma_default = STEER_CACHE_DMA_LLC,     /* [chi]; that it does: assumed */
	.tags_to_l2 = 1,                        /* [cmn] */
	.l2_tag_ways = 0,                       /* assumed: all */
	.tag_declined = 0,                      /* [cmn] */
	.latency =
		{
			[STEER_CACHE_L1] = 4,       /* assumed */
			[STEER_CACHE_L2] = 11,      /* assumed */
			[STEER_CACHE_OTHER] = 126,  /* [v2]: 45 ns */
			[STEER_CACHE_LLC] = 84,     /* assumed: 30 ns */
			[STEER_CACHE_MEMORY] = 308, /* assumed: 110 ns */
		},
	.freq_mhz = 2800, /* assumed: Graviton 4 */
};
