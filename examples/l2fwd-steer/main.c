/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Forwards between pairs of ports (a last odd one to itself), with the tag of every queue bound to
 * the CPU of its lcore before the first packet comes.
 *   l2fwd-steer EAL-options
 * Each worker lcore has one queue pair of each port. SIGINT or SIGTERM ends it.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include <steer.h>

#define BURST 32

static int quit;
static struct rte_mempool *pool;

static int
forward(void *arg)
{
	uint16_t q = (uint16_t)(uintptr_t)arg, from, to, n, sent;
	struct rte_mbuf *pkts[BURST];

	while (!__atomic_load_n(&quit, __ATOMIC_RELAXED)) {
		RTE_ETH_FOREACH_DEV(from) {
			to = rte_eth_dev_is_valid_port(from ^ 1) ? from ^ 1 : from;
			n = rte_eth_rx_burst(from, q, pkts, BURST);
			sent = rte_eth_tx_burst(to, q, pkts, n);
			rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
		}
	}
	return 0;
}

static int
configure(uint16_t port, uint16_t nb_queues)
{
	const struct rte_eth_conf conf = {
		.rxmode.mq_mode = nb_queues > 1 ? RTE_ETH_MQ_RX_RSS : RTE_ETH_MQ_RX_NONE,
	};
	int rc = rte_eth_dev_configure(port, nb_queues, nb_queues, &conf);
	uint16_t q;

	for (q = 0; q < nb_queues && rc == 0; q++) {
		rc = rte_eth_rx_queue_setup(port, q, 256, SOCKET_ID_ANY, NULL, pool);
		if (rc == 0)
			rc = rte_eth_tx_queue_setup(port, q, 256, SOCKET_ID_ANY, NULL);
	}
	return rc;
}

/* A port that cannot be steered forwards as well. */
static void
bind_queues(uint16_t port)
{
	struct steer_port_info info;
	unsigned int lcore;
	uint16_t q = 0;
	int rc = steer_port_info_get(port, &info);

	if (rc != 0 || info.strategy == STEER_STRATEGY_NONE) {
		printf("port %u: not steered: %s\n", port, rc != 0 ? strerror(-rc) : info.why);
		return;
	}
	RTE_LCORE_FOREACH_WORKER(lcore) {
		/* 0: all that the device can put a tag on */
		if (steer_queue_bind_lcore(port, STEER_RX, q, lcore, 0) != 0 ||
		    steer_queue_bind_lcore(port, STEER_TX, q, lcore, 0) != 0)
			printf("port %u: queue pair %u is not bound to lcore %u\n", port, q, lcore);
		q++;
	}
}

static void
show(uint16_t port, uint16_t nb_queues)
{
	struct steer_queue_info rx, tx;
	struct rte_eth_stats stats;
	uint16_t q;

	for (q = 0; q < nb_queues; q++)
		if (steer_queue_info_get(port, STEER_RX, q, &rx) == 0 &&
		    steer_queue_info_get(port, STEER_TX, q, &tx) == 0)
			printf("port %u queue %u: rx cpu %d tag %u, tx cpu %d tag %u\n", port, q,
			       (int)rx.cpu, rx.tag, (int)tx.cpu, tx.tag);
	if (rte_eth_stats_get(port, &stats) == 0)
		printf("port %u: received %" PRIu64 ", sent %" PRIu64 "\n", port, stats.ipackets,
		       stats.opackets);
}

static int
run(const sigset_t *end, uint16_t nb_queues)
{
	unsigned int lcore;
	uint16_t port;
	uintptr_t q = 0;
	int rc, sig;

	RTE_ETH_FOREACH_DEV(port) {
		rc = configure(port, nb_queues);
		bind_queues(port); /* before the start: the first packet has its tag */
		if (rc != 0 || (rc = rte_eth_dev_start(port)) != 0) {
			fprintf(stderr, "port %u does not start: %s\n", port, strerror(-rc));
			return 1;
		}
	}
	RTE_LCORE_FOREACH_WORKER(lcore)
		rte_eal_remote_launch(forward, (void *)q++, lcore);
	puts("forwarding");
	sigwait(end, &sig);
	__atomic_store_n(&quit, 1, __ATOMIC_RELAXED);
	rte_eal_mp_wait_lcore();
	RTE_ETH_FOREACH_DEV(port)
		show(port, nb_queues);
	return 0;
}

int
main(int argc, char **argv)
{
	sigset_t end;
	int rc = 1;

	sigemptyset(&end);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &end, NULL); /* for the threads of EAL, too */
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	pool = rte_pktmbuf_pool_create("packets", 8191, 250, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	if (pool != NULL && rte_lcore_count() > 1)
		rc = run(&end, (uint16_t)(rte_lcore_count() - 1));
	else
		fputs("l2fwd-steer: needs memory, and a worker lcore\n", stderr);
	rte_eal_cleanup();
	return rc;
}
