/* SPDX-License-Identifier: BSD-3-Clause */

/* The kernel's perf interface and the processor's counters (perf_event_open(2); layout of the
 * mapped page: linux/perf_event.h). */

#include <errno.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pmu.h"

static int
real_open(void *ctx, struct perf_event_attr *attr, pid_t pid, int cpu, int group)
{
	long fd = syscall(SYS_perf_event_open, attr, pid, cpu, group, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

static void
real_close(void *ctx, int fd)
{
	close(fd);
}

/* Of the leader alone: the others were opened enabled and follow it. Asked to switch the whole
 * group, Linux 6.18 leaves the others of a group of software events off the second time. */
static int
real_control(void *ctx, int fd, unsigned long request)
{
	return ioctl(fd, request, 0) < 0 ? -errno : 0;
}

static ssize_t
real_read(void *ctx, int fd, void *buf, size_t len)
{
	ssize_t n = read(fd, buf, len);

	return n < 0 ? -errno : n;
}

static struct perf_event_mmap_page *
real_map(void *ctx, int fd)
{
	void *p = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void
real_unmap(void *ctx, struct perf_event_mmap_page *page)
{
	munmap(page, (size_t)sysconf(_SC_PAGESIZE));
}

static int
real_cpu(void *ctx)
{
	return sched_getcpu();
}

#if defined(__x86_64__)
/* Intel's fixed counters have bit 30 in perf's index - 1, as the instruction wants them. */
static uint64_t
real_counter(void *ctx, uint32_t index)
{
	uint32_t low, high;

	__asm__ volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(index - 1));
	return (uint64_t)high << 32 | low;
}

static bool
real_readable(uint32_t index)
{
	return index != 0;
}
#elif defined(__aarch64__)
#define CYCLE_INDEX 32u /* perf's index of PMCCNTR_EL0 */
#define EVENT(n)                                                                                   \
	case (n) + 1:                                                                              \
		__asm__ volatile("mrs %0, pmevcntr" #n "_el0" : "=r"(v));                          \
		break

static uint64_t
real_counter(void *ctx, uint32_t index)
{
	uint64_t v = 0;

	switch (index) {
		EVENT(0);
		EVENT(1);
		EVENT(2);
		EVENT(3);
		EVENT(4);
		EVENT(5);
	case CYCLE_INDEX: __asm__ volatile("mrs %0, pmccntr_el0" : "=r"(v)); break;
	default: break;
	}
	return v;
}

static bool
real_readable(uint32_t index)
{
	return (index >= 1 && index <= 6) || index == CYCLE_INDEX;
}
#else
static uint64_t
real_counter(void *ctx, uint32_t index)
{
	return 0;
}

static bool
real_readable(uint32_t index)
{
	return false;
}
#endif

static void
real_warm(void *ctx, struct pmu_chase *chase, enum pmu_loop loop)
{
	pmu_chase_warm(chase, loop);
}

static unsigned int
real_run(void *ctx, struct pmu_chase *chase, enum pmu_loop loop)
{
	return pmu_chase_run(chase, loop);
}

const struct pmu_perf_ops pmu_perf_kernel = {
	.open = real_open,
	.close = real_close,
	.control = real_control,
	.read = real_read,
	.map = real_map,
	.unmap = real_unmap,
	.counter = real_counter,
	.readable = real_readable,
	.cpu = real_cpu,
	.warm = real_warm,
	.run = real_run,
};
