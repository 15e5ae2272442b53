/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A pipeline whose second stage moves while it runs. The first worker lcore receives from port 0
 * and hands packets over; a second one reads them and sends them. A line on standard input gives
 * the second stage to the next worker; the end of input ends it. pipeline-steer EAL-options
 * Following the lcore that polls would be wrong here: who polls does not read. So the Rx queue's
 * tag is bound to the reader, and bound anew before the next reader takes over.
 */

#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <steer.h>

#define BURST 32

static struct rte_mempool *pool;
static struct rte_ring *ring;
static unsigned int reader; /* lcore of the second stage; LCORE_ID_ANY: all is over */
static uint64_t sum;        /* of bytes read: each packet is touched */

static unsigned int
reader_now(void)
{
	return __atomic_load_n(&reader, __ATOMIC_RELAXED);
}

static int
receive(void *arg)
{
	struct rte_mbuf *pkts[BURST];
	unsigned int n, put;

	RTE_SET_USED(arg);
	while (reader_now() != LCORE_ID_ANY) {
		n = rte_eth_rx_burst(0, 0, pkts, BURST);
		put = rte_ring_enqueue_burst(ring, (void **)pkts, n, NULL);
		rte_pktmbuf_free_bulk(&pkts[put], n - put);
	}
	return 0;
}

/* Each has a Tx queue of its own: while the stage moves, the old one may be in its last burst. */
static int
read_and_send(void *arg)
{
	uint16_t q = (uint16_t)(uintptr_t)arg, sent;
	struct rte_mbuf *pkts[BURST];
	unsigned int i, n, now;

	while ((now = reader_now()) != LCORE_ID_ANY) {
		if (now != rte_lcore_id()) {
			rte_delay_us_sleep(100);
			continue;
		}
		n = rte_ring_dequeue_burst(ring, (void **)pkts, BURST, NULL);
		for (i = 0; i < n; i++)
			sum += *rte_pktmbuf_mtod(pkts[i], const uint8_t *);
		sent = rte_eth_tx_burst(0, q, pkts, (uint16_t)n);
		rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
	}
	return 0;
}

/* The packets go to the reader's cache. Descriptors are for who polls, where they can be told
 * apart: such a device leaves them untagged here. */
static void
hand_to(unsigned int lcore)
{
	struct steer_port_info port;
	struct steer_queue_info rx;
	uint32_t objects;
	int rc = steer_port_info_get(0, &port);

	if (rc == 0) {
		objects = port.objects_apart ? port.objects & STEER_OBJ_RX & ~STEER_OBJ_RX_DESC : 0;
		rc = steer_queue_bind_lcore(0, STEER_RX, 0, lcore, objects);
	}
	__atomic_store_n(&reader, lcore, __ATOMIC_RELAXED);
	if (rc == 0 && steer_queue_info_get(0, STEER_RX, 0, &rx) == 0)
		printf("reader: lcore %u, cpu %d, tag %u\n", lcore, (int)rx.cpu, rx.tag);
	else
		printf("reader: lcore %u, not steered: %s\n", lcore, strerror(-rc));
	fflush(stdout);
}

static int
port_up(uint16_t nb_readers)
{
	const struct rte_eth_conf conf = {0};
	int rc = rte_eth_dev_configure(0, 1, nb_readers, &conf);
	uint16_t q;

	if (rc == 0)
		rc = rte_eth_rx_queue_setup(0, 0, 256, SOCKET_ID_ANY, NULL, pool);
	for (q = 0; q < nb_readers && rc == 0; q++)
		rc = rte_eth_tx_queue_setup(0, q, 256, SOCKET_ID_ANY, NULL);
	return rc == 0 ? rte_eth_dev_start(0) : rc;
}

static void
run(void)
{
	unsigned int first = rte_get_next_lcore(-1, 1, 0), lcore;
	uintptr_t q = 0;
	char line[80];

	hand_to(rte_get_next_lcore(first, 1, 0));
	rte_eal_remote_launch(receive, NULL, first);
	for (lcore = first; (lcore = rte_get_next_lcore(lcore, 1, 0)) < RTE_MAX_LCORE;)
		rte_eal_remote_launch(read_and_send, (void *)q++, lcore);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		lcore = rte_get_next_lcore(reader_now(), 1, 0);
		hand_to(lcore < RTE_MAX_LCORE ? lcore : rte_get_next_lcore(first, 1, 0));
	}
	__atomic_store_n(&reader, LCORE_ID_ANY, __ATOMIC_RELAXED);
	rte_eal_mp_wait_lcore();
}

int
main(int argc, char **argv)
{
	int rc = rte_eal_init(argc, argv);

	if (rc < 0)
		return 1;
	pool = rte_pktmbuf_pool_create("packets", 8191, 250, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	ring = rte_ring_create("stage", 1024, SOCKET_ID_ANY, 0);
	if (pool == NULL || ring == NULL || rte_lcore_count() < 3)
		rc = -EINVAL;
	else
		rc = port_up((uint16_t)(rte_lcore_count() - 2));
	if (rc == 0)
		run();
	else
		fputs("pipeline-steer: needs a port, memory, and two worker lcores\n", stderr);
	rte_eal_cleanup();
	return rc == 0 ? 0 : 1;
}
