/* SPDX-License-Identifier: BSD-3-Clause */

/* Policies that no device can meet: told when they are read, not when a port fails to come up. */

#include <errno.h>

#include "policy.h"
#include "tsm_proto.h"

static bool
is_host(const struct steer_tsm_policy *p)
{
	return p->role == STEER_TSM_ROLE_HOST;
}

static bool
is_kernel_abi(enum steer_tsm_abi abi)
{
	return abi != STEER_TSM_ABI_NONE && abi != STEER_TSM_ABI_SIM;
}

static int
check_role(const struct policy_reading *r, const struct steer_tsm_policy *p)
{
	if (is_host(p) && p->mode == STEER_TSM_REQUIRE && !p->host_admin)
		return policy_bad(r, -EINVAL, "role",
				  "host has no evidence; under require it wants \"evidence\": "
				  "\"host-admin\"");
	if (p->role == STEER_TSM_ROLE_VMM && !is_kernel_abi(p->abi))
		return policy_bad(
			r, -EINVAL, "abi",
			"role vmm wants a profile of the kernel in use: v5, v5-june, v6 or "
			"v7-int");
	if (p->role == STEER_TSM_ROLE_VMM && p->arch == STEER_TSM_ARCH_ANY)
		return policy_bad(r, -EINVAL, "arch", "role vmm wants cca, sev or tdx");
	if (p->role == STEER_TSM_ROLE_VMM && p->abi == STEER_TSM_ABI_V6)
		return policy_bad(r, -EINVAL, "abi",
				  "v6 carries no evidence; role vmm wants v5, v5-june or v7-int");
	if (p->role == STEER_TSM_ROLE_VMM && p->abi == STEER_TSM_ABI_V7_INT &&
	    p->arch == STEER_TSM_ARCH_SEV && !p->unsafe_inferred_abi)
		return policy_bad(r, -EINVAL, "abi",
				  "v7-int's number for SEV's DMA is only inferred; it is sent with "
				  "\"unsafe-inferred-abi\": true");
	if (p->role == STEER_TSM_ROLE_USER && is_kernel_abi(p->abi))
		return policy_bad(r, -EINVAL, "abi", "role user speaks sim, and no kernel's ABI");
	return 0;
}

/* DSP0274 1.2, 10.11: between the last index of a vendor and the manifest. */
static bool
is_reserved(uint8_t index)
{
	return index >= 0xf0 && index <= 0xfc;
}

static int
check_evidence(const struct policy_reading *r, const struct steer_tsm_policy *p)
{
	if (p->report_required & p->report_forbidden)
		return policy_bad(r, -EINVAL, "report", "a flag is both required and forbidden");
	/* Only role host comes up without evidence. */
	if (is_host(p) || (p->role == STEER_TSM_ROLE_AUTO && p->host_admin))
		return 0;
	if (p->nb_roots == 0)
		return policy_bad(
			r, -EINVAL, "roots",
			"none is given: no chain can be verified; name the vendor's root");
	/* A kernel's interface may carry more; what a device signs has no room for it. */
	if (p->nonce_len > TSM_NONCE_LEN)
		return policy_bad(r, -EINVAL, "nonce-bytes",
				  "SPDM 1.2 signs 32 of them, and no other evidence is judged; "
				  "say 32");
	if (p->nb_measurements == 0 && !p->others_allowed)
		return policy_bad(r, -EINVAL, "measurements",
				  "none is given: no firmware is allowed; list them, or say "
				  "\"other-measurements\": \"allow\"");
	for (unsigned int i = 0; i < p->nb_measurements; i++)
		if (is_reserved(p->measurements[i].index))
			return policy_bad(r, -EINVAL, "measurements",
					  "index %u is reserved in SPDM 1.2: no device has it",
					  p->measurements[i].index);
	return 0;
}

int
steer_tsm_policy_check(const struct steer_tsm_policy *p, char *err, size_t errlen)
{
	const struct policy_reading r = {.err = err, .errlen = errlen};
	int rc;

	if (p->mode == STEER_TSM_OFF)
		return 0;
	if (p->nonce_len < STEER_TSM_NONCE_MIN || p->nonce_len > STEER_TSM_NONCE_MAX)
		return policy_bad(&r, -EINVAL, "nonce-bytes", "not 32 to 256");
	rc = check_role(&r, p);
	return rc == 0 ? check_evidence(&r, p) : rc;
}
