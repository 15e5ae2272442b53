/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Transmit into a split ring (VIRTIO 1.2, 2.7). A packet's id is its head descriptor. */

#ifndef VNET_TX_SPLIT_H
#define VNET_TX_SPLIT_H

#include "tx_ops.h"

/** Give a chain's descriptors back and free its packet. */
static __rte_noinline __rte_unused void
tx_split_free_chain(struct vnet_txq *q, uint16_t id, struct rte_mbuf *m)
{
	struct vnet_walk w = VNET_WALK_INIT;
	uint16_t next;

	for (; id != UINT16_MAX; id = next) {
		next = q->next[id];
		tx_id_put(q, id, &w, false);
		q->nfree++;
	}
	rte_pktmbuf_free(m);
}

/** Head descriptor of the oldest completion not taken, UINT32_MAX when the element is bad. */
static __rte_always_inline uint32_t
tx_split_used(struct vnet_txq *q, struct vnet_walk *w, const bool traced)
{
	uint32_t id;

	/* In order, the oldest head is the descriptor that comes free next. */
	if (q->in_order)
		return q->ids_put & q->vq.mask;
	id = vnet_vq_used(&q->vq, q->vq.used_cons).id;
	if (traced)
		vnet_trace_walk(q->trace, &w->used, &q->vq.used->ring[q->vq.used_cons & q->vq.mask],
				8, STEER_CACHE_OP_LOAD);
	return likely(id <= q->vq.mask) ? id : UINT32_MAX;
}

/** Take completions. @return packets freed. */
static __rte_always_inline uint16_t
tx_split_clean(struct vnet_txq *q, uint16_t max, struct vnet_walk *w, const bool traced)
{
	uint16_t ready = vnet_vq_ready(&q->vq), i, nb = 0;
	struct rte_mbuf *bufs[VNET_BULK];
	uintptr_t entry;
	uint32_t id;

	if (traced)
		steer_trace_put(q->trace, &q->vq.used->idx, 2, STEER_CACHE_OP_LOAD);
	if (unlikely(ready > vnet_vq_inflight(&q->vq))) {
		tx_violation(q, VNET_OFF_BAD_INDEX);
		return 0;
	}
	ready = RTE_MIN(ready, max);
	for (i = 0; i < ready; i++) {
		id = tx_split_used(q, w, traced);
		entry = unlikely(id == UINT32_MAX) ? 0 : q->sw[id];
		if (unlikely(entry == 0)) {
			tx_violation(q, VNET_OFF_BAD_ID);
			break;
		}
		q->vq.used_cons++;
		tx_sw_set(q, (uint16_t)id, 0, w, traced);
		if (unlikely(entry & VNET_TX_CHAIN)) {
			tx_split_free_chain(q, (uint16_t)id,
					    (struct rte_mbuf *)(entry ^ VNET_TX_CHAIN));
			continue;
		}
		tx_id_put(q, (uint16_t)id, w, traced);
		q->nfree++;
		bufs[nb++] = (struct rte_mbuf *)entry;
		if (nb == VNET_BULK) {
			tx_free_bulk(q, bufs, nb, traced);
			nb = 0;
		}
	}
	tx_free_bulk(q, bufs, nb, traced);
	return i;
}

static __rte_always_inline void
tx_split_avail(struct vnet_txq *q, uint16_t id, struct vnet_walk *w, const bool traced)
{
	uint16_t *slot = &q->vq.avail->ring[q->vq.avail_idx++ & q->vq.mask];

	/* Mostly there from the last lap: not writing leaves the line with the device. */
	if (*slot != id)
		*slot = id;
	if (traced)
		vnet_trace_walk(q->trace, &w->avail, slot, 2, STEER_CACHE_OP_LOAD);
}

static __rte_always_inline void
tx_split_single(struct vnet_txq *q, struct rte_mbuf *m, struct vnet_walk *w, const bool traced)
{
	uint16_t id = tx_id_get(q, w, traced);
	struct vnet_desc *d = &q->vq.desc[id];

	q->nfree--;
	d->addr = rte_mbuf_data_iova(m) - VNET_HDR_LEN;
	d->len = (uint32_t)m->data_len + VNET_HDR_LEN;
	d->flags = 0;
	d->next = 0;
	if (traced)
		vnet_trace_walk(q->trace, &w->desc, d, sizeof(*d), STEER_CACHE_OP_STORE);
	tx_sw_set(q, id, (uintptr_t)m, w, traced);
	tx_split_avail(q, id, w, traced);
}

/** Append a descriptor to a chain; prev is UINT16_MAX for its head. */
static inline uint16_t
tx_split_add(struct vnet_txq *q, uint16_t prev, uint64_t iova, uint32_t len, struct vnet_walk *w,
	     const bool traced)
{
	uint16_t id = tx_id_get(q, w, traced);

	q->nfree--;
	q->vq.desc[id] = (struct vnet_desc){.addr = iova, .len = len};
	q->next[id] = UINT16_MAX;
	if (traced)
		vnet_trace_walk(q->trace, &w->desc, &q->vq.desc[id], sizeof(struct vnet_desc),
				STEER_CACHE_OP_STORE);
	if (prev != UINT16_MAX) {
		q->vq.desc[prev].next = id;
		q->vq.desc[prev].flags = VNET_DESC_NEXT;
		q->next[prev] = id;
	}
	return id;
}

/** Several segments, or no room for a header: the queue's own zero header goes first. */
static __rte_noinline __rte_unused void
tx_split_chain(struct vnet_txq *q, struct rte_mbuf *m, const bool traced)
{
	struct vnet_walk w = VNET_WALK_INIT;
	const struct rte_mbuf *seg;
	uint16_t head, id;

	head = tx_split_add(q, UINT16_MAX, vnet_vq_iova(&q->vq, q->vq.extra), VNET_HDR_LEN, &w,
			    traced);
	id = head;
	for (seg = m; seg != NULL; seg = seg->next) {
		if (traced)
			tx_trace_seg(q, seg);
		if (seg->data_len != 0)
			id = tx_split_add(q, id, rte_mbuf_data_iova(seg), seg->data_len, &w,
					  traced);
	}
	q->sw[head] = (uintptr_t)m | VNET_TX_CHAIN;
	tx_split_avail(q, head, &w, traced);
}

static __rte_always_inline void
tx_split_show(struct vnet_txq *q, const bool traced)
{
	vnet_vq_publish(&q->vq);
	vnet_vq_kick(&q->vq);
	if (traced) {
		steer_trace_put(q->trace, &q->vq.avail->idx, 2, STEER_CACHE_OP_STORE);
		steer_trace_put(q->trace, &q->vq.used->flags, 2, STEER_CACHE_OP_LOAD);
	}
}

#endif /* VNET_TX_SPLIT_H */
