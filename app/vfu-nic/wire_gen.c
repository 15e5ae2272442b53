/* SPDX-License-Identifier: BSD-3-Clause */

/* Built-in generator and sink: their flows from open to close. Frames are laid out in gen.h. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tx.h"
#include "wire_gen.h"

#define GEN_SPEED 100000u /* Mb/s, for the driver to show */

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
