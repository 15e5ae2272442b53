/* SPDX-License-Identifier: BSD-3-Clause */

/* The generator's bursts. */

#include <rte_cycles.h>

#include "rx.h"
#include "wire_gen.h"

/** Frames that rate and count allow now. */
static uint16_t
gen_allowed(struct gen *g, struct gen_stream *s, uint16_t max)
{
	uint64_t now, due, hz, left;
	double share;

	if (g->conf.count) {
		left = __atomic_load_n(&g->left, __ATOMIC_RELAXED);
		max = (uint16_t)RTE_MIN(left, max);
	}
	/* A model session has its own pace. */
	if (g->conf.rate == 0 || model_on(g->wire.vio))
		return max;
	now = rte_rdtsc();
	hz = rte_get_tsc_hz();
	if (s->base_tsc == 0 || now - s->base_tsc > hz) {
		s->base_tsc = now;
		s->sent = 0;
	}
	share = (double)g->conf.rate / g->active;
	due = (uint64_t)((double)(now - s->base_tsc) / (double)hz * share);
	return due > s->sent ? (uint16_t)RTE_MIN(due - s->sent, max) : 0;
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

/** Next flow and size of a stream. */
static __rte_always_inline const struct gen_tmpl *
stream_step(struct gen *g, struct gen_stream *s, uint64_t *seq, uint32_t *size)
{
	uint32_t flow = s->flows[s->at], kind = 0;

	if (++s->at == s->n)
		s->at = 0;
	if (unlikely(g->kinds > 1)) {
		kind = g->kind_of[s->size_at];
		if (++s->size_at == g->conf.nr_sizes)
			s->size_at = 0;
	}
	*size = g->kind_size[kind];
	*seq = g->flows[flow].seq++;
	return &g->tmpl[flow * g->kinds + kind];
}

struct stream_mark {
	uint32_t at;
	uint16_t size_at;
};

/** One frame by way of scratch memory. @return false: it waits, the stream stands as before. */
static bool
gen_rx_one(struct gen *g, struct gen_stream *s, struct vq *q)
{
	struct stream_mark mark = {s->at, s->size_at};
	uint32_t flow = s->flows[s->at], size;
	const struct gen_tmpl *t;
	enum rx_result ret;
	uint64_t seq;

	t = stream_step(g, s, &seq, &size);
	gen_write(s->scratch, &t->head, t->sum, seq, size, g->pattern);
	ret = rx_put_chain(q, s->scratch, size);
	if (ret == RX_DONE || ret == RX_DROPPED)
		return ret == RX_DONE;
	s->at = mark.at;
	s->size_at = mark.size_at;
	g->flows[flow].seq--;
	return false;
}

/**
 * Frames straight into the driver's buffers, as long as each lies in one descriptor.
 * The next frame's size is known before its buffer is chosen, so nothing has to be undone.
 */
static __rte_always_inline uint16_t
gen_rx_direct(struct gen *g, struct gen_stream *s, struct vq *q, uint16_t n)
{
	const uint32_t biggest_kind = g->kinds;
	uint8_t *buf[VQ_BURST];
	uint32_t room[VQ_BURST], size, need = 0, k;
	uint16_t id[VQ_BURST], i, got;
	const struct gen_tmpl *t;
	uint64_t seq, bytes = 0;

	for (k = 0; k < biggest_kind; k++)
		need = RTE_MAX(need, (uint32_t)g->kind_size[k] + VNET_HDR_LEN);
	for (got = 0; got < n; got++) {
		buf[got] = vq_single(q, q->next_avail + got, true, &id[got], &room[got]);
		if (unlikely(!buf[got] || room[got] < need))
			break;
		prefetch_write(buf[got]);
		prefetch_write(buf[got] + 64);
	}
	for (i = 0; i < got; i++) {
		t = stream_step(g, s, &seq, &size);
		rx_header(buf[i]);
		gen_write(buf[i] + VNET_HDR_LEN, &t->head, t->sum, seq, size, g->pattern);
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
	s->sent += done;
	if (g->conf.count)
		__atomic_sub_fetch(&g->left, RTE_MIN(done, g->left), __ATOMIC_RELAXED);
	return done;
}
