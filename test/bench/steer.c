/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How long it takes to steer a queue anew, as distributions.
 *   bench-steer EAL-options -- NAME COUNT PERIOD_US
 * call: from steer_queue_bind_cpu() until the tag read back names the CPU.
 * auto: from another lcore's first poll of the queue until the tag read back names its CPU.
 */

#include <inttypes.h>
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
#include <steer_virtio.h>

#define MAX_COUNT   100000u
#define BURST       32
#define WORKERS     2
#define TIMEOUT_NS  UINT64_C(1000000000)
#define BUCKETS     32 /* powers of two of a nanosecond */
#define BAR_WIDTH   50
#define MAX_OVER_US 2000 /* that auto may take beyond the scan period, at the 90th percentile */

struct bench {
	const char *name;
	unsigned int count, period_us;
	unsigned int lcore[WORKERS];
	uint64_t *ns;
};

/* Main says who polls; that lcore says since when. */
static unsigned int poller;
static uint64_t polled_since;
static int stop;

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int
fail(const char *why)
{
	fprintf(stderr, "bench-steer: %s\n", why);
	return 1;
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double
us(uint64_t ns)
{
	return (double)ns / 1e3;
}

/* Nearest rank: a value that was seen. */
static uint64_t
percentile(const struct bench *b, unsigned int percent)
{
	return b->ns[((uint64_t)b->count * percent + 99) / 100 - 1];
}

static void
histogram(const struct bench *b)
{
	unsigned int n[BUCKETS] = {0}, most = 0, first = BUCKETS, last = 0;

	for (unsigned int i = 0; i < b->count; i++) {
		unsigned int k = b->ns[i] == 0 ? 0 : 63u - (unsigned int)__builtin_clzll(b->ns[i]);

		k = RTE_MIN(k, BUCKETS - 1u);
		n[k]++;
		most = RTE_MAX(most, n[k]);
		first = RTE_MIN(first, k);
		last = RTE_MAX(last, k);
	}
	for (unsigned int k = first; k <= last; k++) {
		/* what is there shows, however little */
		int width = (int)(((uint64_t)n[k] * BAR_WIDTH + most - 1) / most);

		printf("  %9.1f us - %9.1f us %7u %.*s\n", us(UINT64_C(1) << k),
		       us(UINT64_C(2) << k), n[k], width,
		       "##################################################");
	}
}

static void
report(struct bench *b, const char *what)
{
	qsort(b->ns, b->count, sizeof(b->ns[0]), by_value);
	printf("steer %s %s: us min %.1f p50 %.1f p90 %.1f p99 %.1f max %.1f n %u\n", b->name, what,
	       us(b->ns[0]), us(percentile(b, 50)), us(percentile(b, 90)), us(percentile(b, 99)),
	       us(b->ns[b->count - 1]), b->count);
	histogram(b);
}

/* Does the tag in force, as read back, name the CPU? */
static bool
names(uint32_t cpu)
{
	struct steer_queue_info info;

	return steer_queue_info_get(0, STEER_RX, 0, &info) == 0 && info.cpu == cpu && info.tag != 0;
}

static void
bar(const struct bench *b, const char *what, unsigned int percent, double limit)
{
	double value = us(percentile(b, percent));

	printf("bar steer-%s-%s-p%u-us %.0f %.0f %s\n", b->name, what, percent, value, limit,
	       value <= limit ? "met" : "missed");
}

/* Aims: a palette only writes the queue's vector. */
static double
call_limit(void)
{
	struct steer_port_info info;

	steer_port_info_get(0, &info);
	return info.strategy == STEER_STRATEGY_PALETTE ? 100 : 1000;
}

static int
bench_call(struct bench *b)
{
	uint32_t cpu[WORKERS] = {steer_lcore_cpu(b->lcore[0]), steer_lcore_cpu(b->lcore[1])};

	for (unsigned int i = 0; i < b->count; i++) {
		uint64_t start = now();

		if (steer_queue_bind_cpu(0, STEER_RX, 0, cpu[i % WORKERS], 0) != 0 ||
		    !names(cpu[i % WORKERS]))
			return fail("a queue cannot be steered");
		b->ns[i] = now() - start;
	}
	report(b, "call");
	bar(b, "call", 50, call_limit());
	return 0;
}

/* The first poll that finds the queue handed over is the moment that counts. */
static int
poll_main(void *arg)
{
	unsigned int self = rte_lcore_id();
	struct rte_mbuf *pkts[BURST];
	bool mine = false;
	uint16_t n;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		if (__atomic_load_n(&poller, __ATOMIC_ACQUIRE) != self) {
			mine = false;
			usleep(20);
			continue;
		}
		if (!mine)
			__atomic_store_n(&polled_since, now(), __ATOMIC_RELEASE);
		mine = true;
		n = rte_eth_rx_burst(0, 0, pkts, BURST);
		rte_pktmbuf_free_bulk(pkts, n);
		if (n == 0)
			usleep(20);
	}
	return 0;
}

/* Nobody polls while the queue changes hands: the lcore that had it may be in its last burst. */
static int
hand_over(unsigned int lcore, uint64_t *took)
{
	uint32_t cpu = steer_lcore_cpu(lcore);
	uint64_t start = now(), since, seen;

	__atomic_store_n(&poller, LCORE_ID_ANY, __ATOMIC_RELEASE);
	usleep(500);
	__atomic_store_n(&polled_since, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&poller, lcore, __ATOMIC_RELEASE);
	do {
		bool there = names(cpu);

		seen = now();
		since = __atomic_load_n(&polled_since, __ATOMIC_ACQUIRE);
		if (there && since != 0) {
			*took = seen > since ? seen - since : 0;
			return 0;
		}
		usleep(10);
	} while (seen - start < TIMEOUT_NS);
	return fail("a queue that moved is not followed");
}

static int
moves(struct bench *b)
{
	uint64_t took;

	if (hand_over(b->lcore[1], &took) != 0)
		return 1;
	srandom(1);
	for (unsigned int i = 0; i < b->count; i++) {
		/* any moment of the scan period is as likely as another */
		usleep((useconds_t)(random() % (b->period_us + 1)));
		if (hand_over(b->lcore[i % WORKERS], &b->ns[i]) != 0)
			return 1;
	}
	return 0;
}

static int
bench_auto(struct bench *b)
{
	int rc = steer_queue_auto(0, STEER_RX, 0, 0) != 0 ? fail("a queue cannot be automatic") : 0;

	poller = LCORE_ID_ANY;
	for (unsigned int i = 0; i < WORKERS; i++)
		rte_eal_remote_launch(poll_main, NULL, b->lcore[i]);
	if (rc == 0)
		rc = moves(b);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	rte_eal_mp_wait_lcore();
	if (rc != 0)
		return rc;
	report(b, "auto");
	bar(b, "auto", 90, b->period_us + MAX_OVER_US);
	return 0;
}

static int
run(struct bench *b)
{
	struct steer_port_info info;
	int rc;

	if (steer_port_info_get(0, &info) != 0 || info.strategy == STEER_STRATEGY_NONE)
		return fail("port 0 is not steered");
	printf("steer %s: strategy %s, scan period %u us, %s\n", b->name,
	       steer_strategy_name(info.strategy), b->period_us,
	       steer_virtio_has_model(0) == 1 ? "emulated device" : "device");
	rc = bench_call(b);
	return rc != 0 ? rc : bench_auto(b);
}

static int
port_up(struct rte_mempool *mp)
{
	struct rte_eth_conf conf = {0};

	if (mp == NULL || !rte_eth_dev_is_valid_port(0))
		return fail("no port");
	if (rte_eth_dev_configure(0, 1, 1, &conf) != 0 ||
	    rte_eth_rx_queue_setup(0, 0, 256, SOCKET_ID_ANY, NULL, mp) != 0 ||
	    rte_eth_tx_queue_setup(0, 0, 256, SOCKET_ID_ANY, NULL) != 0 ||
	    rte_eth_dev_start(0) != 0)
		return fail("the port does not start");
	return 0;
}

static int
arguments(int argc, char **argv, struct bench *b)
{
	unsigned int n = 0, id;

	if (argc != 4)
		return fail("usage: bench-steer EAL-options -- NAME COUNT PERIOD_US");
	b->name = argv[1];
	b->count = (unsigned int)strtoul(argv[2], NULL, 10);
	b->period_us = (unsigned int)strtoul(argv[3], NULL, 10);
	RTE_LCORE_FOREACH_WORKER(id)
		if (n < WORKERS)
			b->lcore[n++] = id;
	if (b->count == 0 || b->count > MAX_COUNT || n < WORKERS)
		return fail("needs a count up to 100000 and two worker lcores");
	if (steer_lcore_cpu(b->lcore[0]) == steer_lcore_cpu(b->lcore[1]))
		return fail("needs worker lcores on two CPUs: to move between them is measured");
	return 0;
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv), rc = 1;
	struct rte_mempool *mp;
	struct bench b = {0};

	if (n < 0)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	mp = rte_pktmbuf_pool_create("bench", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (arguments(argc - n, argv + n, &b) == 0 && port_up(mp) == 0) {
		b.ns = calloc(b.count, sizeof(b.ns[0]));
		rc = b.ns == NULL ? fail("out of memory") : run(&b);
		free(b.ns);
	}
	if (rte_eth_dev_is_valid_port(0)) {
		rte_eth_dev_stop(0);
		rte_eth_dev_close(0);
	}
	rte_mempool_free(mp);
	rte_eal_cleanup();
	return rc;
}
