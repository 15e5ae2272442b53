/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * AMD servers: one complex of 8 cores with its L3. "assumed" marks a figure without a public
 * source. Sources:
 *
 * [rome]   AnandTech, "AMD Rome Second Generation EPYC Review" (2019), memory latency table:
 *          EPYC 7742: L2 13 cycles, L3 about 34 cycles (10.27 ns), full random 113-134 ns.
 * [zen4]   Public reviews of EPYC 9004: L1D 32K/8, L2 1M/8, L3 32 MB/16 for each complex.
 * [zen5]   Kernel sysfs and public reviews of EPYC 9005: L1D 48K/12, L2 1M/16, L3 32 MB/16 for
 *          each complex of 8 cores; victim cache. tomshardware.com on EPYC 9755: 4.1 GHz.
 * [tph]    AMD's TPH patches for Linux V4-V7 (2024): tagged writes go to an L2 in the complex
 *          near the consumer.
 * [sdciae] Linux, Documentation on resctrl io_alloc: injected lines are confined to L3 ways. It
 *          says L3 where [tph] says L2; these profiles follow [tph].
 */

#include "platforms.h"

const struct steer_platform platform_zen4 = {
	.name = "zen4",
	.desc = "AMD Zen 4 server, one complex, DMA to memory, tags ignored",
	.l1 = {.size = 32 << 10, .ways = 8},   /* [zen4] */
	.l2 = {.size = 1 << 20, .ways = 8},    /* [zen4] */
	.llc = {.size = 4 << 20, .ways = 16},  /* [zen4], 32 MB in 8 slices */
	.llc_slices = 8,                       /* assumed: one per core */
	.io_ways = 0,                          /* nothing goes there */
	.inclusion = STEER_CACHE_VICTIM,       /* [zen5]; for Zen 4: assumed */
	.dma_default = STEER_CACHE_DMA_MEMORY, /* [tph]: what steering is measured against */
	.tags_to_l2 = 0,                       /* assumed: [sdciae] came with Zen 5 */
	.latency =
		{
			[STEER_CACHE_L1] = 4,       /* [rome] says 4 for Zen 2 */
			[STEER_CACHE_L2] = 14,      /* assumed; [rome]: 13 at half the size */
			[STEER_CACHE_OTHER] = 85,   /* assumed: about 23 ns in a complex */
			[STEER_CACHE_LLC] = 50,     /* assumed; [rome]: 34 at half the size */
			[STEER_CACHE_MEMORY] = 450, /* [rome]: 122 ns */
		},
	.freq_mhz = 3700, /* assumed: EPYC 9654 */
};

const struct steer_platform platform_zen5 = {
	.name = "zen5",
	.desc = "AMD Zen 5 server, one complex, tagged writes into L2, others to memory",
	.l1 = {.size = 48 << 10, .ways = 12},  /* [zen5] */
	.l2 = {.size = 1 << 20, .ways = 16},   /* [zen5] */
	.llc = {.size = 4 << 20, .ways = 16},  /* [zen5], 32 MB in 8 slices */
	.llc_slices = 8,                       /* assumed: one per core */
	.io_ways = 0,                          /* [sdciae] limits L3 only, see there */
	.inclusion = STEER_CACHE_VICTIM,       /* [zen5] */
	.dma_default = STEER_CACHE_DMA_MEMORY, /* [tph]: what steering is measured against */
	.tags_to_l2 = 1,                       /* [tph] */
	.l2_tag_ways = 0,                      /* assumed: all */
	.tag_declined = 0,                     /* assumed: none */
	.latency =
		{
			[STEER_CACHE_L1] = 4,       /* [rome] says 4 for Zen 2 */
			[STEER_CACHE_L2] = 14,      /* assumed; [rome]: 13 at half the size */
			[STEER_CACHE_OTHER] = 90,   /* assumed: about 22 ns in a complex */
			[STEER_CACHE_LLC] = 50,     /* assumed; [rome]: 34 at half the size */
			[STEER_CACHE_MEMORY] = 500, /* [rome]: 122 ns */
		},
	.freq_mhz = 4100, /* [zen5] */
};
