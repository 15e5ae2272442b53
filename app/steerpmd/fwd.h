/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Forwarding of one stream: what an lcore does with the packets of one Rx queue.
 */

#ifndef FWD_H
#define FWD_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include <steer_trace.h>

#include "opts.h"

#define FWD_MAX_BURST 512

struct fwd_stream;
struct steer_source_thread;
struct latency_stream;
struct loss;

/** A forward mode. */
struct fwd_engine {
	bool rx, tx;
	/** Change the packets of a burst; NULL: they go as they came. */
	void (*change)(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n);
	/** Make packets where none are received; fewer than n when the pool is short. */
	uint16_t (*make)(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n);
};

extern const struct fwd_engine fwd_engine_io, fwd_engine_mac, fwd_engine_macswap, fwd_engine_rxonly,
	fwd_engine_txonly;

const struct fwd_engine *fwd_engine(enum fwd_mode mode);

/** Rx queue to Tx queue. Written by the lcore that has it, set up by the main thread. */
struct fwd_stream {
	const struct fwd_engine *engine;
	struct steer_trace_ring *ring; /**< NULL outside a model session */
	uint16_t rx_port, rx_queue, tx_port, tx_queue;
	uint16_t burst;
	uint16_t pkt_len; /**< of packets that are made */
	struct touch touch;
	uint32_t work;                  /**< iterations on each packet */
	struct latency_stream *latency; /**< NULL: not asked for, or no timestamps */
	struct loss *loss;              /**< what a look for lost packets knows */
	uint32_t loss_epoch;            /**< that look; 0 none. atomic */
	uint64_t touched; /**< sum of what was read: keeps the reads from being removed */
	struct steer_source_thread *probe; /**< of the timing probe, while it is to sample */
	unsigned int slot;                 /**< this stream's in the probe */
	struct rte_mempool *pool;
	struct rte_ether_addr src, dst; /**< of mac and of packets that are made */
	uint64_t rx_packets, tx_packets, tx_dropped;
	/* main thread's */
	unsigned int lcore;      /**< that has it */
	uint64_t dropped_before; /**< tx_dropped when statistics were cleared */
} __rte_cache_aligned;

/** One burst, normal session. @return packets received or made. */
uint16_t fwd_poll(struct fwd_stream *fs);
/** The same with the timing probe on first touches. */
uint16_t fwd_poll_timed(struct fwd_stream *fs);
/** What is done with received packets: touch, change, send. */
void fwd_handle(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n);
/** One burst of the current window, model session; publishes it. @return packets received. */
uint16_t fwd_poll_lockstep(struct fwd_stream *fs);
/** Make one burst and send it. @return packets sent. */
uint16_t fwd_send_first(struct fwd_stream *fs);

/** The touches of a burst, as fs->touch says; each is done, and traced when there is a ring. */
void touch_burst(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n);

/** Show an access to the cache model, if there is one. */
static inline void
fwd_trace(struct fwd_stream *fs, const volatile void *addr, uint32_t len, enum steer_cache_op op)
{
	if (fs->ring != NULL)
		steer_trace_put(fs->ring, addr, len, op);
}

#endif /* FWD_H */
