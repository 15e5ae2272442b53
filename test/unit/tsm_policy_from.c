/* SPDX-License-Identifier: BSD-3-Clause */

/* Policies of evidence: what is recorded, and that the evidence meets what comes out. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tsm_evid.h"
#include "tsm_proto.h"

static char err[256];

static int
make(void **state)
{
	static struct evid w;

	evid_make(&w);
	evid_vouch(&w);
	*state = &w;
	err[0] = '\0';
	return 0;
}

static int
drop(void **state)
{
	evid_free(*state);
	return 0;
}

static struct steer_tsm_policy
empty(void)
{
	struct steer_tsm_policy p;

	steer_tsm_policy_init(&p);
	p.mode = STEER_TSM_REQUIRE;
	return p;
}

static void
the_evidence_meets_what_is_made_of_it(void **state)
{
	struct evid *w = *state;
	struct steer_tsm_policy p = empty();

	assert_int_equal(steer_tsm_policy_from(&w->e, &p, err, sizeof(err)), 0);
	assert_int_equal(p.nb_roots, 1);
	assert_memory_equal(p.roots[0], w->p.roots[0], STEER_TSM_DIGEST);
	assert_int_equal(p.nb_measurements, 3);
	assert_int_equal(p.measurements[2].index, 3);
	assert_false(p.others_allowed);
	assert_string_equal(p.tsm, w->e.tsm);
	assert_int_equal(p.arch, w->e.arch);
	assert_int_equal(p.report_required, TDISP_INFO_NO_FW_UPDATE);
	assert_int_equal(p.report_forbidden,
			 TDISP_INFO_ATS | TDISP_INFO_PRS | TDISP_INFO_DMA_PASID);
	assert_int_equal(p.mode, STEER_TSM_REQUIRE);
	assert_int_equal(steer_tsm_policy_check(&p, err, sizeof(err)), 0);
	w->p = p;
	assert_int_equal(evid_judge(w), 0);
	/* And no other root or firmware does. */
	w->p.roots[0][0] ^= 1;
	assert_int_equal(evid_judge(w), -EACCES);
	assert_int_equal(w->v.code, STEER_TSM_CHAIN);
	w->p = p;
	w->p.measurements[2].digest[47] ^= 1;
	assert_int_equal(evid_judge(w), -EACCES);
	assert_int_equal(w->v.code, STEER_TSM_DIGEST_MISMATCH);
}

/* What a device has today it may have tomorrow; only what it has not is forbidden. */
static void
flags_that_are_set_are_not_forbidden(void **state)
{
	struct evid *w = *state;
	struct steer_tsm_policy p = empty();

	w->e.report.data[0] = TDISP_INFO_ATS | TDISP_INFO_DMA_NO_PASID;
	assert_int_equal(steer_tsm_policy_from(&w->e, &p, err, sizeof(err)), 0);
	assert_int_equal(p.report_required, 0);
	assert_int_equal(p.report_forbidden, TDISP_INFO_PRS | TDISP_INFO_DMA_PASID);
}

static void
what_cannot_be_parsed_changes_nothing(void **state)
{
	static const char *const what[] = {"chain: ", "measurements: ", "report: "};
	struct evid *w = *state;
	struct steer_tsm_bytes *objects[] = {&w->e.chain, &w->e.measurements, &w->e.report};
	struct steer_tsm_policy p = empty(), before = p;

	for (unsigned int i = 0; i < 3; i++) {
		size_t len = objects[i]->len;

		objects[i]->len = len / 2;
		assert_int_equal(steer_tsm_policy_from(&w->e, &p, err, sizeof(err)), -EINVAL);
		assert_memory_equal(err, what[i], strlen(what[i]));
		assert_memory_equal(&p, &before, sizeof(p));
		objects[i]->len = 0;
		assert_int_equal(steer_tsm_policy_from(&w->e, &p, err, sizeof(err)), -EINVAL);
		objects[i]->len = len;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_evidence_meets_what_is_made_of_it, make, drop),
		cmocka_unit_test_setup_teardown(flags_that_are_set_are_not_forbidden, make, drop),
		cmocka_unit_test_setup_teardown(what_cannot_be_parsed_changes_nothing, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
