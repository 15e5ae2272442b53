/* SPDX-License-Identifier: BSD-3-Clause */

/* What sources see of plain forwarding, in the columns of an experiment's table. */

#include <inttypes.h>
#include <stdlib.h>

#include "result.h"
#include "watch.h"

/* Figures of all rows since then, levels joined in all that are in any. NULL without memory. */
static struct steer_figures *
figures_since(const struct watch *w, const struct watch_source *s, enum watch_since since,
	      uint32_t *joined)
{
	const struct steer_tally *from = since == WATCH_SINCE_CLEAR ? s->cleared : s->shown;
	unsigned int n = w->nb_streams + w->nb_parts + 1;
	struct steer_figures *f = calloc(n, sizeof(*f));

	*joined = 0;
	for (unsigned int i = 0; f != NULL && i < n; i++) {
		struct steer_tally t = s->sum[i];

		steer_tally_sub(&t, &from[i]);
		steer_tally_figures(&t, &f[i]);
		*joined |= figures_joined(&f[i]);
	}
	for (unsigned int i = 0; f != NULL && i < n; i++)
		figures_join(&f[i], *joined);
	return f;
}

static void
title(const char *what, const struct watch_source *s, enum watch_since since, FILE *out)
{
	enum steer_source_id id = s->source->ops->id;
	enum steer_source_unit unit =
		id == STEER_SOURCE_TIMING ? STEER_UNIT_SAMPLES : STEER_UNIT_LOADS;

	fprintf(out, "%s, %s, %s, since the %s\n", what, table_what(unit), steer_source_label(id),
		since == WATCH_SINCE_CLEAR ? "start or the last clear" : "last show");
}

/* Of no packets a source knows nothing: it may not tell the queues of a thread apart. */
static void
put(FILE *out, const char *label, const char *where, const struct steer_figures *f)
{
	if (f->packets == 0)
		table_unknown(out, label, where);
	else
		table_figures(out, label, where, f);
}

static unsigned int
queues_of(const struct watch_part *p)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->nb_streams; i++)
		n += p->streams[i].lcore == p->lcore;
	return n;
}

/* Who polls it now; a stream whose other port is gone has nobody. */
static const char *
where_is(const struct watch *w, const struct fwd_stream *fs, char *buf, size_t len)
{
	snprintf(buf, len, "not polled");
	for (unsigned int i = 0; i < w->nb_parts; i++)
		if (w->parts[i].lcore == fs->lcore)
			snprintf(buf, len, "lcore %u, queues: %u", fs->lcore,
				 queues_of(&w->parts[i]));
	return buf;
}

static void
show_port(const struct app *app, const struct watch_source *s, uint16_t port,
	  enum watch_since since, FILE *out)
{
	const struct watch *w = app->watch;
	char label[24], where[32];
	uint32_t joined;
	struct steer_figures *f = figures_since(w, s, since, &joined);

	snprintf(where, sizeof(where), "Port %u", port);
	title(where, s, since, out);
	table_head(out, "queue");
	for (unsigned int i = 0; f != NULL && i < w->nb_streams; i++) {
		const struct fwd_stream *fs = &app->streams[i];

		if (fs->rx_port != port)
			continue;
		snprintf(label, sizeof(label), "q%u", fs->rx_queue);
		put(out, label, where_is(w, fs, where, sizeof(where)), &f[i]);
	}
	free(f);
}

void
watch_show_port(const struct app *app, uint16_t port, enum watch_since since, FILE *out)
{
	for (unsigned int i = 0; app->watch != NULL && i < app->watch->nb_sources; i++)
		show_port(app, &app->watch->source[i], port, since, out);
}

static void
voids_show(const struct watch_part *p, unsigned int source, FILE *out)
{
	const struct watch_rounds *r = &p->source[source].rounds_copy;

	if (r->voids != 0)
		fprintf(out,
			"  lcore %u: %" PRIu64 " of %" PRIu64 " rounds since the start are left "
			"out: %s\n",
			p->lcore, r->voids, r->all, r->why);
}

/* With the period's statistics, what does not change is said the first time. */
static void
notes(struct watch *w, unsigned int source, uint32_t joined, enum watch_since since, FILE *out)
{
	struct watch_source *s = &w->source[source];
	struct result r = {.source = s->source->ops->id, .detail = s->detail};

	table_merged(joined, out);
	if (since == WATCH_SINCE_CLEAR || !s->noted)
		table_detail(&r, out);
	s->noted |= since == WATCH_SINCE_SHOW;
	for (unsigned int i = 0; i < w->nb_parts; i++)
		voids_show(&w->parts[i], source, out);
}

static void
show_lcores(struct watch *w, unsigned int source, enum watch_since since, FILE *out)
{
	char label[24], where[32];
	uint32_t joined;
	struct steer_figures *f = figures_since(w, &w->source[source], since, &joined);

	fprintf(out, "\n");
	title("All ports", &w->source[source], since, out);
	table_head(out, "lcore");
	for (unsigned int i = 0; f != NULL && i < w->nb_parts; i++) {
		snprintf(label, sizeof(label), "%u", w->parts[i].lcore);
		snprintf(where, sizeof(where), "queues: %u", queues_of(&w->parts[i]));
		put(out, label, where, &f[w->nb_streams + i]);
	}
	if (f != NULL)
		put(out, "all", "", &f[w->nb_streams + w->nb_parts]);
	notes(w, source, joined, since, out);
	free(f);
}

void
watch_show_lcores(const struct app *app, enum watch_since since, FILE *out)
{
	for (unsigned int i = 0; app->watch != NULL && i < app->watch->nb_sources; i++)
		show_lcores(app->watch, i, since, out);
}
