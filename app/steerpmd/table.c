/* SPDX-License-Identifier: BSD-3-Clause */

/* The table of one experiment for the terminal. Every title says where the numbers come from. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "result.h"

static const char *
tag_text(char *buf, size_t len, int tag)
{
	if (tag == RESULT_NO_TAG || tag == 0)
		snprintf(buf, len, "none");
	else
		snprintf(buf, len, "0x%x", tag);
	return buf;
}

const char *
table_what(enum steer_source_unit unit)
{
	static const char *const words[] = {
		[STEER_UNIT_LINES] = "cache lines per packet by level",
		[STEER_UNIT_LOADS] = "loads per packet by level",
		[STEER_UNIT_SAMPLES] = "first touches by level in percent",
	};

	return words[unit];
}

void
table_head(FILE *out, const char *label)
{
	fprintf(out, "  %-8s %-25s %8s %8s %8s %8s %8s %9s %17s %10s\n", label, "", "own L1",
		"own L2", "other", "LLC", "memory", "L2 first", "cycles/packet", "packets");
}

static void
put_levels(FILE *out, const struct summary *s, enum steer_source_unit unit)
{
	bool shares = unit == STEER_UNIT_SAMPLES;
	const struct spread *levels = &s->fig[shares ? FIG_TOUCH : FIG_LINES];

	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		if (levels[l].n != 0)
			fprintf(out, " %8.2f", (shares ? 100 : 1) * levels[l].median);
		else
			fprintf(out, " %8s", "-");
	}
}

void
table_line(FILE *out, const char *label, const char *where, const struct summary *s,
	   enum steer_source_unit unit)
{
	const struct spread *c = &s->fig[FIG_CYCLES], *n = &s->fig[FIG_NEAR];
	char cycles[48] = "-", near[16] = "-";

	fprintf(out, "  %-8s %-25s", label, where);
	put_levels(out, s, unit);
	if (n->n != 0)
		snprintf(near, sizeof(near), "%.1f %%", 100 * n->median);
	if (c->n == 1)
		snprintf(cycles, sizeof(cycles), "%.0f", c->median);
	else if (c->n != 0)
		snprintf(cycles, sizeof(cycles), "%.0f [%.0f-%.0f]", c->median, c->q1, c->q3);
	fprintf(out, " %9s %17s %10" PRIu64 "\n", near, cycles, s->packets);
}

static const struct round_result *
first_round(const struct result *r, enum steering mode)
{
	for (unsigned int i = 0; i < r->nb_rounds; i++)
		if (r->rounds[i].mode == mode)
			return &r->rounds[i];
	return NULL;
}

static int
queues_print(const struct result *r, enum steering mode, FILE *out)
{
	const struct round_result *round = first_round(r, mode);
	struct summary s;
	char label[16], where[64], tag[12];

	for (unsigned int q = 0; round != NULL && q < r->nb_queues; q++) {
		const struct queue_result *qr = &round->queues[q];

		if (summarize(r, mode, (int)q, &s) != 0)
			return -ENOMEM;
		snprintf(label, sizeof(label), "  q%u", q);
		snprintf(where, sizeof(where), "lcore %u cpu %" PRIu32 " tag %s", qr->lcore,
			 qr->cpu, tag_text(tag, sizeof(tag), qr->tag));
		table_line(out, label, where, &s, r->unit);
	}
	return 0;
}

/* Only what is known. */
static void
speed_print(const struct summary *s, enum steering mode, FILE *out)
{
	const struct spread *m = &s->fig[FIG_MPPS], *w = &s->fig[FIG_WRITE_HITS];

	if (w->n != 0)
		fprintf(out, "  %-8s %.1f %% of the device's writes hit a cache [%.1f-%.1f]\n",
			steering_name(mode), 100 * w->median, 100 * w->q1, 100 * w->q3);
	if (m->n != 0)
		fprintf(out, "  %-8s %.3f Mpps [%.3f-%.3f]\n", steering_name(mode), m->median,
			m->q1, m->q3);
	if (s->latency_samples != 0)
		fprintf(out,
			"  %-8s from the device to the touch: p50 %.0f, p99 %.0f, p99.9 %.0f ns of "
			"%" PRIu64 " packets\n",
			steering_name(mode), s->fig[FIG_P50].median, s->fig[FIG_P99].median,
			s->fig[FIG_P999].median, s->latency_samples);
	table_witness(s, mode, out);
	if (s->stability != STEER_STAT_STABLE && s->stability != STEER_STAT_FEW)
		fprintf(out, "  %-8s unstable, %s: %s\n", steering_name(mode),
			steer_stat_verdict_name(s->stability), s->why);
}

static void
comparison_print(const struct result *r, const struct comparison *c, FILE *out)
{
	static const char *const words[FIGURES] = {
		[FIG_NEAR] = "L2 first, points",
		[FIG_CYCLES] = "cycles per packet",
		[FIG_MPPS] = "Mpps",
	};
	double scale = c->fig == FIG_NEAR ? 100 : 1;
	const char *word = comparison_word(r, c);
	char pair[24];

	snprintf(pair, sizeof(pair), "%s - %s", steering_name(c->a), steering_name(c->b));
	fprintf(out, "  %-15s %-18s %10.4g  95 %% [%.4g, %.4g]%s%s\n", pair, words[c->fig],
		scale * c->iv.diff, scale * c->iv.low, scale * c->iv.high,
		word[0] == '\0' ? "" : "  ", word);
}

static void
verdict_print(const struct result *r, FILE *out)
{
	struct comparison all[COMPARISONS_MAX];
	unsigned int n = compare_modes(r, all);
	struct control c;

	for (unsigned int i = 0; i < n; i++)
		comparison_print(r, &all[i], out);
	control_check(r, &c);
	if (c.verdict == CONTROL_INVALID)
		fprintf(out, "  EXPERIMENT INVALID: negative control: %s\n", c.why);
	else
		fprintf(out, "  negative control %s: %s\n", control_name(c.verdict), c.why);
}

static void
resteer_print(const struct resteer_figures *f, FILE *out)
{
	if (f->moves != 0)
		fprintf(out,
			"  cost of a re-steer: median %.1f us, at most %.1f us of %" PRIu64
			" moves; %" PRIu64 " packets lost\n",
			f->median_us, f->max_us, f->moves, f->packets_lost);
}

void
table_merged(uint32_t joined, FILE *out)
{
	json_t *groups = merged_json(joined);

	for (size_t g = 0; g < json_array_size(groups); g++) {
		const json_t *group = json_array_get(groups, g);

		fprintf(out, "  not separable here:");
		for (size_t i = 0; i < json_array_size(group); i++)
			fprintf(out, " %s", json_string_value(json_array_get(group, i)));
		fprintf(out, " (the sum stands under the first)\n");
	}
	json_decref(groups);
}

/* In a model session, how fast it walks: nothing else says so. */
static const char *
noise_text(const struct result *r, char *buf, size_t len)
{
	const struct opts *o = &r->opts;
	int n = 0;

	buf[0] = '\0';
	if (o->noise.mib != 0)
		n = snprintf(buf, len, ", beside a walk through %u MiB", o->noise.mib);
	if (o->noise.mib != 0 && r->source == STEER_SOURCE_MODEL)
		snprintf(buf + n, len - (size_t)n, " (%u lines a packet)", o->noise_lines);
	return buf;
}

static void
title_print(const struct result *r, FILE *out)
{
	bool shaped = r->platform != NULL && r->opts.rings != NULL &&
		      strcmp(r->opts.rings, "virtio") != 0;
	char noise[80];

	fprintf(out, "\n== %s on %s%s%s%s, %s, %s: medians of ", r->opts.input_name,
		r->platform != NULL ? r->platform->name : "this machine",
		shaped ? ", rings of " : "", shaped ? r->opts.rings : "",
		noise_text(r, noise, sizeof(noise)), table_what(r->unit),
		steer_source_label(r->source));
	if (r->complete)
		fprintf(out, "%u rounds per mode\n", r->opts.rounds);
	else
		fprintf(out, "%u rounds of %u: INTERRUPTED\n", r->nb_rounds, r->max_rounds);
}

int
table_print(const struct result *r, FILE *out)
{
	struct summary s;

	title_print(r, out);
	table_head(out, "mode");
	for (unsigned int i = 0; i < r->opts.nb_modes; i++) {
		if (summarize(r, r->opts.modes[i], -1, &s) != 0)
			return -ENOMEM;
		table_line(out, steering_name(r->opts.modes[i]), "all queues", &s, r->unit);
		if (queues_print(r, r->opts.modes[i], out) != 0)
			return -ENOMEM;
	}
	fprintf(out, "  L2 first: first touches of lines written by the device that the polling "
		     "CPU had in its own L1 or L2.\n"
		     "  [ ]: first and third quartile over rounds.\n");
	table_merged(result_joined(r), out);
	table_detail(r, out);
	for (unsigned int i = 0; i < r->opts.nb_modes; i++) {
		if (summarize(r, r->opts.modes[i], -1, &s) != 0)
			return -ENOMEM;
		speed_print(&s, r->opts.modes[i], out);
	}
	verdict_print(r, out);
	table_witness_verdict(r, out);
	resteer_print(&r->resteer, out);
	return 0;
}
