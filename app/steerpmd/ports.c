/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_errno.h>

#include <steer_virtio.h>

#include "latency.h"
#include "pools.h"
#include "ports.h"

#define DEFAULT_RING 256

const char *
port_name(uint16_t id)
{
	static char name[RTE_ETH_NAME_MAX_LEN];

	if (rte_eth_dev_get_name_by_port(id, name) != 0)
		return "?";
	return name;
}

unsigned int
ports_count(const struct app *app)
{
	unsigned int n = 0;

	FOREACH_PORT(app, p)
		n++;
	return n;
}

static int
port_fail(uint16_t id, const char *step, int rc)
{
	complain("port %u (%s): %s: %s", id, port_name(id), step, rte_strerror(-rc));
	return rc;
}

static int
queues_fit(uint16_t id, const struct opts *o, const struct rte_eth_dev_info *info)
{
	if (o->nb_rxq <= info->max_rx_queues && o->nb_txq <= info->max_tx_queues)
		return 0;
	complain("port %u (%s): has %u Rx and %u Tx queues, --rxq %u --txq %u asked for", id,
		 port_name(id), info->max_rx_queues, info->max_tx_queues, o->nb_rxq, o->nb_txq);
	return -ENOSPC;
}

static void
conf_fill(const struct opts *o, const struct rte_eth_dev_info *info, uint16_t mtu,
	  struct rte_eth_conf *conf)
{
	uint32_t room = o->mbuf_size - RTE_PKTMBUF_HEADROOM;
	uint64_t rss = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;

	*conf = (struct rte_eth_conf){.rxmode.mtu = mtu, .intr_conf.rmv = 1};
	if ((*info->dev_flags & RTE_ETH_DEV_INTR_RMV) == 0)
		conf->intr_conf.rmv = 0;
	if (o->nb_rxq > 1 && (info->flow_type_rss_offloads & rss) != 0) {
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf->rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads & rss;
	}
	if ((uint32_t)mtu + RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN > room) {
		conf->rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
		conf->txmode.offloads |= info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	}
}

static uint16_t
ring_size(uint16_t asked, uint16_t preferred)
{
	if (asked != 0)
		return asked;
	return preferred != 0 ? preferred : DEFAULT_RING;
}

static void
ring_tell(uint16_t id, const char *dir, uint16_t asked, uint16_t got)
{
	if (asked != 0 && asked != got)
		complain("port %u (%s): %s rings have %u descriptors, %u asked for", id,
			 port_name(id), dir, got, asked);
}

static int
queues_setup(struct app *app, uint16_t id, const struct rte_eth_dev_info *info)
{
	struct port *port = &app->ports[id];
	int socket = rte_eth_dev_socket_id(id);
	int rc;

	port->nb_rxd = ring_size(app->opts.nb_rxd, info->default_rxportconf.ring_size);
	port->nb_txd = ring_size(app->opts.nb_txd, info->default_txportconf.ring_size);
	rc = rte_eth_dev_adjust_nb_rx_tx_desc(id, &port->nb_rxd, &port->nb_txd);
	if (rc != 0)
		return port_fail(id, "ring sizes", rc);
	ring_tell(id, "Rx", app->opts.nb_rxd, port->nb_rxd);
	ring_tell(id, "Tx", app->opts.nb_txd, port->nb_txd);
	rc = pools_get(app, id);
	if (rc != 0)
		return port_fail(id, "mbuf pools (more memory: EAL's -m)", rc);
	for (uint16_t q = 0; q < port->nb_rxq; q++) {
		rc = rte_eth_rx_queue_setup(id, q, port->nb_rxd, socket, NULL, port->pools[q]);
		if (rc != 0)
			return port_fail(id, "Rx queue setup", rc);
	}
	for (uint16_t q = 0; q < port->nb_txq; q++) {
		rc = rte_eth_tx_queue_setup(id, q, port->nb_txd, socket, NULL);
		if (rc != 0)
			return port_fail(id, "Tx queue setup", rc);
	}
	return 0;
}

/* Configure for the queues and rings that are asked for now. */
static int
port_setup(struct app *app, uint16_t id)
{
	struct port *port = &app->ports[id];
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	uint16_t mtu = RTE_ETHER_MTU;
	int rc;

	rc = rte_eth_dev_info_get(id, &info);
	if (rc != 0)
		return port_fail(id, "info", rc);
	rc = queues_fit(id, &app->opts, &info);
	if (rc != 0)
		return rc;
	port->nb_rxq = app->opts.nb_rxq;
	port->nb_txq = app->opts.nb_txq;
	rte_eth_dev_get_mtu(id, &mtu);
	conf_fill(&app->opts, &info, mtu, &conf);
	conf.rxmode.offloads |= latency_offloads(app, id, info.rx_offload_capa);
	port->stamped = (conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_TIMESTAMP) != 0;
	rc = rte_eth_dev_configure(id, port->nb_rxq, port->nb_txq, &conf);
	if (rc != 0)
		return port_fail(id, "configure", rc);
	return queues_setup(app, id, &info);
}

int
port_add(struct app *app, uint16_t id)
{
	struct port *port = &app->ports[id];
	int rc;

	*port = (struct port){.used = true, .promisc = true};
	rc = port_setup(app, id);
	if (rc != 0) {
		port_close(app, id);
		return rc;
	}
	rte_eth_macaddr_get(id, &port->mac);
	return 0;
}

/* ethdev has no call for it; one without queues on one side lets those of that side go. */
void
port_release(struct app *app, uint16_t id)
{
	const struct rte_eth_conf conf = {0};

	rte_eth_dev_configure(id, 1, 0, &conf);
	rte_eth_dev_configure(id, 0, 1, &conf);
	pools_put(app, id);
	app->ports[id].bare = true;
}

int
port_reconfigure(struct app *app, uint16_t id)
{
	int rc;

	pools_put(app, id);
	rc = port_setup(app, id);
	app->ports[id].bare = rc != 0;
	return rc;
}

int
port_start(struct app *app, uint16_t id)
{
	struct port *port = &app->ports[id];
	int rc;

	if (port->started)
		return 0;
	rc = port->bare ? port_reconfigure(app, id) : 0;
	if (rc != 0)
		return rc;
	rc = rte_eth_dev_start(id);
	if (rc != 0)
		return port_fail(id, "start", rc);
	port->started = true;
	/* not every device can */
	port_promisc(app, id);
	return 0;
}

int
port_promisc(const struct app *app, uint16_t id)
{
	return app->ports[id].promisc ? rte_eth_promiscuous_enable(id)
				      : rte_eth_promiscuous_disable(id);
}

int
port_stop(struct app *app, uint16_t id)
{
	int rc;

	if (!app->ports[id].started)
		return 0;
	app->ports[id].started = false;
	rc = rte_eth_dev_stop(id);
	return rc != 0 && rc != -ENODEV ? port_fail(id, "stop", rc) : 0;
}

int
port_reset(struct app *app, uint16_t id)
{
	int rc = rte_eth_dev_reset(id);

	if (rc != 0)
		return port_fail(id, "reset", rc);
	/* Our PMD keeps its queues, others come back without: a start sets up anew. */
	app->ports[id].bare = true;
	return 0;
}

void
port_close(struct app *app, uint16_t id)
{
	struct port *port = &app->ports[id];

	port_stop(app, id);
	if (port->model)
		steer_virtio_model_end(id);
	rte_eth_dev_close(id);
	pools_put(app, id);
	*port = (struct port){0};
}
