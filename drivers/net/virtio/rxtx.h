/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Rx and Tx queues and their burst functions.
 *
 * The burst functions are one template per direction with constant flags (mergeable buffers,
 * packed ring, traced, stamped). The stamped ones, chosen only with RTE_ETH_RX_OFFLOAD_TIMESTAMP,
 * give each packet the time at which the device wrote it. The traced ones put every access to
 * rings, descriptors, the queue's own per-packet arrays, packet headers of the device and mbuf
 * structs into the queue's trace; an access to a run of ring elements is recorded once per cache
 * line. Not recorded: polls that find nothing (they depend on timing), the queue struct itself (two
 * lines, always in L1) and what rte_mempool does inside, which is DPDK's and not ours to hook.
 */

#ifndef VNET_RXTX_H
#define VNET_RXTX_H

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "ring.h"

/** State of the trace's walks over neighbouring elements in one burst. */
struct vnet_walk {
	struct vnet_walk_at used, sw, ids, desc, avail;
};

#define VNET_WALK_AT_INIT                                                                          \
	{                                                                                          \
		UINTPTR_MAX, NULL                                                                  \
	}
#define VNET_WALK_INIT                                                                             \
	{                                                                                          \
		VNET_WALK_AT_INIT, VNET_WALK_AT_INIT, VNET_WALK_AT_INIT, VNET_WALK_AT_INIT,        \
			VNET_WALK_AT_INIT                                                          \
	}

/** Most mbufs taken from or given back to a mempool in one call. */
#define VNET_BULK 64

struct vnet_rx_stats {
	uint64_t packets, bytes;
	uint64_t errors;     /* frames below 14 bytes, dropped */
	uint64_t violations; /* what the device must not do; the queue stops */
	uint64_t nombuf;     /* buffers that the mempool could not give */
};

struct vnet_rxq {
	struct vnet_vq vq;
	struct rte_mbuf **sw; /* mbuf of an id in flight, else NULL */
	uint16_t *ids;        /* whose turn each position of the ring is, for us alone to write */
	uint32_t *steer_word; /* of lib/steer */
	struct rte_mempool *mp;
	uint64_t rearm;   /* data_off, refcnt, nb_segs, port of a fresh mbuf */
	uint32_t buf_off; /* from the mbuf to its Rx header; 0: take buf_iova */
	uint32_t buf_len; /* bytes that a descriptor shows: header and data */
	uint16_t thresh;  /* refill when this many are missing */
	uint16_t port_id;
	uint16_t queue_id;
	struct steer_trace_ring *trace;
	const uint64_t *stamps; /* written by the device, by id; only with the offload */
	uint64_t stamp_flag;    /* in ol_flags */
	int stamp_field;        /* offset in an mbuf */
	struct vnet_rx_stats stats __rte_cache_aligned; /* only the polling lcore writes it */
	struct vnet_rx_stats base;                      /* stats at the last reset */
} __rte_cache_aligned;

struct vnet_tx_stats {
	uint64_t packets, bytes;
	uint64_t errors; /* packets no ring of this size can hold, dropped */
	uint64_t violations;
};

struct vnet_txq {
	struct vnet_vq vq;
	uintptr_t *sw;  /* mbuf of an id (a head) in flight | VNET_TX_CHAIN, else 0 */
	uint16_t *ids;  /* ring of free ids (split: descriptors), oldest first */
	uint16_t *next; /* next descriptor of a chain, own copy; UINT16_MAX at its end.
			   packed: descriptors of an id in flight that has VNET_TX_CHAIN */
	uint32_t *steer_word;
	uint16_t ids_get, ids_put;
	uint16_t nfree;    /* descriptors */
	uint16_t thresh;   /* take completions when fewer are free */
	uint8_t fast_free; /* all mbufs of one pool, refcnt 1 */
	uint8_t in_order;  /* IN_ORDER negotiated: used elements need not be read */
	uint16_t port_id;
	uint16_t queue_id;
	struct steer_trace_ring *trace;
	struct vnet_tx_stats stats __rte_cache_aligned; /* only the polling lcore writes it */
	struct vnet_tx_stats base;                      /* stats at the last reset */
} __rte_cache_aligned;

/** Low bit of vnet_txq.sw: more than one descriptor. */
#define VNET_TX_CHAIN 1ul

/** Counters since the last reset. */
static inline struct vnet_rx_stats
vnet_rxq_stats(const struct vnet_rxq *q)
{
	return (struct vnet_rx_stats){
		.packets = q->stats.packets - q->base.packets,
		.bytes = q->stats.bytes - q->base.bytes,
		.errors = q->stats.errors - q->base.errors,
		.violations = q->stats.violations - q->base.violations,
		.nombuf = q->stats.nombuf - q->base.nombuf,
	};
}

static inline struct vnet_tx_stats
vnet_txq_stats(const struct vnet_txq *q)
{
	return (struct vnet_tx_stats){
		.packets = q->stats.packets - q->base.packets,
		.bytes = q->stats.bytes - q->base.bytes,
		.errors = q->stats.errors - q->base.errors,
		.violations = q->stats.violations - q->base.violations,
	};
}

/** Rings and arrays of a queue for a start; no buffers yet. */
void vnet_rxq_clear(struct vnet_rxq *q);
void vnet_txq_clear(struct vnet_txq *q);
/** Buffer geometry and mbuf template from the mempool. */
void vnet_rxq_set_pool(struct vnet_rxq *q, struct rte_mempool *mp);
/**
 * Put buffers into the ring until it is full; the device sees them at vnet_rxq_show().
 * @return 0, -ENOMEM when the pool gave none at all.
 */
int vnet_rxq_fill(struct vnet_rxq *q);
/** Show the device what the fill has put, and ring. */
void vnet_rxq_show(struct vnet_rxq *q);
/** Free what the queue holds; the device is stopped or gone. */
void vnet_rxq_drain(struct vnet_rxq *q);
void vnet_txq_drain(struct vnet_txq *q);
/** Take completions now. @return packets freed, at most max (0: all there are). */
unsigned int vnet_txq_clean(struct vnet_txq *q, unsigned int max);

/** Burst functions (eth_rx_burst_t, eth_tx_burst_t). */
uint16_t vnet_rx_plain(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_mrg(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_plain_traced(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_mrg_traced(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_plain_packed(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_mrg_packed(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_plain_packed_traced(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_mrg_packed_traced(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_plain_stamped(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_mrg_stamped(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_plain_packed_stamped(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_rx_mrg_packed_stamped(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_tx(void *txq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_tx_traced(void *txq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_tx_packed(void *txq, struct rte_mbuf **pkts, uint16_t n);
uint16_t vnet_tx_packed_traced(void *txq, struct rte_mbuf **pkts, uint16_t n);

/** Filled descriptors of a queue, state of one (ethdev's cheap queries). */
uint32_t vnet_rx_count(void *rxq);
uint32_t vnet_rx_count_packed(void *rxq);
int vnet_rx_desc_status(void *rxq, uint16_t offset);
int vnet_rx_desc_status_packed(void *rxq, uint16_t offset);
int vnet_tx_desc_status(void *txq, uint16_t offset);

#endif /* VNET_RXTX_H */
