/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "data_file.h"
#include "timing_fixture.h"

#define LOST 3000u /* ticks of loads in a disturbed batch: of no state */

struct fake_machine fake_machine;

/* Somebody of that name whom the source hands back. */
struct timing_pages {
	int unused;
};

static int
usable(char *why, size_t len)
{
	if (fake_machine.unusable == NULL)
		return 0;
	snprintf(why, len, "%s", fake_machine.unusable);
	return -ENOTSUP;
}

static uint64_t
hz(void)
{
	return fake_machine.hz;
}

static uint32_t
step(void)
{
	return fake_machine.step;
}

static uint64_t
now(void)
{
	return fake_machine.now += 100;
}

static int
cpu(void)
{
	return fake_machine.cpu;
}

static struct timing_pages *
pages(void)
{
	static struct timing_pages some;

	if (++fake_machine.pages_calls == fake_machine.no_pages_at)
		return NULL;
	fake_machine.pages++;
	return &some;
}

static void
pages_free(struct timing_pages *p)
{
	fake_machine.pages--;
}

static void
batch(struct timing_pages *p, enum timing_state state, uint32_t *ticks)
{
	struct fake_machine *m = &fake_machine;

	m->batches++;
	if ((m->disturb != 0 && m->batches % m->disturb == 0) ||
	    (m->disturb_from != 0 && m->batches >= m->disturb_from)) {
		for (unsigned int i = 0; i < TIMING_BATCH; i++)
			ticks[i] = LOST;
		m->now += 100000;
		return;
	}
	for (unsigned int i = 0; i < TIMING_BATCH; i++)
		ticks[i] = m->ticks[state][m->at[state]++ % m->n[state]];
}

void
fake_machine_reset(const char *file)
{
	static double v[TIMING_STATES * FAKE_MAX];
	struct fake_machine *m = &fake_machine;
	size_t n = data_file(file, v, TIMING_STATES * FAKE_MAX);

	*m = (struct fake_machine){.hz = 2300000000, .step = 2, .cpu = 3};
	m->ops = (struct timing_machine){.counter = "fake",
					 .cycles = true,
					 .usable = usable,
					 .hz = hz,
					 .step = step,
					 .now = now,
					 .cpu = cpu,
					 .pages = pages,
					 .pages_free = pages_free,
					 .batch = batch};
	assert_int_equal(n % (TIMING_STATES * TIMING_BATCH), 0);
	for (size_t i = 0; i < n; i++) {
		unsigned int state = i / TIMING_BATCH % TIMING_STATES;

		m->ticks[state][m->n[state]++] = (uint32_t)v[i];
	}
}

void
fake_machine_coarsen(uint32_t width)
{
	for (unsigned int st = 0; st < TIMING_STATES; st++)
		for (unsigned int i = 0; i < fake_machine.n[st]; i++)
			fake_machine.ticks[st][i] -= fake_machine.ticks[st][i] % width;
}

void
fake_machine_samples(struct timing_samples *s)
{
	struct fake_machine *m = &fake_machine;

	memset(s, 0, sizeof(*s));
	for (unsigned int st = 0; st < TIMING_STATES; st++) {
		for (unsigned int i = 0; i < m->n[st]; i++) {
			struct timing_histogram *h =
				i / TIMING_BATCH % 2 == 0 ? &s->train[st] : &s->test[st];
			uint32_t t = m->ticks[st][i];

			h->ticks[t < TIMING_LAST ? t : TIMING_LAST]++;
		}
	}
}
