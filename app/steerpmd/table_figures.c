/* SPDX-License-Identifier: BSD-3-Clause */

/* A line of figures in an experiment's table, without the experiment. */

#include "result.h"

void
table_figures(FILE *out, const char *label, const char *where, const struct steer_figures *f)
{
	struct queue_result queue = {.fig = *f};
	struct round_result round = {.fig = *f, .queues = &queue};
	struct result r = {.unit = f->unit, .nb_queues = 1, .nb_rounds = 1, .rounds = &round};
	struct summary s;

	if (summarize(&r, STEERING_OFF, 0, &s) == 0)
		table_line(out, label, where, &s, f->unit);
}

void
table_unknown(FILE *out, const char *label, const char *where)
{
	fprintf(out, "  %-8s %-25s %8s %8s %8s %8s %8s %9s %17s %10s\n", label, where, "-", "-",
		"-", "-", "-", "-", "-", "-");
}
