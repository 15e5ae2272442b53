/* SPDX-License-Identifier: BSD-3-Clause */

/* Inside the back end of role vmm: iommufd's objects, and the request ioctl in its published forms.
 */

#ifndef TSM_IOMMUFD_H
#define TSM_IOMMUFD_H

#include "steer_tsm_vmm.h"
#include "tsm_backend.h"
#include "tsm_uapi.h"

#define TSM_IOMMUFD_OPS 7u /* enum steer_tsm_op */

/* How sure is the number of an operation? */
enum tsm_iommufd_known {
	TSM_OP_ABSENT,   /* the ABI has none */
	TSM_OP_INFERRED, /* nobody has published it; it follows from its neighbours */
	TSM_OP_PUBLISHED,
};

/* Form of the request. */
enum tsm_iommufd_form {
	TSM_FORM_SCOPE, /* 40 bytes: scope; type of the request first in the payload */
	TSM_FORM_OP,    /* 48 bytes: operation, architecture, tsm_code */
};

/* One published ABI, as data: what is not here is not sent. */
struct tsm_iommufd_profile {
	enum steer_tsm_abi abi;
	const char *name;
	enum tsm_iommufd_form form;
	uint32_t req_size; /* of the request, exactly */
	bool lock_is_bind; /* TSM_OP BIND locks, UNBIND unlocks; else SET_TDI_STATE does, and the
			    * allocation of the vdevice binds */
	bool payload_inferred; /* CCA's payloads are those of the next tree: none was published */
	struct {
		uint32_t number; /* operation, or scope */
		enum tsm_iommufd_known known;
	} ops[TSM_IOMMUFD_OPS];
};

/* NULL: the policy allows no request. */
const struct tsm_iommufd_profile *tsm_iommufd_profile(enum steer_tsm_abi abi);
const char *tsm_iommufd_op_name(enum steer_tsm_op op);
/* May this be sent? 0, -EOPNOTSUPP, -EINVAL another architecture's; the kernel is not asked. */
int tsm_iommufd_allowed(struct steer_tsm *t, enum steer_tsm_op op);
/* Everything that an attach of this object will send. */
int tsm_iommufd_allowed_all(struct steer_tsm *t);

/* What was done: 0 and false when not. */
struct tsm_iommufd {
	const struct tsm_iommufd_profile *profile;
	uint32_t ioas, own_parent, viommu, nested, vdevice; /* ids */
	bool attached;
	bool unlock_due; /* a request to lock was sent, whatever came of it, and none to unlock */
	bool touched;    /* the TSM may have heard of the vdevice */
	bool alive;      /* something answers to the request ioctl */
};

/* Refused here: the device heard nothing of it. */
static inline struct tsm_result
tsm_iommufd_unsent(int err)
{
	return (struct tsm_result){.err = err, .not_sent = err != 0};
}

static inline struct tsm_iommufd *
tsm_iommufd(const struct steer_tsm *t)
{
	return t->priv;
}

/*
 * iommufd_call.c: the kernel. size must be what arg's first word says, and what the request's
 * profile has: anything else is -EMSGSIZE and is not sent. 0x95 is another command on Linux 7.3
 * from 40 bytes on, and is never sent with more than its 16.
 * @return 0 or more, or negative errno.
 */
int tsm_iommufd_call(int fd, unsigned long request, void *arg, size_t size);
/* Rule of the probe: no vdevice, exact size, 0x96 alone. -ENOTTY: nothing there; else what it said.
 */
int tsm_iommufd_probe(struct steer_tsm *t);

/*
 * iommufd_request.c: one request to the vdevice. resp may be NULL. The residue is within bounds, or
 * err is -EPROTO.
 */
struct tsm_result tsm_iommufd_request(struct steer_tsm *t, enum steer_tsm_op op, const void *req,
				      size_t req_len, void *resp, size_t resp_len);

/*
 * iommufd_cca.c, iommufd_opaque.c: an operation as the architecture says it. out: response of
 * *out_len bytes at most, then as many as there were; NULL where none is wanted.
 */
struct tsm_result tsm_iommufd_op(struct steer_tsm *t, enum steer_tsm_op op,
				 const struct steer_tsm_vmm_in *in, void *out, size_t *out_len);
struct tsm_result tsm_iommufd_cca(struct steer_tsm *t, enum steer_tsm_op op,
				  const struct steer_tsm_vmm_in *in, void *out, size_t *out_len);
struct tsm_result tsm_iommufd_opaque(struct steer_tsm *t, enum steer_tsm_op op,
				     const struct steer_tsm_vmm_in *in, void *out, size_t *out_len);

/* iommufd_objects.c: all that comes before LOCK, and all of it back. */
int tsm_iommufd_build(struct steer_tsm *t);
/* Goes all the way whatever fails. @return 0, or the first errno of an object that is left. */
int tsm_iommufd_undo(struct steer_tsm *t);

/* iommufd_state.c */
struct tsm_result tsm_iommufd_lock(struct steer_tsm *t);
struct tsm_result tsm_iommufd_unlock(struct steer_tsm *t);
struct tsm_result tsm_iommufd_run(struct steer_tsm *t);
struct tsm_result tsm_iommufd_dma_enable(struct steer_tsm *t);
struct tsm_result tsm_iommufd_dma_disable(struct steer_tsm *t);
struct tsm_result tsm_iommufd_validate(struct steer_tsm *t, const struct steer_tsm_device *d);

/* iommufd_evidence.c */
struct tsm_result
tsm_iommufd_regenerate(struct steer_tsm *t, enum tsm_object o, const uint8_t *nonce, size_t len);
struct tsm_result
tsm_iommufd_object(struct steer_tsm *t, enum tsm_object o, struct steer_tsm_bytes *out);

#endif /* TSM_IOMMUFD_H */
