/* SPDX-License-Identifier: BSD-3-Clause */

/* set */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include <steer.h>

#include "command.h"
#include "lcores.h"
#include "ports.h"
#include "steering.h"
#include "streams.h"

void
do_set_fwd(struct app *app, char **args)
{
	int mode = fwd_mode_parse(args[0]);

	if (mode < 0) {
		complain("no forward mode '%s'", args[0]);
		return;
	}
	if (!command_not_forwarding(app))
		return;
	app->opts.fwd_mode = mode;
	printf("Set %s packet forwarding mode\n", args[0]);
}

void
do_set_burst(struct app *app, char **args)
{
	uint64_t n;

	if (command_not_forwarding(app) && command_number(args[0], 1, FWD_MAX_BURST, &n)) {
		app->opts.burst = n;
		printf("Number of packets per burst set to %u\n", app->opts.burst);
	}
}

void
do_set_txpkts(struct app *app, char **args)
{
	uint64_t n, room = app->opts.mbuf_size - MBUF_HEADROOM;

	if (command_not_forwarding(app) &&
	    command_number(args[0], TXPKT_MIN, RTE_MIN(room, (uint64_t)TXPKT_MAX), &n)) {
		app->opts.txpkt_len = n;
		printf("Packets that txonly makes have %u bytes\n", app->opts.txpkt_len);
	}
}

static void
promisc_one(struct app *app, uint16_t id, bool on)
{
	int rc;

	app->ports[id].promisc = on;
	rc = port_promisc(app, id);
	if (rc != 0)
		complain("port %u: promiscuous mode: %s", id, rte_strerror(-rc));
}

static void
promisc_on(struct app *app, uint16_t id)
{
	promisc_one(app, id, true);
}

static void
promisc_off(struct app *app, uint16_t id)
{
	promisc_one(app, id, false);
}

void
do_set_promisc(struct app *app, char **args)
{
	bool on = strcmp(args[1], "on") == 0;

	if (!on && strcmp(args[1], "off") != 0)
		complain("'%s' is not on or off", args[1]);
	else
		command_each_port(app, args[0], on ? promisc_on : promisc_off);
}

void
do_set_touch(struct app *app, char **args)
{
	if (command_not_forwarding(app) && touch_parse(args[0], &app->opts.touch) != 0)
		complain("'%s' is not none, header, payload:N, all or rw", args[0]);
}

void
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

	if (!command_port(app, args[0], &port) ||
	    !command_number(args[1], 0, PMD_MAX_QUEUES - 1, &queue))
		return;
	if (strcmp(args[2], "auto") == 0) {
		rc = steer_queue_auto(port, dir, queue, 0);
	} else {
		if (strcmp(args[2], "off") != 0 && !command_number(args[2], 0, UINT16_MAX, &cpu))
			return;
		rc = steer_queue_bind_cpu(port, dir, queue, cpu, 0);
	}
	if (rc != 0)
		complain("port %u queue %s: steer %s: %s", port, args[1], args[2],
			 rte_strerror(-rc));
}

void
do_rxq_steer(struct app *app, char **args)
{
	queue_steer(app, STEER_RX, args);
}

void
do_txq_steer(struct app *app, char **args)
{
	queue_steer(app, STEER_TX, args);
}

void
do_rxq_lcore(struct app *app, char **args)
{
	uint64_t queue, lcore;
	struct fwd_stream *fs;
	uint16_t port;
	int rc;

	if (!command_port(app, args[0], &port) ||
	    !command_number(args[1], 0, PMD_MAX_QUEUES - 1, &queue) ||
	    !command_number(args[2], 0, RTE_MAX_LCORE - 1, &lcore))
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
