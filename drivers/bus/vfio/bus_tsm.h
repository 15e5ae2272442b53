/* SPDX-License-Identifier: BSD-3-Clause */

/* A device's way through lib/tsm, inside the bus. */

#ifndef BUS_VFIO_TSM_PRIV_H
#define BUS_VFIO_TSM_PRIV_H

#include <pthread.h>
#include <sys/queue.h>

#include <periodic.h>
#include <steer_tsm.h>

#include "bus_priv.h"

struct vfio_bus_tsm {
	LIST_ENTRY(vfio_bus_tsm) next; /* registry */
	struct vfio_bus_device *dev;
	char name[64];

	pthread_mutex_t lock;          /* of the next two */
	struct steer_tsm *machine;     /* NULL: closed */
	struct steer_tsm_verdict last; /* of a machine that is closed */

	/* Of whoever probes, resets or removes the device. */
	struct steer_tsm_bound bound;
	struct steer_tsm_running running;
	uint16_t vectors;
	bool plain;            /* there is no TSM, and the policy is content */
	bool locks;            /* the device is locked, unlike a host's that is only connected */
	bool run;              /* all is done, and DMA is mapped */
	unsigned int external; /* maps that the application made, beside EAL's memory */
	bool published;

	/* tsm_watch.c */
	struct steer_periodic watch;
	bool lost;     /* told already; by the thread, and read by others */
	bool watching; /* the thread is to be joined */
	int lost_fd;   /* -1: nobody listens */
	struct rte_intr_handle *lost_handle;
};

/* tsm_registry.c: what telemetry and applications can ask for, by a device's name */
void vfio_bus_tsm_publish(struct vfio_bus_tsm *t);
void vfio_bus_tsm_withdraw(struct vfio_bus_tsm *t);

/* tsm_watch.c */
/* Only the looking; who listens stays. */
int vfio_bus_tsm_look_start(struct vfio_bus_tsm *t);
void vfio_bus_tsm_look_stop(struct vfio_bus_tsm *t);
/* Quarantine, from any thread: driver and application are told on the interrupt thread. */
void vfio_bus_tsm_lost(struct vfio_bus_tsm *t);

#endif /* BUS_VFIO_TSM_PRIV_H */
