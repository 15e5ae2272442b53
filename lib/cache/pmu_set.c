/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A set of events as one pinned group: all of them on counters, or none. What was multiplexed is
 * refused, not scaled: a scaled figure is a guess about the part that was not counted.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pmu.h"

#define RETRIES       100u  /* of the page's sequence lock; the kernel writes it for some ns */
#define SLACK         1000u /* at most 1/SLACK of the time off the counters is not multiplexing */
#define ARM_USER_READ 2u    /* config1: let user space read the counter */

static void
attr_init(struct perf_event_attr *attr, const struct pmu_event *ev, bool leader)
{
	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = ev->type;
	attr->config = ev->config;
	attr->config1 = ev->config1;
#ifdef __aarch64__
	attr->config1 |= ARM_USER_READ;
#endif
	/* User space only: what a user may count at perf_event_paranoid 2, and PMDs run there. */
	attr->exclude_kernel = 1;
	attr->exclude_hv = 1;
	attr->pinned = leader;
	attr->disabled = leader;
	attr->read_format =
		PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
}

static int
open_event(struct pmu_set *s, const struct pmu_event *ev)
{
	const struct pmu_perf_ops *ops = s->perf->ops;
	struct perf_event_attr attr;
	int fd;

	attr_init(&attr, ev, s->nb == 0);
	fd = ops->open(s->perf->ctx, &attr, 0, -1, s->nb == 0 ? -1 : s->fd[0]);
	if (fd < 0)
		return fd;
	s->fd[s->nb] = fd;
	s->page[s->nb] = ops->map(s->perf->ctx, fd);
	s->nb++;
	return 0;
}

/* Is every counter of it readable from user space? Only while it is on the counters. */
static bool
user_readable(const struct pmu_set *s)
{
	for (unsigned int i = 0; i < s->nb; i++) {
		const struct perf_event_mmap_page *p = s->page[i];

		if (p == NULL || !p->cap_user_rdpmc || p->pmc_width == 0 || p->pmc_width > 64 ||
		    !s->perf->ops->readable(p->index))
			return false;
	}
	return true;
}

/* Which way it can be read shows only while it counts. */
static int
try_out(struct pmu_set *s, char *why, size_t len)
{
	const struct pmu_perf_ops *ops = s->perf->ops;
	int rc = ops->control(s->perf->ctx, s->fd[0], PERF_EVENT_IOC_ENABLE);

	if (rc < 0)
		return pmu_explain(s->perf, rc, "switching counters on", why, len);
	s->user = user_readable(s);
	ops->control(s->perf->ctx, s->fd[0], PERF_EVENT_IOC_DISABLE);
	return 0;
}

int
pmu_set_open(struct pmu_set *s, const struct pmu_perf *perf, const struct pmu_event *const *ev,
	     unsigned int nb, char *why, size_t len)
{
	int rc = 0;

	memset(s, 0, sizeof(*s));
	s->perf = perf;
	s->state = PMU_NO_WINDOW;
	for (unsigned int i = 0; i < nb && rc == 0; i++) {
		rc = open_event(s, ev[i]);
		if (rc < 0)
			pmu_explain(perf, rc, ev[i]->name, why, len);
	}
	if (rc == 0)
		rc = try_out(s, why, len);
	if (rc < 0)
		pmu_set_close(s);
	return rc;
}

void
pmu_set_close(struct pmu_set *s)
{
	while (s->nb > 0) {
		s->nb--;
		if (s->page[s->nb] != NULL)
			s->perf->ops->unmap(s->perf->ctx, s->page[s->nb]);
		s->perf->ops->close(s->perf->ctx, s->fd[s->nb]);
	}
}

void
pmu_set_reset(struct pmu_set *s)
{
	memset(s->delta, 0, sizeof(s->delta));
	s->packets = 0;
	s->state = PMU_NO_WINDOW;
}

/* By read(2): 0 bytes are the kernel's word for a pinned group in error state. */
static enum pmu_void
snapshot_read(const struct pmu_set *s, struct pmu_snapshot *snap)
{
	struct {
		uint64_t nr, enabled, running, count[PMU_SET_MAX];
	} r = {0};
	ssize_t n = s->perf->ops->read(s->perf->ctx, s->fd[0], &r, sizeof(r));

	if (n == 0)
		return PMU_NOT_COUNTED;
	if (n < (ssize_t)(3 + s->nb) * 8 || r.nr != s->nb)
		return PMU_UNREADABLE;
	memcpy(snap->count, r.count, sizeof(snap->count));
	snap->enabled = r.enabled;
	snap->running = r.running;
	return PMU_VALID;
}

/* Loads of the page stay before the second look at its lock. In assembler, because gcc refuses
 * atomic_thread_fence() in a build for ThreadSanitizer. */
static inline void
loads_in_order(void)
{
#if defined(__aarch64__)
	__asm__ volatile("dmb ishld" : : : "memory");
#elif defined(__x86_64__)
	__asm__ volatile("" : : : "memory"); /* the processor keeps loads in order */
#else
	__sync_synchronize();
#endif
}

/* One counter by its page, under the page's sequence lock. */
static enum pmu_void
read_page(const struct pmu_set *s, unsigned int i, struct pmu_snapshot *snap)
{
	const volatile struct perf_event_mmap_page *p = s->page[i];
	uint32_t seq, index, tries = 0;
	uint64_t raw = 0;
	int64_t count;

	do {
		seq = __atomic_load_n(&p->lock, __ATOMIC_ACQUIRE);
		index = p->index;
		count = p->offset;
		if (i == 0) {
			snap->enabled = p->time_enabled;
			snap->running = p->time_running;
		}
		if (index != 0 && s->perf->ops->readable(index)) {
			unsigned int spare = 64u - p->pmc_width;

			raw = s->perf->ops->counter(s->perf->ctx, index) << spare;
			count += (int64_t)raw >> spare;
		}
		loads_in_order();
	} while ((p->lock != seq || (seq & 1)) && ++tries < RETRIES);
	snap->count[i] = (uint64_t)count;
	if (index == 0)
		return PMU_MULTIPLEXED;
	return tries < RETRIES && s->perf->ops->readable(index) ? PMU_VALID : PMU_UNREADABLE;
}

enum pmu_void
pmu_set_snapshot(const struct pmu_set *s, struct pmu_snapshot *snap)
{
	enum pmu_void state = PMU_VALID;
	struct pmu_snapshot lost;

	if (!s->user)
		return snapshot_read(s, snap);
	for (unsigned int i = 0; i < s->nb && state == PMU_VALID; i++)
		state = read_page(s, i, snap);
	/* The page does not tell a group that waits from one that the kernel has given up. */
	if (state == PMU_MULTIPLEXED && snapshot_read(s, &lost) == PMU_NOT_COUNTED)
		return PMU_NOT_COUNTED;
	return state;
}

void
pmu_set_start(struct pmu_set *s)
{
	if (s->state != PMU_VALID && s->state != PMU_NO_WINDOW)
		return; /* an earlier window of this round is void, and so is the round */
	s->cpu = s->perf->ops->cpu(s->perf->ctx);
	if (s->perf->ops->control(s->perf->ctx, s->fd[0], PERF_EVENT_IOC_ENABLE) < 0)
		s->state = PMU_UNREADABLE;
	else
		s->state = pmu_set_snapshot(s, &s->begin);
}

static enum pmu_void
add(struct pmu_set *s, const struct pmu_snapshot *end)
{
	uint64_t enabled = end->enabled - s->begin.enabled;
	uint64_t running = end->running - s->begin.running;

	if (enabled > running && enabled - running > enabled / SLACK)
		return PMU_MULTIPLEXED;
	if (s->perf->ops->cpu(s->perf->ctx) != s->cpu)
		return PMU_MIGRATED;
	for (unsigned int i = 0; i < s->nb; i++)
		s->delta[i] += end->count[i] - s->begin.count[i];
	return PMU_VALID;
}

void
pmu_set_stop(struct pmu_set *s, uint64_t packets)
{
	struct pmu_snapshot end = {0};

	if (s->state == PMU_VALID)
		s->state = pmu_set_snapshot(s, &end);
	s->perf->ops->control(s->perf->ctx, s->fd[0], PERF_EVENT_IOC_DISABLE);
	if (s->state == PMU_VALID)
		s->state = add(s, &end);
	s->packets += packets;
}

const char *
pmu_void_why(enum pmu_void state)
{
	static const char *const whys[] = {
		[PMU_VALID] = "counted",
		[PMU_NO_WINDOW] = "no window was counted",
		[PMU_NOT_COUNTED] = "the group got no counters (taken by the NMI watchdog, perf or "
				    "the hypervisor)",
		[PMU_MULTIPLEXED] = "the group was not on the counters all the time (somebody else "
				    "counts on this CPU)",
		[PMU_MIGRATED] = "the thread moved to another CPU in the window",
		[PMU_UNREADABLE] = "the counters could not be read",
	};

	return whys[state];
}
