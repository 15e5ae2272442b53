/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Whatever one call of the kernel answers, and whether or not it was done: the step says so,
 * nothing that changes the state is sent twice, the way back is in order, and no object is left.
 */

#include "tsm_iommufd_fixture.h"

static const int errnos[] = {EIO,    EBUSY, EFAULT, EINTR,  ENOMEM, EINVAL,
			     ENOENT, ENXIO, ENODEV, ENOTTY, E2BIG};

/* How many requests say this to the TSM: TSM_OP of a type, or SET_TDI_STATE to a state. */
static unsigned int
count_op(uint32_t type)
{
	unsigned int i, n = 0;

	for (i = 0; i < fi.nr_calls; i++)
		n += fi.calls[i].request == 0x3b95 && fi_u32(fi.calls[i].arg + 4) == type;
	return n;
}

static unsigned int
count_state(const struct ix_case *c, uint8_t state)
{
	unsigned int i, n = 0;

	for (i = 0; i < fi.nr_calls; i++) {
		const struct fi_call *k = &fi.calls[i];

		if (k->request != 0x3b96)
			continue;
		if (c->arch != STEER_TSM_ARCH_CCA)
			n += k->req_len == 4 && k->req[1] == 4 && k->req[2] == state;
		else if (c->kernel == FI_V5)
			n += k->req_len == 8 && k->req[0] == 6 && k->req[4] == state;
		else
			n += k->req_len == 4 && fi_u32(k->arg + 20) == 0 && k->req[0] == state;
	}
	return n;
}

static void
nothing_twice(const struct ix_case *c)
{
	assert_true(count_op(1) <= 1);
	assert_true(count_op(2) <= 1);
	assert_true(count_state(c, 1) <= 1);
	assert_true(count_state(c, 2) <= 1);
	assert_true(count_state(c, 0) <= 1);
	assert_true(fi.nr_locks <= 1);
}

/* As the machine goes back from a step: DMA off, unlock, unbind, each once. */
static void
back_from(enum ix_step s, struct tsm_result r)
{
	if (s >= IX_DMA_ON && s < IX_DMA_OFF)
		(void)ix_step(IX_DMA_OFF);
	if (s >= IX_LOCK && s < IX_UNLOCK && !(s == IX_LOCK && r.not_sent))
		(void)ix_step(IX_UNLOCK);
	if (s >= IX_BIND && s < IX_UNBIND && !(s == IX_BIND && r.not_sent))
		(void)ix_step(IX_UNBIND);
	ix.t.ops->close(&ix.t);
}

/* @return the step that failed, IX_STEPS: none. */
static enum ix_step
run(const struct ix_case *c, struct tsm_result *r)
{
	int s;

	for (s = 0; s < IX_STEPS; s++) {
		if (!ix_has(c, (enum ix_step)s))
			continue;
		*r = ix_step((enum ix_step)s);
		if (r->err != 0 || r->tsm_code != 0)
			break;
	}
	if (s < IX_STEPS)
		back_from((enum ix_step)s, *r);
	else
		ix.t.ops->close(&ix.t);
	return (enum ix_step)s;
}

static void
start(const struct ix_case *c)
{
	ix_init(c);
	assert_int_equal(ix_open(), 0);
}

/* Errors that a step may swallow, and why. */
static bool
is_swallowed(const struct fi_call *failed, int err, enum ix_step s)
{
	/* The probe: something lives there. */
	if (failed == &fi.calls[0])
		return err == EINVAL || err == EOPNOTSUPP || err == ENOENT;
	/* What reads is sent again once. */
	if (err == EINTR && failed->request == 0x3b96 && s == IX_STEPS)
		return true;
	/* Of the way back: a second time through, or the kernel's own unbind. */
	return failed->request == 0x3b78 || failed->request == 0x3b80;
}

static const char *
describe(const struct ix_case *c, unsigned int n, int err, bool after)
{
	static char text[200];

	snprintf(text, sizeof(text), "%s: call %u (%lx) fails with %s %s", c->name, n,
		 n > 0 && n <= FI_CALLS ? fi.calls[n - 1].request : 0, strerror(err),
		 after ? "after it was done" : "");
	return text;
}

/* @return whether there was an n-th call to fail */
static bool
one(const struct ix_case *c, unsigned int n, int err, bool after)
{
	struct tsm_result r = {0};
	const char *left;
	enum ix_step s;

	start(c);
	fi.fail_at = n;
	fi.fail_errno = err;
	fi.fail_after = after;
	s = run(c, &r);
	if (!fi.failed)
		return false;
	nothing_twice(c);
	/* A kernel that says ENOENT of an object that is there: nobody can destroy that. */
	if (fi.calls[n - 1].request == 0x3b80 && err == ENOENT)
		return true;
	left = fi_left();
	if (left != NULL)
		fail_msg("%s: %s; log: %s", describe(c, n, err, after), left, ix.log);
	if (s == IX_STEPS && !is_swallowed(&fi.calls[n - 1], err, s))
		fail_msg("%s: no step says so", describe(c, n, err, after));
	if (s < IX_STEPS && s != IX_LOOK && r.err != -err)
		fail_msg("%s: step %u says %d", describe(c, n, err, after), s, r.err);
	if (s < IX_STEPS && s != IX_LOOK)
		assert_string_not_equal(ix.error, "");
	return true;
}

static unsigned int
calls_of(const struct ix_case *c)
{
	struct tsm_result r;

	start(c);
	assert_int_equal(run(c, &r), IX_STEPS);
	return fi.nr_calls;
}

static void
one_failure_anywhere_leaves_nothing(void **state)
{
	unsigned int i, n, e;

	for (i = 0; i < ix_nr_cases; i++)
		for (e = 0; e < sizeof(errnos) / sizeof(errnos[0]); e++) {
			for (n = 1; one(&ix_cases[i], n, errnos[e], false); n++)
				one(&ix_cases[i], n, errnos[e], true);
			/* None was left out. */
			assert_true(n > calls_of(&ix_cases[i]));
		}
}

/* Many failures at once, and then a close without one. */
static void
any_failures_leave_nothing_once_close_works(void **state)
{
	unsigned int seed;

	for (seed = 1; seed <= 50000; seed++) {
		const struct ix_case *c = &ix_cases[seed % ix_nr_cases];
		struct tsm_result r = {0};
		int s;

		start(c);
		fi.random = seed;
		for (s = 0; s < IX_STEPS && r.err == 0; s++)
			if (ix_has(c, (enum ix_step)s))
				r = ix_step((enum ix_step)s);
		s -= r.err != 0;
		if (s >= IX_LOCK && s < IX_UNLOCK && !(s == IX_LOCK && r.not_sent))
			(void)ix_step(IX_UNLOCK);
		fi.random = 0;
		fi.failed = true;
		ix.t.ops->close(&ix.t);
		if (fi_left() != NULL)
			fail_msg("seed %u: %s; log: %s", seed, fi_left(), ix.log);
		nothing_twice(c);
	}
}

/* A lock whose answer was lost was made all the same: it is told as an error, and undone. */
static void
efault_after_the_lock_is_an_error(void **state)
{
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++) {
		struct tsm_result r;

		start(&ix_cases[i]);
		ix_good(IX_LOOK, IX_BIND);
		fi.fail_at = 1;
		fi.fail_errno = EFAULT;
		fi.fail_after = true;
		r = ix_step(IX_LOCK);
		assert_int_equal(r.err, -EFAULT);
		assert_false(r.not_sent);
		assert_int_equal(fi.nr_locks, 1);
		assert_int_equal(fi.state, 1);
		back_from(IX_LOCK, r);
		assert_null(fi_left());
		nothing_twice(&ix_cases[i]);
	}
}

static void
efault_after_run_is_an_error(void **state)
{
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++) {
		struct tsm_result r;

		start(&ix_cases[i]);
		ix_good(IX_LOOK, IX_VALIDATE);
		fi.fail_at = 1;
		fi.fail_errno = EFAULT;
		fi.fail_after = true;
		r = ix_step(IX_RUN);
		assert_int_equal(r.err, -EFAULT);
		assert_false(r.not_sent);
		assert_int_equal(fi.state, 2);
		back_from(IX_RUN, r);
		assert_null(fi_left());
		nothing_twice(&ix_cases[i]);
	}
}

/* EBUSY, n times in a row, at the k-th destroy of the way back. */
static struct tsm_result
unbind_busy(const struct ix_case *c, unsigned int k, unsigned int times)
{
	start(c);
	ix_good(IX_LOOK, IX_BIND);
	fi.only = 0x3b80;
	fi.fail_at = k;
	fi.fail_times = times;
	fi.fail_errno = EBUSY;
	return ix_step(IX_UNBIND);
}

static unsigned int
destroys(const struct ix_case *c)
{
	return c->arch == STEER_TSM_ARCH_CCA ? 5 : 2;
}

static void
a_busy_object_is_destroyed_the_second_time(void **state)
{
	unsigned int i, k;

	for (i = 0; i < ix_nr_cases; i++)
		for (k = 1; k <= destroys(&ix_cases[i]); k++) {
			assert_int_equal(unbind_busy(&ix_cases[i], k, 1).err, 0);
			assert_true(fi.failed);
			assert_non_null(strstr(ix.log, "busy"));
			assert_null(fi_left());
			ix_close();
		}
}

static void
what_stays_busy_is_told_and_tried_again_by_close(void **state)
{
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++) {
		const struct ix_case *c = &ix_cases[i];

		assert_int_equal(unbind_busy(c, 1, 2 * destroys(c)).err, -EBUSY);
		assert_int_equal(fi.nr_objects, destroys(c));
		assert_non_null(strstr(ix.error, "not all is destroyed"));
		assert_non_null(strstr(ix.error, c->arch == STEER_TSM_ARCH_CCA ? "vdevice 21"
									       : "vdevice 18"));
		/* Nothing is made beside it. */
		assert_int_equal(ix_step(IX_BIND).err, -EBUSY);
		ix_close();
	}
}

static void
what_stays_busy_for_good_is_left_to_the_vmm(void **state)
{
	assert_int_equal(unbind_busy(ix_case("v5"), 1, 1000).err, -EBUSY);
	ix.t.ops->close(&ix.t);
	assert_null(ix.t.priv);
	assert_int_equal(fi.nr_objects, 5);
	assert_false(fi.attached);
	assert_string_equal(fi.wrong, "");
}

/* A vdevice that the kernel destroyed by force with the device file. */
static void
an_object_that_is_gone_is_no_failure(void **state)
{
	uint8_t destroy[8] = {8, 0, 0, 0, 0x15, 0, 0, 0};

	start(ix_case("v7-int"));
	ix_good(IX_LOOK, IX_BIND);
	assert_int_equal(fi_objects(FI_IOMMUFD, 0x80, destroy), 0);
	assert_int_equal(ix_step(IX_UNBIND).err, 0);
	ix_close();
}

/* The device is attached or bound elsewhere; the kernel's other cases of EBUSY. */
static void
busy_steps_go_back(void **state)
{
	static const struct {
		const char *name;
		unsigned long request;
		enum ix_step step;
	} busy[] = {{"v5", 0x3b77, IX_BIND},     {"v5", 0x3b95, IX_LOCK},
		    {"v7-int", 0x3b91, IX_BIND}, {"v5", 0x3b87, IX_BIND},
		    {"v7-int", 0x3b96, IX_LOCK}, {"v5-june-sev", 0x3b77, IX_BIND}};
	unsigned int i;

	for (i = 0; i < sizeof(busy) / sizeof(busy[0]); i++) {
		struct tsm_result r;

		start(ix_case(busy[i].name));
		ix_good(IX_LOOK, (enum ix_step)(busy[i].step - 1));
		fi.only = (uint32_t)busy[i].request;
		fi.fail_at = 1;
		fi.fail_errno = EBUSY;
		r = ix_step(busy[i].step);
		assert_int_equal(r.err, -EBUSY);
		back_from(busy[i].step, r);
		assert_null(fi_left());
	}
}

/* What a failed bind may have told the TSM: only v7 tells it anything before the lock. */
static void
a_failed_bind_knows_what_it_sent(void **state)
{
	unsigned int n;

	for (n = 1; n <= 7; n++) {
		struct tsm_result r;

		start(ix_case("v5"));
		ix_good(IX_LOOK, IX_CONNECT);
		fi.fail_at = n;
		fi.fail_errno = EIO;
		r = ix_step(IX_BIND);
		assert_int_equal(r.err, -EIO);
		assert_true(r.not_sent);
		assert_int_equal(fi.nr_objects, 0);
		ix_close();

		start(ix_case("v7-int"));
		ix_good(IX_LOOK, IX_CONNECT);
		fi.fail_at = n;
		fi.fail_errno = EIO;
		r = ix_step(IX_BIND);
		assert_int_equal(r.err, -EIO);
		assert_int_equal(r.not_sent, n < 6);
		assert_int_equal(fi.nr_objects, 0);
		assert_false(fi.attached);
		ix_close();
	}
}

/* 0 is no id of iommufd's, and stands for none with us. */
static void
an_id_of_zero_is_refused(void **state)
{
	unsigned int i, n;

	for (i = 0; i < ix_nr_cases; i++)
		for (n = 1; n <= destroys(&ix_cases[i]); n++) {
			start(&ix_cases[i]);
			ix_good(IX_LOOK, IX_CONNECT);
			fi.no_id_at = n;
			assert_int_equal(ix_step(IX_BIND).err, -EPROTO);
			assert_int_equal(fi.nr_objects, 0);
			ix_close();
		}
}

static void
without_memory_nothing_is_left(void **state)
{
	unsigned int i, n;

	for (i = 0; i < ix_nr_cases; i++)
		for (n = 1;; n++) {
			struct tsm_result r = {0};
			enum ix_step s;

			ix_init(&ix_cases[i]);
			ix_no_memory = n;
			if (ix_open() != 0) {
				assert_null(ix.t.priv);
				continue;
			}
			s = run(&ix_cases[i], &r);
			assert_null(fi_left());
			if (ix_no_memory != 0)
				break;
			if (s < IX_STEPS)
				assert_int_equal(r.err, -ENOMEM);
			nothing_twice(&ix_cases[i]);
		}
	ix_no_memory = 0;
}

/* The interruptible wait of the kernel's core comes before anything is done. */
static void
an_interrupted_read_is_sent_again_once(void **state)
{
	static const enum ix_step reads[] = {IX_VCA, IX_CHAIN, IX_MEASUREMENTS, IX_REPORT_READ};
	unsigned int i, n;

	for (i = 0; i < 4; i++)
		for (n = 1; n <= 2; n++) {
			start(ix_case("v7-int"));
			ix_good(IX_LOOK, IX_REPORT);
			fi.fail_at = n;
			fi.fail_errno = EINTR;
			assert_int_equal(ix_step(reads[i]).err, 0);
			assert_true(fi.failed);
			fi.counted = 0;
			fi.fail_times = 2;
			assert_int_equal(ix_step(reads[i]).err, -EINTR);
			fi.fail_at = 0;
			back_from(reads[i], (struct tsm_result){0});
			assert_null(fi_left());
		}
}

static void
an_interrupted_change_is_not_sent_again(void **state)
{
	static const enum ix_step changes[] = {IX_LOCK, IX_MEASURE, IX_REPORT, IX_VALIDATE, IX_RUN};
	unsigned int i, k;

	for (k = 0; k < ix_nr_cases; k++)
		for (i = 0; i < 5; i++) {
			struct tsm_result r;
			unsigned int before;

			if (!ix_has(&ix_cases[k], changes[i]) ||
			    (changes[i] == IX_VALIDATE && ix_cases[k].arch != STEER_TSM_ARCH_CCA))
				continue;
			start(&ix_cases[k]);
			ix_good(IX_LOOK, (enum ix_step)(changes[i] - 1));
			before = fi.nr_calls;
			fi.fail_at = 1;
			fi.fail_errno = EINTR;
			r = ix_step(changes[i]);
			assert_int_equal(r.err, -EINTR);
			assert_false(r.not_sent);
			assert_int_equal(fi.nr_calls, before + 1);
			back_from(changes[i], r);
			assert_null(fi_left());
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_failure_anywhere_leaves_nothing),
		cmocka_unit_test(any_failures_leave_nothing_once_close_works),
		cmocka_unit_test(efault_after_the_lock_is_an_error),
		cmocka_unit_test(efault_after_run_is_an_error),
		cmocka_unit_test(a_busy_object_is_destroyed_the_second_time),
		cmocka_unit_test(what_stays_busy_is_told_and_tried_again_by_close),
		cmocka_unit_test(what_stays_busy_for_good_is_left_to_the_vmm),
		cmocka_unit_test(an_object_that_is_gone_is_no_failure),
		cmocka_unit_test(busy_steps_go_back),
		cmocka_unit_test(a_failed_bind_knows_what_it_sent),
		cmocka_unit_test(an_id_of_zero_is_refused),
		cmocka_unit_test(without_memory_nothing_is_left),
		cmocka_unit_test(an_interrupted_read_is_sent_again_once),
		cmocka_unit_test(an_interrupted_change_is_not_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
