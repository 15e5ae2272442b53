/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "machine.h"

static int
copy(char *to, size_t len, const char *from)
{
	if (from == NULL)
		return 0;
	return snprintf(to, len, "%s", from) < (int)len ? 0 : -EINVAL;
}

static int
copy_args(struct steer_tsm *t, const struct steer_tsm_args *a)
{
	if (copy(t->name, sizeof(t->name), a->name) < 0 ||
	    copy(t->pci_addr, sizeof(t->pci_addr), a->pci_addr) < 0 ||
	    copy(t->evidence_dir, sizeof(t->evidence_dir), a->evidence_dir) < 0 ||
	    copy(t->root, sizeof(t->root), a->root) < 0)
		return -EINVAL;
	t->vdev = a->vdev;
	t->policy = *a->policy;
	if (a->vmm != NULL) {
		t->m->vmm = *a->vmm;
		t->vmm = &t->m->vmm;
	}
	t->timeout_ms = a->policy->timeout_ms;
	t->log = a->log;
	t->log_arg = a->log_arg;
	return 0;
}

static struct steer_tsm *
make(void)
{
	struct steer_tsm *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->m = calloc(1, sizeof(*t->m));
	if (t->m == NULL) {
		free(t);
		return NULL;
	}
	pthread_mutex_init(&t->m->request, NULL);
	pthread_mutex_init(&t->m->lock, NULL);
	t->m->step = "open";
	return t;
}

static void
destroy(struct steer_tsm *t)
{
	pthread_mutex_destroy(&t->m->request);
	pthread_mutex_destroy(&t->m->lock);
	free(t->m->report.data);
	free(t->m);
	free(t);
}

/* A way that cannot be opened is told by connect, in the terms of the policy. */
static int
open_way(struct steer_tsm *t)
{
	t->ops = tsm_choose(t);
	t->m->verdict.mode = t->policy.mode;
	t->m->verdict.role = t->policy.role;
	tsm_verdict_void(t);
	if (t->ops == NULL) {
		t->m->open_rc = -EOPNOTSUPP;
		strcpy(t->m->open_why, "it is not in this build");
		return 0;
	}
	t->can = t->ops->can;
	t->m->open_rc = t->ops->open == NULL ? 0 : t->ops->open(t);
	snprintf(t->m->open_why, sizeof(t->m->open_why), "%.*s", (int)sizeof(t->m->open_why) - 1,
		 t->m->told ? tsm_reason(t) : strerror(-t->m->open_rc));
	return t->m->open_rc == -ENOMEM || t->m->open_rc == -EINVAL ? t->m->open_rc : 0;
}

static bool
args_ok(const struct steer_tsm_args *a)
{
	const char *why = NULL;

	if (a->name == NULL || a->policy == NULL || a->policy->mode == STEER_TSM_OFF)
		return false;
	if (a->policy->nonce_len < STEER_TSM_NONCE_MIN ||
	    a->policy->nonce_len > STEER_TSM_NONCE_MAX)
		why = "tsm: open: a nonce has 32 to 256 bytes";
	else if (a->policy->role == STEER_TSM_ROLE_VMM && a->vmm == NULL)
		why = "tsm: open: role vmm is for a program that owns the virtual machine";
	if (why != NULL && a->log != NULL)
		a->log(a->log_arg, LOG_ERR, why);
	return why == NULL;
}

int
steer_tsm_open(const struct steer_tsm_args *args, struct steer_tsm_unbound *out,
	       struct steer_tsm **tsm)
{
	struct steer_tsm *t;
	int rc;

	*tsm = NULL;
	memset(out, 0, sizeof(*out));
	if (!args_ok(args))
		return -EINVAL;
	t = make();
	if (t == NULL)
		return -ENOMEM;
	rc = copy_args(t, args);
	if (rc == 0)
		rc = open_way(t);
	if (rc < 0) {
		if (t->m->told)
			tsm_log(t, LOG_ERR, "%s", tsm_reason(t));
		destroy(t);
		return rc;
	}
	pthread_mutex_lock(&t->m->request);
	out->tsm = *tsm = t;
	out->gen = step_done(t, TOKEN_UNBOUND, STEER_TSM_UNBOUND);
	return 0;
}

void
steer_tsm_close(struct steer_tsm *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->m->request);
	t->m->step = "close";
	tsm_undo_all(t);
	if (t->ops != NULL && t->m->open_rc == 0 && t->ops->close != NULL)
		t->ops->close(t);
	pthread_mutex_unlock(&t->m->request);
	destroy(t);
}
