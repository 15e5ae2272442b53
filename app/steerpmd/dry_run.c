/* SPDX-License-Identifier: BSD-3-Clause */

#include <inttypes.h>

#include <rte_common.h>

#include <steer_timing.h>

#include "dry_run.h"
#include "session.h"
#include "source_make.h"
#include "sweep_file.h"
#include "traffic.h"

/* Packets per second of the emulated device with its model, all queues; of a 2.5 GHz Xeon, headers
 * touched. Only for the estimate. */
#define MODEL_RATE 250000.0

/* A source that may be the one, and the windows of its rounds. */
struct plan {
	unsigned int n;
	struct {
		enum steer_source_id id;
		unsigned int passes;
	} source[STEER_SOURCE_IDS];
};

static void
plan_add(struct plan *plan, enum steer_source_id id, unsigned int passes)
{
	plan->source[plan->n].id = id;
	plan->source[plan->n++].passes = passes;
}

static void
live_source(enum steer_source_id id, const struct opts *o, struct plan *plan, FILE *out)
{
	const char *name = steer_source_name(id), *label = steer_source_label(id);
	char why[STEER_SOURCE_WHY] = "";
	struct steer_source *s;
	unsigned int passes;
	int rc = traffic_refused(o, why, sizeof(why));

	if (rc == 0)
		rc = source_make(id, &s, why, sizeof(why));
	if (rc != 0) {
		fprintf(out, "  source %-7s cannot be had here: %s\n", name, why);
		return;
	}
	passes = s->ops->passes(s);
	s->ops->destroy(s);
	plan_add(plan, id, passes);
	fprintf(out, "  source %-7s can be had here: %s, ", name, label);
	if (id == STEER_SOURCE_TIMING)
		fprintf(out, "one packet in %u\n", STEER_TIMING_EVERY);
	else
		fprintf(out, "%u windows a round, each with other events\n", passes);
}

static void
sources(const struct opts *o, struct plan *plan, FILE *out)
{
	bool all = o->source == SOURCE_AUTO || o->source == SOURCE_ALL;

	fprintf(out, "source: %s%s\n", source_choice_name(o->source),
		o->source == SOURCE_AUTO
			? ": the PMU, else timing on real devices, else the model on vfu-nic"
		: o->source == SOURCE_ALL ? ": each that can be had, one after the other"
					  : "");
	if (all || o->source == SOURCE_PMU)
		live_source(STEER_SOURCE_PMU, o, plan, out);
	if (all || o->source == SOURCE_TIMING)
		live_source(STEER_SOURCE_TIMING, o, plan, out);
	if (all || o->source == SOURCE_MODEL) {
		plan_add(plan, STEER_SOURCE_MODEL, 1);
		fprintf(out,
			"  source model   needs a port of vfu-nic, platform %s, windows of %u\n",
			o->platform, o->lockstep);
	}
}

static void
modes(const struct opts *o, FILE *out)
{
	fprintf(out, "modes:");
	for (unsigned int i = 0; i < o->nb_modes; i++)
		fprintf(out, " %s", steering_name(o->modes[i]));
	fprintf(out, "; %u rounds of each, in this order:\n", o->rounds);
	for (unsigned int r = 0; r < o->rounds && r < 2 * o->nb_modes; r++) {
		fprintf(out, "  round %u:", r);
		for (unsigned int i = 0; i < o->nb_modes; i++)
			fprintf(out, " %s", steering_name(o->modes[order_mode(o->nb_modes, r, i)]));
		fprintf(out, "\n");
	}
	if (o->rounds > 2 * o->nb_modes)
		fprintf(out, "  and so on\n");
}

/* Of all rounds by the i-th source; before the model's first all buffers go round twice. */
static double
packets_of(const struct opts *o, const struct plan *plan, unsigned int i)
{
	const struct session_ops *ops = session_ops_of(plan->source[i].id);
	uint64_t buffers =
		(uint64_t)o->nb_rxq * ((o->nb_rxd ? o->nb_rxd : 256u) +
				       (o->nb_txd ? o->nb_txd : 256u) + 2u * o->burst + 64u);
	uint64_t warm = o->warmup_given ? o->warmup_packets : RTE_MAX(ops->warmup_packets, buffers);
	uint64_t round = o->round_packets != 0 ? o->round_packets : ops->round_packets;
	double first = plan->source[i].id == STEER_SOURCE_MODEL ? 2.0 * (double)buffers : 0;

	return first + (double)o->rounds * o->nb_modes *
			       ((double)warm * plan->source[i].passes + (double)round);
}

static void
estimate(const struct plan *plan, const double packets[STEER_SOURCE_IDS], FILE *out)
{
	for (unsigned int i = 0; i < plan->n; i++) {
		enum steer_source_id id = plan->source[i].id;

		fprintf(out, "by %s about %.0f packets, ", steer_source_name(id), packets[i]);
		if (id == STEER_SOURCE_MODEL)
			fprintf(out, "about %.0f s (at %.0f packets/s, a guess)\n",
				packets[i] / MODEL_RATE, MODEL_RATE);
		else
			fprintf(out, "for as long as they take to come\n");
	}
}

static size_t
points_there(const struct opts *o)
{
	json_t *list = sweep_file_results(o->out);
	size_t n = json_array_size(list);

	json_decref(list);
	return n;
}

static void
points(const struct opts *o, const struct plan *plan, double packets[STEER_SOURCE_IDS], FILE *out)
{
	unsigned long n = sweep_axes_points(&o->sweep);
	static struct opts point; /* large */
	char text[256];

	fprintf(out, "sweep: %lu points into %s; %zu are there already\n", n, o->out,
		points_there(o));
	for (unsigned long p = 0; p < n; p++) {
		point = *o;
		sweep_axes_apply(&o->sweep, p, &point, text, sizeof(text));
		for (unsigned int i = 0; i < plan->n; i++)
			packets[i] += packets_of(&point, plan, i);
		fprintf(out, "  %s\n", sweep_axes_text(&o->sweep, p, text, sizeof(text)));
	}
}

static void
noise(const struct opts *o, FILE *out)
{
	if (o->noise.mib == 0)
		return;
	fprintf(out,
		"noise: a walk through %u MiB on lcore %u; by the model %u lines in the time of a "
		"packet\n",
		o->noise.mib, o->noise.lcore, o->noise_lines);
}

void
dry_run(const struct opts *o, FILE *out)
{
	double packets[STEER_SOURCE_IDS] = {0};
	struct plan plan = {0};
	char touch[32];

	fprintf(out, "dry run: no device is opened\n");
	if (o->preset != NULL)
		fprintf(out, "preset: %s\n", o->preset);
	sources(o, &plan, out);
	modes(o, out);
	fprintf(out, "traffic: %s, %s, %u Rx and %u Tx queues, bursts of %u, touch %s\n",
		o->input_name, fwd_mode_name(o->fwd_mode), o->nb_rxq, o->nb_txq, o->burst,
		touch_name(&o->touch, touch, sizeof(touch)));
	noise(o, out);
	if (o->sweep.n != 0)
		points(o, &plan, packets, out);
	for (unsigned int i = 0; i < plan.n && o->sweep.n == 0; i++)
		packets[i] = packets_of(o, &plan, i);
	estimate(&plan, packets, out);
}
