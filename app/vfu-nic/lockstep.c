/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lockstep (steer_trace.h): deliver a window, wait until the driver is done with it, then show the
 * cache model every access in an order that does not depend on time: the window's DMA, the CPUs'
 * traces, the transmit side, each in queue order; then the neighbour's loads.
 */

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
	model_play_dma(m, q, queue_target(m, q));
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
	steer_cache_dma_stats(m->cache, &m->shown.session);
	m->area->dma = m->shown.session;
	m->area->bad_records = m->bad;
	m->area->remaining = m->remaining;
	m->shown.windows = m->windows;
	__atomic_store_n(&m->area->windows, m->windows, __ATOMIC_RELEASE);
}

static void
window_apply(struct model *m)
{
	uint32_t pair, pairs = m->vio->pairs;
	uint64_t packets = 0;

	for (pair = 0; pair < pairs; pair++)
		model_play_dma(m, vio_rxq(m->vio, pair), m->queues[pair].target);
	for (pair = 0; pair < pairs; pair++)
		model_play_ring(m, pair);
	for (pair = 0; pair < pairs; pair++) {
		if (vio_pair_usable(m->vio, pair))
			play_tx(m, pair);
	}
	for (pair = 0; pair < pairs; pair++)
		packets += m->queues[pair].in_window;
	model_noise_walk(m, packets);
	m->windows++;
	m->window_open = false;
	publish_counters(m);
}

/** Packets into the Rx ring, until so many wait there. @return false: the ring is broken. */
static bool
ring_fill(struct model *m, uint32_t pair, struct vq *q, uint64_t level)
{
	struct model_queue *mq = &m->queues[pair];
	struct wire *w = m->vio->wire;
	uint16_t n;

	while (mq->waiting < level) {
		n = w->ops->rx(w, pair, q, (uint16_t)RTE_MIN(level - mq->waiting, UINT16_MAX));
		if (q->broken) {
			vio_needs_reset(m->vio, q);
			return false;
		}
		mq->waiting += n;
		/* A wire that gives nothing now, or as much as it has: the window is what there is.
		 */
		if (n == 0 || m->backlog == 0)
			break;
	}
	return true;
}

static void
deliver_to(struct model *m, uint32_t pair)
{
	struct model_queue *mq = &m->queues[pair];
	struct vq *q = vio_rxq(m->vio, pair);
	uint64_t want = RTE_MIN((uint64_t)m->window, m->remaining);
	uint32_t n;

	if (!q->live || m->remaining == 0)
		return;
	mq->target = queue_target(m, q);
	if (!ring_fill(m, pair, q, want + m->backlog))
		return;
	n = (uint32_t)RTE_MIN(want, mq->waiting);
	mq->waiting -= n;
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
	const struct steer_cache_dma_stats *now = &m->shown.session, *then = &m->round_start;

	m->remaining = 0;
	m->running = false;
	publish_counters(m);
	m->shown.round = (struct steer_cache_dma_stats){
		.writes = now->writes - then->writes,
		.write_hits = now->write_hits - then->write_hits,
		.reads = now->reads - then->reads,
		.read_hits = now->read_hits - then->read_hits,
		.untracked = now->untracked - then->untracked,
		.tagged = now->tagged - then->tagged,
		.declined = now->declined - then->declined,
	};
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
