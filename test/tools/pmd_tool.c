/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ports of the virtio PMD used in ways testpmd has no command for.
 *   pmd-tool EAL-options -- intr N     Rx interrupts: sleep for packets until N came
 *   pmd-tool EAL-options -- model N    a model session: N packets in lockstep
 *   pmd-tool EAL-options -- outside ADDRESS   have the device read where no map is
 *   pmd-tool EAL-options -- freed      have it read from memory, free that, and once more
 *   pmd-tool EAL-options -- stamps N [scatter]   N packets with Rx timestamps
 *   pmd-tool EAL-options -- limits     what dev_info and the configure checks say
 *   pmd-tool EAL-options -- steps intr|plain STEP...
 *       start (configures), again (does not), stop, reset, rx; a line on stdin continues after each
 * Each prints one line "ok ..." or a reason.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_lcore.h>

#include <steer.h>
#include <steer_virtio.h>

#include "pmd_tool.h"

#define BURST 32

struct rte_mempool *pools[QUEUES];

int
fail(const char *why)
{
	puts(why);
	return 1;
}

int
port_up(uint16_t queues, int rx_intr)
{
	struct rte_eth_conf conf = {.intr_conf.rxq = rx_intr & 1};
	uint16_t i;
	int ret;

	ret = rte_eth_dev_configure(0, queues, queues, &conf);
	for (i = 0; i < queues && ret == 0; i++) {
		ret = rte_eth_rx_queue_setup(0, i, 256, SOCKET_ID_ANY, NULL, pools[i % QUEUES]);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(0, i, 256, SOCKET_ID_ANY, NULL);
	}
	return ret;
}

static uint64_t
poll_queue(uint16_t queue)
{
	struct rte_mbuf *pkts[BURST];
	uint64_t total = 0;
	uint16_t n;

	while ((n = rte_eth_rx_burst(0, queue, pkts, BURST)) > 0) {
		total += n;
		rte_pktmbuf_free_bulk(pkts, n);
	}
	return total;
}

static int
run_intr(uint64_t want)
{
	uint64_t got = 0, wakes = 0, per_queue[QUEUES] = {0};
	struct rte_epoll_event ev[QUEUES];
	uint16_t i;
	int n, k;

	if (port_up(QUEUES, 1) != 0 || rte_eth_dev_start(0) != 0)
		return fail("port does not start with Rx interrupts");
	for (i = 0; i < QUEUES; i++) {
		n = rte_eth_dev_rx_intr_ctl_q(0, i, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
					      (void *)(uintptr_t)i);
		if (n != 0 || rte_eth_dev_rx_intr_enable(0, i) != 0)
			return fail("Rx interrupt cannot be enabled");
	}
	while (got < want) {
		n = rte_epoll_wait(RTE_EPOLL_PER_THREAD, ev, QUEUES, 5000);
		if (n <= 0)
			return fail("no interrupt in 5 s");
		for (k = 0; k < n; k++) {
			i = (uint16_t)(uintptr_t)ev[k].epdata.data;
			rte_eth_dev_rx_intr_disable(0, i);
			wakes++;
			per_queue[i] += poll_queue(i);
			rte_eth_dev_rx_intr_enable(0, i);
		}
		got = per_queue[0] + per_queue[1];
	}
	printf("ok intr packets %" PRIu64 " wakes %" PRIu64 " q0 %" PRIu64 " q1 %" PRIu64 "\n", got,
	       wakes, per_queue[0], per_queue[1]);
	return rte_eth_dev_stop(0);
}

/** Forward one queue's window: touch the header, send it back, publish. */
static uint64_t
lockstep(uint16_t queue, struct steer_trace_ring *ring)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t i, n, sent;

	if (steer_trace_pending(ring) == 0)
		return 0; /* the window is delivered as a whole */
	ring->cpu = (uint16_t)steer_lcore_cpu(rte_lcore_id());
	n = rte_eth_rx_burst(0, queue, pkts, BURST);
	for (i = 0; i < n; i++)
		steer_trace_put(ring, rte_pktmbuf_mtod(pkts[i], void *), 14, STEER_CACHE_OP_LOAD);
	sent = rte_eth_tx_burst(0, queue, pkts, n);
	rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
	if (n > 0)
		steer_trace_publish(ring, n);
	return n;
}

static int
run_model(uint64_t want)
{
	struct steer_trace_conf conf = {.platform = "zen5", .seed = 1, .window = 16, .ncpus = 1};
	const struct steer_trace_area *area;
	uint64_t got = 0, spins = 0;
	uint16_t q;

	conf.cpus[0] = (uint16_t)steer_lcore_cpu(rte_lcore_id());
	if (!steer_virtio_has_model(0))
		return fail("no model");
	if (port_up(QUEUES, 0) != 0 || steer_virtio_model_begin(0, &conf) != 0 ||
	    rte_eth_dev_start(0) != 0)
		return fail("no model session");
	/* Tags before packets: following the lcore would start within some scan period. */
	for (q = 0; q < QUEUES; q++)
		if (steer_queue_bind_cpu(0, STEER_RX, q, conf.cpus[0], 0) != 0 ||
		    steer_queue_bind_cpu(0, STEER_TX, q, conf.cpus[0], 0) != 0)
			return fail("no tag");
	area = steer_virtio_model_area(0);
	if (steer_virtio_model_credit(0, want) != 0)
		return fail("no credit");
	while (got < want && spins++ < UINT64_C(200000000))
		for (q = 0; q < QUEUES; q++)
			got += lockstep(q, steer_virtio_model_ring(0, q));
	while (__atomic_load_n(&area->state, __ATOMIC_ACQUIRE) != STEER_TRACE_IDLE &&
	       spins++ < UINT64_C(200000000))
		;
	for (q = 0; q < QUEUES; q++) {
		const struct steer_trace_queue *t = steer_virtio_model_ring(0, q)->q;

		printf("queue %u packets %" PRIu64 " dropped %" PRIu64 " lines %" PRIu64
		       " first %" PRIu64 "\n",
		       q, t->packets, t->dropped, t->ctr.lines[STEER_CACHE_L1],
		       t->ctr.first_touch[STEER_CACHE_L2]);
	}
	printf("ok model packets %" PRIu64 " bad %" PRIu64 "\n", got, area->bad_records);
	rte_eth_dev_stop(0);
	return steer_virtio_model_end(0);
}

static int
run_limits(void)
{
	struct rte_eth_dev_info info;
	int intr;

	if (rte_eth_dev_info_get(0, &info) != 0)
		return 1;
	intr = port_up(info.max_rx_queues, 1);
	printf("ok limits queues %u intr %d plain %d\n", info.max_rx_queues, intr,
	       port_up(info.max_rx_queues, 0));
	return 0;
}

/** Every queue to a CPU of its own, so that each has a tag to lose; a palette knows only ours. */
static int
bind_queues(void)
{
	uint16_t q;
	int ret = 0;

	for (q = 0; q < QUEUES && ret == 0; q++) {
		ret = steer_queue_bind_cpu(0, STEER_RX, q, 2u * q, 0);
		if (ret == 0 || ret == -ERANGE)
			ret = steer_queue_bind_cpu(0, STEER_TX, q, 2u * q + 1, 0);
		if (ret == -ERANGE)
			ret = 0;
	}
	return ret;
}

static int
step(const char *what, int rx_intr)
{
	uint64_t got = 0, spins = 0;
	int ret;

	if (strcmp(what, "start") == 0) {
		ret = port_up(QUEUES, rx_intr);
		if (ret == 0)
			ret = rte_eth_dev_start(0);
		return ret == 0 ? bind_queues() : ret;
	}
	if (strcmp(what, "again") == 0)
		return rte_eth_dev_start(0);
	if (strcmp(what, "stop") == 0)
		return rte_eth_dev_stop(0);
	if (strcmp(what, "reset") == 0)
		return rte_eth_dev_reset(0);
	while (got < 1000 && spins++ < UINT64_C(100000000))
		got += poll_queue(0) + poll_queue(1);
	return got < 1000 ? -ETIMEDOUT : 0;
}

static int
run_steps(char **words)
{
	int rx_intr = strcmp(*words++, "intr") == 0, ret;

	for (; *words != NULL; words++) {
		ret = step(*words, rx_intr);
		printf("step %s %d\n", *words, ret);
		fflush(stdout);
		if (ret != 0 || getchar() == EOF)
			return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv), ret = 1;
	char name[32];
	uint16_t q;

	if (n < 0 || argc - n < 2)
		return 2;
	argv += n;
	for (q = 0; q < QUEUES; q++) {
		snprintf(name, sizeof(name), "pmd-tool-%u", q);
		pools[q] = rte_pktmbuf_pool_create(name, 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
						   SOCKET_ID_ANY);
	}
	if (pools[0] == NULL || pools[1] == NULL || !rte_eth_dev_is_valid_port(0))
		puts("no port");
	else if (strcmp(argv[1], "intr") == 0)
		ret = run_intr(strtoull(argv[2], NULL, 10));
	else if (strcmp(argv[1], "model") == 0)
		ret = run_model(strtoull(argv[2], NULL, 10));
	else if (strcmp(argv[1], "stamps") == 0)
		ret = run_stamps(strtoull(argv[2], NULL, 10), argv[3] != NULL);
	else if (strcmp(argv[1], "outside") == 0)
		ret = run_outside(strtoull(argv[2], NULL, 0));
	else if (strcmp(argv[1], "freed") == 0)
		ret = run_freed();
	else if (strcmp(argv[1], "steps") == 0)
		ret = run_steps(argv + 2);
	else
		ret = run_limits();
	if (rte_eth_dev_is_valid_port(0))
		rte_eth_dev_close(0);
	for (q = 0; q < QUEUES; q++)
		rte_mempool_free(pools[q]);
	rte_eal_cleanup();
	return ret;
}
