/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How long the bus and the PMD take to probe a device, from devargs to a port.
 *   bench-attach EAL-options -- DEVARGS COUNT LIMIT_MS NAME
 * The device is attached and removed COUNT times; the first time is told apart, since it also warms
 * caches of both processes.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include <steer_virtio.h>

#define MAX_COUNT 1000u

struct bench {
	const char *devargs, *name;
	unsigned int count;
	double limit_ms;
	double ms[MAX_COUNT];
};

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
fail(const char *why)
{
	fprintf(stderr, "bench-attach: %s\n", why);
	return 1;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
remove_port(uint16_t port)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(port, &info) != 0 || rte_eth_dev_close(port) != 0)
		return -1;
	return rte_dev_remove(info.device);
}

static int
attach_once(struct bench *b, unsigned int i)
{
	double start = now_ms();
	uint16_t port;

	if (rte_dev_probe(b->devargs) != 0)
		return fail("the device is not probed");
	b->ms[i] = now_ms() - start;
	port = rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
	if (port >= RTE_MAX_ETHPORTS)
		return fail("no port");
	if (i == 0)
		printf("attach %s: %s, first %.2f ms\n", b->name,
		       steer_virtio_has_model(port) == 1 ? "emulated device" : "device", b->ms[0]);
	return remove_port(port) != 0 ? fail("the port does not go away") : 0;
}

static int
run(struct bench *b)
{
	unsigned int i;
	double median;
	int rc = 0;

	for (i = 0; i < b->count && rc == 0; i++)
		rc = attach_once(b, i);
	if (rc != 0)
		return rc;
	qsort(b->ms, b->count, sizeof(b->ms[0]), by_value);
	median = b->ms[b->count / 2];
	printf("attach %s: ms min %.2f p50 %.2f max %.2f n %u\n", b->name, b->ms[0], median,
	       b->ms[b->count - 1], b->count);
	printf("bar %s %.2f ms %g %s\n", b->name, median, b->limit_ms,
	       median <= b->limit_ms ? "met" : "missed");
	return 0;
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv), rc;
	static struct bench b;

	if (n < 0)
		return 1;
	if (argc - n != 5)
		return fail("usage: bench-attach EAL-options -- DEVARGS COUNT LIMIT_MS NAME");
	argv += n;
	b.devargs = argv[1];
	b.count = (unsigned int)strtoul(argv[2], NULL, 10);
	b.limit_ms = strtod(argv[3], NULL);
	b.name = argv[4];
	rc = b.count == 0 || b.count > MAX_COUNT ? fail("needs a count up to 1000") : run(&b);
	rte_eal_cleanup();
	return rc;
}
