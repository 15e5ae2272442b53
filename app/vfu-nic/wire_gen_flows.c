/* SPDX-License-Identifier: BSD-3-Clause */

/* The generator's flows: their frames' heads, how popular each is, and whose queue they go to. */

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "wire_gen.h"

void
gen_templates(struct gen *g)
{
	const struct gen_tables *t = &g->t;
	uint32_t f, k;

	memcpy(g->mac, g->wire.vio->filter.mac, sizeof(g->mac));
	for (f = 0; f < t->conf.flows; f++) {
		for (k = 0; k < t->kinds; k++) {
			struct gen_tmpl *one = &t->tmpl[f * t->kinds + k];

			gen_head_make(&t->conf, g->mac, g->pattern, f, t->kind_size[k], &one->head,
				      &one->sum);
		}
	}
}

static void
kinds_find(struct gen_tables *t)
{
	uint16_t i, k;

	t->kinds = 0;
	for (i = 0; i < t->conf.nr_sizes; i++) {
		for (k = 0; k < t->kinds && t->kind_size[k] != t->conf.sizes[i]; k++)
			;
		if (k == t->kinds)
			t->kind_size[t->kinds++] = t->conf.sizes[i];
		t->kind_of[i] = (uint8_t)k;
	}
}

static void
mix_fill(struct gen_tables *t)
{
	uint64_t weights[GEN_MAX_SIZES];
	uint32_t stack[GEN_MAX_SIZES], i;

	for (i = 0; i < t->conf.nr_sizes; i++)
		weights[i] = t->conf.weights[i];
	pick_fill(t->mix, weights, stack, t->conf.nr_sizes);
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
popularity_init(struct gen_tables *t)
{
	uint32_t f, n = t->conf.flows;
	double s = t->conf.zipf_milli / 1000.0;

	t->popularity = zeroed(n, sizeof(*t->popularity));
	t->slots = zeroed(n, sizeof(*t->slots));
	t->weights = zeroed(n, sizeof(*t->weights));
	t->stack = zeroed(n, sizeof(*t->stack));
	if (!t->popularity || !t->slots || !t->weights || !t->stack)
		return -ENOMEM;
	for (f = 0; f < n; f++)
		t->popularity[f] = (uint64_t)llround(PICK_MAX_WEIGHT * pow(f + 1, -s));
	return 0;
}

int
gen_tables_init(struct gen_tables *t)
{
	uint32_t flows = t->conf.flows;

	kinds_find(t);
	if (t->conf.mixed)
		mix_fill(t);
	t->flows = zeroed(flows, sizeof(*t->flows));
	t->tmpl = zeroed((size_t)flows * t->kinds, sizeof(*t->tmpl));
	t->expect = zeroed(flows, sizeof(*t->expect));
	t->order = zeroed(flows, sizeof(*t->order));
	t->pair_of = zeroed(flows, sizeof(*t->pair_of));
	if (!t->flows || !t->tmpl || !t->expect || !t->order || !t->pair_of)
		return -ENOMEM;
	return t->conf.zipf_milli != 0 ? popularity_init(t) : 0;
}

void
gen_tables_fini(struct gen_tables *t)
{
	free(t->flows);
	free(t->tmpl);
	free(t->expect);
	free(t->order);
	free(t->pair_of);
	free(t->popularity);
	free(t->slots);
	free(t->weights);
	free(t->stack);
}

static uint16_t
flow_pair(const struct gen *g, uint32_t flow)
{
	const struct gen_tmpl *t = &g->t.tmpl[flow * g->t.kinds];

	return rss_pair(&g->wire.vio->rss, t->head.bytes, GEN_MIN);
}

static void
flows_sort(struct gen *g, uint32_t pairs)
{
	struct gen_tables *t = &g->t;
	uint32_t f, n = 0, pair;

	for (pair = 0; pair < pairs; pair++)
		g->streams[pair].n = 0;
	for (f = 0; f < t->conf.flows; f++) {
		t->pair_of[f] = flow_pair(g, f);
		g->streams[t->pair_of[f]].n++;
	}
	for (pair = 0; pair < pairs; pair++) {
		g->streams[pair].flows = &t->order[n];
		n += g->streams[pair].n;
		g->streams[pair].n = 0;
	}
	for (f = 0; f < t->conf.flows; f++) {
		struct gen_stream *s = &g->streams[t->pair_of[f]];

		s->flows[s->n++] = f;
	}
}

/** How much of all traffic the stream's flows are. */
static uint64_t
stream_mass(const struct gen_tables *t, const struct gen_stream *s)
{
	uint64_t mass = 0;
	uint32_t i;

	for (i = 0; i < s->n && t->popularity; i++)
		mass += t->popularity[s->flows[i]];
	/* Without popularity queues get alike, as many flows as they have. */
	return t->popularity ? mass : s->n > 0;
}

static void
stream_draws(struct gen_tables *t, struct gen_stream *s)
{
	uint32_t i;

	s->popular = NULL;
	if (!t->popularity || s->n == 0)
		return;
	s->popular = &t->slots[s->flows - t->order];
	for (i = 0; i < s->n; i++)
		t->weights[i] = t->popularity[s->flows[i]];
	pick_fill(s->popular, t->weights, t->stack, s->n);
}

static void
shares_set(struct gen *g, uint32_t pairs)
{
	uint64_t mass, most = 1, all = 0;
	uint32_t pair;

	for (pair = 0; pair < pairs; pair++) {
		mass = stream_mass(&g->t, &g->streams[pair]);
		most = RTE_MAX(most, mass);
		all += mass;
	}
	for (pair = 0; pair < pairs; pair++) {
		struct gen_stream *s = &g->streams[pair];
		double part = (double)stream_mass(&g->t, s);

		s->share = (uint64_t)(part / (double)most * 4294967296.0);
		s->rate = (double)g->t.conf.rate * part / (double)RTE_MAX(all, 1u);
	}
}

void
gen_resteer(struct wire *w)
{
	struct gen *g = (struct gen *)w;
	uint32_t pair, pairs = w->vio->pairs;

	if (memcmp(g->mac, w->vio->filter.mac, sizeof(g->mac)) != 0)
		gen_templates(g);
	flows_sort(g, pairs);
	shares_set(g, pairs);
	g->active = 0;
	for (pair = 0; pair < pairs; pair++) {
		struct gen_stream *s = &g->streams[pair];

		g->active += s->n > 0;
		s->at = 0;
		s->base_tsc = 0;
		s->owed = 0;
		stream_draws(&g->t, s);
	}
}
