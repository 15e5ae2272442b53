/* SPDX-License-Identifier: BSD-3-Clause */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hex.h"
#include "steer_tsm.h"

static void
head(FILE *f, const struct steer_tsm_verdict *v)
{
	fprintf(f, "%s: %s (tsm=%s, role %s, arch %s, state %s)\n",
		steer_tsm_summary_name(v->summary), steer_tsm_code_name(v->code),
		steer_tsm_mode_name(v->mode), steer_tsm_role_name(v->role),
		steer_tsm_arch_name(v->arch), steer_tsm_state_name((enum steer_tsm_state)v->state));
	if (v->simulated)
		fprintf(f, "simulated: a software TSM, which protects nothing\n");
	if (v->why[0] != '\0')
		fprintf(f, "why: %s\n", v->why);
	if (v->tsm[0] != '\0')
		fprintf(f, "tsm: %s\n", v->tsm);
}

static void
origin(FILE *f, const struct steer_tsm_verdict *v)
{
	char when[32] = "", nonce[2 * STEER_TSM_NONCE_MAX + 1];
	time_t t = (time_t)v->time;
	struct tm tm;

	if (v->time == 0)
		return;
	if (gmtime_r(&t, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	tsm_hex(v->nonce, v->nonce_len <= STEER_TSM_NONCE_MAX ? v->nonce_len : 0, nonce);
	fprintf(f, "evidence: %s, nonce %s\n", when, nonce);
}

static void
checks(FILE *f, const struct steer_tsm_verdict *v)
{
	char digest[2 * STEER_TSM_DIGEST + 1];

	for (unsigned int i = 0; i < v->nb_checks && i < STEER_TSM_CHECKS_MAX; i++) {
		const struct steer_tsm_check *c = &v->checks[i];

		fprintf(f, "  %-20s %-16s %s%s\n", c->name, steer_tsm_code_name(c->result), c->text,
			c->live_only ? " [live session only]" : "");
		if (!c->has_digest)
			continue;
		tsm_hex(c->digest, sizeof(c->digest), digest);
		fprintf(f, "  %-20s of sha384 %s\n", "", digest);
	}
}

char *
steer_tsm_verdict_text(const struct steer_tsm_verdict *v)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int bad;

	if (f == NULL)
		return NULL;
	head(f, v);
	origin(f, v);
	checks(f, v);
	fprintf(f,
		"last request: errno %d, residue %u, tsm-code 0x%" PRIx64 " (0 proves nothing)\n",
		v->last_errno, v->last_residue, v->last_tsm_code);
	bad = ferror(f);
	if (fclose(f) != 0 || bad) {
		free(text);
		return NULL;
	}
	return text;
}
