/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"

/* live: nothing in the bytes proves it; the session in which they were collected did. */
static const struct {
	const char *name;
	bool live;
} ids[JUDGE_IDS] = {
	[JUDGE_TSM] = {"tsm", true},
	[JUDGE_VCA] = {"vca", false},
	[JUDGE_CHAIN] = {"chain", false},
	[JUDGE_MEASUREMENTS] = {"measurements", false},
	[JUDGE_REPORT] = {"report", true},
	[JUDGE_ROOT] = {"chain.root", false},
	[JUDGE_PATH] = {"chain.path", false},
	[JUDGE_LEAF] = {"chain.leaf", false},
	[JUDGE_SIGNATURE] = {"signature", false},
	[JUDGE_NONCE] = {"nonce", true},
	[JUDGE_MEASUREMENT] = {"measurement", false},
	[JUDGE_CHAIN_DIGEST] = {"chain.digest", true},
	[JUDGE_MEASUREMENTS_DIGEST] = {"measurements.digest", true},
	[JUDGE_REPORT_DIGEST] = {"report.digest", true},
	[JUDGE_FLAGS] = {"report.flags", true},
	[JUDGE_RANGES] = {"report.ranges", true},
	[JUDGE_MSIX] = {"report.msix", true},
	[JUDGE_TPH] = {"report.tph", true},
	[JUDGE_AGE] = {"age", true},
};

void
judge_digest(struct judge *j, const void *p, size_t len, uint8_t digest[STEER_TSM_DIGEST])
{
	if (tsm_sha384(p, len, digest) == 0)
		return;
	memset(digest, 0, STEER_TSM_DIGEST);
	j->no_memory = true;
}

static struct steer_tsm_check *
note(struct judge *j, enum judge_id id, enum steer_tsm_code code, const void *input, size_t len)
{
	struct steer_tsm_check *c = &j->v->checks[j->v->nb_checks++];

	*c = (struct steer_tsm_check){.result = code, .live_only = ids[id].live};
	snprintf(c->name, sizeof(c->name), "%s", ids[id].name);
	if (input != NULL) {
		judge_digest(j, input, len, c->digest);
		c->has_digest = true;
	}
	if (code == STEER_TSM_OK)
		j->passed |= UINT32_C(1) << id;
	else if (j->v->code == STEER_TSM_OK)
		j->v->code = code;
	return c;
}

/* Bytes of a certificate may be in a text. */
static void
one_line(char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text == 0x7f)
			*text = '?';
}

void
judge_note(struct judge *j, enum judge_id id, enum steer_tsm_code code, const void *input,
	   size_t len, const char *fmt, ...)
{
	struct steer_tsm_check *c = note(j, id, code, input, len);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
	one_line(c->text);
}

void
judge_note_measurement(struct judge *j, unsigned int index, enum steer_tsm_code code,
		       const void *input, size_t len, const char *text)
{
	struct steer_tsm_check *c = note(j, JUDGE_MEASUREMENT, code, input, len);

	snprintf(c->name, sizeof(c->name), "measurement.%u", index);
	snprintf(c->text, sizeof(c->text), "%s", text);
}
