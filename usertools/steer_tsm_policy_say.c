/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdio.h>

#include "steer_tsm_policy.h"

static const char *
role_words(enum steer_tsm_role role)
{
	switch (role) {
	case STEER_TSM_ROLE_AUTO:
		return "auto: the strongest that caller and kernel offer, never a weaker one "
		       "instead";
	case STEER_TSM_ROLE_HOST:
		return "host: an administrator's connection is looked at, nothing is attested";
	case STEER_TSM_ROLE_VMM: return "vmm: the owner of a confidential virtual machine";
	case STEER_TSM_ROLE_GUEST: return "guest: inside a confidential virtual machine";
	case STEER_TSM_ROLE_USER: return "user: a vfio-user server's TSM";
	}
	return "?";
}

static void
say_digest(const char *head, const uint8_t *digest)
{
	printf("%s", head);
	for (unsigned int i = 0; i < STEER_TSM_DIGEST; i++)
		printf("%02x", digest[i]);
	printf("\n");
}

static void
say_measurements(const struct steer_tsm_policy *p)
{
	char head[48];

	printf("measurements: %s\n",
	       p->nb_measurements > 0 ? "each index listed has to be there, with one of its digests"
				      : "none is listed");
	for (unsigned int i = 0; i < p->nb_measurements; i++) {
		snprintf(head, sizeof(head), "  %u sha384 ", p->measurements[i].index);
		say_digest(head, p->measurements[i].digest);
	}
	printf("  others are %s\n", p->others_allowed ? "allowed" : "refused");
}

static void
say_flags(const char *head, uint16_t bits)
{
	static const char *const names[] = {
		"no-fw-update", "dma-without-pasid", "dma-with-pasid", "ats", "prs", "xt"};

	printf("  %s:", head);
	for (unsigned int i = 0; i < 6; i++)
		if (bits & 1u << i)
			printf(" %s", names[i]);
	printf("%s\n", bits == 0 ? " none" : "");
}

static void
say_evidence(const struct steer_tsm_policy *p)
{
	printf("chain: valid now, and ends at %s\n",
	       p->nb_roots > 0 ? "one of these certificates" : "nothing: no root is trusted");
	for (unsigned int i = 0; i < p->nb_roots; i++)
		say_digest("  sha384 ", p->roots[i]);
	say_measurements(p);
	printf("report: covers exactly the BARs in use (addresses in %s), MSI-X and TPH control as "
	       "programmed\n",
	       p->page_numbers ? "pages" : "bytes");
	say_flags("required", p->report_required);
	say_flags("forbidden", p->report_forbidden);
	printf("freshness: a new nonce of %u bytes for each attach", p->nonce_len);
	if (p->max_age_s > 0)
		printf(", judged within %u s", p->max_age_s);
	printf("\n");
}

static void
say_warnings(const struct steer_tsm_policy *p)
{
	if (p->mode == STEER_TSM_PREFER)
		printf("warning: prefer attaches a device without a TSM plain: a hostile host only "
		       "has "
		       "to hide it\n");
	if (p->host_admin)
		printf("warning: host-admin: in role host the word of the host's administrator is "
		       "enough; nothing is attested\n");
	if (p->others_allowed)
		printf("warning: measurements that are not listed are allowed: firmware is not "
		       "wholly "
		       "known\n");
	if (p->unsafe_inferred_abi)
		printf("warning: operations whose number is only inferred are sent to the "
		       "kernel\n");
	if (!(p->report_required & 1u))
		printf("warning: no-fw-update is not required: firmware may change while the "
		       "device "
		       "runs\n");
}

void
say_policy(const struct steer_tsm_policy *p)
{
	printf("mode: %s\n", steer_tsm_mode_name(p->mode));
	printf("role: %s\n", role_words(p->role));
	printf("tsm: %s, architecture %s, kernel interface %s\n", p->tsm,
	       steer_tsm_arch_name(p->arch), steer_tsm_abi_name(p->abi));
	printf("time limit of a request: %u ms\n", p->timeout_ms);
	if (p->role != STEER_TSM_ROLE_HOST)
		say_evidence(p);
	say_warnings(p);
}
