/* SPDX-License-Identifier: BSD-3-Clause */

/* The PMU as a source of figures: the life of a thread's part, and its windows. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pmu.h"
#include "steer_tally.h"

static struct pmu_thread *
thread_of(struct steer_source_thread *t)
{
	return (struct pmu_thread *)t;
}

static const struct pmu_source *
source_of(const struct steer_source *s)
{
	return (const struct pmu_source *)s;
}

static unsigned int
passes(const struct steer_source *s)
{
	return source_of(s)->nb_sets;
}

static void
thread_close(struct steer_source_thread *base)
{
	struct pmu_thread *t = thread_of(base);

	for (unsigned int i = 0; i < PMU_SETS_MAX; i++)
		pmu_set_close(&t->set[i]);
	free(t);
}

static int
thread_open(struct steer_source *base, unsigned int slots, struct steer_source_thread **out,
	    char *why, size_t len)
{
	struct pmu_source *s = (struct pmu_source *)base;
	struct pmu_thread *t = calloc(1, sizeof(*t));
	int rc = 0;

	if (t == NULL) {
		snprintf(why, len, "no memory for a thread's counters");
		return -ENOMEM;
	}
	t->base.source = base;
	t->slots = slots;
	for (unsigned int i = 0; i < s->nb_sets && rc == 0; i++) {
		const struct pmu_event *ev[PMU_SET_MAX];
		unsigned int n = pmu_table_set(s->table, i, ev);

		rc = pmu_set_open(&t->set[i], &s->perf, ev, n, why, len);
	}
	if (rc == 0) {
		*out = &t->base;
		return 0;
	}
	thread_close(&t->base);
	return rc;
}

static void
reset(struct steer_source_thread *base)
{
	struct pmu_thread *t = thread_of(base);

	t->row_known = 0;
	for (unsigned int i = 0; i < source_of(base->source)->nb_sets; i++)
		pmu_set_reset(&t->set[i]);
}

/* The loops run once in a thread's life: what can go wrong with counters is there from the first,
 * and they leave foreign lines in the caches. */
static int
prepare(struct steer_source_thread *base, char *why, size_t len)
{
	struct pmu_source *s = (struct pmu_source *)base->source;
	struct pmu_thread *t = thread_of(base);
	struct steer_figures f[2];
	int rc = 0;

	if (!t->checked)
		rc = pmu_check_run(s, t, f, why, len);
	t->checked = rc == 0;
	reset(base);
	return rc;
}

static void
start(struct steer_source_thread *base, unsigned int pass)
{
	pmu_set_start(&thread_of(base)->set[pass]);
}

static void
stop(struct steer_source_thread *base, unsigned int pass, const uint64_t *packets)
{
	struct pmu_thread *t = thread_of(base);
	uint64_t sum = 0;

	for (unsigned int i = 0; i < t->slots; i++)
		sum += packets[i];
	pmu_set_stop(&t->set[pass], sum);
}

static int
read_figures(struct steer_source_thread *base, int slot, struct steer_figures *f, char *why,
	     size_t len)
{
	struct pmu_thread *t = thread_of(base);

	if (slot >= 0 && (t->slots != 1 || slot > 0)) {
		snprintf(why, len,
			 "the PMU counts a thread, and this one polls %u queues: no figures per "
			 "queue",
			 t->slots);
		return -ENODATA;
	}
	return pmu_figures(source_of(base->source), t, f, why, len);
}

/* A formula is a sum of events per packet: times packets it may be added to others. */
static int
tally(struct steer_source_thread *base, int slot, struct steer_tally *sum, char *why, size_t len)
{
	struct steer_figures f = {0};
	int rc = read_figures(base, slot, &f, why, len);

	steer_tally_of_figures(&f, sum);
	return rc;
}

static int
describe(const struct steer_source *s, char *json, size_t len)
{
	return pmu_describe(source_of(s), json, len);
}

static void
destroy(struct steer_source *s)
{
	free(s);
}

const struct steer_source_ops pmu_source_ops = {
	.id = STEER_SOURCE_PMU,
	.passes = passes,
	.thread_open = thread_open,
	.thread_close = thread_close,
	.prepare = prepare,
	.reset = reset,
	.start = start,
	.stop = stop,
	.read = read_figures,
	.tally = tally,
	.describe = describe,
	.destroy = destroy,
};

unsigned int
steer_pmu_rows(const struct steer_source_thread *base, struct steer_pmu_row *rows, unsigned int n)
{
	const struct pmu_thread *t = (const struct pmu_thread *)base;
	const struct pmu_reading *r = source_of(base->source)->reading;
	unsigned int found = 0;

	for (unsigned int i = 0; i < r->nb; i++) {
		if (!(t->row_known & 1u << i))
			continue;
		if (found < n)
			rows[found] = (struct steer_pmu_row){r->rows[i].name, t->row[i]};
		found++;
	}
	return found;
}
