/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "timing.h"

#define EVERY_MAX   1000000u
#define SAMPLES_MIN 256u
#define SAMPLES_MAX 1048576u
#define NS_PER_S    1e9

/* Of all sources' lists of records: taken when a thread opens or closes. */
static pthread_mutex_t records_lock = PTHREAD_MUTEX_INITIALIZER;

/* A closed record of the same CPU goes on: threads are opened anew for each experiment. */
static struct timing_record *
record_find(const struct timing_source *s, int cpu)
{
	for (struct timing_record *r = s->records; r != NULL; r = r->next)
		if (!r->open && r->last.cpu == cpu)
			return r;
	return NULL;
}

struct timing_record *
timing_record_open(struct timing_source *s, int cpu)
{
	struct timing_record *r;

	pthread_mutex_lock(&records_lock);
	r = record_find(s, cpu);
	if (r == NULL) {
		r = calloc(1, sizeof(*r));
		if (r != NULL) {
			r->last.cpu = cpu;
			r->next = s->records;
			s->records = r;
		}
	}
	if (r != NULL)
		r->open = true;
	pthread_mutex_unlock(&records_lock);
	return r;
}

void
timing_record_close(struct timing_source *s, struct timing_record *r)
{
	(void)s;
	pthread_mutex_lock(&records_lock);
	r->open = false;
	pthread_mutex_unlock(&records_lock);
}

static unsigned int
passes(const struct steer_source *s)
{
	(void)s;
	return 1;
}

static void
destroy(struct steer_source *source)
{
	struct timing_source *s = (struct timing_source *)source;

	if (s == NULL)
		return;
	for (struct timing_record *r = s->records, *next; r != NULL; r = next) {
		next = r->next;
		free(r);
	}
	free(s);
}

static const struct steer_source_ops timing_ops = {
	.id = STEER_SOURCE_TIMING,
	.passes = passes,
	.thread_open = timing_thread_open,
	.thread_close = timing_thread_close,
	.prepare = timing_prepare,
	.reset = timing_reset,
	.start = timing_start,
	.stop = timing_stop,
	.read = timing_read,
	.tally = timing_thread_tally,
	.describe = timing_describe,
	.destroy = destroy,
};

static int
conf_take(struct timing_source *s, const struct steer_timing_conf *conf, char *why, size_t len)
{
	const struct steer_timing_conf defaults = {0};

	if (conf == NULL)
		conf = &defaults;
	s->every = conf->every != 0 ? conf->every : STEER_TIMING_EVERY;
	s->samples = conf->samples != 0 ? conf->samples : STEER_TIMING_SAMPLES;
	s->hz = conf->hz;
	if (s->every <= EVERY_MAX && s->samples >= SAMPLES_MIN && s->samples <= SAMPLES_MAX)
		return 0;
	snprintf(why, len, "one sample in %u packets and %u to calibrate: takes 1..%u and %u..%u",
		 s->every, s->samples, EVERY_MAX, SAMPLES_MIN, SAMPLES_MAX);
	return -EINVAL;
}

/* The counter's own frequency is better known than the caller's only on Arm. */
static int
counter_check(struct timing_source *s, char *why, size_t len)
{
	const struct timing_machine *m = s->machine;
	double ns;

	if (!m->cycles || s->hz == 0)
		s->hz = m->hz();
	s->step = m->step();
	ns = s->hz == 0 ? 0 : s->step * NS_PER_S / (double)s->hz;
	if (s->hz != 0 && s->step != 0 && ns <= TIMING_STEP)
		return 0;
	if (s->hz == 0 || s->step == 0)
		snprintf(why, len, "the counter %s stands still, or its frequency is not known",
			 m->counter);
	else
		snprintf(why, len,
			 "the counter %s moves in steps of %.1f ns: too coarse to tell "
			 "caches apart (%.0f ns or less are needed)",
			 m->counter, ns, TIMING_STEP);
	return -ENOTSUP;
}

static int
first_calibration(struct timing_source *s, char *why, size_t len)
{
	struct timing_samples *work = malloc(sizeof(*work));
	struct timing_pages *pages = s->machine->pages();
	int rc = -ENOMEM;

	if (work == NULL || pages == NULL)
		snprintf(why, len, "no memory to calibrate");
	else
		rc = timing_calibrate(s, pages, work, &s->start, why, len);
	if (pages != NULL)
		s->machine->pages_free(pages);
	free(work);
	return rc;
}

int
timing_create(const struct timing_machine *m, const struct steer_timing_conf *conf,
	      struct steer_source **source, char *why, size_t len)
{
	struct timing_source *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL) {
		snprintf(why, len, "no memory");
		return -ENOMEM;
	}
	s->base.ops = &timing_ops;
	s->machine = m;
	rc = conf_take(s, conf, why, len);
	if (rc == 0)
		rc = m->usable(why, len);
	if (rc == 0)
		rc = counter_check(s, why, len);
	if (rc == 0)
		rc = first_calibration(s, why, len);
	if (rc != 0) {
		free(s);
		return rc;
	}
	*source = &s->base;
	return 0;
}

int
steer_timing_create(const struct steer_timing_conf *conf, struct steer_source **source, char *why,
		    size_t len)
{
	return timing_create(&timing_this_machine, conf, source, why, len);
}
