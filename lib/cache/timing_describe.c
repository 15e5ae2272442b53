/* SPDX-License-Identifier: BSD-3-Clause */

/* What a reader needs to judge the figures: the counter, the probe, each thread's last
 * calibration with its confusion matrix. All strings are ours: nothing needs escapes. */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "timing.h"

/* Text that grows in a buffer; past its end only the length is kept. */
struct text {
	char *s;
	size_t len, at;
};

static const char *const state_name[TIMING_STATES] = {[TIMING_L1] = "l1",
						      [TIMING_L2] = "l2",
						      [TIMING_OUT] = "out_of_l2",
						      [TIMING_FAR] = "memory"};

static const char *const class_name[TIMING_CLASSES] = {[CLASS_L1] = "l1",
						       [CLASS_L2] = "l2",
						       [CLASS_BETWEEN] = "other_core+llc",
						       [CLASS_FAR] = "memory"};

static const char *const class_title[TIMING_CLASSES] = {[CLASS_L1] = "L1",
							[CLASS_L2] = "L2",
							[CLASS_BETWEEN] = "other core or LLC",
							[CLASS_FAR] = "memory"};

static void __attribute__((format(printf, 2, 3))) put(struct text *t, const char *format, ...)
{
	size_t room = t->at < t->len ? t->len - t->at : 0;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(room > 0 ? t->s + t->at : NULL, room, format, ap);
	va_end(ap);
	t->at += n > 0 ? (size_t)n : 0;
}

static void
put_numbers(struct text *t, const char *key, const uint32_t *v, unsigned int n)
{
	put(t, ",\"%s\":[", key);
	for (unsigned int i = 0; i < n; i++)
		put(t, "%s%" PRIu32, i > 0 ? "," : "", v[i]);
	put(t, "]");
}

/* "L1/L2 not separable here", a part for each group of several classes. */
static void
put_note(struct text *t, const struct timing_calibration *cal)
{
	bool any = false;

	put(t, ",\"note\":\"");
	for (unsigned int c = 1; c < TIMING_CLASSES; c++) {
		unsigned int group = cal->group[c];
		bool last = c + 1 == TIMING_CLASSES || cal->group[c + 1] != group;

		if (group == c || !last)
			continue;
		put(t, "%s", any ? "; " : "");
		for (unsigned int i = group; i <= c; i++)
			put(t, "%s%s", class_title[i], i < c ? "/" : " not separable here");
		any = true;
	}
	put(t, "\"");
}

static void
put_calibration(struct text *t, const struct timing_calibration *cal)
{
	put(t, "{\"cpu\":%d", cal->cpu);
	put_numbers(t, "median_ticks", cal->median, TIMING_STATES);
	put_numbers(t, "cuts", cal->cut, TIMING_CLASSES - 1);
	put(t, ",\"confusion\":{");
	for (unsigned int st = 0; st < TIMING_STATES; st++) {
		put(t, "%s\"%s\":[", st > 0 ? "," : "", state_name[st]);
		for (unsigned int c = 0; c < TIMING_CLASSES; c++)
			put(t, "%s%" PRIu32, c > 0 ? "," : "", cal->told[st][c]);
		put(t, "]");
	}
	put(t, "},\"recall\":{");
	for (unsigned int st = 0; st < TIMING_STATES; st++)
		put(t, "%s\"%s\":%.4f", st > 0 ? "," : "", state_name[st], cal->recall[st]);
	put(t, "},\"groups\":[");
	for (unsigned int c = 0; c < TIMING_CLASSES; c++)
		put(t, "%s\"%s\"", c > 0 ? "," : "", class_name[cal->group[c]]);
	put(t, "],\"interrupted\":%" PRIu32, cal->interrupted);
	put_note(t, cal);
	put(t, "}");
}

static void
put_head(struct text *t, const struct timing_source *s)
{
	put(t,
	    "{\"every\":%" PRIu32 ",\"counter\":\"%s\",\"hz\":%" PRIu64 ",\"step_ticks\":%" PRIu32,
	    s->every, s->machine->counter, s->hz, s->step);
	put(t, ",\"probe\":\"%s\",\"recall_needed\":%.2f", STEER_TIMING_SEQUENCE, TIMING_RECALL);
	put(t, ",\"told_as\":[");
	for (unsigned int c = 0; c < TIMING_CLASSES; c++)
		put(t, "%s\"%s\"", c > 0 ? "," : "", class_name[c]);
	put(t, "],\"untested\":\"other_core+llc is what is slower than L2 and faster than memory: "
	       "lines cannot be brought there at will, so only its border to L2 was tested; its "
	       "share stands in other_core\"");
	put(t, ",\"start\":");
	put_calibration(t, &s->start);
}

static void
put_record(struct text *t, const struct timing_record *r, bool first)
{
	put(t,
	    "%s{\"calibrations\":%" PRIu32 ",\"refused\":%" PRIu32 ",\"samples\":%" PRIu64
	    ",\"interrupted\":%" PRIu64 ",\"last\":",
	    first ? "" : ",", r->calibrations, r->refused, r->samples, r->interrupted);
	if (r->calibrations > 0)
		put_calibration(t, &r->last);
	else
		put(t, "null");
	put(t, "}");
}

int
timing_describe(const struct steer_source *source, char *json, size_t len)
{
	const struct timing_source *s = (const struct timing_source *)source;
	struct text t = {.s = json, .len = len};

	put_head(&t, s);
	put(&t, ",\"threads\":[");
	for (const struct timing_record *r = s->records; r != NULL; r = r->next)
		put_record(&t, r, r == s->records);
	put(&t, "]}");
	return t.at < len ? (int)t.at : -ENOSPC;
}
