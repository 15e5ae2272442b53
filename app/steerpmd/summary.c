/* SPDX-License-Identifier: BSD-3-Clause */

/* Medians, quartiles and stability over the rounds of one mode. */

#include <errno.h>
#include <stdlib.h>

#include "result.h"

static void
spread_of(double *values, size_t n, struct spread *s)
{
	*s = (struct spread){.n = n};
	if (n == 0)
		return;
	s->median = steer_stat_median(values, n); /* sorts */
	s->min = values[0];
	s->max = values[n - 1];
	steer_stat_quartiles(values, n, &s->q1, &s->q3);
}

/* So that it is the sum of the two medians that stand beside it. */
static void
near_is_a_sum(struct summary *s)
{
	const struct spread *l1 = &s->fig[FIG_TOUCH + STEER_CACHE_L1];
	const struct spread *l2 = &s->fig[FIG_TOUCH + STEER_CACHE_L2];

	if (s->fig[FIG_NEAR].n != 0)
		s->fig[FIG_NEAR].median = l1->median + (l2->n != 0 ? l2->median : 0);
}

/* What a user looks at first and the source knows. */
static void
stability(const struct result *r, enum steering mode, int queue, double *values, struct summary *s)
{
	static const enum figure order[] = {FIG_CYCLES, FIG_MPPS, FIG_NEAR};
	size_t n = 0;

	for (unsigned int i = 0; i < sizeof(order) / sizeof(order[0]) && n == 0; i++)
		n = result_series(r, mode, queue, order[i], values);
	s->stability = steer_stat_stability(values, n, s->why, sizeof(s->why));
}

static void
count(const struct result *r, enum steering mode, int queue, struct summary *s)
{
	for (unsigned int i = 0; i < r->nb_rounds; i++) {
		const struct round_result *round = &r->rounds[i];
		const struct steer_figures *f = queue < 0 ? &round->fig : &round->queues[queue].fig;

		if (round->mode != mode)
			continue;
		s->rounds += f->packets != 0;
		s->packets += f->packets;
		if (queue < 0)
			s->latency_samples += round->lat.samples;
	}
}

int
summarize(const struct result *r, enum steering mode, int queue, struct summary *s)
{
	double *values = calloc(r->nb_rounds + 1, sizeof(*values));

	*s = (struct summary){0};
	if (values == NULL)
		return -ENOMEM;
	count(r, mode, queue, s);
	for (enum figure f = 0; f < FIGURES; f++)
		spread_of(values, result_series(r, mode, queue, f, values), &s->fig[f]);
	near_is_a_sum(s);
	stability(r, mode, queue, values, s);
	free(values);
	return 0;
}
