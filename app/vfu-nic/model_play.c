/* SPDX-License-Identifier: BSD-3-Clause */

/* What the device and the CPUs did, shown to the cache model. */

#include <rte_atomic.h>

#include "model_priv.h"

struct span {
	uint64_t addr;
	uint32_t len;
};

/**
 * Next piece of [iova, iova+len) that is contiguous for the model: all of it, or up to the end of a
 * line where a map ends inside. @return false: outside every map.
 */
static bool
next_span(struct model *m, uint32_t *hint, uint64_t iova, uint32_t len, struct span *s)
{
	const struct nic *nic = m->vio->nic;
	uint32_t line = STEER_CACHE_LINE - (uint32_t)(iova % STEER_CACHE_LINE);

	s->addr = nic_dma_model_addr(nic, hint, iova);
	if (s->addr == UINT64_MAX)
		return false;
	s->len = len;
	if (len > 1 && nic_dma_model_addr(nic, hint, iova + len - 1) != s->addr + len - 1)
		s->len = RTE_MIN(line, len);
	return true;
}

/** The device's access to plain memory. */
static void
dma_plain(struct model *m, uint32_t *hint, struct model_access a, int target)
{
	struct span s;

	while (a.len > 0 && next_span(m, hint, a.addr, a.len, &s)) {
		if (a.op == STEER_CACHE_OP_STORE)
			steer_cache_dma_write(m->cache, s.addr, s.len, target);
		else
			steer_cache_dma_read(m->cache, s.addr, s.len);
		a.addr += s.len;
		a.len -= s.len;
	}
}

static void
play_event(struct model *m, const struct vq *q, const struct vq_event *ev, uint32_t *hint,
	   int target)
{
	uint32_t skip = m->shape->pkt_header == 0 ? ev->header : 0;
	struct model_access a = {.addr = ev->iova + skip,
				 .len = ev->len - skip,
				 .op = ev->write ? STEER_CACHE_OP_STORE : STEER_CACHE_OP_LOAD};

	if (a.len == 0)
		return;
	switch (model_shape(m, q, &a)) {
	case SHAPE_PLAIN: dma_plain(m, hint, a, target); return;
	case SHAPE_GONE: return;
	case SHAPE_MAPPED: break;
	}
	if (a.op == STEER_CACHE_OP_STORE)
		steer_cache_dma_write(m->cache, a.addr, a.len, target);
	else
		steer_cache_dma_read(m->cache, a.addr, a.len);
}

void
model_play_dma(struct model *m, struct vq *q, int target)
{
	struct vq_log *log = &m->logs[q->index];
	uint32_t hint = 0, i;

	for (i = 0; i < log->n; i++)
		play_event(m, q, &log->ev[i], &hint, target);
	m->bad += log->lost;
	log->n = 0;
	log->lost = 0;
}

/** A CPU's access to plain memory. @return false: not all of it is mapped. */
static bool
cpu_plain(struct model *m, unsigned int core, uint32_t *hint, struct model_access a,
	  struct steer_cache_counters *ctr)
{
	struct span s;

	while (a.len > 0) {
		if (!next_span(m, hint, a.addr, a.len, &s))
			return false;
		steer_cache_access(m->cache, core, s.addr, s.len, a.op, ctr);
		a.addr += s.len;
		a.len -= s.len;
	}
	return true;
}

static bool
play_record(struct model *m, uint32_t pair, const struct steer_trace_rec *rec, uint32_t *hint)
{
	struct steer_cache_counters *ctr = &m->queues[pair].ctr;
	struct model_access a = {.addr = rec->iova, .len = rec->len, .op = rec->op, .cpu = true};
	int core = m->core_of[rec->cpu];
	enum shape_result how;

	if (core < 0 || rec->op > STEER_CACHE_OP_PREFETCH || rec->len == 0 ||
	    rec->len > MODEL_MAX_ACCESS || rec->iova > UINT64_MAX - rec->len)
		return false;
	if (rec->kind == STEER_TRACE_PKT_HEADER && m->shape->pkt_header == 0)
		return true;
	how = model_shape(m, vio_rxq(m->vio, pair), &a);
	if (how == SHAPE_PLAIN)
		how = model_shape(m, vio_txq(m->vio, pair), &a);
	if (how == SHAPE_PLAIN)
		return cpu_plain(m, (unsigned int)core, hint, a, ctr);
	if (how == SHAPE_MAPPED)
		steer_cache_access(m->cache, (unsigned int)core, a.addr, a.len, a.op, ctr);
	return true;
}

/** The ring is the client's memory: head may be anything, records may change. */
void
model_play_ring(struct model *m, uint32_t pair)
{
	struct steer_trace_queue *q = model_queue(m, pair);
	const struct steer_trace_rec *ring = model_ring(m, pair);
	struct model_queue *mq = &m->queues[pair];
	uint64_t head = __atomic_load_n(&q->head, __ATOMIC_ACQUIRE);
	struct steer_trace_rec rec;
	uint32_t hint = 0;

	if (head - mq->tail > m->ring_entries) {
		m->bad++;
		mq->tail = head;
	}
	for (; mq->tail != head; mq->tail++) {
		memcpy(&rec, &ring[mq->tail & (m->ring_entries - 1)], sizeof(rec));
		rte_compiler_barrier();
		m->bad += !play_record(m, pair, &rec, &hint);
	}
	__atomic_store_n(&q->tail, mq->tail, __ATOMIC_RELEASE);
}
