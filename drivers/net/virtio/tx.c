/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>

#include <ethdev_driver.h>

#include <rte_prefetch.h>

#include <steer_driver.h>

#include "rxtx.h"

#define PREFETCH_AHEAD 3

static __rte_noinline void
tx_violation(struct vnet_txq *q, enum vnet_off why)
{
	vnet_vq_set_off(&q->vq, why);
	q->stats.violations++;
}

static __rte_always_inline uint16_t
tx_id_get(struct vnet_txq *q, struct vnet_walk *w, const bool traced)
{
	uint16_t *slot = &q->ids[q->ids_get++ & q->vq.mask];

	q->nfree--;
	if (traced)
		vnet_trace_walk(q->trace, &w->ids, slot, 2, STEER_CACHE_OP_LOAD);
	return *slot;
}

static __rte_always_inline void
tx_id_put(struct vnet_txq *q, uint16_t id, struct vnet_walk *w, const bool traced)
{
	uint16_t *slot = &q->ids[q->ids_put++ & q->vq.mask];

	*slot = id;
	q->nfree++;
	if (traced)
		vnet_trace_walk(q->trace, &w->ids, slot, 2, STEER_CACHE_OP_STORE);
}

/** Give a chain's descriptors back and free its packet. */
static __rte_noinline void
tx_free_chain(struct vnet_txq *q, uint16_t id, struct rte_mbuf *m)
{
	struct vnet_walk w = VNET_WALK_INIT;
	uint16_t next;

	for (; id != UINT16_MAX; id = next) {
		next = q->next[id];
		tx_id_put(q, id, &w, false);
	}
	rte_pktmbuf_free(m);
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

/** Head descriptor of the oldest completion not taken, UINT32_MAX when the element is bad. */
static __rte_always_inline uint32_t
tx_used_head(struct vnet_txq *q, struct vnet_walk *w, const bool traced)
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
tx_clean(struct vnet_txq *q, uint16_t max, struct vnet_walk *w, const bool traced)
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
		id = tx_used_head(q, w, traced);
		entry = unlikely(id == UINT32_MAX) ? 0 : q->sw[id];
		if (unlikely(entry == 0)) {
			tx_violation(q, VNET_OFF_BAD_ID);
			break;
		}
		q->vq.used_cons++;
		q->sw[id] = 0;
		if (traced)
			vnet_trace_walk(q->trace, &w->sw, &q->sw[id], 8, STEER_CACHE_OP_STORE);
		if (unlikely(entry & VNET_TX_CHAIN)) {
			tx_free_chain(q, (uint16_t)id, (struct rte_mbuf *)(entry ^ VNET_TX_CHAIN));
			continue;
		}
		tx_id_put(q, (uint16_t)id, w, traced);
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
tx_make_available(struct vnet_txq *q, uint16_t id, struct vnet_walk *w, const bool traced)
{
	uint16_t *slot = &q->vq.avail->ring[q->vq.avail_idx++ & q->vq.mask];

	/* Mostly there from the last lap: not writing leaves the line with the device. */
	if (*slot != id)
		*slot = id;
	if (traced)
		vnet_trace_walk(q->trace, &w->avail, slot, 2, STEER_CACHE_OP_LOAD);
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
		steer_trace_put(q->trace, hdr, VNET_HDR_LEN, STEER_CACHE_OP_LOAD);
	if ((word[0] | word[1] | word[2]) == 0)
		return;
	word[0] = 0;
	word[1] = 0;
	word[2] = 0;
	if (traced)
		steer_trace_put(q->trace, hdr, VNET_HDR_LEN, STEER_CACHE_OP_STORE);
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
tx_put_single(struct vnet_txq *q, struct rte_mbuf *m, struct vnet_walk *w, const bool traced)
{
	uint16_t id = tx_id_get(q, w, traced);
	struct vnet_desc *d = &q->vq.desc[id];

	tx_clear_hdr(q, rte_pktmbuf_mtod_offset(m, void *, -(int)VNET_HDR_LEN), traced);
	d->addr = rte_mbuf_data_iova(m) - VNET_HDR_LEN;
	d->len = (uint32_t)m->data_len + VNET_HDR_LEN;
	d->flags = 0;
	d->next = 0;
	q->sw[id] = (uintptr_t)m;
	if (traced) {
		vnet_trace_walk(q->trace, &w->desc, d, sizeof(*d), STEER_CACHE_OP_STORE);
		vnet_trace_walk(q->trace, &w->sw, &q->sw[id], 8, STEER_CACHE_OP_STORE);
	}
	tx_make_available(q, id, w, traced);
}

/** Append a descriptor to a chain; prev is UINT16_MAX for its head. */
static uint16_t
tx_chain_add(struct vnet_txq *q, uint16_t prev, uint64_t iova, uint32_t len, struct vnet_walk *w,
	     const bool traced)
{
	uint16_t id = tx_id_get(q, w, traced);

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
static __rte_noinline int
tx_put_chain(struct vnet_txq *q, struct rte_mbuf *m, const bool traced)
{
	struct vnet_walk w = VNET_WALK_INIT;
	const struct rte_mbuf *seg;
	uint16_t head, id;

	if (q->nfree < m->nb_segs + 1)
		return -ENOSPC;
	head = tx_chain_add(q, UINT16_MAX, vnet_vq_iova(&q->vq, q->vq.extra), VNET_HDR_LEN, &w,
			    traced);
	id = head;
	for (seg = m; seg != NULL; seg = seg->next) {
		if (traced) {
			steer_trace_put(q->trace, seg, RTE_CACHE_LINE_SIZE, STEER_CACHE_OP_LOAD);
			steer_trace_put(q->trace, &seg->next, 8, STEER_CACHE_OP_LOAD);
		}
		if (seg->data_len != 0)
			id = tx_chain_add(q, id, rte_mbuf_data_iova(seg), seg->data_len, &w,
					  traced);
	}
	q->sw[head] = (uintptr_t)m | VNET_TX_CHAIN;
	tx_make_available(q, head, &w, traced);
	return 0;
}

static __rte_always_inline uint16_t
tx_burst(struct vnet_txq *q, struct rte_mbuf **pkts, uint16_t n, const bool traced)
{
	struct vnet_walk walk = VNET_WALK_INIT;
	uint16_t start = q->vq.avail_idx, i;
	uint64_t bytes = 0;

	steer_queue_polled(q->steer_word);
	if (vnet_vq_is_off(&q->vq))
		return 0;
	if (q->nfree < RTE_MAX(q->thresh, n))
		tx_clean(q, UINT16_MAX, &walk, traced);
	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];

		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod_offset(pkts[i + PREFETCH_AHEAD], void *,
							      -(int)VNET_HDR_LEN));
		if (likely(m->nb_segs == 1 && tx_headroom_ok(q, m))) {
			if (unlikely(q->nfree == 0))
				break;
			if (traced)
				steer_trace_put(q->trace, m, RTE_CACHE_LINE_SIZE,
						STEER_CACHE_OP_LOAD);
			bytes += m->data_len;
			tx_put_single(q, m, &walk, traced);
			continue;
		}
		if (unlikely(m->nb_segs >= q->vq.size)) {
			q->stats.errors++;
			rte_pktmbuf_free(m);
			continue;
		}
		bytes += m->pkt_len;
		if (tx_put_chain(q, m, traced) != 0) {
			bytes -= rte_pktmbuf_pkt_len(m);
			break;
		}
	}
	if (q->vq.avail_idx == start)
		return i;
	vnet_vq_publish(&q->vq);
	vnet_vq_kick(&q->vq);
	if (traced) {
		steer_trace_put(q->trace, &q->vq.avail->idx, 2, STEER_CACHE_OP_STORE);
		steer_trace_put(q->trace, &q->vq.used->flags, 2, STEER_CACHE_OP_LOAD);
	}
	q->stats.packets += (uint16_t)(q->vq.avail_idx - start);
	q->stats.bytes += bytes;
	return i;
}

uint16_t
vnet_tx(void *txq, struct rte_mbuf **pkts, uint16_t n)
{
	return tx_burst(txq, pkts, n, false);
}

uint16_t
vnet_tx_traced(void *txq, struct rte_mbuf **pkts, uint16_t n)
{
	return tx_burst(txq, pkts, n, true);
}

unsigned int
vnet_txq_clean(struct vnet_txq *q, unsigned int max)
{
	struct vnet_walk walk = VNET_WALK_INIT;

	if (vnet_vq_is_off(&q->vq))
		return 0;
	return tx_clean(q, max == 0 || max > q->vq.size ? q->vq.size : (uint16_t)max, &walk, false);
}

int
vnet_tx_desc_status(void *txq, uint16_t offset)
{
	const struct vnet_txq *q = txq;

	if (offset >= q->vq.size)
		return -EINVAL;
	return offset < q->vq.size - q->nfree ? RTE_ETH_TX_DESC_FULL : RTE_ETH_TX_DESC_DONE;
}
