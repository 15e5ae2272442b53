/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The way back, in the order of the way: DMA off, unlock, unbind. Each is tried once, also when the
 * one before it failed: an unbind ends what an unlock could not.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "machine.h"

static int
undo(struct steer_tsm *t, unsigned int what, const char *name,
     struct tsm_result (*op)(struct steer_tsm *t))
{
	struct tsm_result r;

	if (!(t->m->done & what))
		return 0;
	t->m->done &= ~what;
	if (op == NULL)
		return 0;
	r = op(t);
	if (tsm_good(r))
		return 0;
	tsm_log(t, LOG_WARNING, "%s: %s fails: %s", t->m->step, name,
		r.err < 0 ? strerror(-r.err) : "the TSM says so");
	return -EIO;
}

/* Also after success it has to say so itself. */
static int
is_unlocked(struct steer_tsm *t)
{
	enum tsm_tdi is = TSM_TDI_UNKNOWN;
	struct tsm_result r;

	if (!(t->can & TSM_CAN_STATE) || t->ops->state == NULL)
		return 0;
	r = t->ops->state(t, &is);
	if (tsm_good(r) && is == TSM_TDI_UNLOCKED)
		return 0;
	tsm_log(t, LOG_WARNING, "%s: it does not say that it is unlocked", t->m->step);
	return -EIO;
}

static int
back(struct steer_tsm *t)
{
	bool locked = t->m->done & TSM_DONE_LOCK;
	int rc = undo(t, TSM_DONE_DMA, "dma off", t->ops->dma_disable);

	if (undo(t, TSM_DONE_LOCK, "unlock", t->ops->unlock) < 0)
		rc = -EIO;
	if (rc == 0 && locked)
		rc = is_unlocked(t);
	t->m->mapped = false;
	free(t->m->report.data);
	memset(&t->m->report, 0, sizeof(t->m->report));
	memset(&t->m->device, 0, sizeof(t->m->device));
	return rc;
}

int
tsm_undo_lock(struct steer_tsm *t)
{
	int rc;

	t->m->undoing = true;
	rc = back(t);
	t->m->undoing = false;
	if (rc < 0)
		tsm_quarantine(t, STEER_TSM_UNKNOWN);
	return rc;
}

int
tsm_undo_all(struct steer_tsm *t)
{
	int rc;

	if (t->ops == NULL)
		return 0;
	t->m->undoing = true;
	rc = back(t);
	if (undo(t, TSM_DONE_BIND, "unbind", t->ops->unbind) < 0)
		rc = -EIO;
	t->m->undoing = false;
	if (rc < 0)
		tsm_quarantine(t, STEER_TSM_UNKNOWN);
	else
		tsm_state_set(t, STEER_TSM_UNBOUND);
	return rc;
}
