/* SPDX-License-Identifier: BSD-3-Clause */

/* One experiment by several sources, side by side. A column belongs to one source alone. */

#include <errno.h>

#include "result.h"

#define COLUMN 27

static void
put_cell(FILE *out, const char *text)
{
	fprintf(out, " | %*s", COLUMN, text);
}

static void
put_row_head(FILE *out, const char *mode, const char *figure)
{
	fprintf(out, "  %-6s %-17s", mode, figure);
}

static void
put_value(FILE *out, const struct spread *s, double scale, int digits)
{
	char text[64] = "-";

	if (s->n != 0)
		snprintf(text, sizeof(text), "%.*f [%.*f-%.*f]", digits, scale * s->median, digits,
			 scale * s->q1, digits, scale * s->q3);
	put_cell(out, text);
}

static const struct row {
	const char *name;
	enum figure fig;
	double scale;
	int digits;
} rows[] = {
	{"L2 first, %", FIG_NEAR, 100, 1},
	{"cycles per packet", FIG_CYCLES, 1, 0},
	{"Mpps", FIG_MPPS, 1, 3},
};

static int
put_mode(const struct result *r, unsigned int n, enum steering mode, FILE *out)
{
	struct summary s;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_row_head(out, i == 0 ? steering_name(mode) : "", rows[i].name);
		for (unsigned int k = 0; k < n; k++) {
			if (summarize(&r[k], mode, -1, &s) != 0)
				return -ENOMEM;
			put_value(out, &s.fig[rows[i].fig], rows[i].scale, rows[i].digits);
		}
		fputc('\n', out);
	}
	return 0;
}

static void
put_control(const struct result *r, unsigned int n, FILE *out)
{
	struct control c;

	put_row_head(out, "", "negative control");
	for (unsigned int k = 0; k < n; k++) {
		control_check(&r[k], &c);
		put_cell(out, control_name(c.verdict));
	}
	fputc('\n', out);
}

/* Only where one of them has one. */
static void
put_witness(const struct result *r, unsigned int n, FILE *out)
{
	struct witness_verdict v[STEER_SOURCE_IDS];
	bool any = false;

	for (unsigned int k = 0; k < n; k++) {
		witness_check(&r[k], &v[k]);
		any |= v[k].state != WITNESS_ABSENT;
	}
	if (!any)
		return;
	put_row_head(out, "", "witness");
	for (unsigned int k = 0; k < n; k++)
		put_cell(out, witness_state_name(v[k].state));
	fputc('\n', out);
}

int
table_sources(const struct result *r, unsigned int n, FILE *out)
{
	if (n == 0)
		return 0;
	fprintf(out, "\n== %s, each column of one source: medians and quartiles over rounds\n",
		r[0].opts.input_name);
	put_row_head(out, "mode", "");
	for (unsigned int k = 0; k < n; k++)
		put_cell(out, steer_source_label(r[k].source));
	fputc('\n', out);
	for (unsigned int i = 0; i < r[0].opts.nb_modes; i++)
		if (put_mode(r, n, r[0].opts.modes[i], out) != 0)
			return -ENOMEM;
	put_control(r, n, out);
	put_witness(r, n, out);
	return 0;
}
