/* SPDX-License-Identifier: BSD-3-Clause */

/* The allow-list: entries of one index are alternatives, and each listed index has to be there. */

#include <stdio.h>
#include <string.h>

#include "hex.h"
#include "judge.h"

#define TEXT_LEN sizeof(((struct steer_tsm_check *)0)->text)

/* How many notes there are to make, and how many were made. */
struct tally {
	unsigned int left;  /* notes of their own */
	unsigned int more;  /* blocks that hold, without a note of their own */
	unsigned int worse; /* the same of those that do not */
};

/* Failures have notes first; there is always one left for the sum. */
static void
tell(struct judge *j, struct tally *t, unsigned int index, enum steer_tsm_code code,
     const struct tsm_block *b, const char *text)
{
	if (t->left == 0) {
		t->more += code == STEER_TSM_OK;
		t->worse += code != STEER_TSM_OK;
		return;
	}
	t->left--;
	judge_note_measurement(j, index, code, b != NULL ? b->value : NULL, b != NULL ? b->len : 0,
			       text);
}

static bool
listed(const struct steer_tsm_policy *p, uint8_t index)
{
	unsigned int i;

	for (i = 0; i < p->nb_measurements && i < STEER_TSM_MEASUREMENTS_MAX; i++)
		if (p->measurements[i].index == index)
			return true;
	return false;
}

/* What a policy would list. A raw value has the digest of its bytes. */
static void
digest_of(struct judge *j, const struct tsm_block *b, uint8_t digest[STEER_TSM_DIGEST])
{
	if (b->raw)
		judge_digest(j, b->value, b->len, digest);
	else
		memcpy(digest, b->value, STEER_TSM_DIGEST);
}

/* Does one of the entries have this digest? */
static bool
allowed(struct judge *j, const struct tsm_block *b)
{
	const struct steer_tsm_policy *p = j->p;
	uint8_t digest[STEER_TSM_DIGEST];
	unsigned int i;

	digest_of(j, b, digest);
	for (i = 0; i < p->nb_measurements && i < STEER_TSM_MEASUREMENTS_MAX; i++)
		if (p->measurements[i].index == b->index &&
		    memcmp(p->measurements[i].digest, digest, sizeof(digest)) == 0)
			return true;
	return false;
}

static enum steer_tsm_code
block(struct judge *j, const struct tsm_block *b, const char **text)
{
	if (!listed(j->p, b->index)) {
		*text = j->p->others_allowed ? "not in the policy's list, which allows others"
					     : "not in the policy's list";
		return j->p->others_allowed ? STEER_TSM_OK : STEER_TSM_DIGEST_MISMATCH;
	}
	if (allowed(j, b)) {
		*text = "as the policy lists it";
		return STEER_TSM_OK;
	}
	*text = "not the digest that the policy lists";
	return STEER_TSM_DIGEST_MISMATCH;
}

static bool
present(const struct tsm_measurements *m, uint8_t index)
{
	unsigned int i;

	for (i = 0; i < m->nb; i++)
		if (m->blocks[i].index == index)
			return true;
	return false;
}

/* Listed more than once: told once. */
static bool
first_of_index(const struct steer_tsm_policy *p, unsigned int entry)
{
	unsigned int i;

	for (i = 0; i < entry; i++)
		if (p->measurements[i].index == p->measurements[entry].index)
			return false;
	return true;
}

static void
missing(struct judge *j, struct tally *t)
{
	const struct steer_tsm_policy *p = j->p;
	unsigned int i;

	for (i = 0; i < p->nb_measurements && i < STEER_TSM_MEASUREMENTS_MAX; i++)
		if (first_of_index(p, i) && !present(&j->measurements, p->measurements[i].index))
			tell(j, t, p->measurements[i].index, STEER_TSM_DIGEST_MISMATCH, NULL,
			     "listed in the policy, but the device has none");
}

/* With what the device has, which is not the digest that the note has of its input. */
static void
refused(struct judge *j, const struct tsm_block *b, const char *text, char line[TEXT_LEN])
{
	char hex[2 * STEER_TSM_DIGEST + 1];
	uint8_t digest[STEER_TSM_DIGEST];

	digest_of(j, b, digest);
	tsm_hex(digest, sizeof(digest), hex);
	snprintf(line, TEXT_LEN, "%s: it is %s", text, hex);
}

static void
each(struct judge *j, struct tally *t, bool good)
{
	char line[TEXT_LEN];
	const char *text = "";
	enum steer_tsm_code code;
	unsigned int i;

	for (i = 0; i < j->measurements.nb; i++) {
		code = block(j, &j->measurements.blocks[i], &text);
		if ((code == STEER_TSM_OK) != good)
			continue;
		if (!good)
			refused(j, &j->measurements.blocks[i], text, line);
		tell(j, t, j->measurements.blocks[i].index, code, &j->measurements.blocks[i],
		     good ? text : line);
	}
}

void
judge_measurements(struct judge *j)
{
	struct tally t = {.left = JUDGE_MEASUREMENT_ROOM - 1};

	if (!j->has_measurements)
		return;
	each(j, &t, false);
	missing(j, &t);
	each(j, &t, true);
	if (t.worse > 0)
		judge_note(j, JUDGE_MEASUREMENT, STEER_TSM_DIGEST_MISMATCH, NULL, 0,
			   "%u more do not agree with the policy's list", t.worse);
	else if (t.more > 0)
		judge_note(j, JUDGE_MEASUREMENT, STEER_TSM_OK, NULL, 0,
			   "%u more agree with the policy's list", t.more);
}
