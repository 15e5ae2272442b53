/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Collect loads of prepared lines, and learn from them. Lines are in the state that they were
 * brought into only as long as nobody else was on the CPU: a batch that took much longer than
 * others of its state was interrupted, and is done anew. That says nothing about its loads but that
 * their state is not known.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "timing.h"

#define LONGER 3u /* times the shortest batch: interrupted */

struct collect {
	const struct timing_machine *machine;
	struct timing_pages *pages;
	uint64_t shortest[TIMING_STATES];
	uint32_t ticks[TIMING_BATCH];
};

/* @return whether it was undisturbed. */
static bool
batch(struct collect *c, unsigned int state)
{
	uint64_t start = c->machine->now(), took;

	c->machine->batch(c->pages, (enum timing_state)state, c->ticks);
	took = c->machine->now() - start;
	if (took < c->shortest[state])
		c->shortest[state] = took;
	return took / LONGER <= c->shortest[state];
}

static void
add(struct timing_histogram *h, const uint32_t *ticks)
{
	for (unsigned int i = 0; i < TIMING_BATCH; i++)
		h->ticks[ticks[i] < TIMING_LAST ? ticks[i] : TIMING_LAST]++;
}

/*
 * The states take turns and the halves too, so that what disturbs meets all of them alike.
 * The first batches are for the shortest times and to have the pages at hand.
 */
static int
collect(struct collect *c, unsigned int batches, struct timing_samples *work, char *why, size_t len)
{
	unsigned int spare = 2 * batches * TIMING_STATES;

	memset(work, 0, sizeof(*work));
	for (unsigned int i = 0; i < TIMING_WARM * TIMING_STATES; i++)
		batch(c, i % TIMING_STATES);
	for (unsigned int i = 0; i < batches; i++) {
		for (unsigned int st = 0; st < TIMING_STATES; st++) {
			while (!batch(c, st)) {
				if (spare-- == 0)
					goto busy;
			}
			add(i % 2 == 0 ? &work->train[st] : &work->test[st], c->ticks);
		}
	}
	return 0;
busy:
	snprintf(why, len,
		 "CPU %d is busy with other programs: two of three batches of loads were "
		 "interrupted",
		 c->machine->cpu());
	return -EAGAIN;
}

int
timing_calibrate(const struct timing_source *s, struct timing_pages *pages,
		 struct timing_samples *work, struct timing_calibration *cal, char *why, size_t len)
{
	unsigned int batches = (s->samples + 2 * TIMING_BATCH - 1) / (2 * TIMING_BATCH) * 2;
	struct collect c = {.machine = s->machine, .pages = pages};
	int rc = -EAGAIN;

	memset(c.shortest, 0xff, sizeof(c.shortest));
	for (unsigned int i = 0; i < TIMING_TRIES && rc == -EAGAIN; i++) {
		rc = collect(&c, batches, work, why, len);
		if (rc == 0)
			rc = timing_learn(work, cal, why, len);
	}
	cal->valid = rc == 0;
	cal->cpu = s->machine->cpu();
	return rc;
}
