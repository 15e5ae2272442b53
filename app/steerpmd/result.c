/* SPDX-License-Identifier: BSD-3-Clause */

/* JSON and CSV. Every object of the JSON that has numbers also has the source of them. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "result.h"

#define SOURCE    "model"
#define JSON_FORM (JSON_INDENT(1) | JSON_REAL_PRECISION(9))

static json_t *
real_or_null(bool valid, double v)
{
	return valid ? json_real(v) : json_null();
}

static json_t *
levels_json(bool valid, const double v[STEER_CACHE_LEVELS])
{
	json_t *o = json_object();

	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		json_object_set_new(o, steer_cache_level_name(l), real_or_null(valid, v[l]));
	return o;
}

static json_t *
queue_json(const struct result *r, const struct queue_result *q)
{
	struct figures f;

	figures_of(r->platform, &q->ctr, q->packets, &f);
	return json_pack("{s:i, s:i, s:I, s:o, s:I, s:s, s:o, s:o, s:o}", "queue", (int)q->queue,
			 "lcore", (int)q->lcore, "cpu", (json_int_t)q->cpu, "tag",
			 q->tag == RESULT_NO_TAG ? json_null() : json_integer(q->tag), "packets",
			 (json_int_t)q->packets, "source", SOURCE, "lines",
			 levels_json(f.valid, f.lines), "first_touch",
			 levels_json(f.touch_valid, f.first_touch), "cycles_per_packet",
			 real_or_null(f.valid, f.cycles));
}

static json_t *
round_json(const struct result *r, const struct round_result *round)
{
	json_t *queues = json_array();

	for (unsigned int q = 0; q < r->nb_queues; q++)
		json_array_append_new(queues, queue_json(r, &round->queues[q]));
	return json_pack("{s:s, s:i, s:I, s:s, s:o}", "mode", steering_name(round->mode), "round",
			 (int)round->round, "packets", (json_int_t)round->packets, "source", SOURCE,
			 "per_queue", queues);
}

static json_t *
span_json(bool valid, const struct span *s)
{
	return json_pack("{s:o, s:o}", "min", real_or_null(valid, s->min), "max",
			 real_or_null(valid, s->max));
}

static json_t *
spread_json(const struct summary *s)
{
	json_t *lines = json_object();

	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		json_object_set_new(lines, steer_cache_level_name(l),
				    span_json(s->median.valid, &s->lines_span[l]));
	return json_pack("{s:o, s:o, s:o}", "lines", lines, "l2_or_better",
			 span_json(s->median.touch_valid, &s->near_span), "cycles_per_packet",
			 span_json(s->median.valid, &s->cycles_span));
}

static json_t *
summary_json(const struct summary *s)
{
	const struct figures *m = &s->median;

	return json_pack("{s:s, s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "source", SOURCE, "rounds",
			 (int)s->rounds, "packets", (json_int_t)s->packets, "lines",
			 levels_json(m->valid, m->lines), "first_touch",
			 levels_json(m->touch_valid, m->first_touch), "l2_or_better",
			 real_or_null(m->touch_valid, s->l2_or_better), "cycles_per_packet",
			 real_or_null(m->valid, m->cycles), "spread", spread_json(s));
}

json_t *
result_json(const struct result *r)
{
	json_t *rounds = json_array(), *summaries = json_object();
	struct summary s;

	for (unsigned int i = 0; i < r->nb_rounds; i++)
		json_array_append_new(rounds, round_json(r, &r->rounds[i]));
	for (unsigned int i = 0; i < r->nb_modes; i++)
		if (summarize(r, r->modes[i], &s) == 0)
			json_object_set_new(summaries, steering_name(r->modes[i]),
					    summary_json(&s));
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:[], s:o, s:o}", "schema", 1, "source",
			 SOURCE, "unit", "lines", "platform", r->platform->name, "input", r->input,
			 "queues", (int)r->nb_queues, "merged", "rounds", rounds, "summary",
			 summaries);
}

/* A file that appears whole: written beside its place, then renamed. */
struct out {
	FILE *f;
	const char *path;
	char temp[4096]; /* empty: written in place */
};

static int
out_open(struct out *out, const char *path)
{
	struct stat st;
	bool in_place;

	*out = (struct out){.path = path};
	if (snprintf(out->temp, sizeof(out->temp), "%s.%d", path, (int)getpid()) >=
	    (int)sizeof(out->temp))
		return -ENAMETOOLONG;
	/* a device, a pipe or a link is to be written to, not to be replaced */
	in_place = lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
	if (in_place)
		out->temp[0] = '\0';
	out->f = fopen(in_place ? path : out->temp, "we");
	return out->f == NULL ? -errno : 0;
}

static int
out_close(struct out *out, int rc)
{
	if (rc == 0 && ferror(out->f))
		rc = -EIO;
	if (fclose(out->f) != 0 && rc == 0)
		rc = -errno;
	if (out->temp[0] == '\0')
		return rc;
	if (rc == 0 && rename(out->temp, out->path) != 0)
		rc = -errno;
	if (rc != 0)
		unlink(out->temp);
	return rc;
}

static int
json_write(const json_t *o, FILE *f)
{
	if (json_dumpf(o, f, JSON_FORM) != 0 || fputc('\n', f) == EOF)
		return -EIO;
	return 0;
}

int
result_write_json(const struct result *r, const char *path)
{
	json_t *o = result_json(r);
	struct out out;
	int rc;

	if (o == NULL)
		return -ENOMEM;
	if (strcmp(path, "-") == 0) {
		rc = json_write(o, stdout);
	} else {
		rc = out_open(&out, path);
		if (rc == 0)
			rc = out_close(&out, json_write(o, out.f));
	}
	json_decref(o);
	return rc;
}

static void
csv_levels(FILE *f, bool valid, const double v[STEER_CACHE_LEVELS])
{
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		if (valid)
			fprintf(f, ",%.9g", v[l]);
		else
			fputc(',', f);
	}
}

static void
csv_head(FILE *f)
{
	static const char *const groups[] = {"lines", "first_touch"};

	fprintf(f, "source,platform,input,mode,round,queue,lcore,cpu,tag,packets");
	for (unsigned int g = 0; g < 2; g++)
		for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
			fprintf(f, ",%s_%s", groups[g], steer_cache_level_name(l));
	fprintf(f, ",cycles_per_packet\n");
}

/* RFC 4180: the input's name is the user's. */
static void
csv_text(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

static void
csv_queue(FILE *f, const struct result *r, const struct round_result *round,
	  const struct queue_result *q)
{
	struct figures fig;

	figures_of(r->platform, &q->ctr, q->packets, &fig);
	fprintf(f, SOURCE ",%s,", r->platform->name);
	csv_text(f, r->input);
	fprintf(f, ",%s,%u,%u,%u,%" PRIu32 ",", steering_name(round->mode), round->round, q->queue,
		q->lcore, q->cpu);
	if (q->tag != RESULT_NO_TAG)
		fprintf(f, "%d", q->tag);
	fprintf(f, ",%" PRIu64, q->packets);
	csv_levels(f, fig.valid, fig.lines);
	csv_levels(f, fig.touch_valid, fig.first_touch);
	if (fig.valid)
		fprintf(f, ",%.9g\n", fig.cycles);
	else
		fprintf(f, ",\n");
}

int
result_write_csv(const struct result *r, const char *path)
{
	struct out out;
	int rc = out_open(&out, path);

	if (rc != 0)
		return rc;
	csv_head(out.f);
	for (unsigned int i = 0; i < r->nb_rounds; i++)
		for (unsigned int q = 0; q < r->nb_queues; q++)
			csv_queue(out.f, r, &r->rounds[i], &r->rounds[i].queues[q]);
	return out_close(&out, 0);
}
