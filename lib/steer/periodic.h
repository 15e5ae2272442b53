/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A control thread that does something every so often, until it is told to end.
 * For our own code; not installed.
 */

#ifndef STEER_PERIODIC_H
#define STEER_PERIODIC_H

#include <pthread.h>
#include <stdbool.h>

#include "ctrl_thread.h"

struct steer_periodic {
	/** What to do, without any lock held. @return microseconds until the next time. */
	unsigned int (*tick)(void *arg);
	void *arg;
	unsigned int us; /**< until the first time */
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool stopping;
	steer_ctrl_thread_t thread;
};

/**
 * Start it; tick, arg and us are set by the caller, the rest is set here.
 * Not thread-safe against steer_periodic_stop() of the same one.
 * @param name of the thread, at most 15 characters.
 * @return 0 or negative errno of thread creation; then there is nothing to stop.
 */
int steer_periodic_start(struct steer_periodic *p, const char *name);

/** End it, and wait until a tick that runs has returned. Not to be called by the tick. */
void steer_periodic_stop(struct steer_periodic *p);

#endif /* STEER_PERIODIC_H */
