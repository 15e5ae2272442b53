/* SPDX-License-Identifier: BSD-3-Clause */

/* The plumbing against this machine's kernel: software events need no PMU. And what this machine
 * answers when it is asked for its PMU. */

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_pmu.h"

#define PAGES 64u

static const struct pmu_perf here = {.ops = &pmu_perf_kernel, .root = ""};

static const struct pmu_event events[] = {
	{.name = "task-clock", .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK},
	{.name = "minor-faults",
	 .type = PERF_TYPE_SOFTWARE,
	 .config = PERF_COUNT_SW_PAGE_FAULTS_MIN},
	{.name = "major-faults",
	 .type = PERF_TYPE_SOFTWARE,
	 .config = PERF_COUNT_SW_PAGE_FAULTS_MAJ},
};
static const struct pmu_event *const group[] = {&events[0], &events[1], &events[2]};

static void
open_here(struct pmu_set *s)
{
	char why[STEER_SOURCE_WHY] = "";
	int rc = pmu_set_open(s, &here, group, PMU_N(group), why, sizeof(why));

	if (rc < 0) {
		printf("skipped: %s\n", why);
		skip();
	}
}

static void
touch_new_pages(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *p = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	madvise((void *)(uintptr_t)p, PAGES * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		p[i * page] = 1;
	munmap((void *)(uintptr_t)p, PAGES * page);
}

/* Page faults are counted in the window and not outside of it. */
static void
windows_of_a_group(void **state)
{
	struct pmu_set s;

	open_here(&s);
	assert_false(s.user); /* no processor has a counter of faults */
	touch_new_pages();
	pmu_set_start(&s);
	touch_new_pages();
	pmu_set_stop(&s, 1000);
	assert_int_equal(s.state, PMU_VALID);
	assert_in_range(s.delta[1], PAGES, 2 * PAGES - 1);
	assert_int_equal(s.delta[2], 0);
	assert_int_equal(s.packets, 1000);
	touch_new_pages();
	assert_in_range(s.delta[1], PAGES, 2 * PAGES - 1);
	pmu_set_reset(&s);
	assert_int_equal(s.delta[1], 0);
	assert_int_equal(s.state, PMU_NO_WINDOW);
	pmu_set_close(&s);
}

/* Disabled again after a window: the kernel's own count stands still. */
static void
disabled_between_windows(void **state)
{
	struct pmu_snapshot a = {0}, b = {0};
	struct pmu_set s;

	open_here(&s);
	pmu_set_start(&s);
	touch_new_pages();
	pmu_set_stop(&s, 1);
	assert_int_equal(pmu_set_snapshot(&s, &a), PMU_VALID);
	assert_true(a.count[1] >= PAGES);
	touch_new_pages();
	assert_int_equal(pmu_set_snapshot(&s, &b), PMU_VALID);
	assert_int_equal(a.count[1], b.count[1]);
	assert_int_equal(a.enabled, b.enabled);
	pmu_set_close(&s);
}

static void
files_are_closed(void **state)
{
	struct pmu_set s;
	int first = dup(0), again;

	close(first);
	open_here(&s);
	pmu_set_close(&s);
	assert_int_equal(s.nb, 0);
	again = dup(0);
	close(again);
	assert_int_equal(first, again);
}

/* The kernel's own refusal of an event that it does not know. */
static void
unknown_event(void **state)
{
	static const struct pmu_event no_such = {
		.name = "no such", .type = PERF_TYPE_SOFTWARE, .config = 12345};
	const struct pmu_event *const ev[] = {&events[0], &no_such};
	char why[STEER_SOURCE_WHY] = "";
	struct pmu_set s;
	int rc;

	open_here(&s);
	pmu_set_close(&s);
	rc = pmu_set_open(&s, &here, ev, 2, why, sizeof(why));
	assert_true(rc == -ENOENT || rc == -EINVAL);
	assert_non_null(strstr(why, "no such: "));
	assert_int_equal(s.nb, 0);
}

/* A circle through all nodes that is not in the order of addresses. */
static void
one_circle(void **state)
{
	enum { NODES = 100, STRIDE = 64 };
	static char nodes[NODES * STRIDE] __attribute__((aligned(64)));
	unsigned int seen[NODES] = {0}, next_door = 0;
	char *p = nodes;

	assert_int_equal(pmu_chase_link(nodes, NODES, STRIDE), 0);
	for (unsigned int i = 0; i < NODES; i++) {
		char *from = p;

		p = *(char **)p;
		assert_in_range(p - nodes, 0, sizeof(nodes) - STRIDE);
		assert_int_equal((p - nodes) % STRIDE, 0);
		assert_int_equal(seen[(p - nodes) / STRIDE]++, 0);
		next_door += p - from == STRIDE || from - p == STRIDE;
	}
	assert_ptr_equal(p, nodes);
	assert_true(next_door < NODES / 5);
}

static void
loops_run(void **state)
{
	struct pmu_chase *c = pmu_chase_create();

	assert_non_null(c);
	pmu_chase_warm(c, PMU_LOOP_L2);
	assert_int_equal(pmu_chase_run(c, PMU_LOOP_L2), 8 * 4096);
	pmu_chase_warm(c, PMU_LOOP_MEMORY);
	assert_int_equal(pmu_chase_run(c, PMU_LOOP_MEMORY), 16384);
	pmu_chase_destroy(c);
	pmu_chase_destroy(NULL);
}

/* Whatever this machine is, the answer is a source that passed its check, or a reason. */
static void
this_machine(void **state)
{
	char why[STEER_SOURCE_WHY] = "";
	struct steer_pmu_witness *w = NULL;
	struct steer_source *s = NULL;
	int rc = steer_pmu_create(NULL, &s, why, sizeof(why));

	print_message("PMU source: %s\n", rc == 0 ? "here" : why);
	assert_int_equal(rc == 0, s != NULL);
	assert_int_equal(rc == 0, why[0] == '\0');
	assert_null(strchr(why, '\n'));
	if (s != NULL)
		s->ops->destroy(s);
	why[0] = '\0';
	rc = steer_pmu_witness_open(NULL, &w, why, sizeof(why));
	print_message("witness: %s\n", rc == 0 ? "here" : why);
	assert_int_equal(rc == 0, w != NULL);
	assert_int_equal(rc == 0, why[0] == '\0');
	steer_pmu_witness_close(w);
}

static int
stay_here(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_of_a_group), cmocka_unit_test(disabled_between_windows),
		cmocka_unit_test(files_are_closed),   cmocka_unit_test(unknown_event),
		cmocka_unit_test(one_circle),         cmocka_unit_test(loops_run),
		cmocka_unit_test(this_machine),
	};

	/* A thread that is moved in a window has no count of it. */
	if (stay_here() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
