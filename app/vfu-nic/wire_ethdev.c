/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Any DPDK ethdev as the wire: --wire net_pcap0,rx_pcap=..., net_tap0, net_af_packet0,iface=...
 *
 * A worker that polls a wire queue sorts what comes into one FIFO per pair, since the pair that the
 * driver's steering names may be another worker's. Packets wait, in FIFOs and then on the wire,
 * until the driver gives buffers; we drop none.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_spinlock.h>

#include "rx.h"
#include "tx.h"
#include "wire.h"

#define ETH_DESC     256u
#define ETH_POOL_MAX 16383u
#define ETH_POOL_MIN 2047u
#define ETH_FIFO_MAX 1024u
#define ETH_FIFO_MIN 64u
#define ETH_ROOM_MIN 2048u

/** One pair's end; touched by the worker that polls the pair, the FIFO's entry side by all. */
struct eth_pair {
	struct rte_ring *fifo;
	struct rte_mbuf *held[VQ_BURST]; /* out of the FIFO, not yet in the driver's ring */
	uint16_t held_at, held_n;
	struct rte_mbuf *unsent[VQ_BURST]; /* out of the driver's ring, refused by the wire */
	uint16_t unsent_n;
	uint64_t wire_rx, wire_tx, filtered;
	uint8_t *scratch;
} __rte_cache_aligned;

struct eth {
	struct wire wire;
	char name[64];
	uint16_t port;
	bool added, started;
	bool file_input; /* an empty burst means the end of the file */
	uint16_t nb_rxq, nb_txq;
	uint8_t *rxq_dry; /* one per wire queue: its file is at the end; atomic */
	rte_spinlock_t *txq_lock;
	struct rte_mempool *pool;
	struct eth_pair *pairs;
	uint16_t pool_room;
	/* Packets whose queue is to be chosen anew, before any from the wire; pair 0's worker. */
	struct rte_mbuf **spill;
	uint32_t spill_at, spill_n; /* n atomic */
};

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

static void
pairs_free(struct eth *e)
{
	uint16_t i;

	for (i = 0; e->pairs && i < e->wire.vio->pairs; i++) {
		struct eth_pair *p = &e->pairs[i];
		void *m;

		if (p->held_at < p->held_n)
			rte_pktmbuf_free_bulk(p->held + p->held_at, p->held_n - p->held_at);
		if (p->unsent_n > 0)
			rte_pktmbuf_free_bulk(p->unsent, p->unsent_n);
		while (p->fifo && rte_ring_sc_dequeue(p->fifo, &m) == 0)
			rte_pktmbuf_free(m);
		rte_ring_free(p->fifo);
		free(p->scratch);
	}
	if (e->spill_n > e->spill_at)
		rte_pktmbuf_free_bulk(e->spill + e->spill_at, e->spill_n - e->spill_at);
	free(e->spill);
	free(e->pairs);
}

static void
eth_close(struct wire *w)
{
	struct eth *e = (struct eth *)w;

	if (e->started)
		rte_eth_dev_stop(e->port);
	pairs_free(e);
	if (e->added) {
		rte_eth_dev_close(e->port);
		rte_eal_hotplug_remove("vdev", e->name);
	}
	rte_mempool_free(e->pool);
	free(e->txq_lock);
	free(e->rxq_dry);
	free(e);
}

static int
complain(const struct eth *e, const char *step, int err)
{
	fprintf(stderr, "vfu-nic: wire %s: cannot %s: %s\n", e->name, step, strerror(-err));
	return err;
}

/** As many mbufs as the memory gives. */
static int
pool_create(struct eth *e)
{
	uint16_t room = RTE_PKTMBUF_HEADROOM +
			RTE_MAX(ETH_ROOM_MIN, RTE_ALIGN_CEIL(e->wire.vio->opts->mtu + 64u, 64u));
	uint32_t n;

	for (n = ETH_POOL_MAX; !e->pool && n >= ETH_POOL_MIN; n /= 2)
		e->pool = rte_pktmbuf_pool_create("vfu_nic_wire", n, 0, 0, room, SOCKET_ID_ANY);
	return e->pool ? 0 : -ENOMEM;
}

static int
pairs_create(struct eth *e)
{
	uint32_t pairs = e->wire.vio->pairs, fifo = ETH_FIFO_MAX, i;
	size_t bytes = pairs * sizeof(*e->pairs);
	char name[32];

	while (fifo > ETH_FIFO_MIN && fifo * pairs > e->pool->size / 2)
		fifo /= 2;
	/* Every worker may put a burst into the same FIFO after looking at its room. */
	while (fifo < 2 * VQ_BURST * RTE_MIN(pairs, rte_lcore_count()))
		fifo *= 2;
	e->pairs = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_CACHE_LINE_ROUNDUP(bytes));
	e->spill = calloc((size_t)pairs * (fifo + VQ_BURST) * 2, sizeof(*e->spill));
	if (!e->pairs || !e->spill)
		return -ENOMEM;
	memset(e->pairs, 0, bytes);
	for (i = 0; i < pairs; i++) {
		snprintf(name, sizeof(name), "vfu_nic_fifo%u", i);
		e->pairs[i].fifo = rte_ring_create(name, fifo, SOCKET_ID_ANY, RING_F_SC_DEQ);
		e->pairs[i].scratch = malloc(TX_SCRATCH);
		if (!e->pairs[i].fifo || !e->pairs[i].scratch)
			return -ENOMEM;
	}
	return 0;
}

static int
port_start(struct eth *e)
{
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf = {0};
	uint16_t rxd = ETH_DESC, txd = ETH_DESC, i;
	int ret = rte_eth_dev_info_get(e->port, &info);

	if (ret < 0)
		return complain(e, "ask for its abilities", ret);
	e->nb_rxq = RTE_MAX(RTE_MIN(info.max_rx_queues, e->wire.vio->pairs), 1);
	e->nb_txq = RTE_MAX(RTE_MIN(info.max_tx_queues, e->wire.vio->pairs), 1);
	e->rxq_dry = calloc(e->nb_rxq, 1);
	e->txq_lock = calloc(e->nb_txq, sizeof(*e->txq_lock));
	if (!e->rxq_dry || !e->txq_lock)
		return complain(e, "allocate queues", -ENOMEM);
	ret = rte_eth_dev_configure(e->port, e->nb_rxq, e->nb_txq, &conf);
	if (ret < 0)
		return complain(e, "configure the port", ret);
	rte_eth_dev_adjust_nb_rx_tx_desc(e->port, &rxd, &txd);
	for (i = 0; i < e->nb_rxq && ret >= 0; i++)
		ret = rte_eth_rx_queue_setup(e->port, i, rxd, SOCKET_ID_ANY, NULL, e->pool);
	for (i = 0; i < e->nb_txq && ret >= 0; i++)
		ret = rte_eth_tx_queue_setup(e->port, i, txd, SOCKET_ID_ANY, NULL);
	if (ret < 0)
		return complain(e, "set up its queues", ret);
	ret = rte_eth_dev_start(e->port);
	if (ret < 0)
		return complain(e, "start the port", ret);
	e->started = true;
	/* The device filters, so the wire need not; those that cannot say so are promiscuous. */
	rte_eth_promiscuous_enable(e->port);
	return 0;
}

static int
port_add(struct eth *e, const char *args)
{
	int ret = rte_eal_hotplug_add("vdev", e->name, args);

	if (ret < 0)
		return complain(e,
				"create the device (is the driver there, are its arguments right?)",
				ret);
	ret = rte_eth_dev_get_port_by_name(e->name, &e->port);
	if (ret < 0) {
		rte_eal_hotplug_remove("vdev", e->name);
		return complain(e, "find its port", ret);
	}
	e->added = true;
	return 0;
}

/** A capture file that is read once: nothing comes after the first empty burst. */
static bool
reads_file(const char *text)
{
	return strncmp(text, "net_pcap", 8) == 0 && strstr(text, "rx_pcap=") &&
	       !strstr(text, "infinite_rx=1");
}

static int
eth_open(struct vio *vio, const char *text, struct wire **out)
{
	size_t len = strcspn(text, ",");
	struct eth *e = calloc(1, sizeof(*e));
	int ret;

	if (!e)
		return -ENOMEM;
	e->wire = (struct wire){.ops = &wire_ethdev_ops, .vio = vio};
	if (len >= sizeof(e->name)) {
		free(e);
		fprintf(stderr, "vfu-nic: wire \"%s\": name too long\n", text);
		return -EINVAL;
	}
	memcpy(e->name, text, len);
	e->file_input = reads_file(text);
	ret = port_add(e, text[len] == ',' ? text + len + 1 : "");
	if (ret < 0)
		goto fail;
	ret = pool_create(e);
	if (ret < 0) {
		complain(e, "allocate packet memory (give EAL more with -m)", ret);
		goto fail;
	}
	ret = pairs_create(e);
	if (ret < 0) {
		complain(e, "allocate queues", ret);
		goto fail;
	}
	ret = port_start(e);
	if (ret < 0)
		goto fail;
	*out = &e->wire;
	return 0;

fail:
	eth_close(&e->wire);
	return ret;
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
