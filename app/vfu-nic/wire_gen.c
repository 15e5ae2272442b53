/* SPDX-License-Identifier: BSD-3-Clause */

/* Built-in generator and sink from open to close. Frames are laid out in gen.h. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tx.h"
#include "wire_gen.h"

#define GEN_SPEED 100000u /* Mb/s, for the driver to show */

static void
gen_rewind(struct wire *w)
{
	struct gen *g = (struct gen *)w;
	uint32_t i;

	memset(g->t.flows, 0, g->t.conf.flows * sizeof(*g->t.flows));
	memset(g->t.expect, 0, g->t.conf.flows * sizeof(*g->t.expect));
	g->left = g->t.conf.count;
	for (i = 0; i < w->vio->pairs; i++) {
		struct gen_stream *s = &g->streams[i];

		s->at = 0;
		s->size_at = 0;
		s->base_tsc = 0;
		s->owed = 0;
		s->random = pick_mix(g->t.conf.seed + 1) + i;
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
	gen_tables_fini(&g->t);
	free(g);
}

static int
streams_init(struct gen *g)
{
	uint32_t i, pairs = g->wire.vio->pairs;

	g->streams = aligned_alloc(RTE_CACHE_LINE_SIZE, pairs * sizeof(*g->streams));
	if (!g->streams)
		return -ENOMEM;
	memset(g->streams, 0, pairs * sizeof(*g->streams));
	for (i = 0; i < pairs; i++) {
		g->streams[i].scratch = malloc(TX_SCRATCH);
		if (!g->streams[i].scratch)
			return -ENOMEM;
	}
	return 0;
}

/** First size that no frame of this MTU can have, or 0. */
static uint16_t
size_above(const struct gen_conf *conf, const struct vio *vio)
{
	uint16_t i;

	for (i = 0; i < conf->nr_sizes; i++) {
		if (conf->sizes[i] > vio->opts->mtu + 14u)
			return conf->sizes[i];
	}
	return 0;
}

static int
conf_read(struct gen *g, const char *args)
{
	char err[160];
	uint16_t size;

	if (gen_conf_parse(args, &g->asked, err, sizeof(err)) < 0) {
		fprintf(stderr, "vfu-nic: wire \"%s\": %s\n", args, err);
		return -EINVAL;
	}
	size = size_above(&g->asked, g->wire.vio);
	if (size == 0)
		return 0;
	fprintf(stderr, "vfu-nic: wire \"%s\": size %u is above the MTU; use --mtu\n", args, size);
	return -EINVAL;
}

static int
gen_open(struct vio *vio, const char *args, struct wire **out)
{
	struct gen *g = calloc(1, sizeof(*g));
	int ret;

	if (!g)
		return -ENOMEM;
	g->wire = (struct wire){.ops = &wire_gen_ops, .vio = vio};
	ret = conf_read(g, args);
	if (ret < 0)
		goto fail;
	g->t.conf = g->asked;
	ret = gen_tables_init(&g->t);
	if (ret == 0)
		ret = streams_init(g);
	if (ret < 0)
		goto fail;
	gen_pattern(g->pattern);
	gen_templates(g);
	gen_rewind(&g->wire);
	gen_resteer(&g->wire);
	*out = &g->wire;
	return 0;

fail:
	gen_close(&g->wire);
	return ret;
}

/** What a session wants, or without one what the command line says. */
static int
gen_traffic(struct wire *w, const struct steer_trace_gen *want)
{
	struct gen *g = (struct gen *)w;
	struct gen_tables t = {.conf = g->asked};
	int ret = gen_conf_session(&t.conf, want);

	if (ret < 0 || size_above(&t.conf, w->vio) != 0)
		return -EINVAL;
	if (memcmp(want, &g->wanted, sizeof(*want)) == 0)
		return 0;
	ret = gen_tables_init(&t);
	if (ret < 0) {
		gen_tables_fini(&t);
		return ret;
	}
	gen_tables_fini(&g->t);
	g->t = t;
	g->wanted = *want;
	gen_templates(g);
	gen_rewind(w);
	gen_resteer(w);
	return 0;
}

static bool
gen_ended(struct wire *w)
{
	struct gen *g = (struct gen *)w;

	return g->active == 0 ||
	       (g->t.conf.count && __atomic_load_n(&g->left, __ATOMIC_RELAXED) == 0);
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
	.traffic = gen_traffic,
	.rx = gen_rx,
	.tx = gen_tx,
	.ended = gen_ended,
	.link = gen_link,
	.report = gen_report,
};
