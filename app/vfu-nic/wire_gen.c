/* SPDX-License-Identifier: BSD-3-Clause */

/* Built-in generator and sink. Frames are laid out in gen.h. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "gen.h"
#include "rx.h"
#include "tx.h"
#include "wire.h"

#define GEN_SPEED 100000u /* Mb/s, for the driver to show */

/** What the generator needs of one flow beside the heads. */
struct gen_flow {
	uint64_t seq; /* of the next frame */
};

/** One head per flow and distinct size. */
struct gen_tmpl {
	struct gen_head head;
	uint32_t sum;
	uint32_t pad[15];
};
_Static_assert(sizeof(struct gen_tmpl) == 128, "templates are two lines");

struct gen_seen {
	uint64_t good, lost, reordered, damaged, foreign;
};

/** One pair's share: the flows that belong to its receive queue, and its sink. */
struct gen_stream {
	uint32_t *flows; /* part of gen.order */
	uint32_t n, at;
	uint16_t size_at;
	uint64_t base_tsc, sent; /* for the rate */
	struct gen_seen seen;
	uint8_t *scratch;
} __rte_cache_aligned;

struct gen {
	struct wire wire;
	struct gen_conf conf;
	uint16_t kinds;                 /* distinct sizes */
	uint8_t kind_of[GEN_MAX_SIZES]; /* position in conf.sizes -> kind */
	uint16_t kind_size[GEN_MAX_SIZES];
	struct gen_flow *flows;
	struct gen_tmpl *tmpl; /* [flow * kinds + kind] */
	uint64_t *expect;      /* sink: next sequence number of a flow; atomic */
	uint32_t *order;
	uint16_t *pair_of;          /* flow -> pair, while sorting */
	struct gen_stream *streams; /* one per pair */
	uint32_t active;            /* streams with flows */
	uint64_t left;              /* frames still to send when conf.count; atomic */
	uint8_t mac[6];             /* that the templates carry */
	uint8_t pattern[GEN_MAX];
};

static void
templates_make(struct gen *g)
{
	uint32_t f, k;

	memcpy(g->mac, g->wire.vio->filter.mac, sizeof(g->mac));
	for (f = 0; f < g->conf.flows; f++) {
		for (k = 0; k < g->kinds; k++) {
			struct gen_tmpl *t = &g->tmpl[f * g->kinds + k];

			gen_head_make(&g->conf, g->mac, g->pattern, f, g->kind_size[k], &t->head,
				      &t->sum);
		}
	}
}

static void
kinds_find(struct gen *g)
{
	uint16_t i, k;

	for (i = 0; i < g->conf.nr_sizes; i++) {
		for (k = 0; k < g->kinds && g->kind_size[k] != g->conf.sizes[i]; k++)
			;
		if (k == g->kinds)
			g->kind_size[g->kinds++] = g->conf.sizes[i];
		g->kind_of[i] = (uint8_t)k;
	}
}

static uint16_t
flow_pair(const struct gen *g, uint32_t flow)
{
	const struct gen_tmpl *t = &g->tmpl[flow * g->kinds];

	return rss_pair(&g->wire.vio->rss, t->head.bytes, GEN_MIN);
}

/** Flows to the queues they hash to: no frame needs a hash afterwards. */
static void
gen_resteer(struct wire *w)
{
	struct gen *g = (struct gen *)w;
	uint32_t f, n = 0, pair;

	if (memcmp(g->mac, w->vio->filter.mac, sizeof(g->mac)) != 0)
		templates_make(g);
	for (pair = 0; pair < w->vio->pairs; pair++)
		g->streams[pair].n = 0;
	for (f = 0; f < g->conf.flows; f++) {
		g->pair_of[f] = flow_pair(g, f);
		g->streams[g->pair_of[f]].n++;
	}
	g->active = 0;
	for (pair = 0; pair < w->vio->pairs; pair++) {
		struct gen_stream *s = &g->streams[pair];

		s->flows = &g->order[n];
		n += s->n;
		g->active += s->n > 0;
		s->n = 0;
		s->at = 0;
		s->base_tsc = 0;
	}
	for (f = 0; f < g->conf.flows; f++) {
		struct gen_stream *s = &g->streams[g->pair_of[f]];

		s->flows[s->n++] = f;
	}
}

static void
gen_rewind(struct wire *w)
{
	struct gen *g = (struct gen *)w;
	uint32_t i;

	memset(g->flows, 0, g->conf.flows * sizeof(*g->flows));
	memset(g->expect, 0, g->conf.flows * sizeof(*g->expect));
	g->left = g->conf.count;
	for (i = 0; i < w->vio->pairs; i++) {
		g->streams[i].at = 0;
		g->streams[i].size_at = 0;
		g->streams[i].base_tsc = 0;
	}
}

static void
gen_close(struct wire *w)
{
	struct gen *g = (struct gen *)w;
	uint32_t i;

	for (i = 0; g->streams && i < w->vio->pairs; i++)
		free(g->streams[i].scratch);
	free(g->streams);
	free(g->order);
	free(g->pair_of);
	free(g->expect);
	free(g->tmpl);
	free(g->flows);
	free(g);
}

static void *
zeroed(size_t n, size_t size)
{
	size_t bytes = RTE_CACHE_LINE_ROUNDUP(n * size);
	void *p = aligned_alloc(RTE_CACHE_LINE_SIZE, bytes);

	if (p)
		memset(p, 0, bytes);
	return p;
}

static int
gen_alloc(struct gen *g)
{
	uint32_t i, pairs = g->wire.vio->pairs, flows = g->conf.flows;

	g->flows = zeroed(flows, sizeof(*g->flows));
	g->tmpl = zeroed((size_t)flows * g->kinds, sizeof(*g->tmpl));
	g->expect = zeroed(flows, sizeof(*g->expect));
	g->order = zeroed(flows, sizeof(*g->order));
	g->pair_of = zeroed(flows, sizeof(*g->pair_of));
	g->streams = zeroed(pairs, sizeof(*g->streams));
	if (!g->flows || !g->tmpl || !g->expect || !g->order || !g->pair_of || !g->streams)
		return -ENOMEM;
	for (i = 0; i < pairs; i++) {
		g->streams[i].scratch = malloc(TX_SCRATCH);
		if (!g->streams[i].scratch)
			return -ENOMEM;
	}
	return 0;
}

static int
gen_open(struct vio *vio, const char *args, struct wire **out)
{
	struct gen *g = zeroed(1, sizeof(*g));
	char err[160];
	uint16_t i;

	if (!g)
		return -ENOMEM;
	g->wire = (struct wire){.ops = &wire_gen_ops, .vio = vio};
	if (gen_conf_parse(args, &g->conf, err, sizeof(err)) < 0) {
		fprintf(stderr, "vfu-nic: wire \"%s\": %s\n", args, err);
		free(g);
		return -EINVAL;
	}
	for (i = 0; i < g->conf.nr_sizes; i++) {
		if (g->conf.sizes[i] > vio->opts->mtu + 14u) {
			fprintf(stderr,
				"vfu-nic: wire \"%s\": size %u is above the MTU; use --mtu\n", args,
				g->conf.sizes[i]);
			free(g);
			return -EINVAL;
		}
	}
	kinds_find(g);
	if (gen_alloc(g) < 0) {
		gen_close(&g->wire);
		return -ENOMEM;
	}
	gen_pattern(g->pattern);
	templates_make(g);
	gen_rewind(&g->wire);
	gen_resteer(&g->wire);
	*out = &g->wire;
	return 0;
}

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

static uint16_t
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

/** Read every byte; the result is kept, so no compiler can leave the reading out. */
static __rte_always_inline uint64_t
sum_bytes(const uint8_t *p, uint32_t len)
{
	uint64_t a = 0, b = 0, w[4];

	for (; len >= 32; len -= 32, p += 32) {
		memcpy(w, p, 32);
		a += w[0] + w[1];
		b += w[2] + w[3];
	}
	for (; len >= 8; len -= 8, p += 8) {
		memcpy(w, p, 8);
		a += w[0];
	}
	for (; len > 0; len--)
		b += *p++;
	return a + b;
}

static void
sink_check(struct gen *g, struct gen_stream *s, const uint8_t *frame, uint32_t len)
{
	uint64_t seq, expect;
	uint32_t flow;

	switch (gen_check(&g->conf, frame, len, g->pattern, &flow, &seq)) {
	case GEN_FOREIGN: s->seen.foreign++; return;
	case GEN_DAMAGED: s->seen.damaged++; return;
	case GEN_GOOD: break;
	}
	expect = __atomic_load_n(&g->expect[flow], __ATOMIC_RELAXED);
	if (seq < expect) {
		s->seen.reordered++;
		return;
	}
	s->seen.good++;
	s->seen.lost += seq - expect;
	__atomic_store_n(&g->expect[flow], seq + 1, __ATOMIC_RELAXED);
}

static uint16_t
gen_tx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max)
{
	struct gen *g = (struct gen *)w;
	struct gen_stream *s = &g->streams[pair];
	struct tx_frame f[VQ_BURST];
	uint16_t n, i;

	n = tx_peek(q, f, RTE_MIN(max, VQ_BURST));
	for (i = 0; i < n; i++) {
		if (unlikely(!f[i].data) && tx_gather(q, q->next_avail, s->scratch, &f[i]) < 0)
			break;
		q->stats.sum += sum_bytes(f[i].data, f[i].len);
		if (unlikely(w->vio->opts->check_seq))
			sink_check(g, s, f[i].data, f[i].len);
		tx_done(q, &f[i]);
	}
	return q->broken ? 0 : i;
}

static bool
gen_ended(struct wire *w)
{
	struct gen *g = (struct gen *)w;

	return g->active == 0 ||
	       (g->conf.count && __atomic_load_n(&g->left, __ATOMIC_RELAXED) == 0);
}

static void
gen_link(struct wire *w, bool *up, uint32_t *speed)
{
	*up = true;
	*speed = GEN_SPEED;
}

static void
gen_report(struct wire *w, FILE *to)
{
	struct gen *g = (struct gen *)w;
	struct gen_seen all = {0};
	uint64_t sent = 0, got = 0;
	uint32_t i;

	for (i = 0; i < w->vio->pairs; i++) {
		const struct gen_seen *seen = &g->streams[i].seen;

		sent += vio_rxq(w->vio, i)->stats.packets;
		got += vio_txq(w->vio, i)->stats.packets;
		all.good += seen->good;
		all.lost += seen->lost;
		all.reordered += seen->reordered;
		all.damaged += seen->damaged;
		all.foreign += seen->foreign;
	}
	fprintf(to, "vfu-nic: wire gen: sent %" PRIu64 " received %" PRIu64, sent, got);
	if (w->vio->opts->check_seq)
		fprintf(to,
			" good %" PRIu64 " lost %" PRIu64 " reordered %" PRIu64 " damaged %" PRIu64
			" foreign %" PRIu64,
			all.good, all.lost, all.reordered, all.damaged, all.foreign);
	fprintf(to, "\n");
}

const struct wire_ops wire_gen_ops = {
	.prefix = "gen",
	.open = gen_open,
	.close = gen_close,
	.resteer = gen_resteer,
	.rewind = gen_rewind,
	.rx = gen_rx,
	.tx = gen_tx,
	.ended = gen_ended,
	.link = gen_link,
	.report = gen_report,
};
