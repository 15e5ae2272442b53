/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"

int
result_init(struct result *r, unsigned int nb_queues, unsigned int max_rounds)
{
	struct queue_result *queues;

	r->rounds = calloc(max_rounds, sizeof(*r->rounds));
	queues = calloc((size_t)max_rounds * nb_queues, sizeof(*queues));
	if (r->rounds == NULL || queues == NULL) {
		free(r->rounds);
		free(queues);
		r->rounds = NULL;
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < max_rounds; i++)
		r->rounds[i].queues = &queues[i * nb_queues];
	r->nb_queues = nb_queues;
	r->max_rounds = max_rounds;
	r->nb_rounds = 0;
	return 0;
}

void
result_free(struct result *r)
{
	if (r->rounds != NULL)
		free(r->rounds[0].queues); /* one array for all rounds */
	free(r->rounds);
	r->rounds = NULL;
}

unsigned int
order_mode(unsigned int n, unsigned int round, unsigned int i)
{
	unsigned int first = round % n;

	return round / n % 2 == 0 ? (first + i) % n : (first + n - i) % n;
}

void
figures_of(const struct steer_platform *p, const struct steer_cache_counters *ctr, uint64_t packets,
	   struct figures *f)
{
	uint64_t touches = 0;

	*f = (struct figures){.valid = packets != 0};
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		touches += ctr->first_touch[l];
	f->touch_valid = touches != 0;
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		if (f->valid)
			f->lines[l] = (double)ctr->lines[l] / (double)packets;
		if (f->touch_valid)
			f->first_touch[l] = (double)ctr->first_touch[l] / (double)touches;
	}
	if (f->valid)
		f->cycles = steer_platform_cycles(p, ctr->lines) / (double)packets;
}

static void
add(struct steer_cache_counters *sum, const struct steer_cache_counters *c)
{
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		sum->lines[l] += c->lines[l];
		sum->first_touch[l] += c->first_touch[l];
	}
}

void
figures_of_round(const struct result *r, const struct round_result *round, struct figures *f)
{
	struct steer_cache_counters sum = {0};

	for (unsigned int q = 0; q < r->nb_queues; q++)
		add(&sum, &round->queues[q].ctr);
	figures_of(r->platform, &sum, round->packets, f);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
median(double *values, unsigned int n)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), compare);
	return n % 2 != 0 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Median and span of one field of n figures; values is room for n. */
static double
field_median(const struct figures *f, unsigned int n, size_t field, bool touch, double *values,
	     struct span *span)
{
	unsigned int k = 0;
	double m;

	for (unsigned int i = 0; i < n; i++)
		if (touch ? f[i].touch_valid : f[i].valid)
			values[k++] = *(const double *)((const char *)&f[i] + field);
	m = median(values, k);
	if (span != NULL && k != 0)
		*span = (struct span){values[0], values[k - 1]};
	return m;
}

static void
near_span(const struct figures *f, unsigned int n, struct span *span)
{
	*span = (struct span){INFINITY, -INFINITY};
	for (unsigned int i = 0; i < n; i++) {
		double near = f[i].first_touch[STEER_CACHE_L1] + f[i].first_touch[STEER_CACHE_L2];

		if (!f[i].touch_valid)
			continue;
		span->min = fmin(span->min, near);
		span->max = fmax(span->max, near);
	}
}

static void
summary_fill(const struct figures *f, unsigned int n, double *values, struct summary *s)
{
	struct figures *m = &s->median;

	for (unsigned int i = 0; i < n; i++) {
		s->rounds += f[i].valid;
		m->valid |= f[i].valid;
		m->touch_valid |= f[i].touch_valid;
	}
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		m->lines[l] = field_median(f, n, offsetof(struct figures, lines[l]), false, values,
					   &s->lines_span[l]);
		m->first_touch[l] = field_median(f, n, offsetof(struct figures, first_touch[l]),
						 true, values, NULL);
	}
	m->cycles = field_median(f, n, offsetof(struct figures, cycles), false, values,
				 &s->cycles_span);
	s->l2_or_better = m->first_touch[STEER_CACHE_L1] + m->first_touch[STEER_CACHE_L2];
	near_span(f, n, &s->near_span);
}

static int
summarize_some(const struct result *r, enum steering mode, int queue, struct summary *s)
{
	struct figures *f = calloc(r->nb_rounds + 1, sizeof(*f));
	double *values = calloc(r->nb_rounds + 1, sizeof(*values));
	unsigned int n = 0;
	int rc = -ENOMEM;

	*s = (struct summary){0};
	if (f == NULL || values == NULL)
		goto out;
	for (unsigned int i = 0; i < r->nb_rounds; i++) {
		const struct round_result *round = &r->rounds[i];
		const struct queue_result *q = queue < 0 ? NULL : &round->queues[queue];

		if (round->mode != mode)
			continue;
		if (q != NULL)
			figures_of(r->platform, &q->ctr, q->packets, &f[n++]);
		else
			figures_of_round(r, round, &f[n++]);
		s->packets += q != NULL ? q->packets : round->packets;
	}
	summary_fill(f, n, values, s);
	rc = 0;
out:
	free(f);
	free(values);
	return rc;
}

int
summarize(const struct result *r, enum steering mode, struct summary *s)
{
	return summarize_some(r, mode, -1, s);
}

int
summarize_queue(const struct result *r, enum steering mode, unsigned int queue, struct summary *s)
{
	return summarize_some(r, mode, (int)queue, s);
}
