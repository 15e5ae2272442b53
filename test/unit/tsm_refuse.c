/* SPDX-License-Identifier: BSD-3-Clause */

/* What is absent, half there, wrong, or not what the policy demands; and tokens that are not good.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_tsm.h"
#include "steer_tsm_vmm.h"

static struct steer_tsm_policy policy;

static int
fresh(void **state)
{
	fake_tsm_reset();
	fake_policy(&policy, STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER);
	return 0;
}

/* connect and bind come to rc, the verdict says so, and close leaves nothing. */
static void
begins(int rc, enum steer_tsm_summary summary, enum steer_tsm_code code, const char *text)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_bound bound;
	struct steer_tsm_verdict v;
	struct steer_tsm *t = fake_open(&policy, &unbound);

	assert_non_null(t);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), rc);
	steer_tsm_verdict_get(t, &v);
	assert_string_equal(steer_tsm_code_name(v.code), steer_tsm_code_name(code));
	assert_string_equal(steer_tsm_summary_name(v.summary), steer_tsm_summary_name(summary));
	if (strstr(v.why, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, v.why);
	if (rc != 0) {
		assert_false(fake_tsm.bound);
		assert_int_equal(steer_tsm_state(t), STEER_TSM_UNBOUND);
		assert_int_equal(bound.gen, 0);
	}
	steer_tsm_close(t);
	assert_false(fake_tsm.bound || fake_tsm.opened);
}

static void
refused(enum steer_tsm_code code, const char *text)
{
	begins(-EACCES, STEER_TSM_REFUSED, code, text);
}

static void
absence_is_tolerated_by_prefer_only(void **state)
{
	fake_tsm.presence = TSM_ABSENT;
	refused(STEER_TSM_UNSUPPORTED, "no TSM: made-up reason");
	policy.mode = STEER_TSM_PREFER;
	begins(1, STEER_TSM_PLAIN, STEER_TSM_UNSUPPORTED, "no TSM: made-up reason");
	assert_string_equal(fake_log, "4 nic0: tsm: no TSM: made-up reason; attached plain "
				      "(tsm=prefer), which does not protect from a hostile host\n");
	assert_int_equal(fake_tsm.requests, 0);
}

static void
what_is_half_there_is_no_absence(void **state)
{
	fake_tsm.presence = TSM_HALF;
	refused(STEER_TSM_UNSUPPORTED, "made-up reason");
	policy.mode = STEER_TSM_PREFER;
	refused(STEER_TSM_UNSUPPORTED, "made-up reason");
	fake_tsm.presence = TSM_PRESENT;
	fake_tsm.open_rc = -ENODEV;
	refused(STEER_TSM_UNSUPPORTED, "role user: No such device");
}

static void
connect_has_a_code_for_each_failure(void **state)
{
	static const struct {
		struct tsm_result r;
		enum steer_tsm_code code;
	} rows[] = {
		{{.err = -ENOTCONN}, STEER_TSM_NOT_CONNECTED},
		{{.err = -ENXIO}, STEER_TSM_NOT_CONNECTED},
		{{.err = -EIO}, STEER_TSM_NOT_CONNECTED},
		{{.tsm_code = 7}, STEER_TSM_NOT_CONNECTED},
		{{.err = -ENOTTY}, STEER_TSM_UNSUPPORTED},
		{{.err = -EOPNOTSUPP}, STEER_TSM_UNSUPPORTED},
		{{.err = -ENOSYS}, STEER_TSM_UNSUPPORTED},
		{{.err = -EPROTONOSUPPORT}, STEER_TSM_WRONG_TSM},
		{{.err = -EPROTO}, STEER_TSM_MALFORMED},
		{{.err = -EFBIG}, STEER_TSM_MALFORMED},
		{{.err = -ETIMEDOUT}, STEER_TSM_TIMEOUT},
	};

	fake_tsm.fail_op_on[FAKE_CONNECT] = true;
	for (int prefer = 0; prefer < 2; prefer++) {
		policy.mode = prefer ? STEER_TSM_PREFER : STEER_TSM_REQUIRE;
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			fake_tsm.fail_op[FAKE_CONNECT] = rows[i].r;
			refused(rows[i].code, "connect: ");
		}
	}
}

static void
the_tsm_has_to_be_the_named_one(void **state)
{
	strcpy(policy.tsm, "tsm1");
	refused(STEER_TSM_WRONG_TSM, "the TSM is 'tsm0' and should be 'tsm1'");
	assert_null(strstr(fake_tsm.calls, "connect "));
	/* Known only when it answers. */
	fake_tsm.name_after_connect = true;
	refused(STEER_TSM_WRONG_TSM, "the TSM is 'tsm0' and should be 'tsm1'");
	fake_tsm.name[0] = '\0';
	refused(STEER_TSM_WRONG_TSM, "the TSM is '' and should be 'tsm1'");
	strcpy(fake_tsm.name, "tsm1");
	fake_tsm_forget();
	begins(0, STEER_TSM_REFUSED, STEER_TSM_EVIDENCE_MISSING, "not verified yet");
}

static void
a_name_stays_on_its_line(void **state)
{
	strcpy(policy.tsm, "tsm1");
	strcpy(fake_tsm.name, "ts\nm\x1b[0m\xff");
	refused(STEER_TSM_WRONG_TSM, "the TSM is 'ts?m?[0m?' and should be");
}

static void
the_architecture_has_to_be_the_policys(void **state)
{
	policy.arch = STEER_TSM_ARCH_TDX;
	refused(STEER_TSM_WRONG_TSM, "architecture is cca, the policy wants tdx");
	policy.arch = STEER_TSM_ARCH_CCA;
	begins(0, STEER_TSM_REFUSED, STEER_TSM_EVIDENCE_MISSING, "not verified yet");
	/* A way that cannot know it uses the policy's. */
	fake_tsm.arch = STEER_TSM_ARCH_ANY;
	policy.arch = STEER_TSM_ARCH_SEV;
	begins(0, STEER_TSM_REFUSED, STEER_TSM_EVIDENCE_MISSING, "not verified yet");
}

static void
without_roots_nothing_can_be_verified(void **state)
{
	policy.nb_roots = 0;
	refused(STEER_TSM_EVIDENCE_MISSING, "give tsm-policy=FILE");
	policy.mode = STEER_TSM_PREFER;
	refused(STEER_TSM_EVIDENCE_MISSING, "give tsm-policy=FILE");
	assert_null(strstr(fake_tsm.calls, "bind "));
}

static void
a_connected_host_is_not_attested(void **state)
{
	policy.role = STEER_TSM_ROLE_HOST;
	refused(STEER_TSM_EVIDENCE_MISSING, "no attestation");
	/* auto takes no weaker role either. */
	policy.role = STEER_TSM_ROLE_AUTO;
	refused(STEER_TSM_EVIDENCE_MISSING, "no attestation");
}

static struct steer_tsm *
attach_host(enum steer_tsm_mode mode, bool host_admin, struct steer_tsm_running *running)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	fake_policy(&policy, mode, STEER_TSM_ROLE_HOST);
	policy.host_admin = host_admin;
	policy.nb_roots = 0;
	t = fake_open(&policy, &unbound);
	assert_non_null(t);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, running), 0);
	return t;
}

static void
host_admin_is_connected_not_attested(void **state)
{
	struct steer_tsm_running running;
	struct steer_tsm_verdict v;
	struct steer_tsm *t = attach_host(STEER_TSM_REQUIRE, true, &running);

	steer_tsm_verdict_get(t, &v);
	assert_string_equal(steer_tsm_summary_name(v.summary), "connected, not attested");
	assert_int_equal(v.code, STEER_TSM_OK);
	assert_string_equal(v.why, "connected to tsm0 by the host's administrator, not attested");
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	assert_int_equal(fake_judge.calls, 0);
	assert_string_equal(fake_tsm.calls, "connect connect connect ");
	steer_tsm_close(t);
}

static void
a_host_that_disconnects_between_is_refused(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	fake_policy(&policy, STEER_TSM_PREFER, STEER_TSM_ROLE_HOST);
	t = fake_open(&policy, &unbound);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	fake_tsm.fail_op_on[FAKE_CONNECT] = true;
	fake_tsm.fail_op[FAKE_CONNECT].err = -ENOTCONN;
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), -EACCES);
	assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
	steer_tsm_close(t);
}

/* ---- which role auto is ---- */

static enum steer_tsm_role
role_of(const struct steer_tsm_args *a)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_verdict v;
	struct steer_tsm *t;

	assert_int_equal(steer_tsm_open(a, &unbound, &t), 0);
	steer_tsm_verdict_get(t, &v);
	steer_tsm_close(t);
	return v.role;
}

static void
auto_takes_the_strongest(void **state)
{
	static const struct steer_tsm_vmm vmm = {.kvm_fd = 3};
	struct steer_tsm_args a = {.name = "nic0", .policy = &policy};

	policy.role = STEER_TSM_ROLE_AUTO;
	assert_int_equal(role_of(&a), STEER_TSM_ROLE_USER);
	a.pci_addr = "0000:01:00.0";
	assert_int_equal(role_of(&a), STEER_TSM_ROLE_HOST);
	fake_tsm.guest = TSM_PRESENT;
	assert_int_equal(role_of(&a), STEER_TSM_ROLE_GUEST);
	/* A host cannot make the role weaker by breaking the guest's interface. */
	fake_tsm.guest = TSM_HALF;
	assert_int_equal(role_of(&a), STEER_TSM_ROLE_GUEST);
	a.vmm = &vmm;
	assert_int_equal(role_of(&a), STEER_TSM_ROLE_VMM);
	/* What is named is taken. */
	policy.role = STEER_TSM_ROLE_HOST;
	assert_int_equal(role_of(&a), STEER_TSM_ROLE_HOST);
}

static void
open_refuses_bad_arguments(void **state)
{
	static const char long_name[80] = {[0 ... 78] = 'x'};
	struct steer_tsm_args a = {.name = "nic0", .policy = &policy, .log = fake_logger};
	struct steer_tsm_unbound unbound;
	struct steer_tsm *t;

	policy.mode = STEER_TSM_OFF;
	assert_int_equal(steer_tsm_open(&a, &unbound, &t), -EINVAL);
	policy.mode = STEER_TSM_REQUIRE;
	policy.nonce_len = 31;
	assert_int_equal(steer_tsm_open(&a, &unbound, &t), -EINVAL);
	assert_non_null(strstr(fake_log, "a nonce has 32 to 256 bytes"));
	policy.nonce_len = 32;
	policy.role = STEER_TSM_ROLE_VMM;
	assert_int_equal(steer_tsm_open(&a, &unbound, &t), -EINVAL);
	assert_non_null(strstr(fake_log, "role vmm is for a program that owns"));
	policy.role = STEER_TSM_ROLE_USER;
	a.name = long_name;
	assert_int_equal(steer_tsm_open(&a, &unbound, &t), -EINVAL);
	a.name = "nic0";
	fake_tsm.open_rc = -ENOMEM;
	assert_int_equal(steer_tsm_open(&a, &unbound, &t), -ENOMEM);
	assert_null(t);
	assert_int_equal(unbound.gen, 0);
	assert_int_equal(steer_tsm_watch(NULL), -EINVAL);
	steer_tsm_close(NULL);
}

/* ---- tokens ---- */

static void
a_token_is_good_once(void **state)
{
	struct steer_tsm_connected connected, again;
	struct steer_tsm_unbound unbound;
	struct steer_tsm_bound bound, bound2;
	struct steer_tsm_verified verified, verified2;
	struct steer_tsm_running running, running2;
	struct steer_tsm_locked locked, locked2;
	struct steer_tsm_armed armed, armed2;
	struct steer_tsm *t = fake_open(&policy, &unbound);

	assert_int_equal(steer_tsm_connect(unbound, &connected), 0);
	assert_int_equal(steer_tsm_connect(unbound, &again), -EPERM);
	assert_int_equal(steer_tsm_bind(connected, &bound), 0);
	assert_int_equal(steer_tsm_bind(connected, &bound2), -EPERM);
	assert_int_equal(steer_tsm_arm(bound, &fake_device, &armed), 0);
	assert_int_equal(steer_tsm_arm(bound, &fake_device, &armed2), -EPERM);
	assert_int_equal(steer_tsm_lock(armed, &locked), 0);
	assert_int_equal(steer_tsm_lock(armed, &locked2), -EPERM);
	assert_int_equal(steer_tsm_verify(locked, &verified), 0);
	assert_int_equal(steer_tsm_verify(locked, &verified2), -EPERM);
	assert_int_equal(steer_tsm_run(verified, &running), 0);
	assert_int_equal(steer_tsm_run(verified, &running2), -EPERM);
	assert_int_equal(running2.gen, 0);
	assert_int_equal(steer_tsm_dma_allowed(running2), -EPERM);
	/* The refusals have disturbed nothing. */
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	assert_int_equal(steer_tsm_state(t), STEER_TSM_RUN);
	steer_tsm_close(t);
}

static void
a_token_is_good_for_its_object(void **state)
{
	struct steer_tsm_connected c1, c2, mixed;
	struct steer_tsm_unbound u1, u2, none = {0};
	struct steer_tsm_bound bound;
	struct steer_tsm *t1 = fake_open(&policy, &u1), *t2 = fake_open(&policy, &u2);

	assert_int_equal(steer_tsm_connect(none, &c1), -EPERM);
	none.tsm = t1;
	assert_int_equal(steer_tsm_connect(none, &c1), -EPERM);
	assert_int_equal(steer_tsm_connect(u1, &c1), 0);
	assert_int_equal(steer_tsm_connect(u2, &c2), 0);
	mixed.tsm = t1;
	mixed.gen = c2.gen;
	assert_int_equal(steer_tsm_bind(mixed, &bound), -EPERM);
	assert_int_equal(steer_tsm_bind(c1, &bound), 0);
	steer_tsm_close(t1);
	steer_tsm_close(t2);
}

/* A cast is no way around the types: the kind is remembered. */
static void
a_token_is_good_for_its_step(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_bound bound;
	struct steer_tsm_locked locked;
	struct steer_tsm_armed forged;
	struct steer_tsm *t = fake_open(&policy, &unbound);

	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	forged = (struct steer_tsm_armed){.tsm = t, .gen = bound.gen};
	assert_int_equal(steer_tsm_lock(forged, &locked), -EPERM);
	running = (struct steer_tsm_running){.tsm = t, .gen = bound.gen};
	assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
	assert_int_equal(fake_tsm.tdi, TSM_TDI_UNLOCKED);
	steer_tsm_close(t);
}

static void
unlock_wants_something_locked(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_bound bound, out;
	struct steer_tsm *t = fake_open(&policy, &unbound);

	assert_int_equal(steer_tsm_unlock(NULL, &out), -EPERM);
	assert_int_equal(steer_tsm_unlock(t, &out), -EPERM);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	assert_int_equal(steer_tsm_unlock(t, &out), -EPERM);
	assert_null(strstr(fake_tsm.calls, "unlock "));
	steer_tsm_close(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(absence_is_tolerated_by_prefer_only, fresh),
		cmocka_unit_test_setup(what_is_half_there_is_no_absence, fresh),
		cmocka_unit_test_setup(connect_has_a_code_for_each_failure, fresh),
		cmocka_unit_test_setup(the_tsm_has_to_be_the_named_one, fresh),
		cmocka_unit_test_setup(a_name_stays_on_its_line, fresh),
		cmocka_unit_test_setup(the_architecture_has_to_be_the_policys, fresh),
		cmocka_unit_test_setup(without_roots_nothing_can_be_verified, fresh),
		cmocka_unit_test_setup(a_connected_host_is_not_attested, fresh),
		cmocka_unit_test_setup(host_admin_is_connected_not_attested, fresh),
		cmocka_unit_test_setup(a_host_that_disconnects_between_is_refused, fresh),
		cmocka_unit_test_setup(auto_takes_the_strongest, fresh),
		cmocka_unit_test_setup(open_refuses_bad_arguments, fresh),
		cmocka_unit_test_setup(a_token_is_good_once, fresh),
		cmocka_unit_test_setup(a_token_is_good_for_its_object, fresh),
		cmocka_unit_test_setup(a_token_is_good_for_its_step, fresh),
		cmocka_unit_test_setup(unlock_wants_something_locked, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
