/* SPDX-License-Identifier: BSD-3-Clause */

/* Any DPDK ethdev as the wire: --wire net_pcap0,rx_pcap=..., net_tap0, net_af_packet0,iface=... */

#include <errno.h>
#include <stdlib.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include "tx.h"
#include "wire_ethdev.h"

#define ETH_DESC     256u
#define ETH_POOL_MAX 16383u
#define ETH_POOL_MIN 2047u
#define ETH_FIFO_MAX 1024u
#define ETH_FIFO_MIN 64u
#define ETH_ROOM_MIN 2048u

static void
pairs_free(struct eth *e)
{
	uint16_t i;

	for (i = 0; e->pairs && i < e->wire.vio->pairs; i++) {
		struct eth_pair *p = &e->pairs[i];
		void *m;

		if (p->held_at < p->held_n)
			rte_pktmbuf_free_bulk(p->held + p->held_at, p->held_n - p->held_at);
		if (p->unsent_n > 0)
			rte_pktmbuf_free_bulk(p->unsent, p->unsent_n);
		while (p->fifo && rte_ring_sc_dequeue(p->fifo, &m) == 0)
			rte_pktmbuf_free(m);
		rte_ring_free(p->fifo);
		free(p->scratch);
	}
	if (e->spill_n > e->spill_at)
		rte_pktmbuf_free_bulk(e->spill + e->spill_at, e->spill_n - e->spill_at);
	free(e->spill);
	free(e->pairs);
}

void
eth_close(struct wire *w)
{
	struct eth *e = (struct eth *)w;

	if (e->started)
		rte_eth_dev_stop(e->port);
	pairs_free(e);
	if (e->added) {
		rte_eth_dev_close(e->port);
		rte_eal_hotplug_remove("vdev", e->name);
	}
	rte_mempool_free(e->pool);
	free(e->txq_lock);
	free(e->rxq_dry);
	free(e);
}

static int
complain(const struct eth *e, const char *step, int err)
{
	fprintf(stderr, "vfu-nic: wire %s: cannot %s: %s\n", e->name, step, strerror(-err));
	return err;
}

/** As many mbufs as the memory gives. */
static int
pool_create(struct eth *e)
{
	uint16_t room = RTE_PKTMBUF_HEADROOM +
			RTE_MAX(ETH_ROOM_MIN, RTE_ALIGN_CEIL(e->wire.vio->opts->mtu + 64u, 64u));
	uint32_t n;

	for (n = ETH_POOL_MAX; !e->pool && n >= ETH_POOL_MIN; n /= 2)
		e->pool = rte_pktmbuf_pool_create("vfu_nic_wire", n, 0, 0, room, SOCKET_ID_ANY);
	return e->pool ? 0 : -ENOMEM;
}

static int
pairs_create(struct eth *e)
{
	uint32_t pairs = e->wire.vio->pairs, fifo = ETH_FIFO_MAX, i;
	size_t bytes = pairs * sizeof(*e->pairs);
	char name[32];

	while (fifo > ETH_FIFO_MIN && fifo * pairs > e->pool->size / 2)
		fifo /= 2;
	/* Every worker may put a burst into the same FIFO after looking at its room. */
	while (fifo < 2 * VQ_BURST * RTE_MIN(pairs, rte_lcore_count()))
		fifo *= 2;
	e->pairs = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_CACHE_LINE_ROUNDUP(bytes));
	e->spill = calloc((size_t)pairs * (fifo + VQ_BURST) * 2, sizeof(*e->spill));
	if (!e->pairs || !e->spill)
		return -ENOMEM;
	memset(e->pairs, 0, bytes);
	for (i = 0; i < pairs; i++) {
		snprintf(name, sizeof(name), "vfu_nic_fifo%u", i);
		e->pairs[i].fifo = rte_ring_create(name, fifo, SOCKET_ID_ANY, RING_F_SC_DEQ);
		e->pairs[i].scratch = malloc(TX_SCRATCH);
		if (!e->pairs[i].fifo || !e->pairs[i].scratch)
			return -ENOMEM;
	}
	return 0;
}

static int
port_start(struct eth *e)
{
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf = {0};
	uint16_t rxd = ETH_DESC, txd = ETH_DESC, i;
	int ret = rte_eth_dev_info_get(e->port, &info);

	if (ret < 0)
		return complain(e, "ask for its abilities", ret);
	e->nb_rxq = RTE_MAX(RTE_MIN(info.max_rx_queues, e->wire.vio->pairs), 1);
	e->nb_txq = RTE_MAX(RTE_MIN(info.max_tx_queues, e->wire.vio->pairs), 1);
	e->rxq_dry = calloc(e->nb_rxq, 1);
	e->txq_lock = calloc(e->nb_txq, sizeof(*e->txq_lock));
	if (!e->rxq_dry || !e->txq_lock)
		return complain(e, "allocate queues", -ENOMEM);
	ret = rte_eth_dev_configure(e->port, e->nb_rxq, e->nb_txq, &conf);
	if (ret < 0)
		return complain(e, "configure the port", ret);
	rte_eth_dev_adjust_nb_rx_tx_desc(e->port, &rxd, &txd);
	for (i = 0; i < e->nb_rxq && ret >= 0; i++)
		ret = rte_eth_rx_queue_setup(e->port, i, rxd, SOCKET_ID_ANY, NULL, e->pool);
	for (i = 0; i < e->nb_txq && ret >= 0; i++)
		ret = rte_eth_tx_queue_setup(e->port, i, txd, SOCKET_ID_ANY, NULL);
	if (ret < 0)
		return complain(e, "set up its queues", ret);
	ret = rte_eth_dev_start(e->port);
	if (ret < 0)
		return complain(e, "start the port", ret);
	e->started = true;
	/* The device filters, so the wire need not; those that cannot say so are promiscuous. */
	rte_eth_promiscuous_enable(e->port);
	return 0;
}

static int
port_add(struct eth *e, const char *args)
{
	int ret = rte_eal_hotplug_add("vdev", e->name, args);

	if (ret < 0)
		return complain(e,
				"create the device (is the driver there, are its arguments right?)",
				ret);
	ret = rte_eth_dev_get_port_by_name(e->name, &e->port);
	if (ret < 0) {
		rte_eal_hotplug_remove("vdev", e->name);
		return complain(e, "find its port", ret);
	}
	e->added = true;
	return 0;
}

/** A capture file that is read once: nothing comes after the first empty burst. */
static bool
reads_file(const char *text)
{
	return strncmp(text, "net_pcap", 8) == 0 && strstr(text, "rx_pcap=") &&
	       !strstr(text, "infinite_rx=1");
}

int
eth_open(struct vio *vio, const char *text, struct wire **out)
{
	size_t len = strcspn(text, ",");
	struct eth *e = calloc(1, sizeof(*e));
	int ret;

	if (!e)
		return -ENOMEM;
	e->wire = (struct wire){.ops = &wire_ethdev_ops, .vio = vio};
	if (len >= sizeof(e->name)) {
		free(e);
		fprintf(stderr, "vfu-nic: wire \"%s\": name too long\n", text);
		return -EINVAL;
	}
	memcpy(e->name, text, len);
	e->file_input = reads_file(text);
	ret = port_add(e, text[len] == ',' ? text + len + 1 : "");
	if (ret < 0)
		goto fail;
	ret = pool_create(e);
	if (ret < 0) {
		complain(e, "allocate packet memory (give EAL more with -m)", ret);
		goto fail;
	}
	ret = pairs_create(e);
	if (ret < 0) {
		complain(e, "allocate queues", ret);
		goto fail;
	}
	ret = port_start(e);
	if (ret < 0)
		goto fail;
	*out = &e->wire;
	return 0;

fail:
	eth_close(&e->wire);
	return ret;
}
