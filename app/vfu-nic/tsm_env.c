/* SPDX-License-Identifier: BSD-3-Clause */

/* The envelope around an operation: struct tsm_env and max(req_len, resp_len) bytes, both ways. */

#include <errno.h>
#include <string.h>

#include "tsm_priv.h"

#define HEAD ((uint32_t)(sizeof(struct vfu_device_feature) + sizeof(struct tsm_env)))

/* Lengths that agree with each other and with the transfer size. @return 0 or negative errno. */
static int
check(const struct nic *nic, const struct nic_msg *m, const struct tsm_env *e)
{
	const uint32_t most = e->req_len > e->resp_len ? e->req_len : e->resp_len;
	const uint32_t limit = nic->conn.max_xfer;
	struct vfu_device_feature f;

	memcpy(&f, m->data, sizeof(f));
	if (limit < sizeof(*e) || most > limit - sizeof(*e) || m->len != HEAD + most ||
	    f.argsz < m->len)
		return -EINVAL;
	return e->reserved != 0 ? -EOPNOTSUPP : 0;
}

static int
request(struct nic *nic, struct nic_msg *m)
{
	const uint32_t room = m->len - HEAD;
	struct tsm_env e;
	struct tsm_call c;
	int rc;

	memcpy(&e, m->data + sizeof(struct vfu_device_feature), sizeof(e));
	rc = check(nic, m, &e);
	if (rc < 0)
		return rc;
	memset(m->out + HEAD, 0, room); /* a request does not come back */
	c = (struct tsm_call){
		.req = m->data + HEAD,
		.req_len = e.req_len,
		.rsp = m->out + HEAD,
		.room = e.resp_len,
	};
	rc = tsm_op(nic->tsm, e.op, e.tvm_arch, &c);
	if (c.silent)
		m->hdr.flags |= VFU_F_NO_REPLY;
	if (rc < 0)
		return rc;
	e.residue = e.resp_len > 0 ? e.resp_len - c.given : e.req_len - c.taken;
	e.tsm_code = c.code;
	memcpy(m->out + sizeof(struct vfu_device_feature), &e, sizeof(e));
	return 0;
}

int
nic_tsm_feature(struct nic *nic, struct nic_msg *m, uint32_t op)
{
	struct vfu_device_feature f;
	int rc;

	if (nic->tsm == NULL || tsm_fault(nic->tsm) == NIC_TSM_HALF_PRESENT)
		return -ENOTTY;
	if ((op & VFU_FEATURE_SET) != 0)
		return -EINVAL; /* everything is a GET: each has an answer */
	memcpy(&f, m->data, sizeof(f));
	m->out_len = m->len;
	if ((op & VFU_FEATURE_PROBE) != 0) {
		memcpy(m->out, m->data, m->len);
		return 0;
	}
	if (m->len < HEAD)
		return -EINVAL;
	atomic_fetch_add(&nic->tsm->requests, 1);
	rc = request(nic, m);
	if (rc < 0)
		atomic_fetch_add(&nic->tsm->errors, 1);
	f.argsz = m->len;
	memcpy(m->out, &f, sizeof(f));
	return rc;
}
