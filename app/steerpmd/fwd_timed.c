/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The burst function of the timing probe: the first touch of some packets is timed before anything
 * else looks at them. No other burst function knows of it.
 */

#include <rte_ethdev.h>

#include <steer_timing.h>

#include "fwd.h"

/*
 * The mbuf that is worked on comes out of the probe's pointer: a CPU that runs ahead of the probe
 * then finds no packet to load (steer_timing.h).
 */
static inline struct rte_mbuf *
first_touch(struct steer_timing_thread *t, unsigned int slot, struct rte_mbuf *m)
{
	uintptr_t data = (uintptr_t)rte_pktmbuf_mtod(m, void *);
	uintptr_t seen = (uintptr_t)steer_timing_touch(t, slot, (void *)data);

	return (struct rte_mbuf *)((uintptr_t)m + (seen - data));
}

uint16_t
fwd_poll_timed(struct fwd_stream *fs)
{
	struct steer_timing_thread *t = steer_timing_thread_of(fs->probe);
	struct rte_mbuf *pkts[FWD_MAX_BURST];
	uint16_t n = rte_eth_rx_burst(fs->rx_port, fs->rx_queue, pkts, fs->burst);

	for (uint16_t i = 0; t != NULL && i < n; i++)
		pkts[i] = first_touch(t, fs->slot, pkts[i]);
	if (n != 0)
		fwd_handle(fs, pkts, n);
	return n;
}
