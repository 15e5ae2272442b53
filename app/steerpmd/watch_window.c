/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The lcore's side of watching. Windows of one source's passes follow each other; when a round of
 * all passes is complete its sums are added to those of before. A round that a change of streams
 * has cut is dropped. The burst functions are those of any other session, but for a window of the
 * timing probe.
 */

#include <errno.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>

#include "watch.h"

#define LOOK_EVERY 64 /* polls between looks at the clock */

static unsigned int
slot_of(const struct watch_part *p, unsigned int i)
{
	return (unsigned int)(p->fs[i] - p->streams);
}

static bool
is_timing(const struct watch_thread *w)
{
	return w->source->ops->id == STEER_SOURCE_TIMING;
}

static void
window_begin(struct watch_part *p)
{
	struct watch_thread *w = &p->source[p->now];

	if (p->n == 0 || p->nb_sources == 0)
		return;
	p->timed = is_timing(w);
	for (unsigned int i = 0; i < p->n; i++) {
		p->packets[slot_of(p, i)] = p->fs[i]->rx_packets;
		p->fs[i]->probe = p->timed ? w->t : NULL;
		p->fs[i]->slot = slot_of(p, i);
	}
	if (p->pass == 0)
		w->source->ops->reset(w->t);
	p->until = rte_rdtsc() + p->window;
	p->polls = 0;
	p->open = true;
	w->source->ops->start(w->t, p->pass);
}

/* No figures of a queue are no error: the source knows only threads. */
static void
add_one(struct watch_part *p, struct watch_thread *w, unsigned int slot)
{
	char why[STEER_SOURCE_WHY];
	struct steer_tally one;

	if (w->source->ops->tally(w->t, (int)slot, &one, why, sizeof(why)) == 0)
		steer_tally_add(&w->sum[slot], &one);
}

static void
round_end(struct watch_part *p, struct watch_thread *w)
{
	char why[STEER_SOURCE_WHY] = "";
	struct steer_tally all;
	int rc = w->source->ops->tally(w->t, -1, &all, why, sizeof(why));

	if (rc == -ENODATA)
		return; /* no packet came */
	w->rounds.all++;
	if (rc != 0) {
		w->rounds.voids++;
		memcpy(w->rounds.why, why, sizeof(why));
		return;
	}
	steer_tally_add(&w->sum[p->nb_streams], &all);
	/* what a thread did is the queue's where it has but one, whatever the source */
	if (p->n == 1)
		steer_tally_add(&w->sum[slot_of(p, 0)], &all);
	for (unsigned int i = 0; i < p->n && p->n > 1; i++)
		add_one(p, w, slot_of(p, i));
}

static void
window_end(struct watch_part *p)
{
	struct watch_thread *w = &p->source[p->now];

	if (!p->open)
		return;
	p->open = p->timed = false;
	for (unsigned int i = 0; i < p->n; i++) {
		uint64_t *n = &p->packets[slot_of(p, i)];

		*n = p->fs[i]->rx_packets - *n;
		p->fs[i]->probe = NULL;
	}
	w->source->ops->stop(w->t, p->pass, p->packets);
	for (unsigned int i = 0; i < p->n; i++)
		p->packets[slot_of(p, i)] = 0;
	if (p->pass == w->passes - 1)
		round_end(p, w);
}

static void
turn(struct watch_part *p)
{
	window_end(p);
	if (++p->pass == p->source[p->now].passes) {
		p->pass = 0;
		p->now = (p->now + 1) % p->nb_sources;
	}
	window_begin(p);
}

static void
copy(struct watch_part *p)
{
	for (unsigned int i = 0; i < p->nb_sources; i++) {
		struct watch_thread *w = &p->source[i];

		memcpy(w->copy, w->sum, (p->nb_streams + 1) * sizeof(w->sum[0]));
		w->rounds_copy = w->rounds;
	}
}

void
watch_part_streams(struct watch_part *p, struct fwd_stream *const *fs, unsigned int n)
{
	window_end(p);
	p->pass = 0;
	p->fs = fs;
	p->n = n;
	if (n == 0)
		copy(p);
	window_begin(p);
}

/* A window that nothing else ends is ended here, so that the copies are of all packets. */
static void
answer(struct watch_part *p, uint32_t ask)
{
	if (p->open && p->nb_windows == 1)
		turn(p);
	copy(p);
	__atomic_store_n(&p->ack, ask, __ATOMIC_RELEASE);
}

unsigned int
watch_part_poll(struct watch_part *p)
{
	uint32_t ask = __atomic_load_n(&p->ask, __ATOMIC_ACQUIRE);
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->n; i++)
		n += p->timed ? fwd_poll_timed(p->fs[i]) : fwd_poll(p->fs[i]);
	if (unlikely(ask != p->ack))
		answer(p, ask);
	if (++p->polls % LOOK_EVERY == 0 && p->open && p->nb_windows > 1 && rte_rdtsc() >= p->until)
		turn(p);
	return n;
}
