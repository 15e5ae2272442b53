/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the Tx burst template (tx.c) needs for split and packed rings alike: free ids, headers,
 * mbufs that go back to their pools.
 */

#ifndef VNET_TX_OPS_H
#define VNET_TX_OPS_H

#include "ring_packed.h"
#include "rxtx.h"

enum tx_flags { TX_TRACED = 1, TX_PACKED = 2 };

/** One burst: where its trace stands, and what it has put. */
struct tx_burst {
	struct vnet_walk walk;
	uint64_t held;  /* packed: word of the first descriptor, shown last */
	uint16_t start; /* avail_idx before the burst */
};

static __rte_noinline __rte_unused void
tx_violation(struct vnet_txq *q, enum vnet_off why)
{
	vnet_vq_set_off(&q->vq, why);
	q->stats.violations++;
}

static __rte_always_inline uint16_t
tx_id_get(struct vnet_txq *q, struct vnet_walk *w, const bool traced)
{
	uint16_t *slot = &q->ids[q->ids_get++ & q->vq.mask];

	if (traced)
		vnet_trace_walk(q->trace, &w->ids, slot, 2, STEER_CACHE_OP_LOAD);
	return *slot;
}

static __rte_always_inline void
tx_id_put(struct vnet_txq *q, uint16_t id, struct vnet_walk *w, const bool traced)
{
	uint16_t *slot = &q->ids[q->ids_put++ & q->vq.mask];

	*slot = id;
	if (traced)
		vnet_trace_walk(q->trace, &w->ids, slot, 2, STEER_CACHE_OP_STORE);
}

static __rte_always_inline void
tx_free_bulk(struct vnet_txq *q, struct rte_mbuf **bufs, uint16_t n, const bool traced)
{
	uint16_t i;

	if (n == 0)
		return;
	if (q->fast_free) {
		if (traced)
			steer_trace_put(q->trace, &bufs[0]->pool, 8, STEER_CACHE_OP_LOAD);
		rte_mempool_put_bulk(bufs[0]->pool, (void **)bufs, n);
		return;
	}
	for (i = 0; traced && i < n; i++) {
		steer_trace_put(q->trace, bufs[i], RTE_CACHE_LINE_SIZE, STEER_CACHE_OP_STORE);
		steer_trace_put(q->trace, &bufs[i]->next, 8, STEER_CACHE_OP_LOAD);
	}
	rte_pktmbuf_free_bulk(bufs, n);
}

/**
 * Header of zeros below the data (5.1.6.2). Read first: in a recycled mbuf it is mostly zero
 * already, and a line that is not written is not taken from the device's cache.
 */
static __rte_always_inline void
tx_clear_hdr(struct vnet_txq *q, void *hdr, const bool traced)
{
	uint32_t *word = hdr;

	if (traced)
		steer_trace_add(q->trace, hdr, VNET_HDR_LEN, STEER_CACHE_OP_LOAD,
				STEER_TRACE_PKT_HEADER);
	if ((word[0] | word[1] | word[2]) == 0)
		return;
	word[0] = 0;
	word[1] = 0;
	word[2] = 0;
	if (traced)
		steer_trace_add(q->trace, hdr, VNET_HDR_LEN, STEER_CACHE_OP_STORE,
				STEER_TRACE_PKT_HEADER);
}

/** May the header be put into this mbuf's headroom? */
static __rte_always_inline bool
tx_headroom_ok(const struct vnet_txq *q, const struct rte_mbuf *m)
{
	if (unlikely(m->data_off < VNET_HDR_LEN || (m->data_off & 3) != 0))
		return false;
	return q->fast_free || (rte_mbuf_refcnt_read(m) == 1 && RTE_MBUF_DIRECT(m));
}

static __rte_always_inline void
tx_trace_seg(struct vnet_txq *q, const struct rte_mbuf *seg)
{
	steer_trace_put(q->trace, seg, RTE_CACHE_LINE_SIZE, STEER_CACHE_OP_LOAD);
	steer_trace_put(q->trace, &seg->next, 8, STEER_CACHE_OP_LOAD);
}

/** Remember the packet of an id in flight. */
static __rte_always_inline void
tx_sw_set(struct vnet_txq *q, uint16_t id, uintptr_t entry, struct vnet_walk *w, const bool traced)
{
	q->sw[id] = entry;
	if (traced)
		vnet_trace_walk(q->trace, &w->sw, &q->sw[id], 8, STEER_CACHE_OP_STORE);
}

#endif /* VNET_TX_OPS_H */
