/* SPDX-License-Identifier: BSD-3-Clause */

/* The operator's file of tags. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <tags_file.h>

static struct tph_tags
good(const char *text)
{
	struct tph_tags t;
	char err[160] = "";

	assert_int_equal(tph_tags_parse(text, strlen(text), &t, err, sizeof(err)), 0);
	assert_string_equal(err, "");
	return t;
}

static void
numbers_comments_and_order(void **state)
{
	struct tph_tags t = good("# host A\n"
				 "5\t0x43\r\n"
				 "\n"
				 "  0x10 65535 # far\n"
				 "0 010");

	assert_int_equal(t.nb, 3);
	assert_int_equal(tph_tags_find(&t, 5), 0x43);
	assert_int_equal(tph_tags_find(&t, 16), 65535);
	assert_int_equal(tph_tags_find(&t, 0), 10); /* decimal, whatever C thinks */
	assert_int_equal(tph_tags_find(&t, 1), 0);
	assert_int_equal(tph_tags_find(&t, UINT32_MAX), 0);
	tph_tags_free(&t);
	tph_tags_free(&t);
}

static void
bad(const char *text, size_t len, const char *part)
{
	struct tph_tags t;
	char err[160] = "";

	assert_int_equal(tph_tags_parse(text, len, &t, err, sizeof(err)), -EINVAL);
	if (strstr(err, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, err);
	assert_null(t.tags);
}

#define BAD(text, part) bad(text, strlen(text), part)

static void
errors_name_the_line(void **state)
{
	char lng[300];

	BAD("0 32\n1\n", "line 2: not \"CPU TAG\"");
	BAD("0 32\n\n# x\n1 0\n", "line 4");
	BAD("0 65536", "line 1");
	BAD("65536 1", "line 1");
	BAD("-1 1", "line 1");
	BAD("0 -1", "line 1");
	BAD("0 0x", "line 1");
	BAD("0 1 2", "line 1");
	BAD("0x1g 2", "line 1");
	BAD("cpu 1", "line 1");
	BAD("0 99999999999999999999999", "line 1");
	BAD("1 2\n0 3\n1 4\n", "line 3: CPU 1 is in line 1, too");
	BAD("", "names no CPU");
	BAD("# 0 1\n", "names no CPU");
	bad("0 1\n1 \0", 7, "line 2: longer than 255 characters, or no text");
	memset(lng, ' ', sizeof(lng));
	bad(lng, sizeof(lng), "line 1: longer than 255");
}

static void
files(void **state)
{
	char path[] = "tph-tags-XXXXXX", err[160] = "";
	int fd = mkstemp(path);
	struct tph_tags t;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "3 0x35\n", 7), 7);
	assert_int_equal(tph_tags_load(path, &t, err, sizeof(err)), 0);
	assert_int_equal(tph_tags_find(&t, 3), 0x35);
	tph_tags_free(&t);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(tph_tags_load(path, &t, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, path));
	assert_non_null(strstr(err, "line 2"));
	close(fd);
	unlink(path);
	assert_int_equal(tph_tags_load(path, &t, err, sizeof(err)), -ENOENT);
	assert_non_null(strstr(err, "No such file"));
	assert_int_equal(tph_tags_load(".", &t, err, sizeof(err)), -EIO);
	assert_int_equal(tph_tags_load("/dev/zero", &t, err, sizeof(err)), -EFBIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_comments_and_order),
		cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
