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

/* What to do, where the reason does not say it. */
static const char *const advice[] = {
	[STEER_TSM_UNSUPPORTED] = "tsm= is for devices with a whole TSM",
	[STEER_TSM_NOT_CONNECTED] = "connect the device to its TSM first",
	[STEER_TSM_WRONG_TSM] =
		"connect the device to the TSM of the policy, or correct the policy",
	[STEER_TSM_EVIDENCE_MISSING] = "without it nothing is verified: use a TSM that gives it",
	[STEER_TSM_MALFORMED] = "do not use this device: what answers for it breaks the protocol",
	[STEER_TSM_CHAIN] = "put into \"roots\" only what its vendor publishes",
	[STEER_TSM_SIGNATURE] = "do not use this device: somebody else answers for it",
	[STEER_TSM_STALE_NONCE] = "do not use this device: somebody replays its answers",
	[STEER_TSM_DIGEST_MISMATCH] = "compare with the digests that its vendor publishes",
	[STEER_TSM_REPORT_MISMATCH] = "do not use this device: it is set up otherwise than we did",
	[STEER_TSM_TPH_MISMATCH] = "do not use this device: its tags are not the ones we wrote",
	[STEER_TSM_STATE_UNKNOWN] = "reset the device before it is used again",
	[STEER_TSM_STATE_LOST] = "reset the device and attach it again",
	[STEER_TSM_TIMEOUT] = "look at the TSM's own log, and give \"timeout-ms\" if it is slow",
};

/* Under the lock. */
static void
advise(struct steer_tsm *t, enum steer_tsm_code code)
{
	size_t used = strlen(t->m->error);

	if (code < sizeof(advice) / sizeof(advice[0]) && advice[code] != NULL &&
	    strchr(t->m->error, ';') == NULL)
		snprintf(t->m->error + used, sizeof(t->m->error) - used, "; %s", advice[code]);
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
	advise(t, code);
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
