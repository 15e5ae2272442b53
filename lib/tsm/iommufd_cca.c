/* SPDX-License-Identifier: BSD-3-Clause */

/* Operations in the words of Arm CCA. All buffers live in this process and for the call. */

#include <errno.h>
#include <string.h>

#include "iommufd.h"
#include "tsm_uapi_cca.h"

union payload {
	struct tsm_cca5_type type5;
	struct tsm_cca5_value value5;
	struct tsm_cca5_read read5;
	struct tsm_cca5_measure measure5;
	struct tsm_cca5_map map5;
	struct tsm_cca_value value;
	struct tsm_cca_read read;
	struct tsm_cca_regen regen;
	struct tsm_cca_validate validate;
};

static size_t
regenerate5(const struct steer_tsm_vmm_in *in, union payload *p)
{
	if (in->object == TSM_OBJECT_REPORT) {
		p->type5.type = TSM_CCA5_UPDATE_REPORT;
		return sizeof(p->type5);
	}
	p->measure5 = (struct tsm_cca5_measure){.type = TSM_CCA5_MEASURE,
						.nonce_uptr = (uintptr_t)in->nonce};
	return sizeof(p->measure5);
}

/* v5. @return bytes, 0: there is no such request. */
static size_t
encode5(enum steer_tsm_op op, const struct steer_tsm_vmm_in *in, union payload *p)
{
	switch (op) {
	case STEER_TSM_OP_OBJECT_INFO:
		p->value5 = (struct tsm_cca5_value){TSM_CCA5_OBJECT_SIZE, in->object};
		return sizeof(p->value5);
	case STEER_TSM_OP_READ_OBJECT:
		/* At offset 0: another one would be added to the buffer's address, too. */
		p->read5 = (struct tsm_cca5_read){TSM_CCA5_OBJECT_READ, in->object, 0};
		return sizeof(p->read5);
	case STEER_TSM_OP_REGEN_OBJECT: return regenerate5(in, p);
	case STEER_TSM_OP_VALIDATE_MMIO:
		p->map5 = (struct tsm_cca5_map){.type = TSM_CCA5_MAP,
						.gpa_base = in->range.gpa_base,
						.gpa_top = in->range.gpa_top,
						.pa_base = in->range.pa_base};
		return sizeof(p->map5);
	case STEER_TSM_OP_SET_TDI_STATE:
		p->value5 = (struct tsm_cca5_value){TSM_CCA5_STATE, in->tdi_state};
		return sizeof(p->value5);
	default: return 0;
	}
}

static size_t
encode(enum steer_tsm_op op, const struct steer_tsm_vmm_in *in, union payload *p)
{
	switch (op) {
	case STEER_TSM_OP_OBJECT_INFO: p->value.value = in->object; return sizeof(p->value);
	case STEER_TSM_OP_READ_OBJECT:
		p->read = (struct tsm_cca_read){.object = in->object};
		return sizeof(p->read);
	case STEER_TSM_OP_REGEN_OBJECT:
		p->regen = (struct tsm_cca_regen){.object = in->object,
						  .nonce_uptr = (uintptr_t)in->nonce};
		return sizeof(p->regen);
	case STEER_TSM_OP_VALIDATE_MMIO:
		p->validate = (struct tsm_cca_validate){.gpa_base = in->range.gpa_base,
							.gpa_top = in->range.gpa_top,
							.pa_base = in->range.pa_base};
		return sizeof(p->validate);
	case STEER_TSM_OP_SET_TDI_STATE: p->value.value = in->tdi_state; return sizeof(p->value);
	default: return 0;
	}
}

/* Only these two can be made anew, and measurements only with a nonce of this length. */
static int
regenerate_check(struct steer_tsm *t, const struct steer_tsm_vmm_in *in)
{
	if (in->object == TSM_OBJECT_REPORT && in->nonce == NULL)
		return 0;
	if (in->object != TSM_OBJECT_MEASUREMENTS)
		return tsm_fail(t, -EOPNOTSUPP, "CCA makes only measurements and report anew");
	if (in->nonce_len != TSM_CCA_NONCE_LEN)
		return tsm_fail(t, -EINVAL, "CCA takes a nonce of %u bytes, not of %u",
				TSM_CCA_NONCE_LEN, in->nonce_len);
	return 0;
}

struct tsm_result
tsm_iommufd_cca(struct steer_tsm *t, enum steer_tsm_op op, const struct steer_tsm_vmm_in *in,
		void *out, size_t *out_len)
{
	const size_t room = out != NULL ? *out_len : 0;
	struct tsm_result r = tsm_iommufd_unsent(tsm_iommufd_allowed(t, op));
	union payload p;
	size_t len;

	if (r.err == 0 && op == STEER_TSM_OP_REGEN_OBJECT)
		r = tsm_iommufd_unsent(regenerate_check(t, in));
	if (r.err != 0)
		return r;
	memset(&p, 0, sizeof(p));
	len = tsm_iommufd(t)->profile->form == TSM_FORM_SCOPE ? encode5(op, in, &p)
							      : encode(op, in, &p);
	r = tsm_iommufd_request(t, op, &p, len, out, room);
	/* Every payload has one size, and an object is read with the size that was told. */
	if (r.err == 0 && r.residue != 0)
		r.err = tsm_fail(t, -EPROTO, "%s: %u bytes of %s were not used",
				 tsm_iommufd_op_name(op), r.residue,
				 room > 0 ? "the response" : "the request");
	return r;
}
