/* SPDX-License-Identifier: BSD-3-Clause */

/* Rounds of the modes in turns, by one source. */

#include <errno.h>

#include <rte_errno.h>

#include "experiment.h"
#include "ports.h"
#include "session.h"
#include "steering.h"
#include "streams.h"

/* Told before anything runs: half an experiment is of no use. */
static int
cpus_check(const struct opts *o, const struct cpus *cpus)
{
	for (unsigned int i = 0; i < o->nb_modes; i++) {
		if (o->modes[i] == STEERING_WRONG && cpus->n == 1) {
			complain("'wrong' needs lcores on at least 2 CPUs, all are on CPU %u",
				 cpus->cpu[0]);
			return -EINVAL;
		}
	}
	return 0;
}

/* All ports of an experiment, or none: half of the packets steered is no mode. */
static bool
steered(const struct app *app)
{
	bool all = true;

	FOREACH_PORT(app, p) {
		if (steering_unsupported(p) == NULL)
			continue;
		fprintf(stderr, "steer: unsupported: %s\n", steering_unsupported(p));
		all = false;
	}
	return all;
}

/* Defaults that depend on the source; a round that does not use every buffer is no round. */
static void
fill_in(struct session *s)
{
	struct opts *o = &s->result->opts;

	if (o->round_packets == 0)
		o->round_packets = s->ops->round_packets;
	if (!o->warmup_given)
		o->warmup_packets = RTE_MAX(s->ops->warmup_packets, session_buffers(s->app));
}

static int
round_run(struct session *s, enum steering mode, unsigned int round)
{
	struct result *r = s->result;
	struct round_result *out = &r->rounds[r->nb_rounds];
	int rc = r->steered ? steering_mode(s->app, mode, &s->cpus) : 0;

	if (rc == 0)
		rc = s->ops->round(s, r->opts.warmup_packets, r->opts.round_packets, out);
	if (rc != 0)
		return rc;
	out->mode = mode;
	out->round = round;
	session_round_places(s, out);
	r->nb_rounds++;
	return 0;
}

static int
rounds_run(struct session *s)
{
	const struct opts *o = &s->result->opts;
	/* Queues are bound from the first packet on: in auto, tags come at a time of their own. */
	int rc = s->result->steered ? steering_mode(s->app, o->modes[0], &s->cpus) : 0;

	if (rc == 0)
		rc = s->ops->first(s);
	for (unsigned int r = 0; r < o->rounds; r++) {
		for (unsigned int i = 0; i < o->nb_modes && rc == 0; i++)
			rc = round_run(s, o->modes[order_mode(o->nb_modes, r, i)], r);
	}
	s->result->complete = rc == 0;
	return rc;
}

static int
begun(struct session *s)
{
	struct result *r = s->result;
	const struct opts *o = &s->app->opts;
	int rc;

	r->steered = steered(s->app);
	r->nb_cores = s->app->nb_lcores;
	rc = result_init(r, s->app->nb_streams, o->nb_modes * o->rounds);
	if (rc == 0)
		rc = steering_check_modes(s->app, o, r->steered);
	if (rc != 0)
		return rc;
	fill_in(s);
	rc = rounds_run(s);
	result_join(r);
	if (r->nb_rounds != 0)
		s->ops->describe(s);
	if (rc == 0 && s->ops->cost != NULL)
		s->ops->cost(s);
	return rc;
}

int
experiment_by(struct app *app, enum steer_source_id id, struct result *r)
{
	struct session s = {.app = app, .ops = session_ops_of(id), .result = r};
	int rc = steering_cpus(&s.cpus);

	*r = (struct result){.opts = app->opts, .source = id};
	if (rc == 0)
		rc = cpus_check(&app->opts, &s.cpus);
	if (rc != 0)
		return rc;
	rc = s.ops->begin(&s);
	if (rc == 0)
		rc = begun(&s);
	s.ops->end(&s);
	streams_free(app);
	return rc;
}

/* It was to be had, and then it was not: among those that were refused, if it leaves nothing. */
static void
keep(struct experiment_runs *runs, enum steer_source_id id, int rc)
{
	struct source_picks *p = &runs->picks;
	struct result *r = &runs->results[runs->n];

	if (r->nb_rounds != 0) {
		runs->n++;
		return;
	}
	result_free(r);
	p->refused[p->nb_refused].id = id;
	p->refused[p->nb_refused].rc = rc;
	snprintf(p->refused[p->nb_refused].why, STEER_SOURCE_WHY,
		 "it failed before its first round was complete (%s), see the program's messages",
		 rte_strerror(-rc));
	p->nb_refused++;
}

/* The next source may work where one failed; not after a signal, without the device, or with
 * options that no source can take. */
static bool
over(int rc)
{
	return rc == -EINTR || rc == -ENODEV || rc == -EINVAL;
}

int
experiment_measure(struct app *app, struct experiment_runs *runs)
{
	int rc, first;

	*runs = (struct experiment_runs){0};
	rc = first = source_pick(app, &runs->picks);
	if (rc != 0)
		return rc;
	for (unsigned int i = 0; i < runs->picks.n && !over(rc); i++) {
		rc = experiment_by(app, runs->picks.id[i], &runs->results[runs->n]);
		keep(runs, runs->picks.id[i], rc);
		first = first != 0 ? first : rc;
	}
	return first;
}

void
experiment_free(struct experiment_runs *runs)
{
	for (unsigned int i = 0; i < runs->n; i++)
		result_free(&runs->results[i]);
	runs->n = 0;
}
