/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include <steer.h>

#include "experiment.h"
#include "lcores.h"
#include "model.h"
#include "ports.h"
#include "result.h"
#include "steering.h"
#include "streams.h"

struct experiment {
	struct app *app;
	uint16_t port;
	bool steered;
	struct cpus cpus;
	struct steer_platform platform;
	struct result result;
	struct model_snap before, after, diff;
};

static int
mode_apply(const struct experiment *e, enum steering mode)
{
	const struct app *app = e->app;
	int rc = 0;

	for (unsigned int i = 0; e->steered && i < app->nb_streams && rc == 0; i++)
		rc = steering_apply(&app->streams[i], mode, &e->cpus);
	return rc;
}

static int
tag_of(const struct experiment *e, uint16_t queue)
{
	struct steer_queue_info info;

	if (!e->steered || steer_queue_info_get(e->port, STEER_RX, queue, &info) != 0)
		return RESULT_NO_TAG;
	return info.tag;
}

static void
round_record(struct experiment *e, enum steering mode, unsigned int round)
{
	struct round_result *r = &e->result.rounds[e->result.nb_rounds++];

	r->mode = mode;
	r->round = round;
	for (uint16_t q = 0; q < e->result.nb_queues; q++) {
		const struct model_queue_snap *d = &e->diff.queue[q];
		unsigned int lcore = streams_find(e->app, e->port, q)->lcore;

		r->queues[q] = (struct queue_result){
			.queue = q,
			.lcore = lcore,
			.cpu = steer_lcore_cpu(lcore),
			.tag = tag_of(e, q),
			.packets = d->packets,
			.ctr = d->ctr,
		};
		r->packets += d->packets;
	}
}

static int
nothing_dropped(const struct app *app)
{
	for (unsigned int i = 0; i < app->nb_streams; i++) {
		if (app->streams[i].tx_dropped == 0)
			continue;
		complain("model: round is void: Tx queue %u could not take a window: use a larger "
			 "--txd or a smaller --lockstep",
			 app->streams[i].tx_queue);
		return -ENOBUFS;
	}
	return 0;
}

static int
round_run(struct experiment *e, enum steering mode, unsigned int round)
{
	const struct opts *o = &e->app->opts;
	uint16_t nq = e->result.nb_queues;
	int rc = mode_apply(e, mode);

	/* what the mode before has left in the caches is not this mode's */
	if (rc == 0 && o->warmup_packets != 0)
		rc = model_run(e->port, nq, o->warmup_packets);
	model_snap(e->port, nq, &e->before);
	if (rc == 0)
		rc = model_run(e->port, nq, o->round_packets);
	model_snap(e->port, nq, &e->after);
	if (rc == 0)
		rc = model_diff(nq, &e->before, &e->after, &e->diff);
	if (rc == 0)
		rc = nothing_dropped(e->app);
	if (rc == 0)
		round_record(e, mode, round);
	return rc;
}

/*
 * Through all buffers of the pools twice: what was never touched misses whatever the tags are.
 * Queues are bound from the first packet on: in auto, tags would come at a time of their own.
 */
static int
first_walk(struct experiment *e)
{
	uint64_t mbufs = 0;
	int rc = mode_apply(e, e->app->opts.modes[0]);

	if (rc != 0)
		return rc;

	for (unsigned int i = 0; i < e->app->nb_streams; i++)
		mbufs += e->app->streams[i].pool->size;
	return model_run(e->port, e->result.nb_queues, 2 * mbufs);
}

static int
rounds_run(struct experiment *e)
{
	const struct opts *o = &e->app->opts;
	int rc = first_walk(e);

	for (unsigned int r = 0; r < o->rounds; r++) {
		for (unsigned int i = 0; i < o->nb_modes && rc == 0; i++)
			rc = round_run(e, o->modes[order_mode(o->nb_modes, r, i)], r);
	}
	return rc;
}

/* Told before anything runs: half an experiment is of no use. */
static int
cpus_check(const struct experiment *e)
{
	const struct app *app = e->app;

	for (unsigned int i = 0; i < app->opts.nb_modes; i++) {
		if (app->opts.modes[i] == STEERING_WRONG && e->cpus.n == 1) {
			complain("'wrong' needs lcores on at least 2 CPUs, all are on CPU %u",
				 e->cpus.cpu[0]);
			return -EINVAL;
		}
	}
	return 0;
}

static int
prepare(struct experiment *e)
{
	struct app *app = e->app;
	const struct opts *o = &app->opts;
	char why[256];
	int rc;

	rc = model_port(app, &e->port);
	if (rc == 0)
		rc = steering_cpus(&e->cpus);
	if (rc == 0)
		rc = model_begin(app, e->port, &e->cpus);
	if (rc == 0)
		rc = cpus_check(e);
	if (rc == 0)
		rc = port_start(app, e->port);
	if (rc == 0)
		rc = streams_build(app);
	if (rc != 0)
		return rc;
	if (steer_platform_parse(o->platform, &e->platform, why, sizeof(why)) != 0)
		return -EINVAL;
	e->platform.name = o->platform;
	e->result.platform = &e->platform;
	e->result.rings = o->rings;
	e->result.input = o->input_name;
	e->result.nb_modes = o->nb_modes;
	memcpy(e->result.modes, o->modes, sizeof(o->modes));
	e->steered = steering_unsupported(e->port) == NULL;
	if (!e->steered)
		fprintf(stderr, "steer: unsupported: %s\n", steering_unsupported(e->port));
	return result_init(&e->result, o->nb_rxq, o->nb_modes * o->rounds);
}

static int
write_file(int (*write)(const struct result *, const char *), const struct result *r,
	   const char *path)
{
	int rc = path != NULL ? write(r, path) : 0;

	if (rc != 0)
		complain("%s: %s", path, rte_strerror(-rc));
	return rc;
}

static int
report(const struct result *r, const struct opts *o)
{
	int rc = 0, rc_csv;

	if (o->json == NULL || strcmp(o->json, "-") != 0)
		rc = table_print(r, stdout);
	if (rc == 0)
		rc = write_file(result_write_json, r, o->json);
	rc_csv = write_file(result_write_csv, r, o->csv);
	return rc != 0 ? rc : rc_csv;
}

enum pmd_exit
experiment_run(struct app *app)
{
	static struct experiment e; /* large */
	int rc;

	e = (struct experiment){.app = app};
	rc = prepare(&e);
	if (rc == 0)
		rc = lcores_launch(app);
	if (rc == 0) {
		rc = rounds_run(&e);
		lcores_stop(app);
	}
	if (rc == 0)
		rc = report(&e.result, &app->opts);
	result_free(&e.result);
	if (rc == -ENOTSUP)
		return PMD_EXIT_UNSUPPORTED;
	return rc == 0 ? PMD_EXIT_OK : PMD_EXIT_FAILURE;
}
