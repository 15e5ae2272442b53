/* SPDX-License-Identifier: BSD-3-Clause */

/* A policy as its file has it: every key, so that a reader sees what is demanded by default. */

#include <jansson.h>

#include "hex.h"
#include "json_text.h"
#include "policy.h"

static json_t *
hex(const uint8_t *digest)
{
	char text[2 * STEER_TSM_DIGEST + 1];

	tsm_hex(digest, STEER_TSM_DIGEST, text);
	return json_string(text);
}

/* NULL unless nothing is missing: a demand must not be lost to a lack of memory. */
static json_t *
whole(json_t *list, size_t nb)
{
	if (json_array_size(list) == nb)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
roots_json(const struct steer_tsm_policy *p)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < p->nb_roots && i < STEER_TSM_ROOTS_MAX; i++)
		json_array_append_new(list, hex(p->roots[i]));
	return whole(list, p->nb_roots);
}

static json_t *
measurements_json(const struct steer_tsm_policy *p)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < p->nb_measurements && i < STEER_TSM_MEASUREMENTS_MAX; i++)
		json_array_append_new(list,
				      json_pack("{s:i, s:o}", "index", p->measurements[i].index,
						"digest", hex(p->measurements[i].digest)));
	return whole(list, p->nb_measurements);
}

static json_t *
flags_json(uint16_t bits)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < POLICY_FLAGS; i++)
		if (bits & policy_flags[i].bit)
			json_array_append_new(list, json_string(policy_flags[i].name));
	return whole(list, (size_t)__builtin_popcount(bits));
}

static json_t *
report_json(const struct steer_tsm_policy *p)
{
	return json_pack("{s:o, s:o, s:s}", "required", flags_json(p->report_required), "forbidden",
			 flags_json(p->report_forbidden), "unit",
			 p->page_numbers ? "pages" : "bytes");
}

char *
steer_tsm_policy_text(const struct steer_tsm_policy *p)
{
	json_t *root = json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:i, s:I, s:I, s:s, s:b, s:s}", "tsm",
		p->tsm, "role", steer_tsm_role_name(p->role), "abi", steer_tsm_abi_name(p->abi),
		"arch", steer_tsm_arch_name(p->arch), "roots", roots_json(p), "measurements",
		measurements_json(p), "other-measurements", p->others_allowed ? "allow" : "refuse",
		"report", report_json(p), "nonce-bytes", p->nonce_len, "max-age-s",
		(json_int_t)p->max_age_s, "timeout-ms", (json_int_t)p->timeout_ms, "evidence",
		p->host_admin ? "host-admin" : "device", "unsafe-inferred-abi",
		p->unsafe_inferred_abi, "tph-control", "as-programmed");

	return tsm_json_text(root);
}
