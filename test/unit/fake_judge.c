/* SPDX-License-Identifier: BSD-3-Clause */

/* In place of the judge and the evidence folder. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_tsm.h"

struct fake_judge fake_judge;

int
steer_tsm_judge(const struct steer_tsm_evidence *e, const struct steer_tsm_policy *p,
		const struct steer_tsm_device *d, uint64_t now, struct steer_tsm_verdict *v)
{
	fake_judge.calls++;
	fake_judge.seen = *e;
	if (fake_judge.rc != 0)
		return fake_judge.rc;
	v->summary = fake_judge.code == STEER_TSM_OK ? STEER_TSM_ATTESTED : STEER_TSM_REFUSED;
	v->code = fake_judge.code;
	snprintf(v->why, sizeof(v->why), "made-up judgement");
	v->time = e->time;
	v->nonce_len = e->nonce_len;
	memcpy(v->nonce, e->nonce, sizeof(v->nonce));
	v->nb_checks = 1 + fake_judge.more_checks;
	snprintf(v->checks[0].name, sizeof(v->checks[0].name), "vca");
	v->checks[0].result = fake_judge.code;
	return v->code == STEER_TSM_OK ? 0 : -EACCES;
}

int
steer_tsm_evidence_store(const char *dir, const char *name, const struct steer_tsm_evidence *e,
			 const struct steer_tsm_device *d, const struct steer_tsm_policy *p,
			 const struct steer_tsm_verdict *v, char *err, size_t errlen)
{
	fake_judge.stored++;
	fake_judge.stored_code = v->code;
	fake_judge.stored_checks = v->nb_checks;
	snprintf(err, errlen, "%s: made-up failure", dir);
	return fake_judge.store_rc;
}

void
steer_tsm_evidence_free(struct steer_tsm_evidence *e)
{
	free(e->vca.data);
	free(e->chain.data);
	free(e->measurements.data);
	free(e->report.data);
	memset(e, 0, sizeof(*e));
}
