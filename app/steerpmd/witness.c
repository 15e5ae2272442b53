/* SPDX-License-Identifier: BSD-3-Clause */

/* Windows of the system-wide witnesses. */

#include <string.h>

#include <rte_errno.h>

#include "witness.h"

#define DESCRIBE_SIZE (8 * 1024)

void
witness_open(struct witness *w, const struct steer_pmu_conf *conf)
{
	*w = (struct witness){.pmu = NULL};
	if (steer_pmu_witness_open(conf, &w->pmu, w->why, sizeof(w->why)) != 0)
		w->pmu = NULL;
	else
		w->why[0] = '\0';
}

void
witness_close(struct witness *w)
{
	steer_pmu_witness_close(w->pmu);
	w->pmu = NULL;
}

void
witness_round(struct witness *w)
{
	w->round = (struct witness_figures){.packets = 0};
	w->running = w->failed = false;
}

static void
fail(struct witness *w, int rc)
{
	snprintf(w->why, sizeof(w->why), "witness: its counters cannot be switched on: %s",
		 rte_strerror(-rc));
	w->failed = true;
}

void
witness_start(struct witness *w, uint64_t (*packets)(void *arg), void *arg)
{
	struct steer_pmu_witness_figures off;
	char why[STEER_SOURCE_WHY];
	uint64_t before;
	int rc;

	if (w->pmu == NULL || w->failed)
		return;
	before = packets(arg);
	rc = steer_pmu_witness_start(w->pmu);
	if (rc != 0) {
		steer_pmu_witness_stop(w->pmu, &off, why, sizeof(why)); /* those that are on */
		fail(w, rc);
		return;
	}
	/* the counter in the middle */
	w->from = before + (packets(arg) - before) / 2;
	w->running = true;
}

static void
add(struct witness_figures *sum, const struct steer_pmu_witness_figures *f, uint64_t packets)
{
	sum->sys.known = sum->packets == 0 ? f->known : sum->sys.known & f->known;
	sum->packets += packets;
	for (unsigned int k = 0; k < STEER_PMU_WITNESS_KINDS; k++)
		sum->sys.count[k] += f->count[k];
}

void
witness_stop(struct witness *w, uint64_t packets)
{
	struct steer_pmu_witness_figures f;

	if (!w->running)
		return;
	w->running = false;
	if (steer_pmu_witness_stop(w->pmu, &f, w->why, sizeof(w->why)) != 0)
		w->failed = true;
	else if (packets > w->from)
		add(&w->round, &f, packets - w->from);
}

void
witness_take(const struct witness *w, struct witness_figures *f)
{
	*f = w->round;
	if (w->failed)
		*f = (struct witness_figures){.packets = 0};
}

json_t *
witness_events(const struct witness *w)
{
	char text[DESCRIBE_SIZE];
	int n;

	if (w->pmu == NULL)
		return NULL;
	n = steer_pmu_witness_describe(w->pmu, text, sizeof(text));
	return n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;
}

static bool
share_of(const struct steer_pmu_witness_figures *f, enum steer_pmu_witness_kind part,
	 uint64_t whole, uint32_t needed, double *v)
{
	if ((f->known & needed) != needed || whole == 0)
		return false;
	*v = (double)f->count[part] / (double)whole;
	return true;
}

bool
witness_figure(const struct witness_figures *f, unsigned int fig, double *v)
{
	const uint64_t *n = f->sys.count;

	if (f->packets == 0)
		return false;
	if (fig == WITNESS_HITS)
		return share_of(&f->sys, STEER_PMU_WRITE_HIT,
				n[STEER_PMU_WRITE_HIT] + n[STEER_PMU_WRITE_MISS],
				1u << STEER_PMU_WRITE_HIT | 1u << STEER_PMU_WRITE_MISS, v);
	if (fig == WITNESS_TAKEN)
		return share_of(&f->sys, STEER_PMU_STASH_PULLED, n[STEER_PMU_STASH_SENT],
				1u << STEER_PMU_STASH_SENT | 1u << STEER_PMU_STASH_PULLED, v);
	*v = (double)n[fig] / (double)f->packets;
	return (f->sys.known & 1u << fig) != 0;
}

const char *
witness_name(unsigned int fig)
{
	static const char *const names[WITNESS_FIGURES] = {
		[STEER_PMU_WRITE_HIT] = "write_hit",   [STEER_PMU_WRITE_MISS] = "write_miss",
		[STEER_PMU_IO_WRITES] = "io_writes",   [STEER_PMU_DRAM_WRITES] = "dram_writes",
		[STEER_PMU_STASH_SENT] = "stash_sent", [STEER_PMU_STASH_PULLED] = "stash_pulled",
		[WITNESS_HITS] = "write_hit_share",    [WITNESS_TAKEN] = "stash_taken_share",
	};

	return names[fig];
}
