/* SPDX-License-Identifier: BSD-3-Clause */

/* Operations on objects. */

#include <errno.h>
#include <string.h>

#include "tsm_priv.h"

/* The object that a request names. @return NULL and an errno. */
static const struct tsm_obj *
named(const struct nic_tsm *t, const struct tsm_call *c, int *rc)
{
	struct tsm_req_object r;

	memcpy(&r, c->req, sizeof(r));
	*rc = -ENOENT;
	if (r.object >= TSM_OBJS)
		return NULL;
	*rc = t->obj[r.object].data == NULL ? -ENODATA : 0;
	return *rc == 0 ? &t->obj[r.object] : NULL;
}

int
tsm_op_info(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_rsp_info info;
	int rc;
	const struct tsm_obj *o = named(t, c, &rc);

	if (o == NULL)
		return rc;
	info.size = o->said;
	memcpy(c->rsp, &info, sizeof(info));
	return 0;
}

int
tsm_op_digest(struct nic_tsm *t, struct tsm_call *c)
{
	int rc;
	const struct tsm_obj *o = named(t, c, &rc);

	if (o != NULL)
		memcpy(c->rsp, o->digest, sizeof(o->digest));
	return rc;
}

int
tsm_op_read(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_req_read r;
	int rc;
	const struct tsm_obj *o = named(t, c, &rc);

	if (o == NULL)
		return rc;
	memcpy(&r, c->req, sizeof(r));
	if (r.reserved != 0)
		return -EOPNOTSUPP;
	if (r.offset > o->said)
		return -EINVAL;
	c->given = o->said - (uint32_t)r.offset;
	if (c->given > c->room)
		c->given = c->room;
	if (r.offset < o->len) /* beyond it is what an oversized object has: zeros */
		memcpy(c->rsp, o->data + r.offset,
		       c->given < o->len - r.offset ? c->given : o->len - r.offset);
	return 0;
}

int
tsm_op_regen(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_req_regen r;
	bool measure;

	memcpy(&r, c->req, sizeof(r));
	measure = r.object == TSM_OBJ_MEASUREMENTS;
	if (r.object >= TSM_OBJS)
		return -ENOENT;
	if (r.flags > (measure ? 1 : 0) || (r.nonce_len != 0 && r.nonce_len != TSM_NONCE_LEN) ||
	    (r.nonce_len != 0 && !measure) || c->req_len - sizeof(r) < r.nonce_len)
		return -EINVAL;
	c->taken = (uint32_t)sizeof(r) + r.nonce_len;
	return tsm_obj_make(t, (enum tsm_obj_id)r.object,
			    r.nonce_len != 0 ? c->req + sizeof(r) : NULL, r.flags == 1);
}
