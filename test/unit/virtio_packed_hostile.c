/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Burst functions of the virtio PMD on packed rings, with a device in the same process that is
 * slow, out of order, or lies. Whatever it does, no packet may be lost or overtaken and no mbuf
 * lost or freed twice. And what the traced forms of them record.
 */

#include "dev_packed.h"

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
		/* Of 10, the last line has 2. */
		assert_int_equal(records_of(&rdev.desc[i].len, i < 8 ? 3 * 16 + 8 : 16 + 8,
					    STEER_CACHE_OP_LOAD, &t),
				 i % 4 == 0);
		assert_int_equal(records_of(&rdev.desc[i], i < 8 ? 4 * 16 : 2 * 16,
					    STEER_CACHE_OP_STORE, &t),
				 i % 4 == 0);
		assert_int_equal(records_of(&pkts[i]->data_off, 32, STEER_CACHE_OP_STORE, &t), 1);
	}
	assert_int_equal(records_of(&rdev.dev_event[1], 2, STEER_CACHE_OP_LOAD, &t), 1);
	t.head = 0;
	assert_int_equal(vnet_tx_packed_traced(txq, pkts, 10), 10);
	for (i = 0; i < 10; i++) {
		assert_int_equal(records_of(&tdev.desc[i], i < 8 ? 4 * 16 : 2 * 16,
					    STEER_CACHE_OP_STORE, &t),
				 i % 4 == 0);
		assert_int_equal(records_of(rte_pktmbuf_mtod_offset(pkts[i], void *, -12), 12,
					    STEER_CACHE_OP_LOAD, &t),
				 1);
	}
	assert_int_equal(records_of(&tdev.dev_event[1], 2, STEER_CACHE_OP_LOAD, &t), 1);
	assert_int_equal(tq.dropped, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return RING_MAIN("virtio-packed-hostile", tests);
}
