/* SPDX-License-Identifier: BSD-3-Clause */

/* What the prompt can do; words and effects as in testpmd where it has them. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_errno.h>

#include <steer.h>

#include "commands.h"
#include "forward.h"
#include "lcores.h"
#include "model.h"
#include "ports.h"
#include "stats.h"
#include "steering.h"
#include "streams.h"

static bool
number(const char *text, uint64_t min, uint64_t max, uint64_t *v)
{
	if (number_parse(text, min, max, v) == 0)
		return true;
	complain("'%s' is not a number in %" PRIu64 "..%" PRIu64, text, min, max);
	return false;
}

static bool
port_number(const struct app *app, const char *text, uint16_t *port)
{
	uint64_t v;

	if (number_parse(text, 0, RTE_MAX_ETHPORTS - 1, &v) != 0 || !app->ports[v].used) {
		complain("Invalid port %s", text);
		return false;
	}
	*port = v;
	return true;
}

/* Call fn for a port or for "all". */
static void
each_port(struct app *app, const char *which, void (*fn)(struct app *app, uint16_t id))
{
	uint16_t port;

	if (strcmp(which, "all") == 0) {
		FOREACH_PORT(app, p)
			fn(app, p);
	} else if (port_number(app, which, &port)) {
		fn(app, port);
	}
}

static bool
not_forwarding(const struct app *app)
{
	if (app->forwarding)
		complain("Packet forwarding is on: stop it first");
	return !app->forwarding;
}

static void
do_help(struct app *app, char **args)
{
	for (const struct command *c = commands; c->pattern != NULL; c++)
		printf("  %-44s %s\n", c->pattern, c->help);
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

	if (number(args[0], 1, 1024, &n))
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

static void
do_show_stats(struct app *app, char **args)
{
	each_port(app, args[0], stats_port_show);
}

static void
info_one(struct app *app, uint16_t id)
{
	stats_port_info(app, id);
}

static void
do_show_info(struct app *app, char **args)
{
	each_port(app, args[0], info_one);
}

static void
do_clear_stats(struct app *app, char **args)
{
	each_port(app, args[0], stats_port_clear);
}

static void
do_show_fwd(struct app *app, char **args)
{
	/* before the first start: what it would be */
	if (app->forwarding || streams_build(app) == 0)
		streams_show(app);
}

static void
do_show_fwd_stats(struct app *app, char **args)
{
	stats_forward_show(app);
}

static void
do_show_steer(struct app *app, char **args)
{
	steer_scan();
	steering_show(app);
}

static void
do_show_cache(struct app *app, char **args)
{
	model_show(app);
}

static void
do_set_fwd(struct app *app, char **args)
{
	int mode = fwd_mode_parse(args[0]);

	if (mode < 0) {
		complain("no forward mode '%s'", args[0]);
		return;
	}
	if (!not_forwarding(app))
		return;
	app->opts.fwd_mode = mode;
	printf("Set %s packet forwarding mode\n", args[0]);
}

static void
do_set_burst(struct app *app, char **args)
{
	uint64_t n;

	if (not_forwarding(app) && number(args[0], 1, FWD_MAX_BURST, &n)) {
		app->opts.burst = n;
		printf("Number of packets per burst set to %u\n", app->opts.burst);
	}
}

static void
do_set_touch(struct app *app, char **args)
{
	if (not_forwarding(app) && touch_parse(args[0], &app->opts.touch) != 0)
		complain("'%s' is not none, header, payload:N, all or rw", args[0]);
}

static void
do_set_steer(struct app *app, char **args)
{
	int s = steering_parse(args[0]);

	if (s < 0) {
		complain("'%s' is not auto, off, right or wrong", args[0]);
		return;
	}
	app->opts.steer = s;
	steering_set_all(app, s);
}

static void
queue_steer(struct app *app, enum steer_dir dir, char **args)
{
	uint64_t queue, cpu = STEER_CPU_NONE;
	uint16_t port;
	int rc;

	if (!port_number(app, args[0], &port) || !number(args[1], 0, PMD_MAX_QUEUES - 1, &queue))
		return;
	if (strcmp(args[2], "auto") == 0) {
		rc = steer_queue_auto(port, dir, queue);
	} else {
		if (strcmp(args[2], "off") != 0 && !number(args[2], 0, UINT16_MAX, &cpu))
			return;
		rc = steer_queue_bind_cpu(port, dir, queue, cpu);
	}
	if (rc != 0)
		complain("port %u queue %s: steer %s: %s", port, args[1], args[2],
			 rte_strerror(-rc));
}

static void
do_rxq_steer(struct app *app, char **args)
{
	queue_steer(app, STEER_RX, args);
}

static void
do_txq_steer(struct app *app, char **args)
{
	queue_steer(app, STEER_TX, args);
}

static void
do_rxq_lcore(struct app *app, char **args)
{
	uint64_t queue, lcore;
	struct fwd_stream *fs;
	uint16_t port;
	int rc;

	if (!port_number(app, args[0], &port) || !number(args[1], 0, PMD_MAX_QUEUES - 1, &queue) ||
	    !number(args[2], 0, RTE_MAX_LCORE - 1, &lcore))
		return;
	fs = streams_find(app, port, queue);
	if (!app->forwarding || fs == NULL) {
		complain("port %u rxq %s: not forwarded, start first", port, args[1]);
		return;
	}
	rc = lcores_move(app, fs, lcore);
	if (rc != 0)
		complain("port %u rxq %s: lcore %s: %s", port, args[1], args[2],
			 rc == -EINVAL ? "not a forwarding lcore" : rte_strerror(-rc));
	else
		steering_moved(app, fs);
}

static void
start_one(struct app *app, uint16_t id)
{
	if (port_start(app, id) == 0)
		printf("Port %u: started\n", id);
}

static void
stop_one(struct app *app, uint16_t id)
{
	if (port_stop(app, id) == 0)
		printf("Port %u: stopped\n", id);
}

static void
do_port_start(struct app *app, char **args)
{
	each_port(app, args[0], start_one);
}

static void
do_port_stop(struct app *app, char **args)
{
	if (not_forwarding(app))
		each_port(app, args[0], stop_one);
}

static void
do_port_attach(struct app *app, char **args)
{
	port_attach(app, args[0]);
}

static void
do_port_detach(struct app *app, char **args)
{
	uint16_t port;

	if (!not_forwarding(app) || !port_number(app, args[0], &port))
		return;
	streams_free(app);
	if (port_detach(app, port) == 0)
		printf("Device of port %u is detached. Now total ports is %u\n", port,
		       ports_count(app));
}

const struct command commands[] = {
	{"help", "this list", do_help},
	{"start", "start forwarding", do_start},
	{"start tx_first", "the same, and send a burst on every queue first", do_start_first},
	{"start tx_first <n>", "... n bursts", do_start_first_n},
	{"stop", "stop forwarding and show its statistics", do_stop},
	{"show port stats <port|all>", "counters and rates since the last show", do_show_stats},
	{"show port info <port|all>", "device, driver, link, queues", do_show_info},
	{"clear port stats <port|all>", "counters to zero", do_clear_stats},
	{"show config fwd", "which lcore forwards what", do_show_fwd},
	{"show fwd stats all", "forwarded since start", do_show_fwd_stats},
	{"show steer", "tag, CPU and state of every queue", do_show_steer},
	{"show cache", "lines per packet by level, modelled", do_show_cache},
	{"set fwd <mode>", "io, mac, macswap, rxonly, txonly", do_set_fwd},
	{"set burst <n>", "packets per burst", do_set_burst},
	{"set touch <what>", "none, header, payload:N, all, rw", do_set_touch},
	{"set steer <how>", "all queues: auto, off, right, wrong", do_set_steer},
	{"set port <port> rxq <queue> steer <cpu|auto|off>", "one Rx queue's tag", do_rxq_steer},
	{"set port <port> txq <queue> steer <cpu|auto|off>", "one Tx queue's tag", do_txq_steer},
	{"set port <port> rxq <queue> lcore <lcore>", "hand a queue to another lcore",
	 do_rxq_lcore},
	{"port start <port|all>", "start a port", do_port_start},
	{"port stop <port|all>", "stop a port", do_port_stop},
	{"port attach <devargs>", "vfio:NAME,sock=PATH or any devargs of EAL", do_port_attach},
	{"port detach <port>", "close a port and remove its device", do_port_detach},
	{"quit", "stop, close, leave", do_quit},
	{NULL},
};
