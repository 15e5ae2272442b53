/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Good evidence with one byte changed. Where the TSM vouches for the objects, nothing may be
 * changed. Where it does not, signatures protect all but the report; what is left is named here,
 * and why.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tsm_evid.h"

static struct evid w;
/* Each judgement verifies four signatures: some bits in a run, all in the long form. */
static bool all_bits;
static unsigned int step = 1, chain_step = 23;

static int
setup(void **state)
{
	evid_make(&w);
	all_bits = getenv("STEER_LONG") != NULL;
	if (all_bits)
		chain_step = 3;
	if (getenv("STEER_SLOW") != NULL) {
		all_bits = false;
		step = 37;
		chain_step = 373;
	}
	return 0;
}

static int
teardown(void **state)
{
	evid_free(&w);
	return 0;
}

static const uint8_t masks[] = {0x01, 0x10, 0x80, 0xff};

/* The codes that a change of this object may lead to. */
static bool
one_of(enum steer_tsm_code code, const enum steer_tsm_code *codes)
{
	for (; *codes != STEER_TSM_OK; codes++)
		if (code == *codes)
			return true;
	return false;
}

static void
flip(struct steer_tsm_bytes *b, size_t at, uint8_t mask, const enum steer_tsm_code *codes)
{
	int rc;

	b->data[at] ^= mask;
	rc = evid_judge(&w);
	if (rc != -EACCES || !one_of(w.v.code, codes) || w.v.summary != STEER_TSM_REFUSED)
		fail_msg("byte %zu ^ 0x%02x: %d, %s: %s", at, mask, rc,
			 steer_tsm_code_name(w.v.code), w.v.why);
	b->data[at] ^= mask;
}

static void
vca(void **state)
{
	static const enum steer_tsm_code codes[] = {STEER_TSM_MALFORMED, STEER_TSM_UNSUPPORTED,
						    STEER_TSM_SIGNATURE, STEER_TSM_OK};

	for (size_t i = 0; i < w.e.vca.len; i += step)
		flip(&w.e.vca, i, masks[i % 4], codes);
}

static void
chain(void **state)
{
	static const enum steer_tsm_code codes[] = {STEER_TSM_MALFORMED, STEER_TSM_CHAIN,
						    STEER_TSM_SIGNATURE, STEER_TSM_OK};

	for (size_t i = 0; i < w.e.chain.len; i += chain_step)
		flip(&w.e.chain, i, masks[i % 4], codes);
}

static void
measurements(void **state)
{
	static const enum steer_tsm_code codes[] = {STEER_TSM_MALFORMED, STEER_TSM_UNSUPPORTED,
						    STEER_TSM_SIGNATURE, STEER_TSM_DIGEST_MISMATCH,
						    STEER_TSM_OK};

	for (size_t i = 0; i < w.e.measurements.len; i += step)
		flip(&w.e.measurements, i, masks[i % 4], codes);
}

static void
report_that_the_tsm_vouches_for(void **state)
{
	static const enum steer_tsm_code codes[] = {STEER_TSM_MALFORMED, STEER_TSM_REPORT_MISMATCH,
						    STEER_TSM_OK};

	evid_vouch(&w);
	for (size_t i = 0; i < w.e.report.len; i += step)
		flip(&w.e.report, i, masks[i % 4], codes);
}

/* Bits that change nothing that we use, when only the bytes speak. */
static uint8_t
ignorable(size_t at)
{
	if (at == 0)
		return 0x20; /* XT mode: neither demanded nor forbidden by this policy */
	if (at == 6 || at == 7)
		return 0xff; /* LNR control: we use no LN requester */
	if (at >= 84)
		return 0xff; /* device-specific */
	/* First page of a BAR's first range: the reporting offset, which is taken off. */
	if (at >= 16 && at < 80 && (at - 16) / 16 != 2 && (at - 16) / 16 != 1 && (at - 16) % 16 < 8)
		return (at - 16) % 16 == 0 ? 0 : (at - 16) % 16 == 1 ? 0xf0 : 0xff;
	/* To be updatable by us later, or an MSI-X mark more in the BAR that has the table. */
	if (at == 44)
		return 0x0a;
	if (at == 60)
		return 0x09;
	if (at == 28 || at == 76)
		return 0x08;
	return 0;
}

static void
ignored(size_t at, uint8_t mask)
{
	w.e.report.data[at] ^= mask;
	if (evid_judge(&w) != 0)
		fail_msg("byte %zu ^ 0x%02x is not ignored: %s", at, mask, w.v.why);
	w.e.report.data[at] ^= mask;
}

static void
report_of_bytes_alone(void **state)
{
	static const enum steer_tsm_code codes[] = {STEER_TSM_MALFORMED, STEER_TSM_REPORT_MISMATCH,
						    STEER_TSM_TPH_MISMATCH, STEER_TSM_OK};

	w.p.report_forbidden = 0x1c;
	w.p.report_required = 0x03;
	for (size_t i = 0; i < w.e.report.len; i += step) {
		uint8_t free_bits = ignorable(i);

		for (unsigned int bit = 0; bit < 8; bit++) {
			uint8_t mask = (uint8_t)(1u << bit & ~free_bits);

			if (mask != 0 && (all_bits || bit == i % 8))
				flip(&w.e.report, i, mask, codes);
		}
		if (free_bits != 0)
			ignored(i, free_bits);
	}
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(vca),
		CASE(chain),
		CASE(measurements),
		CASE(report_that_the_tsm_vouches_for),
		CASE(report_of_bytes_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
