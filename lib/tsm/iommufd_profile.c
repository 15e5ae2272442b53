/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The published forms of the request ioctl. Operations have other numbers in each, and an errno
 * does not tell one from another: the policy says which it is.
 */

#include <errno.h>

#include "iommufd.h"

#define ABSENT                                                                                     \
	{                                                                                          \
		0, TSM_OP_ABSENT                                                                   \
	}
#define PUBLISHED(n)                                                                               \
	{                                                                                          \
		(n), TSM_OP_PUBLISHED                                                              \
	}
#define INFERRED(n)                                                                                \
	{                                                                                          \
		(n), TSM_OP_INFERRED                                                               \
	}
#define INFO         PUBLISHED(TSM_UAPI_SCOPE_INFO)
#define STATE_CHANGE PUBLISHED(TSM_UAPI_SCOPE_STATE_CHANGE)

static const struct tsm_iommufd_profile profiles[] = {
	/*
	 * Posting of 2026-05-25; scopes of the requests as a fork of QEMU has them. Bind "moves to
	 * CONFIG_LOCKED" (its thread, 2026-05-26): it is the lock, and of the states only RUN is
	 * set.
	 */
	{
		.abi = STEER_TSM_ABI_V5,
		.name = "v5",
		.form = TSM_FORM_SCOPE,
		.req_size = sizeof(struct tsm_uapi_req_scope),
		.lock_is_bind = true,
		.ops =
			{
				[STEER_TSM_OP_READ_OBJECT] = INFO,
				[STEER_TSM_OP_REGEN_OBJECT] = INFO,
				[STEER_TSM_OP_OBJECT_INFO] = INFO,
				[STEER_TSM_OP_VALIDATE_MMIO] = STATE_CHANGE,
				[STEER_TSM_OP_SET_TDI_STATE] = STATE_CHANGE,
				[STEER_TSM_OP_ENABLE_DMA] = ABSENT,
				[STEER_TSM_OP_DISABLE_DMA] = ABSENT,
			},
	},
	/* Mail of 2026-06-02 in that thread. */
	{
		.abi = STEER_TSM_ABI_V5_JUNE,
		.name = "v5-june",
		.form = TSM_FORM_OP,
		.req_size = sizeof(struct tsm_uapi_req_op),
		.lock_is_bind = true,
		.payload_inferred = true,
		.ops =
			{
				[STEER_TSM_OP_READ_OBJECT] = PUBLISHED(1),
				[STEER_TSM_OP_REGEN_OBJECT] = PUBLISHED(2),
				[STEER_TSM_OP_OBJECT_INFO] = PUBLISHED(3),
				[STEER_TSM_OP_VALIDATE_MMIO] = PUBLISHED(4),
				[STEER_TSM_OP_SET_TDI_STATE] = PUBLISHED(5),
				[STEER_TSM_OP_ENABLE_DMA] = PUBLISHED(6),
				[STEER_TSM_OP_DISABLE_DMA] = PUBLISHED(7),
			},
	},
	/* A tree: the names, and that the objects went to netlink. */
	{
		.abi = STEER_TSM_ABI_V6,
		.name = "v6",
		.form = TSM_FORM_OP,
		.req_size = sizeof(struct tsm_uapi_req_op),
		.lock_is_bind = true,
		.ops =
			{
				[STEER_TSM_OP_READ_OBJECT] = ABSENT,
				[STEER_TSM_OP_REGEN_OBJECT] = ABSENT,
				[STEER_TSM_OP_OBJECT_INFO] = ABSENT,
				[STEER_TSM_OP_VALIDATE_MMIO] = INFERRED(1),
				[STEER_TSM_OP_SET_TDI_STATE] = INFERRED(2),
				[STEER_TSM_OP_ENABLE_DMA] = INFERRED(3),
				[STEER_TSM_OP_DISABLE_DMA] = INFERRED(4),
			},
	},
	/* Integration branch v7, commit 2b68f486fdbc; its SEV numbers fill a gap. */
	{
		.abi = STEER_TSM_ABI_V7_INT,
		.name = "v7-int",
		.form = TSM_FORM_OP,
		.req_size = sizeof(struct tsm_uapi_req_op),
		.ops =
			{
				[STEER_TSM_OP_READ_OBJECT] = PUBLISHED(5),
				[STEER_TSM_OP_REGEN_OBJECT] = PUBLISHED(6),
				[STEER_TSM_OP_OBJECT_INFO] = PUBLISHED(7),
				[STEER_TSM_OP_VALIDATE_MMIO] = PUBLISHED(1),
				[STEER_TSM_OP_SET_TDI_STATE] = PUBLISHED(2),
				[STEER_TSM_OP_ENABLE_DMA] = INFERRED(3),
				[STEER_TSM_OP_DISABLE_DMA] = INFERRED(4),
			},
	},
};

const struct tsm_iommufd_profile *
tsm_iommufd_profile(enum steer_tsm_abi abi)
{
	size_t i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (profiles[i].abi == abi)
			return &profiles[i];
	return NULL;
}

const char *
tsm_iommufd_op_name(enum steer_tsm_op op)
{
	static const char *const names[TSM_IOMMUFD_OPS] = {
		[STEER_TSM_OP_READ_OBJECT] = "READ_OBJECT",
		[STEER_TSM_OP_REGEN_OBJECT] = "REGEN_OBJECT",
		[STEER_TSM_OP_OBJECT_INFO] = "OBJECT_INFO",
		[STEER_TSM_OP_VALIDATE_MMIO] = "VALIDATE_MMIO",
		[STEER_TSM_OP_SET_TDI_STATE] = "SET_TDI_STATE",
		[STEER_TSM_OP_ENABLE_DMA] = "SEV_ENABLE_DMA",
		[STEER_TSM_OP_DISABLE_DMA] = "SEV_DISABLE_DMA",
	};

	return (unsigned int)op < TSM_IOMMUFD_OPS ? names[op] : "?";
}

int
tsm_iommufd_allowed(struct steer_tsm *t, enum steer_tsm_op op)
{
	const struct tsm_iommufd_profile *p = tsm_iommufd(t)->profile;
	const char *name = tsm_iommufd_op_name(op);
	const char *arch = steer_tsm_arch_name(t->policy.arch);

	if (p == NULL)
		return tsm_fail(
			t, -EOPNOTSUPP,
			"the policy's \"abi\" is %s: no request of a kernel proposal is sent; "
			"name the ABI of this kernel (v5, v5-june, v6, v7-int)",
			steer_tsm_abi_name(t->policy.abi));
	if ((op == STEER_TSM_OP_ENABLE_DMA || op == STEER_TSM_OP_DISABLE_DMA) &&
	    t->policy.arch != STEER_TSM_ARCH_SEV)
		return tsm_fail(t, -EINVAL, "%s is no operation of %s", name, arch);
	if (p->ops[op].known == TSM_OP_ABSENT)
		return tsm_fail(t, -EOPNOTSUPP, "ABI %s has no operation %s; use another \"abi\"",
				p->name, name);
	if (p->ops[op].known == TSM_OP_INFERRED && !t->policy.unsafe_inferred_abi)
		return tsm_fail(t, -EOPNOTSUPP,
				"the number of %s in ABI %s is only inferred and is not sent; "
				"\"unsafe-inferred-abi\": true would",
				name, p->name);
	if (t->policy.arch != STEER_TSM_ARCH_CCA && t->vmm->payload == NULL)
		return tsm_fail(t, -EOPNOTSUPP,
				"the payload of %s for %s is not public; the VMM must give it",
				name, arch);
	return 0;
}

/* v6 has no objects; what that means is for the policy. */
static int
objects_allowed(struct steer_tsm *t)
{
	if (tsm_iommufd(t)->profile->ops[STEER_TSM_OP_READ_OBJECT].known == TSM_OP_ABSENT ||
	    t->policy.arch == STEER_TSM_ARCH_CCA || t->vmm->response != NULL)
		return 0;
	return tsm_fail(t, -EOPNOTSUPP,
			"the responses for %s are not public; the VMM must read them",
			steer_tsm_arch_name(t->policy.arch));
}

int
tsm_iommufd_allowed_all(struct steer_tsm *t)
{
	int rc = tsm_iommufd_allowed(t, STEER_TSM_OP_SET_TDI_STATE);

	if (rc == 0)
		rc = objects_allowed(t);
	if (rc == 0 && t->vmm->nb_ranges > 0)
		rc = tsm_iommufd_allowed(t, STEER_TSM_OP_VALIDATE_MMIO);
	if (rc == 0 && t->policy.arch == STEER_TSM_ARCH_SEV)
		rc = tsm_iommufd_allowed(t, STEER_TSM_OP_ENABLE_DMA);
	return rc;
}
