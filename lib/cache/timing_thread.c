/* SPDX-License-Identifier: BSD-3-Clause */

/* A thread's part: calibration before each round, one window, figures. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timing.h"

#define MAX_SLOTS 1024u

static struct timing_thread *
thread_of(struct steer_source_thread *t)
{
	return (struct timing_thread *)t;
}

int
timing_thread_open(struct steer_source *source, unsigned int slots, struct steer_source_thread **t,
		   char *why, size_t len)
{
	struct timing_source *s = (struct timing_source *)source;
	struct timing_thread *tt;

	if (slots == 0 || slots > MAX_SLOTS) {
		snprintf(why, len, "a thread has 1 to %u queues, not %u", MAX_SLOTS, slots);
		return -EINVAL;
	}
	tt = calloc(1, sizeof(*tt));
	if (tt == NULL)
		goto fail;
	tt->hot.base.source = source;
	tt->source = s;
	tt->hot.every = s->every;
	tt->hot.rng = 1;
	tt->hot.slots = slots;
	tt->hot.ticks = calloc(slots, sizeof(*tt->hot.ticks));
	tt->packets = calloc(slots, sizeof(*tt->packets));
	tt->work = malloc(sizeof(*tt->work));
	tt->pages = s->machine->pages();
	tt->record = timing_record_open(s, s->machine->cpu());
	if (tt->hot.ticks == NULL || tt->packets == NULL || tt->work == NULL || tt->pages == NULL ||
	    tt->record == NULL)
		goto fail;
	*t = &tt->hot.base;
	return 0;
fail:
	if (tt != NULL)
		timing_thread_close(&tt->hot.base);
	snprintf(why, len, "no memory for %u queues", slots);
	return -ENOMEM;
}

void
timing_thread_close(struct steer_source_thread *t)
{
	struct timing_thread *tt = thread_of(t);

	if (tt == NULL)
		return;
	if (tt->record != NULL)
		timing_record_close(tt->source, tt->record);
	if (tt->pages != NULL)
		tt->source->machine->pages_free(tt->pages);
	free(tt->work);
	free(tt->packets);
	free(tt->hot.ticks);
	free(tt);
}

int
timing_prepare(struct steer_source_thread *t, char *why, size_t len)
{
	struct timing_thread *tt = thread_of(t);
	int rc;

	tt->hot.left = 0;
	rc = timing_calibrate(tt->source, tt->pages, tt->work, &tt->cal, why, len);
	if (rc != 0) {
		tt->record->refused++;
		return rc;
	}
	tt->record->calibrations++;
	tt->record->last = tt->cal;
	return 0;
}

/* Each window begins with nothing; the calibration stays. */
void
timing_reset(struct steer_source_thread *t)
{
	(void)t;
}

/* Is the thread still where it was calibrated? Where the CPU is not known it is taken to be. */
static void
check_cpu(struct timing_thread *tt)
{
	int cpu = tt->source->machine->cpu();

	tt->moved |= cpu != tt->cal.cpu;
}

void
timing_start(struct steer_source_thread *t, unsigned int pass)
{
	struct timing_thread *tt = thread_of(t);

	(void)pass; /* there is one */
	memset(tt->hot.ticks, 0, tt->hot.slots * sizeof(*tt->hot.ticks));
	memset(tt->packets, 0, tt->hot.slots * sizeof(*tt->packets));
	tt->moved = false;
	check_cpu(tt);
	tt->hot.left = steer_timing_next(&tt->hot);
	tt->begun = tt->source->machine->now();
}

void
timing_stop(struct steer_source_thread *t, unsigned int pass, const uint64_t *packets)
{
	struct timing_thread *tt = thread_of(t);

	(void)pass;
	tt->elapsed = tt->source->machine->now() - tt->begun;
	tt->hot.left = 0;
	check_cpu(tt);
	for (unsigned int i = 0; i < tt->hot.slots; i++) {
		const uint32_t *ticks = tt->hot.ticks[i];

		tt->packets[i] = packets[i];
		for (uint32_t k = 0; k < TIMING_LAST; k++)
			tt->record->samples += ticks[k];
		tt->record->interrupted += ticks[TIMING_LAST];
	}
}

int
timing_thread_tally(struct steer_source_thread *t, int slot, struct steer_tally *sum, char *why,
		    size_t len)
{
	struct timing_thread *tt = thread_of(t);

	if (slot < -1 || slot >= (int)tt->hot.slots) {
		snprintf(why, len, "there is no queue %d, there are %u", slot, tt->hot.slots);
		return -EINVAL;
	}
	if (!tt->cal.valid) {
		snprintf(why, len, "the thread has no valid calibration");
		return -EIO;
	}
	if (tt->moved) {
		snprintf(why, len, "the thread left CPU %d, where it was calibrated: pin it to one",
			 tt->cal.cpu);
		return -EIO;
	}
	if (slot < 0)
		timing_tally(tt, 0, tt->hot.slots, sum);
	else
		timing_tally(tt, (unsigned int)slot, 1, sum);
	return 0;
}

int
timing_read(struct steer_source_thread *t, int slot, struct steer_figures *f, char *why, size_t len)
{
	struct steer_tally sum;
	int rc = timing_thread_tally(t, slot, &sum, why, len);

	if (rc == 0)
		steer_tally_figures(&sum, f);
	return rc;
}
