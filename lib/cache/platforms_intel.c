/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Intel servers. "assumed" marks a figure without a public source. Sources:
 *
 * [skx]   AnandTech, "Sizing Up Servers: Intel's Skylake-SP vs AMD's EPYC 7000" (2017):
 *         Skylake-SP memory 89-91 ns.
 * [rome]  AnandTech, "AMD Rome Second Generation EPYC Review" (2019), memory latency table:
 *         Xeon 8280 at 2.7 GHz: L1 4, L2 14, L3 about 46 cycles.
 * [clx]   microway.com, detailed specifications of Cascade Lake-SP: up to 28 cores; Intel's
 *         1.375 MB of LLC per core, 11 ways, non-inclusive (also sysfs of such a machine).
 *         Skylake-SP has the same caches.
 * [icx]   microway.com, specifications of Ice Lake-SP: L1D 48 KB, L2 1.25 MB, LLC 1.5 MB per core,
 *         up to 40 cores.
 * [spr]   Public reviews of 4th generation Xeon SP: L1D 48 KB, L2 2 MB, LLC 1.875 MB per core, up
 *         to 56 cores of one LLC here.
 * [ddio]  aliireza/ddio-bench and "Reexamining Direct Cache Access" (ATC 2020): Xeon Gold 6140 with
 *         18 cores at 2.3 GHz; MSR 0xC8B defaults to 0x600, two ways; a write hits in any way, else
 *         allocates in those.
 * [icxio] FastClick, issue 392: that register reads 0xC00 on Ice Lake, two ways too.
 * [a4]    "A4: Microarchitecture-Aware LLC Management" (ISCA 2025, arXiv 2506.11329), abstract:
 *         lines that DMA wrote migrate from the DCA ways to the inclusive ways when a core reads
 *         them. How many those are it does not say.
 *
 * No text says that any of them looks at steering tags.
 */

#include "platforms.h"

const struct steer_platform platform_clx = {
	.name = "clx",
	.desc = "Intel Cascade Lake SP, DDIO in 2 of 11 ways, tags ignored",
	.l1 = {.size = 32 << 10, .ways = 8},     /* [clx] */
	.l2 = {.size = 1 << 20, .ways = 16},     /* [clx] */
	.llc = {.size = 1408 << 10, .ways = 11}, /* [clx], per core */
	.llc_slices = 28,                        /* [clx], Xeon 8280 as [rome] */
	.io_ways = 2,                            /* [ddio] */
	.shared_ways = 2,                        /* [a4] that there are; two: assumed */
	.inclusion = STEER_CACHE_NON_INCLUSIVE,  /* [clx] */
	.dma_default = STEER_CACHE_DMA_LLC,      /* [ddio] */
	.tags_to_l2 = 0,                         /* assumed */
	.latency =
		{
			[STEER_CACHE_L1] = 4,       /* [rome] */
			[STEER_CACHE_L2] = 14,      /* [rome] */
			[STEER_CACHE_OTHER] = 130,  /* assumed: about 48 ns */
			[STEER_CACHE_LLC] = 46,     /* [rome] */
			[STEER_CACHE_MEMORY] = 243, /* [skx]: 90 ns */
		},
	.freq_mhz = 2700, /* [rome] */
};

const struct steer_platform platform_skl_6140 = {
	.name = "skl-6140",
	.desc = "Intel Xeon Gold 6140 (Skylake SP), DDIO in 2 of 11 ways, tags ignored",
	.l1 = {.size = 32 << 10, .ways = 8},     /* [clx] */
	.l2 = {.size = 1 << 20, .ways = 16},     /* [clx] */
	.llc = {.size = 1408 << 10, .ways = 11}, /* [clx], per core */
	.llc_slices = 18,                        /* [ddio] */
	.io_ways = 2,                            /* [ddio] */
	.shared_ways = 2,                        /* [a4] that there are; two: assumed */
	.inclusion = STEER_CACHE_NON_INCLUSIVE,  /* [clx] */
	.dma_default = STEER_CACHE_DMA_LLC,      /* [ddio] */
	.tags_to_l2 = 0,                         /* assumed */
	.latency =
		{
			[STEER_CACHE_L1] = 4,       /* [rome] */
			[STEER_CACHE_L2] = 14,      /* [rome] */
			[STEER_CACHE_OTHER] = 110,  /* assumed: about 48 ns */
			[STEER_CACHE_LLC] = 46,     /* [rome] */
			[STEER_CACHE_MEMORY] = 207, /* [skx]: 90 ns */
		},
	.freq_mhz = 2300, /* [ddio] */
};

const struct steer_platform platform_icx = {
	.name = "icx",
	.desc = "Intel Ice Lake SP, DDIO in 2 of 12 ways, tags ignored",
	.l1 = {.size = 48 << 10, .ways = 12},    /* [icx]; ways assumed */
	.l2 = {.size = 1280 << 10, .ways = 20},  /* [icx]; ways assumed */
	.llc = {.size = 1536 << 10, .ways = 12}, /* [icx], per core; ways assumed */
	.llc_slices = 40,                        /* [icx] */
	.io_ways = 2,                            /* [icxio] */
	.shared_ways = 2,                        /* assumed: as [a4] */
	.inclusion = STEER_CACHE_NON_INCLUSIVE,  /* assumed: as [clx] */
	.dma_default = STEER_CACHE_DMA_LLC,      /* [icxio] */
	.tags_to_l2 = 0,                         /* assumed */
	.latency =
		{
			[STEER_CACHE_L1] = 5,       /* assumed */
			[STEER_CACHE_L2] = 14,      /* assumed: as [rome] */
			[STEER_CACHE_OTHER] = 120,  /* assumed */
			[STEER_CACHE_LLC] = 70,     /* assumed */
			[STEER_CACHE_MEMORY] = 230, /* assumed: 100 ns */
		},
	.freq_mhz = 2300, /* assumed: Xeon Platinum 8380 */
};

const struct steer_platform platform_spr = {
	.name = "spr",
	.desc = "Intel Sapphire Rapids, DDIO in 2 of 15 ways, tags ignored",
	.l1 = {.size = 48 << 10, .ways = 12},    /* [spr]; ways assumed */
	.l2 = {.size = 2 << 20, .ways = 16},     /* [spr]; ways assumed */
	.llc = {.size = 1920 << 10, .ways = 15}, /* [spr], per core; ways assumed */
	.llc_slices = 56,                        /* [spr] */
	.io_ways = 2,                            /* assumed: as [icxio]; no count was found */
	.shared_ways = 2,                        /* assumed: as [a4] */
	.inclusion = STEER_CACHE_NON_INCLUSIVE,  /* assumed: as [clx] */
	.dma_default = STEER_CACHE_DMA_LLC,      /* assumed: as [icxio] */
	.tags_to_l2 = 0,                         /* assumed */
	.latency =
		{
			[STEER_CACHE_L1] = 5,       /* assumed */
			[STEER_CACHE_L2] = 15,      /* public measurements of Golden Cove */
			[STEER_CACHE_OTHER] = 130,  /* assumed */
			[STEER_CACHE_LLC] = 75,     /* assumed */
			[STEER_CACHE_MEMORY] = 220, /* assumed: 110 ns */
		},
	.freq_mhz = 2000, /* assumed: Xeon Platinum 8480+ */
};
