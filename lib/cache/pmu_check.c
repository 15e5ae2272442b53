/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The self-check: counters that call an L2-resident loop L2 and a memory-resident loop memory may
 * be believed elsewhere. Emulated and half-hidden PMUs of virtual machines fail it.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pmu.h"

#define MOST  0.8  /* of the loop's loads are to be of its level */
#define FEW   0.15 /* may be of the other one; other code and TLB misses are among them */
#define TRIES 3u

static double
far(const struct steer_figures *f)
{
	double sum = 0;

	for (int i = STEER_CACHE_OTHER; i < STEER_CACHE_LEVELS; i++)
		if (f->known & 1u << i)
			sum += f->per_packet[i];
	return sum;
}

/* What serves a line that no cache has: memory, or what memory is merged into. */
static double
memory_of(const struct steer_figures *f)
{
	return f->merged & 1u << STEER_CACHE_MEMORY ? far(f) : f->per_packet[STEER_CACHE_MEMORY];
}

int
pmu_check_judge(const struct steer_figures *l2, const struct steer_figures *memory, char *why,
		size_t len)
{
	double near = l2->per_packet[STEER_CACHE_L2], wrong = far(l2);

	if (near < MOST || near > 2 - MOST || wrong > FEW) {
		snprintf(why, len,
			 "self-check: a loop that L2 holds was counted as %.2f loads from L2 and "
			 "%.2f from beyond, of 1.00",
			 near, wrong);
		return -ENOTSUP;
	}
	near = memory->per_packet[STEER_CACHE_L2];
	if (memory_of(memory) < MOST || memory_of(memory) > 2 - MOST || near > FEW) {
		snprintf(why, len,
			 "self-check: a loop that no cache holds was counted as %.2f loads from "
			 "memory and %.2f from L2, of 1.00",
			 memory_of(memory), near);
		return -ENOTSUP;
	}
	return 0;
}

static void
window(struct pmu_source *s, struct pmu_thread *t, struct pmu_chase *c, enum pmu_loop loop)
{
	const struct pmu_perf_ops *ops = s->perf.ops;

	for (unsigned int i = 0; i < s->table->level_sets; i++) {
		unsigned int loads;

		pmu_set_reset(&t->set[i]);
		ops->warm(s->perf.ctx, c, loop);
		pmu_set_start(&t->set[i]);
		loads = ops->run(s->perf.ctx, c, loop);
		pmu_set_stop(&t->set[i], loads);
	}
}

static bool
refused(const struct pmu_source *s, const struct pmu_thread *t)
{
	for (unsigned int i = 0; i < s->table->level_sets; i++)
		if (t->set[i].state == PMU_NOT_COUNTED)
			return true;
	return false;
}

/* A window may be void by chance: the thread was moved, somebody ran perf. */
static int
loop_figures(struct pmu_source *s, struct pmu_thread *t, struct pmu_chase *c, enum pmu_loop loop,
	     struct steer_figures *f, char *why, size_t len)
{
	int rc = -EIO;

	for (unsigned int i = 0; i < TRIES && rc == -EIO; i++) {
		window(s, t, c, loop);
		rc = pmu_figures(s, t, f, why, len);
	}
	if (rc != -EIO)
		return rc;
	return refused(s, t) ? -EBUSY : -EAGAIN;
}

int
pmu_check_run(struct pmu_source *s, struct pmu_thread *t, struct steer_figures f[2], char *why,
	      size_t len)
{
	struct pmu_chase *c = pmu_chase_create();
	int rc = -ENOMEM;

	if (c == NULL) {
		snprintf(why, len, "self-check: no memory for its loops");
		return rc;
	}
	rc = loop_figures(s, t, c, PMU_LOOP_L2, &f[PMU_LOOP_L2], why, len);
	if (rc == 0)
		rc = loop_figures(s, t, c, PMU_LOOP_MEMORY, &f[PMU_LOOP_MEMORY], why, len);
	if (rc == 0)
		rc = pmu_check_judge(&f[PMU_LOOP_L2], &f[PMU_LOOP_MEMORY], why, len);
	pmu_chase_destroy(c);
	return rc;
}
