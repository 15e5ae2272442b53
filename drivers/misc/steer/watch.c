/* SPDX-License-Identifier: BSD-3-Clause */

/* The plug-in's thread, and the mutex that ports are looked at with. */

#include <errno.h>

#include <periodic.h>

#include "plugin.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool watching;
static struct plugin_args settings;

static unsigned int
look(void *arg)
{
	bool changed = false;
	uint16_t p;

	RTE_SET_USED(arg);
	for (p = 0; p < RTE_MAX_ETHPORTS; p++) {
		/* One at a time: an application that closes a port waits for no other port. */
		pthread_mutex_lock(&mutex);
		changed |= plugin_port_look(p, settings.scan_us);
		pthread_mutex_unlock(&mutex);
	}
	if (changed)
		steer_scan();
	return settings.scan_us;
}

static struct steer_periodic watcher = {.tick = look};

/* Ports that are there, and the event of those that come: one that comes meanwhile is in either. */
static int
take_ports(void)
{
	int rc = plugin_events_register();
	uint16_t p;

	if (rc != 0)
		return rc;
	pthread_mutex_lock(&mutex);
	for (p = 0; p < RTE_MAX_ETHPORTS; p++)
		if (settings.port[p] && rte_eth_dev_is_valid_port(p))
			plugin_port_new(p);
	pthread_mutex_unlock(&mutex);
	return 0;
}

static void
leave_ports(void)
{
	uint16_t p;

	pthread_mutex_lock(&mutex);
	watching = false;
	for (p = 0; p < RTE_MAX_ETHPORTS; p++)
		plugin_port_leave(p);
	pthread_mutex_unlock(&mutex);
}

int
plugin_watch_start(const struct plugin_args *args)
{
	int rc;

	if (watching)
		return -EEXIST;
	pthread_mutex_lock(&mutex);
	settings = *args;
	watching = true;
	pthread_mutex_unlock(&mutex);
	watcher.us = settings.scan_us;
	rc = take_ports();
	if (rc == 0)
		rc = steer_periodic_start(&watcher, "steer-follow");
	if (rc != 0)
		leave_ports();
	return rc;
}

void
plugin_watch_stop(void)
{
	if (!watching)
		return;
	steer_periodic_stop(&watcher);
	leave_ports();
}

void
plugin_watch_new(uint16_t port_id)
{
	pthread_mutex_lock(&mutex);
	if (watching && settings.port[port_id])
		plugin_port_new(port_id);
	pthread_mutex_unlock(&mutex);
}

void
plugin_watch_gone(uint16_t port_id)
{
	pthread_mutex_lock(&mutex);
	plugin_port_gone(port_id);
	pthread_mutex_unlock(&mutex);
}
