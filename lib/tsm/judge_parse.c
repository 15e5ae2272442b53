/* SPDX-License-Identifier: BSD-3-Clause */

/* Are the four objects there, and are they what they should be? */

#include <errno.h>

#include "judge.h"

static enum steer_tsm_code
code_of(int rc)
{
	if (rc == 0)
		return STEER_TSM_OK;
	return rc == -ENOTSUP ? STEER_TSM_UNSUPPORTED : STEER_TSM_MALFORMED;
}

/* Is there anything to parse? */
static bool
there(struct judge *j, enum judge_id id, const struct steer_tsm_bytes *b)
{
	if (b->data == NULL || b->len == 0)
		judge_note(j, id, STEER_TSM_EVIDENCE_MISSING, NULL, 0, "there is none");
	else if (b->len > STEER_TSM_OBJECT_MAX)
		judge_note(j, id, STEER_TSM_MALFORMED, NULL, 0, "%zu bytes; %u are the most",
			   b->len, STEER_TSM_OBJECT_MAX);
	else
		return true;
	return false;
}

static void
vca(struct judge *j)
{
	const struct steer_tsm_bytes *b = &j->e->vca;
	char why[160] = "SPDM 1.2, ECDSA P-384, SHA-384, DMTF measurements";
	int rc;

	if (!there(j, JUDGE_VCA, b))
		return;
	rc = tsm_vca_parse(b->data, b->len, &j->vca, why, sizeof(why));
	judge_note(j, JUDGE_VCA, code_of(rc), b->data, b->len, "%s", why);
	j->has_vca = rc == 0;
}

static void
chain(struct judge *j)
{
	const struct steer_tsm_bytes *b = &j->e->chain;
	char why[160] = "";
	int rc;

	if (!there(j, JUDGE_CHAIN, b))
		return;
	rc = tsm_chain_parse(b->data, b->len, &j->chain, why, sizeof(why));
	if (rc == 0)
		rc = tsm_certs_load(&j->chain, &j->certs, why, sizeof(why));
	if (rc == 0)
		tsm_why(why, sizeof(why), 0, "%u certificates", j->certs.nb);
	judge_note(j, JUDGE_CHAIN, code_of(rc), b->data, b->len, "%s", why);
	j->has_chain = rc == 0;
}

static void
measurements(struct judge *j)
{
	const struct steer_tsm_bytes *b = &j->e->measurements;
	char why[160] = "";
	int rc;

	if (!there(j, JUDGE_MEASUREMENTS, b))
		return;
	rc = tsm_measure_parse(b->data, b->len, &j->measurements, why, sizeof(why));
	if (rc < 0)
		judge_note(j, JUDGE_MEASUREMENTS, code_of(rc), b->data, b->len, "%s", why);
	else if (j->measurements.changed)
		judge_note(j, JUDGE_MEASUREMENTS, STEER_TSM_DIGEST_MISMATCH, b->data, b->len,
			   "the device saw them change while it collected them");
	else
		judge_note(j, JUDGE_MEASUREMENTS, STEER_TSM_OK, b->data, b->len,
			   "%u blocks, slot %u", j->measurements.nb, j->measurements.slot);
	j->has_measurements = rc == 0;
}

static void
report(struct judge *j)
{
	const struct steer_tsm_bytes *b = &j->e->report;
	char why[160] = "";
	int rc;

	if (!there(j, JUDGE_REPORT, b))
		return;
	rc = tsm_report_parse(b->data, b->len, &j->report, why, sizeof(why));
	if (rc == 0)
		tsm_why(why, sizeof(why), 0, "%u ranges, %u device-specific bytes (not judged)",
			j->report.nb, j->report.specific_len);
	judge_note(j, JUDGE_REPORT, code_of(rc), b->data, b->len, "%s", why);
	j->has_report = rc == 0;
}

void
judge_parse(struct judge *j)
{
	vca(j);
	chain(j);
	measurements(j);
	report(j);
}
