/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Burst functions of the virtio PMD on split rings, with a device in the same process that lies.
 * Whatever it does, no mbuf may be lost, freed twice, or handed out while the device has it. And
 * what the traced forms of them record.
 */

#include "dev_split.h"

/* ---- Rx ---- */

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
		start();
	}
	assert_true(rxq->stats.violations > 100);
	assert_true(txq->stats.violations > 100);
	assert_true(rxq->stats.packets > 100000);
	assert_true(txq->stats.packets > 100000);
}

/* ---- trace ---- */

static struct steer_trace_rec recs[4096];
static struct steer_trace_queue tq;

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
	/* 8 used elements a line: 3 records for 20 of them. */
	assert_int_equal(records_of(&rdev.used[2], 64, STEER_CACHE_OP_LOAD, &t), 1);
	assert_int_equal(records_of(&rdev.used[2 + 4 * 8], 64, STEER_CACHE_OP_LOAD, &t), 1);
	assert_int_equal(records_of(&rdev.used[2 + 4 * 16], 4 * 8, STEER_CACHE_OP_LOAD, &t), 1);
	assert_int_equal(records_of(&rdev.used[2 + 4 * 1], 8, STEER_CACHE_OP_LOAD, &t), 0);
	for (i = 0; i < 20; i++) {
		assert_int_equal(records_of(&pkts[i]->data_off, 32, STEER_CACHE_OP_STORE, &t), 1);
		assert_int_equal(records_of(rte_pktmbuf_mtod_offset(pkts[i], void *, -2), 2,
					    STEER_CACHE_OP_LOAD, &t),
				 1);
	}
	/* Refilled: 20 descriptors, 4 a line, from the ring's start; and the index. */
	assert_int_equal(records_of(&rdev.desc[0].addr, 3 * 16 + 8, STEER_CACHE_OP_STORE, &t), 1);
	assert_int_equal(records_of(&rdev.desc[16].addr, 3 * 16 + 8, STEER_CACHE_OP_STORE, &t), 1);
	assert_int_equal(records_of(&rdev.avail[1], 2, STEER_CACHE_OP_STORE, &t), 1);

	t.head = 0;
	assert_int_equal(vnet_tx_traced(txq, pkts, 20), 20);
	for (i = 0; i < 20; i++)
		assert_int_equal(records_of(rte_pktmbuf_mtod_offset(pkts[i], void *, -12), 12,
					    STEER_CACHE_OP_LOAD, &t),
				 1);
	assert_int_equal(records_of(&tdev.desc[0], 64, STEER_CACHE_OP_STORE, &t), 1);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(rx_refuses_an_id_outside_the_ring),
		CASE(rx_refuses_an_id_twice),
		CASE(rx_refuses_a_length_beyond_the_buffer),
		CASE(rx_refuses_a_length_below_the_header),
		CASE(rx_refuses_an_index_ahead),
		CASE(mrg_refuses_zero_buffers),
		CASE(mrg_refuses_more_buffers_than_in_flight),
		CASE(mrg_refuses_an_empty_continuation),
		CASE(tx_refuses_an_id_outside_the_ring),
		CASE(tx_refuses_an_id_not_in_flight),
		CASE(tx_refuses_an_index_ahead),
		CASE(no_device_makes_us_lose_or_double_an_mbuf),
		CASE(traced_bursts_show_what_they_touch),
		CASE(traced_and_normal_bursts_agree),
	};

	return RING_MAIN("virtio-ring-hostile", tests);
}
