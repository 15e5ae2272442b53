/* SPDX-License-Identifier: BSD-3-Clause */

/* The thread that follows queues from lcore to lcore: one per process, there as long as a port can
 * be steered. */

#include <string.h>

#include "periodic.h"
#include "steer_priv.h"

static pthread_mutex_t thread_mutex = PTHREAD_MUTEX_INITIALIZER; /* users, start and stop */
static unsigned int users;
static bool running;

static unsigned int
scan_tick(void *arg)
{
	RTE_SET_USED(arg);
	steer_scan();
	return steer_registry_period_us();
}

static struct steer_periodic scanner = {.tick = scan_tick};

static void
thread_start(void)
{
	int rc;

	scanner.us = steer_registry_period_us();
	rc = steer_periodic_start(&scanner, "steer");
	running = rc == 0;
	if (rc != 0)
		STEER_LOG(ERR, "steer: cannot start the scan thread: %s; queues are not followed",
			  strerror(-rc));
}

static void
thread_stop(void)
{
	if (running)
		steer_periodic_stop(&scanner);
	running = false;
}

void
steer_thread_get(void)
{
	pthread_mutex_lock(&thread_mutex);
	if (users++ == 0)
		thread_start();
	pthread_mutex_unlock(&thread_mutex);
}

void
steer_thread_put(void)
{
	pthread_mutex_lock(&thread_mutex);
	if (--users == 0)
		thread_stop();
	pthread_mutex_unlock(&thread_mutex);
}

int
steer_scan(void)
{
	struct steer_port *port;
	int steered = 0, id;

	for (id = -1; (port = steer_registry_lock_next(id)) != NULL;) {
		id = port->conf.port_id;
		steered += steer_port_scan(port);
		pthread_mutex_unlock(&port->lock);
	}
	return steered;
}
