/* SPDX-License-Identifier: BSD-3-Clause */

/* What the timing source says of itself, and what it finds on this very machine. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "timing_fixture.h"

static struct steer_source *source;
static char why[STEER_SOURCE_WHY];
static char json[1 << 16];

static json_t *
describe(void)
{
	int n = source->ops->describe(source, json, sizeof(json));
	json_error_t error;
	json_t *root;

	assert_true(n > 0);
	assert_int_equal(strlen(json), n);
	root = json_loads(json, 0, &error);
	if (root == NULL)
		fail_msg("no JSON: %s in %s", error.text, json);
	return root;
}

static void
create(const char *file)
{
	fake_machine_reset(file);
	assert_int_equal(timing_create(&fake_machine.ops, NULL, &source, why, sizeof(why)), 0);
}

static const char *
note_of(const json_t *calibration)
{
	return json_string_value(json_object_get(calibration, "note"));
}

static json_int_t
row_sum(const json_t *calibration, const char *state)
{
	const json_t *row = json_object_get(json_object_get(calibration, "confusion"), state);
	json_int_t sum = 0;

	assert_int_equal(json_array_size(row), TIMING_CLASSES);
	for (size_t i = 0; i < json_array_size(row); i++)
		sum += json_integer_value(json_array_get(row, i));
	return sum;
}

/* All test loads, half of what was asked for, are in the matrix or were interrupted. */
static void
matrix_is_whole(const json_t *calibration)
{
	json_int_t sum = json_integer_value(json_object_get(calibration, "interrupted"));

	sum += row_sum(calibration, "l1") + row_sum(calibration, "l2") +
	       row_sum(calibration, "out_of_l2") + row_sum(calibration, "memory");
	assert_int_equal(sum, TIMING_STATES * STEER_TIMING_SAMPLES / 2);
}

static void
says_how_it_was_done(void **state)
{
	json_t *root;

	create("timing/quiet.txt");
	root = describe();
	assert_int_equal(json_integer_value(json_object_get(root, "every")), STEER_TIMING_EVERY);
	assert_string_equal(json_string_value(json_object_get(root, "counter")), "fake");
	assert_int_equal(json_integer_value(json_object_get(root, "hz")), 2300000000);
	assert_int_equal(json_integer_value(json_object_get(root, "step_ticks")), 2);
	assert_string_equal(json_string_value(json_object_get(root, "probe")),
			    STEER_TIMING_SEQUENCE);
	assert_non_null(strstr(json_string_value(json_object_get(root, "untested")), "llc"));
	matrix_is_whole(json_object_get(root, "start"));
	assert_string_equal(note_of(json_object_get(root, "start")), "");
	assert_int_equal(json_array_size(json_object_get(root, "threads")), 0);
	json_decref(root);
	source->ops->destroy(source);
}

static void
says_what_is_not_separable(void **state)
{
	json_t *root;

	create("timing/busy.txt");
	root = describe();
	assert_string_equal(note_of(json_object_get(root, "start")), "L1/L2 not separable here");
	json_decref(root);
	source->ops->destroy(source);
}

/* One entry per thread, for one CPU only one however often it is opened; closed ones stay. */
static void
tells_of_each_thread(void **state)
{
	struct steer_source_thread *t[2];
	const uint64_t packets[] = {64};
	const json_t *list, *first;
	json_t *root;

	create("timing/quiet.txt");
	for (unsigned int round = 0; round < 3; round++) {
		for (int i = 0; i < 2; i++) {
			fake_machine.cpu = 10 + i;
			assert_int_equal(
				source->ops->thread_open(source, 1, &t[i], why, sizeof(why)), 0);
			assert_int_equal(source->ops->prepare(t[i], why, sizeof(why)), 0);
			source->ops->start(t[i], 0);
			steer_timing_thread_of(t[i])->ticks[0][50] = 5;
			steer_timing_thread_of(t[i])->ticks[0][TIMING_LAST] = 1;
			source->ops->stop(t[i], 0, packets);
		}
		for (int i = 0; i < 2; i++)
			source->ops->thread_close(t[i]);
	}
	root = describe();
	list = json_object_get(root, "threads");
	assert_int_equal(json_array_size(list), 2);
	for (size_t i = 0; i < 2; i++) {
		first = json_array_get(list, i);
		assert_int_equal(json_integer_value(json_object_get(first, "calibrations")), 3);
		assert_int_equal(json_integer_value(json_object_get(first, "refused")), 0);
		assert_int_equal(json_integer_value(json_object_get(first, "samples")), 15);
		assert_int_equal(json_integer_value(json_object_get(first, "interrupted")), 3);
		matrix_is_whole(json_object_get(first, "last"));
	}
	json_decref(root);
	source->ops->destroy(source);
}

static void
thread_without_calibration_has_none(void **state)
{
	struct steer_source_thread *t;
	const json_t *entry;
	json_t *root;

	create("timing/quiet.txt");
	assert_int_equal(source->ops->thread_open(source, 1, &t, why, sizeof(why)), 0);
	memcpy(fake_machine.ticks[TIMING_FAR], fake_machine.ticks[TIMING_L1],
	       sizeof(fake_machine.ticks[0]));
	assert_int_equal(source->ops->prepare(t, why, sizeof(why)), -EAGAIN);
	root = describe();
	entry = json_array_get(json_object_get(root, "threads"), 0);
	assert_int_equal(json_integer_value(json_object_get(entry, "refused")), 1);
	assert_true(json_is_null(json_object_get(entry, "last")));
	json_decref(root);
	source->ops->thread_close(t);
	source->ops->destroy(source);
}

static void
short_buffers_are_refused(void **state)
{
	char small[256];
	int n;

	create("timing/quiet.txt");
	assert_int_equal(source->ops->describe(source, small, sizeof(small)), -ENOSPC);
	n = source->ops->describe(source, json, sizeof(json));
	assert_true(n > 0);
	assert_int_equal(source->ops->describe(source, json, (size_t)n), -ENOSPC);
	assert_int_equal(source->ops->describe(source, json, (size_t)n + 1), n);
	source->ops->destroy(source);
}

/*
 * This machine may be anything, and busy: what comes out is printed, not judged. Only what holds
 * for any outcome is asked: a refusal has a reason, and a calibration its loads.
 */
static void
this_machine(void **state)
{
	int rc = steer_timing_create(NULL, &source, why, sizeof(why));
	json_t *root;

	if (rc != 0) {
		printf("no timing source here: %s\n", why);
		assert_true(rc == -EAGAIN || rc == -ENOTSUP);
		assert_true(why[0] != '\0');
		return;
	}
	root = describe();
	printf("%s\n", json);
	matrix_is_whole(json_object_get(root, "start"));
	json_decref(root);
	source->ops->destroy(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_how_it_was_done),
		cmocka_unit_test(says_what_is_not_separable),
		cmocka_unit_test(tells_of_each_thread),
		cmocka_unit_test(thread_without_calibration_has_none),
		cmocka_unit_test(short_buffers_are_refused),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
