/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>

#include <ethdev_driver.h>

#include <rte_prefetch.h>

#include <steer_driver.h>

#include "tx_packed.h"
#include "tx_split.h"

#define PREFETCH_AHEAD 3

static __rte_always_inline uint16_t
tx_clean(struct vnet_txq *q, uint16_t max, struct vnet_walk *w, const unsigned int flags)
{
	return flags & TX_PACKED ? tx_packed_clean(q, max, w, flags & TX_TRACED)
				 : tx_split_clean(q, max, w, flags & TX_TRACED);
}

static __rte_always_inline void
tx_put_single(struct vnet_txq *q, struct rte_mbuf *m, struct tx_burst *b, const unsigned int flags)
{
	if (flags & TX_TRACED)
		steer_trace_put(q->trace, m, RTE_CACHE_LINE_SIZE, STEER_CACHE_OP_LOAD);
	tx_clear_hdr(q, rte_pktmbuf_mtod_offset(m, void *, -(int)VNET_HDR_LEN), flags & TX_TRACED);
	if (flags & TX_PACKED)
		tx_packed_single(q, m, b, flags & TX_TRACED);
	else
		tx_split_single(q, m, &b->walk, flags & TX_TRACED);
}

static __rte_always_inline void
tx_put_chain(struct vnet_txq *q, struct rte_mbuf *m, struct tx_burst *b, const unsigned int flags)
{
	if (flags & TX_PACKED)
		tx_packed_chain(q, m, b, flags & TX_TRACED);
	else
		tx_split_chain(q, m, flags & TX_TRACED);
}

static __rte_always_inline void
tx_show(struct vnet_txq *q, const struct tx_burst *b, const unsigned int flags)
{
	if (flags & TX_PACKED)
		tx_packed_show(q, b, flags & TX_TRACED);
	else
		tx_split_show(q, flags & TX_TRACED);
}

static __rte_always_inline uint16_t
tx_burst(struct vnet_txq *q, struct rte_mbuf **pkts, uint16_t n, const unsigned int flags)
{
	struct tx_burst b = {.walk = VNET_WALK_INIT, .start = q->vq.avail_idx};
	uint64_t bytes = 0, dropped = 0;
	uint16_t i;

	steer_queue_polled(q->steer_word);
	if (vnet_vq_is_off(&q->vq))
		return 0;
	if (q->nfree < RTE_MAX(q->thresh, n))
		tx_clean(q, UINT16_MAX, &b.walk, flags);
	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];

		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod_offset(pkts[i + PREFETCH_AHEAD], void *,
							      -(int)VNET_HDR_LEN));
		if (likely(m->nb_segs == 1 && tx_headroom_ok(q, m))) {
			if (unlikely(q->nfree == 0))
				break;
			bytes += m->data_len;
			tx_put_single(q, m, &b, flags);
			continue;
		}
		if (unlikely(m->nb_segs >= q->vq.size)) {
			dropped++;
			rte_pktmbuf_free(m);
			continue;
		}
		if (unlikely(q->nfree < m->nb_segs + 1))
			break;
		bytes += m->pkt_len;
		tx_put_chain(q, m, &b, flags);
	}
	q->stats.errors += dropped;
	if (q->vq.avail_idx == b.start)
		return i;
	tx_show(q, &b, flags);
	q->stats.packets += i - dropped;
	q->stats.bytes += bytes;
	return i;
}

#define TX_BURST(name, flags)                                                                      \
	uint16_t name(void *txq, struct rte_mbuf **pkts, uint16_t n)                               \
	{                                                                                          \
		return tx_burst(txq, pkts, n, flags);                                              \
	}

TX_BURST(vnet_tx, 0)
TX_BURST(vnet_tx_traced, TX_TRACED)
TX_BURST(vnet_tx_packed, TX_PACKED)
TX_BURST(vnet_tx_packed_traced, TX_PACKED | TX_TRACED)

unsigned int
vnet_txq_clean(struct vnet_txq *q, unsigned int max)
{
	uint16_t most = max == 0 || max > q->vq.size ? q->vq.size : (uint16_t)max;
	struct vnet_walk walk = VNET_WALK_INIT;

	if (vnet_vq_is_off(&q->vq))
		return 0;
	return q->vq.packed ? tx_clean(q, most, &walk, TX_PACKED) : tx_clean(q, most, &walk, 0);
}

int
vnet_tx_desc_status(void *txq, uint16_t offset)
{
	const struct vnet_txq *q = txq;

	if (offset >= q->vq.size)
		return -EINVAL;
	return offset < q->vq.size - q->nfree ? RTE_ETH_TX_DESC_FULL : RTE_ETH_TX_DESC_DONE;
}
