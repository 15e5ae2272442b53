/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "steer_tsm.h"

#define DIM(a) (sizeof(a) / sizeof((a)[0]))

static const char *const state_names[] = {
	[STEER_TSM_UNBOUND] = "unbound",   [STEER_TSM_CONNECTED] = "connected",
	[STEER_TSM_BOUND] = "bound",       [STEER_TSM_LOCKED] = "locked",
	[STEER_TSM_VERIFIED] = "verified", [STEER_TSM_RUN] = "run",
	[STEER_TSM_UNKNOWN] = "unknown",   [STEER_TSM_ERROR] = "error",
};

static const char *const code_names[] = {
	[STEER_TSM_OK] = "OK",
	[STEER_TSM_UNSUPPORTED] = "UNSUPPORTED",
	[STEER_TSM_NOT_CONNECTED] = "NOT_CONNECTED",
	[STEER_TSM_WRONG_TSM] = "WRONG_TSM",
	[STEER_TSM_EVIDENCE_MISSING] = "EVIDENCE_MISSING",
	[STEER_TSM_MALFORMED] = "MALFORMED",
	[STEER_TSM_CHAIN] = "CHAIN",
	[STEER_TSM_SIGNATURE] = "SIGNATURE",
	[STEER_TSM_STALE_NONCE] = "STALE_NONCE",
	[STEER_TSM_DIGEST_MISMATCH] = "DIGEST_MISMATCH",
	[STEER_TSM_REPORT_MISMATCH] = "REPORT_MISMATCH",
	[STEER_TSM_TPH_MISMATCH] = "TPH_MISMATCH",
	[STEER_TSM_STATE_UNKNOWN] = "STATE_UNKNOWN",
	[STEER_TSM_STATE_LOST] = "STATE_LOST",
	[STEER_TSM_TIMEOUT] = "TIMEOUT",
};

static const char *const summary_names[] = {
	[STEER_TSM_NOT_ASKED] = "not asked",
	[STEER_TSM_PLAIN] = "plain, no TSM",
	[STEER_TSM_CONNECTED_ONLY] = "connected, not attested",
	[STEER_TSM_ATTESTED] = "attested",
	[STEER_TSM_REFUSED] = "refused",
};

static const char *const mode_names[] = {
	[STEER_TSM_OFF] = "off",
	[STEER_TSM_PREFER] = "prefer",
	[STEER_TSM_REQUIRE] = "require",
};

static const char *const role_names[] = {
	[STEER_TSM_ROLE_AUTO] = "auto", [STEER_TSM_ROLE_HOST] = "host",
	[STEER_TSM_ROLE_VMM] = "vmm",   [STEER_TSM_ROLE_GUEST] = "guest",
	[STEER_TSM_ROLE_USER] = "user",
};

static const char *const abi_names[] = {
	[STEER_TSM_ABI_NONE] = "auto-safe",  [STEER_TSM_ABI_V5] = "v5",
	[STEER_TSM_ABI_V5_JUNE] = "v5-june", [STEER_TSM_ABI_V6] = "v6",
	[STEER_TSM_ABI_V7_INT] = "v7-int",   [STEER_TSM_ABI_SIM] = "sim",
};

static const char *const arch_names[] = {
	[STEER_TSM_ARCH_ANY] = "any",
	[STEER_TSM_ARCH_CCA] = "cca",
	[STEER_TSM_ARCH_SEV] = "sev",
	[STEER_TSM_ARCH_TDX] = "tdx",
};

static const char *
name_of(const char *const *names, size_t nb, unsigned int value)
{
	return value < nb ? names[value] : "?";
}

static int
value_of(const char *const *names, size_t nb, const char *text)
{
	size_t i;

	for (i = 0; text != NULL && i < nb; i++)
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	return -EINVAL;
}

const char *
steer_tsm_state_name(enum steer_tsm_state s)
{
	return name_of(state_names, DIM(state_names), s);
}

const char *
steer_tsm_code_name(enum steer_tsm_code c)
{
	return name_of(code_names, DIM(code_names), c);
}

const char *
steer_tsm_summary_name(enum steer_tsm_summary s)
{
	return name_of(summary_names, DIM(summary_names), s);
}

const char *
steer_tsm_mode_name(enum steer_tsm_mode m)
{
	return name_of(mode_names, DIM(mode_names), m);
}

int
steer_tsm_mode_parse(const char *text)
{
	return value_of(mode_names, DIM(mode_names), text);
}

const char *
steer_tsm_role_name(enum steer_tsm_role r)
{
	return name_of(role_names, DIM(role_names), r);
}

int
steer_tsm_role_parse(const char *text)
{
	return value_of(role_names, DIM(role_names), text);
}

const char *
steer_tsm_abi_name(enum steer_tsm_abi a)
{
	return name_of(abi_names, DIM(abi_names), a);
}

int
steer_tsm_abi_parse(const char *text)
{
	/* Two names of one thing: no ioctl of a proposal. */
	if (text != NULL && strcmp(text, "sysfs-only") == 0)
		return STEER_TSM_ABI_NONE;
	return value_of(abi_names, DIM(abi_names), text);
}

const char *
steer_tsm_arch_name(enum steer_tsm_arch a)
{
	return name_of(arch_names, DIM(arch_names), a);
}

int
steer_tsm_arch_parse(const char *text)
{
	return value_of(arch_names, DIM(arch_names), text);
}
