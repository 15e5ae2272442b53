/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packed rings of the virtio PMD: bytes as VIRTIO 1.2, 2.8 has them, written by hand, and burst
 * functions with a device in the same process that is honest.
 */

#include "dev_packed.h"

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
stamps_go_with_their_packets(void **state)
{
	struct rte_mbuf *pkts[SIZE];
	struct buf b[8];
	int round, i;

	stamps_on();
	for (round = 0; round < 40; round++) {
		for (i = 0; i < 8; i++)
			dev_frame(&rdev, &b[i], (uint8_t)i, 100, 1);
		for (i = 7; i >= 0; i--) {
			stamps[b[i].id] = 1000u * (unsigned int)round + (unsigned int)i;
			dev_use(&rdev, b[i].id, 112, 1);
		}
		assert_int_equal((round % 2 == 0 ? vnet_rx_plain_packed_stamped
						 : vnet_rx_mrg_packed_stamped)(rxq, pkts, SIZE),
				 8);
		for (i = 0; i < 8; i++) {
			assert_int_equal(stamp_take(pkts[i]), 1000 * round + 7 - i);
			frame_check(pkts[i], (uint8_t)(7 - i), 100);
			rte_pktmbuf_free(pkts[i]);
		}
	}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(rx_descriptors_are_as_the_specification_has_them),
		CASE(tx_descriptors_are_as_the_specification_has_them),
		CASE(a_chain_crosses_the_end_of_the_ring),
		CASE(tx_names_its_header_by_iova),
		CASE(event_structures),
		CASE(rings_only_when_asked),
		CASE(rx_delivers_in_order_over_many_laps),
		CASE(rx_takes_completions_in_any_order),
		CASE(stamps_go_with_their_packets),
		CASE(rx_queries_look_at_descriptors),
		CASE(rx_survives_an_empty_pool_and_recovers),
		CASE(mrg_joins_buffers_and_waits_for_the_last),
		CASE(tx_stops_at_a_full_ring_and_drops_what_none_can_hold),
		CASE(tx_in_order_takes_a_batch_by_its_last_id),
		cmocka_unit_test(areas_are_aligned_and_apart),
	};

	return RING_MAIN("virtio-packed", tests);
}
