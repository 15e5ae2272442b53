/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Model session: the control registers of steer_trace.h, the shared trace area, and lockstep. While
 * a session is on, worker 0 alone moves the packets of all queues, window by window.
 */

#ifndef VFU_NIC_MODEL_H
#define VFU_NIC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <steer_trace.h>

struct model;
struct vio;

/** What telemetry shows: of the session that is on, or of the last one. */
struct model_shown {
	struct steer_trace_conf conf;
	uint64_t windows;
	struct steer_cache_dma_stats session; /**< since START */
	struct steer_cache_dma_stats round;   /**< by the last credit that was used up */
};

int model_create(struct vio *vio);
void model_destroy(struct vio *vio);
uint64_t model_bar_size(const struct vio *vio);
uint32_t model_trace_len(const struct vio *vio);
int model_trace_fd(const struct vio *vio);
/** Paused. */
const struct model_shown *model_shown(const struct vio *vio);
/** A session is on. [worker] */
bool model_on(const struct vio *vio);
/** Control block and trace area by messages; off counts from the start of the BAR. */
void model_read(struct vio *vio, uint64_t off, uint8_t *buf, size_t len);
void model_write(struct vio *vio, uint64_t off, const uint8_t *buf, size_t len);
/** End the session. Paused. */
void model_end(struct vio *vio);
/** Rx timestamps of all queues on or off. Paused. */
void stamps_set(struct vio *vio, bool on);
/** Queues were reset: the open window is void. Paused. */
void model_queues_reset(struct vio *vio);
/** Go on as far as possible without waiting. @return true when something was done. [worker 0] */
bool model_poll(struct vio *vio);

#endif /* VFU_NIC_MODEL_H */
