/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the plug-in's callbacks cost, on port 0 (a net_null).
 *   bench-callback EAL-options -- count BURSTS followed|alone
 *       that many Rx bursts and Tx bursts in functions of these names, for an instruction counter;
 *       followed: when the plug-in has its callbacks in place
 *   bench-callback EAL-options -- rate ROUNDS MS
 *       bursts a second of the forwarding thread's own time, with the plug-in and without, by turns
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include <steer.h>

#define BURST      32
#define WAIT_MS    60000
#define MAX_ROUNDS 1000

static struct rte_mempool *pool;

/* Of the worker in "rate". */
static uint64_t done;
static pthread_t forwarder;
static int stop;

static int
fail(const char *why)
{
	fprintf(stderr, "bench-callback: %s\n", why);
	return 1;
}

static __rte_always_inline void
rx_bursts(unsigned long n)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t got;

	while (n-- > 0) {
		got = rte_eth_rx_burst(0, 0, pkts, BURST);
		rte_pktmbuf_free_bulk(pkts, got);
	}
}

static __rte_always_inline void
tx_bursts(unsigned long n)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t sent;

	while (n-- > 0) {
		if (rte_pktmbuf_alloc_bulk(pool, pkts, BURST) != 0)
			return;
		sent = rte_eth_tx_burst(0, 0, pkts, BURST);
		rte_pktmbuf_free_bulk(&pkts[sent], BURST - sent);
	}
}

/* What the instruction counter looks at. Not static: it finds them by name. */
void bench_rx_bursts(unsigned long n);
void bench_tx_bursts(unsigned long n);

void __rte_noinline
bench_rx_bursts(unsigned long n)
{
	rx_bursts(n);
}

void __rte_noinline
bench_tx_bursts(unsigned long n)
{
	tx_bursts(n);
}

static bool
polled_by(unsigned int lcore)
{
	struct steer_queue_info rx, tx;

	return steer_queue_info_get(0, STEER_RX, 0, &rx) == 0 && rx.lcore == lcore &&
	       steer_queue_info_get(0, STEER_TX, 0, &tx) == 0 && tx.lcore == lcore;
}

static int
count(unsigned long bursts, bool followed)
{
	unsigned int ms = 0;

	/* At least once, for what is done at first only. */
	do {
		rx_bursts(1);
		tx_bursts(1);
		usleep(1000);
		if (++ms > WAIT_MS)
			return fail("the plug-in does not follow port 0");
	} while (followed && !polled_by(rte_lcore_id()));
	bench_rx_bursts(bursts);
	bench_tx_bursts(bursts);
	printf("callback: %lu bursts each way, %s\n", bursts, followed ? "followed" : "alone");
	return 0;
}

static int
forward(void *arg)
{
	struct rte_mbuf *pkts[BURST];
	uint64_t bursts = 0;
	uint16_t got, sent;

	RTE_SET_USED(arg);
	forwarder = pthread_self();
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		got = rte_eth_rx_burst(0, 0, pkts, BURST);
		sent = rte_eth_tx_burst(0, 0, pkts, got);
		rte_pktmbuf_free_bulk(&pkts[sent], got - sent);
		__atomic_store_n(&done, ++bursts, __ATOMIC_RELEASE);
	}
	return 0;
}

/* On the CPU; other programs of the machine have no part in it. */
static double
forwarder_seconds(clockid_t clock)
{
	struct timespec t = {0};

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
rate(unsigned int ms)
{
	double start, now;
	clockid_t clock;
	uint64_t first;

	if (pthread_getcpuclockid(forwarder, &clock) != 0)
		return 0;
	start = forwarder_seconds(clock);
	first = __atomic_load_n(&done, __ATOMIC_RELAXED);
	do {
		usleep(1000);
		now = forwarder_seconds(clock);
	} while (now - start < ms / 1e3);
	return (double)(__atomic_load_n(&done, __ATOMIC_RELAXED) - first) / (now - start);
}

static int
turn(bool on, unsigned int worker)
{
	static bool is_on;
	unsigned int ms;
	int rc;

	if (on == is_on)
		return 0;
	rc = on ? rte_eal_hotplug_add("vdev", "steer", "ports=0")
		: rte_eal_hotplug_remove("vdev", "steer");
	if (rc != 0)
		return fail("the plug-in cannot be switched");
	is_on = on;
	for (ms = 0; on && !polled_by(worker); ms++) {
		usleep(1000);
		if (ms > WAIT_MS)
			return fail("the plug-in does not follow port 0");
	}
	return 0;
}

static int
rounds(unsigned int n, unsigned int ms, unsigned int worker)
{
	double bursts[2]; /* without, with */
	unsigned int i, half;
	bool on;

	for (i = 0; i < n; i++) {
		for (half = 0; half < 2; half++) {
			/* Which comes first changes, so that a drift is in neither. */
			on = (i + half) % 2 == 0;
			if (turn(on, worker) != 0)
				return 1;
			bursts[on] = rate(ms);
		}
		printf("round %u: bursts/s %.0f with, %.0f without\n", i, bursts[1], bursts[0]);
	}
	return turn(false, worker);
}

static int
compare(unsigned int n, unsigned int ms)
{
	unsigned int worker = rte_get_next_lcore(-1, 1, 0);
	int rc;

	if (worker >= RTE_MAX_LCORE)
		return fail("needs a worker lcore");
	if (n == 0 || n > MAX_ROUNDS || ms == 0)
		return fail("needs up to 1000 rounds of at least 1 ms");
	if (rte_eal_remote_launch(forward, NULL, worker) != 0)
		return fail("the worker does not start");
	while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) == 0)
		usleep(1000);
	rc = rounds(n, ms, worker);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	rte_eal_wait_lcore(worker);
	return rc;
}

static int
port_up(void)
{
	struct rte_eth_conf conf = {0};

	pool = rte_pktmbuf_pool_create("bench", 4095, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	if (pool == NULL || rte_eth_dev_configure(0, 1, 1, &conf) != 0 ||
	    rte_eth_rx_queue_setup(0, 0, 256, SOCKET_ID_ANY, NULL, pool) != 0 ||
	    rte_eth_tx_queue_setup(0, 0, 256, SOCKET_ID_ANY, NULL) != 0 ||
	    rte_eth_dev_start(0) != 0)
		return fail("port 0 does not start");
	return 0;
}

static int
run(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "count") == 0)
		return count(strtoul(argv[2], NULL, 10), strcmp(argv[3], "followed") == 0);
	if (argc == 4 && strcmp(argv[1], "rate") == 0)
		return compare((unsigned int)strtoul(argv[2], NULL, 10),
			       (unsigned int)strtoul(argv[3], NULL, 10));
	return fail("usage: bench-callback EAL-options -- count BURSTS followed|alone, or "
		    "rate ROUNDS MS");
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv), rc;

	if (n < 0)
		return 1;
	rc = port_up();
	if (rc == 0)
		rc = run(argc - n, argv + n);
	if (rte_eth_dev_stop(0) == 0)
		rte_eth_dev_close(0);
	rte_eal_cleanup();
	return rc;
}
