/* SPDX-License-Identifier: BSD-3-Clause */

/* The model in the device process as a source: packets come in lockstep, counters are read. */

#include <errno.h>

#include "lcores.h"
#include "model.h"
#include "ports.h"
#include "session.h"
#include "streams.h"

static int
begin(struct session *s)
{
	struct app *app = s->app;
	char why[STEER_SOURCE_WHY];
	int rc = model_port(app, &s->port, why, sizeof(why));

	if (rc != 0) {
		complain("--source=model: %s", why);
		return rc;
	}
	if (!app->plain_pools) {
		app->plain_pools = true;
		rc = port_reconfigure(app, s->port);
	}
	if (rc == 0)
		rc = model_begin(app, s->port, &s->cpus);
	if (rc == 0)
		rc = port_start(app, s->port);
	if (rc == 0)
		rc = streams_build(app);
	if (rc == 0)
		rc = lcores_launch(app);
	if (rc != 0)
		return rc;
	/* parsed before, with the options */
	if (steer_platform_parse(app->opts.platform, &s->result->machine, why, sizeof(why)) != 0)
		return -EINVAL;
	s->result->machine.name = app->opts.platform;
	s->result->platform = &s->result->machine;
	s->result->unit = STEER_UNIT_LINES;
	s->result->nb_rxd = app->ports[s->port].nb_rxd;
	s->result->nb_txd = app->ports[s->port].nb_txd;
	return 0;
}

/* Through all buffers of the pools twice: what was never touched misses whatever the tags are. */
static int
first(struct session *s)
{
	return model_run(s->port, s->result->nb_queues, 2 * session_buffers(s->app));
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

static void
record(const struct session *s, const struct model_snap *diff, struct round_result *out)
{
	const struct steer_platform *p = s->result->platform;
	struct steer_cache_counters sum = {{0}, {0}};
	uint64_t packets = 0;

	for (unsigned int q = 0; q < s->result->nb_queues; q++) {
		const struct model_queue_snap *d = &diff->queue[q];

		figures_of_counters(p, &d->ctr, d->packets, &out->queues[q].fig);
		packets += d->packets;
		for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
			sum.lines[l] += d->ctr.lines[l];
			sum.first_touch[l] += d->ctr.first_touch[l];
		}
	}
	figures_of_counters(p, &sum, packets, &out->fig);
	out->dma = diff->dma;
}

static int
one_round(struct session *s, uint64_t warm, uint64_t packets, struct round_result *out)
{
	static struct model_snap before, after, diff; /* large */
	uint16_t nq = s->result->nb_queues;
	/* what the mode before has left in the caches is not this mode's */
	int rc = warm != 0 ? model_run(s->port, nq, warm) : 0;

	model_snap(s->port, nq, &before);
	if (rc == 0)
		rc = model_run(s->port, nq, packets);
	model_snap(s->port, nq, &after);
	if (rc == 0)
		rc = model_diff(nq, &before, &after, &diff);
	if (rc == 0)
		rc = nothing_dropped(s->app);
	if (rc == 0)
		record(s, &diff, out);
	return rc;
}

/* What the device did in the rounds of one mode, in lines. */
static json_t *
device_json(const struct result *r, enum steering mode)
{
	struct steer_cache_dma_stats sum = {0};

	for (unsigned int i = 0; i < r->nb_rounds; i++) {
		const struct steer_cache_dma_stats *d = &r->rounds[i].dma;

		if (r->rounds[i].mode != mode)
			continue;
		sum.writes += d->writes;
		sum.write_hits += d->write_hits;
		sum.reads += d->reads;
		sum.read_hits += d->read_hits;
	}
	return json_pack("{s:I, s:I, s:I, s:I}", "writes", (json_int_t)sum.writes, "write_hits",
			 (json_int_t)sum.write_hits, "reads", (json_int_t)sum.reads, "read_hits",
			 (json_int_t)sum.read_hits);
}

static void
describe(struct session *s)
{
	const struct result *r = s->result;
	json_t *device = json_object();

	for (unsigned int i = 0; i < r->opts.nb_modes; i++)
		json_object_set_new(device, steering_name(r->opts.modes[i]),
				    device_json(r, r->opts.modes[i]));
	s->result->detail = json_pack("{s:s, s:s, s:s, s:I, s:i, s:o}", "platform",
				      r->platform->name, "machine", r->platform->desc, "rings",
				      r->opts.rings, "seed", (json_int_t)r->opts.seed, "freq_mhz",
				      (int)r->platform->freq_mhz, "device_lines", device);
}

static void
end(struct session *s)
{
	lcores_stop(s->app);
	port_stop(s->app, s->port);
	model_end(s->app, s->port);
}

const struct session_ops session_model = {
	.begin = begin,
	.first = first,
	.round = one_round,
	.describe = describe,
	.end = end,
	.round_packets = 4096,
	.warmup_packets = 1024,
};
