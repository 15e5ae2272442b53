/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Each request of an attach fails in turn, in each way that one can fail, for each role. The table
 * says what that comes to; beside it nothing may go on after a failed change, no DMA may be
 * allowed, and nothing may stay behind.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "fake_tsm.h"

void *__real_calloc(size_t nb, size_t size);
void *__wrap_calloc(size_t nb, size_t size);
ssize_t __real_getrandom(void *buf, size_t len, unsigned int flags);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags);

static unsigned int calloc_fails; /* the n-th from now */
static int random_errno;          /* of the next call */
static bool random_short;

void *
__wrap_calloc(size_t nb, size_t size)
{
	if (calloc_fails > 0 && --calloc_fails == 0)
		return NULL;
	return __real_calloc(nb, size);
}

ssize_t
__wrap_getrandom(void *buf, size_t len, unsigned int flags)
{
	if (random_errno != 0) {
		errno = random_errno;
		random_errno = random_errno == EINTR ? 0 : random_errno;
		return -1;
	}
	return __real_getrandom(buf, random_short && len > 5 ? 5 : len, flags);
}

static int
fresh(void **state)
{
	fake_tsm_reset();
	calloc_fails = 0;
	random_errno = 0;
	random_short = false;
	return 0;
}

struct failure {
	struct tsm_result r;
	bool commit;
};
static const struct failure failures[] = {
	{{.err = -EIO}, false},
	{{.err = -EFAULT}, true},
	{{.err = -ETIMEDOUT}, false},
	{{.err = -ETIMEDOUT}, true},
	{{.tsm_code = 5}, false},
	{{.tsm_code = UINT64_MAX}, true},
	{{.residue = 4}, false},
	{{.residue = 4}, true},
	{{.err = -EOPNOTSUPP, .not_sent = true}, false},
	{{.err = -ENODATA, .not_sent = true}, false},
};
#define FAILURES (sizeof(failures) / sizeof(failures[0]))

static const enum steer_tsm_role roles[] = {STEER_TSM_ROLE_HOST, STEER_TSM_ROLE_VMM,
					    STEER_TSM_ROLE_GUEST, STEER_TSM_ROLE_USER};

/* Name of the call that failed: the one with "!" behind it. */
static void
failed_call(char *name, size_t len)
{
	const char *end = strchr(fake_tsm.calls, '!'), *start = end;

	assert_non_null(end);
	while (start > fake_tsm.calls && start[-1] != ' ')
		start--;
	assert_true((size_t)(end - start) < len);
	memcpy(name, start, (size_t)(end - start));
	name[end - start] = '\0';
}

static bool
is_one_of(const char *name, const char *list)
{
	const char *at = strstr(list, name);

	return at != NULL && (at == list || at[-1] == ' ') && at[strlen(name)] == ' ';
}

static enum steer_tsm_code
expected(const char *call, const struct failure *f)
{
	if (f->r.err == -ETIMEDOUT)
		return STEER_TSM_TIMEOUT;
	if (strcmp(call, "connect") == 0) {
		if (f->r.err == -EOPNOTSUPP)
			return STEER_TSM_UNSUPPORTED;
		return f->r.residue != 0 ? STEER_TSM_OK : STEER_TSM_NOT_CONNECTED;
	}
	if (is_one_of(call, "bind lock validate run dma-on ")) {
		if (!f->r.not_sent)
			return STEER_TSM_STATE_UNKNOWN;
		return f->r.err == -ENODATA ? STEER_TSM_EVIDENCE_MISSING : STEER_TSM_UNSUPPORTED;
	}
	if (strcmp(call, "state") == 0)
		return STEER_TSM_STATE_UNKNOWN;
	/* No digest over the TSM's own channel is no failure: the judge is told that there is none.
	 */
	if (strcmp(call, "digest") == 0 && f->r.err == -ENODATA)
		return STEER_TSM_OK;
	return STEER_TSM_EVIDENCE_MISSING;
}

/* A report that cannot be made anew is the report of the lock. */
static bool
is_second_regenerate(const struct failure *f)
{
	return f->r.err == -EOPNOTSUPP && strstr(fake_tsm.calls, "regenerate regenerate! ") != NULL;
}

static bool
quarantines(const char *call, const struct failure *f)
{
	return strcmp(call, "state") == 0 ||
	       (!f->r.not_sent && is_one_of(call, "bind lock validate run dma-on "));
}

static int
attach(struct steer_tsm *t, struct steer_tsm_unbound unbound, struct steer_tsm_running *running)
{
	struct steer_tsm_bound bound;
	int rc = steer_tsm_attach_begin(unbound, &bound);

	memset(running, 0, sizeof(*running));
	return rc == 0 ? steer_tsm_attach_finish(bound, &fake_device, running) : rc;
}

static struct steer_tsm *
open_as(enum steer_tsm_role role, enum steer_tsm_mode mode, struct steer_tsm_unbound *unbound)
{
	struct steer_tsm_policy p;
	struct steer_tsm *t;

	fake_policy(&p, mode, role);
	p.host_admin = true;
	t = fake_open(&p, unbound);
	assert_non_null(t);
	return t;
}

static void
nothing_is_left(void)
{
	assert_false(fake_tsm.opened);
	assert_false(fake_tsm.bound);
	assert_false(fake_tsm.dma);
	assert_int_equal(fake_tsm.tdi, TSM_TDI_UNLOCKED);
}

static void
an_honest_attach_works(enum steer_tsm_role role, enum steer_tsm_mode mode)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm *t;

	fake_tsm_reset();
	t = open_as(role, mode, &unbound);
	assert_int_equal(attach(t, unbound, &running), 0);
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	steer_tsm_close(t);
	nothing_is_left();
}

static void
check_refused(struct steer_tsm *t, const struct failure *f, const char *call)
{
	struct steer_tsm_verdict v;

	steer_tsm_verdict_get(t, &v);
	if (v.code != expected(call, f))
		fail_msg("%s with errno %d residue %u code %d after %s: %s, expected %s", call,
			 -f->r.err, f->r.residue, (int)f->r.tsm_code, fake_tsm.calls,
			 steer_tsm_code_name(v.code), steer_tsm_code_name(expected(call, f)));
	assert_int_equal(v.summary, STEER_TSM_REFUSED);
	assert_int_equal(steer_tsm_state(t),
			 quarantines(call, f) ? STEER_TSM_UNKNOWN : STEER_TSM_UNBOUND);
	assert_int_equal(fake_tsm.changes_after_failure, 0);
	assert_memory_equal(steer_tsm_error(t), "nic0: tsm: ", 11);
	assert_null(strchr(steer_tsm_error(t), '\n'));
	assert_non_null(strstr(steer_tsm_error(t), "; "));
	/* The channels are those of the request that failed, or of the way back's last. */
	if (quarantines(call, f)) {
		assert_int_equal(v.last_errno, -f->r.err);
		assert_int_equal(v.last_residue, f->r.residue);
		assert_true(v.last_tsm_code == f->r.tsm_code);
	}
}

/* @return whether the n-th request was reached. */
static bool
fail_at(enum steer_tsm_role role, enum steer_tsm_mode mode, const struct failure *f, unsigned int n)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm *t;
	char call[16];
	int rc;

	fake_tsm_reset();
	fake_tsm.fail_nth = n;
	fake_tsm.fail = f->r;
	fake_tsm.fail_after_commit = f->commit;
	fake_tsm.says = n % 2;
	t = open_as(role, mode, &unbound);
	rc = attach(t, unbound, &running);
	if (fake_tsm.fail_nth > 0) {
		assert_int_equal(rc, 0);
		steer_tsm_close(t);
		return false;
	}
	failed_call(call, sizeof(call));
	if (is_second_regenerate(f) || expected(call, f) == STEER_TSM_OK) {
		assert_int_equal(rc, 0);
	} else {
		assert_int_equal(rc, -EACCES);
		assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
		check_refused(t, f, call);
	}
	steer_tsm_close(t);
	nothing_is_left();
	return true;
}

static void
each_request_fails_in_each_way(void **state)
{
	unsigned int n, nb = 0;

	for (size_t r = 0; r < sizeof(roles) / sizeof(roles[0]); r++) {
		for (size_t f = 0; f < FAILURES; f++) {
			for (n = 1; fail_at(roles[r], STEER_TSM_REQUIRE, &failures[f], n); n++)
				nb++;
			for (n = 1; fail_at(roles[r], STEER_TSM_PREFER, &failures[f], n); n++)
				nb++;
			an_honest_attach_works(roles[r], STEER_TSM_REQUIRE);
		}
	}
	/* Requests of an attach: host 2, vmm 14, guest 18, user 20. */
	assert_int_equal(nb, 2 * FAILURES * (2 + 14 + 18 + 20));
}

/* The way back goes on when a part of it fails, and is not hidden. */
static void
the_way_back_fails_too(void **state)
{
	static const char *const calls[] = {
		"unlock! unbind close ",
		"unlock state! unbind close ",
		"unlock state unbind! close ",
	};
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_verdict v;
	struct steer_tsm *t;

	for (unsigned int i = 0; i < 3; i++) {
		fake_tsm_reset();
		fake_judge.code = STEER_TSM_SIGNATURE;
		t = open_as(STEER_TSM_ROLE_USER, STEER_TSM_REQUIRE, &unbound);
		fake_tsm.fail_nth = 16 + i; /* 15 requests up to the judge */
		fake_tsm.fail.err = -EIO;
		fake_tsm.says = true;
		assert_int_equal(attach(t, unbound, &running), -EACCES);
		assert_int_equal(steer_tsm_state(t), STEER_TSM_UNKNOWN);
		steer_tsm_verdict_get(t, &v);
		assert_int_equal(v.code, STEER_TSM_SIGNATURE);
		assert_string_equal(
			steer_tsm_error(t),
			"nic0: tsm: verify: SIGNATURE: made-up judgement; do not use this "
			"device: somebody else answers for it");
		assert_non_null(strstr(fake_log, "4 nic0: tsm: "));
		steer_tsm_close(t);
		assert_non_null(strstr(fake_tsm.calls, calls[i]));
	}
}

static void
close_goes_on_when_a_part_fails(void **state)
{
	static const char *const parts[] = {"dma-off!", "unlock!", "unbind!"};
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm *t;

	fake_tsm.fail_op[FAKE_DMA_OFF].err = -EIO;
	fake_tsm.fail_op[FAKE_UNLOCK].tsm_code = 9;
	fake_tsm.fail_op[FAKE_UNBIND].err = -EIO;
	t = open_as(STEER_TSM_ROLE_USER, STEER_TSM_REQUIRE, &unbound);
	assert_int_equal(attach(t, unbound, &running), 0);
	fake_tsm.fail_op_on[FAKE_DMA_OFF] = true;
	fake_tsm.fail_op_on[FAKE_UNLOCK] = true;
	fake_tsm.fail_op_on[FAKE_UNBIND] = true;
	steer_tsm_close(t);
	for (unsigned int i = 0; i < 3; i++)
		assert_non_null(strstr(fake_tsm.calls, parts[i]));
	assert_false(fake_tsm.opened);
	assert_non_null(strstr(fake_log, "close: unbind fails: "));
}

/* After a change that failed, all that may have been done is undone at the close. */
static void
an_error_after_the_commit_is_undone_at_close(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm *t = open_as(STEER_TSM_ROLE_USER, STEER_TSM_REQUIRE, &unbound);

	fake_tsm.fail_op_on[FAKE_LOCK] = true;
	fake_tsm.fail_op[FAKE_LOCK].err = -EFAULT;
	fake_tsm.fail_after_commit = true;
	assert_int_equal(attach(t, unbound, &running), -EACCES);
	assert_string_equal(fake_tsm.calls, "connect bind lock! ");
	assert_string_equal(steer_tsm_error(t),
			    "nic0: tsm: lock: lock: Bad address; whether it was done is unknown: "
			    "reset the device before it is used again");
	assert_int_equal(fake_tsm.tdi, TSM_TDI_LOCKED);
	steer_tsm_close(t);
	assert_string_equal(fake_tsm.calls, "connect bind lock! unlock state unbind close ");
	nothing_is_left();
}

static void
a_state_that_is_not_the_expected_one(void **state)
{
	static const enum tsm_tdi lies[] = {TSM_TDI_UNLOCKED, TSM_TDI_RUN, TSM_TDI_ERROR,
					    TSM_TDI_UNKNOWN};
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_verdict v;
	struct steer_tsm *t;

	for (unsigned int i = 0; i < 4; i++) {
		fake_tsm_reset();
		fake_tsm.lie = lies[i];
		t = open_as(STEER_TSM_ROLE_USER, STEER_TSM_PREFER, &unbound);
		assert_int_equal(attach(t, unbound, &running), -EACCES);
		assert_int_equal(steer_tsm_state(t),
				 lies[i] == TSM_TDI_ERROR ? STEER_TSM_ERROR : STEER_TSM_UNKNOWN);
		steer_tsm_verdict_get(t, &v);
		assert_int_equal(v.code, STEER_TSM_STATE_UNKNOWN);
		assert_string_equal(fake_tsm.calls, "connect bind lock state ");
		fake_tsm.lie = -1;
		steer_tsm_close(t);
		nothing_is_left();
	}
}

static void
open_fails_without_memory(void **state)
{
	struct steer_tsm_policy p;
	struct steer_tsm_args a = {.name = "nic0", .policy = &p};
	struct steer_tsm_unbound unbound;
	struct steer_tsm *t;

	fake_policy(&p, STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER);
	for (unsigned int n = 1; n <= 2; n++) {
		calloc_fails = n;
		assert_int_equal(steer_tsm_open(&a, &unbound, &t), -ENOMEM);
		assert_int_equal(calloc_fails, 0);
		assert_null(t);
	}
}

static void
a_nonce_is_whole_or_none(void **state)
{
	static const uint8_t zero[STEER_TSM_NONCE_MIN];
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_verdict v;
	struct steer_tsm *t = open_as(STEER_TSM_ROLE_USER, STEER_TSM_REQUIRE, &unbound);

	random_errno = EINTR;
	random_short = true;
	assert_int_equal(attach(t, unbound, &running), 0);
	assert_memory_not_equal(fake_tsm.nonce + 27, zero, 5);
	steer_tsm_close(t);
	random_errno = ENOSYS;
	t = open_as(STEER_TSM_ROLE_USER, STEER_TSM_REQUIRE, &unbound);
	assert_int_equal(attach(t, unbound, &running), -EACCES);
	steer_tsm_verdict_get(t, &v);
	assert_int_equal(v.code, STEER_TSM_EVIDENCE_MISSING);
	assert_string_equal(
		v.why, "verify: no random bytes for a nonce: Function not implemented; without "
		       "it nothing is verified: use a TSM that gives it");
	steer_tsm_close(t);
	nothing_is_left();
}

static void
objects_are_neither_empty_nor_endless(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_verdict v;
	struct steer_tsm *t;

	fake_tsm.object_len = 0;
	t = open_as(STEER_TSM_ROLE_USER, STEER_TSM_REQUIRE, &unbound);
	assert_int_equal(attach(t, unbound, &running), -EACCES);
	steer_tsm_verdict_get(t, &v);
	assert_int_equal(v.code, STEER_TSM_EVIDENCE_MISSING);
	steer_tsm_close(t);
	fake_tsm.object_len = STEER_TSM_OBJECT_MAX + 1;
	t = open_as(STEER_TSM_ROLE_USER, STEER_TSM_REQUIRE, &unbound);
	assert_int_equal(attach(t, unbound, &running), -EACCES);
	steer_tsm_verdict_get(t, &v);
	assert_int_equal(v.code, STEER_TSM_MALFORMED);
	steer_tsm_close(t);
	assert_int_equal(fake_judge.calls, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_request_fails_in_each_way, fresh),
		cmocka_unit_test_setup(the_way_back_fails_too, fresh),
		cmocka_unit_test_setup(close_goes_on_when_a_part_fails, fresh),
		cmocka_unit_test_setup(an_error_after_the_commit_is_undone_at_close, fresh),
		cmocka_unit_test_setup(a_state_that_is_not_the_expected_one, fresh),
		cmocka_unit_test_setup(open_fails_without_memory, fresh),
		cmocka_unit_test_setup(a_nonce_is_whole_or_none, fresh),
		cmocka_unit_test_setup(objects_are_neither_empty_nor_endless, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
