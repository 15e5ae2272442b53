/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fake_pmu.h"

#define FIRST_FD 100
#define WIDTH    48u
#define OFFSET   1000003  /* counts begin below 0 in the counter, as the kernel programs them */
#define LOADS    2000u    /* of a loop of the self-check */
#define WINDOW   1000000u /* ns */

static struct fake_event *
event_of(void *ctx, int fd)
{
	struct fake_pmu *f = ctx;

	assert_in_range(fd, FIRST_FD, FIRST_FD + FAKE_FDS - 1);
	assert_int_equal(f->ev[fd - FIRST_FD].open, 1);
	return &f->ev[fd - FIRST_FD];
}

static int
fake_open(void *ctx, struct perf_event_attr *attr, pid_t pid, int cpu, int group)
{
	struct fake_pmu *f = ctx;
	int fd = FIRST_FD;

	assert_int_equal(attr->size, sizeof(*attr));
	if (f->open_err && (f->err_config == 0 || f->err_config == attr->config))
		return f->open_err;
	while (f->ev[fd - FIRST_FD].open)
		assert_true(++fd < FIRST_FD + FAKE_FDS);
	f->ev[fd - FIRST_FD] = (struct fake_event){
		.open = 1, .attr = *attr, .cpu = cpu, .leader = group < 0 ? fd : group};
	f->opened++;
	return fd;
}

static void
fake_close(void *ctx, int fd)
{
	struct fake_event *e = event_of(ctx, fd);

	assert_null(e->page);
	e->open = 0;
	((struct fake_pmu *)ctx)->closed++;
}

static void
page_update(const struct fake_pmu *f, struct fake_event *e)
{
	if (e->page == NULL)
		return;
	e->page->cap_user_rdpmc = 1;
	e->page->pmc_width = WIDTH;
	e->page->offset = OFFSET;
	e->page->time_enabled = e->ns;
	e->page->time_running = e->running;
	e->page->index = e->enabled && !f->no_counters ? (uint32_t)(e - f->ev) + 1 : 0;
	if (f->unreadable && e->page->index != 0)
		e->page->index = FAKE_FDS + 1;
}

static int
fake_control(void *ctx, int fd, unsigned long request)
{
	struct fake_pmu *f = ctx;

	assert_int_equal(event_of(ctx, fd)->leader, fd);
	if (f->control_err && request == PERF_EVENT_IOC_ENABLE)
		return f->control_err;
	for (unsigned int i = 0; i < FAKE_FDS; i++) {
		struct fake_event *e = &f->ev[i];

		if (!e->open || e->leader != fd)
			continue;
		e->enabled = request == PERF_EVENT_IOC_ENABLE;
		page_update(f, e);
	}
	return 0;
}

static struct perf_event_mmap_page *
fake_map(void *ctx, int fd)
{
	struct fake_pmu *f = ctx;
	struct fake_event *e = event_of(ctx, fd);

	if (f->no_user)
		return NULL;
	f->maps++;
	e->page = calloc(1, sizeof(*e->page));
	return e->page;
}

static void
fake_unmap(void *ctx, struct perf_event_mmap_page *page)
{
	struct fake_pmu *f = ctx;

	for (unsigned int i = 0; i < FAKE_FDS; i++)
		if (f->ev[i].page == page)
			f->ev[i].page = NULL;
	f->maps--;
	free(page);
}

static ssize_t
fake_read(void *ctx, int fd, void *buf, size_t len)
{
	struct fake_pmu *f = ctx;
	struct fake_event *e = event_of(ctx, fd);
	uint64_t v[3 + FAKE_FDS] = {e->count, e->ns, e->running}, n = 3;

	if (f->no_counters && e->attr.pinned)
		return 0;
	if (e->attr.read_format & PERF_FORMAT_GROUP) {
		for (unsigned int i = 0; i < FAKE_FDS; i++)
			if (f->ev[i].open && f->ev[i].leader == fd)
				v[n++] = f->ev[i].count;
		v[0] = n - 3;
	}
	assert_true(len >= n * sizeof(*v));
	n -= (uint64_t)f->short_read;
	memcpy(buf, v, n * sizeof(*v));
	return (ssize_t)(n * sizeof(*v));
}

/* While busy, the kernel is seen to write the page between two looks at its lock, and what was
 * read in between is wrong. */
static uint64_t
fake_counter(void *ctx, uint32_t index)
{
	struct fake_pmu *f = ctx;
	struct fake_event *e = &f->ev[index - 1];

	if (f->busy_seq > 0) {
		f->busy_seq--;
		e->page->lock += 2;
		return 0x1234567;
	}
	return (e->count - OFFSET) & ((UINT64_C(1) << WIDTH) - 1);
}

static bool
fake_readable(uint32_t index)
{
	return index >= 1 && index <= FAKE_FDS;
}

static int
fake_cpu(void *ctx)
{
	struct fake_pmu *f = ctx;

	return f->moves ? f->cpu++ : f->cpu;
}

static const struct fake_count *
recorded(const struct fake_pmu *f, const struct fake_event *e)
{
	for (unsigned int i = 0; i < f->nb_rec; i++)
		if (f->rec[i].config == e->attr.config && f->rec[i].config1 == e->attr.config1)
			return &f->rec[i];
	return NULL;
}

enum what { L2, MEMORY, FORWARD };

static void
pass(struct fake_pmu *f, enum what what, unsigned int units)
{
	for (unsigned int i = 0; i < FAKE_FDS; i++) {
		struct fake_event *e = &f->ev[i];
		const struct fake_count *c = recorded(f, e);

		if (!e->open || !e->enabled)
			continue;
		e->ns += WINDOW;
		e->running += WINDOW - WINDOW / 1000 * (unsigned int)f->lost_permille;
		if (c != NULL && !f->no_counters)
			e->count += (uint64_t)units *
				    (what == L2       ? c->l2
				     : what == MEMORY ? c->memory
						      : c->forward) /
				    1000;
		page_update(f, e);
	}
}

void
fake_pmu_forward(struct fake_pmu *f, unsigned int packets)
{
	pass(f, FORWARD, packets);
}

void
fake_pmu_clean(const struct fake_pmu *f)
{
	assert_int_equal(f->opened, f->closed);
	assert_int_equal(f->maps, 0);
}

static void
fake_warm(void *ctx, struct pmu_chase *chase, enum pmu_loop loop)
{
	((struct fake_pmu *)ctx)->warmed++;
}

static unsigned int
fake_run(void *ctx, struct pmu_chase *chase, enum pmu_loop loop)
{
	pass(ctx, loop == PMU_LOOP_L2 ? L2 : MEMORY, LOADS);
	return LOADS;
}

const struct pmu_perf_ops fake_pmu_ops = {
	.open = fake_open,
	.close = fake_close,
	.control = fake_control,
	.read = fake_read,
	.map = fake_map,
	.unmap = fake_unmap,
	.counter = fake_counter,
	.readable = fake_readable,
	.cpu = fake_cpu,
	.warm = fake_warm,
	.run = fake_run,
};
