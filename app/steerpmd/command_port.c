/* SPDX-License-Identifier: BSD-3-Clause */

/* port */

#include "command.h"
#include "ports.h"
#include "streams.h"

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

void
do_port_start(struct app *app, char **args)
{
	command_each_port(app, args[0], start_one);
}

void
do_port_stop(struct app *app, char **args)
{
	if (command_not_forwarding(app))
		command_each_port(app, args[0], stop_one);
}

static void
reset_one(struct app *app, uint16_t id)
{
	if (app->ports[id].started)
		complain("port %u is started: 'port stop %u' first", id, id);
	else if (app->ports[id].model)
		complain("port %u is in a model session: its device stays as it is", id);
	else if (port_reset(app, id) == 0)
		printf("Port %u: reset\n", id);
}

void
do_port_reset(struct app *app, char **args)
{
	if (!command_not_forwarding(app))
		return;
	streams_free(app);
	command_each_port(app, args[0], reset_one);
}

void
do_port_attach(struct app *app, char **args)
{
	port_attach(app, args[0]);
}

void
do_port_detach(struct app *app, char **args)
{
	uint16_t port;

	if (!command_not_forwarding(app) || !command_port(app, args[0], &port))
		return;
	streams_free(app);
	if (port_detach(app, port) == 0)
		printf("Device of port %u is detached. Now total ports is %u\n", port,
		       ports_count(app));
}

/* Ports that are stopped, all of them, and outside a model session, which has fixed their rings. */
static bool
may_configure(const struct app *app)
{
	if (!command_not_forwarding(app))
		return false;
	FOREACH_PORT(app, p) {
		if (app->ports[p].started) {
			complain("port %u is started: 'port stop all' first", p);
			return false;
		}
		if (app->ports[p].model) {
			complain("port %u is in a model session: its queues stay", p);
			return false;
		}
	}
	return true;
}

static int
reconfigure_all(struct app *app)
{
	int rc = 0;

	FOREACH_PORT(app, p)
		rc = rc != 0 ? rc : port_reconfigure(app, p);
	return rc;
}

static void
configure(struct app *app, const char *text, uint16_t *option, uint16_t max)
{
	uint16_t old = *option;
	uint64_t v;

	if (!may_configure(app) || !command_number(text, 1, max, &v))
		return;
	streams_free(app);
	*option = v;
	if (reconfigure_all(app) == 0)
		return;
	*option = old;
	if (reconfigure_all(app) == 0)
		complain("everything is as it was");
}

void
do_config_rxq(struct app *app, char **args)
{
	configure(app, args[0], &app->opts.nb_rxq, PMD_MAX_QUEUES);
}

void
do_config_txq(struct app *app, char **args)
{
	configure(app, args[0], &app->opts.nb_txq, PMD_MAX_QUEUES);
}

void
do_config_rxd(struct app *app, char **args)
{
	configure(app, args[0], &app->opts.nb_rxd, RING_MAX);
}

void
do_config_txd(struct app *app, char **args)
{
	configure(app, args[0], &app->opts.nb_txd, RING_MAX);
}
