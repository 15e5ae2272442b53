/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The judge. Order of the checks is order of the codes: objects are parsed, then the chain, what
 * its key signed, whether that answers our nonce, what it says, and what the TSM says of the bytes;
 * the report is last, for only the TSM's word makes it more than bytes.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define SKEW_S 60u /* clocks of one machine that was set, or of two */

void
steer_tsm_evidence_free(struct steer_tsm_evidence *e)
{
	free(e->vca.data);
	free(e->chain.data);
	free(e->measurements.data);
	free(e->report.data);
	*e = (struct steer_tsm_evidence){0};
}

static void
judge_tsm(struct judge *j)
{
	const char *name = j->e->tsm, *want = j->p->tsm;
	bool any = strcmp(want, "any") == 0 || want[0] == '\0';

	if (!any && strncmp(name, want, sizeof(j->e->tsm)) != 0)
		judge_note(j, JUDGE_TSM, STEER_TSM_WRONG_TSM, NULL, 0,
			   "it is '%.31s', the policy wants '%.31s'", name, want);
	else if (j->p->arch != STEER_TSM_ARCH_ANY && j->e->arch != j->p->arch)
		judge_note(j, JUDGE_TSM, STEER_TSM_WRONG_TSM, NULL, 0,
			   "its architecture is %s, the policy wants %s",
			   steer_tsm_arch_name(j->e->arch), steer_tsm_arch_name(j->p->arch));
	else
		judge_note(j, JUDGE_TSM, STEER_TSM_OK, NULL, 0, "'%.31s', %s%s", name,
			   steer_tsm_arch_name(j->e->arch), any ? "; the policy takes any" : "");
}

static void
judge_age(struct judge *j)
{
	uint64_t time = j->e->time, age = j->now > time ? j->now - time : 0;

	if (time > j->now && time - j->now > SKEW_S)
		judge_note(j, JUDGE_AGE, STEER_TSM_STALE_NONCE, NULL, 0,
			   "collected %llu s in the future", (unsigned long long)(time - j->now));
	else if (j->p->max_age_s != 0 && age > j->p->max_age_s)
		judge_note(j, JUDGE_AGE, STEER_TSM_STALE_NONCE, NULL, 0,
			   "%llu s old, the policy allows %u s", (unsigned long long)age,
			   j->p->max_age_s);
	else
		judge_note(j, JUDGE_AGE, STEER_TSM_OK, NULL, 0, "%llu s old",
			   (unsigned long long)age);
}

/* The TSM's own word about an object outranks its bytes. */
static void
judge_digest_of(struct judge *j, enum judge_id id, enum steer_tsm_code code, bool has,
		const uint8_t *said, const struct steer_tsm_bytes *b)
{
	uint8_t digest[STEER_TSM_DIGEST];

	if (!has) {
		judge_note(j, id, STEER_TSM_OK, b->data, b->len,
			   "the TSM gave none over its own channel: nothing to compare");
		return;
	}
	judge_digest(j, b->data, b->len, digest);
	if (memcmp(digest, said, sizeof(digest)) == 0)
		judge_note(j, id, STEER_TSM_OK, b->data, b->len,
			   "the bytes are those that the TSM vouches for");
	else
		judge_note(j, id, code, b->data, b->len,
			   "these are not the bytes that the TSM vouches for");
}

static void
judge_digests(struct judge *j)
{
	const struct steer_tsm_evidence *e = j->e;

	judge_digest_of(j, JUDGE_CHAIN_DIGEST, STEER_TSM_DIGEST_MISMATCH, e->has_chain_digest,
			e->chain_digest, &e->chain);
	judge_digest_of(j, JUDGE_MEASUREMENTS_DIGEST, STEER_TSM_DIGEST_MISMATCH,
			e->has_measurements_digest, e->measurements_digest, &e->measurements);
	judge_digest_of(j, JUDGE_REPORT_DIGEST, STEER_TSM_REPORT_MISMATCH, e->has_report_digest,
			e->report_digest, &e->report);
}

/* A check that was not made is no check that holds. */
static void
finish(struct judge *j)
{
	struct steer_tsm_verdict *v = j->v;
	uint32_t all = ((UINT32_C(1) << JUDGE_IDS) - 1) & ~(UINT32_C(1) << JUDGE_MEASUREMENT);
	unsigned int i;

	if (v->code == STEER_TSM_OK && (j->no_memory || (j->passed & all) != all)) {
		v->code = STEER_TSM_EVIDENCE_MISSING;
		snprintf(v->why, sizeof(v->why), "not all checks could be made");
	}
	v->summary = v->code == STEER_TSM_OK ? STEER_TSM_ATTESTED : STEER_TSM_REFUSED;
	for (i = 0; i < v->nb_checks && v->checks[i].result == STEER_TSM_OK; i++)
		;
	if (i < v->nb_checks)
		snprintf(v->why, sizeof(v->why), "%s: %s", v->checks[i].name, v->checks[i].text);
}

static void
begin(struct judge *j)
{
	struct steer_tsm_verdict *v = j->v;

	v->code = STEER_TSM_OK;
	v->nb_checks = 0;
	memset(v->checks, 0, sizeof(v->checks));
	v->why[0] = '\0';
	v->time = j->e->time;
	memcpy(v->nonce, j->e->nonce, sizeof(v->nonce));
	v->nonce_len = j->e->nonce_len;
	memcpy(v->tsm, j->e->tsm, sizeof(v->tsm));
	v->tsm[sizeof(v->tsm) - 1] = '\0';
}

int
steer_tsm_judge(const struct steer_tsm_evidence *e, const struct steer_tsm_policy *p,
		const struct steer_tsm_device *d, uint64_t now, struct steer_tsm_verdict *v)
{
	struct judge *j = calloc(1, sizeof(*j)); /* the blocks make it large */
	bool no_memory = j == NULL;

	if (j == NULL) {
		v->summary = STEER_TSM_REFUSED;
		v->code = STEER_TSM_EVIDENCE_MISSING;
		v->nb_checks = 0;
		snprintf(v->why, sizeof(v->why), "no memory for the checks");
		return -ENOMEM;
	}
	*j = (struct judge){.e = e, .p = p, .d = d, .v = v, .now = now};
	begin(j);
	judge_tsm(j);
	judge_parse(j);
	judge_chain(j);
	judge_signature(j);
	judge_measurements(j);
	judge_digests(j);
	judge_report(j);
	judge_age(j);
	finish(j);
	no_memory = j->no_memory;
	tsm_certs_free(&j->certs);
	free(j);
	if (no_memory)
		return -ENOMEM;
	return v->code == STEER_TSM_OK ? 0 : -EACCES;
}
