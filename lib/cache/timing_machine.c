/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * This machine: its counter, and lines brought into a state by what they went through. A line that
 * was flushed and then loaded is in L1 and L2; a walk over several times L1 takes it out of L1 and
 * leaves it in L2. Addresses alike in their low bits would not do instead: which L2 set a page
 * falls into is not known, least of all in a guest.
 */

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "divisor.h"
#include "timing.h"

#define PAGE       4096u
#define LINE       STEER_CACHE_LINE
#define PAGE_LINES (PAGE / LINE)
#define L1_DEFAULT (64u << 10) /* where the C library does not know: the largest there is */
#define L2_DEFAULT (4u << 20)
#define WALK_L1    4u       /* sizes of L1 in a walk that clears it */
#define WALK_L2    2u       /* and of L2 */
#define WALKS_L1   2u       /* the second for what pseudo-LRU spared in the first */
#define WALKS_L2   4u       /* of less, one line in thirty was still there */
#define READS      1024u    /* of the counter, to find its step */
#define HZ_NS      20000000 /* to find its frequency */

struct timing_pages {
	char *target; /* TIMING_BATCH pages */
	char *walk;
	size_t past_l1, past_l2; /* lengths of a walk */
};

/* A line of each page; all sets of L1 have the same number of them. */
static char *
target_line(const struct timing_pages *p, unsigned int i)
{
	return p->target + i * PAGE + i % PAGE_LINES * LINE;
}

/* Half a page away, beyond the reach of the prefetchers. */
static char *
tlb_line(const struct timing_pages *p, unsigned int i)
{
	return p->target + i * PAGE + (i + PAGE_LINES / 2) % PAGE_LINES * LINE;
}

static void
read_line(const char *p)
{
	(void)*(const volatile char *)p;
}

static void
walk_sizes(struct timing_pages *p)
{
	long l1 = sysconf(_SC_LEVEL1_DCACHE_SIZE), l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
	size_t outer = l2 > 0 ? (size_t)l2 : L2_DEFAULT;

	p->past_l1 = WALK_L1 * (l1 > 0 ? (size_t)l1 : L1_DEFAULT);
	if (l2 > 0 && p->past_l1 > outer / 2) /* it must leave the targets in L2 */
		p->past_l1 = outer / 2;
	p->past_l2 = (WALK_L2 * outer + PAGE - 1) / PAGE * PAGE;
}

static void
pages_free(struct timing_pages *p)
{
	if (p != NULL)
		free(p->target);
	free(p);
}

static struct timing_pages *
pages_get(void)
{
	struct timing_pages *p = calloc(1, sizeof(*p));
	size_t len;

	if (p == NULL)
		return NULL;
	walk_sizes(p);
	len = TIMING_BATCH * PAGE + p->past_l2;
	p->target = aligned_alloc(PAGE, len);
	if (p->target == NULL) {
		free(p);
		return NULL;
	}
	memset(p->target, 1, len); /* real pages, not the one of zeros */
	p->walk = p->target + TIMING_BATCH * PAGE;
	return p;
}

static void
load_all(const struct timing_pages *p)
{
	for (unsigned int i = 0; i < TIMING_BATCH; i++)
		read_line(target_line(p, i));
	steer_timing_fence();
}

static void
walk(const struct timing_pages *p, size_t len, unsigned int times)
{
	for (unsigned int n = 0; n < times; n++)
		for (size_t at = 0; at < len; at += LINE)
			read_line(p->walk + at);
	steer_timing_fence();
}

static void
bring(const struct timing_pages *p, enum timing_state state)
{
	for (unsigned int i = 0; i < TIMING_BATCH; i++)
		steer_timing_flush(target_line(p, i));
	steer_timing_fence();
	if (state == TIMING_FAR)
		return;
	load_all(p);
	switch (state) {
	case TIMING_L2: walk(p, p->past_l1, WALKS_L1); break;
	case TIMING_OUT: walk(p, p->past_l2, WALKS_L2); break;
	default: load_all(p);
	}
}

static void
batch(struct timing_pages *p, enum timing_state state, uint32_t *ticks)
{
	bring(p, state);
	for (unsigned int i = 0; i < TIMING_BATCH; i++) {
		unsigned int k = i * 37 % TIMING_BATCH; /* no stride to learn */

		read_line(tlb_line(p, k));
		ticks[i] = steer_timing_load(target_line(p, k));
	}
}

/* Equal readings in a row: it stands still between its steps, so the smallest difference is one.
 * Else it runs, and the step is what all differences are multiples of. */
static uint32_t
step(void)
{
	uint64_t before = steer_timing_now(), now;
	uint32_t common = 0, least = UINT32_MAX;
	bool stood = false;

	for (unsigned int i = 0; i < READS; i++, before = now) {
		uint32_t d;

		now = steer_timing_now();
		d = (uint32_t)(now - before);
		stood |= d == 0;
		common = (uint32_t)steer_common_divisor(common, d);
		if (d != 0 && d < least)
			least = d;
	}
	return stood ? least : common;
}

#if defined(__x86_64__)

#define CPUID_1_EDX_CLFSH         (1u << 19) /* SDM volume 2, CPUID */
#define CPUID_80000001_EDX_RDTSCP (1u << 27)
#define NS_PER_S                  1000000000u

static int
usable(char *why, size_t len)
{
	unsigned int a, b, c, d, ext = 0;

	if (__get_cpuid(1, &a, &b, &c, &d) && __get_cpuid(0x80000001, &a, &b, &c, &ext) &&
	    d & CPUID_1_EDX_CLFSH && ext & CPUID_80000001_EDX_RDTSCP)
		return 0;
	snprintf(why, len, "the CPU has no rdtscp or no clflush");
	return -ENOTSUP;
}

static uint64_t
monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static uint64_t
hz(void)
{
	const struct timespec wait = {.tv_nsec = HZ_NS};
	uint64_t ns = monotonic_ns(), ticks = steer_timing_now();

	nanosleep(&wait, NULL);
	ticks = steer_timing_now() - ticks;
	ns = monotonic_ns() - ns;
	return ns == 0 ? 0 : (uint64_t)((double)ticks * NS_PER_S / (double)ns);
}

#elif defined(__aarch64__)

static int
usable(char *why, size_t len)
{
	return 0;
}

static uint64_t
hz(void)
{
	return steer_timing_cntfrq();
}

#else

static int
usable(char *why, size_t len)
{
	snprintf(why, len, "there is no probe for this kind of CPU");
	return -ENOTSUP;
}

static uint64_t
hz(void)
{
	return 0;
}

#endif

const struct timing_machine timing_this_machine = {
	.counter = STEER_TIMING_COUNTER,
#if defined(__x86_64__)
	.cycles = true,
#endif
	.usable = usable,
	.hz = hz,
	.step = step,
	.now = steer_timing_now,
	.cpu = sched_getcpu,
	.pages = pages_get,
	.pages_free = pages_free,
	.batch = batch,
};
