/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Random calls with random tokens, some requests failing in some way, against a model. After each
 * call: the result, the state and the requests are the model's; DMA is allowed in RUN only;
 * attested is said only of what is verified or runs. After close nothing is left, unless undoing it
 * was what failed.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tsm_model.h"

#define RUNS      400u   /* attaches per role and mode */
#define LONG_RUNS 20000u /* with STEER_LONG in the environment */
#define STEPS     40u

struct tokens {
	struct steer_tsm_unbound unbound;
	struct steer_tsm_connected connected;
	struct steer_tsm_bound bound;
	struct steer_tsm_armed armed;
	struct steer_tsm_locked locked;
	struct steer_tsm_verified verified;
	struct steer_tsm_running running;
};

struct run {
	uint64_t seed;
	struct steer_tsm *t;
	struct model m;
	struct tokens now, old;
	bool armed_since; /* bound was used by arm: it is not good any more */
	unsigned int allowed, attested, refused;
};

static unsigned int
roll(struct run *r, unsigned int n)
{
	r->seed = r->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)(r->seed >> 33) % n;
}

static void
script(struct run *r)
{
	static const struct tsm_result fails[] = {
		{.err = -EIO},  {.err = -ETIMEDOUT}, {.tsm_code = 3},
		{.residue = 1}, {.err = -ENODATA},   {.err = -EOPNOTSUPP, .not_sent = true},
	};
	bool again = fake_tsm.fail_nth == 0 && roll(r, 6) == 0;

	if (again) {
		fake_tsm.fail_nth = r->m.fail_nth = 1 + roll(r, 18);
		fake_tsm.fail = r->m.fail = fails[roll(r, 6)];
		fake_tsm.fail_after_commit = r->m.commit = roll(r, 2);
	}
	fake_judge.code = r->m.judge = roll(r, 8) == 0 ? STEER_TSM_SIGNATURE : STEER_TSM_OK;
}

/* The device by itself: to ERROR, unlocked by somebody, or another report. */
static void
event(struct run *r)
{
	switch (roll(r, 3)) {
	case 0: fake_tsm.tdi = r->m.tdi = TSM_TDI_ERROR; break;
	case 1: fake_tsm.tdi = r->m.tdi = TSM_TDI_UNLOCKED; break;
	default: fake_tsm.object_byte = ++r->m.byte; break;
	}
}

static int
library_step(struct run *r, enum model_step step, struct tokens *with, bool bad_device)
{
	struct steer_tsm_device d = fake_device;
	struct tokens out;
	int rc;

	d.nb_bars = bad_device ? 0 : d.nb_bars;
	memset(&out, 0xff, sizeof(out));
	switch (step) {
	case MODEL_CONNECT: rc = steer_tsm_connect(with->unbound, &out.connected); break;
	case MODEL_BIND: rc = steer_tsm_bind(with->connected, &out.bound); break;
	case MODEL_ARM: rc = steer_tsm_arm(with->bound, &d, &out.armed); break;
	case MODEL_LOCK: rc = steer_tsm_lock(with->armed, &out.locked); break;
	case MODEL_VERIFY: rc = steer_tsm_verify(with->locked, &out.verified); break;
	default: rc = steer_tsm_run(with->verified, &out.running); break;
	}
	if (rc != 0)
		return rc;
	switch (step) {
	case MODEL_CONNECT: r->now.connected = out.connected; break;
	case MODEL_BIND: r->now.bound = out.bound; break;
	case MODEL_ARM: r->now.armed = out.armed; break;
	case MODEL_LOCK: r->now.locked = out.locked; break;
	case MODEL_VERIFY: r->now.verified = out.verified; break;
	default: r->now.running = out.running; break;
	}
	return 0;
}

static void
step(struct run *r)
{
	/* Mostly the one that leads on. */
	enum model_step s = r->m.next >= 0 && r->m.next < MODEL_STEPS && roll(r, 4) != 0
				    ? (enum model_step)r->m.next
				    : (enum model_step)roll(r, MODEL_STEPS);
	bool good = roll(r, 8) != 0, bad_device = roll(r, 16) == 0;
	struct tokens *with = good ? &r->now : &r->old;
	struct tokens before = r->now;
	int want = model_step(&r->m, s, good, bad_device),
	    is = library_step(r, s, with, bad_device);

	if (is != want)
		fail_msg("step %d: %d, the model has %d after %s", s, is, want, fake_tsm.calls);
	if (is == 0)
		r->old = before;
}

static void
dma(struct run *r)
{
	bool good = roll(r, 4) != 0;
	int want = model_dma_allowed(&r->m, good);
	int is = steer_tsm_dma_allowed(good ? r->now.running : r->old.running);

	assert_int_equal(is, want);
	if (is == 0) {
		r->allowed++;
		assert_true(steer_tsm_state(r->t) == STEER_TSM_RUN || r->m.plain);
	}
}

static void
unlock(struct run *r)
{
	struct steer_tsm_bound bound;
	int want = model_unlock(&r->m), is = steer_tsm_unlock(r->t, &bound);

	assert_int_equal(is, want);
	if (is == 0) {
		r->old = r->now;
		r->now.bound = bound;
	}
}

static void
check(struct run *r)
{
	struct steer_tsm_verdict v;

	if (strcmp(fake_tsm.calls, r->m.calls) != 0)
		fail_msg("requests\n%s\nthe model has\n%s", fake_tsm.calls, r->m.calls);
	if (steer_tsm_state(r->t) != r->m.state)
		fail_msg("state %s, the model has %s after %s",
			 steer_tsm_state_name(steer_tsm_state(r->t)),
			 steer_tsm_state_name(r->m.state), fake_tsm.calls);
	assert_int_equal(fake_tsm.tdi, r->m.tdi);
	assert_int_equal(fake_tsm.bound, r->m.attached);
	steer_tsm_verdict_get(r->t, &v);
	assert_int_equal(v.state, r->m.state);
	if (v.summary == STEER_TSM_ATTESTED || v.summary == STEER_TSM_CONNECTED_ONLY) {
		assert_true(r->m.state == STEER_TSM_VERIFIED || r->m.state == STEER_TSM_RUN);
		assert_int_equal(v.code, STEER_TSM_OK);
		r->attested++;
	} else {
		assert_int_not_equal(v.code, STEER_TSM_OK);
		r->refused++;
	}
	assert_null(strchr(steer_tsm_error(r->t), '\n'));
}

static void
one_run(struct run *r, enum steer_tsm_role role, enum steer_tsm_mode mode)
{
	struct steer_tsm_policy p;

	fake_tsm_reset();
	fake_policy(&p, mode, role);
	p.host_admin = mode == STEER_TSM_REQUIRE;
	model_new(&r->m, role, mode);
	memset(&r->now, 0, sizeof(r->now));
	memset(&r->old, 0, sizeof(r->old));
	r->t = fake_open(&p, &r->now.unbound);
	assert_non_null(r->t);
	for (unsigned int i = 0; i < STEPS; i++) {
		script(r);
		switch (roll(r, 16)) {
		case 0: unlock(r); break;
		case 1:
		case 2: assert_int_equal(steer_tsm_watch(r->t), model_watch(&r->m)); break;
		case 3:
		case 4: dma(r); break;
		case 5:
			if (roll(r, 4) == 0)
				event(r);
			break;
		default: step(r); break;
		}
		check(r);
	}
	model_close(&r->m);
	steer_tsm_close(r->t);
	assert_string_equal(fake_tsm.calls, r->m.calls);
	assert_false(fake_tsm.opened);
	if (!r->m.undo_failed) {
		assert_false(fake_tsm.bound || fake_tsm.dma);
		assert_int_not_equal(fake_tsm.tdi, TSM_TDI_LOCKED);
		assert_int_not_equal(fake_tsm.tdi, TSM_TDI_RUN);
	}
}

static void
as_the_model_has_it(void **state)
{
	static const enum steer_tsm_role roles[] = {STEER_TSM_ROLE_HOST, STEER_TSM_ROLE_VMM,
						    STEER_TSM_ROLE_GUEST, STEER_TSM_ROLE_USER};
	unsigned int runs = getenv("STEER_LONG") != NULL ? LONG_RUNS : RUNS;
	struct run r = {0};

	for (unsigned int i = 0; i < 8; i++) {
		r.allowed = r.attested = r.refused = 0;
		for (unsigned int n = 0; n < runs; n++) {
			r.seed = UINT64_C(1000003) * n + i;
			one_run(&r, roles[i / 2], i % 2 ? STEER_TSM_PREFER : STEER_TSM_REQUIRE);
		}
		/* The runs have been where they should say something. */
		assert_true(r.allowed > runs / 20);
		assert_true(r.attested > runs && r.refused > runs);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_model_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
