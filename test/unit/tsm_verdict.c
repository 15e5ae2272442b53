/* SPDX-License-Identifier: BSD-3-Clause */

/* A verdict as JSON and as lines: all that it has, and nothing that a device wrote breaks them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "steer_tsm.h"

static struct steer_tsm_verdict
attested(void)
{
	struct steer_tsm_verdict v = {
		.summary = STEER_TSM_ATTESTED,
		.code = STEER_TSM_OK,
		.mode = STEER_TSM_REQUIRE,
		.role = STEER_TSM_ROLE_USER,
		.arch = STEER_TSM_ARCH_CCA,
		.state = STEER_TSM_RUN,
		.simulated = true,
		.tsm = "tsm0",
		.time = 1764360000,
		.nonce_len = 32,
		.last_errno = 14,
		.last_residue = UINT32_MAX,
		.last_tsm_code = UINT64_MAX,
		.nb_checks = 2,
		.checks = {{.name = "vca", .text = "SPDM 1.2", .has_digest = true},
			   {.name = "nonce", .text = "ours", .live_only = true}},
	};

	memset(v.nonce, 0xab, sizeof(v.nonce));
	memset(v.checks[0].digest, 0x0c, STEER_TSM_DIGEST);
	return v;
}

static json_t *
parsed(const struct steer_tsm_verdict *v)
{
	char *text = steer_tsm_verdict_json(v);
	json_t *root;

	assert_non_null(text);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	assert_non_null(root);
	return root;
}

static const char *
get(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	assert_non_null(text);
	return text;
}

static void
json_has_everything(void **state)
{
	struct steer_tsm_verdict v = attested();
	json_t *root = parsed(&v), *last = json_object_get(root, "last"), *check;

	assert_string_equal(get(root, "summary"), "attested");
	assert_string_equal(get(root, "code"), "OK");
	assert_string_equal(get(root, "mode"), "require");
	assert_string_equal(get(root, "role"), "user");
	assert_string_equal(get(root, "arch"), "cca");
	assert_string_equal(get(root, "state"), "run");
	assert_string_equal(get(root, "tsm"), "tsm0");
	assert_true(json_is_true(json_object_get(root, "simulated")));
	assert_int_equal(json_integer_value(json_object_get(root, "time")), 1764360000);
	assert_int_equal(strlen(get(root, "nonce")), 64);
	assert_int_equal(json_integer_value(json_object_get(last, "errno")), 14);
	assert_int_equal(json_integer_value(json_object_get(last, "residue")), UINT32_MAX);
	assert_string_equal(get(last, "tsm-code"), "0xffffffffffffffff");
	assert_int_equal(json_array_size(json_object_get(root, "checks")), 2);
	check = json_array_get(json_object_get(root, "checks"), 0);
	assert_string_equal(get(check, "name"), "vca");
	assert_string_equal(get(check, "result"), "OK");
	assert_memory_equal(get(check, "digest"), "0c0c0c", 6);
	assert_true(json_is_false(json_object_get(check, "live-only")));
	check = json_array_get(json_object_get(root, "checks"), 1);
	assert_true(json_is_null(json_object_get(check, "digest")));
	assert_true(json_is_true(json_object_get(check, "live-only")));
	json_decref(root);
}

static void
what_a_certificate_says_is_still_json(void **state)
{
	struct steer_tsm_verdict v = attested();
	json_t *root;

	strcpy(v.tsm, "t\"\\\n");
	strcpy(v.why, "issuer \xff\xfe \"x\"");
	strcpy(v.checks[1].text, "gr\xc3\xbc\xc3\x9f");
	root = parsed(&v);
	assert_string_equal(get(root, "tsm"), "t\"\\\n");
	assert_string_equal(get(root, "why"), "issuer ?? \"x\"");
	assert_string_equal(get(json_array_get(json_object_get(root, "checks"), 1), "text"),
			    "gr\xc3\xbc\xc3\x9f");
	json_decref(root);
}

/* Counts that cannot be are cut. */
static void
counts_have_an_end(void **state)
{
	struct steer_tsm_verdict v = attested();
	json_t *root;
	char *text;

	v.nb_checks = 1000;
	v.nonce_len = 60000;
	root = parsed(&v);
	assert_int_equal(json_array_size(json_object_get(root, "checks")), STEER_TSM_CHECKS_MAX);
	assert_int_equal(strlen(get(root, "nonce")), 2 * STEER_TSM_NONCE_MAX);
	json_decref(root);
	text = steer_tsm_verdict_text(&v);
	assert_non_null(text);
	free(text);
}

static void
text_is_lines_for_a_person(void **state)
{
	struct steer_tsm_verdict v = attested();
	char *text = steer_tsm_verdict_text(&v), want[2048], hex[2][200];

	for (unsigned int i = 0; i < 64; i++)
		hex[0][i] = i % 2 ? 'b' : 'a';
	hex[0][64] = '\0';
	for (unsigned int i = 0; i < 96; i++)
		hex[1][i] = i % 2 ? 'c' : '0';
	hex[1][96] = '\0';
	snprintf(want, sizeof(want),
		 "attested: OK (tsm=require, role user, arch cca, state run)\n"
		 "simulated: a software TSM, which protects nothing\n"
		 "tsm: tsm0\n"
		 "evidence: 2025-11-28T20:00:00Z, nonce %s\n"
		 "  vca                  OK               SPDM 1.2\n"
		 "                       of sha384 %s\n"
		 "  nonce                OK               ours [live session only]\n"
		 "last request: errno 14, residue 4294967295, tsm-code 0xffffffffffffffff "
		 "(0 proves nothing)\n",
		 hex[0], hex[1]);
	assert_string_equal(text, want);
	free(text);
}

static void
text_of_a_refusal_says_why(void **state)
{
	struct steer_tsm_verdict v = {.summary = STEER_TSM_REFUSED,
				      .code = STEER_TSM_NOT_CONNECTED,
				      .mode = STEER_TSM_PREFER,
				      .role = STEER_TSM_ROLE_HOST,
				      .why = "connect: no"};
	char *text = steer_tsm_verdict_text(&v);

	assert_string_equal(text, "refused: NOT_CONNECTED (tsm=prefer, role host, arch any, state "
				  "unbound)\nwhy: connect: no\nlast request: errno 0, residue 0, "
				  "tsm-code 0x0 (0 proves nothing)\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_everything),
		cmocka_unit_test(what_a_certificate_says_is_still_json),
		cmocka_unit_test(counts_have_an_end),
		cmocka_unit_test(text_is_lines_for_a_person),
		cmocka_unit_test(text_of_a_refusal_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
