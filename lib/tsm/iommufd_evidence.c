/* SPDX-License-Identifier: BSD-3-Clause */

/* Evidence through the request ioctl. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iommufd.h"

static int
objects_there(struct steer_tsm *t)
{
	const struct tsm_iommufd *f = tsm_iommufd(t);

	if (f->vdevice == 0)
		return tsm_fail(t, -ENXIO, "there is no vdevice; bind first");
	if (f->profile->ops[STEER_TSM_OP_READ_OBJECT].known == TSM_OP_ABSENT)
		return tsm_fail(
			t, -ENODATA,
			"ABI %s has no evidence objects (they went to netlink); nothing can "
			"be verified",
			f->profile->name);
	return 0;
}

struct tsm_result
tsm_iommufd_regenerate(struct steer_tsm *t, enum tsm_object o, const uint8_t *nonce, size_t len)
{
	const bool fresh = o == TSM_OBJECT_MEASUREMENTS;
	const struct steer_tsm_vmm_in in = {.object = (uint32_t)o,
					    .nonce = fresh ? nonce : NULL,
					    .nonce_len = fresh ? (uint32_t)len : 0};
	struct tsm_result r = tsm_iommufd_unsent(objects_there(t));

	if (r.err == 0 && fresh && (nonce == NULL || len < STEER_TSM_NONCE_MIN))
		r = tsm_iommufd_unsent(tsm_fail(t, -EINVAL,
						"measurements need a nonce of %u bytes at least",
						STEER_TSM_NONCE_MIN));
	return r.err != 0 ? r : tsm_iommufd_op(t, STEER_TSM_OP_REGEN_OBJECT, &in, NULL, NULL);
}

static struct tsm_result
object_size(struct steer_tsm *t, struct steer_tsm_vmm_in *in)
{
	size_t len = sizeof(in->size);
	struct tsm_result r = tsm_iommufd_op(t, STEER_TSM_OP_OBJECT_INFO, in, &in->size, &len);

	if (r.err != 0 || r.tsm_code != 0)
		return r;
	if (len != sizeof(in->size))
		r.err = tsm_fail(t, -EPROTO, "size of object %u: %zu bytes instead of 4",
				 in->object, len);
	else if (in->size == 0)
		r.err = tsm_fail(t, -ENODATA, "object %u is not there", in->object);
	else if (in->size > STEER_TSM_OBJECT_MAX)
		r.err = tsm_fail(t, -EFBIG, "object %u has %u bytes", in->object, in->size);
	return r;
}

/* At offset 0, with exactly the size that was told: the kernel wants room for the whole object. */
static struct tsm_result
object_read(struct steer_tsm *t, const struct steer_tsm_vmm_in *in, uint8_t *data)
{
	size_t len = in->size;
	struct tsm_result r = tsm_iommufd_op(t, STEER_TSM_OP_READ_OBJECT, in, data, &len);

	if (r.err == 0 && r.tsm_code == 0 && len != in->size)
		r.err = tsm_fail(t, -EPROTO, "object %u has %zu bytes instead of %u", in->object,
				 len, in->size);
	return r;
}

struct tsm_result
tsm_iommufd_object(struct steer_tsm *t, enum tsm_object o, struct steer_tsm_bytes *out)
{
	struct steer_tsm_vmm_in in = {.object = (uint32_t)o};
	struct tsm_result r = tsm_iommufd_unsent(objects_there(t));
	uint8_t *data;

	*out = (struct steer_tsm_bytes){NULL, 0};
	if (r.err == 0)
		r = object_size(t, &in);
	if (r.err != 0 || r.tsm_code != 0)
		return r;
	data = calloc(1, in.size);
	if (data == NULL) {
		r.err = tsm_fail(t, -ENOMEM, "object %u: out of memory", in.object);
		return r;
	}
	r = object_read(t, &in, data);
	if (r.err != 0 || r.tsm_code != 0)
		free(data);
	else
		*out = (struct steer_tsm_bytes){data, in.size};
	return r;
}
