/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "fwd.h"
#include "model.h"
#include "ports.h"
#include "stats.h"
#include "watch.h"

#define HASHES  "########################"
#define DASHES  "----------------------"
#define PLUSSES "+++++++++++++++"

void
stats_base(struct app *app)
{
	FOREACH_PORT(app, p)
		rte_eth_stats_get(p, &app->ports[p].base);
	for (unsigned int i = 0; i < app->nb_streams; i++)
		app->streams[i].dropped_before = app->streams[i].tx_dropped;
	watch_clear(app);
}

static uint64_t
rate(uint64_t now, uint64_t before, uint64_t cycles)
{
	if (cycles == 0 || now < before)
		return 0;
	return (uint64_t)((double)(now - before) * (double)rte_get_tsc_hz() / (double)cycles);
}

void
stats_port_show(struct app *app, uint16_t id)
{
	struct port *port = &app->ports[id];
	uint64_t now = rte_rdtsc(), cycles = port->last_tsc != 0 ? now - port->last_tsc : 0;
	struct rte_eth_stats s;

	if (rte_eth_stats_get(id, &s) != 0) {
		complain("port %u: no statistics", id);
		return;
	}
	printf("\n  " HASHES " NIC statistics for port %-2u " HASHES "\n", id);
	printf("  RX-packets: %-10" PRIu64 " RX-missed: %-10" PRIu64 " RX-bytes:  %" PRIu64 "\n",
	       s.ipackets, s.imissed, s.ibytes);
	printf("  RX-errors: %" PRIu64 "\n", s.ierrors);
	printf("  RX-nombuf:  %-10" PRIu64 "\n", s.rx_nombuf);
	printf("  TX-packets: %-10" PRIu64 " TX-errors: %-10" PRIu64 " TX-bytes:  %" PRIu64 "\n",
	       s.opackets, s.oerrors, s.obytes);
	printf("\n  Throughput (since last show)\n");
	printf("  Rx-pps: %12" PRIu64 "          Rx-bps: %12" PRIu64 "\n",
	       rate(s.ipackets, port->last.ipackets, cycles),
	       8 * rate(s.ibytes, port->last.ibytes, cycles));
	printf("  Tx-pps: %12" PRIu64 "          Tx-bps: %12" PRIu64 "\n",
	       rate(s.opackets, port->last.opackets, cycles),
	       8 * rate(s.obytes, port->last.obytes, cycles));
	printf("  " HASHES HASHES HASHES "####\n");
	port->last = s;
	port->last_tsc = now;
}

void
stats_port_clear(struct app *app, uint16_t id)
{
	struct port *port = &app->ports[id];
	int rc = rte_eth_stats_reset(id);

	if (rc != 0) {
		complain("port %u: clear statistics: %s", id, rte_strerror(-rc));
		return;
	}
	port->base = port->last = (struct rte_eth_stats){0};
	printf("\n  NIC statistics for port %u cleared\n", id);
}

static int
xstats_print(uint16_t id, struct rte_eth_xstat_name *names, struct rte_eth_xstat *values, int n)
{
	int rc = rte_eth_xstats_get_names(id, names, n);

	if (rc == n)
		rc = rte_eth_xstats_get(id, values, n);
	for (int i = 0; rc == n && i < n; i++)
		printf("%s: %" PRIu64 "\n", names[i].name, values[i].value);
	return rc == n ? 0 : -EIO;
}

void
stats_port_xstats(struct app *app, uint16_t id)
{
	int n = rte_eth_xstats_get_names(id, NULL, 0), rc = n < 0 ? n : -ENOMEM;
	struct rte_eth_xstat_name *names = calloc(RTE_MAX(n, 1), sizeof(*names));
	struct rte_eth_xstat *values = calloc(RTE_MAX(n, 1), sizeof(*values));

	printf("###### NIC extended statistics for port %-2u\n", id);
	if (n >= 0 && names != NULL && values != NULL)
		rc = xstats_print(id, names, values, n);
	if (rc != 0)
		complain("port %u: extended statistics: %s", id, rte_strerror(-rc));
	free(names);
	free(values);
}

void
stats_port_xstats_clear(struct app *app, uint16_t id)
{
	int rc = rte_eth_xstats_reset(id);

	if (rc != 0) {
		complain("port %u: clear extended statistics: %s", id, rte_strerror(-rc));
		return;
	}
	/* with them go the basic ones */
	app->ports[id].base = app->ports[id].last = (struct rte_eth_stats){0};
	printf("\n  NIC extended statistics for port %u cleared\n", id);
}

void
stats_summary_head(const struct app *app)
{
	printf("Number of available ports: %u\n", ports_count(app));
	printf("%-4s %-17s %-24s %-16s %-6s %s\n", "Port", "MAC Address", "Name", "Driver",
	       "Status", "Link");
}

void
stats_port_summary(struct app *app, uint16_t id)
{
	struct rte_eth_link link = {0};
	struct rte_eth_dev_info info;
	char mac[RTE_ETHER_ADDR_FMT_SIZE];

	if (rte_eth_dev_info_get(id, &info) != 0)
		return;
	rte_eth_link_get_nowait(id, &link);
	rte_ether_format_addr(mac, sizeof(mac), &app->ports[id].mac);
	printf("%-4u %-17s %-24s %-16s %-6s %s\n", id, mac, port_name(id), info.driver_name,
	       link.link_status == RTE_ETH_LINK_UP ? "up" : "down",
	       rte_eth_link_speed_to_str(link.link_speed));
}

void
stats_port_info(const struct app *app, uint16_t id)
{
	const struct port *port = &app->ports[id];
	char mac[RTE_ETHER_ADDR_FMT_SIZE], link[RTE_ETH_LINK_MAX_STR_LEN] = "unknown";
	struct rte_eth_dev_info info;
	struct rte_eth_link status;
	uint16_t mtu = 0;

	if (rte_eth_dev_info_get(id, &info) != 0)
		return;
	rte_ether_format_addr(mac, sizeof(mac), &port->mac);
	if (rte_eth_link_get_nowait(id, &status) == 0)
		rte_eth_link_to_str(link, sizeof(link), &status);
	rte_eth_dev_get_mtu(id, &mtu);
	printf("\n  ********************* Infos for port %-2u *********************\n", id);
	printf("  MAC address: %s\n  Device name: %s\n  Driver name: %s\n", mac, port_name(id),
	       info.driver_name);
	printf("  %s\n  MTU: %u\n", link, mtu);
	printf("  Promiscuous mode: %s\n",
	       rte_eth_promiscuous_get(id) == 1 ? "enabled" : "disabled");
	printf("  RX queues: %u of %u, %u descriptors\n", port->nb_rxq, info.max_rx_queues,
	       port->nb_rxd);
	printf("  TX queues: %u of %u, %u descriptors\n", port->nb_txq, info.max_tx_queues,
	       port->nb_txd);
	printf("  Status: %s\n", port->started ? "started" : "stopped");
}

static void
counts_show(uint64_t rx, uint64_t missed, uint64_t tx, uint64_t dropped)
{
	printf("  RX-packets: %-14" PRIu64 " RX-dropped: %-14" PRIu64 " RX-total: %" PRIu64 "\n",
	       rx, missed, rx + missed);
	printf("  TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64 " TX-total: %" PRIu64 "\n",
	       tx, dropped, tx + dropped);
}

void
stats_forward_show(const struct app *app)
{
	uint64_t rx = 0, missed = 0, tx = 0, all_dropped = 0;

	watch_update(app);
	FOREACH_PORT(app, p) {
		const struct rte_eth_stats *base = &app->ports[p].base;
		struct rte_eth_stats s = {0};
		uint64_t dropped = 0;

		rte_eth_stats_get(p, &s);
		for (unsigned int i = 0; i < app->nb_streams; i++)
			if (app->streams[i].tx_port == p)
				dropped +=
					app->streams[i].tx_dropped - app->streams[i].dropped_before;
		printf("\n  " DASHES " Forward statistics for port %-2u " DASHES "\n", p);
		counts_show(s.ipackets - base->ipackets, s.imissed - base->imissed,
			    s.opackets - base->opackets, dropped);
		printf("  " DASHES DASHES DASHES "----------\n");
		model_show_port(app, p);
		watch_show_port(app, p, WATCH_SINCE_CLEAR, stdout);
		rx += s.ipackets - base->ipackets;
		missed += s.imissed - base->imissed;
		tx += s.opackets - base->opackets;
		all_dropped += dropped;
	}
	printf("\n  " PLUSSES " Accumulated forward statistics for all ports" PLUSSES "\n");
	counts_show(rx, missed, tx, all_dropped);
	printf("  " PLUSSES PLUSSES PLUSSES PLUSSES PLUSSES "+\n");
	watch_show_lcores(app, WATCH_SINCE_CLEAR, stdout);
}

void
stats_period_show(struct app *app)
{
	watch_update(app);
	FOREACH_PORT(app, p) {
		stats_port_show(app, p);
		model_show_port(app, p);
		watch_show_port(app, p, WATCH_SINCE_SHOW, stdout);
	}
	watch_show_lcores(app, WATCH_SINCE_SHOW, stdout);
	watch_shown(app);
	fflush(stdout);
}
