/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One port from its coming to its closing. ethdev has no event for start, stop and configure, so
 * its state is looked at again and again. Between the events NEW and DESTROY, which take the mutex,
 * ethdev's data of the port stay where they are.
 */

#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_errno.h>

#include <steer_stock.h>

#include "plugin.h"

enum state {
	ABSENT,
	WAITING,  /* for its first start */
	FOLLOWED, /* registered with lib/steer by us */
	LEFT,     /* its own PMD has registered it, or we could not */
};

struct watched {
	enum state state;
	struct steer_port *port;
	struct plugin_hooks *hooks; /* kept when the port goes */
	uint16_t nb[2];
	bool hooks_failed; /* said once */
};

static struct watched watched[RTE_MAX_ETHPORTS];

void
plugin_port_new(uint16_t port_id)
{
	struct watched *w = &watched[port_id];

	*w = (struct watched){.state = WAITING, .hooks = w->hooks};
}

static void
leave(struct watched *w, uint16_t port_id, const char *step, int rc)
{
	PLUGIN_LOG(WARNING, "port %u: %s: %s; its queues are not followed", port_id, step,
		   rte_strerror(-rc));
	w->state = LEFT;
}

static void
follow(struct watched *w, uint16_t port_id, unsigned int scan_us)
{
	const struct steer_stock_conf conf = {.scan_us = scan_us};
	int rc;

	if (w->hooks == NULL)
		w->hooks = plugin_hooks_new();
	if (w->hooks == NULL) {
		leave(w, port_id, "callbacks", -ENOMEM);
		return;
	}
	rc = steer_stock_attach(port_id, &conf, &w->port);
	if (rc == -EEXIST) {
		PLUGIN_LOG(INFO, "port %u: steered by its own driver, left alone", port_id);
		w->state = LEFT;
	} else if (rc != 0) {
		leave(w, port_id, "register for steering", rc);
	} else {
		w->state = FOLLOWED;
	}
}

/* Only while it runs: a stopped port may be about to get other queues. */
static void
hook_up(struct watched *w, uint16_t port_id, const struct rte_eth_dev_data *data)
{
	uint16_t queue;
	int dir, rc;

	if (w->hooks_failed || !data->dev_started)
		return;
	for (dir = STEER_RX; dir <= STEER_TX; dir++) {
		rc = plugin_hooks_add(w->hooks, port_id, (enum steer_dir)dir, w->nb[dir], &queue);
		/* Stopped and configured meanwhile: the next look sees that. */
		if (rc == 0 || !data->dev_started)
			continue;
		PLUGIN_LOG(WARNING, "port %u: %s queue %u: callback: %s; it is not followed",
			   port_id, dir == STEER_RX ? "Rx" : "Tx", queue, rte_strerror(-rc));
		w->hooks_failed = true;
	}
}

/* Who polled queue 3 before a configuration says nothing about the queue 3 of the new one. */
static void
take_queues(struct watched *w, const struct rte_eth_dev_data *data)
{
	if (w->nb[STEER_RX] == data->nb_rx_queues && w->nb[STEER_TX] == data->nb_tx_queues)
		return;
	w->nb[STEER_RX] = data->nb_rx_queues;
	w->nb[STEER_TX] = data->nb_tx_queues;
	w->hooks_failed = false;
	plugin_hooks_forget(w->hooks);
}

bool
plugin_port_look(uint16_t port_id, unsigned int scan_us)
{
	const struct rte_eth_dev *dev = &rte_eth_devices[port_id];
	struct watched *w = &watched[port_id];
	bool changed;

	/* NEW comes before the port is complete, and a port that was pulled out is not touched. */
	if (w->state == ABSENT || dev->state != RTE_ETH_DEV_ATTACHED)
		return false;
	if (w->state == WAITING && dev->data->dev_started)
		follow(w, port_id, scan_us);
	if (w->state != FOLLOWED)
		return false;
	take_queues(w, dev->data);
	hook_up(w, port_id, dev->data);
	steer_stock_sync(port_id);
	changed = plugin_hooks_tell(w->hooks, w->port, STEER_RX, w->nb[STEER_RX]);
	return plugin_hooks_tell(w->hooks, w->port, STEER_TX, w->nb[STEER_TX]) || changed;
}

void
plugin_port_leave(uint16_t port_id)
{
	struct watched *w = &watched[port_id];

	if (w->state == FOLLOWED) {
		plugin_hooks_remove(w->hooks, port_id);
		steer_stock_detach(port_id);
	}
	w->state = ABSENT;
	w->port = NULL;
}

void
plugin_port_gone(uint16_t port_id)
{
	plugin_port_leave(port_id);
	if (watched[port_id].hooks != NULL)
		plugin_hooks_free(watched[port_id].hooks);
}
