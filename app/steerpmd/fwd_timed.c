/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The burst function of the timing probe: the first touch of some packets is timed before anything
 * else looks at them. No other burst function knows of it.
 */

#include <rte_ethdev.h>

#include <steer_timing.h>

#include "fwd.h"

uint16_t
fwd_poll_timed(struct fwd_stream *fs)
{
	struct steer_timing_thread *t = steer_timing_thread_of(fs->probe);
	struct rte_mbuf *pkts[FWD_MAX_BURST];
	uint16_t n = rte_eth_rx_burst(fs->rx_port, fs->rx_queue, pkts, fs->burst);

	for (uint16_t i = 0; t != NULL && i < n; i++)
		steer_timing_touch(t, fs->slot, rte_pktmbuf_mtod(pkts[i], const void *));
	if (n != 0)
		fwd_handle(fs, pkts, n);
	return n;
}
