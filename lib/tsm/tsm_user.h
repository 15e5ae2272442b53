/* SPDX-License-Identifier: BSD-3-Clause */

/* What the files of the back end "user" share. */

#ifndef TSM_USER_H
#define TSM_USER_H

#include <steer_vfio.h>

#include "tsm_backend.h"
#include "tsm_proto.h"

/* Bytes of an object in one transfer, where the peer takes so many; and in front of them. */
#define PIECE_MAX 65536u
#define HEADS     (sizeof(struct tsm_env) + 16)

struct tsm_user {
	uint32_t feature;
	uint32_t arch; /* as IDENT told; 0: not yet */
	char name[sizeof(((struct tsm_rsp_ident *)0)->name)];
	size_t piece;
};

/* One request; what has no place in the envelope is NULL and 0. */
struct tsm_user_call {
	uint32_t op;
	const void *req;
	uint32_t req_len;
	void *resp;
	uint32_t resp_len;
	bool exact; /* the whole request is consumed, the whole response is filled */
};

/* Nothing was asked of the device. */
static inline struct tsm_result
tsm_user_unasked(int err)
{
	return (struct tsm_result){.err = err, .not_sent = err != 0};
}

/* user_request.c */
struct tsm_result tsm_user_request(struct steer_tsm *t, const struct tsm_user_call *c);

/* user_evidence.c */
struct tsm_result
tsm_user_regenerate(struct steer_tsm *t, enum tsm_object o, const uint8_t *nonce, size_t len);
struct tsm_result
tsm_user_object(struct steer_tsm *t, enum tsm_object o, struct steer_tsm_bytes *out);
struct tsm_result tsm_user_digest(struct steer_tsm *t, enum tsm_object o, uint8_t *digest);

#endif /* TSM_USER_H */
