/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef VFU_NIC_WORKER_H
#define VFU_NIC_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include <rte_common.h>

struct vio;

/**
 * A thread that moves packets: pairs id, id + n, id + 2n ... of n workers. busy is 1 while it may
 * touch queues or device state; vio_pause() waits for 0.
 */
struct worker {
	struct vio *vio;
	unsigned int id;
	unsigned int lcore; /* LCORE_ID_ANY: a thread of our own */
	pthread_t thread;
	uint32_t busy;     /* atomic */
	unsigned int idle; /* polls in a row without work */
	bool launched;
} __rte_cache_aligned;

int workers_start(struct vio *vio);
void workers_stop(struct vio *vio);
/** Wait until no worker touches anything; vio.pause is set. */
void workers_wait_parked(struct vio *vio);
/** The control-queue thread: commands and link state, every millisecond. */
void *vio_ctrl_main(void *arg);

#endif /* VFU_NIC_WORKER_H */
