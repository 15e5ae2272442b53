/* SPDX-License-Identifier: BSD-3-Clause */

/* JSON into a policy. What is not known is an error: a demand that is misspelt must not be dropped.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy.h"

#define TIMEOUT_MAX 600000

bool
policy_tsm_name(const char *text)
{
	size_t i, len = strlen(text);

	for (i = 0; i < len && (isalnum((unsigned char)text[i]) || strchr("-_.", text[i]) != NULL);
	     i++)
		;
	return len > 0 && len < sizeof(((struct steer_tsm_policy *)0)->tsm) && i == len &&
	       text[0] != '.' && strcmp(text, "any") != 0;
}

static int
read_tsm(struct policy_reading *r, const char *key, const json_t *v)
{
	const char *text = json_string_value(v);

	if (text == NULL || (strcmp(text, "any") != 0 && !policy_tsm_name(text)))
		return policy_bad(r, -EINVAL, key,
				  "not \"any\" or a name of /sys/class/tsm (at most %zu letters, "
				  "digits, '-', '_', '.')",
				  sizeof(r->p->tsm) - 1);
	strcpy(r->p->tsm, text);
	return 0;
}

static int
read_role(struct policy_reading *r, const char *key, const json_t *v)
{
	int role = steer_tsm_role_parse(json_string_value(v));

	if (role < 0)
		return policy_bad(r, role, key, "not one of auto, host, vmm, guest, user");
	r->p->role = (enum steer_tsm_role)role;
	return 0;
}

static int
read_abi(struct policy_reading *r, const char *key, const json_t *v)
{
	int abi = steer_tsm_abi_parse(json_string_value(v));

	if (abi < 0)
		return policy_bad(r, abi, key,
				  "not one of auto-safe, sysfs-only, v5, v5-june, v6, v7-int, sim");
	r->p->abi = (enum steer_tsm_abi)abi;
	return 0;
}

static int
read_arch(struct policy_reading *r, const char *key, const json_t *v)
{
	int arch = steer_tsm_arch_parse(json_string_value(v));

	if (arch < 0)
		return policy_bad(r, arch, key, "not one of any, cca, sev, tdx");
	r->p->arch = (enum steer_tsm_arch)arch;
	return 0;
}

static int
read_nonce(struct policy_reading *r, const char *key, const json_t *v)
{
	uint32_t n = 0;
	int rc = policy_read_number(r, key, v, STEER_TSM_NONCE_MIN, STEER_TSM_NONCE_MAX, &n);

	if (rc == 0)
		r->p->nonce_len = (uint16_t)n;
	return rc;
}

static int
read_age(struct policy_reading *r, const char *key, const json_t *v)
{
	return policy_read_number(r, key, v, 0, UINT32_MAX, &r->p->max_age_s);
}

static int
read_timeout(struct policy_reading *r, const char *key, const json_t *v)
{
	return policy_read_number(r, key, v, 1, TIMEOUT_MAX, &r->p->timeout_ms);
}

static int
read_evidence(struct policy_reading *r, const char *key, const json_t *v)
{
	return policy_read_either(r, key, v, "device", "host-admin", &r->p->host_admin);
}

static int
read_inferred(struct policy_reading *r, const char *key, const json_t *v)
{
	return policy_read_bool(r, key, v, &r->p->unsafe_inferred_abi);
}

/* A key for a demand that is always made, so that a file can say so. */
static int
read_tph(struct policy_reading *r, const char *key, const json_t *v)
{
	const char *text = json_string_value(v);

	if (text == NULL || strcmp(text, "as-programmed") != 0)
		return policy_bad(r, -EINVAL, key, "not \"as-programmed\", the only value");
	return 0;
}

static const struct policy_key top_keys[] = {
	{"abi", read_abi},
	{"arch", read_arch},
	{"evidence", read_evidence},
	{"max-age-s", read_age},
	{"measurements", policy_measurements},
	{"nonce-bytes", read_nonce},
	{"other-measurements", policy_others},
	{"report", policy_report},
	{"role", read_role},
	{"roots", policy_roots},
	{"timeout-ms", read_timeout},
	{"tph-control", read_tph},
	{"tsm", read_tsm},
	{"unsafe-inferred-abi", read_inferred},
};

int
steer_tsm_policy_parse(const char *text, size_t len, const char *dir, struct steer_tsm_policy *p,
		       char *err, size_t errlen)
{
	struct steer_tsm_policy fresh = *p;
	struct policy_reading r = {.p = &fresh, .dir = dir, .err = err, .errlen = errlen};
	json_error_t e;
	json_t *root;
	int rc;

	if (len > POLICY_FILE_MAX)
		return policy_bad(&r, -EFBIG, "policy", "more than 1 MiB");
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	/* What the parser has no words for is its lack of memory. */
	if (root == NULL && e.text[0] == '\0')
		return policy_bad(&r, -ENOMEM, "JSON", "%s", strerror(ENOMEM));
	if (root == NULL)
		return policy_bad(&r, -EINVAL, "JSON", "line %d: %s", e.line, e.text);
	rc = json_is_object(root) ? policy_read_object(&r, "policy", top_keys, DIM(top_keys), root)
				  : policy_bad(&r, -EINVAL, "policy", "not an object");
	json_decref(root);
	if (rc == 0)
		*p = fresh;
	return rc;
}
