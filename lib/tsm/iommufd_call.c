/* SPDX-License-Identifier: BSD-3-Clause */

/* The only call into the kernel of role vmm, and what it refuses to send. */

#include <errno.h>
#include <string.h>

#include <sys/ioctl.h>

#include "iommufd.h"

/* Sizes that may be sent; a request that is not here may not. */
static const struct {
	unsigned long request;
	size_t size;
} sizes[] = {
	{TSM_UAPI_DESTROY, sizeof(struct tsm_uapi_destroy)},
	{TSM_UAPI_IOAS_ALLOC, sizeof(struct tsm_uapi_ioas_alloc)},
	{TSM_UAPI_OPTION, sizeof(struct tsm_uapi_option)},
	{TSM_UAPI_HWPT_ALLOC, sizeof(struct tsm_uapi_hwpt_alloc)},
	{TSM_UAPI_VIOMMU_ALLOC, sizeof(struct tsm_uapi_viommu_alloc)},
	{TSM_UAPI_VDEVICE_ALLOC, sizeof(struct tsm_uapi_vdevice_alloc)},
	/* Linux 7.3 answers EINVAL to 16 bytes there, and runs IOAS_NOIOMMU_GET_PA on 40. */
	{TSM_UAPI_TSM_OP, sizeof(struct tsm_uapi_tsm_op)},
	{TSM_UAPI_TSM_REQ, sizeof(struct tsm_uapi_req_scope)},
	{TSM_UAPI_TSM_REQ, sizeof(struct tsm_uapi_req_op)},
	{TSM_UAPI_ATTACH, sizeof(struct tsm_uapi_attach)},
	{TSM_UAPI_DETACH, sizeof(struct tsm_uapi_detach)},
};

static bool
is_known(unsigned long request, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (sizes[i].request == request && sizes[i].size == size)
			return true;
	return false;
}

int
tsm_iommufd_call(int fd, unsigned long request, void *arg, size_t size)
{
	uint32_t said;
	int rc;

	if (!is_known(request, size))
		return -EMSGSIZE;
	memcpy(&said, arg, sizeof(said));
	if (said != size)
		return -EMSGSIZE;
	rc = ioctl(fd, request, arg);
	return rc < 0 ? -errno : rc;
}

int
tsm_iommufd_probe(struct steer_tsm *t)
{
	union {
		struct tsm_uapi_req_scope scope;
		struct tsm_uapi_req_op op;
		uint32_t size;
	} probe;
	const struct tsm_iommufd_profile *p = tsm_iommufd(t)->profile;

	memset(&probe, 0, sizeof(probe));
	probe.size = p->req_size;
	/* An output that no kernel looks at; one that knows the form of 40 bytes alone has E2BIG
	 * for it, where zeros behind these would be taken for a request of that form. */
	if (p->form == TSM_FORM_OP)
		probe.op.tsm_code = 1;
	return tsm_iommufd_call(t->vmm->iommufd, TSM_UAPI_TSM_REQ, &probe, p->req_size);
}
