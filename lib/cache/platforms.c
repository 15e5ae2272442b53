/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Machines as data. Sources:
 *
 * [rome]     AnandTech, "AMD Rome Second Generation EPYC Review" (2019), memory latency table:
 *            Xeon 8280 at 2.7 GHz: L1 4, L2 14, L3 about 46 cycles. EPYC 7742: L2 13 cycles, L3
 *            about 34 cycles (10.27 ns), full random 113-134 ns.
 * [skx]      AnandTech, "Sizing Up Servers: Intel's Skylake-SP vs AMD's EPYC 7000" (2017):
 *            Skylake-SP memory 89-91 ns.
 * [clx]      microway.com, detailed specifications of Cascade Lake-SP: up to 28 cores; Intel's
 *            1.375 MB of LLC per core, 11 ways, non-inclusive (also sysfs of such a machine).
 * [ddio]     aliireza/ddio-bench and "Reexamining Direct Cache Access" (ATC 2020): MSR 0xC8B
 *            defaults to 0x600, two ways; a write hits in any way, else allocates in those.
 * [zen5]     kernel sysfs and public reviews of EPYC 9005: L1D 48K/12, L2 1M/16, L3 32 MB/16 for
 *            each complex of 8 cores; victim cache. tomshardware.com on EPYC 9755: 4.1 GHz.
 * [tph]      AMD's TPH patches for Linux V4-V7 (2024): tagged writes go to an L2 in the complex
 *            near the consumer.
 * [sdciae]   Linux, Documentation on resctrl io_alloc: injected lines are confined to L3 ways. It
 *            says L3 where [tph] says L2; this profile follows [tph].
 * [v2]       chipsandcheese.com, "Arm's Neoverse V2, in AWS's Graviton 4" (2024): CMN-700, 36 MB
 *            shared, core to core 30-60 ns. learn.arm.com, cache hierarchy: L1 4 ways, L2 2 MB
 *            8 ways.
 * [cmn]      Linux, drivers/perf/arm-cmn.c: events for stashes sent and data pulled by the target,
 *            so a core may decline; this profile has every stash accepted (assumed).
 *
 * [chi]      AMBA CHI, stash transactions: a write that names no target may be cached by the
 *            completer (the home node with its slice of the SLC); home node and target may ignore a
 *            stash.
 *
 * "assumed" marks a figure without a public source.
 */

#include <string.h>

#include "steer_cache.h"

static const struct steer_platform platforms[] = {
	{
		.name = "clx",
		.desc = "Intel Cascade Lake SP, DDIO in 2 of 11 ways, tags ignored",
		.l1 = {.size = 32 << 10, .ways = 8},     /* [clx] */
		.l2 = {.size = 1 << 20, .ways = 16},     /* [clx] */
		.llc = {.size = 1408 << 10, .ways = 11}, /* [clx], per core */
		.llc_slices = 28,                        /* [clx], Xeon 8280 as [rome] */
		.io_ways = 2,                            /* [ddio] */
		.inclusion = STEER_CACHE_NON_INCLUSIVE,  /* [clx] */
		.dma_default = STEER_CACHE_DMA_LLC,      /* [ddio] */
		.tags_to_l2 = 0, /* assumed: no text says that it looks at steering tags */
		.latency =
			{
				[STEER_CACHE_L1] = 4,       /* [rome] */
				[STEER_CACHE_L2] = 14,      /* [rome] */
				[STEER_CACHE_OTHER] = 130,  /* assumed: about 48 ns */
				[STEER_CACHE_LLC] = 46,     /* [rome] */
				[STEER_CACHE_MEMORY] = 243, /* [skx]: 90 ns */
			},
		.freq_mhz = 2700, /* [rome] */
	},
	{
		.name = "zen5",
		.desc = "AMD Zen 5 server, one complex, tagged writes into L2, others to memory",
		.l1 = {.size = 48 << 10, .ways = 12}, /* [zen5] */
		.l2 = {.size = 1 << 20, .ways = 16},  /* [zen5] */
		.llc = {.size = 4 << 20, .ways = 16}, /* [zen5], 32 MB in 8 slices */
		.llc_slices = 8,                      /* assumed: one per core */
		.io_ways = 0,                         /* [sdciae] limits L3 only, see there */
		.inclusion = STEER_CACHE_VICTIM,      /* [zen5] */
		.dma_default =
			STEER_CACHE_DMA_MEMORY, /* [tph]: what steering is measured against */
		.tags_to_l2 = 1,                /* [tph] */
		.l2_tag_ways = 0,               /* assumed: all */
		.latency =
			{
				[STEER_CACHE_L1] = 4,     /* [rome] says 4 for Zen 2 */
				[STEER_CACHE_L2] = 14,    /* assumed; [rome]: 13 at half the size */
				[STEER_CACHE_OTHER] = 90, /* assumed: about 22 ns in a complex */
				[STEER_CACHE_LLC] = 50,   /* assumed; [rome]: 34 at half the size */
				[STEER_CACHE_MEMORY] = 500, /* [rome]: 122 ns */
			},
		.freq_mhz = 4100, /* [zen5] */
	},
	{
		.name = "neoverse-v2",
		.desc = "Arm Neoverse V2 on CMN-700, tagged writes stashed into L2, others to the "
			"SLC",
		.l1 = {.size = 64 << 10, .ways = 4},    /* [v2]; 64 KB assumed */
		.l2 = {.size = 2 << 20, .ways = 8},     /* [v2] */
		.llc = {.size = 1 << 20, .ways = 16},   /* slice and ways assumed */
		.llc_slices = 36,                       /* [v2]: 36 MB in all */
		.io_ways = 0,                           /* no limit known: all ways */
		.inclusion = STEER_CACHE_NON_INCLUSIVE, /* assumed */
		.dma_default = STEER_CACHE_DMA_LLC,     /* [chi]; that it does: assumed */
		.tags_to_l2 = 1,                        /* [cmn] */
		.l2_tag_ways = 0,                       /* assumed: all */
		.latency =
			{
				[STEER_CACHE_L1] = 4,       /* assumed */
				[STEER_CACHE_L2] = 11,      /* assumed */
				[STEER_CACHE_OTHER] = 126,  /* [v2]: 45 ns */
				[STEER_CACHE_LLC] = 84,     /* assumed: 30 ns */
				[STEER_CACHE_MEMORY] = 308, /* assumed: 110 ns */
			},
		.freq_mhz = 2800, /* assumed: Graviton 4 */
	},
};

#define N_PLATFORMS (sizeof(platforms) / sizeof(platforms[0]))

const struct steer_platform *
steer_platform_next(const struct steer_platform *p)
{
	if (p == NULL)
		return &platforms[0];
	return p + 1 < platforms + N_PLATFORMS ? p + 1 : NULL;
}

const struct steer_platform *
steer_platform_find(const char *name)
{
	for (size_t i = 0; name && i < N_PLATFORMS; i++)
		if (strcmp(platforms[i].name, name) == 0)
			return &platforms[i];
	return NULL;
}
