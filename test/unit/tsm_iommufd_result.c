/* SPDX-License-Identifier: BSD-3-Clause */

/* The three channels of a result, apart; and objects whose lengths do not fit. */

#include "tsm_iommufd_fixture.h"

static void
start(const char *name)
{
	ix_init(ix_case(name));
	assert_int_equal(ix_open(), 0);
}

/* n: requests that the vdevice has had before. */
static struct tsm_result
odd(const char *name, enum ix_step step, unsigned int n, int residue, uint64_t code)
{
	struct tsm_result r;

	start(name);
	ix_good(IX_LOOK, (enum ix_step)(step - 1));
	fi.odd_at = fi.requests + n;
	fi.residue = residue;
	fi.tsm_code = code;
	r = ix_step(step);
	fi.odd_at = 0;
	ix.t.ops->close(&ix.t);
	assert_null(fi_left());
	return r;
}

static const enum ix_step requests[] = {IX_MEASURE,      IX_REPORT,      IX_VCA,      IX_CHAIN,
					IX_MEASUREMENTS, IX_REPORT_READ, IX_VALIDATE, IX_RUN};
static const char *const cca[] = {"v5", "v5-june", "v7-int"};

/* Every CCA payload has one size: a byte that is left over means another struct than ours. */
static void
a_residue_is_no_success(void **state)
{
	static const int left[] = {1, 4, 24};
	unsigned int i, k, n;

	for (k = 0; k < 3; k++)
		for (i = 0; i < 8; i++)
			for (n = 0; n < 3; n++) {
				struct tsm_result r = odd(cca[k], requests[i], 1, left[n], 0);

				assert_int_equal(r.err, -EPROTO);
				assert_int_equal(r.residue, left[n]);
				assert_false(r.not_sent);
			}
}

/* The second request of these: bytes of an object, the other range. */
static void
a_residue_of_the_second_request_is_seen(void **state)
{
	static const enum ix_step two[] = {IX_VCA, IX_CHAIN, IX_VALIDATE};
	unsigned int i, k;

	for (k = 0; k < 3; k++)
		for (i = 0; i < 3; i++)
			assert_int_equal(odd(cca[k], two[i], 2, 2, 0).err, -EPROTO);
}

static void
a_residue_beyond_the_room_is_no_success(void **state)
{
	assert_int_equal(odd("v5-june-sev", IX_RUN, 1, 4097, 0).err, -EPROTO);
	assert_int_equal(odd("v5-june-sev", IX_VCA, 1, 4097, 0).err, -EPROTO);
	assert_int_equal(odd("v7-int-tdx", IX_LOCK, 1, 0x7fffffff, 0).err, -EPROTO);
	/* Within it the VMM judges: this response has 9 bytes, where it knows 8. */
	assert_int_equal(odd("v5-june-sev", IX_RUN, 1, 4087, 0).err, -EBADMSG);
}

static void
a_code_of_the_tsm_is_passed_on(void **state)
{
	static const char *const names[] = {"v5-june", "v7-int", "v5-june-sev", "v7-int-tdx"};
	unsigned int i, k;

	for (k = 0; k < 4; k++)
		for (i = 0; i < 8; i++) {
			struct tsm_result r;

			if (k >= 2 && requests[i] == IX_VALIDATE)
				continue; /* they have no ranges here */
			r = odd(names[k], requests[i], 1, 0, UINT64_C(0x8000000000000105));
			assert_int_equal(r.err, 0);
			assert_true(r.tsm_code == UINT64_C(0x8000000000000105));
			assert_false(r.not_sent);
		}
}

/* With an errno as well, each is what it was. */
static void
an_errno_and_a_code_stay_apart(void **state)
{
	struct tsm_result r;

	start("v7-int");
	ix_good(IX_LOOK, IX_VALIDATE);
	fi.odd_at = fi.requests + 1;
	fi.tsm_code = 7;
	fi.fail_at = 1;
	fi.fail_errno = EFAULT;
	fi.fail_after = true;
	r = ix_step(IX_RUN);
	assert_int_equal(r.err, -EFAULT);
	assert_int_equal(r.tsm_code, 7);
	assert_int_equal(r.residue, 0);
	ix_close();
}

/* The form of v5 has no code: none is made up from what is behind it. */
static void
v5_has_no_code(void **state)
{
	struct tsm_result r = odd("v5", IX_RUN, 1, 0, 99);

	assert_int_equal(r.err, 0);
	assert_int_equal(r.tsm_code, 0);
}

static struct tsm_result
sized(const char *name, enum tsm_object o, uint32_t size, unsigned int *calls)
{
	struct tsm_result r;

	start(name);
	ix_good(IX_LOOK, IX_REPORT);
	fi.object_size[o] = size;
	*calls = fi.nr_calls;
	r = ix_step((enum ix_step)(IX_VCA + o));
	*calls = fi.nr_calls - *calls;
	ix.t.ops->close(&ix.t);
	assert_null(fi_left());
	return r;
}

static void
objects_have_a_size(void **state)
{
	static const char *const names[] = {"v5", "v5-june", "v5-june-sev", "v7-int", "v7-int-tdx"};
	unsigned int i, o, calls;

	for (i = 0; i < 5; i++)
		for (o = 0; o < 4; o++) {
			assert_int_equal(sized(names[i], o, 0, &calls).err, -ENODATA);
			assert_int_equal(calls, 1);
			assert_int_equal(sized(names[i], o, (16u << 20) + 1, &calls).err, -EFBIG);
			assert_int_equal(calls, 1);
			assert_int_equal(sized(names[i], o, UINT32_MAX, &calls).err, -EFBIG);
			assert_int_equal(calls, 1);
			assert_int_equal(sized(names[i], o, 1, &calls).err, 0);
			assert_int_equal(calls, 2);
		}
}

static void
the_largest_object_is_read(void **state)
{
	unsigned int calls;

	assert_int_equal(sized("v7-int", TSM_OBJECT_CHAIN, 16u << 20, &calls).err, 0);
	assert_int_equal(sized("v5-june-sev", TSM_OBJECT_CHAIN, 16u << 20, &calls).err, 0);
}

static void
an_object_that_shrinks_is_refused(void **state)
{
	static const char *const names[] = {"v5", "v5-june", "v5-june-sev", "v7-int", "v7-int-tdx"};
	unsigned int i;

	for (i = 0; i < 5; i++) {
		start(names[i]);
		ix_good(IX_LOOK, IX_REPORT);
		fi.object_shrinks = true;
		assert_int_equal(ix_step(IX_CHAIN).err, -EPROTO);
		ix_close();
	}
}

static void
a_nonce_has_32_bytes(void **state)
{
	static const size_t bad[] = {0, 1, 31, 33, 64, 256};
	static const uint8_t nonce[256] = {1};
	unsigned int i, k, calls;
	struct tsm_result r;

	for (k = 0; k < 3; k++) {
		start(cca[k]);
		ix_good(IX_LOOK, IX_LOCK);
		calls = fi.nr_calls;
		for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			r = ix.t.ops->regenerate(&ix.t, TSM_OBJECT_MEASUREMENTS, nonce, bad[i]);
			assert_int_equal(r.err, -EINVAL);
			assert_true(r.not_sent);
		}
		r = ix.t.ops->regenerate(&ix.t, TSM_OBJECT_MEASUREMENTS, NULL, 32);
		assert_int_equal(r.err, -EINVAL);
		assert_true(r.not_sent);
		/* Nothing else can be made anew. */
		r = ix.t.ops->regenerate(&ix.t, TSM_OBJECT_VCA, NULL, 0);
		assert_int_equal(r.err, -EOPNOTSUPP);
		assert_true(r.not_sent);
		r = ix.t.ops->regenerate(&ix.t, TSM_OBJECT_CHAIN, nonce, 32);
		assert_int_equal(r.err, -EOPNOTSUPP);
		assert_true(r.not_sent);
		assert_int_equal(fi.nr_calls, calls);
		ix_close();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_residue_is_no_success),
		cmocka_unit_test(a_residue_of_the_second_request_is_seen),
		cmocka_unit_test(a_residue_beyond_the_room_is_no_success),
		cmocka_unit_test(a_code_of_the_tsm_is_passed_on),
		cmocka_unit_test(an_errno_and_a_code_stay_apart),
		cmocka_unit_test(v5_has_no_code),
		cmocka_unit_test(objects_have_a_size),
		cmocka_unit_test(the_largest_object_is_read),
		cmocka_unit_test(an_object_that_shrinks_is_refused),
		cmocka_unit_test(a_nonce_has_32_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
