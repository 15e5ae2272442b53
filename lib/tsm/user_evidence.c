/* SPDX-License-Identifier: BSD-3-Clause */

/* Objects, in as many pieces as it takes. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tsm_user.h"

struct tsm_result
tsm_user_regenerate(struct steer_tsm *t, enum tsm_object o, const uint8_t *nonce, size_t len)
{
	struct {
		struct tsm_req_regen head;
		uint8_t nonce[TSM_NONCE_LEN];
	} req = {.head = {.object = o, .nonce_len = (uint32_t)len}};
	const struct tsm_user_call c = {.op = TSM_ENV_REGEN_OBJECT,
					.req = &req,
					.req_len = (uint32_t)(sizeof(req.head) + len),
					.exact = true};

	if (len != 0 && len != TSM_NONCE_LEN)
		return tsm_user_unasked(-EINVAL);
	if (len != 0)
		memcpy(req.nonce, nonce, len);
	return tsm_user_request(t, &c);
}

static struct tsm_result
object_size(struct steer_tsm *t, enum tsm_object o, uint32_t *size)
{
	const struct tsm_req_object req = {.object = o};
	struct tsm_rsp_info rsp = {0};
	const struct tsm_user_call c = {.op = TSM_ENV_OBJECT_INFO,
					.req = &req,
					.req_len = sizeof(req),
					.resp = &rsp,
					.resp_len = sizeof(rsp),
					.exact = true};
	struct tsm_result r = tsm_user_request(t, &c);

	*size = rsp.size;
	if (r.err == 0 && rsp.size == 0)
		r.err = -ENODATA;
	if (r.err == 0 && rsp.size > STEER_TSM_OBJECT_MAX)
		r.err = -EFBIG;
	return r;
}

static struct tsm_result
object_piece(struct steer_tsm *t, enum tsm_object o, uint32_t offset, uint8_t *to, uint32_t len)
{
	const struct tsm_req_read req = {.object = o, .offset = offset};
	const struct tsm_user_call c = {.op = TSM_ENV_READ_OBJECT,
					.req = &req,
					.req_len = sizeof(req),
					.resp = to,
					.resp_len = len};
	struct tsm_result r = tsm_user_request(t, &c);

	/* Fewer bytes than the size that was told: somebody cut it. */
	if (r.err == 0 && r.residue != 0)
		r.err = -EPROTO;
	return r;
}

struct tsm_result
tsm_user_object(struct steer_tsm *t, enum tsm_object o, struct steer_tsm_bytes *out)
{
	const struct tsm_user *u = t->priv;
	uint32_t size, at, n;
	struct tsm_result r = object_size(t, o, &size);
	uint8_t *data;

	if (r.err != 0 || r.tsm_code != 0)
		return r;
	if (u->piece == 0)
		return tsm_user_unasked(-EFBIG);
	data = malloc(size);
	if (data == NULL)
		return tsm_user_unasked(-ENOMEM);
	for (at = 0; at < size && r.err == 0 && r.tsm_code == 0; at += n) {
		n = size - at < u->piece ? size - at : (uint32_t)u->piece;
		r = object_piece(t, o, at, data + at, n);
	}
	if (r.err != 0 || r.tsm_code != 0) {
		free(data);
		return r;
	}
	*out = (struct steer_tsm_bytes){.data = data, .len = size};
	return r;
}

struct tsm_result
tsm_user_digest(struct steer_tsm *t, enum tsm_object o, uint8_t *digest)
{
	const struct tsm_req_object req = {.object = o};
	const struct tsm_user_call c = {.op = TSM_ENV_OBJECT_DIGEST,
					.req = &req,
					.req_len = sizeof(req),
					.resp = digest,
					.resp_len = TSM_DIGEST_LEN,
					.exact = true};

	return tsm_user_request(t, &c);
}
