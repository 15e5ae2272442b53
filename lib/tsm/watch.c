/* SPDX-License-Identifier: BSD-3-Clause */

/* A device may leave RUN, and a host may disconnect it, at any time. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "machine.h"

static void
lost(struct steer_tsm *t)
{
	pthread_mutex_lock(&t->m->lock);
	t->m->verdict.summary = STEER_TSM_REFUSED;
	t->m->verdict.code = STEER_TSM_STATE_LOST;
	pthread_mutex_unlock(&t->m->lock);
	tsm_log(t, LOG_ERR, "%s", t->m->verdict.why);
}

/* Only the host's own word was lost, and the policy never demanded it. */
static int
lost_plain(struct steer_tsm *t)
{
	t->m->plain = true;
	pthread_mutex_lock(&t->m->lock);
	t->m->verdict.summary = STEER_TSM_PLAIN;
	t->m->verdict.code = STEER_TSM_STATE_LOST;
	pthread_mutex_unlock(&t->m->lock);
	tsm_state_set(t, STEER_TSM_UNBOUND);
	tsm_log(t, LOG_WARNING, "%s; goes on plain (tsm=prefer)", t->m->verdict.why);
	return 1;
}

static int
watch_host(struct steer_tsm *t)
{
	if (t->m->plain || tsm_connected(t) == 0)
		return 0;
	if (t->policy.mode == STEER_TSM_PREFER && !t->policy.host_admin)
		return lost_plain(t);
	tsm_quarantine(t, STEER_TSM_UNKNOWN);
	lost(t);
	return -ENOLINK;
}

static int
watch_device(struct steer_tsm *t)
{
	int rc;

	if (t->can & TSM_CAN_STATE)
		rc = tsm_expect(t, TSM_TDI_RUN, STEER_TSM_STATE_LOST, "while attached");
	else
		rc = tsm_connected(t);
	if (rc == 0)
		return 0;
	if (!(t->can & TSM_CAN_STATE))
		tsm_quarantine(t, STEER_TSM_UNKNOWN);
	lost(t);
	return -ENOLINK;
}

int
steer_tsm_watch(struct steer_tsm *t)
{
	int rc;

	if (t == NULL)
		return -EINVAL;
	pthread_mutex_lock(&t->m->request);
	t->m->step = "watch";
	t->m->told = false;
	if (t->m->token == TOKEN_RUNNING)
		rc = tsm_host_only(t) ? watch_host(t) : watch_device(t);
	else
		rc = t->m->state == STEER_TSM_UNKNOWN || t->m->state == STEER_TSM_ERROR ? -ENOLINK
											: 0;
	pthread_mutex_unlock(&t->m->request);
	return rc;
}
