/* SPDX-License-Identifier: BSD-3-Clause */

/* JSON. Every object of it that has numbers also has the source of them. */

#include <errno.h>
#include <string.h>

#include "out_file.h"
#include "result.h"

#define JSON_FORM (JSON_INDENT(1) | JSON_REAL_PRECISION(9))

static json_t *
real_or_null(bool valid, double v)
{
	return valid ? json_real(v) : json_null();
}

static json_t *
figure_json(const struct steer_figures *f, enum figure fig)
{
	double v = 0;
	bool known = figure_of(f, fig, &v);

	return real_or_null(known, v);
}

static json_t *
levels_json(const struct steer_figures *f, enum figure first)
{
	json_t *o = json_object();

	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		json_object_set_new(o, steer_cache_level_name(l), figure_json(f, first + l));
	return o;
}

static json_t *
queue_json(const struct result *r, unsigned int queue, const struct queue_result *q)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:I, s:o, s:I, s:s, s:o, s:o, s:o}", "queue",
			 (int)queue, "port", (int)q->port, "rx_queue", (int)q->rx_queue, "lcore",
			 (int)q->lcore, "cpu", (json_int_t)q->cpu, "tag",
			 q->tag == RESULT_NO_TAG ? json_null() : json_integer(q->tag), "packets",
			 (json_int_t)q->fig.packets, "source", steer_source_name(r->source),
			 "lines", levels_json(&q->fig, FIG_LINES), "first_touch",
			 levels_json(&q->fig, FIG_TOUCH), "cycles_per_packet",
			 figure_json(&q->fig, FIG_CYCLES));
}

static json_t *
latency_json(uint64_t samples, double p50, double p99, double p999)
{
	if (samples == 0)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:I}", "p50", p50, "p99", p99, "p999", p999, "samples",
			 (json_int_t)samples);
}

static json_t *
round_json(const struct result *r, const struct round_result *round)
{
	const struct latency_figures *lat = &round->lat;
	json_t *queues = json_array();

	for (unsigned int q = 0; q < r->nb_queues; q++)
		json_array_append_new(queues, queue_json(r, q, &round->queues[q]));
	return json_pack("{s:s, s:i, s:I, s:s, s:o, s:o, s:o, s:o, s:o}", "mode",
			 steering_name(round->mode), "round", (int)round->round, "packets",
			 (json_int_t)round->fig.packets, "source", steer_source_name(r->source),
			 "mpps", real_or_null(round->mpps > 0, round->mpps), "cycles_per_packet",
			 figure_json(&round->fig, FIG_CYCLES), "latency_ns",
			 latency_json(lat->samples, lat->p50, lat->p99, lat->p999), "witness",
			 witness_round_json(&round->witness), "per_queue", queues);
}

static json_t *
median_json(const struct summary *s, enum figure fig)
{
	return real_or_null(s->fig[fig].n != 0, s->fig[fig].median);
}

static json_t *
medians_json(const struct summary *s, enum figure first)
{
	json_t *o = json_object();

	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		json_object_set_new(o, steer_cache_level_name(l), median_json(s, first + l));
	return o;
}

static json_t *
range_json(const struct spread *s)
{
	return json_pack("{s:o, s:o}", "min", real_or_null(s->n != 0, s->min), "max",
			 real_or_null(s->n != 0, s->max));
}

static json_t *
quartiles_json(const struct spread *s)
{
	if (s->n == 0)
		return json_null();
	return json_pack("[f, f]", s->q1, s->q3);
}

/* The same figures as ranges or as quartiles. */
static json_t *
spreads_json(const struct summary *s, json_t *(*form)(const struct spread *))
{
	json_t *lines = json_object();

	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		json_object_set_new(lines, steer_cache_level_name(l), form(&s->fig[FIG_LINES + l]));
	return json_pack("{s:o, s:o, s:o, s:o}", "lines", lines, "l2_or_better",
			 form(&s->fig[FIG_NEAR]), "cycles_per_packet", form(&s->fig[FIG_CYCLES]),
			 "mpps", form(&s->fig[FIG_MPPS]));
}

static json_t *
summary_json(const struct result *r, const struct summary *s)
{
	json_t *stability = json_pack("{s:s, s:s}", "verdict",
				      steer_stat_verdict_name(s->stability), "why", s->why);

	return json_pack("{s:s, s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "source", steer_source_name(r->source), "rounds", (int)s->rounds,
			 "packets", (json_int_t)s->packets, "lines", medians_json(s, FIG_LINES),
			 "first_touch", medians_json(s, FIG_TOUCH), "l2_or_better",
			 median_json(s, FIG_NEAR), "cycles_per_packet", median_json(s, FIG_CYCLES),
			 "mpps", median_json(s, FIG_MPPS), "latency_ns",
			 latency_json(s->latency_samples, s->fig[FIG_P50].median,
				      s->fig[FIG_P99].median, s->fig[FIG_P999].median),
			 "device_write_hits", median_json(s, FIG_WRITE_HITS), "witness",
			 witness_summary_json(s), "spread", spreads_json(s, range_json), "iqr",
			 spreads_json(s, quartiles_json), "stability", stability);
}

static json_t *
comparisons_json(const struct result *r)
{
	struct comparison all[COMPARISONS_MAX];
	unsigned int n = compare_modes(r, all);
	json_t *list = json_array();

	for (unsigned int i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f}", "a",
						      steering_name(all[i].a), "b",
						      steering_name(all[i].b), "figure",
						      figure_name(all[i].fig), "difference",
						      all[i].iv.diff, "low", all[i].iv.low, "high",
						      all[i].iv.high, "confidence", 0.95));
	return list;
}

static json_t *
control_json(const struct result *r)
{
	struct control c;

	control_check(r, &c);
	return json_pack("{s:s, s:s}", "verdict", control_name(c.verdict), "why", c.why);
}

static json_t *
resteer_json(const struct resteer_figures *f)
{
	if (f->moves == 0)
		return json_null();
	return json_pack("{s:I, s:f, s:f, s:I}", "moves", (json_int_t)f->moves, "median_us",
			 f->median_us, "max_us", f->max_us, "packets_lost",
			 (json_int_t)f->packets_lost);
}

static json_t *
rounds_json(const struct result *r)
{
	json_t *rounds = json_array();

	for (unsigned int i = 0; i < r->nb_rounds; i++)
		json_array_append_new(rounds, round_json(r, &r->rounds[i]));
	return rounds;
}

static json_t *
summaries_json(const struct result *r)
{
	json_t *summaries = json_object();
	struct summary s;

	for (unsigned int i = 0; i < r->opts.nb_modes; i++)
		if (summarize(r, r->opts.modes[i], -1, &s) == 0 && s.rounds != 0)
			json_object_set_new(summaries, steering_name(r->opts.modes[i]),
					    summary_json(r, &s));
	return summaries;
}

static int
add(json_t *o, const char *key, json_t *value)
{
	return json_object_set_new(o, key, value);
}

json_t *
result_json(const struct result *r)
{
	json_t *o = json_pack("{s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:b}", "schema", 1,
			      "revision", RESULT_REVISION, "source", steer_source_name(r->source),
			      "label", steer_source_label(r->source), "unit",
			      steer_source_unit_name(r->unit), "platform",
			      r->platform != NULL ? r->platform->name : "this machine", "input",
			      r->opts.input_name, "queues", (int)r->nb_queues, "steered",
			      (int)r->steered, "complete", (int)r->complete);
	int rc = o == NULL;

	if (r->point != NULL) {
		rc |= json_object_set(o, "point", r->point);
		rc |= add(o, "elapsed_s", json_real(r->elapsed_s));
	}
	rc |= add(o, "tool", tool_json());
	rc |= add(o, "time", time_json());
	rc |= add(o, "machine", machine_json());
	rc |= add(o, "config", config_json(r));
	rc |= add(o, "merged", merged_json(result_joined(r)));
	rc |= add(o, "rounds", rounds_json(r));
	rc |= add(o, "summary", summaries_json(r));
	rc |= add(o, "comparisons", comparisons_json(r));
	rc |= add(o, "control", control_json(r));
	rc |= add(o, "witness", witness_json(r));
	rc |= add(o, "resteer", resteer_json(&r->resteer));
	rc |= json_object_set(o, "source_detail", r->detail != NULL ? r->detail : json_null());
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static int
dump(const json_t *o, FILE *f)
{
	if (json_dumpf(o, f, JSON_FORM) != 0 || fputc('\n', f) == EOF)
		return -EIO;
	return 0;
}

int
json_write(const json_t *o, const char *path)
{
	struct out_file out;
	int rc;

	if (o == NULL)
		return -ENOMEM;
	if (strcmp(path, "-") == 0)
		return dump(o, stdout);
	rc = out_open(&out, path);
	return rc != 0 ? rc : out_close(&out, dump(o, out.f));
}
