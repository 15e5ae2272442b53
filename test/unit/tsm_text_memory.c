/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Each allocation of JSON fails in turn: a policy or a verdict is whole or it is none. A demand
 * that a lack of memory dropped would be a demand that no device has to meet.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "steer_tsm.h"

#define ALWAYS 5000u /* more than any of these has allocations */

static unsigned int fails; /* the n-th from now; 0: none */

static void *
counted_malloc(size_t size)
{
	if (fails > 0 && --fails == 0)
		return NULL;
	return malloc(size);
}

static int
count(void **state)
{
	json_set_alloc_funcs(counted_malloc, free);
	fails = 0;
	return 0;
}

static void
whole_or_none(char *text, const char *whole)
{
	fails = 0;
	if (text != NULL)
		assert_string_equal(text, whole);
	free(text);
}

static struct steer_tsm_policy
full(void)
{
	struct steer_tsm_policy p;

	steer_tsm_policy_init(&p);
	p.nb_roots = 3;
	p.nb_measurements = 3;
	for (uint8_t i = 0; i < 3; i++) {
		p.measurements[i].index = i + 1;
		p.roots[i][0] = i;
	}
	p.report_required = 1;
	p.report_forbidden = 0x1c;
	return p;
}

static void
a_policy_is_written_whole_or_not(void **state)
{
	struct steer_tsm_policy p = full();
	char *whole = steer_tsm_policy_text(&p), *text;
	unsigned int n, nb = 0;
	bool ended = false;

	assert_non_null(whole);
	for (n = 1; n < ALWAYS && !ended; n++) {
		fails = n;
		text = steer_tsm_policy_text(&p);
		ended = fails > 0;
		whole_or_none(text, whole);
		nb += text == NULL;
	}
	assert_true(nb > 50 && ended);
	free(whole);
}

static void
a_policy_is_read_whole_or_not(void **state)
{
	struct steer_tsm_policy p = full(), before, got;
	char *text = steer_tsm_policy_text(&p), err[128];
	unsigned int n, nb = 0;
	bool ended = false;
	int rc;

	steer_tsm_policy_init(&before);
	for (n = 1; n < ALWAYS && !ended; n++) {
		got = before;
		err[0] = '\0';
		fails = n;
		rc = steer_tsm_policy_parse(text, strlen(text), NULL, &got, err, sizeof(err));
		ended = fails > 0;
		nb += rc == -ENOMEM;
		/* The parser goes on with what it could keep of a word, which then is no word. */
		assert_true(rc == 0 || rc == -ENOMEM || rc == -EINVAL);
		assert_true(rc == 0 || err[0] != '\0');
		assert_memory_equal(&got, rc == 0 ? &p : &before, sizeof(got));
	}
	assert_true(nb > 20 && ended);
	fails = 0;
	free(text);
}

static void
a_verdict_is_written_whole_or_not(void **state)
{
	static struct steer_tsm_verdict v = {.nb_checks = 3, .nonce_len = 32, .tsm = "tsm\xff"};
	char *whole = steer_tsm_verdict_json(&v), *text;
	unsigned int n, nb = 0;
	bool ended = false;

	assert_non_null(whole);
	for (n = 1; n < ALWAYS && !ended; n++) {
		fails = n;
		text = steer_tsm_verdict_json(&v);
		ended = fails > 0;
		whole_or_none(text, whole);
		nb += text == NULL;
	}
	assert_true(nb > 50 && ended);
	free(whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_policy_is_written_whole_or_not, count),
		cmocka_unit_test_setup(a_policy_is_read_whole_or_not, count),
		cmocka_unit_test_setup(a_verdict_is_written_whole_or_not, count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
