/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ports of other drivers, from attach to detach. Lock: one for all of them, before the registry's;
 * it is held while a device is spoken to, and no burst path and no scan ever takes it.
 */

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <rte_eal.h>

#include "stock.h"

#define CHECK_US 100000u

static pthread_mutex_t stock_mutex = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(stock_list, stock_port) stock_ports = LIST_HEAD_INITIALIZER(stock_ports);

static struct stock_port *
find(uint16_t port_id)
{
	struct stock_port *s;

	LIST_FOREACH(s, &stock_ports, next)
		if (s->port_id == port_id)
			return s;
	return NULL;
}

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* The same device of the same port as at attach, and its driver has it open. */
static bool
still_there(const struct stock_port *s)
{
	return rte_eth_dev_is_valid_port(s->port_id) && s->dev->device == s->device &&
	       (s->vdev == NULL || !steer_vfio_is_gone(s->vdev));
}

static bool
registered(uint16_t port_id)
{
	struct steer_port *port = steer_registry_lock(port_id);

	if (port != NULL)
		pthread_mutex_unlock(&port->lock);
	return port != NULL;
}

/* The driver may have reset the device, or set up interrupts, since we saw it last. */
static void
start(struct stock_port *s, const struct stock_state *now)
{
	int rc;

	stock_vectors(s, now);
	rc = steer_port_reset_done(s->port);
	if (rc != 0)
		STEER_LOG(WARNING, "%s: steer: program tags again after the port's start: %s",
			  s->dev->data->name, rte_strerror(-rc));
	steer_port_start(s->port);
	s->checked_us = now_us();
}

static void
configure(struct stock_port *s, const struct stock_state *now)
{
	int rc = steer_port_configure(s->port, now->nb[STEER_RX], now->nb[STEER_TX], 0);

	if (rc != 0)
		STEER_LOG(WARNING, "%s: steer: %u Rx and %u Tx queues: %s; not steered",
			  s->dev->data->name, now->nb[STEER_RX], now->nb[STEER_TX],
			  rte_strerror(-rc));
}

static void
follow(struct stock_port *s, const struct stock_state *now)
{
	const struct stock_state *was = &s->seen;

	if (was->started)
		steer_port_stop(s->port);
	if (now->nb[STEER_RX] != was->nb[STEER_RX] || now->nb[STEER_TX] != was->nb[STEER_TX])
		configure(s, now);
	if (now->started)
		start(s, now);
	s->seen = *now;
}

/* A start between two looks, or a reset, shows in the device only. */
static bool
tags_lost(struct stock_port *s)
{
	uint64_t now = now_us();

	if (!s->seen.started || now - s->checked_us < s->check_us)
		return false;
	s->checked_us = now;
	return steer_port_tags_kept(s->port) == 0;
}

static int
sync_locked(struct stock_port *s)
{
	struct stock_state now;

	if (!still_there(s)) {
		steer_port_gone(s->port);
		return -ENODEV;
	}
	now = stock_look(s->dev);
	if (!stock_same(&now, &s->seen)) {
		follow(s, &now);
		return 1;
	}
	if (!tags_lost(s))
		return 0;
	STEER_LOG(NOTICE,
		  "%s: steer: the device has lost its tags (started anew, or reset); they "
		  "are programmed again",
		  s->dev->data->name);
	steer_port_stop(s->port);
	start(s, &now);
	return 1;
}

static int
register_port(struct stock_port *s, const struct steer_stock_conf *conf)
{
	struct rte_eth_dev_info info;
	struct steer_port_conf pc = {
		.port_id = s->port_id,
		.name = s->dev->data->name,
		.mode = STEER_MODE_AUTO,
		.scan_us = conf->scan_us,
		.tph = s->tph,
		.why_not = s->why_not,
		.ops = stock_ops(s),
		.ctx = s,
	};

	if (s->profile != NULL) {
		pc.objects = steer_profile_objects(s->profile);
		pc.objects_apart = 1;
	}
	if (rte_eth_dev_info_get(s->port_id, &info) != 0)
		return -ENODEV;
	pc.max_rxq = RTE_MIN(info.max_rx_queues, RTE_MAX_QUEUES_PER_PORT);
	pc.max_txq = RTE_MIN(info.max_tx_queues, RTE_MAX_QUEUES_PER_PORT);
	return steer_port_register(&pc, &s->port);
}

static int
attach_locked(uint16_t port_id, const struct steer_stock_conf *conf, struct steer_port **port)
{
	struct stock_port *s;
	int rc;

	if (!rte_eth_dev_is_valid_port(port_id))
		return -ENODEV;
	if (registered(port_id))
		return -EEXIST;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->port_id = port_id;
	s->dev = &rte_eth_devices[port_id];
	s->device = s->dev->device;
	s->check_us = conf->check_us != 0 ? conf->check_us : CHECK_US;
	rc = stock_pci_open(s, conf);
	if (rc == 0)
		rc = register_port(s, conf);
	if (rc != 0) {
		stock_pci_close(s);
		free(s);
		return rc;
	}
	LIST_INSERT_HEAD(&stock_ports, s, next);
	sync_locked(s);
	if (port != NULL)
		*port = s->port;
	return 0;
}

int
steer_stock_attach(uint16_t port_id, const struct steer_stock_conf *conf, struct steer_port **port)
{
	static const struct steer_stock_conf defaults;
	int rc;

	if (conf == NULL)
		conf = &defaults;
	if (conf->flags & ~STEER_STOCK_WIDE_TAGS)
		return -EINVAL;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	pthread_mutex_lock(&stock_mutex);
	rc = attach_locked(port_id, conf, port);
	pthread_mutex_unlock(&stock_mutex);
	return rc;
}

int
steer_stock_sync(uint16_t port_id)
{
	struct stock_port *s;
	int rc = -ENODEV;

	pthread_mutex_lock(&stock_mutex);
	s = find(port_id);
	if (s != NULL)
		rc = sync_locked(s);
	pthread_mutex_unlock(&stock_mutex);
	return rc;
}

int
steer_stock_detach(uint16_t port_id)
{
	struct stock_port *s;

	pthread_mutex_lock(&stock_mutex);
	s = find(port_id);
	if (s != NULL) {
		LIST_REMOVE(s, next);
		if (!still_there(s))
			steer_port_gone(s->port);
		steer_port_unregister(s->port);
		stock_pci_close(s);
		free(s);
	}
	pthread_mutex_unlock(&stock_mutex);
	return s != NULL ? 0 : -ENODEV;
}
