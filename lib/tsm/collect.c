/* SPDX-License-Identifier: BSD-3-Clause */

/* Evidence of a locked device: everything anew, for a nonce that was never used before. */

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "machine.h"

static int
make_nonce(struct steer_tsm *t, struct steer_tsm_evidence *e)
{
	size_t want = t->policy.nonce_len, done = 0;
	ssize_t n;

	while (done < want) {
		n = getrandom(e->nonce + done, want - done, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return tsm_refuse(t, STEER_TSM_EVIDENCE_MISSING,
					  "no random bytes for a nonce: %s", strerror(errno));
		done += (size_t)n;
	}
	e->nonce_len = (uint16_t)want;
	return 0;
}

static int
regenerate(struct steer_tsm *t, const struct steer_tsm_evidence *e)
{
	struct tsm_result r;
	int rc;

	if (t->ops->regenerate == NULL)
		return 0;
	rc = tsm_asked(t, "new measurements",
		       t->ops->regenerate(t, TSM_OBJECT_MEASUREMENTS, e->nonce, e->nonce_len));
	if (rc < 0)
		return rc;
	r = t->ops->regenerate(t, TSM_OBJECT_REPORT, NULL, 0);
	/* A way without it has the report of the lock, which is what we want. */
	if (r.err == -EOPNOTSUPP && r.not_sent)
		r = (struct tsm_result){0};
	return tsm_asked(t, "new report", r);
}

static int
fetch(struct steer_tsm *t, enum tsm_object o, const char *name, struct steer_tsm_bytes *out)
{
	int rc = tsm_asked(t, name, t->ops->object(t, o, out));

	if (rc < 0)
		return rc;
	if (out->data == NULL || out->len == 0)
		return tsm_refuse(t, STEER_TSM_EVIDENCE_MISSING, "%s: empty", name);
	if (out->len > STEER_TSM_OBJECT_MAX)
		return tsm_refuse(t, STEER_TSM_MALFORMED, "%s: more than 16 MiB", name);
	return 0;
}

static int
fetch_all(struct steer_tsm *t, struct steer_tsm_evidence *e)
{
	int rc = fetch(t, TSM_OBJECT_VCA, "vca", &e->vca);

	if (rc == 0)
		rc = fetch(t, TSM_OBJECT_CHAIN, "chain", &e->chain);
	if (rc == 0)
		rc = fetch(t, TSM_OBJECT_MEASUREMENTS, "measurements", &e->measurements);
	if (rc == 0)
		rc = fetch(t, TSM_OBJECT_REPORT, "report", &e->report);
	return rc;
}

static int
fetch_digest(struct steer_tsm *t, enum tsm_object o, const char *name, uint8_t *digest, bool *has)
{
	struct tsm_result r = t->ops->digest(t, o, digest);

	*has = r.err == 0;
	if (r.err == -ENODATA)
		r = (struct tsm_result){0};
	return tsm_asked(t, name, r);
}

static int
fetch_digests(struct steer_tsm *t, struct steer_tsm_evidence *e)
{
	int rc;

	if (t->ops->digest == NULL)
		return 0;
	rc = fetch_digest(t, TSM_OBJECT_REPORT, "digest of the report", e->report_digest,
			  &e->has_report_digest);
	if (rc == 0)
		rc = fetch_digest(t, TSM_OBJECT_CHAIN, "digest of the chain", e->chain_digest,
				  &e->has_chain_digest);
	if (rc == 0)
		rc = fetch_digest(t, TSM_OBJECT_MEASUREMENTS, "digest of the measurements",
				  e->measurements_digest, &e->has_measurements_digest);
	return rc;
}

static void
note_origin(struct steer_tsm *t, struct steer_tsm_evidence *e)
{
	e->time = (uint64_t)time(NULL);
	e->arch = t->arch;
	e->simulated = t->can & TSM_SIMULATED;
	pthread_mutex_lock(&t->m->lock);
	memcpy(e->tsm, t->m->verdict.tsm, sizeof(e->tsm));
	pthread_mutex_unlock(&t->m->lock);
}

int
tsm_collect(struct steer_tsm *t, struct steer_tsm_evidence *e)
{
	int rc = make_nonce(t, e);

	if (rc == 0)
		rc = regenerate(t, e);
	if (rc < 0)
		return rc;
	note_origin(t, e);
	rc = fetch_all(t, e);
	return rc == 0 ? fetch_digests(t, e) : rc;
}
