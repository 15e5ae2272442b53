/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "opts.h"
#include "opts_priv.h"
#include "sweep_axes.h"

#define EVEN_VALUES 5 /* of a range without a step */
#define LIST_LEN    1024

/* An axis is one or two options of the command line under a short name. */
static const struct axis_spec {
	const char *name, *options[2];
	bool doubles;
} specs[] = {
	{"size", {"size"}, false},
	{"ring", {"rxd", "txd"}, true},
	{"rxring", {"rxd", "backlog"}, true},
	{"queues", {"rxq", "txq"}, true},
	{"work", {"work"}, false},
	{"touch", {"touch"}, false},
	{"burst", {"burst"}, true},
	{"window", {"lockstep"}, true},
	{"flows", {"flows"}, true},
	{"zipf", {"zipf"}, false},
	{"platform", {"platform"}, false},
	{"rings", {"rings"}, false},
};
#define NSPECS (sizeof(specs) / sizeof(specs[0]))

static int
refuse(char *err, size_t len, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, len, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

const char *
sweep_axes_known(void)
{
	return "size, ring, rxring, queues, work, touch, burst, window, flows, zipf, platform, "
	       "rings";
}

static const struct axis_spec *
find(const char *name, size_t len)
{
	for (size_t i = 0; i < NSPECS; i++)
		if (strlen(specs[i].name) == len && memcmp(specs[i].name, name, len) == 0)
			return &specs[i];
	return NULL;
}

static int
add_value(struct sweep_axis *a, const char *text, char *err, size_t len)
{
	if (a->n == SWEEP_MAX_VALUES)
		return refuse(err, len, "--sweep: %s has more than %u values", a->name,
			      SWEEP_MAX_VALUES);
	if (text[0] == '\0' || strlen(text) >= SWEEP_VALUE_LEN)
		return refuse(err, len, "--sweep: %s: '%s' is no value", a->name, text);
	for (unsigned int i = 0; i < a->n; i++)
		if (strcmp(a->values[i], text) == 0)
			return refuse(err, len, "--sweep: %s: '%s' is there twice", a->name, text);
	snprintf(a->values[a->n++], SWEEP_VALUE_LEN, "%s", text);
	return 0;
}

static int
add_number(struct sweep_axis *a, uint64_t v, char *err, size_t len)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, v);
	return add_value(a, text, err, len);
}

static int
add_doubled(struct sweep_axis *a, uint64_t from, uint64_t to, char *err, size_t len)
{
	int rc = 0;

	if (from == 0)
		return refuse(err, len, "--sweep: %s: a range that doubles starts above 0",
			      a->name);
	for (uint64_t v = from; v <= to && rc == 0; v *= 2)
		rc = add_number(a, v, err, len);
	return rc;
}

static int
add_stepped(struct sweep_axis *a, uint64_t from, uint64_t to, uint64_t step, char *err, size_t len)
{
	int rc = 0;

	for (uint64_t v = from; v <= to && rc == 0; v += step)
		rc = add_number(a, v, err, len);
	return rc;
}

static int
add_even(struct sweep_axis *a, uint64_t from, uint64_t to, char *err, size_t len)
{
	uint64_t parts = EVEN_VALUES - 1, span = to - from;
	int rc = 0;

	if (span < parts)
		return add_stepped(a, from, to, 1, err, len);
	for (uint64_t i = 0; i <= parts && rc == 0; i++)
		rc = add_number(a, from + (span * i + parts / 2) / parts, err, len);
	return rc;
}

/* "A..B" or "A..B:STEP"; dots is where they are in text, which is changed. */
static int
add_range(struct sweep_axis *a, bool doubles, char *text, char *dots, char *err, size_t len)
{
	char *last = dots + 2, *step = strchr(last, ':');
	uint64_t from, to, by = 0;
	bool bad;

	*dots = '\0';
	if (step != NULL)
		*step++ = '\0';
	bad = number_parse(text, 0, UINT32_MAX, &from) != 0 ||
	      number_parse(last, 0, UINT32_MAX, &to) != 0 || from > to ||
	      (step != NULL && number_parse(step, 1, UINT32_MAX, &by) != 0);
	if (bad)
		return refuse(err, len,
			      "--sweep: %s: a range is FROM..TO or FROM..TO:STEP, upwards",
			      a->name);
	if (step != NULL)
		return add_stepped(a, from, to, by, err, len);
	return doubles ? add_doubled(a, from, to, err, len) : add_even(a, from, to, err, len);
}

static int
add_item(struct sweep_axis *a, bool doubles, char *text, char *err, size_t len)
{
	char *dots = strstr(text, "..");

	return dots == NULL ? add_value(a, text, err, len)
			    : add_range(a, doubles, text, dots, err, len);
}

static int
add_list(struct sweep_axis *a, bool doubles, const char *list, char *err, size_t len)
{
	char copy[LIST_LEN], *save = NULL;
	int rc = 0;

	if (snprintf(copy, sizeof(copy), "%s", list) >= LIST_LEN)
		return refuse(err, len, "--sweep: %s: the list is too long", a->name);
	for (char *w = strtok_r(copy, ",", &save); w != NULL && rc == 0;
	     w = strtok_r(NULL, ",", &save))
		rc = add_item(a, doubles, w, err, len);
	if (rc == 0 && a->n == 0)
		return refuse(err, len, "--sweep: %s has no value", a->name);
	return rc;
}

int
sweep_axes_add(struct sweep_axes *s, const char *text, char *err, size_t len)
{
	const char *equals = strchr(text, '=');
	const struct axis_spec *spec;
	struct sweep_axis *a = &s->axes[s->n];

	if (equals == NULL)
		return refuse(err, len, "--sweep: '%s' is not AXIS=VALUES", text);
	spec = find(text, (size_t)(equals - text));
	if (spec == NULL)
		return refuse(err, len, "--sweep: no axis '%.*s' (%s)", (int)(equals - text), text,
			      sweep_axes_known());
	for (unsigned int i = 0; i < s->n; i++)
		if (s->axes[i].name == spec->name)
			return refuse(err, len, "--sweep: %s is there twice", spec->name);
	if (s->n == SWEEP_MAX_AXES)
		return refuse(err, len, "--sweep: more than %u axes", SWEEP_MAX_AXES);
	*a = (struct sweep_axis){.name = spec->name};
	if (add_list(a, spec->doubles, equals + 1, err, len) != 0)
		return -EINVAL;
	s->n++;
	return 0;
}

unsigned long
sweep_axes_points(const struct sweep_axes *s)
{
	unsigned long n = 1;

	for (unsigned int a = 0; a < s->n && n <= SWEEP_MAX_POINTS; a++)
		n *= s->axes[a].n;
	return n;
}

unsigned int
sweep_axes_index(const struct sweep_axes *s, unsigned long point, unsigned int a)
{
	for (unsigned int i = s->n - 1; i > a; i--)
		point /= s->axes[i].n;
	return (unsigned int)(point % s->axes[a].n);
}

int
sweep_axes_apply(const struct sweep_axes *s, unsigned long point, struct opts *o, char *err,
		 size_t len)
{
	int rc = 0;

	for (unsigned int a = 0; a < s->n; a++) {
		const struct sweep_axis *axis = &s->axes[a];
		const struct axis_spec *spec = find(axis->name, strlen(axis->name));
		const char *value = axis->values[sweep_axes_index(s, point, a)];

		for (unsigned int i = 0; i < 2 && spec->options[i] != NULL && rc == 0; i++)
			rc = opts_set(o, spec->options[i], value, err, len);
	}
	return rc;
}

const char *
sweep_axes_text(const struct sweep_axes *s, unsigned long point, char *buf, size_t len)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int a = 0; a < s->n && n < len; a++)
		n += (size_t)snprintf(buf + n, len - n, "%s%s=%s", a == 0 ? "" : " ",
				      s->axes[a].name,
				      s->axes[a].values[sweep_axes_index(s, point, a)]);
	return buf;
}
