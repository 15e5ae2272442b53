/* SPDX-License-Identifier: BSD-3-Clause */

/* Sweeps of dpdk-steerpmd: axes and their points, and the file that is continued. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "opts.h"
#include "sweep.h"
#include "sweep_file.h"

static char err[512];

/* Values of one axis, with commas between them. */
static const char *
values(const char *axis)
{
	static char text[2048];
	static struct sweep_axes s;
	size_t n = 0;

	s = (struct sweep_axes){0};
	err[0] = text[0] = '\0';
	if (sweep_axes_add(&s, axis, err, sizeof(err)) != 0)
		return NULL;
	for (unsigned int i = 0; i < s.axes[0].n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i == 0 ? "" : ",",
				      s.axes[0].values[i]);
	return text;
}

static void
lists_and_ranges(void **state)
{
	assert_string_equal(values("size=64,256,1500"), "64,256,1500");
	assert_string_equal(values("ring=256..4096"), "256,512,1024,2048,4096");
	assert_string_equal(values("ring=100..500"), "100,200,400");
	assert_string_equal(values("work=0..400"), "0,100,200,300,400");
	assert_string_equal(values("work=0..10"), "0,3,5,8,10");
	assert_string_equal(values("work=0..2"), "0,1,2");
	assert_string_equal(values("work=7..7"), "7");
	assert_string_equal(values("size=64..192:64"), "64,128,192");
	assert_string_equal(values("ring=64..100:20,512"), "64,84,512");
	assert_string_equal(values("touch=header,payload:600,all"), "header,payload:600,all");
}

static void
bad_axes(void **state)
{
	static const struct {
		const char *axis, *message;
	} cases[] = {
		{"ring", "--sweep: 'ring' is not AXIS=VALUES"},
		{"colour=1", "--sweep: no axis 'colour' (size, ring, rxring, queues, work, touch, "
			     "burst, window, flows, zipf, platform, rings)"},
		{"ring=", "--sweep: ring has no value"},
		{"ring=64,64", "--sweep: ring: '64' is there twice"},
		{"ring=0..8", "--sweep: ring: a range that doubles starts above 0"},
		{"ring=8..4", "--sweep: ring: a range is FROM..TO or FROM..TO:STEP, upwards"},
		{"work=1..4:0", "--sweep: work: a range is FROM..TO or FROM..TO:STEP, upwards"},
		{"work=a..b", "--sweep: work: a range is FROM..TO or FROM..TO:STEP, upwards"},
		{"work=0..1000:1", "--sweep: work has more than 64 values"},
		{"touch=a-word-that-is-much-too-long-to-be-a-value",
		 "--sweep: touch: 'a-word-that-is-much-too-long-to-be-a-value' is no value"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(values(cases[i].axis));
		assert_string_equal(err, cases[i].message);
	}
}

static void
an_axis_is_there_once(void **state)
{
	static struct sweep_axes s;

	s = (struct sweep_axes){0};
	assert_int_equal(sweep_axes_add(&s, "ring=64", err, sizeof(err)), 0);
	assert_int_equal(sweep_axes_add(&s, "ring=128", err, sizeof(err)), -EINVAL);
	assert_string_equal(err, "--sweep: ring is there twice");
	assert_int_equal(s.n, 1);
}

static void
points_turn_the_last_axis_fastest(void **state)
{
	static struct sweep_axes s;
	static struct opts o;
	char text[64];

	s = (struct sweep_axes){0};
	assert_int_equal(sweep_axes_add(&s, "ring=64,128", err, sizeof(err)), 0);
	assert_int_equal(sweep_axes_add(&s, "queues=1,2,4", err, sizeof(err)), 0);
	assert_int_equal(sweep_axes_points(&s), 6);
	assert_string_equal(sweep_axes_text(&s, 1, text, sizeof(text)), "ring=64 queues=2");
	assert_string_equal(sweep_axes_text(&s, 3, text, sizeof(text)), "ring=128 queues=1");
	assert_int_equal(sweep_axes_apply(&s, 5, &o, err, sizeof(err)), 0);
	assert_int_equal(o.nb_rxd, 128);
	assert_int_equal(o.nb_txd, 128);
	assert_int_equal(o.nb_rxq, 4);
	assert_int_equal(o.nb_txq, 4);
}

/* ---- the file ---- */

static json_t *
head_of(const char *fingerprint)
{
	return json_pack("{s:i, s:s, s:s}", "schema", 1, "kind", "sweep", "fingerprint",
			 fingerprint);
}

static json_t *
result_of(int ring)
{
	return json_pack("{s:i, s:{s:i}, s:f}", "schema", 1, "point", "ring", ring, "elapsed_s",
			 2.0);
}

static int
open_with(struct sweep_file *f, const char *path, const char *fingerprint)
{
	json_t *head = head_of(fingerprint);
	int rc = sweep_file_open(f, path, head, err, sizeof(err));

	json_decref(head);
	return rc;
}

static void
append(struct sweep_file *f, int ring)
{
	json_t *o = result_of(ring);

	assert_int_equal(sweep_file_append(f, o), 0);
	json_decref(o);
}

static bool
has(const struct sweep_file *f, int ring)
{
	json_t *point = json_pack("{s:i}", "ring", ring);
	bool yes = sweep_file_has(f, point);

	json_decref(point);
	return yes;
}

static int
path_make(void **state)
{
	char *path = strdup("steerpmd-sweep-XXXXXX");
	int fd = mkstemp(path);

	*state = path;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int
path_remove(void **state)
{
	unlink(*state);
	free(*state);
	return 0;
}

static off_t
size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void
a_killed_sweep_is_continued(void **state)
{
	const char *path = *state;
	struct sweep_file f;
	json_t *all;
	off_t good;
	FILE *half;

	assert_int_equal(open_with(&f, path, "aa"), 0);
	assert_int_equal(f.nb_points, 0);
	append(&f, 64);
	append(&f, 128);
	sweep_file_close(&f);
	good = size_of(path);
	/* the third line is cut in half */
	half = fopen(path, "a");
	fputs("{\"schema\":1,\"point\":{\"ring\":25", half);
	fclose(half);
	assert_int_equal(open_with(&f, path, "aa"), 0);
	assert_true(f.cut);
	assert_int_equal(f.nb_points, 2);
	assert_true(f.elapsed_s == 4.0);
	assert_int_equal(size_of(path), good);
	assert_true(has(&f, 64) && has(&f, 128));
	assert_false(has(&f, 256));
	append(&f, 256);
	sweep_file_close(&f);
	all = sweep_file_results(path);
	assert_int_equal(json_array_size(all), 3);
	json_decref(all);
}

/* Whole JSON, but its end did not reach the disk: it may lack anything. */
static void
a_last_line_without_its_end_is_dropped(void **state)
{
	struct sweep_file f;
	FILE *half;

	assert_int_equal(open_with(&f, *state, "aa"), 0);
	sweep_file_close(&f);
	half = fopen(*state, "a");
	fputs("{\"point\":{\"ring\":64}}", half);
	fclose(half);
	assert_int_equal(open_with(&f, *state, "aa"), 0);
	assert_true(f.cut);
	assert_false(has(&f, 64));
	sweep_file_close(&f);
}

static void
another_sweep_is_refused(void **state)
{
	struct sweep_file f;
	off_t size;

	assert_int_equal(open_with(&f, *state, "aa"), 0);
	append(&f, 64);
	sweep_file_close(&f);
	size = size_of(*state);
	assert_int_equal(open_with(&f, *state, "bb"), -EEXIST);
	assert_non_null(strstr(err, "another sweep"));
	assert_int_equal(size_of(*state), size);
}

static void
what_is_no_sweep_is_refused(void **state)
{
	static const char *const texts[] = {"hello\n", "{\"schema\":1,\"source\":\"model\"}\n",
					    "[1]\n", "\n"};
	struct sweep_file f;
	FILE *out;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		out = fopen(*state, "w");
		fputs(texts[i], out);
		fclose(out);
		assert_int_equal(open_with(&f, *state, "aa"), -EINVAL);
		assert_int_equal(size_of(*state), strlen(texts[i]));
	}
	assert_int_equal(open_with(&f, "no-such-folder/x", "aa"), -ENOENT);
}

static void
a_bad_line_in_the_middle_is_refused(void **state)
{
	struct sweep_file f;
	FILE *out;

	assert_int_equal(open_with(&f, *state, "aa"), 0);
	sweep_file_close(&f);
	out = fopen(*state, "a");
	fputs("{\"point\n{\"point\":{\"ring\":64}}\n", out);
	fclose(out);
	assert_int_equal(open_with(&f, *state, "aa"), -EINVAL);
	assert_non_null(strstr(err, "line 2 is no JSON"));
}

static void
one_writer_at_a_time(void **state)
{
	struct sweep_file f, second;

	assert_int_equal(open_with(&f, *state, "aa"), 0);
	assert_int_equal(open_with(&second, *state, "aa"), -EBUSY);
	sweep_file_close(&f);
	assert_int_equal(open_with(&second, *state, "aa"), 0);
	sweep_file_close(&second);
}

static void
fingerprint_is_of_values_not_of_order(void **state)
{
	json_t *a = json_pack("{s:i, s:i}", "x", 1, "y", 2);
	json_t *b = json_pack("{s:i, s:i}", "y", 2, "x", 1);
	json_t *c = json_pack("{s:i, s:i}", "x", 1, "y", 3);
	char fa[17], fb[17], fc[17];

	sweep_fingerprint(a, fa);
	sweep_fingerprint(b, fb);
	sweep_fingerprint(c, fc);
	assert_string_equal(fa, fb);
	assert_string_not_equal(fa, fc);
	/* FNV-1a of the two bytes "{}" */
	json_object_clear(a);
	sweep_fingerprint(a, fa);
	assert_string_equal(fa, "08f44b07b5901a25");
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

/* What may change a number changes the fingerprint, and nothing else does. */
static void
fingerprint_of_a_command_line(void **state)
{
	static struct opts o;
	json_t *heads[4];
	const char *f[4];

	o = (struct opts){.input_name = "x", .nb_modes = 1, .platform = "zen5", .rounds = 3};
	assert_int_equal(sweep_axes_add(&o.sweep, "ring=64", err, sizeof(err)), 0);
	heads[0] = sweep_head_json(&o, "model");
	o.csv = "other.csv";
	heads[1] = sweep_head_json(&o, "model");
	heads[2] = sweep_head_json(&o, "pmu");
	o.burst = 16;
	heads[3] = sweep_head_json(&o, "model");
	for (unsigned int i = 0; i < 4; i++)
		f[i] = json_string_value(json_object_get(heads[i], "fingerprint"));
	assert_string_equal(f[0], f[1]);
	assert_string_not_equal(f[0], f[2]);
	assert_string_not_equal(f[0], f[3]);
	for (unsigned int i = 0; i < 4; i++)
		json_decref(heads[i]);
}

#define FILE_TEST(f) cmocka_unit_test_setup_teardown(f, path_make, path_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_and_ranges),
		cmocka_unit_test(bad_axes),
		cmocka_unit_test(an_axis_is_there_once),
		cmocka_unit_test(points_turn_the_last_axis_fastest),
		FILE_TEST(a_killed_sweep_is_continued),
		FILE_TEST(a_last_line_without_its_end_is_dropped),
		FILE_TEST(another_sweep_is_refused),
		FILE_TEST(what_is_no_sweep_is_refused),
		FILE_TEST(a_bad_line_in_the_middle_is_refused),
		FILE_TEST(one_writer_at_a_time),
		cmocka_unit_test(fingerprint_is_of_values_not_of_order),
		cmocka_unit_test(fingerprint_of_a_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
