/* SPDX-License-Identifier: BSD-3-Clause */

/* One request and its reply, in the envelope. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tsm_user.h"

/* The head comes back as it went, but for its answers. */
static int
check_reply(const struct tsm_user_call *c, const struct tsm_env *sent, const struct tsm_env *got)
{
	const uint32_t most = c->resp_len != 0 ? c->resp_len : c->req_len;

	if (got->op != sent->op || got->req_len != sent->req_len ||
	    got->resp_len != sent->resp_len || got->residue > most)
		return -EPROTO;
	return c->exact && got->residue != 0 ? -EPROTO : 0;
}

static struct tsm_result
exchange(struct steer_tsm *t, const struct tsm_user_call *c, uint8_t *buf, size_t len)
{
	const struct tsm_user *u = t->priv;
	const struct tsm_env sent = {
		.op = c->op,
		.tvm_arch = u->arch,
		.req_len = c->req_len,
		.resp_len = c->resp_len,
	};
	struct tsm_env got;
	struct tsm_result r = {0};

	memcpy(buf, &sent, sizeof(sent));
	if (c->req_len != 0)
		memcpy(buf + sizeof(sent), c->req, c->req_len);
	r.err = steer_vfio_feature_timed(t->vdev, u->feature | STEER_VFIO_FEATURE_GET, buf, len,
					 t->timeout_ms);
	if (r.err != 0)
		return r;
	memcpy(&got, buf, sizeof(got));
	r.err = check_reply(c, &sent, &got);
	r.tsm_code = got.tsm_code;
	if (r.err != 0)
		return r;
	r.residue = got.residue;
	if (c->resp_len != 0)
		memcpy(c->resp, buf + sizeof(got), c->resp_len - got.residue);
	return r;
}

struct tsm_result
tsm_user_request(struct steer_tsm *t, const struct tsm_user_call *c)
{
	const size_t body = c->req_len > c->resp_len ? c->req_len : c->resp_len;
	const size_t len = sizeof(struct tsm_env) + body;
	struct tsm_result r;
	uint8_t *buf;

	if (t->priv == NULL || t->vdev == NULL)
		return tsm_user_unasked(-ENODEV);
	if (len > steer_vfio_feature_max(t->vdev))
		return tsm_user_unasked(-EFBIG);
	buf = calloc(1, len);
	if (buf == NULL)
		return tsm_user_unasked(-ENOMEM);
	r = exchange(t, c, buf, len);
	free(buf);
	return r;
}
