/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ports of other drivers, steered: an EAL program that configures, starts and stops ports and calls
 * steer_stock.h around that. Commands on standard input, one or more answer lines each, the last
 * begins with the command:
 *
 * - configure PORT RXQ TXQ intr|plain, start PORT, stop PORT, close PORT
 * - attach PORT [wide], sync PORT, detach PORT
 * - polled PORT rx|tx QUEUE LCORE: as if that lcore had polled; then a scan
 * - poll PORT rx QUEUE LCORE: that lcore polls, until the queue's tag names its CPU
 * - bind PORT rx|tx QUEUE CPU
 * - show PORT
 * - registers PORT rx|tx TAG...: past lib/steer, with tags from the command line instead of the
 *   kernel's: write each into every queue's register where an I350 has it, and read back. For
 *   devices that have the registers but no TPH, such as an 82576; every line says so.
 * - quit
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bus_pci_driver.h>
#include <ethdev_driver.h>
#include <rte_bus.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include <profile.h>
#include <steer_driver.h>
#include <steer_stock.h>

#define DESCRIPTORS 256
#define PATIENCE_MS 60000
#define TEST_ONLY   "TEST-ONLY TAG SOURCE"

static struct rte_mempool *pool;
static struct steer_port *ports[RTE_MAX_ETHPORTS];

static int
configure(uint16_t port, unsigned int rxq, unsigned int txq, int rx_intr)
{
	const struct rte_eth_conf conf = {.intr_conf.rxq = rx_intr & 1};
	uint16_t q;
	int rc = rte_eth_dev_configure(port, (uint16_t)rxq, (uint16_t)txq, &conf);

	for (q = 0; q < rxq && rc == 0; q++)
		rc = rte_eth_rx_queue_setup(port, q, DESCRIPTORS, SOCKET_ID_ANY, NULL, pool);
	for (q = 0; q < txq && rc == 0; q++)
		rc = rte_eth_tx_queue_setup(port, q, DESCRIPTORS, SOCKET_ID_ANY, NULL);
	return rc;
}

static int
attach(uint16_t port, const char *how)
{
	/* Every sync looks at the device, so that nobody has to wait. */
	const struct steer_stock_conf conf = {
		.check_us = 1, .flags = strcmp(how, "wide") == 0 ? STEER_STOCK_WIDE_TAGS : 0};

	return steer_stock_attach(port, &conf, &ports[port]);
}

static int
polled(uint16_t port, enum steer_dir dir, uint16_t queue, uint32_t lcore)
{
	uint32_t *word =
		ports[port] != NULL ? steer_port_queue_word(ports[port], dir, queue) : NULL;

	if (word == NULL)
		return -EINVAL;
	__atomic_store_n(word, lcore, __ATOMIC_RELAXED);
	return steer_scan();
}

/* Until main says that it is enough. */
struct poll {
	uint16_t port, queue;
	int enough;
};

static int
poll_main(void *arg)
{
	struct poll *p = arg;
	struct rte_mbuf *pkts[32];
	uint16_t n;

	while (!__atomic_load_n(&p->enough, __ATOMIC_RELAXED)) {
		n = rte_eth_rx_burst(p->port, p->queue, pkts, RTE_DIM(pkts));
		rte_pktmbuf_free_bulk(pkts, n);
	}
	return 0;
}

static int
poll_until_tagged(uint16_t port, uint16_t queue, unsigned int lcore)
{
	struct poll p = {.port = port, .queue = queue};
	struct steer_queue_info info = {.cpu = STEER_CPU_NONE};
	uint32_t cpu = steer_lcore_cpu(lcore);
	unsigned int ms;
	int rc = rte_eal_remote_launch(poll_main, &p, lcore);

	if (rc != 0)
		return rc;
	for (ms = 0; ms < PATIENCE_MS && info.cpu != cpu; ms++) {
		usleep(1000);
		steer_queue_info_get(port, STEER_RX, queue, &info);
	}
	__atomic_store_n(&p.enough, 1, __ATOMIC_RELAXED);
	rte_eal_wait_lcore(lcore);
	return info.cpu == cpu ? 0 : -ETIMEDOUT;
}

static void
show_queues(uint16_t port, enum steer_dir dir, uint16_t n)
{
	struct steer_queue_info info;
	uint16_t q;

	for (q = 0; q < n; q++)
		if (steer_queue_info_get(port, dir, q, &info) == 0)
			printf("queue %s %u cpu %d tag 0x%x vector %d why %s\n",
			       dir == STEER_RX ? "rx" : "tx", q,
			       info.cpu == STEER_CPU_NONE ? -1 : (int)info.cpu, info.tag,
			       info.vector, info.why);
}

static int
show(uint16_t port)
{
	struct steer_port_info info;
	int rc = steer_port_info_get(port, &info);

	if (rc != 0)
		return rc;
	printf("port %u strategy %s dialect %s enabled %d why %s\n", port,
	       steer_strategy_name(info.strategy), info.dialect, info.enabled, info.why);
	show_queues(port, STEER_RX, info.nb_rxq);
	show_queues(port, STEER_TX, info.nb_txq);
	return 0;
}

/* Registers as the driver has them mapped. */
static int
registers_of(uint16_t port, struct steer_profile_io *io)
{
	const struct rte_device *device = rte_eth_devices[port].device;
	const struct rte_pci_device *pci;

	if (strcmp(rte_bus_name(rte_dev_bus(device)), "pci") != 0)
		return -ENOTSUP;
	pci = RTE_DEV_TO_PCI_CONST(device);
	*io = (struct steer_profile_io){.bar = pci->mem_resource[0].addr,
					.len = pci->mem_resource[0].len};
	return io->bar != NULL ? 0 : -ENOTSUP;
}

static int
one_register(const struct steer_profile *p, const struct steer_profile_io *io, enum steer_dir dir,
	     uint16_t queue, uint16_t tag)
{
	volatile uint32_t *reg = (volatile uint32_t *)((char *)io->bar + p->reg(dir, queue));
	uint32_t before = *reg;
	uint16_t back = 0;
	int rc = steer_profile_set(p, io, dir, queue, tag, 0);

	if (rc == 0)
		rc = steer_profile_get(p, io, dir, queue, &back);
	printf(TEST_ONLY ": %s queue %u register 0x%x: 0x%08x -> 0x%08x, tag 0x%x read back 0x%x: "
			 "%d\n",
	       dir == STEER_RX ? "rx" : "tx", queue, p->reg(dir, queue), before, *reg, tag, back,
	       rc);
	return rc != 0 ? rc : back == tag ? 0 : -EIO;
}

static int
registers(uint16_t port, char *tags)
{
	const struct steer_profile *p = steer_profile_find(0x8086, 0x1521);
	const struct rte_eth_dev_data *data = rte_eth_devices[port].data;
	struct steer_profile_io io;
	int rc = registers_of(port, &io);
	char *word, *rest = tags;
	uint16_t q, n, tag;
	enum steer_dir dir;

	printf(TEST_ONLY ": port %u: tags from the command line, registers of %s\n", port, p->name);
	word = strtok_r(rest, " ", &rest);
	dir = word != NULL && strcmp(word, "tx") == 0 ? STEER_TX : STEER_RX;
	n = dir == STEER_RX ? data->nb_rx_queues : data->nb_tx_queues;
	while (rc == 0 && (word = strtok_r(rest, " ", &rest)) != NULL) {
		tag = (uint16_t)strtoul(word, NULL, 0);
		for (q = 0; q < n && rc == 0; q++)
			rc = one_register(p, &io, dir, q, tag);
	}
	return rc;
}

static int
queue_command(const char *cmd, uint16_t port, const char *args)
{
	unsigned int queue, to;
	enum steer_dir dir;
	char name[3];

	if (sscanf(args, "%2s %u %u", name, &queue, &to) != 3)
		return -EINVAL;
	dir = strcmp(name, "rx") == 0 ? STEER_RX : STEER_TX;
	if (strcmp(cmd, "poll") == 0)
		return poll_until_tagged(port, (uint16_t)queue, to);
	if (strcmp(cmd, "polled") == 0)
		return polled(port, dir, (uint16_t)queue, to);
	return steer_queue_bind_cpu(port, dir, (uint16_t)queue, to, 0);
}

static int
detach(uint16_t port)
{
	int rc = steer_stock_detach(port);

	ports[port] = NULL;
	return rc;
}

static int
port_command(const char *cmd, uint16_t port, char *args)
{
	unsigned int rxq, txq;
	char how[8];

	if (strcmp(cmd, "configure") == 0)
		return sscanf(args, "%u %u %7s", &rxq, &txq, how) != 3
			       ? -EINVAL
			       : configure(port, rxq, txq, strcmp(how, "intr") == 0);
	if (strcmp(cmd, "start") == 0)
		return rte_eth_dev_start(port);
	if (strcmp(cmd, "stop") == 0)
		return rte_eth_dev_stop(port);
	if (strcmp(cmd, "close") == 0)
		return rte_eth_dev_close(port);
	if (strcmp(cmd, "attach") == 0)
		return attach(port, args);
	if (strcmp(cmd, "sync") == 0)
		return steer_stock_sync(port);
	if (strcmp(cmd, "detach") == 0)
		return detach(port);
	if (strcmp(cmd, "show") == 0)
		return show(port);
	if (strcmp(cmd, "registers") == 0)
		return registers(port, args);
	if (strcmp(cmd, "poll") == 0 || strcmp(cmd, "polled") == 0 || strcmp(cmd, "bind") == 0)
		return queue_command(cmd, port, args);
	return -EINVAL;
}

/* "COMMAND PORT ..." */
static void
command(char *line)
{
	char *args, *cmd = strtok_r(line, " ", &args), *end;
	unsigned long port;

	if (cmd == NULL)
		return;
	port = strtoul(args, &end, 10);
	if (end == args || port >= RTE_MAX_ETHPORTS) {
		printf("%s no port\n", cmd);
		return;
	}
	end += strspn(end, " ");
	printf("%s %d\n", cmd, port_command(cmd, (uint16_t)port, end));
}

int
main(int argc, char **argv)
{
	char line[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	pool = rte_pktmbuf_pool_create("stock", 4095, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	if (pool == NULL)
		return 1;
	printf("tool ready, %u ports\n", rte_eth_dev_count_avail());
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "quit") == 0)
			break;
		command(line);
	}
	return rte_eal_cleanup() == 0 ? 0 : 1;
}
