/* SPDX-License-Identifier: BSD-3-Clause */

#include "steer_priv.h"

static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static TAILQ_HEAD(steer_port_list, steer_port) ports = TAILQ_HEAD_INITIALIZER(ports);

void
steer_registry_add(struct steer_port *port)
{
	pthread_mutex_lock(&registry_mutex);
	TAILQ_INSERT_TAIL(&ports, port, next);
	pthread_mutex_unlock(&registry_mutex);
}

/* Who looked the port up before this has its lock by now, so taking that lock waits for all. */
void
steer_registry_del(struct steer_port *port)
{
	pthread_mutex_lock(&registry_mutex);
	TAILQ_REMOVE(&ports, port, next);
	pthread_mutex_unlock(&registry_mutex);
}

static struct steer_port *
find(uint16_t port_id)
{
	struct steer_port *port;

	TAILQ_FOREACH(port, &ports, next)
		if (port->conf.port_id == port_id)
			return port;
	return NULL;
}

struct steer_port *
steer_registry_lock(uint16_t port_id)
{
	struct steer_port *port;

	pthread_mutex_lock(&registry_mutex);
	port = find(port_id);
	if (port != NULL)
		pthread_mutex_lock(&port->lock);
	pthread_mutex_unlock(&registry_mutex);
	return port;
}

struct steer_port *
steer_registry_lock_next(int after)
{
	struct steer_port *port, *best = NULL;

	pthread_mutex_lock(&registry_mutex);
	TAILQ_FOREACH(port, &ports, next)
		if (port->conf.port_id > after &&
		    (best == NULL || port->conf.port_id < best->conf.port_id))
			best = port;
	if (best != NULL)
		pthread_mutex_lock(&best->lock);
	pthread_mutex_unlock(&registry_mutex);
	return best;
}

unsigned int
steer_registry_period_us(void)
{
	unsigned int us = UINT32_MAX;
	struct steer_port *port;

	pthread_mutex_lock(&registry_mutex);
	TAILQ_FOREACH(port, &ports, next)
		us = RTE_MIN(us, port->conf.scan_us);
	pthread_mutex_unlock(&registry_mutex);
	return us == UINT32_MAX ? STEER_SCAN_US : us;
}
