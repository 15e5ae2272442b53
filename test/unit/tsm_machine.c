/* SPDX-License-Identifier: BSD-3-Clause */

/* The way of an attach, step by step, over a made-up device. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_tsm.h"

#define EVIDENCE                                                                                   \
	"state regenerate regenerate object object object object digest digest digest state "

static int
fresh(void **state)
{
	fake_tsm_reset();
	return 0;
}

static void
assert_code(struct steer_tsm *t, enum steer_tsm_summary summary, enum steer_tsm_code code)
{
	struct steer_tsm_verdict v;

	steer_tsm_verdict_get(t, &v);
	assert_string_equal(steer_tsm_code_name(v.code), steer_tsm_code_name(code));
	assert_string_equal(steer_tsm_summary_name(v.summary), steer_tsm_summary_name(summary));
	assert_int_equal(v.state, steer_tsm_state(t));
}

/* All steps to RUN. */
static struct steer_tsm *
attach(enum steer_tsm_mode mode, enum steer_tsm_role role, struct steer_tsm_running *running)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_policy p;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	fake_policy(&p, mode, role);
	if (role == STEER_TSM_ROLE_HOST)
		p.host_admin = mode == STEER_TSM_REQUIRE;
	t = fake_open(&p, &unbound);
	assert_non_null(t);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, running), 0);
	return t;
}

static void
steps_come_in_their_order(void **state)
{
	struct steer_tsm_running running;
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);

	assert_string_equal(fake_tsm.calls,
			    "connect bind lock state " EVIDENCE "state validate run state dma-on ");
	assert_code(t, STEER_TSM_ATTESTED, STEER_TSM_OK);
	assert_int_equal(steer_tsm_state(t), STEER_TSM_RUN);
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	fake_tsm_forget();
	steer_tsm_close(t);
	assert_string_equal(fake_tsm.calls, "dma-off unlock state unbind close ");
	assert_false(fake_tsm.bound || fake_tsm.opened || fake_tsm.dma);
}

static void
a_role_without_a_state_request_is_not_asked_for_it(void **state)
{
	struct steer_tsm_running running;
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_VMM, &running);
	struct steer_tsm_verdict v;

	assert_string_equal(fake_tsm.calls, "connect bind lock regenerate regenerate object object "
					    "object object digest digest digest validate run ");
	steer_tsm_verdict_get(t, &v);
	assert_int_equal(v.nb_checks, 2);
	assert_string_equal(v.checks[1].name, "state");
	assert_non_null(strstr(v.checks[1].text, "not asked"));
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	/* The watch looks whether it is connected, then. */
	fake_tsm_forget();
	assert_int_equal(steer_tsm_watch(t), 0);
	assert_string_equal(fake_tsm.calls, "connect ");
	fake_tsm.fail_op_on[FAKE_CONNECT] = true;
	fake_tsm.fail_op[FAKE_CONNECT].err = -ENOTCONN;
	assert_int_equal(steer_tsm_watch(t), -ENOLINK);
	assert_code(t, STEER_TSM_REFUSED, STEER_TSM_STATE_LOST);
	assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
	steer_tsm_close(t);
}

static void
a_failed_judgement_goes_all_the_way_back(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_policy p;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	fake_policy(&p, STEER_TSM_PREFER, STEER_TSM_ROLE_USER);
	fake_judge.code = STEER_TSM_CHAIN;
	t = fake_open(&p, &unbound);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), -EACCES);
	assert_string_equal(fake_tsm.calls,
			    "connect bind lock state " EVIDENCE "unlock state unbind ");
	assert_int_equal(steer_tsm_state(t), STEER_TSM_UNBOUND);
	assert_code(t, STEER_TSM_REFUSED, STEER_TSM_CHAIN);
	assert_string_equal(steer_tsm_error(t),
			    "nic0: tsm: verify: CHAIN: made-up judgement; put into \"roots\" "
			    "only what its vendor publishes");
	assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
	steer_tsm_close(t);
}

/* A judge that contradicts itself is not believed. */
static void
success_without_attested_is_no_success(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_policy p;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	fake_policy(&p, STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER);
	fake_judge.rc = -EPROTO;
	t = fake_open(&p, &unbound);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), -EACCES);
	assert_int_equal(steer_tsm_state(t), STEER_TSM_UNBOUND);
	steer_tsm_close(t);
}

static void
judge_without_memory_refuses_too(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_policy p;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	fake_policy(&p, STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER);
	fake_judge.rc = -ENOMEM;
	t = fake_open(&p, &unbound);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), -ENOMEM);
	assert_int_equal(steer_tsm_state(t), STEER_TSM_UNBOUND);
	assert_code(t, STEER_TSM_REFUSED, STEER_TSM_EVIDENCE_MISSING);
	steer_tsm_close(t);
}

static void
each_attempt_has_a_nonce_of_its_own(void **state)
{
	static uint8_t seen[16][STEER_TSM_NONCE_MIN];
	struct steer_tsm_running running;
	struct steer_tsm_bound bound;
	struct steer_tsm_verdict v;
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);

	for (unsigned int i = 0; i < 16; i++) {
		assert_int_equal(fake_tsm.nonce_len, STEER_TSM_NONCE_MIN);
		assert_memory_equal(fake_judge.seen.nonce, fake_tsm.nonce, STEER_TSM_NONCE_MIN);
		memcpy(seen[i], fake_tsm.nonce, STEER_TSM_NONCE_MIN);
		for (unsigned int k = 0; k < i; k++)
			assert_memory_not_equal(seen[i], seen[k], STEER_TSM_NONCE_MIN);
		assert_int_equal(steer_tsm_unlock(t, &bound), 0);
		steer_tsm_verdict_get(t, &v);
		assert_int_equal(v.code, STEER_TSM_EVIDENCE_MISSING);
		assert_int_equal(v.nonce_len, 0);
		assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), 0);
	}
	steer_tsm_close(t);
}

static void
a_longer_nonce_is_used_where_the_way_takes_it(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_policy p;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	fake_policy(&p, STEER_TSM_REQUIRE, STEER_TSM_ROLE_GUEST);
	p.nonce_len = 64;
	t = fake_open(&p, &unbound);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), 0);
	assert_int_equal(fake_tsm.nonce_len, 64);
	steer_tsm_close(t);
	p.role = STEER_TSM_ROLE_USER;
	t = fake_open(&p, &unbound);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), -EACCES);
	assert_code(t, STEER_TSM_REFUSED, STEER_TSM_EVIDENCE_MISSING);
	assert_string_equal(steer_tsm_error(t),
			    "nic0: tsm: connect: this way takes a nonce of at most "
			    "32 bytes, the policy's has 64; without it nothing is verified: use a "
			    "TSM that gives it");
	steer_tsm_close(t);
}

static void
evidence_goes_to_the_judge_as_it_came(void **state)
{
	struct steer_tsm_running running;
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);
	const struct steer_tsm_evidence *e = &fake_judge.seen;

	assert_int_equal(e->vca.len, 100);
	assert_int_equal(e->report.len, 100);
	assert_true(e->has_report_digest && e->has_chain_digest && e->has_measurements_digest);
	assert_int_equal(e->report_digest[0], 0xd0 + TSM_OBJECT_REPORT);
	assert_int_equal(e->chain_digest[47], 0xd0 + TSM_OBJECT_CHAIN);
	assert_int_equal(e->measurements_digest[1], 0xd0 + TSM_OBJECT_MEASUREMENTS);
	assert_string_equal(e->tsm, "tsm0");
	assert_true(e->simulated);
	assert_int_equal(e->arch, STEER_TSM_ARCH_CCA);
	assert_true(e->time > 1700000000);
	assert_int_equal(fake_judge.stored, 0);
	steer_tsm_close(t);
}

static void
a_tsm_without_digests_is_said_to_have_none(void **state)
{
	struct steer_tsm_running running;
	struct steer_tsm *t;

	fake_tsm.no_digest = true;
	fake_tsm.says = true;
	t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);
	assert_false(fake_judge.seen.has_report_digest || fake_judge.seen.has_chain_digest ||
		     fake_judge.seen.has_measurements_digest);
	steer_tsm_close(t);
}

static void
evidence_is_stored_with_its_verdict(void **state)
{
	struct steer_tsm_running running;
	struct steer_tsm *t;

	fake_judge.store = true;
	t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);
	assert_int_equal(fake_judge.stored, 1);
	assert_int_equal(fake_judge.stored_code, STEER_TSM_OK);
	assert_int_equal(fake_judge.stored_checks, 2);
	steer_tsm_close(t);
	/* A full disk is told, and is no reason to refuse. */
	fake_judge.store_rc = -ENOSPC;
	t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);
	assert_non_null(
		strstr(fake_log, "4 nic0: tsm: evidence is not stored: /evidence: made-up "));
	steer_tsm_close(t);
}

/* The judge leaves a place for what only the machine knows. */
static void
a_full_verdict_has_the_machines_check(void **state)
{
	struct steer_tsm_running running;
	struct steer_tsm_verdict v;
	struct steer_tsm *t;

	fake_judge.more_checks = STEER_TSM_CHECKS_MAX - 2;
	t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);
	steer_tsm_verdict_get(t, &v);
	assert_int_equal(v.nb_checks, STEER_TSM_CHECKS_MAX);
	assert_string_equal(v.checks[STEER_TSM_CHECKS_MAX - 1].name, "state");
	steer_tsm_close(t);
	fake_judge.more_checks = STEER_TSM_CHECKS_MAX - 1;
	t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);
	steer_tsm_verdict_get(t, &v);
	assert_int_equal(v.nb_checks, STEER_TSM_CHECKS_MAX);
	steer_tsm_close(t);
}

static void
a_reset_needs_everything_anew(void **state)
{
	struct steer_tsm_running running, old;
	struct steer_tsm_bound bound, again;
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);

	old = running;
	fake_tsm_forget();
	assert_int_equal(steer_tsm_unlock(t, &bound), 0);
	assert_string_equal(fake_tsm.calls, "dma-off unlock state ");
	assert_int_equal(steer_tsm_state(t), STEER_TSM_BOUND);
	assert_int_equal(steer_tsm_dma_allowed(old), -EPERM);
	assert_int_equal(steer_tsm_unlock(t, &again), -EPERM);
	assert_int_equal(steer_tsm_watch(t), 0);
	fake_tsm_forget();
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), 0);
	assert_string_equal(fake_tsm.calls,
			    "lock state " EVIDENCE "state validate run state dma-on ");
	assert_int_equal(steer_tsm_dma_allowed(old), -EPERM);
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	steer_tsm_close(t);
}

static void
an_unlock_that_fails_is_quarantine(void **state)
{
	struct steer_tsm_running running;
	struct steer_tsm_bound bound;
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, &running);

	fake_tsm.lie = TSM_TDI_RUN;
	assert_int_equal(steer_tsm_unlock(t, &bound), -EIO);
	assert_int_equal(steer_tsm_state(t), STEER_TSM_UNKNOWN);
	assert_code(t, STEER_TSM_REFUSED, STEER_TSM_STATE_UNKNOWN);
	assert_int_equal(steer_tsm_unlock(t, &bound), -EIO);
	assert_int_equal(steer_tsm_watch(t), -ENOLINK);
	steer_tsm_close(t);
	assert_false(fake_tsm.bound);
}

static void
what_is_armed_is_looked_at(void **state)
{
	struct steer_tsm_device d[6];
	struct steer_tsm_unbound unbound;
	struct steer_tsm_policy p;
	struct steer_tsm_bound bound;
	struct steer_tsm_armed armed;
	struct steer_tsm *t;

	for (unsigned int i = 0; i < 6; i++)
		d[i] = fake_device;
	d[0].nb_bars = 0;
	d[1].bars[1].bar = 0;  /* twice */
	d[2].msix_vectors = 0; /* not allocated */
	d[3].msix_vectors = 9; /* more than there are */
	d[4].msix_table_offset = 0x7ff0;
	d[5].msix_table_bar = -1; /* vectors without a table */
	fake_policy(&p, STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER);
	for (unsigned int i = 0; i < 6; i++) {
		t = fake_open(&p, &unbound);
		assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
		assert_int_equal(steer_tsm_arm(bound, &d[i], &armed), -EINVAL);
		assert_false(fake_tsm.bound);
		assert_int_equal(steer_tsm_state(t), STEER_TSM_UNBOUND);
		assert_non_null(strstr(steer_tsm_error(t), i < 2 ? "arm: the BARs" : "arm: MSI-X"));
		steer_tsm_close(t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(steps_come_in_their_order, fresh),
		cmocka_unit_test_setup(a_role_without_a_state_request_is_not_asked_for_it, fresh),
		cmocka_unit_test_setup(a_failed_judgement_goes_all_the_way_back, fresh),
		cmocka_unit_test_setup(success_without_attested_is_no_success, fresh),
		cmocka_unit_test_setup(judge_without_memory_refuses_too, fresh),
		cmocka_unit_test_setup(each_attempt_has_a_nonce_of_its_own, fresh),
		cmocka_unit_test_setup(a_longer_nonce_is_used_where_the_way_takes_it, fresh),
		cmocka_unit_test_setup(evidence_goes_to_the_judge_as_it_came, fresh),
		cmocka_unit_test_setup(a_tsm_without_digests_is_said_to_have_none, fresh),
		cmocka_unit_test_setup(evidence_is_stored_with_its_verdict, fresh),
		cmocka_unit_test_setup(a_full_verdict_has_the_machines_check, fresh),
		cmocka_unit_test_setup(a_reset_needs_everything_anew, fresh),
		cmocka_unit_test_setup(an_unlock_that_fails_is_quarantine, fresh),
		cmocka_unit_test_setup(what_is_armed_is_looked_at, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
