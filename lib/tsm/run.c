/* SPDX-License-Identifier: BSD-3-Clause */

/* RUN, and the question before each mapping. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

static int
open_dma(struct steer_tsm *t)
{
	int rc;

	if (t->ops->dma_enable == NULL)
		return 0;
	t->m->done |= TSM_DONE_DMA;
	rc = tsm_changed(t, "dma on", t->ops->dma_enable(t));
	if (rc == -EAGAIN)
		t->m->done &= ~TSM_DONE_DMA;
	return rc;
}

static int
do_run(struct steer_tsm *t)
{
	int rc = tsm_expect(t, TSM_TDI_LOCKED, STEER_TSM_STATE_UNKNOWN, "before run");

	if (rc == 0 && t->ops->validate != NULL)
		rc = tsm_changed(t, "validate MMIO", t->ops->validate(t, &t->m->device));
	if (rc == 0 && t->ops->run != NULL)
		rc = tsm_changed(t, "run", t->ops->run(t));
	if (rc == 0)
		rc = tsm_expect(t, TSM_TDI_RUN, STEER_TSM_STATE_UNKNOWN, "after run");
	if (rc == 0)
		rc = open_dma(t);
	if (rc == -EAGAIN)
		tsm_undo_all(t);
	return rc == 0 ? 0 : -EACCES;
}

int
steer_tsm_run(struct steer_tsm_verified in, struct steer_tsm_running *out)
{
	struct steer_tsm *t = in.tsm;
	int rc;

	memset(out, 0, sizeof(*out));
	if (step_begin(t, in.gen, TOKEN_VERIFIED, "run") < 0)
		return -EPERM;
	rc = do_run(t);
	if (rc < 0)
		return step_failed(t, rc);
	out->tsm = t;
	out->gen = step_done(t, TOKEN_RUNNING, STEER_TSM_RUN);
	return 0;
}

/*
 * Inside a guest the function is opened, and by that reset, after it was accepted: what was judged
 * is compared with what is there now.
 */
static int
same_report(struct steer_tsm *t)
{
	struct steer_tsm_bytes now = {0};
	int rc;

	if (t->ops->role != STEER_TSM_ROLE_GUEST || t->m->mapped)
		return 0;
	rc = tsm_asked(t, "report after the open", t->ops->object(t, TSM_OBJECT_REPORT, &now));
	if (rc == 0 &&
	    (now.len != t->m->report.len || memcmp(now.data, t->m->report.data, now.len) != 0))
		rc = tsm_refuse(t, STEER_TSM_STATE_UNKNOWN,
				"the report is another one since the device was opened");
	free(now.data);
	return rc == 0 ? 0 : tsm_quarantine(t, STEER_TSM_UNKNOWN);
}

static int
still(struct steer_tsm *t)
{
	int rc;

	if (t->m->plain)
		return 0;
	if (tsm_host_only(t)) {
		rc = tsm_connected(t);
		return rc == 0 ? 0 : tsm_quarantine(t, STEER_TSM_UNKNOWN);
	}
	rc = tsm_expect(t, TSM_TDI_RUN,
			t->m->mapped ? STEER_TSM_STATE_LOST : STEER_TSM_STATE_UNKNOWN,
			"before DMA is mapped");
	return rc == 0 ? same_report(t) : rc;
}

int
steer_tsm_dma_allowed(struct steer_tsm_running in)
{
	struct steer_tsm *t = in.tsm;
	int rc;

	if (step_begin(t, in.gen, TOKEN_RUNNING, "dma") < 0)
		return -EPERM;
	rc = still(t);
	if (rc == 0)
		t->m->mapped = true;
	pthread_mutex_unlock(&t->m->request);
	return rc;
}
