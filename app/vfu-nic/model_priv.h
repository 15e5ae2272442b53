/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef VFU_NIC_MODEL_PRIV_H
#define VFU_NIC_MODEL_PRIV_H

#include <steer_shape.h>

#include "model.h"
#include "vio.h"

#define MODEL_CPUS       65536u
#define MODEL_MAX_WINDOW 1024u
/** Longest access that one record may name. */
#define MODEL_MAX_ACCESS 65536u
/** Addresses of the neighbour: of a file that no client has, and no rings of another shape. */
#define MODEL_NOISE_BASE (0xffffeull << 44)

/** The device's own copy of what the client could overwrite in the shared area. */
struct model_queue {
	uint64_t delivered;
	uint64_t tail;
	uint64_t packets;
	uint32_t in_window; /* packets delivered in the open window */
	uint32_t waiting;   /* packets in the Rx ring that are not delivered yet */
	int target;         /* core that the window's tag names, -1 none */
	struct steer_cache_counters ctr;
};

/** Noisy neighbour; all 0: there is none. */
struct model_noise {
	uint32_t lines; /* of its memory */
	uint32_t mask, at, add;
	uint32_t per_packet;
	unsigned int core;
};

struct model {
	struct vio *vio;
	struct steer_trace_ctrl ctrl;
	struct steer_trace_area *area;
	uint32_t len, queue_off, stamp_off, ring_off, ring_entries;
	int fd;
	bool on; /* atomic */
	bool running;
	bool window_open;
	uint32_t window, backlog;
	const struct steer_ring_shape *shape;
	struct model_noise noise;
	uint64_t remaining, windows, bad;
	struct steer_cache *cache;
	int16_t *core_of; /* Linux CPU -> core of the model, -1 none */
	struct model_queue *queues;
	struct vq_log *logs; /* one per virtqueue */
	struct model_shown shown;
	struct steer_cache_dma_stats round_start;
};

/** A memory access: by IOVA, or by address in the model once it is mapped. */
struct model_access {
	uint64_t addr;
	uint32_t len;
	uint8_t op; /* enum steer_cache_op; the device loads and stores */
	bool cpu;
};

enum shape_result { SHAPE_PLAIN, SHAPE_MAPPED, SHAPE_GONE };
/** What the access is in rings of the session's shape; PLAIN: none of the queue's rings. */
enum shape_result model_shape(const struct model *m, const struct vq *q, struct model_access *a);

/** @return 0, or what steer_trace.h has for status. */
int model_noise_check(const struct steer_trace_conf *c);
/** Cores have been given out. */
void model_noise_begin(struct model *m, const struct steer_trace_conf *c);
/** What the neighbour did in the time of so many packets. */
void model_noise_walk(struct model *m, uint64_t packets);

/** Show the queue's DMA since the last call to the cache. */
void model_play_dma(struct model *m, struct vq *q, int target);
/** Show what the client has put into the pair's trace. */
void model_play_ring(struct model *m, uint32_t pair);

static inline struct steer_trace_queue *
model_queue(const struct model *m, uint32_t pair)
{
	uint8_t *base = (uint8_t *)m->area + m->queue_off;

	return (struct steer_trace_queue *)base + pair;
}

static inline const struct steer_trace_rec *
model_ring(const struct model *m, uint32_t pair)
{
	const uint8_t *base = (const uint8_t *)m->area + m->ring_off;

	return (const struct steer_trace_rec *)base + (size_t)pair * m->ring_entries;
}

/* stamps.c: Rx timestamps. Paused, but for the clock. */
uint32_t stamps_len(const struct vio *vio);
/** Write the head of the stamps. */
void stamps_layout(struct model *m);
/** The part of [off, len) of the control registers that is the clock. */
void stamps_clock_read(uint64_t off, uint8_t *buf, size_t len);

#endif /* VFU_NIC_MODEL_PRIV_H */
