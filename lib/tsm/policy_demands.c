/* SPDX-License-Identifier: BSD-3-Clause */

/* What a policy demands of the evidence: roots, measurements, the report. */

#include <errno.h>
#include <string.h>

#include "policy.h"

#define INDEX_MAX 254 /* DSP0274 1.2: 0 asks for a count, 0xff for all */

int
policy_roots(struct policy_reading *r, const char *key, const json_t *v)
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
	int rc = policy_read_number(r, "measurements: index", v, 1, INDEX_MAX, &n);

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
	static const struct policy_key keys[] = {{"digest", read_digest}, {"index", read_index}};
	int rc;

	if (r->p->nb_measurements == STEER_TSM_MEASUREMENTS_MAX)
		return policy_bad(r, -EINVAL, key, "more than %u; give fewer",
				  STEER_TSM_MEASUREMENTS_MAX);
	if (!json_is_object(v) || json_object_get(v, "index") == NULL ||
	    json_object_get(v, "digest") == NULL)
		return policy_bad(r, -EINVAL, key, "entry %u is not {\"index\", \"digest\"}",
				  r->p->nb_measurements);
	rc = policy_read_object(r, key, keys, DIM(keys), v);
	if (rc == 0)
		r->p->nb_measurements++;
	return rc;
}

int
policy_measurements(struct policy_reading *r, const char *key, const json_t *v)
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

int
policy_others(struct policy_reading *r, const char *key, const json_t *v)
{
	return policy_read_either(r, key, v, "refuse", "allow", &r->p->others_allowed);
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
	return policy_read_either(r, "report: unit", v, "bytes", "pages", &r->p->page_numbers);
}

int
policy_report(struct policy_reading *r, const char *key, const json_t *v)
{
	static const struct policy_key keys[] = {
		{"forbidden", read_forbidden}, {"required", read_required}, {"unit", read_unit}};

	if (!json_is_object(v))
		return policy_bad(r, -EINVAL, key, "not an object");
	return policy_read_object(r, key, keys, DIM(keys), v);
}
