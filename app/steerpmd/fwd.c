/* SPDX-License-Identifier: BSD-3-Clause */

#include <rte_ethdev.h>

#include "fwd.h"
#include "latency.h"
#include "loss.h"
#include "work.h"

const struct fwd_engine *
fwd_engine(enum fwd_mode mode)
{
	static const struct fwd_engine *const engines[FWD_MODES] = {
		[FWD_IO] = &fwd_engine_io,           [FWD_MAC] = &fwd_engine_mac,
		[FWD_MACSWAP] = &fwd_engine_macswap, [FWD_RXONLY] = &fwd_engine_rxonly,
		[FWD_TXONLY] = &fwd_engine_txonly,
	};

	return engines[mode];
}

/* What the ring does not take is dropped and counted, as testpmd does. */
static void
transmit(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t sent = rte_eth_tx_burst(fs->tx_port, fs->tx_queue, pkts, n);

	fs->tx_packets += sent;
	if (unlikely(sent < n)) {
		fs->tx_dropped += n - sent;
		rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
	}
}

static void
work_burst(struct fwd_stream *fs, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		fs->touched = work_do(fs->touched, fs->work);
}

void
fwd_handle(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	fs->rx_packets += n;
	if (unlikely(__atomic_load_n(&fs->loss_epoch, __ATOMIC_RELAXED) != 0))
		loss_burst(fs, pkts, n);
	if (fs->latency != NULL)
		latency_burst(fs, pkts, n);
	else if (fs->touch.kind != TOUCH_NONE)
		touch_burst(fs, pkts, n);
	if (fs->work != 0)
		work_burst(fs, n);
	if (fs->engine->change != NULL)
		fs->engine->change(fs, pkts, n);
	if (fs->engine->tx)
		transmit(fs, pkts, n);
	else
		rte_pktmbuf_free_bulk(pkts, n);
}

uint16_t
fwd_poll(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[FWD_MAX_BURST];
	uint16_t n;

	if (!fs->engine->rx)
		return fwd_send_first(fs);
	n = rte_eth_rx_burst(fs->rx_port, fs->rx_queue, pkts, fs->burst);
	if (n != 0)
		fwd_handle(fs, pkts, n);
	return n;
}

uint16_t
fwd_poll_lockstep(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[FWD_MAX_BURST];
	uint64_t pending = steer_trace_pending(fs->ring);
	uint16_t n;

	/* polling an empty queue would put accesses into the trace that depend on time */
	if (pending == 0)
		return 0;
	n = rte_eth_rx_burst(fs->rx_port, fs->rx_queue, pkts, RTE_MIN(pending, fs->burst));
	if (n != 0)
		fwd_handle(fs, pkts, n);
	steer_trace_publish(fs->ring, n);
	return n;
}

uint16_t
fwd_send_first(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[FWD_MAX_BURST];
	uint64_t before = fs->tx_packets;
	uint16_t n = fwd_engine_txonly.make(fs, pkts, fs->burst);

	if (n != 0)
		transmit(fs, pkts, n);
	return fs->tx_packets - before;
}
