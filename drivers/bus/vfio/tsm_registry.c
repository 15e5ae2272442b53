/* SPDX-License-Identifier: BSD-3-Clause */

/* Verdicts by the name of the device, for threads that have no part in its life. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus_tsm.h"
#include "bus_vfio_tsm.h"

/* Before a device's own lock. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(tsm_list, vfio_bus_tsm) devices = LIST_HEAD_INITIALIZER(devices);

void
vfio_bus_tsm_publish(struct vfio_bus_tsm *t)
{
	pthread_mutex_lock(&mutex);
	LIST_INSERT_HEAD(&devices, t, next);
	t->published = true;
	pthread_mutex_unlock(&mutex);
}

void
vfio_bus_tsm_withdraw(struct vfio_bus_tsm *t)
{
	pthread_mutex_lock(&mutex);
	if (t->published)
		LIST_REMOVE(t, next);
	t->published = false;
	pthread_mutex_unlock(&mutex);
}

int
vfio_bus_tsm_verdict(const char *name, struct steer_tsm_verdict *verdict)
{
	struct vfio_bus_tsm *t;

	pthread_mutex_lock(&mutex);
	LIST_FOREACH(t, &devices, next)
		if (strcmp(t->name, name) == 0)
			break;
	if (t != NULL) {
		pthread_mutex_lock(&t->lock);
		if (t->machine != NULL)
			steer_tsm_verdict_get(t->machine, verdict);
		else
			*verdict = t->last;
		pthread_mutex_unlock(&t->lock);
	}
	pthread_mutex_unlock(&mutex);
	return t != NULL ? 0 : -ENODEV;
}

int
vfio_bus_tsm_name(unsigned int index, char *name)
{
	const struct vfio_bus_tsm *t;

	pthread_mutex_lock(&mutex);
	LIST_FOREACH(t, &devices, next)
		if (index-- == 0)
			break;
	if (t != NULL)
		snprintf(name, sizeof(t->name), "%s", t->name);
	pthread_mutex_unlock(&mutex);
	return t != NULL ? 0 : -ENOENT;
}
