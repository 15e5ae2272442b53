/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Queues that move while packets flow.
 *   move-tool EAL-options -- MOVES SEED
 * Two lcores forward what comes back out of the queue that it came in by, and drop nothing. The
 * main lcore hands queues from one to the other, binds them to either's CPU, unbinds them, or lets
 * them follow, MOVES times. Then it waits until every queue has the tag that it ought to have.
 * Prints a line for each queue, and "ok moves N".
 */

#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <steer.h>

#define QUEUES    4
#define WORKERS   2
#define BURST     32
#define PATIENCE  60 /* seconds for the end to come true */
#define NOBODY    UINT32_MAX
#define MOVES_MAX 1000000u

/* Who is to forward a queue, and who may be at it: set for a worker, and cleared by it. */
static uint32_t owner[QUEUES], at_it[QUEUES];
static uint64_t forwarded;
static int stop;

static unsigned int workers[WORKERS];
static unsigned int of_queue[QUEUES]; /* owner, as an index of workers */
static enum steer_queue_mode mode[2][QUEUES];
static uint32_t bound[2][QUEUES];

static int
fail(const char *why)
{
	puts(why);
	return 1;
}

static bool
ended(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

/* Nothing is dropped but at the very end. */
static uint16_t
forward(uint16_t q)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t n = rte_eth_rx_burst(0, q, pkts, BURST), sent = 0;

	while (sent < n && !ended())
		sent += rte_eth_tx_burst(0, q, &pkts[sent], n - sent);
	rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
	return sent;
}

static int
work(void *arg)
{
	uint32_t self = rte_lcore_id();
	unsigned int sum;
	uint16_t q;

	while (!ended()) {
		for (q = 0, sum = 0; q < QUEUES; q++) {
			if (__atomic_load_n(&owner[q], __ATOMIC_ACQUIRE) == self)
				sum += forward(q);
			else if (__atomic_load_n(&at_it[q], __ATOMIC_RELAXED) == self)
				__atomic_store_n(&at_it[q], NOBODY, __ATOMIC_RELEASE);
		}
		__atomic_fetch_add(&forwarded, sum, __ATOMIC_RELAXED);
		if (sum == 0)
			sched_yield();
	}
	return 0;
}

/* Between two owners there is a moment without one. */
static void
hand_over(uint16_t q, unsigned int to)
{
	__atomic_store_n(&owner[q], NOBODY, __ATOMIC_RELEASE);
	while (__atomic_load_n(&at_it[q], __ATOMIC_ACQUIRE) != NOBODY)
		sched_yield();
	of_queue[q] = to;
	__atomic_store_n(&at_it[q], workers[to], __ATOMIC_RELAXED);
	__atomic_store_n(&owner[q], workers[to], __ATOMIC_RELEASE);
}

static uint32_t
wanted(enum steer_dir dir, uint16_t q)
{
	switch (mode[dir][q]) {
	case STEER_Q_BOUND: return bound[dir][q];
	case STEER_Q_AUTO: return steer_lcore_cpu(workers[of_queue[q]]);
	default: return STEER_CPU_NONE;
	}
}

static int
bind_elsewhere(enum steer_dir dir, uint16_t q)
{
	uint32_t first = steer_lcore_cpu(workers[0]), second = steer_lcore_cpu(workers[1]);

	bound[dir][q] = wanted(dir, q) == first ? second : first;
	mode[dir][q] = STEER_Q_BOUND;
	return steer_queue_bind_cpu(0, dir, q, bound[dir][q], 0);
}

static int
move(void)
{
	enum steer_dir dir = random() % 2 ? STEER_TX : STEER_RX;
	uint16_t q = (uint16_t)(random() % QUEUES);

	switch (random() % 8) {
	case 0:
	case 1:
	case 2: hand_over(q, 1 - of_queue[q]); return 0;
	case 3: mode[dir][q] = STEER_Q_AUTO; return steer_queue_auto(0, dir, q, 0);
	case 4: mode[dir][q] = STEER_Q_OFF; return steer_queue_unbind(0, dir, q);
	default: return bind_elsewhere(dir, q);
	}
}

/* Packets pass between any hundred moves. */
static int
moves(unsigned int n)
{
	uint64_t before = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (i % 100 == 0) {
			before += QUEUES * BURST;
			while (__atomic_load_n(&forwarded, __ATOMIC_RELAXED) < before)
				sched_yield();
			before = __atomic_load_n(&forwarded, __ATOMIC_RELAXED);
		}
		if (move() != 0)
			return -1;
	}
	return 0;
}

static bool
as_wanted(void)
{
	struct steer_queue_info info;
	uint16_t q;
	int d;

	for (d = STEER_RX; d <= STEER_TX; d++)
		for (q = 0; q < QUEUES; q++)
			if (steer_queue_info_get(0, d, q, &info) != 0 || info.cpu != wanted(d, q))
				return false;
	return true;
}

static void
show(enum steer_dir dir, uint16_t q)
{
	struct steer_queue_info info;

	if (steer_queue_info_get(0, dir, q, &info) == 0)
		printf("queue %d %u wanted %d cpu %d tag %u vector %d resteers %" PRIu64
		       " errors %" PRIu64 "\n",
		       dir, q, (int)wanted(dir, q), (int)info.cpu, info.tag, info.vector,
		       info.resteers, info.errors);
}

static int
wait_and_show(void)
{
	time_t end = time(NULL) + PATIENCE;
	bool true_;
	uint16_t q;

	while (!(true_ = as_wanted()) && time(NULL) < end)
		usleep(1000);
	for (q = 0; q < QUEUES; q++) {
		show(STEER_RX, q);
		show(STEER_TX, q);
	}
	return true_ ? 0 : fail("a queue has not what it ought to have");
}

static int
port_up(struct rte_mempool *mp)
{
	struct rte_eth_conf conf = {0};
	uint16_t q;
	int ret;

	if (mp == NULL || !rte_eth_dev_is_valid_port(0))
		return fail("no port");
	ret = rte_eth_dev_configure(0, QUEUES, QUEUES, &conf);
	for (q = 0; q < QUEUES && ret == 0; q++) {
		ret = rte_eth_rx_queue_setup(0, q, 256, SOCKET_ID_ANY, NULL, mp);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(0, q, 256, SOCKET_ID_ANY, NULL);
	}
	return ret == 0 && rte_eth_dev_start(0) == 0 ? 0 : fail("port does not start");
}

static int
start_workers(void)
{
	unsigned int lcore, n = 0;
	uint16_t q;

	RTE_LCORE_FOREACH_WORKER(lcore)
		if (n < WORKERS)
			workers[n++] = lcore;
	if (n < WORKERS)
		return fail("needs 2 lcores besides the main one");
	for (q = 0; q < QUEUES; q++) {
		of_queue[q] = q % WORKERS;
		owner[q] = at_it[q] = workers[of_queue[q]];
	}
	for (n = 0; n < WORKERS; n++)
		rte_eal_remote_launch(work, NULL, workers[n]);
	return 0;
}

static int
run(unsigned int n)
{
	int ret = start_workers();

	if (ret != 0)
		return ret;
	ret = moves(n) != 0 ? fail("a move was refused") : wait_and_show();
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	rte_eal_mp_wait_lcore();
	if (ret == 0)
		printf("ok moves %u forwarded %" PRIu64 "\n", n, forwarded);
	return ret;
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv), ret;
	struct rte_mempool *mp;
	unsigned long count;

	if (n < 0 || argc - n != 3)
		return 2;
	count = strtoul(argv[n + 1], NULL, 10);
	srandom((unsigned int)strtoul(argv[n + 2], NULL, 10));
	mp = rte_pktmbuf_pool_create("move-tool", 8191, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				     SOCKET_ID_ANY);
	ret = port_up(mp);
	if (ret == 0)
		ret = run((unsigned int)RTE_MIN(count, MOVES_MAX));
	if (rte_eth_dev_is_valid_port(0)) {
		rte_eth_dev_stop(0);
		rte_eth_dev_close(0);
	}
	rte_mempool_free(mp);
	rte_eal_cleanup();
	return ret;
}
