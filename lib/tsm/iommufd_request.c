/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The request ioctl. Three channels come back and stay apart: errno, the residue that a success
 * returns, and tsm_code, where the form has one.
 */

#include <errno.h>
#include <string.h>

#include "iommufd.h"

union message {
	struct tsm_uapi_req_scope scope;
	struct tsm_uapi_req_op op;
};

static void
fill_scope(struct steer_tsm *t, union message *m, enum steer_tsm_op op, const void *req,
	   size_t req_len, void *resp, size_t resp_len)
{
	const struct tsm_iommufd *f = tsm_iommufd(t);

	m->scope = (struct tsm_uapi_req_scope){
		.size = sizeof(m->scope),
		.vdevice_id = f->vdevice,
		.scope = f->profile->ops[op].number,
		.req_len = (uint32_t)req_len,
		.resp_len = (uint32_t)resp_len,
		.req_uptr = (uintptr_t)req,
		.resp_uptr = (uintptr_t)resp,
	};
}

static void
fill_op(struct steer_tsm *t, union message *m, enum steer_tsm_op op, const void *req,
	size_t req_len, void *resp, size_t resp_len)
{
	const struct tsm_iommufd *f = tsm_iommufd(t);

	m->op = (struct tsm_uapi_req_op){
		.size = sizeof(m->op),
		.vdevice_id = f->vdevice,
		.op = f->profile->ops[op].number,
		.tvm_arch = (uint32_t)t->policy.arch,
		.req_len = (uint32_t)req_len,
		.resp_len = (uint32_t)resp_len,
		.req_uptr = (uintptr_t)req,
		.resp_uptr = (uintptr_t)resp,
	};
}

/*
 * The kernel's core waits for the TSM's locks interruptibly (pci_tsm_guest_req() of Linux 7.3:
 * EINTR before the TSM driver is called). A driver may return EINTR of its own, later, and nothing
 * tells one from the other: only what reads is sent again, once. Of what changes the state EINTR is
 * an error like all others.
 */
static bool
may_repeat(enum steer_tsm_op op)
{
	return op == STEER_TSM_OP_OBJECT_INFO || op == STEER_TSM_OP_READ_OBJECT;
}

static int
submit(struct steer_tsm *t, enum steer_tsm_op op, union message *m)
{
	const size_t size = tsm_iommufd(t)->profile->req_size;
	int rc = tsm_iommufd_call(t->vmm->iommufd, TSM_UAPI_TSM_REQ, m, size);

	if (rc == -EINTR && may_repeat(op))
		rc = tsm_iommufd_call(t->vmm->iommufd, TSM_UAPI_TSM_REQ, m, size);
	return rc;
}

static struct tsm_result
judge(struct steer_tsm *t, enum steer_tsm_op op, int rc, uint64_t tsm_code, size_t most)
{
	struct tsm_result r = {.tsm_code = tsm_code};

	if (rc < 0) {
		r.err = tsm_fail(t, rc, "%s: the kernel says %s", tsm_iommufd_op_name(op),
				 strerror(-rc));
		return r;
	}
	r.residue = (uint32_t)rc;
	if (r.residue > most)
		r.err = tsm_fail(
			t, -EPROTO, "%s: %u bytes left of %zu; is \"abi\": \"%s\" this kernel's?",
			tsm_iommufd_op_name(op), r.residue, most, tsm_iommufd(t)->profile->name);
	return r;
}

struct tsm_result
tsm_iommufd_request(struct steer_tsm *t, enum steer_tsm_op op, const void *req, size_t req_len,
		    void *resp, size_t resp_len)
{
	struct tsm_result r = tsm_iommufd_unsent(tsm_iommufd_allowed(t, op));
	union message m;
	bool has_code;
	int rc;

	if (r.err != 0)
		return r;
	has_code = tsm_iommufd(t)->profile->form == TSM_FORM_OP;
	memset(&m, 0, sizeof(m));
	(has_code ? fill_op : fill_scope)(t, &m, op, req, req_len, resp, resp_len);
	rc = submit(t, op, &m);
	return judge(t, op, rc, has_code ? m.op.tsm_code : 0, resp_len > 0 ? resp_len : req_len);
}
