/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packed rings of the virtio PMD: bytes as VIRTIO 1.2, 2.8 has them, written by hand, and burst
 * functions against a device in the same process that is honest, slow, out of order, or lies.
 * Whatever it does, no packet may be lost or overtaken and no mbuf lost or freed twice.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>

#include "rxtx.h"

#define SIZE   16
#define POOL   255
#define ROOM   256 /* data bytes of an mbuf */
#define THRESH 4

/* Layout and flags once more, from the specification and not from the driver. */
struct dev_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id, flags;
};
#define D_NEXT  0x0001
#define D_WRITE 0x0002
#define D_AVAIL 0x0080
#define D_USED  0x8000

/** Device's end: 2.8.1 with explicit wrap counters. */
struct dev {
	struct dev_desc *desc;
	uint16_t *drv_event, *dev_event; /* offset and wrap, flags */
	uint16_t avail, used;            /* next slot to look at, to write */
	bool avail_wrap, used_wrap;
};

/** A buffer that the device has taken. */
struct buf {
	uint16_t id, slots;
	uint8_t data[2048]; /* readable bytes */
	uint32_t len;
	uint64_t addr; /* of the first writable descriptor */
	uint32_t room;
};

static struct rte_mempool *pool;
static struct vnet_rxq *rxq;
static struct vnet_txq *txq;
static struct dev rdev, tdev;
static uint16_t bell;
static uint32_t word;

static void
dev_init(struct dev *d, struct vnet_vq *vq)
{
	*d = (struct dev){.desc = (struct dev_desc *)vq->pdesc,
			  .drv_event = (uint16_t *)vq->drv_event,
			  .dev_event = (uint16_t *)vq->dev_event,
			  .avail_wrap = true,
			  .used_wrap = true};
	vq->notify = &bell;
}

static bool
dev_has(const struct dev *d)
{
	uint16_t f = d->desc[d->avail].flags;

	return !!(f & D_AVAIL) == d->avail_wrap && !!(f & D_USED) != d->avail_wrap;
}

/** Take one buffer: all its descriptors, in ring order. */
static void
dev_take(struct dev *d, struct buf *b)
{
	bool more;

	b->slots = 0;
	b->len = 0;
	b->room = 0;
	do {
		const struct dev_desc *e = &d->desc[d->avail];

		assert_true(dev_has(d));
		more = e->flags & D_NEXT;
		b->id = e->id;
		if (e->flags & D_WRITE) {
			b->addr = e->addr;
			b->room = e->len;
		} else {
			assert_true(b->len + e->len <= sizeof(b->data));
			memcpy(b->data + b->len, (void *)(uintptr_t)e->addr, e->len);
			b->len += e->len;
		}
		b->slots++;
		d->avail = (d->avail + 1) % SIZE;
		d->avail_wrap ^= d->avail == 0;
	} while (more);
}

/** One used descriptor for so many slots. */
static void
dev_use(struct dev *d, uint16_t id, uint32_t len, uint16_t slots)
{
	struct dev_desc *e = &d->desc[d->used];

	e->id = id;
	e->len = len;
	e->flags = d->used_wrap ? D_AVAIL | D_USED : 0;
	d->used += slots;
	d->used_wrap ^= d->used >= SIZE;
	d->used %= SIZE;
}

/** A frame of len bytes, all of value seq, into one buffer; not used yet. */
static void
dev_frame(struct dev *d, struct buf *b, uint8_t seq, uint32_t len, uint16_t num_buffers)
{
	uint8_t *p;

	dev_take(d, b);
	assert_int_equal(b->room, 12 + ROOM);
	p = (uint8_t *)(uintptr_t)b->addr;
	memset(p, 0, 12);
	p[10] = (uint8_t)num_buffers;
	memset(p + 12, seq, len);
}

static void
dev_rx(struct dev *d, uint8_t seq, uint32_t len)
{
	struct buf b;

	dev_frame(d, &b, seq, len, 1);
	dev_use(d, b.id, 12 + len, 1);
}

static void *
ring_mem(size_t bytes)
{
	void *p = rte_zmalloc(NULL, bytes, RTE_CACHE_LINE_SIZE);

	assert_non_null(p);
	return p;
}

static void
start(void)
{
	vnet_rxq_clear(rxq);
	vnet_txq_clear(txq);
	dev_init(&rdev, &rxq->vq);
	dev_init(&tdev, &txq->vq);
	assert_int_equal(vnet_rxq_fill(rxq), 0);
	assert_false(dev_has(&rdev));
	vnet_rxq_show(rxq);
	vnet_vq_set_off(&rxq->vq, VNET_ON);
	vnet_vq_set_off(&txq->vq, VNET_ON);
	bell = 0xffff;
}

static int
setup(void **state)
{
	pool = rte_pktmbuf_pool_create("p", POOL, 0, 0, RTE_PKTMBUF_HEADROOM + ROOM, SOCKET_ID_ANY);
	assert_non_null(pool);
	rxq = ring_mem(sizeof(*rxq));
	rxq->vq.packed = 1;
	vnet_vq_layout(&rxq->vq, ring_mem(vnet_vq_bytes(&rxq->vq, SIZE, 0)), 0, SIZE);
	rxq->sw = ring_mem(SIZE * sizeof(rxq->sw[0]));
	rxq->ids = ring_mem(SIZE * sizeof(rxq->ids[0]));
	rxq->steer_word = &word;
	rxq->thresh = THRESH;
	rxq->port_id = 3;
	vnet_rxq_set_pool(rxq, pool);
	txq = ring_mem(sizeof(*txq));
	txq->vq.packed = 1;
	vnet_vq_layout(&txq->vq, ring_mem(vnet_vq_bytes(&txq->vq, SIZE, 12)), 1, SIZE);
	txq->sw = ring_mem(SIZE * sizeof(txq->sw[0]));
	txq->ids = ring_mem(SIZE * sizeof(txq->ids[0]));
	txq->next = ring_mem(SIZE * sizeof(txq->next[0]));
	txq->steer_word = &word;
	txq->thresh = THRESH;
	start();
	return 0;
}

/** After every case: what the queues hold comes back, and the pool is whole again. */
static int
teardown(void **state)
{
	vnet_rxq_drain(rxq);
	vnet_txq_drain(txq);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
	rte_free(rxq->vq.desc);
	rte_free(rxq->sw);
	rte_free(rxq->ids);
	rte_free(rxq);
	rte_free(txq->vq.desc);
	rte_free(txq->sw);
	rte_free(txq->ids);
	rte_free(txq->next);
	rte_free(txq);
	rte_mempool_free(pool);
	return 0;
}

static void
frame_check(const struct rte_mbuf *m, uint8_t seq, uint32_t len)
{
	uint32_t i, at = 0;

	assert_int_equal(m->pkt_len, len);
	assert_int_equal(m->port, 3);
	for (; m != NULL; m = m->next)
		for (i = 0; i < m->data_len; i++, at++)
			assert_int_equal(*rte_pktmbuf_mtod_offset(m, const uint8_t *, i), seq);
	assert_int_equal(at, len);
}

static struct rte_mbuf *
packet(uint8_t seq, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	memset(rte_pktmbuf_append(m, len), seq, len);
	memset(rte_pktmbuf_mtod_offset(m, uint8_t *, -12), 0xa5, 12);
	return m;
}

/** A packet as a device reads it: header of zeros, then len bytes of value seq. */
static void
tx_check(const struct buf *b, uint8_t seq, uint32_t len)
{
	uint32_t i;

	assert_int_equal(b->len, 12 + len);
	for (i = 0; i < b->len; i++)
		assert_int_equal(b->data[i], i < 12 ? 0 : seq);
}

/* ---- golden ---- */

/** Descriptor bytes but for the address: length, id, flags; little-endian (2.8.13). */
static void
desc_is(const struct dev *d, unsigned int slot, const char *golden)
{
	const uint8_t *raw = (const uint8_t *)&d->desc[slot] + 8;
	char text[17];
	unsigned int i;

	for (i = 0; i < 8; i++)
		snprintf(text + 2 * i, 3, "%02x", raw[i]);
	assert_string_equal(text, golden);
}

static void
rx_descriptors_are_as_the_specification_has_them(void **state)
{
	struct rte_mbuf *pkts[SIZE];
	unsigned int i;

	/* 268 bytes, id, WRITE | AVAIL: wrap counter 1. */
	desc_is(&rdev, 0, "0c01000000008200");
	desc_is(&rdev, 1, "0c01000001008200");
	desc_is(&rdev, 15, "0c0100000f008200");
	assert_int_equal(rdev.desc[2].addr,
			 (uintptr_t)rxq->sw[2]->buf_addr + RTE_PKTMBUF_HEADROOM - 12);
	/* Used: 76 bytes, AVAIL | USED. */
	for (i = 0; i < SIZE; i++)
		dev_rx(&rdev, 1, 64);
	desc_is(&rdev, 0, "4c00000000008080");
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, SIZE), SIZE);
	rte_pktmbuf_free_bulk(pkts, SIZE);
	/* Second lap: WRITE | USED, wrap counter 0. */
	desc_is(&rdev, 0, "0c01000000000280");
	desc_is(&rdev, 15, "0c0100000f000280");
	for (i = 0; i < SIZE; i++)
		dev_rx(&rdev, 1, 64);
	desc_is(&rdev, 0, "4c00000000000000");
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, SIZE), SIZE);
	rte_pktmbuf_free_bulk(pkts, SIZE);
	desc_is(&rdev, 0, "0c01000000008200");
}

static void
tx_descriptors_are_as_the_specification_has_them(void **state)
{
	struct rte_mbuf *m = packet(2, 30), *pkts[3] = {packet(1, 64), m, packet(3, 20)};
	struct buf b;
	unsigned int i;

	assert_int_equal(rte_pktmbuf_chain(m, packet(2, 9)), 0);
	desc_is(&tdev, 0, "0000000000000000");
	assert_int_equal(vnet_tx_packed(txq, pkts, 3), 3);
	desc_is(&tdev, 0, "4c00000000008000"); /* AVAIL */
	desc_is(&tdev, 1, "0c00000001008100"); /* header alone, AVAIL | NEXT, one id for all */
	desc_is(&tdev, 2, "1e00000001008100");
	desc_is(&tdev, 3, "0900000001008000");
	desc_is(&tdev, 4, "2000000002008000");
	desc_is(&tdev, 5, "0000000000000000");
	for (i = 0; i < 3; i++) {
		dev_take(&tdev, &b);
		dev_use(&tdev, b.id, 0, b.slots);
	}
	for (i = 0; i < 11; i++) { /* to slot 15, then around */
		pkts[0] = packet(1, 64);
		assert_int_equal(vnet_tx_packed(txq, pkts, 1), 1);
		dev_take(&tdev, &b);
		dev_use(&tdev, b.id, 0, 1);
	}
	m = packet(2, 30);
	assert_int_equal(rte_pktmbuf_chain(m, packet(2, 9)), 0);
	pkts[0] = m;
	vnet_txq_clean(txq, 0);
	assert_int_equal(vnet_tx_packed(txq, pkts, 1), 1);
	desc_is(&tdev, 0, "0c0000000e000180"); /* USED | NEXT */
	desc_is(&tdev, 2, "090000000e000080");
	dev_take(&tdev, &b);
	tx_check(&b, 2, 39);
}

static void
a_chain_crosses_the_end_of_the_ring(void **state)
{
	struct rte_mbuf *m, *pkts[1];
	struct buf b;
	unsigned int i;

	for (i = 0; i < 14; i++) {
		pkts[0] = packet(1, 64);
		assert_int_equal(vnet_tx_packed(txq, pkts, 1), 1);
		dev_take(&tdev, &b);
		dev_use(&tdev, b.id, 0, 1);
	}
	m = packet(2, 30);
	for (i = 0; i < 3; i++)
		assert_int_equal(rte_pktmbuf_chain(m, packet(2, 1)), 0);
	pkts[0] = m;
	vnet_txq_clean(txq, 0);
	assert_int_equal(vnet_tx_packed(txq, pkts, 1), 1);
	desc_is(&tdev, 14, "0c0000000e008100");
	desc_is(&tdev, 15, "1e0000000e008100");
	desc_is(&tdev, 0, "010000000e000180");
	desc_is(&tdev, 1, "010000000e000180");
	desc_is(&tdev, 2, "010000000e000080");
	dev_take(&tdev, &b);
	tx_check(&b, 2, 33);
	dev_use(&tdev, b.id, 0, b.slots);
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->nfree, SIZE);
}

/* With IOVA as PA the device must not get an address of this process. */
static void
tx_names_its_header_by_iova(void **state)
{
	struct rte_mbuf *m = packet(5, 100), *pkts[1] = {m};
	const uint64_t off = 0x7000000000;

	assert_int_equal(rte_pktmbuf_chain(m, packet(5, 50)), 0);
	txq->vq.iova_off = off;
	assert_int_equal(vnet_tx_packed(txq, pkts, 1), 1);
	assert_int_equal(tdev.desc[0].addr, (uintptr_t)txq->vq.extra + off);
	dev_use(&tdev, tdev.desc[0].id, 0, 3);
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->nfree, SIZE);
}

static void
event_structures(void **state)
{
	static const uint8_t off[4] = {0, 0, 1, 0}, on[4] = {0};

	assert_memory_equal(rdev.drv_event, off, 4);
	assert_memory_equal(tdev.drv_event, off, 4);
	vnet_vq_intr(&rxq->vq, true);
	assert_memory_equal(rdev.drv_event, on, 4);
	assert_false(vnet_vq_has_used(&rxq->vq));
	dev_rx(&rdev, 1, 64);
	assert_true(vnet_vq_has_used(&rxq->vq));
	vnet_vq_intr(&rxq->vq, false);
	assert_memory_equal(rdev.drv_event, off, 4);
}

static void
rings_only_when_asked(void **state)
{
	struct rte_mbuf *pkts[SIZE];
	unsigned int i;

	rdev.dev_event[1] = 1;
	tdev.dev_event[1] = 1;
	for (i = 0; i < 8; i++)
		dev_rx(&rdev, 1, 64);
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, SIZE), 8);
	assert_int_equal(vnet_tx_packed(txq, pkts, 4), 4);
	assert_int_equal(bell, 0xffff);
	rdev.dev_event[1] = 0;
	tdev.dev_event[1] = 0;
	assert_int_equal(vnet_tx_packed(txq, &pkts[4], 4), 4);
	assert_int_equal(bell, 1);
	for (i = 0; i < 8; i++)
		dev_rx(&rdev, 1, 64);
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, SIZE), 8);
	rte_pktmbuf_free_bulk(pkts, 8);
	assert_int_equal(bell, 0);
}

/* ---- bursts ---- */

static void
rx_delivers_in_order_over_many_laps(void **state)
{
	struct rte_mbuf *pkts[32];
	unsigned int round, i, n;
	uint8_t sent = 0, got = 0;

	for (round = 0; round < 100; round++) {
		for (i = 0; i < 1 + round % SIZE && dev_has(&rdev); i++, sent++)
			dev_rx(&rdev, sent, 60 + sent % 100);
		n = vnet_rx_plain_packed(rxq, pkts, 32);
		for (i = 0; i < n; i++, got++) {
			frame_check(pkts[i], got, 60 + got % 100);
			rte_pktmbuf_free(pkts[i]);
		}
		assert_int_equal(got, sent);
	}
	assert_true(rxq->stats.packets > 700);
	assert_int_equal(rxq->stats.violations, 0);
}

static void
rx_takes_completions_in_any_order(void **state)
{
	struct rte_mbuf *pkts[SIZE];
	struct buf b[8];
	int round, i;

	for (round = 0; round < 30; round++) {
		for (i = 0; i < 8; i++)
			dev_frame(&rdev, &b[i], (uint8_t)i, 100, 1);
		for (i = 7; i >= 0; i--)
			dev_use(&rdev, b[i].id, 112, 1);
		assert_int_equal(vnet_rx_plain_packed(rxq, pkts, SIZE), 8);
		for (i = 0; i < 8; i++) {
			frame_check(pkts[i], (uint8_t)(7 - i), 100);
			rte_pktmbuf_free(pkts[i]);
		}
	}
	assert_int_equal(rxq->stats.violations, 0);
}

static void
rx_queries_look_at_descriptors(void **state)
{
	struct rte_mbuf *pkts[SIZE];
	unsigned int round, i;

	for (round = 0; round < 5; round++) {
		for (i = 0; i < 6; i++)
			dev_rx(&rdev, 1, 64);
		assert_int_equal(vnet_rx_count_packed(rxq), 6);
		assert_int_equal(vnet_rx_desc_status_packed(rxq, 5), RTE_ETH_RX_DESC_DONE);
		assert_int_equal(vnet_rx_desc_status_packed(rxq, 6), RTE_ETH_RX_DESC_AVAIL);
		assert_int_equal(vnet_rx_desc_status_packed(rxq, SIZE), -EINVAL);
		assert_int_equal(vnet_rx_plain_packed(rxq, pkts, 2), 2);
		assert_int_equal(vnet_rx_plain_packed(rxq, &pkts[2], SIZE), 4);
		rte_pktmbuf_free_bulk(pkts, 6);
	}
}

static void
rx_survives_an_empty_pool_and_recovers(void **state)
{
	struct rte_mbuf *hold[POOL], *pkts[SIZE];
	unsigned int n = 0, i;

	while (rte_mempool_get(pool, (void **)&hold[n]) == 0)
		n++;
	for (i = 0; i < SIZE; i++)
		dev_rx(&rdev, 7, 64);
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, SIZE), SIZE);
	assert_int_equal(vnet_vq_inflight(&rxq->vq), 0);
	assert_int_equal(vnet_rx_desc_status_packed(rxq, 0), RTE_ETH_RX_DESC_UNAVAIL);
	rte_pktmbuf_free(pkts[0]);
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, 1), 0);
	dev_rx(&rdev, 8, 64);
	assert_false(dev_has(&rdev));
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, 1), 1);
	for (i = 0; i < SIZE; i++)
		rte_pktmbuf_free(pkts[i]);
	while (n > 0)
		rte_mempool_put(pool, hold[--n]);
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, 1), 0);
	assert_int_equal(vnet_vq_inflight(&rxq->vq), SIZE);
	assert_int_equal(rxq->stats.violations, 0);
}

static void
mrg_joins_buffers_and_waits_for_the_last(void **state)
{
	struct rte_mbuf *pkts[4];
	struct buf b;
	int round;

	for (round = 0; round < 20; round++) {
		dev_frame(&rdev, &b, 9, ROOM, 3);
		dev_use(&rdev, b.id, 12 + ROOM, 1);
		dev_take(&rdev, &b);
		memset((void *)(uintptr_t)b.addr, 9, 12 + ROOM);
		dev_use(&rdev, b.id, 12 + ROOM, 1);
		assert_int_equal(vnet_rx_mrg_packed(rxq, pkts, 4), 0);
		dev_take(&rdev, &b);
		memset((void *)(uintptr_t)b.addr, 9, 5);
		dev_use(&rdev, b.id, 5, 1);
		dev_rx(&rdev, 10, 64);
		assert_int_equal(vnet_rx_mrg_packed(rxq, pkts, 4), 2);
		assert_int_equal(pkts[0]->nb_segs, 3);
		frame_check(pkts[0], 9, ROOM + 12 + ROOM + 5);
		frame_check(pkts[1], 10, 64);
		rte_pktmbuf_free(pkts[0]);
		rte_pktmbuf_free(pkts[1]);
	}
	assert_int_equal(rxq->stats.violations, 0);
}

static void
tx_stops_at_a_full_ring_and_drops_what_none_can_hold(void **state)
{
	struct rte_mbuf *m, *pkts[SIZE + 2];
	struct buf b;
	unsigned int i;

	for (i = 0; i < SIZE + 2; i++)
		pkts[i] = packet(1, 64);
	assert_int_equal(vnet_tx_packed(txq, pkts, SIZE + 2), SIZE);
	assert_int_equal(vnet_tx_packed(txq, &pkts[SIZE], 2), 0);
	assert_int_equal(vnet_tx_desc_status(txq, 0), RTE_ETH_TX_DESC_FULL);
	dev_take(&tdev, &b);
	dev_use(&tdev, b.id, 0, 1);
	assert_int_equal(vnet_tx_packed(txq, &pkts[SIZE], 2), 1);
	m = pkts[SIZE + 1];
	for (i = 1; i < SIZE; i++)
		assert_int_equal(rte_pktmbuf_chain(m, packet(1, 10)), 0);
	assert_int_equal(vnet_tx_packed(txq, &m, 1), 1);
	assert_int_equal(txq->stats.errors, 1);
	assert_int_equal(txq->stats.packets, SIZE + 1);
}

static void
tx_in_order_takes_a_batch_by_its_last_id(void **state)
{
	struct rte_mbuf *pkts[5];
	struct buf b;
	unsigned int round, i;
	uint16_t slots;

	txq->in_order = 1;
	for (round = 0; round < 40; round++) {
		for (i = 0; i < 5; i++)
			pkts[i] = packet((uint8_t)i, 64);
		assert_int_equal(rte_pktmbuf_chain(pkts[2], packet(2, 10)), 0);
		assert_int_equal(vnet_tx_packed(txq, pkts, 5), 5);
		for (i = 0, slots = 0; i < 5; i++, slots += b.slots) {
			dev_take(&tdev, &b);
			tx_check(&b, (uint8_t)i, i == 2 ? 74 : 64);
		}
		dev_use(&tdev, b.id, 0, slots);
		assert_int_equal(vnet_txq_clean(txq, 0), 5);
		assert_int_equal(txq->nfree, SIZE);
	}
	assert_int_equal(txq->stats.violations, 0);
}

/* ---- a device that lies ---- */

static void
rx_stopped(enum vnet_off why)
{
	struct rte_mbuf *pkts[4];

	assert_int_equal(rxq->vq.off, why);
	assert_int_equal(rxq->stats.violations, 1);
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, 4), 0);
	assert_int_equal(vnet_rx_mrg_packed(rxq, pkts, 4), 0);
	assert_int_equal(rxq->stats.violations, 1);
}

static void
rx_lie(uint16_t id, uint32_t len, uint16_t num, enum vnet_off why)
{
	struct rte_mbuf *pkts[4];
	struct buf b;

	dev_rx(&rdev, 1, 64);
	dev_frame(&rdev, &b, 2, 64, num);
	dev_use(&rdev, id, len, 1);
	assert_int_equal(vnet_rx_mrg_packed(rxq, pkts, 4), 1);
	rte_pktmbuf_free(pkts[0]);
	rx_stopped(why);
}

static void
rx_refuses_an_id_outside_the_ring(void **state)
{
	rx_lie(SIZE, 76, 1, VNET_OFF_BAD_ID);
}

static void
rx_refuses_an_id_twice(void **state)
{
	rx_lie(0, 76, 1, VNET_OFF_BAD_ID);
}

static void
rx_refuses_a_length_beyond_the_buffer(void **state)
{
	rx_lie(1, 12 + ROOM + 1, 1, VNET_OFF_BAD_LEN);
}

static void
rx_refuses_a_length_below_the_header(void **state)
{
	rx_lie(1, 11, 1, VNET_OFF_BAD_LEN);
}

static void
rx_refuses_no_buffers(void **state)
{
	rx_lie(1, 76, 0, VNET_OFF_BAD_BUFFERS);
}

static void
rx_refuses_more_buffers_than_in_flight(void **state)
{
	rx_lie(1, 76, SIZE, VNET_OFF_BAD_BUFFERS);
}

static void
rx_refuses_use_of_what_is_not_available(void **state)
{
	struct rte_mbuf *hold[POOL], *pkts[SIZE];
	unsigned int n = 0, i;

	while (rte_mempool_get(pool, (void **)&hold[n]) == 0)
		n++;
	for (i = 0; i < SIZE; i++)
		dev_rx(&rdev, 7, 64);
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, SIZE), SIZE);
	dev_use(&rdev, 0, 76, 1);
	assert_int_equal(vnet_rx_plain_packed(rxq, hold, 1), 0);
	rte_pktmbuf_free_bulk(pkts, SIZE);
	while (n > 0)
		rte_mempool_put(pool, hold[--n]);
	rx_stopped(VNET_OFF_BAD_INDEX);
}

/** Flags of the wrong lap say nothing. */
static void
rx_ignores_the_wrong_wrap_counter(void **state)
{
	struct rte_mbuf *pkts[4];

	rdev.used_wrap = false;
	dev_use(&rdev, 0, 76, 1);
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, 4), 0);
	rdev.desc[0].flags = D_USED;
	assert_int_equal(vnet_rx_plain_packed(rxq, pkts, 4), 0);
	assert_int_equal(rxq->vq.off, VNET_ON);
}

static void
tx_lie(uint16_t id, bool take, enum vnet_off why)
{
	struct rte_mbuf *pkts[2] = {packet(1, 64), packet(1, 64)};
	struct buf b;

	if (take) {
		assert_int_equal(vnet_tx_packed(txq, pkts, 1), 1);
		dev_take(&tdev, &b);
	}
	dev_use(&tdev, id, 0, 1);
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->vq.off, why);
	assert_int_equal(txq->stats.violations, 1);
	assert_int_equal(vnet_tx_packed(txq, &pkts[1], 1), 0);
	rte_pktmbuf_free_bulk(&pkts[take], 2u - take);
}

static void
tx_refuses_an_id_outside_the_ring(void **state)
{
	tx_lie(UINT16_MAX, true, VNET_OFF_BAD_ID);
}

static void
tx_refuses_an_id_not_in_flight(void **state)
{
	txq->in_order = 1;
	tx_lie(5, true, VNET_OFF_BAD_ID);
}

static void
tx_refuses_use_of_what_is_not_available(void **state)
{
	tx_lie(0, false, VNET_OFF_BAD_INDEX);
}

/* ---- any device ---- */

static unsigned int seed;

static unsigned int
rnd(unsigned int n)
{
	return (unsigned int)rand_r(&seed) % n;
}

/** Bursts of any size and shape, a device that takes and completes when and how it likes. */
static void
property_tx(unsigned int steps, bool in_order)
{
	struct buf busy[SIZE];
	struct rte_mbuf *m;
	unsigned int nbusy = 0, step, i;
	uint8_t sent = 0, seen = 0;
	uint16_t len;

	for (step = 0; step < steps; step++) {
		struct rte_mbuf *pkts[6];
		uint16_t want = (uint16_t)rnd(7), n;

		for (i = 0; i < want; i++) {
			uint8_t seq = (uint8_t)(sent + i);

			m = packet(seq, (uint16_t)(14 + seq % 50));
			for (len = (uint16_t)rnd(4); rnd(3) == 0 && len > 0; len--)
				assert_int_equal(rte_pktmbuf_chain(m, packet(seq, 3)), 0);
			pkts[i] = m;
		}
		n = vnet_tx_packed(txq, pkts, want);
		sent += n;
		rte_pktmbuf_free_bulk(&pkts[n], want - n);
		for (i = rnd(SIZE); i > 0 && dev_has(&tdev); i--) {
			dev_take(&tdev, &busy[nbusy]);
			/* In order, whole and once. */
			assert_true(busy[nbusy].len >= 12 + 14u + seen % 50);
			tx_check(&busy[nbusy], seen, busy[nbusy].len - 12);
			seen++;
			nbusy++;
		}
		for (i = rnd(SIZE); i > 0 && nbusy > 0; i--) {
			unsigned int k = in_order ? 0 : rnd(nbusy);

			dev_use(&tdev, busy[k].id, 0, busy[k].slots);
			nbusy--;
			memmove(&busy[k], &busy[k + 1], (nbusy - k) * sizeof(busy[0]));
		}
	}
	while (dev_has(&tdev)) {
		dev_take(&tdev, &busy[nbusy]);
		seen++;
		nbusy++;
	}
	assert_int_equal(sent, seen);
	for (i = 0; i < nbusy; i++)
		dev_use(&tdev, busy[i].id, 0, busy[i].slots);
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->nfree, SIZE);
	assert_int_equal(txq->stats.violations, 0);
}

static void
property_rx(unsigned int steps, bool mrg)
{
	unsigned int step, i, n, k;
	uint8_t sent = 0, got = 0;

	for (step = 0; step < steps; step++) {
		struct rte_mbuf *pkts[SIZE];
		struct buf b[3];

		for (i = rnd(SIZE); i > 0; i--) {
			n = mrg ? 1 + rnd(3) : 1;
			for (k = 0; k < n && dev_has(&rdev); k++)
				dev_frame(&rdev, &b[k], sent, ROOM, (uint16_t)n);
			if (k < n) { /* no device gives a half: put it all back */
				rdev.avail_wrap ^= rdev.avail < k;
				rdev.avail = (uint16_t)(rdev.avail + SIZE - k) % SIZE;
				break;
			}
			dev_use(&rdev, b[0].id, 12 + ROOM, 1);
			for (k = 1; k < n; k++) {
				memset((void *)(uintptr_t)b[k].addr, sent, 40);
				dev_use(&rdev, b[k].id, 40, 1);
			}
			sent++;
		}
		k = rnd(SIZE);
		n = mrg ? vnet_rx_mrg_packed(rxq, pkts, (uint16_t)k)
			: vnet_rx_plain_packed(rxq, pkts, (uint16_t)k);
		assert_true(n <= k);
		for (i = 0; i < n; i++, got++)
			frame_check(pkts[i], got, ROOM + 40u * (pkts[i]->nb_segs - 1));
		rte_pktmbuf_free_bulk(pkts, n);
		assert_true((uint8_t)(sent - got) <= SIZE);
	}
	assert_int_equal(rxq->stats.violations, 0);
	assert_int_equal(rxq->stats.nombuf, 0);
}

static void
nothing_is_lost_or_overtaken(void **state)
{
	unsigned int s;

	for (s = 1; s <= 60; s++) {
		seed = s;
		txq->in_order = s % 2;
		property_tx(300, s % 2);
		property_rx(300, s % 2);
		vnet_rxq_drain(rxq);
		vnet_txq_drain(txq);
		assert_int_equal(rte_mempool_avail_count(pool), POOL);
		start();
	}
	assert_true(txq->stats.packets > 20000);
	assert_true(rxq->stats.packets > 20000);
}

/** Ids that a queue has in flight, in any order. */
static unsigned int
ids_in_flight(bool rx, uint16_t *ids)
{
	unsigned int n = 0, i, k;
	uint16_t swap;

	for (i = 0; i < SIZE; i++) {
		if (rx ? rxq->sw[i] == NULL : txq->sw[i] == 0)
			continue;
		ids[n++] = (uint16_t)i;
		k = rnd(n);
		swap = ids[k];
		ids[k] = ids[n - 1];
		ids[n - 1] = swap;
	}
	return n;
}

/** Use some of what is there, mostly within reason and now and then not. */
static void
hostile_step(struct dev *d, bool rx)
{
	uint16_t ids[SIZE], slots;
	unsigned int n = RTE_MIN(ids_in_flight(rx, ids), 8u), i;

	for (i = rnd(n + 1); i > 0; i--) {
		uint16_t id = ids[i - 1];

		slots = !rx && (txq->sw[id] & VNET_TX_CHAIN) ? txq->next[id] : 1;
		if (rx)
			rte_pktmbuf_mtod_offset(rxq->sw[id], uint8_t *, -2)[0] =
				rnd(40) == 0 ? (uint8_t)rnd(SIZE + 2) : 1;
		dev_use(d, rnd(300) == 0 ? (uint16_t)rnd(2 * SIZE) : id,
			rnd(300) == 0 ? rnd(400) : 12 + 14 + rnd(ROOM - 14), slots);
	}
	/* It may write any word of the ring at any time. */
	if (rnd(40) == 0) {
		d->desc[rnd(SIZE)].flags = (uint16_t)rnd(UINT16_MAX);
		d->desc[rnd(SIZE)].id = (uint16_t)rnd(SIZE + 3);
		d->desc[rnd(SIZE)].len = rnd(600);
	}
}

static void
hostile_run(bool mrg)
{
	struct rte_mbuf *pkts[8];
	unsigned int i, n, k, step;

	for (step = 0; step < 200; step++) {
		hostile_step(&rdev, true);
		n = mrg ? vnet_rx_mrg_packed(rxq, pkts, 8) : vnet_rx_plain_packed(rxq, pkts, 8);
		for (i = 0; i < n; i++) {
			assert_true(rte_pktmbuf_pkt_len(pkts[i]) >= RTE_ETHER_HDR_LEN);
			rte_mbuf_sanity_check(pkts[i], 1);
		}
		k = vnet_tx_packed(txq, pkts, (uint16_t)n);
		rte_pktmbuf_free_bulk(&pkts[k], n - k);
		hostile_step(&tdev, false);
		vnet_txq_clean(txq, 0);
		if (vnet_vq_is_off(&rxq->vq) && vnet_vq_is_off(&txq->vq))
			break;
	}
}

static void
no_device_makes_us_lose_or_double_an_mbuf(void **state)
{
	unsigned int s;

	for (s = 1; s <= 2000; s++) {
		seed = s;
		txq->fast_free = s % 3 == 0;
		txq->in_order = s % 5 == 0;
		hostile_run(s % 2 == 0);
		vnet_rxq_drain(rxq);
		vnet_txq_drain(txq);
		assert_int_equal(rte_mempool_avail_count(pool), POOL);
		start();
	}
	assert_true(rxq->stats.violations > 100);
	assert_true(rxq->stats.packets > 10000);
	assert_true(txq->stats.packets > 10000);
}

/* ---- trace ---- */

static struct steer_trace_rec recs[1024];
static struct steer_trace_queue tq;

static unsigned int
records_of(const volatile void *addr, uint32_t len, uint8_t op, const struct steer_trace_ring *t)
{
	unsigned int n = 0;
	uint64_t i;

	for (i = 0; i < t->head; i++)
		n += recs[i].iova == (uintptr_t)addr && recs[i].len == len && recs[i].op == op &&
		     recs[i].cpu == 5;
	return n;
}

static void
traced_bursts_show_what_they_touch(void **state)
{
	struct steer_trace_ring t = {.recs = recs, .q = &tq, .mask = 1023, .cpu = 5};
	struct rte_mbuf *pkts[SIZE];
	unsigned int i;

	rxq->trace = &t;
	txq->trace = &t;
	assert_int_equal(vnet_rx_mrg_packed_traced(rxq, pkts, SIZE), 0);
	assert_int_equal(t.head, 0); /* a poll in vain */
	for (i = 0; i < 10; i++)
		dev_rx(&rdev, 1, 64);
	assert_int_equal(vnet_rx_mrg_packed_traced(rxq, pkts, SIZE), 10);
	/* 4 descriptors a line: looked at in slots 0, 4 and 8; written again from 0 on. */
	for (i = 0; i < 10; i++) {
		assert_int_equal(records_of(&rdev.desc[i].len, 8, STEER_CACHE_OP_LOAD, &t),
				 i % 4 == 0);
		assert_int_equal(records_of(&rdev.desc[i], 16, STEER_CACHE_OP_STORE, &t),
				 i % 4 == 0);
		assert_int_equal(records_of(&pkts[i]->data_off, 32, STEER_CACHE_OP_STORE, &t), 1);
	}
	assert_int_equal(records_of(&rdev.dev_event[1], 2, STEER_CACHE_OP_LOAD, &t), 1);
	t.head = 0;
	assert_int_equal(vnet_tx_packed_traced(txq, pkts, 10), 10);
	for (i = 0; i < 10; i++) {
		assert_int_equal(records_of(&tdev.desc[i], 16, STEER_CACHE_OP_STORE, &t),
				 i % 4 == 0);
		assert_int_equal(records_of(rte_pktmbuf_mtod_offset(pkts[i], void *, -12), 12,
					    STEER_CACHE_OP_LOAD, &t),
				 1);
	}
	assert_int_equal(records_of(&tdev.dev_event[1], 2, STEER_CACHE_OP_LOAD, &t), 1);
	assert_int_equal(tq.dropped, 0);
}

/* ---- layout ---- */

static void
areas_are_aligned_and_apart(void **state)
{
	struct vnet_vq vq = {.packed = 1};
	uintptr_t base = 1 << 20;
	uint32_t size;

	for (size = 2; size <= 32768; size *= 2) {
		size_t bytes = vnet_vq_bytes(&vq, (uint16_t)size, 12);

		vnet_vq_layout(&vq, (void *)base, 0, (uint16_t)size);
		/* 2.8: 16, 4 and 4 bytes; and each side's words on lines of their own. */
		assert_int_equal((uintptr_t)vq.pdesc % 16, 0);
		assert_int_equal((uintptr_t)vq.drv_event % 64, 0);
		assert_int_equal((uintptr_t)vq.dev_event % 64, 0);
		assert_true((uintptr_t)vq.pdesc + 16 * size <= (uintptr_t)vq.drv_event);
		assert_true((uintptr_t)vq.drv_event + 64 <= (uintptr_t)vq.dev_event);
		assert_true((uintptr_t)vq.dev_event + 64 <= (uintptr_t)vq.extra);
		assert_true((uintptr_t)vq.extra + 12 <= base + bytes);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const char *const args[] = {"virtio-packed",
					   "--no-huge",
					   "--no-shconf",
					   "--no-pci",
					   "--no-telemetry",
					   "-m",
					   "64",
					   "--lcores",
					   "0@0",
					   "--log-level=lib.eal:error"};
	char *eal[RTE_DIM(args)], *copy[RTE_DIM(args)]; /* EAL shuffles its own */
	const struct CMUnitTest tests[] = {
		CASE(rx_descriptors_are_as_the_specification_has_them),
		CASE(tx_descriptors_are_as_the_specification_has_them),
		CASE(a_chain_crosses_the_end_of_the_ring),
		CASE(tx_names_its_header_by_iova),
		CASE(event_structures),
		CASE(rings_only_when_asked),
		CASE(rx_delivers_in_order_over_many_laps),
		CASE(rx_takes_completions_in_any_order),
		CASE(rx_queries_look_at_descriptors),
		CASE(rx_survives_an_empty_pool_and_recovers),
		CASE(mrg_joins_buffers_and_waits_for_the_last),
		CASE(tx_stops_at_a_full_ring_and_drops_what_none_can_hold),
		CASE(tx_in_order_takes_a_batch_by_its_last_id),
		CASE(rx_refuses_an_id_outside_the_ring),
		CASE(rx_refuses_an_id_twice),
		CASE(rx_refuses_a_length_beyond_the_buffer),
		CASE(rx_refuses_a_length_below_the_header),
		CASE(rx_refuses_no_buffers),
		CASE(rx_refuses_more_buffers_than_in_flight),
		CASE(rx_refuses_use_of_what_is_not_available),
		CASE(rx_ignores_the_wrong_wrap_counter),
		CASE(tx_refuses_an_id_outside_the_ring),
		CASE(tx_refuses_an_id_not_in_flight),
		CASE(tx_refuses_use_of_what_is_not_available),
		CASE(nothing_is_lost_or_overtaken),
		CASE(no_device_makes_us_lose_or_double_an_mbuf),
		CASE(traced_bursts_show_what_they_touch),
		cmocka_unit_test(areas_are_aligned_and_apart),
	};
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(args); i++)
		eal[i] = copy[i] = strdup(args[i]);
	if (rte_eal_init(RTE_DIM(args), eal) < 0) {
		fprintf(stderr, "EAL does not start\n");
		return 1;
	}
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	for (i = 0; i < RTE_DIM(args); i++)
		free(copy[i]);
	return ret;
}
