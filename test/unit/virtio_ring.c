/* SPDX-License-Identifier: BSD-3-Clause */

/* Burst functions of the virtio PMD on split rings, with a device in the same process that is
 * honest.
 */

#include "dev_split.h"

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
stamps_go_with_their_packets(void **state)
{
	struct rte_mbuf *pkts[SIZE];
	uint16_t heads[16];
	int round, i;

	stamps_on();
	for (round = 0; round < 30; round++) {
		for (i = 0; i < 16; i++) {
			heads[i] = dev_frame(&rdev, (uint8_t)i, 100, 1);
			stamps[heads[i]] = 1000u * (unsigned int)round + (unsigned int)i;
		}
		for (i = 15; i >= 0; i--)
			dev_used(&rdev, heads[i], 112);
		dev_publish(&rdev);
		/* Without the offload nothing is added. */
		assert_int_equal((round % 3 == 0   ? vnet_rx_plain_stamped
				  : round % 3 == 1 ? vnet_rx_mrg_stamped
						   : vnet_rx_plain)(rxq, pkts, SIZE),
				 16);
		for (i = 0; i < 16; i++) {
			if (round % 3 < 2)
				assert_int_equal(stamp_take(pkts[i]), 1000 * round + 15 - i);
			frame_check(pkts[i], (uint8_t)(15 - i), 100);
			rte_pktmbuf_free(pkts[i]);
		}
	}
}

static void
joined_buffers_have_the_first_one_s_stamp(void **state)
{
	struct rte_mbuf *pkts[4];
	uint16_t first, second;

	stamps_on();
	first = dev_frame(&rdev, 9, ROOM, 2);
	second = dev_take(&rdev);
	stamps[first] = 77;
	stamps[second] = 88;
	memset((void *)(uintptr_t)rdev.desc[second].addr, 9, 5);
	dev_used(&rdev, first, 12 + ROOM);
	dev_used(&rdev, second, 5);
	dev_publish(&rdev);
	assert_int_equal(vnet_rx_mrg_stamped(rxq, pkts, 4), 1);
	assert_int_equal(pkts[0]->next->ol_flags, 0);
	assert_int_equal(stamp_take(pkts[0]), 77);
	frame_check(pkts[0], 9, ROOM + 5);
	rte_pktmbuf_free(pkts[0]);
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

/* ---- Tx ---- */

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(rx_delivers_in_order_over_many_laps),
		CASE(rx_takes_completions_in_any_order),
		CASE(rx_respects_the_burst_size),
		CASE(rx_drops_runts_and_counts_them),
		CASE(rx_rings_only_when_asked),
		CASE(rx_survives_an_empty_pool_and_recovers),
		CASE(mrg_joins_buffers),
		CASE(stamps_go_with_their_packets),
		CASE(joined_buffers_have_the_first_one_s_stamp),
		CASE(mrg_leaves_an_incomplete_packet),
		CASE(tx_sends_singles),
		CASE(tx_fast_free_gives_mbufs_back),
		CASE(tx_completes_in_any_order),
		CASE(tx_chains_segments),
		CASE(tx_names_its_header_by_iova),
		CASE(tx_does_not_write_into_shared_or_full_mbufs),
		CASE(tx_stops_at_a_full_ring),
		CASE(tx_drops_what_no_ring_can_hold),
		cmocka_unit_test(areas_are_aligned_and_apart),
	};

	return RING_MAIN("virtio-ring", tests);
}
