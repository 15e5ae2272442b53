/* SPDX-License-Identifier: BSD-3-Clause */

/* What the prompt can do; words and effects as in testpmd where it has them. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "forward.h"
#include "ports.h"

bool
command_number(const char *text, uint64_t min, uint64_t max, uint64_t *v)
{
	if (number_parse(text, min, max, v) == 0)
		return true;
	complain("'%s' is not a number in %" PRIu64 "..%" PRIu64, text, min, max);
	return false;
}

bool
command_port(const struct app *app, const char *text, uint16_t *port)
{
	uint64_t v;

	if (number_parse(text, 0, RTE_MAX_ETHPORTS - 1, &v) != 0 || !app->ports[v].used) {
		complain("Invalid port %s", text);
		return false;
	}
	*port = v;
	return true;
}

void
command_each_port(struct app *app, const char *which, void (*fn)(struct app *app, uint16_t id))
{
	uint16_t port;

	if (strcmp(which, "all") == 0) {
		FOREACH_PORT(app, p)
			fn(app, p);
	} else if (command_port(app, which, &port)) {
		fn(app, port);
	}
}

bool
command_not_forwarding(const struct app *app)
{
	if (app->forwarding)
		complain("Packet forwarding is on: stop it first");
	return !app->forwarding;
}

static void
do_help(struct app *app, char **args)
{
	for (const struct command *c = commands; c->pattern != NULL; c++)
		printf("  %-49s %s\n", c->pattern, c->help);
}

static void
do_start(struct app *app, char **args)
{
	forward_start(app, 0);
}

static void
do_start_first(struct app *app, char **args)
{
	forward_start(app, 1);
}

static void
do_start_first_n(struct app *app, char **args)
{
	uint64_t n;

	if (command_number(args[0], 1, 1024, &n))
		forward_start(app, n);
}

static void
do_stop(struct app *app, char **args)
{
	if (!app->forwarding)
		printf("Packet forwarding not started\n");
	forward_stop(app);
}

static void
do_quit(struct app *app, char **args)
{
	app->quit = true;
}

const struct command commands[] = {
	{"help", "this list", do_help},
	{"start", "start forwarding", do_start},
	{"start tx_first", "the same, and send a burst on every queue first", do_start_first},
	{"start tx_first <n>", "... n bursts", do_start_first_n},
	{"stop", "stop forwarding and show its statistics", do_stop},
	{"show port stats <port|all>", "counters and rates since the last show", do_show_stats},
	{"show port xstats <port|all>", "every counter of the driver", do_show_xstats},
	{"show port summary <port|all>", "a line per port", do_show_summary},
	{"show port info <port|all>", "device, driver, link, queues", do_show_info},
	{"clear port stats <port|all>", "counters to zero", do_clear_stats},
	{"clear port xstats <port|all>", "every counter to zero", do_clear_xstats},
	{"show config fwd", "which lcore forwards what", do_show_fwd},
	{"show fwd stats all", "forwarded since start", do_show_fwd_stats},
	{"clear fwd stats all", "count what is forwarded from now", do_clear_fwd_stats},
	{"show steer", "tag, CPU and state of every queue", do_show_steer},
	{"show tsm <port|all>", "what was verified of a confidential device", do_show_tsm},
	{"show cache", "lines per packet by level, modelled", do_show_cache},
	{"experiment <modes>", "rounds of these now: off,right,wrong,no-st", do_experiment},
	{"show experiment", "the last one's results", do_show_experiment},
	{"show latency", "from the card's timestamp to the touch (--latency)", do_show_latency},
	{"clear latency", "count from now", do_clear_latency},
	{"set fwd <mode>", "io, mac, macswap, rxonly, txonly", do_set_fwd},
	{"set burst <n>", "packets per burst", do_set_burst},
	{"set txpkts <n>", "bytes of a packet that txonly makes", do_set_txpkts},
	{"set promisc <port|all> <on|off>", "receive what is for others too", do_set_promisc},
	{"set touch <what>", "none, header, payload:N, all, rw", do_set_touch},
	{"set work <n>", "arithmetic on each packet, iterations", do_set_work},
	{"set noise <off|MIB@LCORE>", "an lcore that walks through memory meanwhile", do_set_noise},
	{"set source <off|name>", "what watches forwarding: auto, all, model, pmu, timing",
	 do_set_source},
	{"set steer <how>", "all queues: auto, off, right, wrong", do_set_steer},
	{"set port <port> rxq <queue> steer <cpu|auto|off>", "one Rx queue's tag", do_rxq_steer},
	{"set port <port> txq <queue> steer <cpu|auto|off>", "one Tx queue's tag", do_txq_steer},
	{"set port <port> rxq <queue> lcore <lcore>", "hand a queue to another lcore",
	 do_rxq_lcore},
	{"resteer <port>", "what moving its queues' tags costs, 64 moves", do_resteer},
	{"resteer <port> <n>", "... n moves", do_resteer_n},
	{"port start <port|all>", "start a port", do_port_start},
	{"port stop <port|all>", "stop a port", do_port_stop},
	{"port reset <port|all>", "reset the device of a port (stopped)", do_port_reset},
	{"port config all rxq <n>", "Rx queues of every port (stopped)", do_config_rxq},
	{"port config all txq <n>", "Tx queues of every port (stopped)", do_config_txq},
	{"port config all rxd <n>", "descriptors of an Rx ring (stopped)", do_config_rxd},
	{"port config all txd <n>", "descriptors of a Tx ring (stopped)", do_config_txd},
	{"port attach <devargs>", "vfio:NAME,sock=PATH or any devargs of EAL", do_port_attach},
	{"port detach <port>", "close a port and remove its device", do_port_detach},
	{"quit", "stop, close, leave", do_quit},
	{NULL},
};
