/* SPDX-License-Identifier: BSD-3-Clause */

/* The bytes are a policy file. What is accepted is within its bounds, and its text is the same
 * policy. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "steer_tsm_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

static void
bounds(const struct steer_tsm_policy *p)
{
	must(p->mode == STEER_TSM_OFF);
	must(p->role <= STEER_TSM_ROLE_USER && p->abi <= STEER_TSM_ABI_SIM);
	must(p->arch <= STEER_TSM_ARCH_TDX);
	must(p->nb_roots <= STEER_TSM_ROOTS_MAX);
	must(p->nb_measurements <= STEER_TSM_MEASUREMENTS_MAX);
	for (unsigned int i = 0; i < p->nb_measurements; i++)
		must(p->measurements[i].index >= 1 && p->measurements[i].index <= 254);
	must(p->nonce_len >= STEER_TSM_NONCE_MIN && p->nonce_len <= STEER_TSM_NONCE_MAX);
	must(p->timeout_ms >= 1 && p->timeout_ms <= 600000);
	must((p->report_required | p->report_forbidden) <= 0x3f);
	must(strlen(p->tsm) > 0 && strchr(p->tsm, '/') == NULL && p->tsm[0] != '.');
}

/* Entries behind the last one may hold what a refused or replaced list had. */
static void
forget_the_rest(struct steer_tsm_policy *p)
{
	memset(p->roots[p->nb_roots], 0, (STEER_TSM_ROOTS_MAX - p->nb_roots) * sizeof(p->roots[0]));
	memset(&p->measurements[p->nb_measurements], 0,
	       (STEER_TSM_MEASUREMENTS_MAX - p->nb_measurements) * sizeof(p->measurements[0]));
}

static void
again(struct steer_tsm_policy *p)
{
	struct steer_tsm_policy same;
	char *text = steer_tsm_policy_text(p), err[64];

	must(text != NULL);
	steer_tsm_policy_init(&same);
	must(steer_tsm_policy_parse(text, strlen(text), NULL, &same, err, sizeof(err)) == 0);
	free(text);
	forget_the_rest(p);
	must(memcmp(p, &same, sizeof(same)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct steer_tsm_policy p, before;
	char err[160] = "";
	int rc;

	steer_tsm_policy_init(&p);
	before = p;
	rc = steer_tsm_policy_parse((const char *)data, size, NULL, &p, err, sizeof(err));
	if (rc < 0) {
		must(rc == -EINVAL || rc == -EFBIG);
		must(err[0] != '\0' && strchr(err, '\n') == NULL);
		must(memcmp(&p, &before, sizeof(p)) == 0);
		return 0;
	}
	bounds(&p);
	steer_tsm_policy_check(&p, err, sizeof(err));
	p.mode = STEER_TSM_REQUIRE;
	steer_tsm_policy_check(&p, err, sizeof(err));
	p.mode = STEER_TSM_OFF;
	again(&p);
	return 0;
}
