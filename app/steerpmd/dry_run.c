/* SPDX-License-Identifier: BSD-3-Clause */

#include <inttypes.h>

#include <steer_source.h>

#include "dry_run.h"
#include "result.h"
#include "source_make.h"
#include "sweep_file.h"

/* Packets per second of the emulated device with its model, all queues; of a 2.5 GHz Xeon, headers
 * touched. Only for the estimate. */
#define MODEL_RATE           250000.0

#define MODEL_ROUND_PACKETS  4096
#define MODEL_WARMUP_PACKETS 1024

static void
live_source(enum steer_source_id id, FILE *out)
{
	char why[STEER_SOURCE_WHY] = "";
	struct steer_source *s;
	int rc = source_make(id, &s, why, sizeof(why));

	if (rc == 0)
		s->ops->destroy(s);
	fprintf(out, "  source %-7s %s: %s\n", steer_source_name(id),
		rc == 0 ? "can be had here" : "cannot be had here",
		rc == 0 ? steer_source_label(id) : why);
}

static void
sources(const struct opts *o, FILE *out)
{
	bool all = o->source == SOURCE_AUTO || o->source == SOURCE_ALL;

	fprintf(out, "source: %s%s\n", source_choice_name(o->source),
		o->source == SOURCE_AUTO
			? ": the PMU, else timing on real devices, else the model on vfu-nic"
		: o->source == SOURCE_ALL ? ": each that can be had, one after the other"
					  : "");
	if (all || o->source == SOURCE_PMU)
		live_source(STEER_SOURCE_PMU, out);
	if (all || o->source == SOURCE_TIMING)
		live_source(STEER_SOURCE_TIMING, out);
	if (all || o->source == SOURCE_MODEL)
		fprintf(out,
			"  source model   needs a port of vfu-nic, platform %s, windows of %u\n",
			o->platform, o->lockstep);
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

static uint64_t
round_packets(const struct opts *o)
{
	return o->round_packets != 0 ? o->round_packets : MODEL_ROUND_PACKETS;
}

/* As the model would have it; a live round ends with the time that its packets take. */
static double
packets_of(const struct opts *o)
{
	uint64_t buffers =
		(uint64_t)o->nb_rxq * ((o->nb_rxd ? o->nb_rxd : 256u) +
				       (o->nb_txd ? o->nb_txd : 256u) + 2u * o->burst + 64u);
	uint64_t warm = o->warmup_given                  ? o->warmup_packets
			: buffers > MODEL_WARMUP_PACKETS ? buffers
							 : MODEL_WARMUP_PACKETS;

	return 2.0 * (double)buffers +
	       (double)o->rounds * o->nb_modes * (double)(warm + round_packets(o));
}

static void
estimate(double packets, FILE *out)
{
	fprintf(out, "about %.0f packets, by the model about %.0f s (at %.0f packets/s, a guess)\n",
		packets, packets / MODEL_RATE, MODEL_RATE);
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
points(const struct opts *o, FILE *out)
{
	unsigned long n = sweep_axes_points(&o->sweep);
	static struct opts point; /* large */
	double packets = 0;
	char text[256];

	fprintf(out, "sweep: %lu points into %s; %zu are there already\n", n, o->out,
		points_there(o));
	for (unsigned long p = 0; p < n; p++) {
		point = *o;
		sweep_axes_apply(&o->sweep, p, &point, text, sizeof(text));
		packets += packets_of(&point);
		fprintf(out, "  %s\n", sweep_axes_text(&o->sweep, p, text, sizeof(text)));
	}
	estimate(packets, out);
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
	char touch[32];

	fprintf(out, "dry run: no device is opened\n");
	if (o->preset != NULL)
		fprintf(out, "preset: %s\n", o->preset);
	sources(o, out);
	modes(o, out);
	fprintf(out, "traffic: %s, %s, %u Rx and %u Tx queues, bursts of %u, touch %s\n",
		o->input_name, fwd_mode_name(o->fwd_mode), o->nb_rxq, o->nb_txq, o->burst,
		touch_name(&o->touch, touch, sizeof(touch)));
	noise(o, out);
	if (o->sweep.n != 0)
		points(o, out);
	else
		estimate(packets_of(o), out);
}
