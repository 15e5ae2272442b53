/* SPDX-License-Identifier: BSD-3-Clause */

/* What a device shows today, as a demand on what it shows tomorrow. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "parse.h"
#include "policy.h"
#include "steer_tsm_evidence.h"
#include "tsm_proto.h"

/* What opens more of a machine to a device than ours needs. */
#define FLAGS_OPEN (TDISP_INFO_DMA_PASID | TDISP_INFO_ATS | TDISP_INFO_PRS)

static int
bad(char *err, size_t errlen, int rc, const char *what, const char *why)
{
	snprintf(err, errlen, "%s: %s", what, why);
	return rc;
}

static int
sha384(const void *p, size_t len, uint8_t *digest)
{
	return EVP_Digest(p, len, digest, NULL, EVP_sha384(), NULL) == 1 ? 0 : -ENOMEM;
}

static int
from_chain(const struct steer_tsm_evidence *e, struct steer_tsm_policy *p, char *err, size_t errlen)
{
	struct tsm_chain c;
	char why[128] = "";

	if (tsm_chain_parse(e->chain.data, e->chain.len, &c, why, sizeof(why)) < 0 || c.nb == 0)
		return bad(err, errlen, -EINVAL, "chain", why);
	p->nb_roots = 1;
	return sha384(c.certs[0].p, c.certs[0].len, p->roots[0]);
}

static int
from_block(const struct tsm_block *b, struct steer_tsm_measurement *m, char *err, size_t errlen)
{
	m->index = b->index;
	if (b->raw)
		return sha384(b->value, b->len, m->digest);
	if (b->len != STEER_TSM_DIGEST)
		return bad(err, errlen, -EINVAL, "measurements", "a digest that is no SHA-384");
	memcpy(m->digest, b->value, STEER_TSM_DIGEST);
	return 0;
}

static int
from_blocks(const struct tsm_measurements *m, struct steer_tsm_policy *p, char *err, size_t errlen)
{
	int rc = 0;

	if (m->nb > STEER_TSM_MEASUREMENTS_MAX)
		return bad(err, errlen, -E2BIG, "measurements", "more than a policy can list");
	p->nb_measurements = m->nb;
	p->others_allowed = false;
	for (unsigned int i = 0; i < m->nb && rc == 0; i++)
		rc = from_block(&m->blocks[i], &p->measurements[i], err, errlen);
	return rc;
}

static int
from_measurements(const struct steer_tsm_evidence *e, struct steer_tsm_policy *p, char *err,
		  size_t errlen)
{
	struct tsm_measurements *m = calloc(1, sizeof(*m)); /* the blocks make it large */
	char why[128] = "";
	int rc;

	if (m == NULL)
		return -ENOMEM;
	if (tsm_measure_parse(e->measurements.data, e->measurements.len, m, why, sizeof(why)) < 0)
		rc = bad(err, errlen, -EINVAL, "measurements", why);
	else
		rc = from_blocks(m, p, err, errlen);
	free(m);
	return rc;
}

static int
from_report(const struct steer_tsm_evidence *e, struct steer_tsm_policy *p, char *err,
	    size_t errlen)
{
	struct tsm_report r;
	char why[128] = "";

	if (tsm_report_parse(e->report.data, e->report.len, &r, why, sizeof(why)) < 0)
		return bad(err, errlen, -EINVAL, "report", why);
	p->report_required = r.info & TDISP_INFO_NO_FW_UPDATE;
	p->report_forbidden = (uint16_t)(FLAGS_OPEN & ~r.info);
	return 0;
}

/* A TSM says itself what it is called: "any" would be no demand, and other names no policy. */
static int
from_name(const struct steer_tsm_evidence *e, struct steer_tsm_policy *p, char *err, size_t errlen)
{
	char name[sizeof(e->tsm)];

	snprintf(name, sizeof(name), "%.*s", (int)sizeof(name) - 1, e->tsm);
	if (name[0] == '\0')
		return 0;
	if (!policy_tsm_name(name))
		return bad(err, errlen, -EINVAL, "tsm",
			   "what the TSM calls itself cannot stand in a policy");
	strcpy(p->tsm, name);
	return 0;
}

int
steer_tsm_policy_from(const struct steer_tsm_evidence *e, struct steer_tsm_policy *p, char *err,
		      size_t errlen)
{
	struct steer_tsm_policy fresh = *p;
	int rc = from_chain(e, &fresh, err, errlen);

	if (rc == 0)
		rc = from_measurements(e, &fresh, err, errlen);
	if (rc == 0)
		rc = from_report(e, &fresh, err, errlen);
	if (rc == 0)
		rc = from_name(e, &fresh, err, errlen);
	if (rc == -ENOMEM)
		return bad(err, errlen, rc, "evidence", strerror(ENOMEM));
	if (rc < 0)
		return rc;
	fresh.arch = e->arch;
	fresh.nonce_len = e->nonce_len >= STEER_TSM_NONCE_MIN ? e->nonce_len : STEER_TSM_NONCE_MIN;
	*p = fresh;
	return 0;
}
