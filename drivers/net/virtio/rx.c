/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>

#include <rte_prefetch.h>

#include <steer_driver.h>

#include "rx_ops.h"

#define PREFETCH_AHEAD 4

/** Up to VNET_BULK buffers from the pool. @return how many. */
static __rte_always_inline uint16_t
rx_bufs_get(struct vnet_rxq *q, struct rte_mbuf **bufs, uint16_t n)
{
	n = RTE_MIN(n, VNET_BULK);
	if (likely(rte_mempool_get_bulk(q->mp, (void **)bufs, n) == 0))
		return n;
	q->stats.nombuf += n;
	/* A ring that has run dry takes what little there is. */
	if (vnet_vq_inflight(&q->vq) != 0 || rte_mempool_get(q->mp, (void **)bufs) != 0)
		return 0;
	return 1;
}

static __rte_always_inline void
rx_refill(struct vnet_rxq *q, struct vnet_walk *w, const unsigned int flags)
{
	struct rte_mbuf *bufs[VNET_BULK];
	uint16_t room, n, total = 0;

	while ((room = q->vq.size - vnet_vq_inflight(&q->vq)) >= q->thresh) {
		n = rx_bufs_get(q, bufs, room);
		if (n == 0)
			break;
		rx_post(q, bufs, n, w, flags);
		total += n;
	}
	if (total != 0)
		rx_show(q, flags);
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
	      const unsigned int flags)
{
	const uint32_t data_max = q->buf_len - VNET_HDR_LEN;
	struct rx_used u;
	uint64_t bytes = 0;
	uint16_t i, nb = 0;

	for (i = 0; i < ready; i++) {
		rx_prefetch(q, q->vq.used_cons);
		u = rx_peek(q, w, flags);
		if (unlikely(u.m == NULL))
			break;
		u.len -= VNET_HDR_LEN;
		if (unlikely(u.len > data_max)) {
			rx_violation(q, VNET_OFF_BAD_LEN);
			break;
		}
		rx_consume(q, u.id, w, flags);
		rx_init(q, u.m, u.len, flags & RX_TRACED);
		if (flags & RX_STAMPED)
			rx_stamp(q, u.m, u.id, flags);
		if (unlikely(u.len < RTE_ETHER_HDR_LEN)) {
			q->stats.errors++;
			rte_mempool_put(q->mp, u.m);
			continue;
		}
		bytes += u.len;
		pkts[nb++] = u.m;
	}
	/* The data is the caller's to read, and was written before the descriptors. */
	if (flags & RX_PACKED)
		rte_io_rmb();
	q->stats.bytes += bytes;
	return nb;
}

/** num_buffers of the packet that starts in m (5.1.6.4), 0 when it cannot be true. */
static __rte_always_inline uint16_t
rx_num_buffers(struct vnet_rxq *q, const struct rte_mbuf *m, const unsigned int flags)
{
	const struct vnet_net_hdr *hdr =
		RTE_PTR_ADD(m->buf_addr, RTE_PKTMBUF_HEADROOM - VNET_HDR_LEN);
	uint16_t num;

	if (flags & RX_PACKED)
		rte_io_rmb();
	num = __atomic_load_n(&hdr->num_buffers, __ATOMIC_RELAXED);
	if (flags & RX_TRACED) {
		steer_trace_add(q->trace, &m->buf_addr, 8, STEER_CACHE_OP_LOAD,
				STEER_TRACE_PKT_HEADER);
		steer_trace_add(q->trace, &hdr->num_buffers, 2, STEER_CACHE_OP_LOAD,
				STEER_TRACE_PKT_HEADER);
	}
	return unlikely(num > vnet_vq_inflight(&q->vq)) ? 0 : num;
}

/** Segments 2..num of a packet. @return 0, -1 when the queue has stopped. */
static __rte_always_inline int
rx_take_rest(struct vnet_rxq *q, struct rte_mbuf *head, uint16_t num, struct vnet_walk *w,
	     const unsigned int flags)
{
	struct rte_mbuf *last = head;
	struct rx_used u;

	for (; num > 1; num--) {
		u = rx_peek(q, w, flags);
		if (unlikely(u.m == NULL))
			return -1;
		if (unlikely(u.len - 1 >= q->buf_len)) {
			rx_violation(q, VNET_OFF_BAD_LEN);
			return -1;
		}
		rx_consume(q, u.id, w, flags);
		rx_init(q, u.m, u.len, flags & RX_TRACED);
		/* No header in these: the data starts where the first one has its header. */
		u.m->data_off = RTE_PKTMBUF_HEADROOM - VNET_HDR_LEN;
		head->pkt_len += u.len;
		head->nb_segs++;
		last->next = u.m;
		last = u.m;
		if (flags & RX_TRACED)
			steer_trace_put(q->trace, &last->next, 8, STEER_CACHE_OP_STORE);
	}
	return 0;
}

/** Are all buffers of the packet there? One that is not complete yet stays in the ring. */
static __rte_always_inline bool
rx_whole(const struct vnet_rxq *q, uint16_t num, uint16_t ready, const unsigned int flags)
{
	return flags & RX_PACKED ? rx_packed_whole(q, num) : num <= ready;
}

/** Any number of buffers per packet. */
static __rte_always_inline uint16_t
rx_take_mrg(struct vnet_rxq *q, struct rte_mbuf **pkts, uint16_t n, uint16_t ready,
	    struct vnet_walk *w, const unsigned int flags)
{
	const uint32_t data_max = q->buf_len - VNET_HDR_LEN;
	struct rx_used u;
	uint64_t bytes = 0;
	uint16_t num, nb = 0;

	while (nb < n && ready > 0) {
		rx_prefetch(q, q->vq.used_cons);
		u = rx_peek(q, w, flags);
		if (unlikely(u.m == NULL))
			break;
		u.len -= VNET_HDR_LEN;
		num = rx_num_buffers(q, u.m, flags);
		if (unlikely(u.len > data_max || num == 0)) {
			rx_violation(q, num == 0 ? VNET_OFF_BAD_BUFFERS : VNET_OFF_BAD_LEN);
			break;
		}
		if (unlikely(!rx_whole(q, num, ready, flags)))
			break;
		rx_consume(q, u.id, w, flags);
		rx_init(q, u.m, u.len, flags & RX_TRACED);
		if (flags & RX_STAMPED)
			rx_stamp(q, u.m, u.id, flags);
		if (num > 1 && unlikely(rx_take_rest(q, u.m, num, w, flags) != 0)) {
			rte_pktmbuf_free(u.m);
			break;
		}
		ready -= num;
		if (unlikely(u.m->pkt_len < RTE_ETHER_HDR_LEN)) {
			q->stats.errors++;
			rte_pktmbuf_free(u.m);
			continue;
		}
		bytes += u.m->pkt_len;
		pkts[nb++] = u.m;
	}
	if (flags & RX_PACKED)
		rte_io_rmb();
	q->stats.bytes += bytes;
	return nb;
}

static __rte_always_inline uint16_t
rx_burst(struct vnet_rxq *q, struct rte_mbuf **pkts, uint16_t n, const unsigned int flags)
{
	struct vnet_walk walk = VNET_WALK_INIT;
	uint16_t ready, nb = 0;

	steer_queue_polled(q->steer_word);
	if (vnet_vq_is_off(&q->vq))
		return 0;
	ready = rx_ready(q, flags);
	if (flags & RX_MRG)
		nb = rx_take_mrg(q, pkts, n, ready, &walk, flags);
	else
		nb = rx_take_plain(q, pkts, RTE_MIN(ready, n), &walk, flags);
	q->stats.packets += nb;
	if (!vnet_vq_is_off(&q->vq))
		rx_refill(q, &walk, flags);
	return nb;
}

#define RX_BURST(name, flags)                                                                      \
	uint16_t name(void *rxq, struct rte_mbuf **pkts, uint16_t n)                               \
	{                                                                                          \
		return rx_burst(rxq, pkts, n, flags);                                              \
	}

RX_BURST(vnet_rx_plain, 0)
RX_BURST(vnet_rx_mrg, RX_MRG)
RX_BURST(vnet_rx_plain_traced, RX_TRACED)
RX_BURST(vnet_rx_mrg_traced, RX_MRG | RX_TRACED)
RX_BURST(vnet_rx_plain_packed, RX_PACKED)
RX_BURST(vnet_rx_mrg_packed, RX_PACKED | RX_MRG)
RX_BURST(vnet_rx_plain_packed_traced, RX_PACKED | RX_TRACED)
RX_BURST(vnet_rx_mrg_packed_traced, RX_PACKED | RX_MRG | RX_TRACED)
RX_BURST(vnet_rx_plain_stamped, RX_STAMPED)
RX_BURST(vnet_rx_mrg_stamped, RX_MRG | RX_STAMPED)
RX_BURST(vnet_rx_plain_packed_stamped, RX_PACKED | RX_STAMPED)
RX_BURST(vnet_rx_mrg_packed_stamped, RX_PACKED | RX_MRG | RX_STAMPED)

uint32_t
vnet_rx_count(void *rxq)
{
	const struct vnet_rxq *q = rxq;

	return vnet_vq_is_off(&q->vq) ? 0 : vnet_vq_ready(&q->vq);
}

uint32_t
vnet_rx_count_packed(void *rxq)
{
	const struct vnet_rxq *q = rxq;
	uint16_t n = 0, pos = q->vq.used_cons, most = vnet_vq_inflight(&q->vq);

	if (vnet_vq_is_off(&q->vq))
		return 0;
	while (n < most && vnet_pk_is_used(&q->vq, pos + n, vnet_pk_load(&q->vq, pos + n)))
		n++;
	return n;
}

static int
rx_desc_status(const struct vnet_rxq *q, uint16_t offset, bool packed)
{
	uint16_t pos = q->vq.used_cons + offset;
	bool done;

	if (offset >= q->vq.size)
		return -EINVAL;
	if (vnet_vq_is_off(&q->vq) || offset >= vnet_vq_inflight(&q->vq))
		return RTE_ETH_RX_DESC_UNAVAIL;
	done = packed ? vnet_pk_is_used(&q->vq, pos, vnet_pk_load(&q->vq, pos))
		      : offset < vnet_vq_ready(&q->vq);
	return done ? RTE_ETH_RX_DESC_DONE : RTE_ETH_RX_DESC_AVAIL;
}

int
vnet_rx_desc_status(void *rxq, uint16_t offset)
{
	return rx_desc_status(rxq, offset, false);
}

int
vnet_rx_desc_status_packed(void *rxq, uint16_t offset)
{
	return rx_desc_status(rxq, offset, true);
}
