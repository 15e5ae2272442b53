/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The burst function of the timing probe: the first touch of some packets is timed before anything
 * else looks at them. No other burst function knows of it.
 */

#include <rte_ethdev.h>

#include "fwd.h"

uint16_t
fwd_poll_timed(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[FWD_MAX_BURST];
	uint16_t n = rte_eth_rx_burst(fs->rx_port, fs->rx_queue, pkts, fs->burst);

	if (n != 0)
		fwd_handle(fs, pkts, n);
	return n;
}
