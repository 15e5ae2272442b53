/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Memory that runs out while evidence is judged, in lib/tsm or within OpenSSL: bad evidence is
 * never accepted for it, and what a verdict of good evidence says is true.
 */

#include "tsm_evid_check.h"

#include <openssl/crypto.h>

#define SAMPLES (getenv("STEER_SLOW") != NULL ? 5u : 60u)

/* Allocations of OpenSSL so far, and the one that fails; 0: none. */
static unsigned int asked, fails;
static bool calloc_fails;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *
__wrap_calloc(size_t n, size_t size)
{
	return calloc_fails ? NULL : __real_calloc(n, size);
}

static void *
count_malloc(size_t size, const char *file, int line)
{
	return ++asked == fails ? NULL : malloc(size);
}

static void *
count_realloc(void *p, size_t size, const char *file, int line)
{
	return ++asked == fails ? NULL : realloc(p, size);
}

static void
count_free(void *p, const char *file, int line)
{
	free(p);
}

static void
no_memory_for_the_judge(void **state)
{
	w.v.code = STEER_TSM_OK;
	w.v.summary = STEER_TSM_ATTESTED;
	calloc_fails = true;
	assert_int_equal(evid_judge(&w), -ENOMEM);
	calloc_fails = false;
	assert_int_equal(w.v.summary, STEER_TSM_REFUSED);
	assert_int_equal(w.v.code, STEER_TSM_EVIDENCE_MISSING);
	assert_int_equal(w.v.nb_checks, 0);
}

static unsigned int
allocations(void)
{
	asked = fails = 0;
	evid_judge(&w);
	return asked;
}

static void
consistent(int rc)
{
	assert_true(rc == 0 || rc == -EACCES || rc == -ENOMEM);
	assert_int_equal(w.v.summary == STEER_TSM_ATTESTED, rc == 0);
	assert_int_equal(w.v.code == STEER_TSM_OK, rc == 0);
	assert_true(rc == 0 || w.v.why[0] != '\0');
}

static void
sweep(bool good)
{
	unsigned int all = allocations(), step = all / SAMPLES + 1, n;
	int rc;

	assert_true(all > SAMPLES);
	for (n = 1; n <= all; n += step) {
		asked = 0;
		fails = n;
		rc = evid_judge(&w);
		fails = 0;
		consistent(rc);
		if (!good && rc == 0)
			fail_msg("accepted without memory for allocation %u of %u", n, all);
	}
	assert_int_equal(evid_judge(&w), good ? 0 : -EACCES);
}

static void
good_evidence(void **state)
{
	evid_vouch(&w);
	sweep(true);
}

static void
bad_signature(void **state)
{
	w.e.measurements.data[w.e.measurements.len - 1] ^= 1;
	sweep(false);
}

static void
expired(void **state)
{
	struct evid_cert c = evid_certs[2];

	c.to = -1;
	evid_recertify(&w, 2, &c);
	sweep(false);
}

static void
wrong_bytes(void **state)
{
	evid_vouch(&w);
	w.e.report_digest[0] ^= 1;
	sweep(false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(no_memory_for_the_judge),
		CASE(good_evidence),
		CASE(bad_signature),
		CASE(expired),
		CASE(wrong_bytes),
	};

	if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) != 1)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
