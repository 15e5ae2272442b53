/* SPDX-License-Identifier: BSD-3-Clause */

/* CSV (RFC 4180) out of result objects: a line for each round and queue. */

#include <string.h>

#include "out_file.h"
#include "result.h"

/* Where a column's value is. */
enum place { OF_RUN, OF_ROUND, OF_QUEUE, OF_LINES, OF_TOUCH, OF_LATENCY, OF_WITNESS, OF_POINT };

static const struct column {
	enum place place;
	const char *name, *key;
} columns[] = {
	{OF_RUN, "source", "source"},
	{OF_RUN, "platform", "platform"},
	{OF_RUN, "input", "input"},
	{OF_ROUND, "mode", "mode"},
	{OF_ROUND, "round", "round"},
	{OF_QUEUE, "queue", "queue"},
	{OF_QUEUE, "lcore", "lcore"},
	{OF_QUEUE, "cpu", "cpu"},
	{OF_QUEUE, "tag", "tag"},
	{OF_QUEUE, "packets", "packets"},
	{OF_LINES, "lines_l1", "l1"},
	{OF_LINES, "lines_l2", "l2"},
	{OF_LINES, "lines_other_core", "other_core"},
	{OF_LINES, "lines_llc", "llc"},
	{OF_LINES, "lines_memory", "memory"},
	{OF_TOUCH, "first_touch_l1", "l1"},
	{OF_TOUCH, "first_touch_l2", "l2"},
	{OF_TOUCH, "first_touch_other_core", "other_core"},
	{OF_TOUCH, "first_touch_llc", "llc"},
	{OF_TOUCH, "first_touch_memory", "memory"},
	{OF_QUEUE, "cycles_per_packet", "cycles_per_packet"},
	{OF_RUN, "unit", "unit"},
	{OF_ROUND, "round_mpps", "mpps"},
	{OF_ROUND, "round_cycles_per_packet", "cycles_per_packet"},
	{OF_LATENCY, "round_latency_p50_ns", "p50"},
	{OF_LATENCY, "round_latency_p99_ns", "p99"},
	{OF_LATENCY, "round_latency_p999_ns", "p999"},
	/* of the whole system: not of the queue, nor of this source */
	{OF_WITNESS, "witness_system_pmu_write_hit_lines_per_packet", "write_hit"},
	{OF_WITNESS, "witness_system_pmu_write_miss_lines_per_packet", "write_miss"},
	{OF_WITNESS, "witness_system_pmu_io_writes_lines_per_packet", "io_writes"},
	{OF_WITNESS, "witness_system_pmu_dram_writes_lines_per_packet", "dram_writes"},
	{OF_WITNESS, "witness_system_pmu_stash_sent_lines_per_packet", "stash_sent"},
	{OF_WITNESS, "witness_system_pmu_stash_pulled_lines_per_packet", "stash_pulled"},
	{OF_WITNESS, "witness_system_pmu_write_hit_share", "write_hit_share"},
	{OF_WITNESS, "witness_system_pmu_stash_taken_share", "stash_taken_share"},
};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

/* Objects that a line is taken from, by enum place. */
struct row {
	const json_t *at[OF_POINT + 1];
};

/* Quoted: the input's name is the user's. */
static void
put_quoted(FILE *f, const char *text)
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
put_text(FILE *f, const char *key, const char *text)
{
	if (strcmp(key, "input") == 0 || strpbrk(text, ",\"\n\r") != NULL)
		put_quoted(f, text);
	else
		fputs(text, f);
}

static void
put_value(FILE *f, const char *key, const json_t *v)
{
	if (json_is_string(v))
		put_text(f, key, json_string_value(v));
	else if (json_is_integer(v))
		fprintf(f, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v))
		fprintf(f, "%.9g", json_real_value(v));
}

/* A sweep's axes come last; they are those of the first object. */
static void
put_head(FILE *f, const json_t *point)
{
	const char *key;
	json_t *v;

	for (size_t i = 0; i < NCOLUMNS; i++)
		fprintf(f, "%s%s", i == 0 ? "" : ",", columns[i].name);
	json_object_foreach((json_t *)point, key, v)
		fprintf(f, ",%s", key);
	fputc('\n', f);
}

static void
put_row(FILE *f, const struct row *row, const json_t *axes)
{
	const char *key;
	json_t *v;

	for (size_t i = 0; i < NCOLUMNS; i++) {
		if (i != 0)
			fputc(',', f);
		put_value(f, columns[i].key,
			  json_object_get(row->at[columns[i].place], columns[i].key));
	}
	json_object_foreach((json_t *)axes, key, v) {
		fputc(',', f);
		put_value(f, key, json_object_get(row->at[OF_POINT], key));
	}
	fputc('\n', f);
}

static void
put_round(FILE *f, struct row *row, const json_t *round, const json_t *axes)
{
	const json_t *queues = json_object_get(round, "per_queue");

	row->at[OF_ROUND] = round;
	row->at[OF_LATENCY] = json_object_get(round, "latency_ns");
	row->at[OF_WITNESS] = json_object_get(round, "witness");
	for (size_t q = 0; q < json_array_size(queues); q++) {
		const json_t *queue = json_array_get(queues, q);

		row->at[OF_QUEUE] = queue;
		row->at[OF_LINES] = json_object_get(queue, "lines");
		row->at[OF_TOUCH] = json_object_get(queue, "first_touch");
		put_row(f, row, axes);
	}
}

static void
put_object(FILE *f, const json_t *o, const json_t *axes)
{
	const json_t *rounds = json_object_get(o, "rounds");
	struct row row = {.at = {[OF_RUN] = o, [OF_POINT] = json_object_get(o, "point")}};

	for (size_t i = 0; i < json_array_size(rounds); i++)
		put_round(f, &row, json_array_get(rounds, i), axes);
}

int
csv_write(const json_t *objects, const char *path)
{
	const json_t *axes = json_object_get(json_array_get(objects, 0), "point");
	struct out_file out;
	int rc = out_open(&out, path);

	if (rc != 0)
		return rc;
	put_head(out.f, axes);
	for (size_t i = 0; i < json_array_size(objects); i++)
		put_object(out.f, json_array_get(objects, i), axes);
	return out_close(&out, 0);
}
