/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the Rx burst template (rx.c) does with a ring, for split and for packed ones: post buffers,
 * look at what is used, take it. Constant arguments choose; nothing is left of the choice at run
 * time.
 */

#ifndef VNET_RX_OPS_H
#define VNET_RX_OPS_H

#include <rte_mbuf_dyn.h>

#include "ring_packed.h"
#include "rxtx.h"

enum rx_flags { RX_MRG = 1, RX_TRACED = 2, RX_PACKED = 4, RX_STAMPED = 8 };

/** A used buffer that has been looked at. */
struct rx_used {
	struct rte_mbuf *m; /* NULL: not there, or the queue has stopped */
	uint32_t id;
	uint32_t len;
};

static __rte_noinline __rte_unused void
rx_violation(struct vnet_rxq *q, enum vnet_off why)
{
	vnet_vq_set_off(&q->vq, why);
	q->stats.violations++;
}

/** Where the header of a fresh mbuf goes: just below the data, in the headroom. */
static __rte_always_inline uint64_t
rx_buf_iova(const struct vnet_rxq *q, const struct rte_mbuf *m)
{
	if (likely(q->buf_off != 0))
		return (uintptr_t)m + q->buf_off;
	return rte_mbuf_data_iova_default(m) - VNET_HDR_LEN;
}

/** When the device wrote the packet whose first buffer had this id; before it is posted again. */
static __rte_always_inline void
rx_stamp(const struct vnet_rxq *q, struct rte_mbuf *m, uint32_t id, const unsigned int flags)
{
	/* A packed descriptor is the word that says it is used: what was written before comes
	 * after this. */
	if (flags & RX_PACKED)
		rte_io_rmb();
	*RTE_MBUF_DYNFIELD(m, q->stamp_field, rte_mbuf_timestamp_t *) =
		__atomic_load_n(&q->stamps[id], __ATOMIC_RELAXED);
	m->ol_flags |= q->stamp_flag;
}

static __rte_always_inline void
rx_trace_post(struct vnet_rxq *q, struct vnet_walk *w, uint16_t slot, uint16_t id,
	      const struct rte_mbuf *m)
{
	vnet_trace_walk(q->trace, &w->ids, &q->ids[slot], 2, STEER_CACHE_OP_LOAD);
	vnet_trace_walk(q->trace, &w->sw, &q->sw[id], 8, STEER_CACHE_OP_STORE);
	if (q->buf_off == 0)
		steer_trace_put(q->trace, &m->buf_iova, 8, STEER_CACHE_OP_LOAD);
}

/* ---- split (2.7) ---- */

/** Used elements there; as many as the caller may take. */
static __rte_always_inline uint16_t
rx_split_ready(struct vnet_rxq *q, const bool traced)
{
	uint16_t ready = vnet_vq_ready(&q->vq);

	/* How often a queue is polled in vain is a matter of timing, and not the model's. */
	if (traced && ready != 0)
		steer_trace_put(q->trace, &q->vq.used->idx, 2, STEER_CACHE_OP_LOAD);
	if (unlikely(ready > vnet_vq_inflight(&q->vq))) {
		rx_violation(q, VNET_OFF_BAD_INDEX);
		return 0;
	}
	return ready;
}

static __rte_always_inline struct rx_used
rx_split_peek(struct vnet_rxq *q, struct vnet_walk *w, const bool traced)
{
	uint16_t pos = q->vq.used_cons;
	struct vnet_used_elem e = vnet_vq_used(&q->vq, pos);

	if (traced)
		vnet_trace_walk(q->trace, &w->used, &q->vq.used->ring[pos & q->vq.mask], 8,
				STEER_CACHE_OP_LOAD);
	if (unlikely(e.id > q->vq.mask || q->sw[e.id] == NULL)) {
		rx_violation(q, VNET_OFF_BAD_ID);
		return (struct rx_used){.m = NULL};
	}
	return (struct rx_used){.m = q->sw[e.id], .id = e.id, .len = e.len};
}

/** The id takes this position's turn in the available ring. */
static __rte_always_inline void
rx_split_recycle(struct vnet_rxq *q, uint16_t slot, uint16_t id, struct vnet_walk *w,
		 const bool traced)
{
	q->vq.avail->ring[slot] = id;
	if (traced)
		vnet_trace_walk(q->trace, &w->avail, &q->vq.avail->ring[slot], 2,
				STEER_CACHE_OP_STORE);
}

/** Len and flags of the descriptors are there since the start. */
static __rte_always_inline void
rx_split_post(struct vnet_rxq *q, struct rte_mbuf **bufs, uint16_t n, struct vnet_walk *w,
	      const bool traced)
{
	struct vnet_vq *vq = &q->vq;
	uint16_t i, id, slot;

	for (i = 0; i < n; i++) {
		slot = vq->avail_idx++ & vq->mask;
		id = q->ids[slot];
		vq->desc[id].addr = rx_buf_iova(q, bufs[i]);
		q->sw[id] = bufs[i];
		if (traced) {
			vnet_trace_walk(q->trace, &w->desc, &vq->desc[id], 8, STEER_CACHE_OP_STORE);
			rx_trace_post(q, w, slot, id, bufs[i]);
		}
	}
}

static __rte_always_inline void
rx_split_show(struct vnet_rxq *q, const bool traced)
{
	vnet_vq_publish(&q->vq);
	vnet_vq_kick(&q->vq);
	if (traced) {
		steer_trace_put(q->trace, &q->vq.avail->idx, 2, STEER_CACHE_OP_STORE);
		steer_trace_put(q->trace, &q->vq.used->flags, 2, STEER_CACHE_OP_LOAD);
	}
}

/* ---- packed (2.8) ---- */

/** Most that can be used: each descriptor says for itself whether it is. */
static __rte_always_inline uint16_t
rx_packed_ready(struct vnet_rxq *q)
{
	if (unlikely(vnet_pk_is_ahead(&q->vq))) {
		rx_violation(q, VNET_OFF_BAD_INDEX);
		return 0;
	}
	return vnet_vq_inflight(&q->vq);
}

static __rte_always_inline struct rx_used
rx_packed_peek(struct vnet_rxq *q, struct vnet_walk *w, const bool traced)
{
	uint16_t pos = q->vq.used_cons, id;
	uint64_t word = vnet_pk_load(&q->vq, pos);

	if (!vnet_pk_is_used(&q->vq, pos, word))
		return (struct rx_used){.m = NULL};
	if (traced)
		vnet_trace_walk(q->trace, &w->used, vnet_pk_at(&q->vq, pos), 8,
				STEER_CACHE_OP_LOAD);
	id = vnet_pk_id(word);
	if (unlikely(id > q->vq.mask || q->sw[id] == NULL)) {
		rx_violation(q, VNET_OFF_BAD_ID);
		return (struct rx_used){.m = NULL};
	}
	return (struct rx_used){.m = q->sw[id], .id = id, .len = (uint32_t)word};
}

/** Are the next num descriptors used? The first one is. */
static __rte_always_inline bool
rx_packed_whole(const struct vnet_rxq *q, uint16_t num)
{
	uint16_t i;

	for (i = 1; i < num; i++) {
		uint16_t pos = q->vq.used_cons + i;

		if (!vnet_pk_is_used(&q->vq, pos, vnet_pk_load(&q->vq, pos)))
			return false;
	}
	return true;
}

/** The first descriptor becomes available last: what follows it is complete by then. */
static __rte_always_inline void
rx_packed_post(struct vnet_rxq *q, struct rte_mbuf **bufs, uint16_t n, struct vnet_walk *w,
	       const bool traced)
{
	struct vnet_vq *vq = &q->vq;
	uint16_t i, pos, slot;

	for (i = 0; i < n; i++) {
		slot = (vq->avail_idx + i) & vq->mask;
		vq->pdesc[slot].addr = rx_buf_iova(q, bufs[i]);
		q->sw[q->ids[slot]] = bufs[i];
		if (traced) {
			vnet_trace_walk(q->trace, &w->desc, &vq->pdesc[slot], 16,
					STEER_CACHE_OP_STORE);
			rx_trace_post(q, w, slot, q->ids[slot], bufs[i]);
		}
	}
	rte_io_wmb();
	for (i = n; i > 0; i--) {
		pos = vq->avail_idx + i - 1;
		vnet_pk_store(
			vq, pos,
			vnet_pk_word(vq, pos, q->buf_len, q->ids[pos & vq->mask], VNET_DESC_WRITE));
	}
	vq->avail_idx += n;
}

static __rte_always_inline void
rx_packed_show(struct vnet_rxq *q, const bool traced)
{
	vnet_pk_kick(&q->vq);
	if (traced)
		steer_trace_put(q->trace, &q->vq.dev_event->flags, 2, STEER_CACHE_OP_LOAD);
}

/* ---- either ---- */

static __rte_always_inline uint16_t
rx_ready(struct vnet_rxq *q, const unsigned int flags)
{
	return flags & RX_PACKED ? rx_packed_ready(q) : rx_split_ready(q, flags & RX_TRACED);
}

/** Look at the next used buffer. */
static __rte_always_inline struct rx_used
rx_peek(struct vnet_rxq *q, struct vnet_walk *w, const unsigned int flags)
{
	return flags & RX_PACKED ? rx_packed_peek(q, w, flags & RX_TRACED)
				 : rx_split_peek(q, w, flags & RX_TRACED);
}

/** The buffer is ours again, and its id has the turn of this position. */
static __rte_always_inline void
rx_consume(struct vnet_rxq *q, uint32_t id, struct vnet_walk *w, const unsigned int flags)
{
	uint16_t slot = q->vq.used_cons++ & q->vq.mask;

	q->sw[id] = NULL;
	if (unlikely(q->ids[slot] != id)) {
		q->ids[slot] = (uint16_t)id;
		if (!(flags & RX_PACKED))
			rx_split_recycle(q, slot, (uint16_t)id, w, flags & RX_TRACED);
	}
	if (flags & RX_TRACED) {
		vnet_trace_walk(q->trace, &w->ids, &q->ids[slot], 2, STEER_CACHE_OP_LOAD);
		vnet_trace_walk(q->trace, &w->sw, &q->sw[id], 8, STEER_CACHE_OP_STORE);
	}
}

static __rte_always_inline void
rx_post(struct vnet_rxq *q, struct rte_mbuf **bufs, uint16_t n, struct vnet_walk *w,
	const unsigned int flags)
{
	if (flags & RX_PACKED)
		rx_packed_post(q, bufs, n, w, flags & RX_TRACED);
	else
		rx_split_post(q, bufs, n, w, flags & RX_TRACED);
}

static __rte_always_inline void
rx_show(struct vnet_rxq *q, const unsigned int flags)
{
	if (flags & RX_PACKED)
		rx_packed_show(q, flags & RX_TRACED);
	else
		rx_split_show(q, flags & RX_TRACED);
}

#endif /* VNET_RX_OPS_H */
