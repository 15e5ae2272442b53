/* SPDX-License-Identifier: BSD-3-Clause */

/* The sources that watch lcores forward: the PMU and the timing probe. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "latency.h"
#include "lcores.h"
#include "live.h"
#include "noise.h"
#include "ports.h"
#include "resteer.h"
#include "session.h"
#include "source_make.h"
#include "streams.h"
#include "traffic.h"

#define VOID_TRIES    3
#define DESCRIBE_SIZE (64 * 1024)

/* Pools as applications have them, with caches per lcore. */
static int
ports_up(struct app *app)
{
	bool plain = app->plain_pools;
	int rc = 0;

	app->plain_pools = false;
	FOREACH_PORT(app, p) {
		if (rc == 0 && plain)
			rc = port_reconfigure(app, p);
		if (rc == 0)
			rc = port_start(app, p);
	}
	return rc;
}

/* Not having one is no error, and told once: a sweep has many sessions. */
static void
witness_begin(struct session *s)
{
	const char *program = source_emulated(s->app);
	static bool told;

	if (program == NULL)
		witness_open(&s->witness, NULL);
	else /* what other devices do is no witness of it */
		snprintf(s->witness.why, sizeof(s->witness.why), "the port %s", program);
	snprintf(s->result->witness_why, sizeof(s->result->witness_why), "%s", s->witness.why);
	if (s->witness.pmu == NULL && !told)
		fprintf(stderr, "system-wide witness: %s\n", s->witness.why);
	told = true;
}

static int
begin(struct session *s)
{
	char why[STEER_SOURCE_WHY];
	int rc = traffic_refused(&s->app->opts, why, sizeof(why)); /* a sweep's point may ask */

	if (rc == 0)
		rc = source_make(s->result->source, &s->source, why, sizeof(why));
	if (rc != 0) {
		complain("--source=%s: %s", steer_source_name(s->result->source), why);
		return rc;
	}
	witness_begin(s);
	rc = ports_up(s->app);
	if (rc == 0)
		rc = streams_build(s->app);
	if (rc == 0)
		rc = live_open(s->app, s->source, &s->witness, &s->live);
	if (rc == 0)
		rc = noise_start(s->app);
	if (rc != 0)
		return rc;
	FOREACH_PORT(s->app, p) {
		s->result->nb_rxd = s->app->ports[p].nb_rxd;
		s->result->nb_txd = s->app->ports[p].nb_txd;
	}
	return 0;
}

static int
first(struct session *s)
{
	return 0;
}

static double
mpps(const struct live *live)
{
	double sum = 0, hz = (double)rte_get_tsc_hz();

	for (unsigned int i = 0; i < live->nb_parts; i++)
		if (live->parts[i].round_tsc != 0)
			sum += (double)live->parts[i].round_packets /
			       ((double)live->parts[i].round_tsc / hz);
	return sum / 1e6;
}

/* Of the port whose packets were slowest: quantiles of several ports cannot be added. */
static void
latency_of(const struct app *app, struct latency_figures *lat)
{
	struct latency l;

	FOREACH_PORT(app, p)
		if (latency_get(app, p, &l) == 0 && (lat->samples == 0 || l.p99 > lat->p99))
			*lat = (struct latency_figures){
				.samples = l.samples, .p50 = l.p50, .p99 = l.p99, .p999 = l.p999};
}

static void
record(const struct session *s, struct round_result *out)
{
	struct steer_figures all[RTE_MAX_LCORE];
	const struct live *live = s->live;

	for (unsigned int i = 0; i < live->nb_parts; i++) {
		const struct live_part *p = &live->parts[i];

		all[i] = p->all;
		for (unsigned int k = 0; k < p->n; k++)
			out->queues[p->fs[k] - s->app->streams].fig = p->fig[k];
	}
	figures_merge(all, live->nb_parts, &out->fig);
	out->mpps = mpps(live);
	latency_of(s->app, &out->lat);
	witness_take(&s->witness, &out->witness);
	if (s->witness.failed)
		memcpy(s->result->witness_why, s->witness.why, sizeof(s->witness.why));
	s->result->unit = out->fig.unit;
}

static int
try_round(struct session *s, uint64_t warm, uint64_t packets, const char **why)
{
	const struct steer_source *source = s->source;
	unsigned int passes = source->ops->passes(source);
	int rc = live_prepare(s->live);

	witness_round(&s->witness);
	for (unsigned int pass = 0; pass < passes && rc == 0; pass++)
		rc = live_window(s->live, pass, warm, packets / passes + 1);
	return rc != 0 ? rc : live_read(s->live, why);
}

/* A window may be void through no fault of ours: counters were multiplexed, a thread was moved. */
static int
one_round(struct session *s, uint64_t warm, uint64_t packets, struct round_result *out)
{
	const char *why = NULL;
	int rc = 0;

	for (unsigned int tries = 0; tries < VOID_TRIES; tries++) {
		why = NULL;
		rc = try_round(s, warm, packets, &why);
		if (why == NULL)
			break;
	}
	if (why != NULL)
		complain("%s: round is void, %u times in a row: %s",
			 steer_source_name(s->result->source), VOID_TRIES, why);
	if (rc == 0)
		record(s, out);
	return rc;
}

static void
describe(struct session *s)
{
	const struct steer_source *source = s->source;
	char *text = malloc(DESCRIBE_SIZE);
	json_t *witness;
	int n = text == NULL ? -ENOMEM : source->ops->describe(source, text, DESCRIBE_SIZE);

	if (n > 0)
		s->result->detail = json_loadb(text, (size_t)n, 0, NULL);
	free(text);
	witness = witness_events(&s->witness);
	if (witness != NULL)
		json_object_set_new(s->result->detail, "witness", witness);
}

/* By lcores that forward as without an experiment; the source's are done. */
static void
cost(struct session *s)
{
	struct resteer_cost c;

	noise_stop(s->app); /* with the lcores it starts again */
	live_close(s->live);
	s->live = NULL;
	if (!s->result->steered || lcores_launch(s->app) != 0)
		return;
	FOREACH_PORT(s->app, p) {
		if (s->result->resteer.moves != 0 || resteer_cost(s->app, p, &c) != 0)
			continue;
		s->result->resteer = (struct resteer_figures){.moves = c.moves,
							      .median_us = c.median_us,
							      .max_us = c.max_us,
							      .packets_lost = c.packets_lost};
	}
	lcores_stop(s->app);
}

static void
end(struct session *s)
{
	noise_stop(s->app);
	live_close(s->live);
	s->live = NULL;
	if (s->source != NULL)
		s->source->ops->destroy(s->source);
	s->source = NULL;
	witness_close(&s->witness);
	FOREACH_PORT(s->app, p)
		port_stop(s->app, p);
}

const struct session_ops session_live = {
	.begin = begin,
	.first = first,
	.round = one_round,
	.describe = describe,
	.cost = cost,
	.end = end,
	.round_packets = 262144,
	.warmup_packets = 16384,
};
