/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Attaches of role vmm as a whole: state machine, judge, back end, a made-up kernel, and a device
 * with honest evidence, in every published ABI.
 */

#include <time.h>

#include "tsm_evid.h"
#include "tsm_iommufd_fixture.h"

static struct evid w;
static bool replayed; /* measurements stay over an older nonce */
static char log_text[4000];

/* Certificates of the made-up device are good around this time. */
time_t __wrap_time(time_t *t);

time_t
__wrap_time(time_t *t)
{
	if (t != NULL)
		*t = (time_t)EVID_NOW;
	return (time_t)EVID_NOW;
}

static void
measurements_put(void)
{
	fi.object[2] = w.e.measurements.data;
	fi.object_size[2] = (uint32_t)w.e.measurements.len;
}

static void
measure(void)
{
	if (replayed)
		return;
	evid_measure(&w, fi.nonce);
	measurements_put();
}

static void
log_line(void *arg, int level, const char *line)
{
	size_t at = strlen(log_text);

	snprintf(log_text + at, sizeof(log_text) - at, "%s\n", line);
}

static void
evidence_put(void)
{
	fi.object[0] = w.e.vca.data;
	fi.object_size[0] = (uint32_t)w.e.vca.len;
	fi.object[1] = w.e.chain.data;
	fi.object_size[1] = (uint32_t)w.e.chain.len;
	measurements_put();
	fi.object[3] = w.e.report.data;
	fi.object_size[3] = (uint32_t)w.e.report.len;
	fi.measure = measure;
}

static struct steer_tsm *
begin(const struct ix_case *c, enum steer_tsm_mode mode, struct steer_tsm_unbound *out)
{
	struct steer_tsm_policy p = w.p;
	struct steer_tsm *t = NULL;
	struct steer_tsm_args args = {.name = "nic",
				      .pci_addr = "0000:01:00.0",
				      .policy = &p,
				      .vmm = &ix.vmm,
				      .log = log_line};

	ix_init(c);
	evidence_put();
	replayed = false;
	log_text[0] = '\0';
	p.mode = mode;
	p.role = STEER_TSM_ROLE_VMM;
	p.abi = c->abi;
	p.arch = c->arch;
	p.unsafe_inferred_abi = c->unsafe;
	assert_int_equal(steer_tsm_open(&args, out, &t), 0);
	assert_non_null(t);
	return t;
}

static int
attach(struct steer_tsm_unbound in, struct steer_tsm_running *running)
{
	struct steer_tsm_bound bound;
	int rc = steer_tsm_attach_begin(in, &bound);

	memset(running, 0, sizeof(*running));
	return rc != 0 ? rc : steer_tsm_attach_finish(bound, &w.d, running);
}

static enum steer_tsm_code
code(struct steer_tsm *t)
{
	struct steer_tsm_verdict v;

	steer_tsm_verdict_get(t, &v);
	return v.code;
}

static void
end(struct steer_tsm *t)
{
	const char *left;

	steer_tsm_close(t);
	left = fi_left();
	if (left != NULL)
		fail_msg("%s; log: %s", left, log_text);
}

static void
is_attested(struct steer_tsm *t, struct steer_tsm_running running)
{
	struct steer_tsm_verdict v;

	steer_tsm_verdict_get(t, &v);
	assert_int_equal(v.summary, STEER_TSM_ATTESTED);
	assert_int_equal(v.code, STEER_TSM_OK);
	assert_int_equal(v.role, STEER_TSM_ROLE_VMM);
	assert_false(v.simulated);
	assert_string_equal(v.tsm, "tsm0");
	assert_int_equal(v.nonce_len, 32);
	assert_memory_equal(v.nonce, fi.nonce, 32);
	assert_int_equal(steer_tsm_state(t), STEER_TSM_RUN);
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	assert_int_equal(steer_tsm_watch(t), 0);
	assert_int_equal(fi.state, 2);
	assert_int_equal(fi.nr_validated, ix.vmm.nb_ranges);
}

static void
the_honest_device_attaches_in_every_abi(void **state)
{
	static const enum steer_tsm_mode modes[] = {STEER_TSM_PREFER, STEER_TSM_REQUIRE};
	unsigned int i, m;

	for (i = 0; i < ix_nr_cases; i++)
		for (m = 0; m < 2 && ix_cases[i].evidence; m++) {
			struct steer_tsm_running running;
			struct steer_tsm_unbound in;
			struct steer_tsm *t = begin(&ix_cases[i], modes[m], &in);

			if (attach(in, &running) != 0)
				fail_msg("%s: %s", ix_cases[i].name, steer_tsm_error(t));
			is_attested(t, running);
			assert_int_equal(fi.dma, ix_cases[i].arch == STEER_TSM_ARCH_SEV);
			end(t);
			assert_int_equal(fi.nr_locks, 1);
		}
}

static void
an_abi_without_evidence_is_refused(void **state)
{
	static const enum steer_tsm_mode modes[] = {STEER_TSM_PREFER, STEER_TSM_REQUIRE};
	struct ix_case none = *ix_case("v7-int");
	struct steer_tsm_running running;
	struct steer_tsm_unbound in;
	struct steer_tsm *t;
	unsigned int m;

	none.abi = STEER_TSM_ABI_NONE;
	for (m = 0; m < 2; m++) {
		t = begin(ix_case("v6"), modes[m], &in);
		assert_int_equal(attach(in, &running), -EACCES);
		assert_int_equal(code(t), STEER_TSM_EVIDENCE_MISSING);
		end(t);
		assert_int_equal(fi_count(0x3b95), 0);

		t = begin(&none, modes[m], &in);
		assert_int_equal(attach(in, &running), -EACCES);
		assert_int_equal(code(t), STEER_TSM_EVIDENCE_MISSING);
		end(t);
		assert_int_equal(fi.nr_calls, 0);
	}
}

/* The association with a VM is the VMM's to make; without one there is no attach to begin. */
static void
without_a_vm_there_is_no_open(void **state)
{
	struct steer_tsm_policy p = w.p;
	struct steer_tsm_unbound in;
	struct steer_tsm *t = NULL;
	struct steer_tsm_args args = {.name = "nic",
				      .pci_addr = "0000:01:00.0",
				      .policy = &p,
				      .vmm = &ix.vmm,
				      .log = log_line};

	ix_init(ix_case("v7-int"));
	log_text[0] = '\0';
	p.mode = STEER_TSM_REQUIRE;
	p.role = STEER_TSM_ROLE_VMM;
	p.abi = STEER_TSM_ABI_V7_INT;
	p.arch = STEER_TSM_ARCH_CCA;
	ix.vmm.kvm_fd = -1;
	assert_int_equal(steer_tsm_open(&args, &in, &t), -EINVAL);
	assert_null(t);
	assert_non_null(strstr(log_text, "nic: tsm: "));
	assert_non_null(strstr(log_text, "kvm_fd is -1"));
	assert_int_equal(fi.nr_calls, 0);
}

/* Absent is the device's and the kernel's word together; one of them alone is half there. */
static void
absence_is_tolerated_by_prefer_alone(void **state)
{
	struct steer_tsm_connected connected;
	struct steer_tsm_unbound in;
	struct steer_tsm *t;

	t = begin(ix_case("v7-int"), STEER_TSM_PREFER, &in);
	fi.abi = FI_MAINLINE;
	ix_sysfs = TSM_ABSENT;
	assert_int_equal(steer_tsm_connect(in, &connected), 1);
	end(t);
	t = begin(ix_case("v7-int"), STEER_TSM_REQUIRE, &in);
	fi.abi = FI_MAINLINE;
	ix_sysfs = TSM_ABSENT;
	assert_int_equal(steer_tsm_connect(in, &connected), -EACCES);
	assert_int_equal(code(t), STEER_TSM_UNSUPPORTED);
	end(t);
	t = begin(ix_case("v7-int"), STEER_TSM_PREFER, &in);
	fi.abi = FI_MAINLINE;
	ix_sysfs = TSM_PRESENT;
	assert_int_equal(steer_tsm_connect(in, &connected), -EACCES);
	assert_int_equal(code(t), STEER_TSM_UNSUPPORTED);
	end(t);
	t = begin(ix_case("v7-int"), STEER_TSM_PREFER, &in);
	ix_sysfs = TSM_PRESENT;
	ix_connect_rc = -ENOTCONN;
	assert_int_equal(steer_tsm_connect(in, &connected), -EACCES);
	assert_int_equal(code(t), STEER_TSM_NOT_CONNECTED);
	ix_connect_rc = 0;
	end(t);
}

static void
a_replayed_measurement_is_stale(void **state)
{
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++) {
		struct steer_tsm_running running;
		struct steer_tsm_unbound in;
		struct steer_tsm *t;

		if (!ix_cases[i].evidence)
			continue;
		t = begin(&ix_cases[i], STEER_TSM_REQUIRE, &in);
		replayed = true;
		assert_int_equal(attach(in, &running), -EACCES);
		assert_int_equal(code(t), STEER_TSM_STALE_NONCE);
		assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
		assert_int_equal(fi.nr_runs, 0);
		end(t);
	}
}

/* After a reset all of it is asked anew, over another nonce. */
static void
a_reset_is_followed_by_new_evidence(void **state)
{
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++) {
		struct steer_tsm_running running;
		struct steer_tsm_unbound in;
		struct steer_tsm_bound bound;
		uint8_t nonce[32];
		struct steer_tsm *t;

		if (!ix_cases[i].evidence)
			continue;
		t = begin(&ix_cases[i], STEER_TSM_REQUIRE, &in);
		assert_int_equal(attach(in, &running), 0);
		memcpy(nonce, fi.nonce, 32);
		assert_int_equal(steer_tsm_unlock(t, &bound), 0);
		assert_int_equal(fi.state, 0);
		assert_false(fi.dma);
		fi.nr_validated = 0;
		assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
		if (steer_tsm_attach_finish(bound, &w.d, &running) != 0)
			fail_msg("%s: %s", ix_cases[i].name, steer_tsm_error(t));
		is_attested(t, running);
		assert_memory_not_equal(nonce, fi.nonce, 32);
		end(t);
	}
}

/* What changes the state, by the call's request and the state that came of it. */
static bool
changes_state(const struct ix_case *c, const struct fi_call *k)
{
	uint32_t op = fi_u32(k->arg + 8);

	if (k->request == 0x3b95)
		return true;
	if (k->request == 0x3b91)
		return c->kernel == FI_V7;
	if (k->request == 0x3b77)
		return c->kernel == FI_V7; /* the vdevice was bound before it */
	if (k->request != 0x3b96 || fi_u32(k->arg + 4) == 0)
		return false;
	if (c->kernel == FI_V5)
		return op == 1;
	return c->kernel == FI_V7 ? op <= 4 : op >= 4;
}

/* @return whether there was an n-th call before RUN was reached */
static bool
one_failure(const struct ix_case *c, unsigned int n, int err, bool after)
{
	struct steer_tsm_running running;
	struct steer_tsm_unbound in;
	struct steer_tsm *t = begin(c, STEER_TSM_REQUIRE, &in);
	const struct fi_call *failed;
	int rc;

	fi.fail_at = n;
	fi.fail_errno = err;
	fi.fail_after = after;
	rc = attach(in, &running);
	/* Of two probes the second one counts; what reads is sent again once. */
	if (!fi.failed || (rc == 0 && (err == EINTR || n == 1))) {
		assert_int_equal(rc, 0);
		end(t);
		return fi.failed;
	}
	failed = &fi.calls[n - 1];
	if (rc != -EACCES)
		fail_msg("%s: call %u (%lx) fails with %s: %d", c->name, n, failed->request,
			 strerror(err), rc);
	assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
	if (changes_state(c, failed)) {
		if (code(t) != STEER_TSM_STATE_UNKNOWN)
			fail_msg("%s: call %u (%lx) fails with %s: %s: %s", c->name, n,
				 failed->request, strerror(err), steer_tsm_code_name(code(t)),
				 steer_tsm_error(t));
		assert_int_equal(steer_tsm_state(t), STEER_TSM_UNKNOWN);
	} else {
		assert_int_not_equal(code(t), STEER_TSM_OK);
		assert_int_not_equal(code(t), STEER_TSM_STATE_UNKNOWN);
	}
	assert_true(fi.nr_locks <= 1 && fi.nr_runs <= 1);
	end(t);
	return true;
}

/* Before it was done, and after: the pairs are fewer than tsm_iommufd_errno.c has, as each signs.
 */
static void
one_failure_anywhere_never_runs(void **state)
{
	unsigned int i, n;

	for (i = 0; i < ix_nr_cases; i++) {
		if (!ix_cases[i].evidence)
			continue;
		for (n = 1; one_failure(&ix_cases[i], n, EIO, false); n++)
			one_failure(&ix_cases[i], n, EFAULT, true);
		assert_true(n > 15);
	}
	for (n = 1; one_failure(ix_case("v7-int"), n, EINTR, false); n++)
		;
	assert_true(n > 15);
}

/* errno is good, the TSM's code is not: of a change nobody knows, of evidence there is none. */
static void
a_code_of_the_tsm_is_no_success(void **state)
{
	static const char *const names[] = {"v5-june", "v5-june-sev", "v7-int", "v7-int-tdx"};
	unsigned int i, n;

	for (i = 0; i < 4; i++)
		for (n = 1;; n++) {
			struct steer_tsm_running running;
			struct steer_tsm_unbound in;
			struct steer_tsm_verdict v;
			struct steer_tsm *t = begin(ix_case(names[i]), STEER_TSM_REQUIRE, &in);
			int rc;

			fi.odd_at = n;
			fi.tsm_code = 0x105;
			rc = attach(in, &running);
			steer_tsm_verdict_get(t, &v);
			if (rc == 0) {
				assert_true(n > 10);
				fi.odd_at = 0;
				end(t);
				break;
			}
			assert_int_equal(rc, -EACCES);
			assert_int_equal(v.last_errno, 0);
			assert_true(v.last_tsm_code == 0x105);
			if (v.code != STEER_TSM_STATE_UNKNOWN)
				assert_int_equal(v.code, STEER_TSM_EVIDENCE_MISSING);
			fi.failed = true;
			end(t);
		}
}

static int
setup(void **state)
{
	evid_make(&w);
	return 0;
}

static int
teardown(void **state)
{
	evid_free(&w);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_honest_device_attaches_in_every_abi),
		cmocka_unit_test(an_abi_without_evidence_is_refused),
		cmocka_unit_test(without_a_vm_there_is_no_open),
		cmocka_unit_test(absence_is_tolerated_by_prefer_alone),
		cmocka_unit_test(a_replayed_measurement_is_stale),
		cmocka_unit_test(a_reset_is_followed_by_new_evidence),
		cmocka_unit_test(one_failure_anywhere_never_runs),
		cmocka_unit_test(a_code_of_the_tsm_is_no_success),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
