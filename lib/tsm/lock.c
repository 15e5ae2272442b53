/* SPDX-License-Identifier: BSD-3-Clause */

/* Lock, and the way back to before it. */

#include <errno.h>
#include <string.h>

#include "machine.h"

static int
do_lock(struct steer_tsm *t)
{
	int rc;

	if (t->ops->lock == NULL)
		return 0;
	t->m->done |= TSM_DONE_LOCK;
	rc = tsm_changed(t, "lock", t->ops->lock(t));
	if (rc == -EAGAIN) {
		t->m->done &= ~TSM_DONE_LOCK;
		tsm_undo_all(t);
	}
	if (rc < 0)
		return -EACCES;
	return tsm_expect(t, TSM_TDI_LOCKED, STEER_TSM_STATE_UNKNOWN, "after the lock");
}

int
steer_tsm_lock(struct steer_tsm_armed in, struct steer_tsm_locked *out)
{
	struct steer_tsm *t = in.tsm;
	int rc;

	memset(out, 0, sizeof(*out));
	if (step_begin(t, in.gen, TOKEN_ARMED, "lock") < 0)
		return -EPERM;
	tsm_verdict_void(t);
	rc = do_lock(t);
	if (rc < 0)
		return step_failed(t, rc);
	out->tsm = t;
	out->gen = step_done(t, TOKEN_LOCKED, STEER_TSM_LOCKED);
	return 0;
}

static int
may_unlock(const struct steer_tsm *t)
{
	if (t->m->state == STEER_TSM_UNKNOWN || t->m->state == STEER_TSM_ERROR)
		return -EIO;
	return t->m->token >= TOKEN_LOCKED ? 0 : -EPERM;
}

int
steer_tsm_unlock(struct steer_tsm *t, struct steer_tsm_bound *out)
{
	int rc;

	memset(out, 0, sizeof(*out));
	if (t == NULL)
		return -EPERM;
	pthread_mutex_lock(&t->m->request);
	rc = may_unlock(t);
	if (rc < 0) {
		pthread_mutex_unlock(&t->m->request);
		return rc;
	}
	t->m->step = "unlock";
	t->m->told = false;
	rc = tsm_undo_lock(t);
	if (rc < 0) {
		tsm_refuse(t, STEER_TSM_STATE_UNKNOWN, "the device did not go back to unlocked");
		return step_failed(t, rc);
	}
	tsm_verdict_void(t);
	t->m->plain = false;
	out->tsm = t;
	out->gen = step_done(t, TOKEN_BOUND, STEER_TSM_BOUND);
	return 0;
}
