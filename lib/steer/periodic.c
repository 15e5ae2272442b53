/* SPDX-License-Identifier: BSD-3-Clause */

#include <time.h>

#include "periodic.h"

/* Until the time is over or somebody signals; with the mutex. */
static void
nap(struct steer_periodic *p, unsigned int us)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += us / 1000000;
	t.tv_nsec += us % 1000000 * 1000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_nsec -= 1000000000L;
		t.tv_sec++;
	}
	pthread_cond_timedwait(&p->cond, &p->mutex, &t);
}

static steer_ctrl_ret_t
loop(void *arg)
{
	struct steer_periodic *p = arg;
	unsigned int us = p->us;

	pthread_mutex_lock(&p->mutex);
	while (!p->stopping) {
		nap(p, us);
		if (p->stopping)
			break;
		pthread_mutex_unlock(&p->mutex);
		us = p->tick(p->arg);
		pthread_mutex_lock(&p->mutex);
	}
	pthread_mutex_unlock(&p->mutex);
	return STEER_CTRL_THREAD_DONE;
}

static void
clean_up(struct steer_periodic *p)
{
	pthread_cond_destroy(&p->cond);
	pthread_mutex_destroy(&p->mutex);
}

int
steer_periodic_start(struct steer_periodic *p, const char *name)
{
	pthread_condattr_t attr;
	int rc;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->cond, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&p->mutex, NULL);
	p->stopping = false;
	rc = steer_ctrl_thread_start(&p->thread, name, loop, p);
	if (rc != 0)
		clean_up(p);
	return rc;
}

void
steer_periodic_stop(struct steer_periodic *p)
{
	pthread_mutex_lock(&p->mutex);
	p->stopping = true;
	pthread_cond_signal(&p->cond);
	pthread_mutex_unlock(&p->mutex);
	steer_ctrl_thread_join(p->thread);
	clean_up(p);
}
