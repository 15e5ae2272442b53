/* SPDX-License-Identifier: BSD-3-Clause */

/* Memory that is not there, at each place where the PMU source asks for some. */

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "pmu_files.h"
#include "pmu_world.h"

static int calls_until_none; /* 0: all calls get memory */

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__real_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t off);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t off);

static int
none_now(void)
{
	return calls_until_none > 0 && --calls_until_none == 0;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return none_now() ? NULL : __real_calloc(n, size);
}

void *
__wrap_malloc(size_t size)
{
	return none_now() ? NULL : __real_malloc(size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return none_now() ? NULL : __real_realloc(p, size);
}

void *
__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	return none_now() ? MAP_FAILED : __real_mmap64(addr, len, prot, flags, fd, off);
}

/* The source, a thread's part, and the self-check's loops: two maps and two orders of nodes. */
static void
create_without_memory(void **state)
{
	struct world w;
	int n;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	w.f.no_user = 1; /* the fake asks for memory to show pages */
	for (n = 1;; n++) {
		int rc;

		w.why[0] = '\0';
		calls_until_none = n;
		rc = world_create(&w);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
		assert_int_equal(calls_until_none, 0);
		assert_non_null(strstr(w.why, "no memory"));
		assert_null(w.s);
		fake_pmu_clean(&w.f);
	}
	calls_until_none = 0;
	assert_int_equal(n, 1 + 1 + 1 + 4 + 1);
	world_end(&w);
}

static void
thread_without_memory(void **state)
{
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	w.f.no_user = 1;
	assert_int_equal(world_create(&w), 0);
	calls_until_none = 1;
	assert_int_equal(w.s->ops->thread_open(w.s, 1, &w.t, w.why, sizeof(w.why)), -ENOMEM);
	assert_null(w.t);
	world_end(&w);
}

static void
witness_without_memory(void **state)
{
	struct steer_pmu_witness *wit = NULL;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	fake_tree_file(w.root, PMU_DEVICES "/uncore_cha_0/type", "30\n");
	fake_tree_file(w.root, PMU_DEVICES "/uncore_cha_0/cpumask", "0,1\n");
	fake_tree_file(w.root, PMU_DEVICES "/uncore_cha_0/format/event", "config:0-7\n");
	fake_tree_file(w.root, PMU_DEVICES "/uncore_cha_0/format/umask", "config:8-15,32-55\n");
	for (int n = 1; n <= 1 + 4 * 2; n++) {
		calls_until_none = n;
		assert_int_equal(steer_pmu_witness_open(&w.conf, &wit, w.why, sizeof(w.why)),
				 -ENOMEM);
		assert_null(wit);
		fake_pmu_clean(&w.f);
	}
	calls_until_none = 0;
	assert_int_equal(steer_pmu_witness_open(&w.conf, &wit, w.why, sizeof(w.why)), 0);
	steer_pmu_witness_close(wit);
	steer_pmu_witness_close(NULL);
	world_end(&w);
}

static void
root_too_long(void **state)
{
	char root[PMU_ROOT_MAX + 1];
	struct steer_pmu_witness *wit = NULL;
	struct world w;

	WORLD_BEGIN(&w, TEXT_SPR, rec_spr);
	memset(root, 'x', PMU_ROOT_MAX);
	root[PMU_ROOT_MAX] = '\0';
	w.conf.root = root;
	assert_int_equal(world_create(&w), -ENAMETOOLONG);
	assert_int_equal(steer_pmu_witness_open(&w.conf, &wit, w.why, sizeof(w.why)),
			 -ENAMETOOLONG);
	assert_null(wit);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_without_memory),
		cmocka_unit_test(thread_without_memory),
		cmocka_unit_test(witness_without_memory),
		cmocka_unit_test(root_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
