/* SPDX-License-Identifier: BSD-3-Clause */

/* What the verdict says of the machine's own findings. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"

const char *
tsm_reason(const struct steer_tsm *t)
{
	size_t head = strlen(t->name) + strlen(": tsm: ");

	return strlen(t->m->error) > head ? t->m->error + head : t->m->error;
}

int
tsm_refuse(struct steer_tsm *t, enum steer_tsm_code code, const char *fmt, ...)
{
	struct steer_tsm_verdict *v = &t->m->verdict;
	char line[TSM_LINE];
	va_list ap;

	if (!t->m->told) {
		va_start(ap, fmt);
		vsnprintf(line, sizeof(line), fmt, ap);
		va_end(ap);
		tsm_fail(t, -EACCES, "%s", line);
	}
	pthread_mutex_lock(&t->m->lock);
	v->summary = STEER_TSM_REFUSED;
	v->code = code;
	snprintf(v->why, sizeof(v->why), "%.*s", (int)sizeof(v->why) - 1, tsm_reason(t));
	pthread_mutex_unlock(&t->m->lock);
	return -EACCES;
}

void
tsm_verdict_void(struct steer_tsm *t)
{
	struct steer_tsm_verdict *v = &t->m->verdict;

	pthread_mutex_lock(&t->m->lock);
	v->summary = STEER_TSM_REFUSED;
	v->code = STEER_TSM_EVIDENCE_MISSING;
	v->time = 0;
	v->nonce_len = 0;
	v->nb_checks = 0;
	memset(v->nonce, 0, sizeof(v->nonce));
	memset(v->checks, 0, sizeof(v->checks));
	snprintf(v->why, sizeof(v->why), "not verified yet");
	pthread_mutex_unlock(&t->m->lock);
}

void
tsm_check(struct steer_tsm *t, const char *name, enum steer_tsm_code result, const char *fmt, ...)
{
	struct steer_tsm_verdict *v = &t->m->verdict;
	struct steer_tsm_check *c;
	va_list ap;

	pthread_mutex_lock(&t->m->lock);
	if (v->nb_checks < STEER_TSM_CHECKS_MAX) {
		c = &v->checks[v->nb_checks++];
		memset(c, 0, sizeof(*c));
		snprintf(c->name, sizeof(c->name), "%s", name);
		c->result = result;
		c->live_only = true;
		va_start(ap, fmt);
		vsnprintf(c->text, sizeof(c->text), fmt, ap);
		va_end(ap);
	}
	pthread_mutex_unlock(&t->m->lock);
}

void
steer_tsm_verdict_get(struct steer_tsm *t, struct steer_tsm_verdict *v)
{
	pthread_mutex_lock(&t->m->lock);
	*v = t->m->verdict;
	pthread_mutex_unlock(&t->m->lock);
}
