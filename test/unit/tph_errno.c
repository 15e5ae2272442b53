/* SPDX-License-Identifier: BSD-3-Clause */

/* Each allocation and each open() of a whole life fails once, in turn: the call that needed it says
 * so, and nothing leaks (the sanitizers look). */

#include "tph_tree.h"

static int countdown; /* calls that still succeed; negative: all */

static bool
fail_this(void)
{
	return countdown >= 0 && countdown-- == 0;
}

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

void *
__wrap_malloc(size_t n)
{
	if (!fail_this())
		return __real_malloc(n);
	errno = ENOMEM;
	return NULL;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	if (!fail_this())
		return __real_calloc(n, size);
	errno = ENOMEM;
	return NULL;
}

void *
__wrap_realloc(void *p, size_t n)
{
	if (!fail_this())
		return __real_realloc(p, n);
	errno = ENOMEM;
	return NULL;
}

char *
__wrap_strdup(const char *s)
{
	return fail_this() ? NULL : __real_strdup(s);
}

int
__wrap_open64(const char *path, int flags, ...)
{
	if (!fail_this())
		return __real_open64(path, flags, 0644);
	errno = EMFILE;
	return -1;
}

/* Open, on, set, close. @return true when nothing failed. */
static bool
life(enum steer_tph_dialect dialect, const char *tags)
{
	const struct steer_tph_open_args args = {
		.feature = -1, .dialect = dialect, .tags_file = tags, .root = tree_root};
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph = NULL;
	int rc = steer_tph_open(NULL, &args, &tph);

	if (rc != 0) {
		assert_int_equal(rc, -ENOMEM);
		assert_null(tph);
		return false;
	}
	if (steer_tph_usable(tph) != 0)
		assert_string_not_equal(steer_tph_info(tph)->why, "");
	else
		rc = steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV);
	if (rc == 0 && steer_tph_usable(tph) == 0)
		rc = steer_tph_set(tph, 1, 2, cpus);
	if (rc != 0)
		assert_int_equal(rc, -ENOMEM);
	if (rc != 0 || steer_tph_usable(tph) != 0)
		rc = 1;
	steer_tph_close(tph);
	return rc == 0;
}

static void
each_fails_once(enum steer_tph_dialect dialect)
{
	char tags[64];
	int n;
	bool done = false;

	for (n = 0; n < 100 && !done; n++) {
		device(IV_CAP);
		k.family = FAMILY_V8;
		k.by_index = dialect == STEER_TPH_DIALECT_FEATURE_BY_INDEX;
		tree_root_port(1, 256);
		tree_device();
		tree_write("/tags", "3 0x35\n5 0x43\n", 14);
		snprintf(tags, sizeof(tags), "%s/tags", tree_root);
		countdown = n;
		done = life(dialect, tags);
		/* A failure that the life got over shows as done with the count used up. */
		done = done && countdown >= 0;
		countdown = -1;
	}
	assert_true(done);
	assert_true(n > 4);
}

static void
of_every_dialect(void **state)
{
	each_fails_once(STEER_TPH_DIALECT_NONE);
	each_fails_once(STEER_TPH_DIALECT_FEATURE);
	each_fails_once(STEER_TPH_DIALECT_FEATURE_BY_INDEX);
	each_fails_once(STEER_TPH_DIALECT_IOCTL_V8);
	each_fails_once(STEER_TPH_DIALECT_DIRECT);
}

static int
setup(void **state)
{
	countdown = -1;
	return tree_setup(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_every_dialect, setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
