/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>

#include <rte_prefetch.h>

#include <steer_driver.h>

#include "rxtx.h"

#define PREFETCH_AHEAD 4

enum rx_flags { RX_MRG = 1, RX_TRACED = 2 };

static __rte_noinline void
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

/** Post up to VNET_BULK buffers; len and flags of the descriptors are there since the start. */
static __rte_always_inline uint16_t
rx_post(struct vnet_rxq *q, uint16_t n, struct vnet_walk *w, const bool traced)
{
	struct rte_mbuf *bufs[VNET_BULK];
	struct vnet_vq *vq = &q->vq;
	uint16_t i, id, slot;

	n = RTE_MIN(n, VNET_BULK);
	if (unlikely(rte_mempool_get_bulk(q->mp, (void **)bufs, n) != 0)) {
		q->stats.nombuf += n;
		/* A ring that has run dry takes what little there is. */
		if (vnet_vq_inflight(vq) != 0 || rte_mempool_get(q->mp, (void **)bufs) != 0)
			return 0;
		n = 1;
	}
	for (i = 0; i < n; i++) {
		slot = vq->avail_idx++ & vq->mask;
		id = q->ids[slot];
		vq->desc[id].addr = rx_buf_iova(q, bufs[i]);
		q->sw[id] = bufs[i];
		if (traced) {
			vnet_trace_walk(q->trace, &w->ids, &q->ids[slot], 2, STEER_CACHE_OP_LOAD);
			vnet_trace_walk(q->trace, &w->desc, &vq->desc[id], 8, STEER_CACHE_OP_STORE);
			vnet_trace_walk(q->trace, &w->sw, &q->sw[id], 8, STEER_CACHE_OP_STORE);
			if (q->buf_off == 0)
				steer_trace_put(q->trace, &bufs[i]->buf_iova, 8,
						STEER_CACHE_OP_LOAD);
		}
	}
	return n;
}

static __rte_always_inline void
rx_refill(struct vnet_rxq *q, struct vnet_walk *w, const bool traced)
{
	struct vnet_vq *vq = &q->vq;
	uint16_t room, n, total = 0;

	while ((room = vq->size - vnet_vq_inflight(vq)) >= q->thresh) {
		n = rx_post(q, room, w, traced);
		if (n == 0)
			break;
		total += n;
	}
	if (total == 0)
		return;
	vnet_vq_publish(vq);
	vnet_vq_kick(vq);
	if (traced) {
		steer_trace_put(q->trace, &vq->avail->idx, 2, STEER_CACHE_OP_STORE);
		steer_trace_put(q->trace, &vq->used->flags, 2, STEER_CACHE_OP_LOAD);
	}
}

/** Look at used element pos. @return its mbuf and data length, NULL when the queue has stopped. */
static __rte_always_inline struct rte_mbuf *
rx_peek(struct vnet_rxq *q, uint16_t pos, uint32_t *id, uint32_t *len, struct vnet_walk *w,
	const bool traced)
{
	struct vnet_used_elem e = vnet_vq_used(&q->vq, pos);

	if (traced)
		vnet_trace_walk(q->trace, &w->used, &q->vq.used->ring[pos & q->vq.mask], 8,
				STEER_CACHE_OP_LOAD);
	if (unlikely(e.id > q->vq.mask || q->sw[e.id] == NULL)) {
		rx_violation(q, VNET_OFF_BAD_ID);
		return NULL;
	}
	*id = e.id;
	*len = e.len;
	return q->sw[e.id];
}

/** The buffer is ours again, and its descriptor takes this position's turn in the ring. */
static __rte_always_inline void
rx_consume(struct vnet_rxq *q, uint32_t id, struct vnet_walk *w, const bool traced)
{
	uint16_t slot = q->vq.used_cons++ & q->vq.mask;

	q->sw[id] = NULL;
	if (unlikely(q->ids[slot] != id)) {
		q->ids[slot] = (uint16_t)id;
		q->vq.avail->ring[slot] = (uint16_t)id;
		if (traced)
			vnet_trace_walk(q->trace, &w->avail, &q->vq.avail->ring[slot], 2,
					STEER_CACHE_OP_STORE);
	}
	if (traced) {
		vnet_trace_walk(q->trace, &w->ids, &q->ids[slot], 2, STEER_CACHE_OP_LOAD);
		vnet_trace_walk(q->trace, &w->sw, &q->sw[id], 8, STEER_CACHE_OP_STORE);
	}
}

/** Fields of a received segment; all lie in the mbuf's first line. */
static __rte_always_inline void
rx_init(const struct vnet_rxq *q, struct rte_mbuf *m, uint32_t len, const bool traced)
{
	memcpy(RTE_PTR_ADD(m, offsetof(struct rte_mbuf, rearm_data)), &q->rearm, sizeof(q->rearm));
	m->ol_flags = 0;
	m->packet_type = 0;
	m->pkt_len = len;
	m->data_len = (uint16_t)len;
	m->vlan_tci = 0;
	m->hash.rss = 0;
	if (traced)
		steer_trace_put(q->trace, &m->data_off, 32, STEER_CACHE_OP_STORE);
}

static __rte_always_inline void
rx_prefetch(const struct vnet_rxq *q, uint16_t pos)
{
	rte_prefetch0(q->sw[(pos + PREFETCH_AHEAD) & q->vq.mask]);
}

/** One buffer per packet. @return packets put into pkts. */
static __rte_always_inline uint16_t
rx_take_plain(struct vnet_rxq *q, struct rte_mbuf **pkts, uint16_t ready, struct vnet_walk *w,
	      const bool traced)
{
	const uint32_t data_max = q->buf_len - VNET_HDR_LEN;
	struct rte_mbuf *m;
	uint64_t bytes = 0;
	uint32_t id, len;
	uint16_t i, nb = 0;

	for (i = 0; i < ready; i++) {
		rx_prefetch(q, q->vq.used_cons);
		m = rx_peek(q, q->vq.used_cons, &id, &len, w, traced);
		if (unlikely(m == NULL))
			break;
		len -= VNET_HDR_LEN;
		if (unlikely(len > data_max)) {
			rx_violation(q, VNET_OFF_BAD_LEN);
			break;
		}
		rx_consume(q, id, w, traced);
		rx_init(q, m, len, traced);
		if (unlikely(len < RTE_ETHER_HDR_LEN)) {
			q->stats.errors++;
			rte_mempool_put(q->mp, m);
			continue;
		}
		bytes += len;
		pkts[nb++] = m;
	}
	q->stats.bytes += bytes;
	return nb;
}

/** num_buffers of the packet that starts in m (5.1.6.4), 0 when it cannot be true. */
static __rte_always_inline uint16_t
rx_num_buffers(struct vnet_rxq *q, const struct rte_mbuf *m, const bool traced)
{
	const struct vnet_net_hdr *hdr =
		RTE_PTR_ADD(m->buf_addr, RTE_PKTMBUF_HEADROOM - VNET_HDR_LEN);
	uint16_t num = __atomic_load_n(&hdr->num_buffers, __ATOMIC_RELAXED);

	if (traced) {
		steer_trace_put(q->trace, &m->buf_addr, 8, STEER_CACHE_OP_LOAD);
		steer_trace_put(q->trace, &hdr->num_buffers, 2, STEER_CACHE_OP_LOAD);
	}
	return unlikely(num > vnet_vq_inflight(&q->vq)) ? 0 : num;
}

/** Segments 2..num of a packet. @return 0, -1 when the queue has stopped. */
static __rte_always_inline int
rx_take_rest(struct vnet_rxq *q, struct rte_mbuf *head, uint16_t num, struct vnet_walk *w,
	     const bool traced)
{
	struct rte_mbuf *m, *last = head;
	uint32_t id, len;

	for (; num > 1; num--) {
		m = rx_peek(q, q->vq.used_cons, &id, &len, w, traced);
		if (unlikely(m == NULL))
			return -1;
		if (unlikely(len - 1 >= q->buf_len)) {
			rx_violation(q, VNET_OFF_BAD_LEN);
			return -1;
		}
		rx_consume(q, id, w, traced);
		rx_init(q, m, len, traced);
		/* No header in these: the data starts where the first one has its header. */
		m->data_off = RTE_PKTMBUF_HEADROOM - VNET_HDR_LEN;
		head->pkt_len += len;
		head->nb_segs++;
		last->next = m;
		last = m;
		if (traced)
			steer_trace_put(q->trace, &last->next, 8, STEER_CACHE_OP_STORE);
	}
	return 0;
}

/** Any number of buffers per packet; one that is not complete yet stays in the ring. */
static __rte_always_inline uint16_t
rx_take_mrg(struct vnet_rxq *q, struct rte_mbuf **pkts, uint16_t n, uint16_t ready,
	    struct vnet_walk *w, const bool traced)
{
	const uint32_t data_max = q->buf_len - VNET_HDR_LEN;
	struct rte_mbuf *m;
	uint64_t bytes = 0;
	uint16_t num, nb = 0;
	uint32_t id, len;

	while (nb < n && ready > 0) {
		rx_prefetch(q, q->vq.used_cons);
		m = rx_peek(q, q->vq.used_cons, &id, &len, w, traced);
		if (unlikely(m == NULL))
			break;
		len -= VNET_HDR_LEN;
		num = rx_num_buffers(q, m, traced);
		if (unlikely(len > data_max || num == 0)) {
			rx_violation(q, num == 0 ? VNET_OFF_BAD_BUFFERS : VNET_OFF_BAD_LEN);
			break;
		}
		if (unlikely(num > ready))
			break;
		rx_consume(q, id, w, traced);
		rx_init(q, m, len, traced);
		if (num > 1 && unlikely(rx_take_rest(q, m, num, w, traced) != 0)) {
			rte_pktmbuf_free(m);
			break;
		}
		ready -= num;
		if (unlikely(m->pkt_len < RTE_ETHER_HDR_LEN)) {
			q->stats.errors++;
			rte_pktmbuf_free(m);
			continue;
		}
		bytes += m->pkt_len;
		pkts[nb++] = m;
	}
	q->stats.bytes += bytes;
	return nb;
}

static __rte_always_inline uint16_t
rx_burst(struct vnet_rxq *q, struct rte_mbuf **pkts, uint16_t n, const unsigned int flags)
{
	const bool traced = flags & RX_TRACED;
	struct vnet_walk walk = VNET_WALK_INIT;
	uint16_t ready, nb = 0;

	steer_queue_polled(q->steer_word);
	if (vnet_vq_is_off(&q->vq))
		return 0;
	ready = vnet_vq_ready(&q->vq);
	/* How often a queue is polled in vain is a matter of timing, and not the model's. */
	if (traced && ready != 0)
		steer_trace_put(q->trace, &q->vq.used->idx, 2, STEER_CACHE_OP_LOAD);
	if (unlikely(ready > vnet_vq_inflight(&q->vq))) {
		rx_violation(q, VNET_OFF_BAD_INDEX);
		return 0;
	}
	if (flags & RX_MRG)
		nb = rx_take_mrg(q, pkts, n, ready, &walk, traced);
	else
		nb = rx_take_plain(q, pkts, RTE_MIN(ready, n), &walk, traced);
	q->stats.packets += nb;
	if (!vnet_vq_is_off(&q->vq))
		rx_refill(q, &walk, traced);
	return nb;
}

uint16_t
vnet_rx_plain(void *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	return rx_burst(rxq, pkts, n, 0);
}

uint16_t
vnet_rx_mrg(void *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	return rx_burst(rxq, pkts, n, RX_MRG);
}

uint16_t
vnet_rx_plain_traced(void *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	return rx_burst(rxq, pkts, n, RX_TRACED);
}

uint16_t
vnet_rx_mrg_traced(void *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	return rx_burst(rxq, pkts, n, RX_MRG | RX_TRACED);
}

uint32_t
vnet_rx_count(void *rxq)
{
	const struct vnet_rxq *q = rxq;

	return vnet_vq_is_off(&q->vq) ? 0 : vnet_vq_ready(&q->vq);
}

int
vnet_rx_desc_status(void *rxq, uint16_t offset)
{
	const struct vnet_rxq *q = rxq;

	if (offset >= q->vq.size)
		return -EINVAL;
	if (vnet_vq_is_off(&q->vq) || offset >= vnet_vq_inflight(&q->vq))
		return RTE_ETH_RX_DESC_UNAVAIL;
	return offset < vnet_vq_ready(&q->vq) ? RTE_ETH_RX_DESC_DONE : RTE_ETH_RX_DESC_AVAIL;
}
