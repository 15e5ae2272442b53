/* SPDX-License-Identifier: BSD-3-Clause */

/* Is there a TSM, is it the right one, and is the device connected to it? */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "machine.h"

#define NAME_LEN sizeof(((struct steer_tsm_verdict *)0)->tsm)

bool
tsm_host_only(const struct steer_tsm *t)
{
	return !(t->can & TSM_CAN_ATTEST) && t->ops->role == STEER_TSM_ROLE_HOST;
}

/* Names come from files and from devices. */
static void
name_set(struct steer_tsm *t, char *name)
{
	for (char *c = name; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f)
			*c = '?';
	pthread_mutex_lock(&t->m->lock);
	memcpy(t->m->verdict.tsm, name, NAME_LEN);
	pthread_mutex_unlock(&t->m->lock);
}

static enum tsm_presence
look(struct steer_tsm *t, char *name, char *why, size_t len)
{
	enum tsm_presence p;
	char raw[NAME_LEN] = "";

	if (t->ops == NULL || t->m->open_rc < 0) {
		snprintf(why, len, "role %s: %s", steer_tsm_role_name(t->policy.role),
			 t->m->open_why);
		return TSM_HALF;
	}
	p = t->ops->look(t, raw, why, len);
	raw[NAME_LEN - 1] = '\0';
	name_set(t, raw);
	memcpy(name, raw, NAME_LEN);
	return p;
}

static int
right_name(struct steer_tsm *t, const char *name)
{
	const char *want = t->m->tsm[0] != '\0' ? t->m->tsm : t->policy.tsm;

	if (strcmp(want, "any") != 0 && strcmp(want, name) != 0)
		return tsm_refuse(t, STEER_TSM_WRONG_TSM, "the TSM is '%s' and should be '%s'",
				  name, want);
	snprintf(t->m->tsm, sizeof(t->m->tsm), "%s", name);
	return 0;
}

static int
right_arch(struct steer_tsm *t)
{
	if (t->arch == STEER_TSM_ARCH_ANY)
		t->arch = t->policy.arch;
	pthread_mutex_lock(&t->m->lock);
	t->m->verdict.arch = t->arch;
	t->m->verdict.simulated = t->can & TSM_SIMULATED;
	pthread_mutex_unlock(&t->m->lock);
	if (t->policy.arch == STEER_TSM_ARCH_ANY || t->policy.arch == t->arch)
		return 0;
	return tsm_refuse(t, STEER_TSM_WRONG_TSM,
			  "the TSM's architecture is %s, the policy wants %s",
			  steer_tsm_arch_name(t->arch), steer_tsm_arch_name(t->policy.arch));
}

static enum steer_tsm_code
connect_code(struct tsm_result r)
{
	switch (r.err) {
	case -ETIMEDOUT: return STEER_TSM_TIMEOUT;
	case -ENOTTY:
	case -EOPNOTSUPP:
	case -ENOSYS: return STEER_TSM_UNSUPPORTED;
	case -EPROTONOSUPPORT: return STEER_TSM_WRONG_TSM; /* another architecture */
	case -EFBIG:
	case -EMSGSIZE:
	case -EPROTO: return STEER_TSM_MALFORMED;
	default: return STEER_TSM_NOT_CONNECTED;
	}
}

static int
ask(struct steer_tsm *t)
{
	struct tsm_result r = {0};

	if (t->ops->connect != NULL)
		r = t->ops->connect(t);
	tsm_note(t, r);
	if (r.err == 0 && r.tsm_code == 0)
		return 0;
	return tsm_refuse(t, connect_code(r), "%s",
			  r.err < 0 ? strerror(-r.err) : "the TSM has a code");
}

int
tsm_connected(struct steer_tsm *t)
{
	char name[NAME_LEN] = "", why[160] = "";
	int rc;

	if (look(t, name, why, sizeof(why)) != TSM_PRESENT)
		return tsm_refuse(t, STEER_TSM_UNSUPPORTED, "%s", why[0] ? why : "no TSM any more");
	rc = name[0] == '\0' ? 0 : right_name(t, name);
	if (rc == 0)
		rc = ask(t);
	if (rc == 0 && name[0] == '\0') {
		look(t, name, why, sizeof(why));
		rc = right_name(t, name);
	}
	return rc == 0 ? right_arch(t) : rc;
}

/* Can evidence be had and judged at all? Better told before the device is locked. */
static int
can_attest(struct steer_tsm *t)
{
	const struct steer_tsm_policy *p = &t->policy;

	if (!(t->can & TSM_CAN_ATTEST))
		return tsm_refuse(t, STEER_TSM_EVIDENCE_MISSING,
				  "this way (role %s, abi %s) carries no evidence",
				  steer_tsm_role_name(p->role), steer_tsm_abi_name(p->abi));
	if (!(t->can & TSM_CAN_NONCE) || p->nonce_len > t->ops->nonce_max)
		return tsm_refuse(t, STEER_TSM_EVIDENCE_MISSING,
				  "this way takes a nonce of at most %u bytes, the policy's has %u",
				  t->can & TSM_CAN_NONCE ? t->ops->nonce_max : 0, p->nonce_len);
	if (p->nb_roots == 0)
		return tsm_refuse(t, STEER_TSM_EVIDENCE_MISSING,
				  "no trusted root to verify evidence with; give tsm-policy=FILE "
				  "with \"roots\"");
	return 0;
}

static int
enough(struct steer_tsm *t)
{
	if (!tsm_host_only(t))
		return can_attest(t);
	if (t->policy.mode != STEER_TSM_REQUIRE || t->policy.host_admin)
		return 0;
	return tsm_refuse(
		t, STEER_TSM_EVIDENCE_MISSING,
		"connected by the host's administrator, which is no attestation; the policy "
		"may say \"evidence\": \"host-admin\"");
}

/* @return 1 absent and tolerated */
static int
absent(struct steer_tsm *t, const char *why)
{
	struct steer_tsm_verdict *v = &t->m->verdict;

	if (t->policy.mode == STEER_TSM_REQUIRE)
		return tsm_refuse(t, STEER_TSM_UNSUPPORTED, "no TSM: %s; tsm=require wants one",
				  why);
	pthread_mutex_lock(&t->m->lock);
	v->summary = STEER_TSM_PLAIN;
	v->code = STEER_TSM_UNSUPPORTED;
	snprintf(v->why, sizeof(v->why), "no TSM: %s", why);
	pthread_mutex_unlock(&t->m->lock);
	tsm_log(t, LOG_WARNING,
		"no TSM: %s; attached plain (tsm=prefer), which does not protect from a hostile "
		"host",
		why);
	return 1;
}

int
steer_tsm_connect(struct steer_tsm_unbound in, struct steer_tsm_connected *out)
{
	struct steer_tsm *t = in.tsm;
	char name[NAME_LEN] = "", why[160] = "nothing there";
	int rc;

	memset(out, 0, sizeof(*out));
	if (step_begin(t, in.gen, TOKEN_UNBOUND, "connect") < 0)
		return -EPERM;
	if (look(t, name, why, sizeof(why)) == TSM_ABSENT)
		return step_failed(t, absent(t, why));
	rc = tsm_connected(t);
	if (rc == 0)
		rc = enough(t);
	if (rc < 0)
		return step_failed(t, rc);
	out->tsm = t;
	out->gen = step_done(t, TOKEN_CONNECTED, STEER_TSM_CONNECTED);
	return 0;
}
