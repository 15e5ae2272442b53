/* SPDX-License-Identifier: BSD-3-Clause */

/* Rx timestamps in the shared area (steer_trace.h). */

#include <rte_cycles.h>

#include "model_priv.h"

static uint32_t
entries(const struct vio *vio)
{
	return vio->opts->ring_size; /* a power of two */
}

uint32_t
stamps_len(const struct vio *vio)
{
	return (uint32_t)sizeof(struct steer_trace_stamps) +
	       vio->pairs * entries(vio) * (uint32_t)sizeof(uint64_t);
}

static struct steer_trace_stamps *
stamps_of(const struct model *m)
{
	return (struct steer_trace_stamps *)((uint8_t *)m->area + m->stamp_off);
}

void
stamps_layout(struct model *m)
{
	m->area->stamp_off = m->stamp_off;
	stamps_of(m)->entries = entries(m->vio);
}

void
stamps_set(struct vio *vio, bool on)
{
	const struct model *m = vio->model;
	uint16_t pair;

	for (pair = 0; pair < vio->pairs; pair++) {
		struct vq *q = vio_rxq(vio, pair);

		q->stamps = on ? (uint64_t *)(stamps_of(m) + 1) + pair * entries(vio) : NULL;
		q->stamp_mask = (uint16_t)(entries(vio) - 1);
	}
}

void
stamps_clock_read(uint64_t off, uint8_t *buf, size_t len)
{
	uint64_t now = rte_rdtsc(), at;

	for (at = 0; at < sizeof(now); at++) {
		if (STEER_TRACE_CLOCK_AT + at >= off && STEER_TRACE_CLOCK_AT + at < off + len)
			buf[STEER_TRACE_CLOCK_AT + at - off] = ((const uint8_t *)&now)[at];
	}
}
