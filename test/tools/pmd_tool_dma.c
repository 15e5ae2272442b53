/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The device reads where its driver tells it to. Nothing may come in meanwhile: the buffer with the
 * strange address goes back to a pool. What the IOMMU stops nobody in this process learns of, so
 * the device is left as it is until a line comes on stdin.
 */

#include <inttypes.h>
#include <stdio.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>

#include "pmd_tool.h"

#define FREED_BYTES (64u << 20) /* more than EAL has at first, so it takes pages for it */
#define DONE_MS     20000

static int
started(void)
{
	return port_up(1, 0) != 0 || rte_eth_dev_start(0) != 0 ? fail("port does not start") : 0;
}

/** A packet whose data is at this address. */
static int
send_from(uint64_t iova)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pools[0]);

	if (m == NULL || rte_pktmbuf_append(m, RTE_ETHER_MIN_LEN) == NULL)
		return fail("no buffer");
	m->buf_iova = iova;
	return rte_eth_tx_burst(0, 0, &m, 1) == 1 ? 0 : fail("not sent");
}

/** Until the device has read it. */
static int
sent(void)
{
	int ms;

	for (ms = 0; ms < DONE_MS; ms++) {
		if (rte_eth_tx_done_cleanup(0, 0, 0) > 0)
			return 0;
		rte_delay_us_sleep(1000);
	}
	return fail("the device does not send");
}

static int
stop_at_a_line(void)
{
	fflush(stdout);
	return getchar() == EOF ? 1 : rte_eth_dev_stop(0);
}

int
run_outside(uint64_t iova)
{
	if (started() != 0 || send_from(iova) != 0)
		return 1;
	printf("ok outside\n");
	return stop_at_a_line();
}

int
run_freed(void)
{
	char *p = rte_malloc(NULL, FREED_BYTES, 0);
	/* Whole pages around it go back, whatever their size. */
	uint64_t middle = ((uintptr_t)p + FREED_BYTES / 2) & ~UINT64_C(0xfff);

	if (p == NULL)
		return fail("no memory");
	if (started() != 0 || send_from(middle) != 0 || sent() != 0)
		return 1;
	printf("reached 0x%" PRIx64 "\n", middle);
	fflush(stdout);
	if (getchar() == EOF)
		return 1;
	rte_free(p);
	if (send_from(middle) != 0)
		return 1;
	printf("ok freed\n");
	return stop_at_a_line();
}
