/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The burst functions of the virtio PMD against a device that writes what the input says: used
 * elements, used indices, num_buffers, or any byte of the rings. The packets that come out must be
 * sound, and after each input every mbuf must be back in its pool, once, as fresh as it was.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>

#include "rxtx.h"

#define POOL 255
#define ROOM 128 /* data bytes of an mbuf */
#define HELD 96  /* mbufs that the application keeps */
#define OPS  4096

enum {
	F_MRG = 1,
	F_TRACED = 2,
	F_FAST_FREE = 4,
	F_IN_ORDER = 8,
	F_SIZE = 0x30,  /* ring of 4, 8, 16, 32 */
	F_HOARD = 0x40, /* mbufs that leave the pool nearly empty */
	F_PACKED = 0x80
};

struct input {
	const uint8_t *p;
	size_t n;
};

static struct rte_mempool *pool;
static struct vnet_rxq rxq;
static struct vnet_txq txq;
static struct rte_mbuf *held[HELD], *hoard[POOL];
static unsigned int nb_held, nb_hoard;
/* Used elements written by an honest device; packed: descriptors used. */
static uint16_t rx_used, tx_used;
static uint8_t flags;
static uint16_t bell;
static uint32_t word;
static struct steer_trace_rec recs[64];
static struct steer_trace_queue tq;
static uint64_t stamps[32]; /* as many as the largest ring has ids */
static struct steer_trace_ring trace = {.recs = recs, .q = &tq, .mask = 63};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static uint8_t
u8(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

static uint16_t
u16(struct input *in)
{
	uint16_t low = u8(in);

	return low | (uint16_t)(u8(in) << 8);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	/* EAL wants to sort them, and keeps pointers. */
	static char args[][16] = {"fuzz", "--no-huge", "--no-shconf",    "--no-pci",
				  "-m",   "32",        "--no-telemetry", "--log-level=1"};
	char *eal[RTE_DIM(args)];
	unsigned int i;

	for (i = 0; i < RTE_DIM(args); i++)
		eal[i] = args[i];
	must(rte_eal_init(RTE_DIM(args), eal) >= 0, "EAL does not start");
	pool = rte_pktmbuf_pool_create("p", POOL, 0, 0, RTE_PKTMBUF_HEADROOM + ROOM, SOCKET_ID_ANY);
	must(pool != NULL, "no mempool");
	return 0;
}

/** From malloc, so that AddressSanitizer sees the ends of rings and arrays. */
static void *
mem(size_t bytes)
{
	void *p = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_CACHE_LINE_ROUNDUP(bytes));

	must(p != NULL, "no memory");
	return memset(p, 0, bytes);
}

static void
vq_open(struct vnet_vq *vq, uint16_t index, uint16_t size)
{
	vq->packed = (flags & F_PACKED) != 0;
	vnet_vq_layout(vq, mem(vnet_vq_bytes(vq, size, VNET_HDR_LEN)), index, size);
	vq->notify = &bell;
}

static void
start(void)
{
	vnet_rxq_clear(&rxq);
	vnet_txq_clear(&txq);
	rx_used = 0;
	tx_used = 0;
	if (vnet_rxq_fill(&rxq) != 0)
		return;
	vnet_rxq_show(&rxq);
	vnet_vq_set_off(&rxq.vq, VNET_ON);
	vnet_vq_set_off(&txq.vq, VNET_ON);
}

static void
stop(void)
{
	vnet_vq_set_off(&rxq.vq, VNET_OFF_STOPPED);
	vnet_vq_set_off(&txq.vq, VNET_OFF_STOPPED);
	vnet_rxq_drain(&rxq);
	vnet_txq_drain(&txq);
}

static void
queues_open(void)
{
	uint16_t size = 4u << (flags & F_SIZE) / 0x10;

	rxq = (struct vnet_rxq){.steer_word = &word,
				.thresh = 2,
				.port_id = 3,
				.trace = &trace,
				.stamps = stamps,
				.stamp_field =
					RTE_ALIGN_CEIL(offsetof(struct rte_mbuf, dynfield1), 8)};
	txq = (struct vnet_txq){.steer_word = &word, .thresh = 2, .trace = &trace};
	txq.fast_free = (flags & F_FAST_FREE) != 0;
	txq.in_order = (flags & F_IN_ORDER) != 0;
	vq_open(&rxq.vq, 0, size);
	vq_open(&txq.vq, 1, size);
	rxq.sw = malloc(size * sizeof(*rxq.sw));
	rxq.ids = malloc(size * sizeof(*rxq.ids));
	txq.sw = malloc(size * sizeof(*txq.sw));
	txq.ids = malloc(size * sizeof(*txq.ids));
	txq.next = malloc(size * sizeof(*txq.next));
	must(rxq.sw && rxq.ids && txq.sw && txq.ids && txq.next, "no memory");
	vnet_rxq_set_pool(&rxq, pool);
	while ((flags & F_HOARD) && nb_hoard < POOL - 8u)
		must(rte_mempool_get(pool, (void **)&hoard[nb_hoard++]) == 0, "pool is short");
	start();
}

static void
queues_close(void)
{
	stop();
	rte_pktmbuf_free_bulk(held, nb_held);
	while (nb_hoard > 0)
		rte_mempool_put(pool, hoard[--nb_hoard]);
	nb_held = 0;
	free(rxq.vq.desc);
	free(rxq.sw);
	free(rxq.ids);
	free(txq.vq.desc);
	free(txq.sw);
	free(txq.ids);
	free(txq.next);
}

static void
used_split(struct vnet_vq *vq, uint16_t *at, struct input *in)
{
	struct vnet_used_elem *e = &vq->used->ring[*at & vq->mask];
	uint8_t how = u8(in);

	e->id = vq->avail->ring[*at & vq->mask];
	e->len = VNET_HDR_LEN + how % (ROOM + 1u);
	if (how & 0x80)
		e->id = u16(in) % (vq->size + 2u);
	if (how & 0x40)
		e->len = u8(in) & 1 ? u16(in) * UINT32_C(65537) : u16(in) % 512u;
	(*at)++;
}

static void
used_packed(struct vnet_vq *vq, uint16_t *at, struct input *in)
{
	struct vnet_pdesc *d = &vq->pdesc[*at & vq->mask];
	uint16_t lap = VNET_DESC_AVAIL | VNET_DESC_USED, slots = 1;
	uint8_t how = u8(in);

	if (vq == &txq.vq && d->id <= vq->mask && (txq.sw[d->id] & VNET_TX_CHAIN))
		slots = txq.next[d->id];
	d->len = VNET_HDR_LEN + how % (ROOM + 1u);
	if (how & 0x80)
		d->id = u16(in) % (vq->size + 2u);
	if (how & 0x40)
		d->len = u8(in) & 1 ? u16(in) * UINT32_C(65537) : u16(in) % 512u;
	d->flags = *at & vq->size ? 0 : lap;
	*at += slots;
}

/** A used element, honest about its id unless the input wants otherwise. */
static void
used_element(struct vnet_vq *vq, uint16_t *at, struct input *in)
{
	if (vq->packed)
		used_packed(vq, at, in);
	else
		used_split(vq, at, in);
}

/** Where the device says it is; packed: descriptors that it leaves out, a lap too, and flags. */
static void
used_index(struct vnet_vq *vq, uint16_t *at, bool lie, struct input *in)
{
	if (!vq->packed) {
		vq->used->idx = *at + (lie ? u8(in) : 0);
		return;
	}
	if (lie)
		*at += u8(in);
	else
		vq->dev_event->flags = u8(in) % 4;
}

/** num_buffers, and a pattern in the data, of a buffer that the device has. */
static void
buffer(struct input *in)
{
	struct rte_mbuf *m = rxq.sw[u8(in) & rxq.vq.mask];
	struct vnet_net_hdr *hdr;
	uint8_t n = u8(in);

	if (m == NULL)
		return;
	hdr = RTE_PTR_ADD(m->buf_addr, RTE_PKTMBUF_HEADROOM - VNET_HDR_LEN);
	hdr->num_buffers = n == 0xff ? u16(in) : n % 5;
	memset(hdr + 1, n, ROOM);
}

/** Any byte of a ring's memory: the device may write them all. */
static void
ring_byte(struct input *in)
{
	uint8_t what = u8(in), *base = (uint8_t *)(what & 1 ? rxq.vq.desc : txq.vq.desc);
	size_t bytes = vnet_vq_bytes(&rxq.vq, rxq.vq.size, 0);

	base[u16(in) % bytes] = u8(in);
}

static void
check(struct rte_mbuf *head)
{
	const struct rte_mbuf *m;
	uint32_t len = 0, sum = 0, i;
	uint16_t segs = 0;

	for (m = head; m != NULL; m = m->next, segs++) {
		must(segs < rxq.vq.size, "more segments than descriptors");
		must(m->data_off + m->data_len <= m->buf_len, "data beyond the buffer");
		must(rte_mbuf_refcnt_read(m) == 1 && m->pool == pool, "mbuf of somebody else");
		for (i = 0; i < rxq.vq.size; i++)
			must(rxq.sw[i] != m, "the device still has this buffer");
		for (i = 0; i < m->data_len; i++)
			sum += *rte_pktmbuf_mtod_offset(m, const uint8_t *, i);
		len += m->data_len;
	}
	must(segs == head->nb_segs && len == head->pkt_len, "segments do not add up");
	must(len >= RTE_ETHER_HDR_LEN && head->port == 3, "not a packet of this port");
	must(sum <= len * UINT8_MAX, "unreadable");
}

static void
receive(struct input *in)
{
	static const eth_rx_burst_t bursts[2][6] = {
		{vnet_rx_plain, vnet_rx_mrg, vnet_rx_plain_traced, vnet_rx_mrg_traced,
		 vnet_rx_plain_stamped, vnet_rx_mrg_stamped},
		{vnet_rx_plain_packed, vnet_rx_mrg_packed, vnet_rx_plain_packed_traced,
		 vnet_rx_mrg_packed_traced, vnet_rx_plain_packed_stamped,
		 vnet_rx_mrg_packed_stamped}};
	struct rte_mbuf *pkts[64];
	uint8_t how = u8(in), kind = flags & (F_MRG | F_TRACED);
	uint16_t n, i;

	if ((how & 0x40) && !(flags & F_TRACED))
		kind |= 4;
	n = bursts[rxq.vq.packed][kind](&rxq, pkts, how % 64);

	must(n <= how % 64, "more packets than asked for");
	for (i = 0; i < n; i++) {
		check(pkts[i]);
		if ((how & 0x80) && nb_held < HELD && pkts[i]->nb_segs == 1)
			held[nb_held++] = pkts[i];
		else
			rte_pktmbuf_free(pkts[i]);
	}
	if (rxq.vq.packed) {
		must(vnet_rx_count_packed(&rxq) <= rxq.vq.size, "more used than there are");
		vnet_rx_desc_status_packed(&rxq, how);
	} else {
		vnet_rx_count(&rxq);
		vnet_rx_desc_status(&rxq, how);
	}
	tq.tail = trace.head;
}

static struct rte_mbuf *
packet(uint8_t how)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool), *seg;
	uint8_t segs = how & 0x40 && !(flags & F_FAST_FREE) ? how % 7 : 0;

	if (m == NULL || rte_pktmbuf_append(m, 14 + how % 64) == NULL)
		return m;
	while (segs-- > 0) {
		seg = rte_pktmbuf_alloc(pool);
		if (seg == NULL)
			break;
		if (segs != 3) /* and one that is empty */
			rte_pktmbuf_append(seg, 10);
		rte_pktmbuf_chain(m, seg);
	}
	if ((how & 0x80) && !(flags & F_FAST_FREE))
		m->data_off = 4; /* no room for a header */
	return m;
}

static void
transmit(struct input *in)
{
	static const eth_tx_burst_t bursts[2][2] = {{vnet_tx, vnet_tx_traced},
						    {vnet_tx_packed, vnet_tx_packed_traced}};
	struct rte_mbuf *pkts[16];
	uint16_t n = 0, want = u8(in) % RTE_DIM(pkts), sent;

	while (n < want && (pkts[n] = packet(u8(in))) != NULL)
		n++;
	sent = bursts[txq.vq.packed][(flags & F_TRACED) != 0](&txq, pkts, n);
	must(sent <= n, "more packets sent than given");
	rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
	must(txq.nfree <= txq.vq.size, "more free descriptors than there are");
	tq.tail = trace.head;
}

static void
step(struct input *in)
{
	uint8_t op = u8(in);

	switch (op % 10) {
	case 0: used_element(&rxq.vq, &rx_used, in); break;
	case 1: used_index(&rxq.vq, &rx_used, op & 0x80, in); break;
	case 2: receive(in); break;
	case 3: buffer(in); break;
	case 4: used_element(&txq.vq, &tx_used, in); break;
	case 5: used_index(&txq.vq, &tx_used, op & 0x80, in); break;
	case 6: transmit(in); break;
	case 7: vnet_txq_clean(&txq, u8(in)); break;
	case 8: ring_byte(in); break;
	default:
		if (op & 0x80) {
			stop();
			start();
		} else if (nb_held > 0) {
			rte_pktmbuf_free(held[--nb_held]);
		}
	}
}

/** Every mbuf is there, once, and as rte_mempool_get() may hand it out. */
static void
count(void)
{
	static uint32_t generation;
	struct rte_mbuf *m[POOL + 1];
	unsigned int n = 0, i;

	while (n <= POOL && rte_mempool_get(pool, (void **)&m[n]) == 0)
		n++;
	must(n == POOL, n < POOL ? "mbufs are lost" : "mbufs were freed twice");
	generation++;
	for (i = 0; i < POOL; i++) {
		must(m[i]->hash.fdir.hi != generation, "an mbuf was freed twice");
		m[i]->hash.fdir.hi = generation;
		must(rte_mbuf_refcnt_read(m[i]) == 1 && m[i]->next == NULL && m[i]->nb_segs == 1,
		     "an mbuf came back in a state that it may not have");
	}
	rte_mempool_put_bulk(pool, (void **)m, POOL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {.p = data, .n = size};
	int ops = 0;

	flags = u8(&in);
	queues_open();
	while (in.n > 0 && ops++ < OPS)
		step(&in);
	queues_close();
	count();
	return 0;
}
