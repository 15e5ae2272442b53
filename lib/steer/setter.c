/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The thread that calls lib/tph. Kernels may demand that who names a CPU may run on it, and EAL
 * keeps its control threads off the CPUs of lcores; so this one, ours, adds the named CPUs to its
 * own for the time of a call. Whoever asks keeps its CPUs as they are, and waits.
 *
 * Locks: a caller has its port's lock; then the turn, then the mutex. The thread takes the mutex
 * only, and holds nothing while it calls, so nobody can wait for it in a circle.
 */

#include <errno.h>
#include <string.h>

#include "ctrl_thread.h"
#include "steer_priv.h"

struct job {
	int (*fn)(void *arg);
	void *arg;
	const struct steer_cpus *cpus;
	uint32_t outside; /* first CPU that the process may not run on */
	int rc;
};

static pthread_mutex_t life_mutex = PTHREAD_MUTEX_INITIALIZER; /* users, start and stop */
static pthread_mutex_t turn_mutex = PTHREAD_MUTEX_INITIALIZER; /* one caller at a time */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;      /* what follows */
static pthread_cond_t work = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;
static struct job *todo;
static bool stopping;

static unsigned int users;
static steer_ctrl_thread_t thread;

static void
add(cpu_set_t *set, const uint32_t *cpus, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		if (cpus[i] < CPU_SETSIZE)
			CPU_SET(cpus[i], set);
}

/* The kernel drops from a set, without a word, what the process's cgroup does not allow. */
static uint32_t
first_outside(const uint32_t *cpus, uint16_t n)
{
	cpu_set_t now;
	uint16_t i;

	if (pthread_getaffinity_np(pthread_self(), sizeof(now), &now) != 0)
		return STEER_CPU_NONE;
	for (i = 0; i < n; i++)
		if (cpus[i] != STEER_CPU_NONE &&
		    (cpus[i] >= CPU_SETSIZE || !CPU_ISSET(cpus[i], &now)))
			return cpus[i];
	return STEER_CPU_NONE;
}

static void
run_widened(struct job *job)
{
	const struct steer_cpus *c = job->cpus;
	cpu_set_t saved, wide;
	bool widened = pthread_getaffinity_np(pthread_self(), sizeof(saved), &saved) == 0;

	if (widened) {
		wide = saved;
		add(&wide, c->want, c->nb_want);
		add(&wide, c->have, c->nb_have);
		widened = !CPU_EQUAL(&wide, &saved) &&
			  pthread_setaffinity_np(pthread_self(), sizeof(wide), &wide) == 0;
	}
	job->outside = first_outside(c->want, c->nb_want);
	job->rc = job->fn(job->arg);
	if (widened)
		pthread_setaffinity_np(pthread_self(), sizeof(saved), &saved);
}

static steer_ctrl_ret_t
setter_loop(void *arg)
{
	struct job *job;

	RTE_SET_USED(arg);
	pthread_mutex_lock(&mutex);
	for (;;) {
		while (todo == NULL && !stopping)
			pthread_cond_wait(&work, &mutex);
		if (todo == NULL)
			break;
		job = todo;
		pthread_mutex_unlock(&mutex);
		run_widened(job);
		pthread_mutex_lock(&mutex);
		todo = NULL;
		pthread_cond_signal(&done);
	}
	pthread_mutex_unlock(&mutex);
	return STEER_CTRL_THREAD_DONE;
}

int
steer_setter_get(void)
{
	int rc = 0;

	pthread_mutex_lock(&life_mutex);
	if (users == 0) {
		stopping = false; /* nobody else is there */
		rc = steer_ctrl_thread_start(&thread, "steer-set", setter_loop, NULL);
	}
	if (rc == 0)
		users++;
	pthread_mutex_unlock(&life_mutex);
	return rc;
}

void
steer_setter_put(void)
{
	pthread_mutex_lock(&life_mutex);
	if (--users == 0) {
		pthread_mutex_lock(&mutex);
		stopping = true;
		pthread_cond_signal(&work);
		pthread_mutex_unlock(&mutex);
		steer_ctrl_thread_join(thread);
	}
	pthread_mutex_unlock(&life_mutex);
}

int
steer_setter_run(const struct steer_cpus *cpus, int (*fn)(void *arg), void *arg, uint32_t *outside)
{
	struct job job = {.fn = fn, .arg = arg, .cpus = cpus};

	pthread_mutex_lock(&turn_mutex);
	pthread_mutex_lock(&mutex);
	todo = &job;
	pthread_cond_signal(&work);
	while (todo != NULL)
		pthread_cond_wait(&done, &mutex);
	pthread_mutex_unlock(&mutex);
	pthread_mutex_unlock(&turn_mutex);
	*outside = job.outside;
	return job.rc;
}
