/* SPDX-License-Identifier: BSD-3-Clause */

/* Verdicts of the made-up device, for cmocka programs that have one: static struct evid w. */

#ifndef TEST_TSM_EVID_CHECK_H
#define TEST_TSM_EVID_CHECK_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tsm_evid.h"

static struct evid w;

static inline int
setup(void **state)
{
	evid_make(&w);
	return 0;
}

static inline int
teardown(void **state)
{
	evid_free(&w);
	return 0;
}

static inline const struct steer_tsm_check *
check(const char *name)
{
	for (unsigned int i = 0; i < w.v.nb_checks; i++)
		if (strcmp(w.v.checks[i].name, name) == 0)
			return &w.v.checks[i];
	fail_msg("no check '%s'", name);
	return &w.v.checks[0];
}

/* Refused with this code, by this check, in these words. */
static inline void
refused(enum steer_tsm_code code, const char *name, const char *part)
{
	assert_int_equal(evid_judge(&w), -EACCES);
	assert_int_equal(w.v.summary, STEER_TSM_REFUSED);
	if (w.v.code != code)
		fail_msg("%s, not %s: %s", steer_tsm_code_name(w.v.code), steer_tsm_code_name(code),
			 w.v.why);
	assert_int_equal(check(name)->result, code);
	if (strstr(check(name)->text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, check(name)->text);
	if (strncmp(w.v.why, name, strlen(name)) != 0)
		fail_msg("why is of another check than %s: %s", name, w.v.why);
}

static inline void
accepted(void)
{
	if (evid_judge(&w) != 0)
		fail_msg("%s: %s", steer_tsm_code_name(w.v.code), w.v.why);
	assert_int_equal(w.v.code, STEER_TSM_OK);
	assert_int_equal(w.v.summary, STEER_TSM_ATTESTED);
	assert_string_equal(w.v.why, "");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif /* TEST_TSM_EVID_CHECK_H */
