/* SPDX-License-Identifier: BSD-3-Clause */

/* Bursts of a wire that is an ethdev, and what the device asks such a wire. */

#include <inttypes.h>

#include <rte_ethdev.h>

#include "rx.h"
#include "tx.h"
#include "wire_ethdev.h"

/** Into the FIFO of the pair that steering names; the caller made sure of the room. */
static void
dispatch(struct eth *e, struct eth_pair *from, struct rte_mbuf *m)
{
	const struct vio *vio = e->wire.vio;
	uint8_t head[128];
	uint32_t len = RTE_MIN(rte_pktmbuf_pkt_len(m), sizeof(head));
	const uint8_t *data = rte_pktmbuf_read(m, 0, len, head);
	uint16_t pair;

	if (!vio_filter_accept(&vio->filter, data, len)) {
		from->filtered++;
		rte_pktmbuf_free(m);
		return;
	}
	pair = rss_pair(&vio->rss, data, len);
	if (unlikely(rte_ring_mp_enqueue(e->pairs[pair].fifo, m) < 0)) {
		vio_rxq(vio, pair)->stats.drops++;
		rte_pktmbuf_free(m);
	}
}

/** Can every FIFO take a burst of each worker? Else the wire waits. */
static bool
fifos_ready(const struct eth *e)
{
	const struct vio *vio = e->wire.vio;
	uint32_t need = VQ_BURST * RTE_MAX(vio->nr_workers, 1u);
	uint16_t i;

	for (i = 0; i < vio->rss.pairs; i++) {
		if (rte_ring_free_count(e->pairs[i].fifo) < need)
			return false;
	}
	return true;
}

static bool
spill_poll(struct eth *e, uint32_t pair)
{
	uint32_t n = RTE_MIN(e->spill_n - e->spill_at, VQ_BURST);

	if (pair != 0)
		return false;
	while (n-- > 0)
		dispatch(e, &e->pairs[0], e->spill[e->spill_at++]);
	if (e->spill_at == e->spill_n) {
		e->spill_at = 0;
		__atomic_store_n(&e->spill_n, 0, __ATOMIC_RELEASE);
	}
	return true;
}

/** One burst from each wire queue that is this pair's. @return true when something came. */
static bool
wire_poll(struct eth *e, uint32_t pair)
{
	struct rte_mbuf *burst[VQ_BURST];
	uint16_t q, n, i, active = e->wire.vio->rss.pairs;
	bool any = false;

	if (!fifos_ready(e))
		return false;
	if (unlikely(__atomic_load_n(&e->spill_n, __ATOMIC_ACQUIRE) > 0))
		return spill_poll(e, pair);
	for (q = (uint16_t)pair; pair < active && q < e->nb_rxq; q += active) {
		if (e->rxq_dry[q])
			continue;
		n = rte_eth_rx_burst(e->port, q, burst, VQ_BURST);
		if (n == 0 && e->file_input)
			__atomic_store_n(&e->rxq_dry[q], 1, __ATOMIC_RELAXED);
		for (i = 0; i < n; i++)
			dispatch(e, &e->pairs[pair], burst[i]);
		e->pairs[pair].wire_rx += n;
		any |= n > 0;
	}
	return any;
}

static uint16_t
eth_rx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max)
{
	struct eth *e = (struct eth *)w;
	struct eth_pair *p = &e->pairs[pair];
	uint16_t done = 0, polls = 0;
	enum rx_result ret;
	struct rte_mbuf *m;
	uint32_t len;

	while (done < max) {
		if (p->held_at == p->held_n) {
			p->held_at = 0;
			p->held_n = (uint16_t)rte_ring_sc_dequeue_burst(p->fifo, (void **)p->held,
									VQ_BURST, NULL);
		}
		if (p->held_n == 0) {
			/* Bounded: a fast wire must not keep this worker from its other queues. */
			if (polls++ > max / VQ_BURST || !wire_poll(e, pair))
				break;
			continue;
		}
		m = p->held[p->held_at];
		len = rte_pktmbuf_pkt_len(m);
		if (unlikely(len > TX_SCRATCH - VNET_HDR_LEN))
			ret = RX_DROPPED;
		else
			ret = rx_put(q, rte_pktmbuf_read(m, 0, len, p->scratch), len);
		if (ret == RX_WAIT || ret == RX_BROKEN)
			break;
		done += ret == RX_DONE;
		p->held_at++;
		rte_pktmbuf_free(m);
	}
	/* Other pairs' packets come in through the wire queues of this one. */
	if (done == max && rte_ring_empty(p->fifo))
		wire_poll(e, pair);
	return q->broken ? 0 : done;
}

static void
send_burst(struct eth *e, uint32_t pair, struct eth_pair *p)
{
	uint16_t txq = (uint16_t)(pair % e->nb_txq), n;
	bool shared = e->nb_txq < e->wire.vio->pairs;

	if (shared)
		rte_spinlock_lock(&e->txq_lock[txq]);
	n = rte_eth_tx_burst(e->port, txq, p->unsent, p->unsent_n);
	if (shared)
		rte_spinlock_unlock(&e->txq_lock[txq]);
	p->wire_tx += n;
	p->unsent_n -= n;
	if (p->unsent_n > 0)
		memmove(p->unsent, p->unsent + n, p->unsent_n * sizeof(p->unsent[0]));
}

/** A copy for the wire. @return false: it can never be sent. */
static bool
mbuf_fill(struct rte_mbuf *m, const struct tx_frame *f)
{
	char *data = f->len >= 14 ? rte_pktmbuf_append(m, (uint16_t)RTE_MIN(f->len, 65535u)) : NULL;

	if (!data)
		return false;
	memcpy(data, f->data, f->len);
	return true;
}

static uint16_t
eth_tx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max)
{
	struct eth *e = (struct eth *)w;
	struct eth_pair *p = &e->pairs[pair];
	struct rte_mbuf *fresh[VQ_BURST];
	struct tx_frame f[VQ_BURST];
	uint16_t n, i;

	if (p->unsent_n > 0)
		send_burst(e, pair, p);
	/* What the wire refused goes first; the driver waits meanwhile. */
	if (p->unsent_n > 0)
		return 0;
	n = tx_peek(q, f, RTE_MIN(max, VQ_BURST));
	if (n == 0 || rte_pktmbuf_alloc_bulk(e->pool, fresh, n) < 0)
		return 0;
	for (i = 0; i < n; i++) {
		if (!f[i].data && tx_gather(q, q->next_avail, p->scratch, &f[i]) < 0)
			break;
		rss_learn(&w->vio->rss, f[i].data, f[i].len, (uint16_t)pair);
		if (mbuf_fill(fresh[i], &f[i])) {
			p->unsent[p->unsent_n++] = fresh[i];
		} else {
			q->stats.drops++;
			rte_pktmbuf_free(fresh[i]);
		}
		tx_done(q, &f[i]);
	}
	if (i < n)
		rte_pktmbuf_free_bulk(&fresh[i], n - i);
	if (p->unsent_n > 0)
		send_burst(e, pair, p);
	return q->broken ? 0 : i;
}

/** Everything that waits in FIFOs is sorted again, in order, before the wire is read. */
static void
eth_resteer(struct wire *w)
{
	struct eth *e = (struct eth *)w;
	uint32_t left = e->spill_n - e->spill_at, i;
	struct rte_mbuf *m;

	if (!e->started)
		return;
	memmove(e->spill, e->spill + e->spill_at, left * sizeof(*e->spill));
	e->spill_at = 0;
	/* FIFO contents are older than what is left of an earlier spill. */
	for (i = 0; i < w->vio->pairs; i++) {
		struct eth_pair *p = &e->pairs[i];
		uint32_t n = 0, waiting = p->held_n - p->held_at + rte_ring_count(p->fifo);

		memmove(e->spill + e->spill_at + waiting, e->spill + e->spill_at,
			left * sizeof(*e->spill));
		for (; p->held_at < p->held_n; p->held_at++)
			e->spill[e->spill_at + n++] = p->held[p->held_at];
		while (rte_ring_sc_dequeue(p->fifo, (void **)&m) == 0)
			e->spill[e->spill_at + n++] = m;
		p->held_at = 0;
		p->held_n = 0;
		e->spill_at += waiting;
	}
	e->spill_n = e->spill_at + left;
	e->spill_at = 0;
}

static bool
eth_ended(struct wire *w)
{
	struct eth *e = (struct eth *)w;
	uint16_t i;

	for (i = 0; i < e->nb_rxq; i++) {
		if (!__atomic_load_n(&e->rxq_dry[i], __ATOMIC_RELAXED))
			return false;
	}
	for (i = 0; i < w->vio->pairs; i++) {
		if (!rte_ring_empty(e->pairs[i].fifo) || e->pairs[i].held_at < e->pairs[i].held_n)
			return false;
	}
	return e->spill_n == 0;
}

static void
eth_link(struct wire *w, bool *up, uint32_t *speed)
{
	struct eth *e = (struct eth *)w;
	struct rte_eth_link link;

	if (rte_eth_link_get_nowait(e->port, &link) < 0)
		memset(&link, 0, sizeof(link));
	*up = link.link_status == RTE_ETH_LINK_UP;
	*speed = link.link_speed == RTE_ETH_SPEED_NUM_NONE ? UINT32_MAX : link.link_speed;
}

static void
eth_report(struct wire *w, FILE *to)
{
	struct eth *e = (struct eth *)w;
	uint64_t rx = 0, tx = 0, filtered = 0;
	uint16_t i;

	for (i = 0; i < w->vio->pairs; i++) {
		rx += e->pairs[i].wire_rx;
		tx += e->pairs[i].wire_tx;
		filtered += e->pairs[i].filtered;
	}
	fprintf(to,
		"vfu-nic: wire %s: from the wire %" PRIu64 " to the wire %" PRIu64
		" filtered %" PRIu64 "\n",
		e->name, rx, tx, filtered);
}

const struct wire_ops wire_ethdev_ops = {
	.prefix = "net_",
	.open = eth_open,
	.close = eth_close,
	.resteer = eth_resteer,
	.rx = eth_rx,
	.tx = eth_tx,
	.ended = eth_ended,
	.link = eth_link,
	.report = eth_report,
};
