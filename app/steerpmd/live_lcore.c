/* SPDX-License-Identifier: BSD-3-Clause */

/* The lcores' side of a live round. */

#include <errno.h>

#include <rte_cycles.h>

#include "lcores.h"
#include "live.h"

int
live_part_open(void *arg)
{
	struct live_part *p = arg;
	struct steer_source *s = p->live->source;

	p->rc = s->ops->thread_open(s, p->n, &p->thread, p->why, sizeof(p->why));
	return p->rc;
}

int
live_part_close(void *arg)
{
	struct live_part *p = arg;

	if (p->thread != NULL)
		p->live->source->ops->thread_close(p->thread);
	p->thread = NULL;
	return 0;
}

int
live_part_prepare(void *arg)
{
	struct live_part *p = arg;

	p->round_packets = p->round_tsc = 0;
	p->rc = p->live->source->ops->prepare(p->thread, p->why, sizeof(p->why));
	return p->rc;
}

static inline enum live_phase
phase(const struct live_part *p)
{
	return __atomic_load_n(&p->live->phase, __ATOMIC_ACQUIRE);
}

/* The burst function is a constant here, so each source has a loop of its own. */
static __rte_always_inline void
forward(struct live_part *p, enum live_phase while_phase, uint16_t (*poll)(struct fwd_stream *fs))
{
	bool busy = p->live->app->opts.poll_busy;
	unsigned int idle = 0, n;

	while (phase(p) == while_phase) {
		n = 0;
		for (unsigned int i = 0; i < p->n; i++)
			n += poll(p->fs[i]);
		if (n != 0)
			idle = 0;
		else if (!busy)
			lcore_idle(idle++);
	}
}

static void
forward_timed(struct live_part *p, enum live_phase while_phase)
{
	for (unsigned int i = 0; i < p->n; i++) {
		p->fs[i]->probe = while_phase == LIVE_MEASURE ? p->thread : NULL;
		p->fs[i]->slot = i;
	}
	forward(p, while_phase, fwd_poll_timed);
}

static void
forward_plain(struct live_part *p, enum live_phase while_phase)
{
	forward(p, while_phase, fwd_poll);
}

static void
measure(struct live_part *p, void (*run)(struct live_part *p, enum live_phase while_phase))
{
	const struct steer_source_ops *ops = p->live->source->ops;
	uint64_t tsc = rte_rdtsc();

	for (unsigned int i = 0; i < p->n; i++)
		p->packets[i] = p->fs[i]->rx_packets;
	ops->start(p->thread, p->pass);
	run(p, LIVE_MEASURE);
	for (unsigned int i = 0; i < p->n; i++) {
		p->packets[i] = p->fs[i]->rx_packets - p->packets[i];
		p->round_packets += p->packets[i];
	}
	ops->stop(p->thread, p->pass, p->packets);
	p->round_tsc += rte_rdtsc() - tsc;
}

int
live_part_window(void *arg)
{
	struct live_part *p = arg;
	bool timed = p->live->source->ops->id == STEER_SOURCE_TIMING;
	void (*run)(struct live_part *, enum live_phase) = timed ? forward_timed : forward_plain;

	run(p, LIVE_WARM);
	if (phase(p) == LIVE_MEASURE)
		measure(p, run);
	return 0;
}

/* A source that cannot tell the queues of one thread apart has figures of the thread only. */
int
live_part_read(void *arg)
{
	struct live_part *p = arg;
	const struct steer_source_ops *ops = p->live->source->ops;

	p->rc = ops->read(p->thread, -1, &p->all, p->why, sizeof(p->why));
	for (unsigned int i = 0; i < p->n && p->rc == 0; i++) {
		p->rc = ops->read(p->thread, (int)i, &p->fig[i], p->why, sizeof(p->why));
		if (p->rc != -ENODATA)
			continue;
		p->fig[i] = (struct steer_figures){
			.source = ops->id, .unit = p->all.unit, .packets = p->packets[i]};
		p->rc = 0;
	}
	return p->rc;
}
