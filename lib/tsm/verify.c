/* SPDX-License-Identifier: BSD-3-Clause */

/* From evidence to a verdict. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "machine.h"

/* What an operator wants to look at later; the device does not come up better without it. */
static void
store(struct steer_tsm *t, const struct steer_tsm_evidence *e, const struct steer_tsm_verdict *v)
{
	char err[256] = "";

	if (t->evidence_dir[0] != '\0' &&
	    steer_tsm_evidence_store(t->evidence_dir, t->name, e, &t->m->device, &t->policy, v, err,
				     sizeof(err)) < 0)
		tsm_log(t, LOG_WARNING, "evidence is not stored: %s", err);
}

static int
judge(struct steer_tsm *t, const struct steer_tsm_evidence *e)
{
	struct steer_tsm_verdict v;
	int rc;

	steer_tsm_verdict_get(t, &v);
	rc = steer_tsm_judge(e, &t->policy, &t->m->device, (uint64_t)time(NULL), &v);
	if (rc == -ENOMEM)
		return tsm_fail(t, rc, "%s", strerror(ENOMEM));
	/* A judge that found nothing is believed only when it says both. */
	if (rc == 0 && (v.code != STEER_TSM_OK || v.summary != STEER_TSM_ATTESTED))
		rc = -EACCES;
	pthread_mutex_lock(&t->m->lock);
	t->m->verdict = v;
	pthread_mutex_unlock(&t->m->lock);
	if (rc == 0)
		return 0;
	return tsm_refuse(t, v.code == STEER_TSM_OK ? STEER_TSM_EVIDENCE_MISSING : v.code, "%s: %s",
			  steer_tsm_code_name(v.code), v.why);
}

static void
state_check(struct steer_tsm *t)
{
	if (t->can & TSM_CAN_STATE)
		tsm_check(t, "state", STEER_TSM_OK, "locked before and after collecting");
	else
		tsm_check(t, "state", STEER_TSM_OK,
			  "not asked, this way cannot: its TSM runs only a locked interface");
}

static int
attest(struct steer_tsm *t, struct steer_tsm_evidence *e)
{
	struct steer_tsm_verdict v;
	int rc = tsm_expect(t, TSM_TDI_LOCKED, STEER_TSM_STATE_UNKNOWN, "before collecting");

	if (rc == 0)
		rc = tsm_collect(t, e);
	if (rc == 0)
		rc = tsm_expect(t, TSM_TDI_LOCKED, STEER_TSM_STATE_UNKNOWN, "after collecting");
	if (rc < 0)
		return rc;
	rc = judge(t, e);
	if (rc != -ENOMEM) {
		state_check(t);
		steer_tsm_verdict_get(t, &v);
		store(t, e, &v);
	}
	if (rc == 0) {
		t->m->report = e->report;
		memset(&e->report, 0, sizeof(e->report));
	}
	return rc;
}

/* Nothing was attested, and the verdict says so. */
static int
host_only(struct steer_tsm *t)
{
	struct steer_tsm_verdict *v = &t->m->verdict;
	int rc = tsm_connected(t);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&t->m->lock);
	v->summary = STEER_TSM_CONNECTED_ONLY;
	v->code = STEER_TSM_OK;
	snprintf(v->why, sizeof(v->why),
		 "connected to %s by the host's administrator, not attested", v->tsm);
	pthread_mutex_unlock(&t->m->lock);
	tsm_check(t, "connected", STEER_TSM_OK, "the host's word, after the bind");
	if (t->ops->remark != NULL)
		t->ops->remark(t);
	tsm_log(t, LOG_WARNING, "connected, not attested");
	return 0;
}

static int
do_verify(struct steer_tsm *t)
{
	struct steer_tsm_evidence e = {0};
	int rc;

	if (tsm_host_only(t))
		return host_only(t);
	rc = attest(t, &e);
	steer_tsm_evidence_free(&e);
	return rc;
}

static bool
quarantined(const struct steer_tsm *t)
{
	return t->m->state == STEER_TSM_UNKNOWN || t->m->state == STEER_TSM_ERROR;
}

int
steer_tsm_verify(struct steer_tsm_locked in, struct steer_tsm_verified *out)
{
	struct steer_tsm *t = in.tsm;
	int rc;

	memset(out, 0, sizeof(*out));
	if (step_begin(t, in.gen, TOKEN_LOCKED, "verify") < 0)
		return -EPERM;
	rc = do_verify(t);
	if (rc < 0) {
		if (!quarantined(t))
			tsm_undo_all(t);
		return step_failed(t, rc);
	}
	out->tsm = t;
	out->gen = step_done(t, TOKEN_VERIFIED, STEER_TSM_VERIFIED);
	return 0;
}
