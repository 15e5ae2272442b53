/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Transmit into a packed ring (VIRTIO 1.2, 2.8). A packet takes one id, and of descriptors as many
 * as it has pieces, one after the other; next[id] is how many.
 */

#ifndef VNET_TX_PACKED_H
#define VNET_TX_PACKED_H

#include "tx_ops.h"

static __rte_noinline __rte_unused void
tx_packed_free_chain(uintptr_t entry)
{
	rte_pktmbuf_free((struct rte_mbuf *)(entry ^ VNET_TX_CHAIN));
}

/** The id's packet is done: its descriptors and the id are free. @return its entry of sw. */
static __rte_always_inline uintptr_t
tx_packed_take(struct vnet_txq *q, uint16_t id, struct vnet_walk *w, const bool traced)
{
	uintptr_t entry = q->sw[id];
	uint16_t slots = 1;

	tx_sw_set(q, id, 0, w, traced);
	if (unlikely(entry & VNET_TX_CHAIN))
		slots = q->next[id];
	q->vq.used_cons += slots;
	q->nfree += slots;
	tx_id_put(q, id, w, traced);
	return entry;
}

/** Id of the next used descriptor. @return false: nothing there, or the queue has stopped. */
static __rte_always_inline bool
tx_packed_used(struct vnet_txq *q, uint16_t *id, struct vnet_walk *w, const bool traced)
{
	uint16_t pos = q->vq.used_cons;
	uint64_t word = vnet_pk_load(&q->vq, pos);

	if (!vnet_pk_is_used(&q->vq, pos, word))
		return false;
	if (traced)
		vnet_trace_walk(q->trace, &w->used, vnet_pk_at(&q->vq, pos), 8,
				STEER_CACHE_OP_LOAD);
	*id = vnet_pk_id(word);
	if (likely(*id <= q->vq.mask && q->sw[*id] != 0))
		return true;
	tx_violation(q, VNET_OFF_BAD_ID);
	return false;
}

/**
 * Take completions; what one used descriptor completes is not divided, even beyond max.
 * @return packets freed.
 */
static __rte_always_inline uint16_t
tx_packed_clean(struct vnet_txq *q, uint16_t max, struct vnet_walk *w, const bool traced)
{
	struct rte_mbuf *bufs[VNET_BULK];
	uint16_t last, id, total = 0, nb = 0;
	uintptr_t entry;

	if (unlikely(vnet_pk_is_ahead(&q->vq))) {
		tx_violation(q, VNET_OFF_BAD_INDEX);
		return 0;
	}
	while (total < max && vnet_vq_inflight(&q->vq) != 0 &&
	       tx_packed_used(q, &last, w, traced)) {
		/* In order, one used descriptor stands for all up to its id (2.8.9). */
		do {
			id = q->in_order ? q->ids_put & q->vq.mask : last;
			entry = tx_packed_take(q, id, w, traced);
			total++;
			if (unlikely(entry & VNET_TX_CHAIN)) {
				tx_packed_free_chain(entry);
				continue;
			}
			bufs[nb++] = (struct rte_mbuf *)entry;
			if (nb == VNET_BULK) {
				tx_free_bulk(q, bufs, nb, traced);
				nb = 0;
			}
		} while (id != last);
	}
	tx_free_bulk(q, bufs, nb, traced);
	return total;
}

/** Write a descriptor; the burst's first one is only kept until the others are there. */
static __rte_always_inline void
tx_packed_put(struct vnet_txq *q, struct tx_burst *b, uint16_t pos, uint64_t word)
{
	if (pos == b->start) {
		b->held = word;
		return;
	}
	rte_io_wmb();
	vnet_pk_store(&q->vq, pos, word);
}

static __rte_always_inline void
tx_packed_single(struct vnet_txq *q, struct rte_mbuf *m, struct tx_burst *b, const bool traced)
{
	uint16_t id = tx_id_get(q, &b->walk, traced), pos = q->vq.avail_idx++;
	struct vnet_pdesc *d = &q->vq.pdesc[pos & q->vq.mask];

	q->nfree--;
	d->addr = rte_mbuf_data_iova(m) - VNET_HDR_LEN;
	tx_packed_put(q, b, pos,
		      vnet_pk_word(&q->vq, pos, (uint32_t)m->data_len + VNET_HDR_LEN, id, 0));
	if (traced)
		vnet_trace_walk(q->trace, &b->walk.desc, d, sizeof(*d), STEER_CACHE_OP_STORE);
	tx_sw_set(q, id, (uintptr_t)m, &b->walk, traced);
}

/** One more piece of a packet, after its head. */
static inline void
tx_packed_add(struct vnet_txq *q, uint16_t id, const struct rte_mbuf *seg, bool more,
	      struct tx_burst *b, const bool traced)
{
	uint16_t pos = q->vq.avail_idx++;
	struct vnet_pdesc *d = &q->vq.pdesc[pos & q->vq.mask];

	d->addr = rte_mbuf_data_iova(seg);
	rte_io_wmb();
	vnet_pk_store(&q->vq, pos,
		      vnet_pk_word(&q->vq, pos, seg->data_len, id, more ? VNET_DESC_NEXT : 0));
	if (traced)
		vnet_trace_walk(q->trace, &b->walk.desc, d, sizeof(*d), STEER_CACHE_OP_STORE);
}

static inline const struct rte_mbuf *
tx_packed_skip_empty(struct vnet_txq *q, const struct rte_mbuf *seg, const bool traced)
{
	for (; seg != NULL; seg = seg->next) {
		if (traced)
			tx_trace_seg(q, seg);
		if (seg->data_len != 0)
			break;
	}
	return seg;
}

/**
 * Several segments, or no room for a header: the queue's own zero header goes first. Its descriptor
 * becomes available when the rest of the packet is there.
 */
static __rte_noinline __rte_unused void
tx_packed_chain(struct vnet_txq *q, struct rte_mbuf *m, struct tx_burst *b, const bool traced)
{
	uint16_t id = tx_id_get(q, &b->walk, traced), head = q->vq.avail_idx++;
	const struct rte_mbuf *seg = tx_packed_skip_empty(q, m, traced), *after;
	uint16_t flags = seg != NULL ? VNET_DESC_NEXT : 0, slots;

	q->vq.pdesc[head & q->vq.mask].addr = vnet_vq_iova(&q->vq, q->vq.extra);
	if (traced)
		vnet_trace_walk(q->trace, &b->walk.desc, &q->vq.pdesc[head & q->vq.mask],
				sizeof(struct vnet_pdesc), STEER_CACHE_OP_STORE);
	for (; seg != NULL; seg = after) {
		after = tx_packed_skip_empty(q, seg->next, traced);
		tx_packed_add(q, id, seg, after != NULL, b, traced);
	}
	slots = q->vq.avail_idx - head;
	q->nfree -= slots;
	q->next[id] = slots;
	q->sw[id] = (uintptr_t)m | VNET_TX_CHAIN;
	tx_packed_put(q, b, head, vnet_pk_word(&q->vq, head, VNET_HDR_LEN, id, flags));
}

static __rte_always_inline void
tx_packed_show(struct vnet_txq *q, const struct tx_burst *b, const bool traced)
{
	rte_io_wmb();
	vnet_pk_store(&q->vq, b->start, b->held);
	vnet_pk_kick(&q->vq);
	if (traced)
		steer_trace_put(q->trace, &q->vq.dev_event->flags, 2, STEER_CACHE_OP_LOAD);
}

#endif /* VNET_TX_PACKED_H */
