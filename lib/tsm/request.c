/* SPDX-License-Identifier: BSD-3-Clause */

/* What a request came to: three channels, and no one of them speaks for another. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"

void
tsm_note(struct steer_tsm *t, struct tsm_result r)
{
	struct steer_tsm_verdict *v = &t->m->verdict;

	pthread_mutex_lock(&t->m->lock);
	v->last_errno = -r.err;
	v->last_residue = r.residue;
	v->last_tsm_code = r.tsm_code;
	pthread_mutex_unlock(&t->m->lock);
}

bool
tsm_good(struct tsm_result r)
{
	return r.err == 0 && r.residue == 0 && r.tsm_code == 0;
}

static void
words(struct tsm_result r, char *text, size_t len)
{
	if (r.err == -ENODEV)
		snprintf(text, len, "the device is gone; attach it again when it is back");
	else if (r.err < 0)
		snprintf(text, len, "%s", strerror(-r.err));
	else if (r.residue != 0)
		snprintf(text, len, "the TSM left %u bytes unused", r.residue);
	else
		snprintf(text, len, "the TSM's code is 0x%" PRIx64, r.tsm_code);
}

/* Refused by us, before the device heard of it. */
static enum steer_tsm_code
unsent_code(int err)
{
	if (err == -ETIMEDOUT)
		return STEER_TSM_TIMEOUT;
	return err == -ENODATA ? STEER_TSM_EVIDENCE_MISSING : STEER_TSM_UNSUPPORTED;
}

int
tsm_changed(struct steer_tsm *t, const char *what, struct tsm_result r)
{
	char text[96];

	tsm_note(t, r);
	if (tsm_good(r)) {
		t->m->told = false;
		return 0;
	}
	words(r, text, sizeof(text));
	if (r.err < 0 && r.not_sent) {
		tsm_refuse(t, unsent_code(r.err), "%s: %s", what, text);
		return -EAGAIN;
	}
	tsm_refuse(
		t, r.err == -ETIMEDOUT ? STEER_TSM_TIMEOUT : STEER_TSM_STATE_UNKNOWN,
		"%s: %s; whether it was done is unknown: reset the device before it is used again",
		what, text);
	return tsm_quarantine(t, STEER_TSM_UNKNOWN);
}

static enum steer_tsm_code
asked_code(struct tsm_result r)
{
	switch (r.err) {
	case -ETIMEDOUT: return STEER_TSM_TIMEOUT;
	case -EFBIG:
	case -EMSGSIZE:
	case -EPROTO: return STEER_TSM_MALFORMED;
	default: return STEER_TSM_EVIDENCE_MISSING;
	}
}

int
tsm_asked(struct steer_tsm *t, const char *what, struct tsm_result r)
{
	char text[96];

	tsm_note(t, r);
	if (tsm_good(r)) {
		t->m->told = false;
		return 0;
	}
	words(r, text, sizeof(text));
	return tsm_refuse(t, asked_code(r), "%s: %s", what, text);
}

static const char *
tdi_name(enum tsm_tdi s)
{
	static const char *const names[] = {"unlocked", "locked", "in RUN", "in ERROR"};

	return (unsigned int)s < 4 ? names[s] : "in no known state";
}

int
tsm_expect(struct steer_tsm *t, enum tsm_tdi want, enum steer_tsm_code code, const char *when)
{
	enum tsm_tdi is = TSM_TDI_UNKNOWN;
	struct tsm_result r;

	if (!(t->can & TSM_CAN_STATE) || t->ops->state == NULL)
		return 0;
	r = t->ops->state(t, &is);
	tsm_note(t, r);
	if (tsm_good(r) && is == want)
		return 0;
	if (!tsm_good(r)) {
		char text[96];

		words(r, text, sizeof(text));
		tsm_refuse(t, r.err == -ETIMEDOUT ? STEER_TSM_TIMEOUT : code, "state %s: %s", when,
			   text);
		return tsm_quarantine(t, STEER_TSM_UNKNOWN);
	}
	tsm_refuse(t, code, "the interface is %s %s, where it has to be %s", tdi_name(is), when,
		   tdi_name(want));
	return tsm_quarantine(t, is == TSM_TDI_ERROR ? STEER_TSM_ERROR : STEER_TSM_UNKNOWN);
}
