/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Burst functions of the virtio PMD against a device in the same process. The device reads and
 * writes the rings as VIRTIO 1.2, 2.7 says, honestly or not; whatever it does, no mbuf may be lost,
 * freed twice, or handed out while the device has it.
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

#define SIZE   64
#define POOL   511
#define ROOM   256 /* data bytes of an mbuf */
#define THRESH 16

/* Layouts, offsets and flags once more, from the specification and not from the driver. */
struct dev_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};
#define D_NEXT  1
#define D_WRITE 2

/** Device's end of one virtqueue. */
struct dev {
	struct dev_desc *desc;
	uint16_t *avail; /* flags, idx, ring */
	uint16_t *used;  /* flags, idx; elements of two 32-bit words follow */
	uint16_t last;   /* available entries taken */
	uint16_t idx;    /* used elements written */
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
	memset(d, 0, sizeof(*d));
	d->desc = (struct dev_desc *)vq->desc;
	d->avail = (uint16_t *)vq->avail;
	d->used = (uint16_t *)vq->used;
	vq->notify = &bell;
}

static uint16_t
dev_pending(const struct dev *d)
{
	return d->avail[1] - d->last;
}

/** Take an available head; the caller completes it in any order. */
static uint16_t
dev_take(struct dev *d)
{
	return d->avail[2 + d->last++ % SIZE];
}

static void
dev_used(struct dev *d, uint32_t id, uint32_t len)
{
	uint32_t *e = (uint32_t *)&d->used[2] + 2 * (d->idx++ % SIZE);

	e[0] = id;
	e[1] = len;
}

static void
dev_publish(struct dev *d)
{
	d->used[1] = d->idx;
}

/** Put a frame of len bytes, all of value seq, into one buffer. @return its head. */
static uint16_t
dev_frame(struct dev *d, uint8_t seq, uint32_t len, uint16_t num_buffers)
{
	uint16_t head = dev_take(d);
	uint8_t *buf = (uint8_t *)(uintptr_t)d->desc[head].addr;

	assert_int_equal(d->desc[head].flags, D_WRITE);
	assert_true(d->desc[head].len >= 12 + len);
	memset(buf, 0, 12);
	buf[10] = (uint8_t)num_buffers;
	memset(buf + 12, seq, len);
	return head;
}

static void
dev_rx(struct dev *d, uint8_t seq, uint32_t len)
{
	dev_used(d, dev_frame(d, seq, len, 1), 12 + len);
	dev_publish(d);
}

static void *
ring_mem(size_t bytes)
{
	void *p = rte_zmalloc(NULL, bytes, RTE_CACHE_LINE_SIZE);

	assert_non_null(p);
	return p;
}

static int
setup(void **state)
{
	pool = rte_pktmbuf_pool_create("p", POOL, 0, 0, RTE_PKTMBUF_HEADROOM + ROOM, SOCKET_ID_ANY);
	assert_non_null(pool);
	rxq = ring_mem(sizeof(*rxq));
	vnet_vq_layout(&rxq->vq, ring_mem(vnet_vq_bytes(&rxq->vq, SIZE, 0)), 0, SIZE);
	rxq->sw = ring_mem(SIZE * sizeof(rxq->sw[0]));
	rxq->ids = ring_mem(SIZE * sizeof(rxq->ids[0]));
	rxq->steer_word = &word;
	rxq->thresh = THRESH;
	rxq->port_id = 3;
	vnet_rxq_set_pool(rxq, pool);
	vnet_rxq_clear(rxq);
	assert_int_equal(vnet_rxq_fill(rxq), 0);
	vnet_vq_publish(&rxq->vq);
	vnet_vq_set_off(&rxq->vq, VNET_ON);
	dev_init(&rdev, &rxq->vq);

	txq = ring_mem(sizeof(*txq));
	vnet_vq_layout(&txq->vq, ring_mem(vnet_vq_bytes(&txq->vq, SIZE, 12)), 1, SIZE);
	txq->sw = ring_mem(SIZE * sizeof(txq->sw[0]));
	txq->ids = ring_mem(SIZE * sizeof(txq->ids[0]));
	txq->next = ring_mem(SIZE * sizeof(txq->next[0]));
	txq->steer_word = &word;
	txq->thresh = THRESH;
	vnet_txq_clear(txq);
	vnet_vq_set_off(&txq->vq, VNET_ON);
	dev_init(&tdev, &txq->vq);
	bell = 0xffff;
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
	assert_int_equal(rte_mbuf_refcnt_read(m), 1);
	assert_int_equal(m->ol_flags, 0);
	for (; m != NULL; m = m->next)
		for (i = 0; i < m->data_len; i++, at++)
			assert_int_equal(*rte_pktmbuf_mtod_offset(m, const uint8_t *, i), seq);
	assert_int_equal(at, len);
}

/* ---- Rx ---- */

static void
rx_delivers_in_order_over_many_laps(void **state)
{
	struct rte_mbuf *pkts[32];
	uint8_t sent = 0, got = 0;
	unsigned int round, i, n;

	for (round = 0; round < 100; round++) {
		for (i = 0; i < 20 && dev_pending(&rdev) > 0; i++, sent++)
			dev_rx(&rdev, sent, 60 + sent % 100);
		n = vnet_rx_plain(rxq, pkts, 32);
		for (i = 0; i < n; i++, got++) {
			frame_check(pkts[i], got, 60 + got % 100);
			rte_pktmbuf_free(pkts[i]);
		}
		assert_int_equal(got, sent);
	}
	assert_int_equal(rxq->stats.packets, 2000);
	assert_int_equal(rxq->stats.violations, 0);
}

static void
rx_takes_completions_in_any_order(void **state)
{
	struct rte_mbuf *pkts[SIZE];
	uint16_t heads[16];
	int round, i;

	for (round = 0; round < 30; round++) {
		for (i = 0; i < 16; i++)
			heads[i] = dev_frame(&rdev, (uint8_t)i, 100, 1);
		for (i = 15; i >= 0; i--)
			dev_used(&rdev, heads[i], 112);
		dev_publish(&rdev);
		assert_int_equal(vnet_rx_plain(rxq, pkts, SIZE), 16);
		for (i = 0; i < 16; i++) {
			frame_check(pkts[i], (uint8_t)(15 - i), 100);
			rte_pktmbuf_free(pkts[i]);
		}
	}
	assert_int_equal(rxq->stats.violations, 0);
}

static void
rx_respects_the_burst_size(void **state)
{
	struct rte_mbuf *pkts[8];
	int i;

	for (i = 0; i < 20; i++)
		dev_rx(&rdev, 1, 64);
	assert_int_equal(vnet_rx_count(rxq), 20);
	assert_int_equal(vnet_rx_desc_status(rxq, 19), RTE_ETH_RX_DESC_DONE);
	assert_int_equal(vnet_rx_desc_status(rxq, 20), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 8), 8);
	rte_pktmbuf_free_bulk(pkts, 8);
	assert_int_equal(vnet_rx_count(rxq), 12);
}

static void
rx_drops_runts_and_counts_them(void **state)
{
	struct rte_mbuf *pkts[8];

	dev_rx(&rdev, 1, 13);
	dev_rx(&rdev, 2, 14);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 8), 1);
	frame_check(pkts[0], 2, 14);
	rte_pktmbuf_free(pkts[0]);
	assert_int_equal(rxq->stats.errors, 1);
	assert_int_equal(rxq->stats.violations, 0);
}

static void
rx_rings_only_when_asked(void **state)
{
	struct rte_mbuf *pkts[32];
	int i;

	rdev.used[0] = 1; /* NO_NOTIFY */
	for (i = 0; i < 20; i++)
		dev_rx(&rdev, 1, 64);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 32), 20);
	rte_pktmbuf_free_bulk(pkts, 20);
	assert_int_equal(bell, 0xffff);
	rdev.used[0] = 0;
	for (i = 0; i < 20; i++)
		dev_rx(&rdev, 1, 64);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 32), 20);
	rte_pktmbuf_free_bulk(pkts, 20);
	assert_int_equal(bell, 0);
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
	assert_int_equal(vnet_rx_plain(rxq, pkts, SIZE), SIZE);
	assert_int_equal(vnet_vq_inflight(&rxq->vq), 0);
	assert_true(rxq->stats.nombuf > 0);
	/* One mbuf is enough to go on. */
	rte_pktmbuf_free(pkts[0]);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 1), 0);
	assert_int_equal(dev_pending(&rdev), 1);
	for (i = 1; i < SIZE; i++)
		rte_pktmbuf_free(pkts[i]);
	while (n > 0)
		rte_mempool_put(pool, hold[--n]);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 1), 0);
	assert_int_equal(dev_pending(&rdev), SIZE);
}

static void
mrg_joins_buffers(void **state)
{
	struct rte_mbuf *pkts[4];
	uint16_t head;

	head = dev_frame(&rdev, 9, ROOM, 3);
	dev_used(&rdev, head, 12 + ROOM);
	/* Further buffers have no header: frames of 12 bytes less, then overwritten. */
	head = dev_take(&rdev);
	memset((void *)(uintptr_t)rdev.desc[head].addr, 9, 12 + ROOM);
	dev_used(&rdev, head, 12 + ROOM);
	head = dev_take(&rdev);
	memset((void *)(uintptr_t)rdev.desc[head].addr, 9, 5);
	dev_used(&rdev, head, 5);
	dev_publish(&rdev);
	dev_rx(&rdev, 10, 64);
	assert_int_equal(vnet_rx_mrg(rxq, pkts, 4), 2);
	assert_int_equal(pkts[0]->nb_segs, 3);
	frame_check(pkts[0], 9, ROOM + 12 + ROOM + 5);
	frame_check(pkts[1], 10, 64);
	rte_pktmbuf_free(pkts[0]);
	rte_pktmbuf_free(pkts[1]);
	assert_int_equal(rxq->stats.bytes, 2 * ROOM + 17 + 64);
}

static void
mrg_leaves_an_incomplete_packet(void **state)
{
	struct rte_mbuf *pkts[4];
	uint16_t head;

	dev_used(&rdev, dev_frame(&rdev, 9, ROOM, 2), 12 + ROOM);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_mrg(rxq, pkts, 4), 0);
	head = dev_take(&rdev);
	memset((void *)(uintptr_t)rdev.desc[head].addr, 9, 20);
	dev_used(&rdev, head, 20);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_mrg(rxq, pkts, 4), 1);
	frame_check(pkts[0], 9, ROOM + 20);
	rte_pktmbuf_free(pkts[0]);
}

/* ---- Rx, a device that lies ---- */

static void
rx_stopped(enum vnet_off why)
{
	struct rte_mbuf *pkts[4];

	assert_int_equal(rxq->vq.off, why);
	assert_int_equal(rxq->stats.violations, 1);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 4), 0);
	assert_int_equal(vnet_rx_mrg(rxq, pkts, 4), 0);
	assert_int_equal(rxq->stats.violations, 1);
	assert_true(strlen(vnet_off_text(rxq->vq.off)) > 0);
}

static void
rx_refuses_an_id_outside_the_ring(void **state)
{
	struct rte_mbuf *pkts[4];

	dev_rx(&rdev, 1, 64);
	dev_take(&rdev);
	dev_used(&rdev, SIZE, 76);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 4), 1);
	rte_pktmbuf_free(pkts[0]);
	rx_stopped(VNET_OFF_BAD_ID);
}

static void
rx_refuses_an_id_twice(void **state)
{
	struct rte_mbuf *pkts[4];
	uint16_t head = dev_frame(&rdev, 1, 64, 1);

	dev_used(&rdev, head, 76);
	dev_used(&rdev, head, 76);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 4), 1);
	rte_pktmbuf_free(pkts[0]);
	rx_stopped(VNET_OFF_BAD_ID);
}

static void
rx_refuses_a_length_beyond_the_buffer(void **state)
{
	struct rte_mbuf *pkts[4];

	dev_used(&rdev, dev_take(&rdev), 12 + ROOM + 1);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 4), 0);
	rx_stopped(VNET_OFF_BAD_LEN);
}

static void
rx_refuses_a_length_below_the_header(void **state)
{
	struct rte_mbuf *pkts[4];

	dev_used(&rdev, dev_frame(&rdev, 1, 64, 1), 11);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_mrg(rxq, pkts, 4), 0);
	rx_stopped(VNET_OFF_BAD_LEN);
}

static void
rx_refuses_an_index_ahead(void **state)
{
	struct rte_mbuf *pkts[4];

	rdev.idx = SIZE + 1;
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_plain(rxq, pkts, 4), 0);
	rx_stopped(VNET_OFF_BAD_INDEX);
}

static void
mrg_refuses_zero_buffers(void **state)
{
	struct rte_mbuf *pkts[4];

	dev_used(&rdev, dev_frame(&rdev, 1, 64, 0), 76);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_mrg(rxq, pkts, 4), 0);
	rx_stopped(VNET_OFF_BAD_BUFFERS);
}

static void
mrg_refuses_more_buffers_than_in_flight(void **state)
{
	struct rte_mbuf *pkts[4];

	dev_used(&rdev, dev_frame(&rdev, 1, 64, SIZE + 1), 76);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_mrg(rxq, pkts, 4), 0);
	rx_stopped(VNET_OFF_BAD_BUFFERS);
}

static void
mrg_refuses_an_empty_continuation(void **state)
{
	struct rte_mbuf *pkts[4];

	dev_used(&rdev, dev_frame(&rdev, 1, ROOM, 2), 12 + ROOM);
	dev_used(&rdev, dev_take(&rdev), 0);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_mrg(rxq, pkts, 4), 0);
	rx_stopped(VNET_OFF_BAD_LEN);
}

/* ---- Tx ---- */

static struct rte_mbuf *
packet(uint8_t seq, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	memset(rte_pktmbuf_append(m, len), seq, len);
	/* Dirt where the header goes. */
	memset(rte_pktmbuf_mtod_offset(m, uint8_t *, -12), 0xa5, 12);
	return m;
}

/** Read a chain as a device does: header of zeros, then len bytes of value seq. */
static uint16_t
dev_tx_check(struct dev *d, uint8_t seq, uint32_t len)
{
	uint16_t head = dev_take(d), id = head;
	uint32_t at = 0, i;

	for (;;) {
		const uint8_t *buf = (const uint8_t *)(uintptr_t)d->desc[id].addr;

		assert_int_equal(d->desc[id].flags & D_WRITE, 0);
		for (i = 0; i < d->desc[id].len; i++, at++)
			assert_int_equal(buf[i], at < 12 ? 0 : seq);
		if (!(d->desc[id].flags & D_NEXT))
			break;
		id = d->desc[id].next;
		assert_true(id < SIZE);
	}
	assert_int_equal(at, 12 + len);
	return head;
}

static void
tx_sends_singles(void **state)
{
	struct rte_mbuf *pkts[32];
	unsigned int round, i;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < 32; i++)
			pkts[i] = packet((uint8_t)i, (uint16_t)(60 + i));
		assert_int_equal(vnet_tx(txq, pkts, 32), 32);
		assert_int_equal(dev_pending(&tdev), 32);
		for (i = 0; i < 32; i++)
			dev_used(&tdev, dev_tx_check(&tdev, (uint8_t)i, 60 + i), 0);
		dev_publish(&tdev);
	}
	assert_int_equal(bell, 1);
	assert_int_equal(txq->stats.packets, 640);
	assert_int_equal(txq->stats.bytes, 20 * (32 * 60 + 31 * 16));
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->nfree, SIZE);
}

static void
tx_fast_free_gives_mbufs_back(void **state)
{
	struct rte_mbuf *pkts[32];
	unsigned int i;

	txq->fast_free = 1;
	txq->in_order = 1;
	for (i = 0; i < 32; i++)
		pkts[i] = packet(1, 64);
	assert_int_equal(vnet_tx(txq, pkts, 32), 32);
	for (i = 0; i < 32; i++)
		dev_tx_check(&tdev, 1, 64);
	/* In order: the index alone says that all 32 are done. */
	tdev.idx = 32;
	dev_publish(&tdev);
	assert_int_equal(vnet_txq_clean(txq, 10), 10);
	assert_int_equal(vnet_txq_clean(txq, 0), 22);
	assert_int_equal(rte_mempool_avail_count(pool), POOL - SIZE);
}

static void
tx_completes_in_any_order(void **state)
{
	struct rte_mbuf *pkts[16];
	uint16_t heads[16];
	int round, i;

	for (round = 0; round < 30; round++) {
		for (i = 0; i < 16; i++)
			pkts[i] = packet((uint8_t)i, 64);
		assert_int_equal(vnet_tx(txq, pkts, 16), 16);
		for (i = 0; i < 16; i++)
			heads[i] = dev_tx_check(&tdev, (uint8_t)i, 64);
		for (i = 15; i >= 0; i--)
			dev_used(&tdev, heads[i], 0);
		dev_publish(&tdev);
	}
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->nfree, SIZE);
	assert_int_equal(txq->stats.violations, 0);
}

static void
tx_chains_segments(void **state)
{
	struct rte_mbuf *m = packet(5, 100), *pkts[1] = {m};

	assert_int_equal(rte_pktmbuf_chain(m, packet(5, 50)), 0);
	assert_int_equal(rte_pktmbuf_chain(m, packet(5, 7)), 0);
	assert_int_equal(vnet_tx(txq, pkts, 1), 1);
	assert_int_equal(txq->nfree, SIZE - 4);
	dev_used(&tdev, dev_tx_check(&tdev, 5, 157), 0);
	dev_publish(&tdev);
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->nfree, SIZE);
	assert_int_equal(rte_mempool_avail_count(pool), POOL - SIZE);
	assert_int_equal(txq->stats.bytes, 157);
}

/* With IOVA as PA the device must not get an address of this process. */
static void
tx_names_its_header_by_iova(void **state)
{
	struct rte_mbuf *m = packet(5, 100), *pkts[1] = {m};
	const uint64_t off = 0x7000000000;
	uint16_t head;

	assert_int_equal(rte_pktmbuf_chain(m, packet(5, 50)), 0);
	txq->vq.iova_off = off;
	assert_int_equal(vnet_tx(txq, pkts, 1), 1);
	head = dev_take(&tdev);
	assert_int_equal(tdev.desc[head].addr, (uintptr_t)txq->vq.extra + off);
	dev_used(&tdev, head, 0);
	dev_publish(&tdev);
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->nfree, SIZE);
}

static void
tx_does_not_write_into_shared_or_full_mbufs(void **state)
{
	struct rte_mbuf *m = packet(6, 64), *n = packet(7, 64), *pkts[2] = {m, n};

	rte_mbuf_refcnt_update(m, 1);
	n->data_off = 4;
	memset(rte_pktmbuf_mtod(n, void *), 7, 64);
	assert_int_equal(vnet_tx(txq, pkts, 2), 2);
	assert_int_equal(*rte_pktmbuf_mtod_offset(m, uint8_t *, -1), 0xa5);
	dev_used(&tdev, dev_tx_check(&tdev, 6, 64), 0);
	dev_used(&tdev, dev_tx_check(&tdev, 7, 64), 0);
	dev_publish(&tdev);
	vnet_txq_clean(txq, 0);
	assert_int_equal(rte_mbuf_refcnt_read(m), 1);
	rte_pktmbuf_free(m);
}

static void
tx_stops_at_a_full_ring(void **state)
{
	struct rte_mbuf *pkts[SIZE + 6];
	unsigned int i;

	for (i = 0; i < SIZE + 6; i++)
		pkts[i] = packet(1, 64);
	assert_int_equal(vnet_tx(txq, pkts, SIZE + 6), SIZE);
	assert_int_equal(vnet_tx(txq, &pkts[SIZE], 6), 0);
	assert_int_equal(vnet_tx_desc_status(txq, 0), RTE_ETH_TX_DESC_FULL);
	dev_used(&tdev, dev_tx_check(&tdev, 1, 64), 0);
	dev_publish(&tdev);
	assert_int_equal(vnet_tx(txq, &pkts[SIZE], 6), 1);
	rte_pktmbuf_free_bulk(&pkts[SIZE + 1], 5);
}

static void
tx_drops_what_no_ring_can_hold(void **state)
{
	struct rte_mbuf *m = packet(1, 10), *pkts[1] = {m};
	unsigned int i;

	for (i = 1; i < SIZE; i++)
		assert_int_equal(rte_pktmbuf_chain(m, packet(1, 10)), 0);
	assert_int_equal(vnet_tx(txq, pkts, 1), 1);
	assert_int_equal(dev_pending(&tdev), 0);
	assert_int_equal(txq->stats.errors, 1);
	assert_int_equal(txq->stats.packets, 0);
}

static void
tx_lie(uint32_t id, uint16_t ahead, enum vnet_off why)
{
	struct rte_mbuf *pkts[2] = {packet(1, 64), packet(1, 64)};

	assert_int_equal(vnet_tx(txq, pkts, 1), 1);
	dev_used(&tdev, id, 0);
	tdev.idx += ahead;
	dev_publish(&tdev);
	vnet_txq_clean(txq, 0);
	assert_int_equal(txq->vq.off, why);
	assert_int_equal(txq->stats.violations, 1);
	assert_int_equal(vnet_tx(txq, &pkts[1], 1), 0);
	rte_pktmbuf_free(pkts[1]);
}

static void
tx_refuses_an_id_outside_the_ring(void **state)
{
	tx_lie(UINT32_MAX, 0, VNET_OFF_BAD_ID);
}

static void
tx_refuses_an_id_not_in_flight(void **state)
{
	tx_lie(5, 0, VNET_OFF_BAD_ID);
}

static void
tx_refuses_an_index_ahead(void **state)
{
	tx_lie(0, 1, VNET_OFF_BAD_INDEX);
}

/* ---- any device ---- */

static unsigned int seed;

static unsigned int
rnd(unsigned int n)
{
	return (unsigned int)rand_r(&seed) % n;
}

/** Write the device's half of both queues, mostly within reason and now and then not. */
static void
hostile_step(struct dev *d, struct vnet_vq *vq, bool rx)
{
	uint16_t heads[SIZE], n = 0, i, head;
	uint16_t want = (uint16_t)rnd(SIZE);

	while (n < want && dev_pending(d) > 0 && n < SIZE) {
		head = dev_take(d);
		if (rx && head < SIZE)
			*(uint16_t *)(uintptr_t)(d->desc[head].addr + 10) =
				rnd(50) == 0 ? (uint16_t)rnd(70) : 1;
		heads[n++] = head;
	}
	for (i = 0; i < n; i++) {
		uint16_t j = (uint16_t)(i + rnd(n - i));

		head = heads[j];
		heads[j] = heads[i];
		dev_used(d, rnd(2000) == 0 ? rnd(2 * SIZE) : head,
			 rx ? (rnd(2000) == 0 ? rnd(400) : 12 + 14 + rnd(ROOM - 14)) : 0);
	}
	if (rnd(2000) == 0)
		d->idx += (uint16_t)rnd(SIZE);
	/* And scribble over what only we may write. */
	if (rnd(500) == 0)
		vq->avail->ring[rnd(SIZE)] = (uint16_t)rnd(UINT16_MAX);
	if (rnd(500) == 0)
		vq->desc[rnd(SIZE)].next = (uint16_t)rnd(UINT16_MAX);
	dev_publish(d);
}

static void
hostile_run(bool mrg)
{
	struct rte_mbuf *pkts[32];
	unsigned int i, n, k, step;

	for (step = 0; step < 200; step++) {
		hostile_step(&rdev, &rxq->vq, true);
		n = mrg ? vnet_rx_mrg(rxq, pkts, 32) : vnet_rx_plain(rxq, pkts, 32);
		for (i = 0; i < n; i++) {
			assert_true(rte_pktmbuf_pkt_len(pkts[i]) >= RTE_ETHER_HDR_LEN);
			rte_mbuf_sanity_check(pkts[i], 1);
		}
		k = vnet_tx(txq, pkts, (uint16_t)n);
		if (k < n)
			rte_pktmbuf_free_bulk(&pkts[k], n - k);
		hostile_step(&tdev, &txq->vq, false);
		if (vnet_vq_is_off(&rxq->vq) && vnet_vq_is_off(&txq->vq))
			break;
	}
}

static void
no_device_makes_us_lose_or_double_an_mbuf(void **state)
{
	unsigned int s;

	/* teardown counts the pool; here once per seed, with fresh queues. */
	for (s = 1; s <= 2000; s++) {
		seed = s;
		txq->fast_free = s % 3 == 0;
		hostile_run(s % 2 == 0);
		vnet_rxq_drain(rxq);
		vnet_txq_drain(txq);
		assert_int_equal(rte_mempool_avail_count(pool), POOL);
		vnet_rxq_clear(rxq);
		vnet_txq_clear(txq);
		assert_int_equal(vnet_rxq_fill(rxq), 0);
		vnet_vq_publish(&rxq->vq);
		vnet_vq_set_off(&rxq->vq, VNET_ON);
		vnet_vq_set_off(&txq->vq, VNET_ON);
		dev_init(&rdev, &rxq->vq);
		dev_init(&tdev, &txq->vq);
	}
	assert_true(rxq->stats.violations > 100);
	assert_true(txq->stats.violations > 100);
	assert_true(rxq->stats.packets > 100000);
	assert_true(txq->stats.packets > 100000);
}

/* ---- trace ---- */

static struct steer_trace_rec recs[4096];
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
	struct steer_trace_ring t = {.recs = recs, .q = &tq, .mask = 4095, .cpu = 5};
	struct rte_mbuf *pkts[32];
	unsigned int i;

	rxq->trace = &t;
	txq->trace = &t;
	for (i = 0; i < 20; i++)
		dev_rx(&rdev, 1, 64);
	assert_int_equal(vnet_rx_mrg_traced(rxq, pkts, 32), 20);
	assert_int_equal(records_of(&rdev.used[1], 2, STEER_CACHE_OP_LOAD, &t), 1);
	/* 8 used elements a line: 3 lines for 20 of them. */
	assert_int_equal(records_of(&rdev.used[2], 8, STEER_CACHE_OP_LOAD, &t), 1);
	assert_int_equal(records_of(&rdev.used[2 + 4 * 8], 8, STEER_CACHE_OP_LOAD, &t), 1);
	assert_int_equal(records_of(&rdev.used[2 + 4 * 16], 8, STEER_CACHE_OP_LOAD, &t), 1);
	assert_int_equal(records_of(&rdev.used[2 + 4 * 1], 8, STEER_CACHE_OP_LOAD, &t), 0);
	for (i = 0; i < 20; i++) {
		assert_int_equal(records_of(&pkts[i]->data_off, 32, STEER_CACHE_OP_STORE, &t), 1);
		assert_int_equal(records_of(rte_pktmbuf_mtod_offset(pkts[i], void *, -2), 2,
					    STEER_CACHE_OP_LOAD, &t),
				 1);
	}
	/* Refilled: 20 descriptors, 4 a line, from the ring's start; and the index. */
	assert_int_equal(records_of(&rdev.desc[0].addr, 8, STEER_CACHE_OP_STORE, &t), 1);
	assert_int_equal(records_of(&rdev.desc[16].addr, 8, STEER_CACHE_OP_STORE, &t), 1);
	assert_int_equal(records_of(&rdev.avail[1], 2, STEER_CACHE_OP_STORE, &t), 1);

	t.head = 0;
	assert_int_equal(vnet_tx_traced(txq, pkts, 20), 20);
	for (i = 0; i < 20; i++)
		assert_int_equal(records_of(rte_pktmbuf_mtod_offset(pkts[i], void *, -12), 12,
					    STEER_CACHE_OP_LOAD, &t),
				 1);
	assert_int_equal(records_of(&tdev.desc[0], 16, STEER_CACHE_OP_STORE, &t), 1);
	assert_int_equal(records_of(&tdev.avail[1], 2, STEER_CACHE_OP_STORE, &t), 1);
	assert_int_equal(tq.dropped, 0);
}

static void
traced_and_normal_bursts_agree(void **state)
{
	struct steer_trace_ring t = {.recs = recs, .q = &tq, .mask = 4095, .cpu = 5};
	struct rte_mbuf *pkts[32];
	unsigned int round, i;

	rxq->trace = &t;
	for (round = 0; round < 40; round++) {
		t.head = 0;
		for (i = 0; i < 10; i++)
			dev_rx(&rdev, (uint8_t)i, 64);
		assert_int_equal(round % 2 ? vnet_rx_plain(rxq, pkts, 32)
					   : vnet_rx_plain_traced(rxq, pkts, 32),
				 10);
		for (i = 0; i < 10; i++)
			frame_check(pkts[i], (uint8_t)i, 64);
		rte_pktmbuf_free_bulk(pkts, 10);
	}
}

/* ---- layout ---- */

static void
areas_are_aligned_and_apart(void **state)
{
	struct vnet_vq vq = {0};
	uint32_t size;

	for (size = 2; size <= 32768; size *= 2) {
		size_t bytes = vnet_vq_bytes(&vq, (uint16_t)size, 12);
		uintptr_t base = 1 << 20;

		vnet_vq_layout(&vq, (void *)base, 0, (uint16_t)size);
		assert_int_equal((uintptr_t)vq.desc % 16, 0);
		assert_int_equal((uintptr_t)vq.avail % 2, 0);
		assert_int_equal((uintptr_t)vq.used % 4, 0);
		/* Used elements fill lines, and are read in one aligned load. */
		assert_int_equal(((uintptr_t)vq.used + 4) % 64, 0);
		assert_true((uintptr_t)vq.desc + 16 * size <= (uintptr_t)vq.avail);
		assert_true((uintptr_t)vq.avail + 4 + 2 * size <= (uintptr_t)vq.used);
		assert_true((uintptr_t)vq.used + 4 + 8 * size <= (uintptr_t)vq.extra);
		assert_true((uintptr_t)vq.extra + 12 <= base + bytes);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const char *const args[] = {
		"virtio-ring", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
		"-m",          "64",        "--lcores",    "0@0",      "--log-level=lib.eal:error"};
	char *eal[RTE_DIM(args)], *copy[RTE_DIM(args)]; /* EAL shuffles its own */
	const struct CMUnitTest tests[] = {
		CASE(rx_delivers_in_order_over_many_laps),
		CASE(rx_takes_completions_in_any_order),
		CASE(rx_respects_the_burst_size),
		CASE(rx_drops_runts_and_counts_them),
		CASE(rx_rings_only_when_asked),
		CASE(rx_survives_an_empty_pool_and_recovers),
		CASE(mrg_joins_buffers),
		CASE(mrg_leaves_an_incomplete_packet),
		CASE(rx_refuses_an_id_outside_the_ring),
		CASE(rx_refuses_an_id_twice),
		CASE(rx_refuses_a_length_beyond_the_buffer),
		CASE(rx_refuses_a_length_below_the_header),
		CASE(rx_refuses_an_index_ahead),
		CASE(mrg_refuses_zero_buffers),
		CASE(mrg_refuses_more_buffers_than_in_flight),
		CASE(mrg_refuses_an_empty_continuation),
		CASE(tx_sends_singles),
		CASE(tx_fast_free_gives_mbufs_back),
		CASE(tx_completes_in_any_order),
		CASE(tx_chains_segments),
		CASE(tx_names_its_header_by_iova),
		CASE(tx_does_not_write_into_shared_or_full_mbufs),
		CASE(tx_stops_at_a_full_ring),
		CASE(tx_drops_what_no_ring_can_hold),
		CASE(tx_refuses_an_id_outside_the_ring),
		CASE(tx_refuses_an_id_not_in_flight),
		CASE(tx_refuses_an_index_ahead),
		CASE(no_device_makes_us_lose_or_double_an_mbuf),
		CASE(traced_bursts_show_what_they_touch),
		CASE(traced_and_normal_bursts_agree),
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
