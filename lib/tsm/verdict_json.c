/* SPDX-License-Identifier: BSD-3-Clause */

/* doc/tsm-verdict.schema.json */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "hex.h"
#include "json_text.h"
#include "steer_tsm.h"

/* Words may hold what a certificate says; what is not UTF-8 is not JSON. */
static json_t *
string(const char *text)
{
	json_t *s = json_string(text);
	char plain[512];
	size_t i;

	if (s != NULL)
		return s;
	for (i = 0; i < sizeof(plain) - 1 && text[i] != '\0'; i++)
		plain[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	plain[i] = '\0';
	return json_string(plain);
}

static json_t *
hex(const uint8_t *bytes, size_t len)
{
	char text[2 * STEER_TSM_NONCE_MAX + 1];

	tsm_hex(bytes, len <= STEER_TSM_NONCE_MAX ? len : STEER_TSM_NONCE_MAX, text);
	return json_string(text);
}

static json_t *
check_json(const struct steer_tsm_check *c)
{
	return json_pack("{s:o, s:s, s:o, s:b, s:o}", "name", string(c->name), "result",
			 steer_tsm_code_name(c->result), "digest",
			 c->has_digest ? hex(c->digest, sizeof(c->digest)) : json_null(),
			 "live-only", c->live_only, "text", string(c->text));
}

static json_t *
checks_json(const struct steer_tsm_verdict *v)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < v->nb_checks && i < STEER_TSM_CHECKS_MAX; i++)
		if (json_array_append_new(list, check_json(&v->checks[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* The code in hexadecimal: JSON's whole numbers end at 63 bits. */
static json_t *
channels_json(const struct steer_tsm_verdict *v)
{
	char code[19];

	snprintf(code, sizeof(code), "0x%" PRIx64, v->last_tsm_code);
	return json_pack("{s:i, s:I, s:s}", "errno", v->last_errno, "residue",
			 (json_int_t)v->last_residue, "tsm-code", code);
}

char *
steer_tsm_verdict_json(const struct steer_tsm_verdict *v)
{
	json_t *root = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:I, s:o, s:o, s:o}", "summary",
		steer_tsm_summary_name(v->summary), "code", steer_tsm_code_name(v->code), "mode",
		steer_tsm_mode_name(v->mode), "role", steer_tsm_role_name(v->role), "arch",
		steer_tsm_arch_name(v->arch), "state",
		steer_tsm_state_name((enum steer_tsm_state)v->state), "simulated", v->simulated,
		"tsm", string(v->tsm), "why", string(v->why), "time", (json_int_t)v->time, "nonce",
		hex(v->nonce, v->nonce_len), "last", channels_json(v), "checks", checks_json(v));

	return tsm_json_text(root);
}
