/* SPDX-License-Identifier: BSD-3-Clause */

/* What a forwarding lcore does until it is told to stop. */

#include <sched.h>
#include <unistd.h>

#include <rte_pause.h>

#include <steer.h>

#include "lcore_loop.h"
#include "lcores.h"
#include "watch.h"

#define IDLE_SPIN  64   /* empty rounds before the CPU is offered to others */
#define IDLE_YIELD 1024 /* ... before sleeping */
#define IDLE_US    50

void
lcore_idle(unsigned int idle)
{
	if (idle < IDLE_SPIN)
		rte_pause();
	else if (idle < IDLE_YIELD)
		sched_yield();
	else
		usleep(IDLE_US);
}

static unsigned int
poll_all(const struct stream_list *list)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < list->n; i++) {
		struct fwd_stream *fs = list->fs[i];

		n += fs->ring != NULL ? fwd_poll_lockstep(fs) : fwd_poll(fs);
	}
	return n;
}

/* So that the model knows whose accesses are traced. */
static void
cpu_set(const struct fwd_lcore *lc, const struct stream_list *list)
{
	uint32_t cpu = lc->is_core ? lc->id : steer_lcore_cpu(lc->id);

	for (unsigned int i = 0; i < list->n; i++)
		if (list->fs[i]->ring != NULL)
			list->fs[i]->ring->cpu = cpu;
}

/* watched is a constant here, so the loop that nobody watches knows nothing of it. */
static __rte_always_inline int
loop(struct fwd_lcore *lc, bool watched)
{
	struct stream_list *list = NULL, *want;
	unsigned int idle = 0, n;

	while (!__atomic_load_n(&lc->stop, __ATOMIC_RELAXED)) {
		want = __atomic_load_n(&lc->want, __ATOMIC_ACQUIRE);
		if (want != list) {
			list = want;
			cpu_set(lc, list);
			if (watched)
				watch_part_streams(lc->watch, list->fs, list->n);
			__atomic_store_n(&lc->have, list, __ATOMIC_RELEASE);
		}
		n = watched ? watch_part_poll(lc->watch) : poll_all(list);
		if (n != 0)
			idle = 0;
		else if (!lc->poll_busy)
			lcore_idle(idle++);
	}
	if (watched)
		watch_part_streams(lc->watch, NULL, 0);
	return 0;
}

int
lcore_main(void *arg)
{
	return loop(arg, false);
}

int
lcore_main_watched(void *arg)
{
	return loop(arg, true);
}
