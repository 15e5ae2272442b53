/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Operations of architectures whose payloads nobody has published (SEV, TDX): bytes that the VMM
 * gives, and takes back. Here is what is common: lengths and channels.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iommufd.h"

/* A guest request of SEV is a page; so is its response, and an object comes with a head of its own.
 */
#define PAGE 4096u

struct buffers {
	uint8_t req[PAGE];
	uint8_t *resp;
	size_t room;
};

static struct buffers *
buffers_new(enum steer_tsm_op op, const struct steer_tsm_vmm_in *in)
{
	struct buffers *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->room = PAGE + (op == STEER_TSM_OP_READ_OBJECT ? in->size : 0);
	b->resp = calloc(1, b->room);
	if (b->resp == NULL) {
		free(b);
		return NULL;
	}
	return b;
}

static void
buffers_free(struct buffers *b)
{
	free(b->resp);
	free(b);
}

/* What came back, in the VMM's own reading. */
static int
read_response(struct steer_tsm *t, enum steer_tsm_op op, const struct buffers *b, size_t len,
	      void *out, size_t *out_len)
{
	size_t none = 0, room = out != NULL ? *out_len : 0;
	size_t *n = out != NULL ? out_len : &none;
	int rc;

	if (t->vmm->response == NULL && out == NULL)
		return 0;
	rc = t->vmm->response(t->vmm->arg, op, b->resp, len, out, n);
	if (rc < 0)
		return tsm_fail(t, rc, "%s: the VMM refuses the response: %s",
				tsm_iommufd_op_name(op), strerror(-rc));
	if (*n > room)
		return tsm_fail(t, -EPROTO, "%s: the VMM gave %zu bytes for %zu",
				tsm_iommufd_op_name(op), *n, room);
	return 0;
}

static struct tsm_result
exchange(struct steer_tsm *t, enum steer_tsm_op op, const struct steer_tsm_vmm_in *in,
	 struct buffers *b, void *out, size_t *out_len)
{
	struct tsm_result r;
	int len = t->vmm->payload(t->vmm->arg, op, in, sizeof(*in), b->req, sizeof(b->req));

	if (len < 0 || (size_t)len > sizeof(b->req))
		return tsm_iommufd_unsent(tsm_fail(t, len < 0 ? len : -EPROTO,
						   "%s: the VMM gives no payload",
						   tsm_iommufd_op_name(op)));
	r = tsm_iommufd_request(t, op, b->req, (size_t)len, b->resp, b->room);
	/* With a tsm_code it is the machine's to say what that means. */
	if (r.err != 0 || r.tsm_code != 0)
		return r;
	r.err = read_response(t, op, b, b->room - r.residue, out, out_len);
	/* Room that was left is no finding here: the VMM has judged what came. */
	r.residue = 0;
	return r;
}

struct tsm_result
tsm_iommufd_opaque(struct steer_tsm *t, enum steer_tsm_op op, const struct steer_tsm_vmm_in *in,
		   void *out, size_t *out_len)
{
	struct tsm_result r = tsm_iommufd_unsent(tsm_iommufd_allowed(t, op));
	struct buffers *b;

	if (r.err != 0)
		return r;
	if (out != NULL && t->vmm->response == NULL)
		return tsm_iommufd_unsent(
			tsm_fail(t, -EOPNOTSUPP,
				 "the response of %s for %s is not public; the VMM must read it",
				 tsm_iommufd_op_name(op), steer_tsm_arch_name(t->policy.arch)));
	b = buffers_new(op, in);
	if (b == NULL)
		return tsm_iommufd_unsent(tsm_fail(t, -ENOMEM, "out of memory"));
	r = exchange(t, op, in, b, out, out_len);
	buffers_free(b);
	return r;
}

struct tsm_result
tsm_iommufd_op(struct steer_tsm *t, enum steer_tsm_op op, const struct steer_tsm_vmm_in *in,
	       void *out, size_t *out_len)
{
	return t->policy.arch == STEER_TSM_ARCH_CCA ? tsm_iommufd_cca(t, op, in, out, out_len)
						    : tsm_iommufd_opaque(t, op, in, out, out_len);
}
