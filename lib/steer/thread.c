/* SPDX-License-Identifier: BSD-3-Clause */

/* The thread that follows queues from lcore to lcore: one per process, there as long as a port can
 * be steered. */

#include <string.h>
#include <time.h>

#include "ctrl_thread.h"
#include "steer_priv.h"

static pthread_mutex_t thread_mutex = PTHREAD_MUTEX_INITIALIZER; /* users, start and stop */
static pthread_mutex_t sleep_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t sleep_cond;
static unsigned int users;
static bool running, stopping;
static steer_ctrl_thread_t thread;

static void
nap(unsigned int us)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += us / 1000000;
	t.tv_nsec += us % 1000000 * 1000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_nsec -= 1000000000L;
		t.tv_sec++;
	}
	pthread_cond_timedwait(&sleep_cond, &sleep_mutex, &t);
}

static steer_ctrl_ret_t
scan_loop(void *arg)
{
	unsigned int us = steer_registry_period_us();

	pthread_mutex_lock(&sleep_mutex);
	while (!stopping) {
		nap(us);
		if (stopping)
			break;
		pthread_mutex_unlock(&sleep_mutex);
		steer_scan();
		us = steer_registry_period_us();
		pthread_mutex_lock(&sleep_mutex);
	}
	pthread_mutex_unlock(&sleep_mutex);
	return STEER_CTRL_THREAD_DONE;
}

static void
thread_start(void)
{
	pthread_condattr_t attr;
	int rc;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&sleep_cond, &attr);
	pthread_condattr_destroy(&attr);
	stopping = false;
	rc = steer_ctrl_thread_start(&thread, "steer", scan_loop, NULL);
	running = rc == 0;
	if (rc != 0) {
		pthread_cond_destroy(&sleep_cond);
		STEER_LOG(ERR, "steer: cannot start the scan thread: %s; queues are not followed",
			  strerror(-rc));
	}
}

static void
thread_stop(void)
{
	if (!running)
		return;
	pthread_mutex_lock(&sleep_mutex);
	stopping = true;
	pthread_cond_signal(&sleep_cond);
	pthread_mutex_unlock(&sleep_mutex);
	steer_ctrl_thread_join(thread);
	pthread_cond_destroy(&sleep_cond);
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
