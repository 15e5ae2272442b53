/* SPDX-License-Identifier: BSD-3-Clause */

/* The generator's bursts. */

#include <rte_cycles.h>

#include "rx.h"
#include "wire_gen.h"

/** A session's queues share its packets as the popularity of their flows is. */
static uint16_t
session_allowed(const struct gen *g, struct gen_stream *s, uint16_t max)
{
	if (g->t.conf.zipf_milli == 0)
		return max;
	/* What a queue without buffers cannot take now is not made up for later. */
	s->owed = RTE_MIN(s->owed + max * s->share, (uint64_t)max << 32);
	return (uint16_t)(s->owed >> 32);
}

static uint16_t
rate_allowed(struct gen_stream *s, uint16_t max)
{
	uint64_t now = rte_rdtsc(), hz = rte_get_tsc_hz(), due;

	if (s->base_tsc == 0 || now - s->base_tsc > hz) {
		s->base_tsc = now;
		s->sent = 0;
	}
	due = (uint64_t)((double)(now - s->base_tsc) / (double)hz * s->rate);
	return due > s->sent ? (uint16_t)RTE_MIN(due - s->sent, max) : 0;
}

/** Frames that count, rate and session allow now. */
static uint16_t
gen_allowed(const struct gen *g, struct gen_stream *s, uint16_t max)
{
	if (g->t.conf.count) {
		uint64_t left = __atomic_load_n(&g->left, __ATOMIC_RELAXED);

		max = (uint16_t)RTE_MIN(left, max);
	}
	/* A model session has its own pace. */
	if (model_on(g->wire.vio))
		return session_allowed(g, s, max);
	return g->t.conf.rate == 0 ? max : rate_allowed(s, max);
}

static void
gen_sent(struct gen *g, struct gen_stream *s, uint16_t n)
{
	s->sent += n;
	s->owed -= RTE_MIN(s->owed, (uint64_t)n << 32);
	if (g->t.conf.count)
		__atomic_sub_fetch(&g->left, RTE_MIN(n, g->left), __ATOMIC_RELAXED);
}

static __rte_always_inline void
prefetch_write(const void *p)
{
#ifdef __x86_64__
	/* The line is in the driver's cache: own it at once, not after a read. */
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1);
#endif
}

static __rte_always_inline uint32_t
next_flow(struct gen_stream *s)
{
	uint32_t flow;

	if (unlikely(s->popular))
		return s->flows[pick_draw(s->popular, s->n, pick_bits(&s->random))];
	flow = s->flows[s->at];
	if (++s->at == s->n)
		s->at = 0;
	return flow;
}

static __rte_always_inline uint32_t
next_kind(const struct gen_tables *t, struct gen_stream *s)
{
	uint32_t at = s->size_at;

	if (likely(t->kinds == 1))
		return 0;
	if (t->conf.mixed)
		at = pick_draw(t->mix, t->conf.nr_sizes, pick_bits(&s->random));
	else if (++s->size_at == t->conf.nr_sizes)
		s->size_at = 0;
	return t->kind_of[at];
}

/** Next frame of a stream. */
static __rte_always_inline const struct gen_tmpl *
stream_step(struct gen_tables *t, struct gen_stream *s, uint64_t *seq, uint32_t *size)
{
	uint32_t flow = next_flow(s), kind = next_kind(t, s);

	*size = t->kind_size[kind];
	*seq = t->flows[flow].seq++;
	return &t->tmpl[flow * t->kinds + kind];
}

/** Where a stream stands. */
struct stream_mark {
	uint32_t at;
	uint16_t size_at;
	uint64_t random;
};

/** One frame by way of scratch memory. @return false: it waits, the stream stands as before. */
static bool
gen_rx_one(struct gen *g, struct gen_stream *s, struct vq *q)
{
	struct stream_mark mark = {s->at, s->size_at, s->random};
	const struct gen_tmpl *t;
	enum rx_result ret;
	uint32_t size;
	uint64_t seq;

	t = stream_step(&g->t, s, &seq, &size);
	gen_write(s->scratch, &t->head, t->sum, seq, size, g->pattern);
	ret = rx_put_chain(q, s->scratch, size);
	if (ret == RX_DONE || ret == RX_DROPPED)
		return ret == RX_DONE;
	s->at = mark.at;
	s->size_at = mark.size_at;
	s->random = mark.random;
	g->t.flows[(t - g->t.tmpl) / g->t.kinds].seq--;
	return false;
}

/**
 * Frames straight into the driver's buffers, as long as each lies in one descriptor.
 * The next frame's size is known before its buffer is chosen, so nothing has to be undone.
 */
static __rte_always_inline uint16_t
gen_rx_direct(struct gen *g, struct gen_stream *s, struct vq *q, uint16_t n)
{
	const uint32_t biggest_kind = g->t.kinds;
	uint8_t *buf[VQ_BURST];
	uint32_t room[VQ_BURST], size, need = 0, k;
	uint16_t id[VQ_BURST], i, got;
	const struct gen_tmpl *t;
	uint64_t seq, bytes = 0;

	for (k = 0; k < biggest_kind; k++)
		need = RTE_MAX(need, (uint32_t)g->t.kind_size[k] + VNET_HDR_LEN);
	for (got = 0; got < n; got++) {
		buf[got] = vq_single(q, q->next_avail + got, true, &id[got], &room[got]);
		if (unlikely(!buf[got] || room[got] < need))
			break;
		prefetch_write(buf[got]);
		prefetch_write(buf[got] + 64);
	}
	for (i = 0; i < got; i++) {
		t = stream_step(&g->t, s, &seq, &size);
		rx_header(buf[i]);
		gen_write(buf[i] + VNET_HDR_LEN, &t->head, t->sum, seq, size, g->pattern);
		rx_stamp(q, id[i]);
		vq_use(q, id[i], size + VNET_HDR_LEN);
		bytes += size;
	}
	q->next_avail += got;
	q->stats.packets += got;
	q->stats.bytes += bytes;
	return got;
}

uint16_t
gen_rx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max)
{
	struct gen *g = (struct gen *)w;
	struct gen_stream *s = &g->streams[pair];
	uint16_t n, done = 0;

	if (s->n == 0)
		return 0;
	n = RTE_MIN(vq_pending(q), max);
	if (n == 0)
		return 0;
	n = gen_allowed(g, s, n);
	while (done < n && !q->log) {
		uint16_t got = gen_rx_direct(g, s, q, RTE_MIN(n - done, (int)VQ_BURST));

		done += got;
		if (got < VQ_BURST)
			break;
	}
	while (done < n && gen_rx_one(g, s, q))
		done++;
	if (unlikely(q->broken))
		return 0;
	gen_sent(g, s, done);
	return done;
}
