/* SPDX-License-Identifier: BSD-3-Clause */

/* Losing RUN while attached, and threads that look at an attach from the side. */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_tsm.h"

static struct steer_tsm_running running;

static int
fresh(void **state)
{
	fake_tsm_reset();
	return 0;
}

static struct steer_tsm *
attach(enum steer_tsm_mode mode, enum steer_tsm_role role, bool host_admin)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_policy p;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	fake_policy(&p, mode, role);
	p.host_admin = host_admin;
	t = fake_open(&p, &unbound);
	assert_non_null(t);
	assert_int_equal(steer_tsm_watch(t), 0);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), 0);
	assert_int_equal(steer_tsm_watch(t), 0);
	return t;
}

static void
assert_verdict(struct steer_tsm *t, enum steer_tsm_summary summary, enum steer_tsm_code code,
	       const char *text)
{
	struct steer_tsm_verdict v;

	steer_tsm_verdict_get(t, &v);
	assert_int_equal(v.summary, summary);
	assert_string_equal(steer_tsm_code_name(v.code), steer_tsm_code_name(code));
	if (strstr(v.why, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, v.why);
}

static void
a_device_that_leaves_run_is_lost(void **state)
{
	static const struct {
		enum tsm_tdi tdi;
		enum steer_tsm_state state;
		const char *text;
	} rows[] = {
		{TSM_TDI_ERROR, STEER_TSM_ERROR, "watch: the interface is in ERROR while attached"},
		{TSM_TDI_UNLOCKED, STEER_TSM_UNKNOWN, "the interface is unlocked while attached"},
		{TSM_TDI_LOCKED, STEER_TSM_UNKNOWN, "the interface is locked while attached"},
	};
	struct steer_tsm_bound bound;
	struct steer_tsm *t;

	for (size_t i = 0; i < 6; i++) {
		t = attach(i % 2 ? STEER_TSM_PREFER : STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER,
			   false);
		assert_int_equal(steer_tsm_dma_allowed(running), 0);
		fake_tsm.tdi = rows[i / 2].tdi;
		assert_int_equal(steer_tsm_watch(t), -ENOLINK);
		assert_int_equal(steer_tsm_state(t), rows[i / 2].state);
		assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_STATE_LOST, rows[i / 2].text);
		/* It stays lost, whatever the device says later. */
		fake_tsm.tdi = TSM_TDI_RUN;
		assert_int_equal(steer_tsm_watch(t), -ENOLINK);
		assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
		assert_int_equal(steer_tsm_unlock(t, &bound), -EIO);
		steer_tsm_close(t);
		assert_false(fake_tsm.bound);
	}
}

static void
a_device_that_does_not_answer_is_lost(void **state)
{
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, false);

	fake_tsm.fail_op_on[FAKE_STATE] = true;
	fake_tsm.fail_op[FAKE_STATE].err = -ETIMEDOUT;
	assert_int_equal(steer_tsm_watch(t), -ENOLINK);
	assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_STATE_LOST, "Connection timed out");
	assert_non_null(strstr(fake_log, "3 nic0: tsm: watch: state while attached: "));
	steer_tsm_close(t);
}

/* The first mapping finds what was wrong from the start, a later one what was lost. */
static void
dma_is_allowed_in_run_only(void **state)
{
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, false);

	fake_tsm.tdi = TSM_TDI_LOCKED;
	assert_int_equal(steer_tsm_dma_allowed(running), -EACCES);
	assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_STATE_UNKNOWN, "before DMA is mapped");
	steer_tsm_close(t);
	t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER, false);
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	fake_tsm.tdi = TSM_TDI_ERROR;
	assert_int_equal(steer_tsm_dma_allowed(running), -EACCES);
	assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_STATE_LOST, "before DMA is mapped");
	assert_int_equal(steer_tsm_state(t), STEER_TSM_ERROR);
	steer_tsm_close(t);
}

static void
a_guests_report_is_read_again_after_the_open(void **state)
{
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_GUEST, false);

	fake_tsm_forget();
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	assert_string_equal(fake_tsm.calls, "state object ");
	steer_tsm_close(t);
	t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_GUEST, false);
	fake_tsm.object_len--;
	assert_int_equal(steer_tsm_dma_allowed(running), -EACCES);
	assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_STATE_UNKNOWN, "another one");
	assert_int_equal(steer_tsm_state(t), STEER_TSM_UNKNOWN);
	steer_tsm_close(t);
}

static void
disconnect(void)
{
	fake_tsm.fail_op_on[FAKE_CONNECT] = true;
	fake_tsm.fail_op[FAKE_CONNECT].err = -ENOTCONN;
}

static void
a_host_that_disconnects_is_told_once_under_prefer(void **state)
{
	struct steer_tsm *t = attach(STEER_TSM_PREFER, STEER_TSM_ROLE_HOST, false);
	struct steer_tsm_running again;
	struct steer_tsm_bound bound;

	disconnect();
	fake_log[0] = '\0';
	assert_int_equal(steer_tsm_watch(t), 1);
	assert_string_equal(fake_log,
			    "4 nic0: tsm: watch: Transport endpoint is not connected; connect the "
			    "device to its TSM first; goes on plain (tsm=prefer)\n");
	assert_int_equal(steer_tsm_watch(t), 0);
	assert_int_equal(steer_tsm_state(t), STEER_TSM_UNBOUND);
	assert_verdict(t, STEER_TSM_PLAIN, STEER_TSM_STATE_LOST, "not connected");
	/* It never was attested: what is mapped later is as safe as what was mapped before. */
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	/* A reset looks again, and finds half a TSM. */
	assert_int_equal(steer_tsm_unlock(t, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &again), -EACCES);
	assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_NOT_CONNECTED, "; connect the device");
	steer_tsm_close(t);
}

static void
a_host_that_disconnects_is_lost_under_require(void **state)
{
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_HOST, true);

	disconnect();
	assert_int_equal(steer_tsm_watch(t), -ENOLINK);
	assert_int_equal(steer_tsm_state(t), STEER_TSM_UNKNOWN);
	assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_STATE_LOST, "not connected");
	assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
	steer_tsm_close(t);
}

static void
another_tsm_than_before_is_a_loss(void **state)
{
	struct steer_tsm *t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_HOST, true);

	strcpy(fake_tsm.name, "tsm1");
	assert_int_equal(steer_tsm_watch(t), -ENOLINK);
	assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_STATE_LOST,
		       "the TSM is 'tsm1' and should be 'tsm0'");
	steer_tsm_close(t);
	fake_tsm_reset();
	t = attach(STEER_TSM_REQUIRE, STEER_TSM_ROLE_HOST, true);
	fake_tsm.presence = TSM_ABSENT;
	assert_int_equal(steer_tsm_watch(t), -ENOLINK);
	assert_verdict(t, STEER_TSM_REFUSED, STEER_TSM_STATE_LOST, "made-up reason");
	steer_tsm_close(t);
}

/* ---- threads ---- */

static atomic_bool stop;
static atomic_uint looks;

static void *
watcher(void *arg)
{
	struct steer_tsm *t = arg;
	struct steer_tsm_verdict v;

	while (!stop) {
		steer_tsm_watch(t);
		steer_tsm_verdict_get(t, &v);
		if (steer_tsm_state(t) > STEER_TSM_ERROR || v.nb_checks > STEER_TSM_CHECKS_MAX ||
		    strlen(steer_tsm_error(t)) > 400)
			break;
		looks++;
	}
	return NULL;
}

static void
a_watch_may_run_beside_all_steps(void **state)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_policy p;
	struct steer_tsm_bound bound;
	unsigned int before;
	pthread_t thread;
	struct steer_tsm *t;

	fake_policy(&p, STEER_TSM_REQUIRE, STEER_TSM_ROLE_USER);
	t = fake_open(&p, &unbound);
	stop = false;
	looks = 0;
	assert_int_equal(pthread_create(&thread, NULL, watcher, t), 0);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), 0);
	for (unsigned int i = 0; i < 50; i++) {
		assert_int_equal(steer_tsm_attach_finish(bound, &fake_device, &running), 0);
		for (before = looks; looks < before + 2;)
			assert_int_equal(steer_tsm_dma_allowed(running), 0);
		assert_int_equal(steer_tsm_unlock(t, &bound), 0);
		fake_tsm.calls[0] = '\0';
	}
	stop = true;
	pthread_join(thread, NULL);
	steer_tsm_close(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_device_that_leaves_run_is_lost, fresh),
		cmocka_unit_test_setup(a_device_that_does_not_answer_is_lost, fresh),
		cmocka_unit_test_setup(dma_is_allowed_in_run_only, fresh),
		cmocka_unit_test_setup(a_guests_report_is_read_again_after_the_open, fresh),
		cmocka_unit_test_setup(a_host_that_disconnects_is_told_once_under_prefer, fresh),
		cmocka_unit_test_setup(a_host_that_disconnects_is_lost_under_require, fresh),
		cmocka_unit_test_setup(another_tsm_than_before_is_a_loss, fresh),
		cmocka_unit_test_setup(a_watch_may_run_beside_all_steps, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
