/* SPDX-License-Identifier: BSD-3-Clause */

/* The short form of what a source says of itself: formulas of the PMU, recall of the timing probe.
 * All of it is in the JSON. */

#include <math.h>

#include "result.h"

static void
text_print(const json_t *o, const char *key, FILE *out)
{
	const char *text = json_string_value(json_object_get(o, key));

	if (text != NULL && text[0] != '\0')
		fprintf(out, "  %s\n", text);
}

static void
formulas_print(const json_t *detail, FILE *out)
{
	const char *level, *text;
	json_t *formula;

	json_object_foreach(json_object_get(detail, "levels"), level, formula) {
		text = json_string_value(formula);
		if (text != NULL)
			fprintf(out, "  %-10s = %s\n", level, text);
	}
	text_print(detail, "merged_why", out);
	text_print(detail, "left_out", out);
}

/* Of all threads the one that tells this state worst. @return NAN: no thread has it. */
static double
worst(const json_t *threads, const char *state)
{
	double min = NAN;

	for (size_t i = 0; i < json_array_size(threads); i++) {
		const json_t *last = json_object_get(json_array_get(threads, i), "last");
		const json_t *v = json_object_get(json_object_get(last, "recall"), state);

		if (json_is_number(v))
			min = fmin(min, json_number_value(v)); /* that of a NAN is the other */
	}
	return min;
}

static void
recall_print(const json_t *detail, FILE *out)
{
	static const struct {
		const char *key, *name;
	} states[] = {{"l1", "L1"}, {"l2", "L2"}, {"out_of_l2", "out of L2"}, {"memory", "memory"}};
	const json_t *threads = json_object_get(detail, "threads");
	const char *comma = "";

	if (isnan(worst(threads, states[0].key)))
		return;
	fprintf(out, "  known lines told rightly:");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		double recall = worst(threads, states[i].key);

		if (isnan(recall))
			continue;
		fprintf(out, "%s %s %.1f %%", comma, states[i].name, 100 * recall);
		comma = ",";
	}
	fprintf(out, " (worst thread, last calibration; below %.0f %% levels are merged)\n",
		100 * json_number_value(json_object_get(detail, "recall_needed")));
}

void
table_detail(const struct result *r, FILE *out)
{
	if (r->source == STEER_SOURCE_PMU)
		formulas_print(r->detail, out);
	else if (r->source == STEER_SOURCE_TIMING)
		recall_print(r->detail, out);
}
