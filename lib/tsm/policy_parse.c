/* SPDX-License-Identifier: BSD-3-Clause */

/* JSON into a policy. What is not known is an error: a demand that is misspelt must not be dropped.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "policy.h"

#define DIM(a)      (sizeof(a) / sizeof((a)[0]))
#define INDEX_MAX   254 /* DSP0274 1.2: 0 asks for a count, 0xff for all */
#define TIMEOUT_MAX 600000

struct key {
	const char *name;
	int (*read)(struct policy_reading *r, const char *key, const json_t *v);
};

/* Each key of an object by its row. */
static int
read_object(struct policy_reading *r, const char *where, const struct key *keys, size_t nb,
	    const json_t *object)
{
	const char *name;
	json_t *value;
	size_t i;
	int rc;

	json_object_foreach((json_t *)object, name, value) {
		for (i = 0; i < nb && strcmp(name, keys[i].name) != 0; i++)
			;
		if (i == nb)
			return policy_bad(r, -EINVAL, where,
					  "unknown key '%.40s'; doc/tsm-policy.schema.json has all",
					  name);
		rc = keys[i].read(r, name, value);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int
read_bool(struct policy_reading *r, const char *key, const json_t *v, bool *out)
{
	if (!json_is_boolean(v))
		return policy_bad(r, -EINVAL, key, "not true or false");
	*out = json_is_true(v);
	return 0;
}

static int
read_number(struct policy_reading *r, const char *key, const json_t *v, uint32_t min, uint32_t max,
	    uint32_t *out)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < (json_int_t)min || n > (json_int_t)max)
		return policy_bad(r, -EINVAL, key, "not a whole number from %u to %u", min, max);
	*out = (uint32_t)n;
	return 0;
}

/* One of two words. */
static int
read_either(struct policy_reading *r, const char *key, const json_t *v, const char *no,
	    const char *yes, bool *out)
{
	const char *text = json_string_value(v);

	if (text == NULL || (strcmp(text, no) != 0 && strcmp(text, yes) != 0))
		return policy_bad(r, -EINVAL, key, "not \"%s\" or \"%s\"", no, yes);
	*out = strcmp(text, yes) == 0;
	return 0;
}

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
read_roots(struct policy_reading *r, const char *key, const json_t *v)
{
	json_t *entry;
	size_t i;
	int rc;

	if (!json_is_array(v))
		return policy_bad(r, -EINVAL, key, "not a list");
	r->p->nb_roots = 0;
	json_array_foreach((json_t *)v, i, entry) {
		if (!json_is_string(entry))
			return policy_bad(r, -EINVAL, key, "entry %zu is not a string", i);
		rc = policy_root(r, json_string_value(entry));
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int
read_index(struct policy_reading *r, const char *key, const json_t *v)
{
	struct steer_tsm_measurement *m = &r->p->measurements[r->p->nb_measurements];
	uint32_t n = 0;
	int rc = read_number(r, "measurements: index", v, 1, INDEX_MAX, &n);

	if (rc == 0)
		m->index = (uint8_t)n;
	return rc;
}

static int
read_digest(struct policy_reading *r, const char *key, const json_t *v)
{
	struct steer_tsm_measurement *m = &r->p->measurements[r->p->nb_measurements];

	if (!json_is_string(v) || policy_hex(json_string_value(v), m->digest) < 0)
		return policy_bad(r, -EINVAL, "measurements: digest",
				  "not SHA-384 in 96 hexadecimal digits");
	return 0;
}

static int
read_measurement(struct policy_reading *r, const char *key, const json_t *v)
{
	static const struct key keys[] = {{"digest", read_digest}, {"index", read_index}};
	int rc;

	if (r->p->nb_measurements == STEER_TSM_MEASUREMENTS_MAX)
		return policy_bad(r, -EINVAL, key, "more than %u; give fewer",
				  STEER_TSM_MEASUREMENTS_MAX);
	if (!json_is_object(v) || json_object_get(v, "index") == NULL ||
	    json_object_get(v, "digest") == NULL)
		return policy_bad(r, -EINVAL, key, "entry %u is not {\"index\", \"digest\"}",
				  r->p->nb_measurements);
	rc = read_object(r, key, keys, DIM(keys), v);
	if (rc == 0)
		r->p->nb_measurements++;
	return rc;
}

static int
read_measurements(struct policy_reading *r, const char *key, const json_t *v)
{
	json_t *entry;
	size_t i;
	int rc;

	if (!json_is_array(v))
		return policy_bad(r, -EINVAL, key, "not a list");
	r->p->nb_measurements = 0;
	json_array_foreach((json_t *)v, i, entry) {
		rc = read_measurement(r, key, entry);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int
read_others(struct policy_reading *r, const char *key, const json_t *v)
{
	return read_either(r, key, v, "refuse", "allow", &r->p->others_allowed);
}

static int
read_flags(struct policy_reading *r, const char *key, const json_t *v, uint16_t *bits)
{
	const char *text;
	json_t *entry;
	size_t i, f;

	if (!json_is_array(v))
		return policy_bad(r, -EINVAL, key, "not a list of flags");
	*bits = 0;
	json_array_foreach((json_t *)v, i, entry) {
		text = json_string_value(entry);
		for (f = 0; text != NULL && f < POLICY_FLAGS; f++)
			if (strcmp(text, policy_flags[f].name) == 0)
				break;
		if (text == NULL || f == POLICY_FLAGS)
			return policy_bad(
				r, -EINVAL, key,
				"entry %zu is not one of no-fw-update, dma-without-pasid, "
				"dma-with-pasid, ats, prs, xt",
				i);
		*bits |= policy_flags[f].bit;
	}
	return 0;
}

static int
read_required(struct policy_reading *r, const char *key, const json_t *v)
{
	return read_flags(r, "report: required", v, &r->p->report_required);
}

static int
read_forbidden(struct policy_reading *r, const char *key, const json_t *v)
{
	return read_flags(r, "report: forbidden", v, &r->p->report_forbidden);
}

static int
read_unit(struct policy_reading *r, const char *key, const json_t *v)
{
	return read_either(r, "report: unit", v, "bytes", "pages", &r->p->page_numbers);
}

static int
read_report(struct policy_reading *r, const char *key, const json_t *v)
{
	static const struct key keys[] = {
		{"forbidden", read_forbidden}, {"required", read_required}, {"unit", read_unit}};

	if (!json_is_object(v))
		return policy_bad(r, -EINVAL, key, "not an object");
	return read_object(r, key, keys, DIM(keys), v);
}

static int
read_nonce(struct policy_reading *r, const char *key, const json_t *v)
{
	uint32_t n = 0;
	int rc = read_number(r, key, v, STEER_TSM_NONCE_MIN, STEER_TSM_NONCE_MAX, &n);

	if (rc == 0)
		r->p->nonce_len = (uint16_t)n;
	return rc;
}

static int
read_age(struct policy_reading *r, const char *key, const json_t *v)
{
	return read_number(r, key, v, 0, UINT32_MAX, &r->p->max_age_s);
}

static int
read_timeout(struct policy_reading *r, const char *key, const json_t *v)
{
	return read_number(r, key, v, 1, TIMEOUT_MAX, &r->p->timeout_ms);
}

static int
read_evidence(struct policy_reading *r, const char *key, const json_t *v)
{
	return read_either(r, key, v, "device", "host-admin", &r->p->host_admin);
}

static int
read_inferred(struct policy_reading *r, const char *key, const json_t *v)
{
	return read_bool(r, key, v, &r->p->unsafe_inferred_abi);
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

static const struct key top_keys[] = {
	{"abi", read_abi},
	{"arch", read_arch},
	{"evidence", read_evidence},
	{"max-age-s", read_age},
	{"measurements", read_measurements},
	{"nonce-bytes", read_nonce},
	{"other-measurements", read_others},
	{"report", read_report},
	{"role", read_role},
	{"roots", read_roots},
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
	rc = json_is_object(root) ? read_object(&r, "policy", top_keys, DIM(top_keys), root)
				  : policy_bad(&r, -EINVAL, "policy", "not an object");
	json_decref(root);
	if (rc == 0)
		*p = fresh;
	return rc;
}
