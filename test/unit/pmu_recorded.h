/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Counts per 1,000 loads of the loops and per 1,000 packets, as a right PMU of these CPUs would
 * give them. What must come out is calculated by hand in the tests.
 */

#ifndef PMU_RECORDED_H
#define PMU_RECORDED_H

#include "fake_pmu.h"

/* The code and unit mask of an event, the off-core part, loops and packets. */
#define REC(code, mask, c1, a, b, c)                                                               \
	{                                                                                          \
		(mask) << 8 | (code), c1, a, b, c                                                  \
	}

static const struct fake_count rec_spr[] = {
	REC(0x3c, 0x00, 0, 14000, 260000, 300000), /* cycles */
	REC(0xd1, 0x01, 0, 20, 6, 12000),          /* L1_HIT */
	REC(0xd1, 0x40, 0, 0, 0, 1500),            /* FB_HIT */
	REC(0xd1, 0x02, 0, 970, 4, 800),           /* L2_HIT */
	REC(0xd1, 0x20, 0, 2, 985, 90),            /* L3_MISS */
	REC(0xd1, 0x04, 0, 8, 5, 250),             /* L3_HIT */
	REC(0xd2, 0x04, 0, 0, 0, 40),              /* XSNP_FWD */
	REC(0xd3, 0x04, 0, 0, 0, 5),               /* REMOTE_HITM */
	REC(0xd3, 0x08, 0, 0, 0, 10),              /* REMOTE_FWD */
	REC(0x24, 0xc8, 0, 0, 0, 600),             /* SWPF_HIT */
	REC(0x24, 0x28, 0, 0, 0, 1400),            /* SWPF_MISS */
	REC(0x40, 0x0f, 0, 0, 0, 2500),            /* SW_PREFETCH_ACCESS */
	REC(0x4c, 0x01, 0, 0, 0, 1300),            /* LOAD_HIT_PREFETCH */
	REC(0x2a, 0x01, 0x3f003c4477, 0, 0, 1700), /* READS_TO_CORE.L3_HIT */
	REC(0x2a, 0x01, 0x73c004477, 0, 1000, 70), /* READS_TO_CORE.DRAM */
};

static const struct fake_count rec_zen4[] = {
	REC(0x76, 0x00, 0, 13000, 420000, 250000), /* cycles */
	REC(0x29, 0x01, 0, 1010, 1020, 16000),     /* loads dispatched */
	REC(0x43, 0x01, 0, 985, 10, 500),          /* demand: L2 */
	REC(0x43, 0x16, 0, 6, 12, 300),            /* demand: other caches */
	REC(0x43, 0xc8, 0, 1, 990, 200),           /* demand: DRAM or I/O */
	REC(0x59, 0x01, 0, 0, 0, 1100),            /* software prefetch */
	REC(0x59, 0x16, 0, 0, 0, 700),
	REC(0x59, 0xc8, 0, 0, 0, 50),
	REC(0x4b, 0x07, 0, 0, 0, 2400),
	REC(0x44, 0x01, 0, 990, 15, 1800), /* any */
	REC(0x44, 0x02, 0, 6, 10, 900),
	REC(0x44, 0x14, 0, 0, 2, 150),
	REC(0x44, 0xc8, 0, 1, 995, 260),
	REC(0x43, 0x14, 0, 0, 1, 120),
};

static const struct fake_count rec_n2[] = {
	REC(0x11, 0, 0, 11000, 300000, 200000), /* cycles */
	REC(0x40, 0, 0, 1015, 1010, 18000),     /* L1D_CACHE_RD */
	REC(0x42, 0, 0, 990, 1000, 2000),       /* L1D_CACHE_REFILL_RD */
	REC(0x52, 0, 0, 10, 995, 700),          /* L2D_CACHE_REFILL_RD */
	REC(0x36, 0, 0, 10, 995, 650),          /* LL_CACHE_RD */
	REC(0x37, 0, 0, 2, 960, 150),           /* LL_CACHE_MISS_RD */
	REC(0x50, 0, 0, 1000, 1010, 2600),      /* L2D_CACHE_RD */
	REC(0x17, 0, 0, 10, 1000, 720),
	REC(0x03, 0, 0, 990, 1000, 2100),
	REC(0x31, 0, 0, 0, 0, 30),
	REC(0x39, 0, 0, 5, 990, 400),
};

/* The same core where firmware leaves EXTLLC off and there is no L3: no last-level events. */
static const struct fake_count rec_n2_no_llc[] = {
	REC(0x11, 0, 0, 11000, 300000, 200000), REC(0x40, 0, 0, 1015, 1010, 18000),
	REC(0x42, 0, 0, 990, 1000, 2000),       REC(0x52, 0, 0, 10, 995, 700),
	REC(0x50, 0, 0, 1000, 1010, 2600),
};

/* What a hypervisor gives that counts cycles alone. */
static const struct fake_count rec_cycles_only[] = {
	REC(0x3c, 0x00, 0, 14000, 260000, 300000),
};

#endif /* PMU_RECORDED_H */
