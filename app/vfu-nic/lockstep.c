/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lockstep (steer_trace.h): deliver a window, wait until the driver is done with it, then show the
 * cache model every access in an order that does not depend on time: the window's DMA, the CPUs'
 * traces, the transmit side; each in queue order.
 */

#include <rte_atomic.h>

#include "model_priv.h"
#include "wire.h"

/** Core that DMA of this queue is meant for now. */
static int
queue_target(const struct model *m, const struct vq *q)
{
	const struct vio *vio = m->vio;
	uint16_t tag;
	int cpu;

	if (nic_tph_ds_on(vio->nic))
		tag = (uint16_t)__atomic_load_n(&vio->st_regs[q->index], __ATOMIC_RELAXED);
	else
		tag = nic_tph_vector_tag(vio->nic, vq_vector(q));
	if (tag == 0)
		return -1;
	cpu = nic_tag_cpu(vio->nic, tag);
	return cpu >= 0 && cpu < (int)MODEL_CPUS ? m->core_of[cpu] : -1;
}

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

static void
play_dma(struct model *m, struct vq *q, int target)
{
	struct vq_log *log = &m->logs[q->index];
	uint32_t hint = 0, i;
	struct span s;

	for (i = 0; i < log->n; i++) {
		struct vq_event ev = log->ev[i];

		while (ev.len > 0 && next_span(m, &hint, ev.iova, ev.len, &s)) {
			if (ev.write)
				steer_cache_dma_write(m->cache, s.addr, s.len, target);
			else
				steer_cache_dma_read(m->cache, s.addr, s.len);
			ev.iova += s.len;
			ev.len -= s.len;
		}
	}
	m->bad += log->lost;
	log->n = 0;
	log->lost = 0;
}

static bool
play_record(struct model *m, struct steer_trace_rec rec, uint32_t *hint,
	    struct steer_cache_counters *ctr)
{
	int core = m->core_of[rec.cpu];
	struct span s;

	if (core < 0 || rec.op > STEER_CACHE_OP_PREFETCH || rec.len == 0 ||
	    rec.len > MODEL_MAX_ACCESS || rec.iova > UINT64_MAX - rec.len)
		return false;
	while (rec.len > 0) {
		if (!next_span(m, hint, rec.iova, rec.len, &s))
			return false;
		steer_cache_access(m->cache, (unsigned int)core, s.addr, s.len, rec.op, ctr);
		rec.iova += s.len;
		rec.len -= s.len;
	}
	return true;
}

/** The ring is the client's memory: head may be anything, records may change. */
static void
play_ring(struct model *m, uint32_t pair)
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
		m->bad += !play_record(m, rec, &hint, &mq->ctr);
	}
	__atomic_store_n(&q->tail, mq->tail, __ATOMIC_RELEASE);
}

static void
play_tx(struct model *m, uint32_t pair)
{
	struct wire *w = m->vio->wire;
	struct vq *q = vio_txq(m->vio, pair);
	uint32_t done = 0;
	uint16_t n;

	if (!q->live)
		return;
	/* Once around the ring at most: a driver that refills while we look cannot hold us. */
	while (done <= q->mask && q->live) {
		n = w->ops->tx(w, pair, q, VQ_BURST);
		if (n == 0)
			break;
		done += n;
		vq_publish(q);
	}
	if (q->broken)
		vio_needs_reset(m->vio, q);
	play_dma(m, q, queue_target(m, q));
}

static void
publish_counters(struct model *m)
{
	uint32_t pair;

	for (pair = 0; pair < m->vio->pairs; pair++) {
		struct steer_trace_queue *q = model_queue(m, pair);
		struct model_queue *mq = &m->queues[pair];

		mq->packets += mq->in_window;
		mq->in_window = 0;
		q->packets = mq->packets;
		q->ctr = mq->ctr;
	}
	m->area->bad_records = m->bad;
	m->area->remaining = m->remaining;
	__atomic_store_n(&m->area->windows, m->windows, __ATOMIC_RELEASE);
}

static void
window_apply(struct model *m)
{
	uint32_t pair, pairs = m->vio->pairs;

	for (pair = 0; pair < pairs; pair++)
		play_dma(m, vio_rxq(m->vio, pair), m->queues[pair].target);
	for (pair = 0; pair < pairs; pair++)
		play_ring(m, pair);
	for (pair = 0; pair < pairs; pair++) {
		if (vio_pair_usable(m->vio, pair))
			play_tx(m, pair);
	}
	m->windows++;
	m->window_open = false;
	publish_counters(m);
}

static void
deliver_to(struct model *m, uint32_t pair)
{
	struct model_queue *mq = &m->queues[pair];
	struct vq *q = vio_rxq(m->vio, pair);
	struct wire *w = m->vio->wire;
	uint16_t n;

	if (!q->live || m->remaining == 0)
		return;
	mq->target = queue_target(m, q);
	n = w->ops->rx(w, pair, q, (uint16_t)RTE_MIN((uint64_t)m->window, m->remaining));
	if (q->broken) {
		vio_needs_reset(m->vio, q);
		return;
	}
	mq->in_window = n;
	mq->delivered += n;
	m->remaining -= n;
	/* The packets first: whoever sees the count finds them, and never polls in vain, which
	 * would put accesses into the trace that depend on time. */
	vq_publish(q);
	__atomic_store_n(&model_queue(m, pair)->delivered, mq->delivered, __ATOMIC_RELEASE);
}

static bool
window_deliver(struct model *m)
{
	uint64_t before = m->remaining;
	uint32_t pair;

	for (pair = 0; pair < m->vio->pairs; pair++) {
		if (vio_pair_usable(m->vio, pair))
			deliver_to(m, pair);
	}
	m->window_open = m->remaining != before;
	return m->window_open;
}

static bool
window_consumed(const struct model *m)
{
	uint32_t pair;

	for (pair = 0; pair < m->vio->pairs; pair++) {
		if (__atomic_load_n(&model_queue(m, pair)->consumed, __ATOMIC_ACQUIRE) !=
		    m->queues[pair].delivered)
			return false;
	}
	return true;
}

static void
round_end(struct model *m)
{
	m->remaining = 0;
	m->running = false;
	publish_counters(m);
	__atomic_store_n(&m->area->state, STEER_TRACE_IDLE, __ATOMIC_RELEASE);
}

bool
model_poll(struct vio *vio)
{
	struct model *m = vio->model;

	if (!m->running)
		return false;
	if (m->window_open) {
		if (!window_consumed(m))
			return false;
		window_apply(m);
		return true;
	}
	if (m->remaining > 0 && window_deliver(m))
		return true;
	if (m->remaining > 0 && !vio->wire->ops->ended(vio->wire))
		return false;
	round_end(m);
	return true;
}
