/* SPDX-License-Identifier: BSD-3-Clause */

/* The main thread's side of watching plain forwarding: which sources, on which lcores, since when.
 */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "lcores.h"
#include "watch.h"

#define WINDOW_MS 20

/* Each step on all lcores at once. They are idle; one that is not leaves the part as it is. */
static void
step(const struct watch *w, int (*fn)(void *part))
{
	for (unsigned int i = 0; i < w->nb_parts; i++)
		rte_eal_remote_launch(fn, &w->parts[i], w->parts[i].lcore);
	for (unsigned int i = 0; i < w->nb_parts; i++)
		rte_eal_wait_lcore(w->parts[i].lcore);
}

static unsigned int
rows(const struct watch *w)
{
	return w->nb_streams + w->nb_parts + 1;
}

static int
source_init(const struct watch *w, struct watch_source *s)
{
	s->sum = calloc(rows(w), sizeof(*s->sum));
	s->cleared = calloc(rows(w), sizeof(*s->cleared));
	s->shown = calloc(rows(w), sizeof(*s->shown));
	return s->sum == NULL || s->cleared == NULL || s->shown == NULL ? -ENOMEM : 0;
}

static int
parts_init(const struct app *app, struct watch *w)
{
	struct steer_source *sources[WATCH_SOURCES];
	int rc = 0;

	for (unsigned int i = 0; i < w->nb_sources; i++)
		sources[i] = w->source[i].source;
	w->parts = aligned_alloc(RTE_CACHE_LINE_SIZE, app->nb_lcores * sizeof(*w->parts));
	if (w->parts == NULL)
		return -ENOMEM;
	for (; w->nb_parts < app->nb_lcores && rc == 0; w->nb_parts++) {
		struct watch_part *p = &w->parts[w->nb_parts];

		rc = watch_part_init(p, sources, w->nb_sources, app->streams, app->nb_streams);
		p->lcore = lcores_id(app, w->nb_parts);
		p->window = rte_get_tsc_hz() * WINDOW_MS / 1000;
	}
	for (unsigned int i = 0; i < w->nb_sources && rc == 0; i++)
		rc = source_init(w, &w->source[i]);
	return rc;
}

static const struct watch_part *
part_that_failed(const struct watch *w, unsigned int source)
{
	for (unsigned int i = 0; i < w->nb_parts; i++)
		if (w->parts[i].source[source].rc != 0)
			return &w->parts[i];
	return NULL;
}

/* On some lcores is on none: a sum over the others would look like one over all. */
static void
drop_failed(struct watch *w)
{
	const struct watch_part *failed;
	unsigned int s = 0;

	while (s < w->nb_sources) {
		failed = part_that_failed(w, s);
		if (failed == NULL) {
			s++;
			continue;
		}
		fprintf(stderr, "source %s: refused: lcore %u: %s\n",
			steer_source_name(w->source[s].source->ops->id), failed->lcore,
			failed->source[s].why);
		for (unsigned int i = 0; i < w->nb_parts; i++)
			watch_part_drop(&w->parts[i], s);
		watch_source_drop(w, s);
	}
}

void
watch_start(struct app *app)
{
	struct watch *w;

	watch_fini(app);
	if (!app->opts.source_given)
		return;
	w = calloc(1, sizeof(*w));
	if (w == NULL) {
		complain("--source: no memory to watch");
		return;
	}
	app->watch = w;
	w->nb_streams = app->nb_streams;
	watch_sources_open(app, w);
	if (w->nb_sources != 0 && parts_init(app, w) != 0) {
		complain("--source: no memory to watch %u queues", w->nb_streams);
		watch_fini(app);
		return;
	}
	step(w, watch_part_open);
	drop_failed(w);
	for (unsigned int i = 0; i < w->nb_sources; i++)
		watch_source_describe(&w->source[i]);
	if (w->nb_sources == 0)
		watch_fini(app);
}

void
watch_stop(struct app *app)
{
	if (app->watch == NULL)
		return;
	watch_update(app);
	step(app->watch, watch_part_close);
}

void
watch_fini(struct app *app)
{
	struct watch *w = app->watch;

	if (w == NULL)
		return;
	step(w, watch_part_close);
	for (unsigned int i = 0; i < w->nb_parts; i++)
		watch_part_fini(&w->parts[i]);
	for (unsigned int i = 0; i < w->nb_sources; i++)
		watch_source_fini(&w->source[i]);
	free(w->parts);
	free(w);
	app->watch = NULL;
}

struct watch_part *
watch_part_of(const struct app *app, unsigned int i)
{
	return app->watch == NULL ? NULL : &app->watch->parts[i];
}

static void
collect(struct watch *w, unsigned int source)
{
	struct steer_tally *sum = w->source[source].sum, *all = &sum[rows(w) - 1];

	for (unsigned int i = 0; i < rows(w); i++)
		sum[i] = (struct steer_tally){.sum.packets = 0};
	for (unsigned int i = 0; i < w->nb_parts; i++) {
		const struct steer_tally *copy = w->parts[i].source[source].copy;

		for (unsigned int q = 0; q < w->nb_streams; q++)
			steer_tally_add(&sum[q], &copy[q]);
		sum[w->nb_streams + i] = copy[w->nb_streams];
		steer_tally_add(all, &copy[w->nb_streams]);
	}
}

void
watch_update(const struct app *app)
{
	struct watch *w = app->watch;

	if (w == NULL)
		return;
	for (unsigned int i = 0; i < w->nb_parts && app->forwarding; i++)
		__atomic_store_n(&w->parts[i].ask, w->parts[i].ask + 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < w->nb_parts && app->forwarding; i++)
		while (__atomic_load_n(&w->parts[i].ack, __ATOMIC_ACQUIRE) != w->parts[i].ask)
			usleep(10);
	for (unsigned int i = 0; i < w->nb_sources; i++)
		collect(w, i);
}

/* From now on those that are there belong to the past. */
static void
mark(struct watch *w, struct steer_tally *to, const struct steer_tally *sum)
{
	for (unsigned int i = 0; i < rows(w); i++)
		to[i] = sum[i];
}

void
watch_clear(const struct app *app)
{
	struct watch *w = app->watch;

	watch_update(app);
	for (unsigned int i = 0; w != NULL && i < w->nb_sources; i++)
		mark(w, w->source[i].cleared, w->source[i].sum);
}

void
watch_shown(const struct app *app)
{
	struct watch *w = app->watch;

	for (unsigned int i = 0; w != NULL && i < w->nb_sources; i++)
		mark(w, w->source[i].shown, w->source[i].sum);
}
