/* SPDX-License-Identifier: BSD-3-Clause */

/* The main thread's side of a live round. */

#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "events.h"
#include "latency.h"
#include "lcores.h"
#include "live.h"

#define STALL_S 20 /* no packet for so long: nobody sends */

static int
launch_all(struct live *live, int (*fn)(void *))
{
	int rc = 0;

	for (unsigned int i = 0; i < live->nb_parts && rc == 0; i++) {
		live->parts[i].rc = 0;
		rc = rte_eal_remote_launch(fn, &live->parts[i], live->parts[i].lcore);
		if (rc != 0)
			complain("lcore %u: launch: %s", live->parts[i].lcore, rte_strerror(-rc));
	}
	return rc;
}

static void
wait_all(const struct live *live)
{
	for (unsigned int i = 0; i < live->nb_parts; i++)
		rte_eal_wait_lcore(live->parts[i].lcore);
}

static struct live_part *
first_failed(struct live *live)
{
	for (unsigned int i = 0; i < live->nb_parts; i++)
		if (live->parts[i].rc != 0)
			return &live->parts[i];
	return NULL;
}

/* A step that all lcores take together. @return the part that failed, NULL none. */
static struct live_part *
step(struct live *live, int (*fn)(void *))
{
	static struct live_part not_launched;
	int rc = launch_all(live, fn);

	wait_all(live);
	if (rc == 0)
		return first_failed(live);
	not_launched = (struct live_part){.rc = rc, .why = "lcores cannot be launched"};
	return &not_launched;
}

static void
parts_fill(struct live *live)
{
	struct app *app = live->app;

	for (unsigned int l = 0; l < app->nb_lcores; l++) {
		struct live_part *p = &live->parts[live->nb_parts];

		*p = (struct live_part){.live = live, .lcore = lcores_id(app, l)};
		for (unsigned int i = 0; i < app->nb_streams && p->n < LIVE_SLOTS; i++)
			if (app->streams[i].lcore == p->lcore)
				p->fs[p->n++] = &app->streams[i];
		live->nb_parts += p->n != 0;
	}
}

int
live_open(struct app *app, struct steer_source *source, struct witness *witness, struct live **out)
{
	const char *name = steer_source_name(source->ops->id);
	struct live *live = calloc(1, sizeof(*live));
	const struct live_part *failed;
	int rc;

	if (live == NULL)
		return -ENOMEM;
	*live = (struct live){.app = app, .source = source, .witness = witness};
	live->parts = aligned_alloc(RTE_CACHE_LINE_SIZE, app->nb_lcores * sizeof(*live->parts));
	if (live->parts == NULL) {
		free(live);
		return -ENOMEM;
	}
	parts_fill(live);
	failed = step(live, live_part_open);
	if (failed == NULL) {
		*out = live;
		return 0;
	}
	rc = failed->rc;
	complain("%s: lcore %u: %s", name, failed->lcore, failed->why);
	live_close(live);
	return rc;
}

void
live_close(struct live *live)
{
	if (live == NULL)
		return;
	step(live, live_part_close);
	free(live->parts);
	free(live);
}

/* A machine that is too noisy just now may be quiet a moment later. */
int
live_prepare(struct live *live)
{
	const char *name = steer_source_name(live->source->ops->id);
	const struct live_part *failed = NULL;

	for (unsigned int tries = 0; tries < 5; tries++) {
		if (events_wait(0, false) & EVENT_QUIT) {
			complain("%s: interrupted", name);
			return -EINTR;
		}
		failed = step(live, live_part_prepare);
		if (failed == NULL || failed->rc != -EAGAIN)
			break;
	}
	if (failed == NULL)
		return 0;
	complain("%s: lcore %u: %s", name, failed->lcore, failed->why);
	return failed->rc;
}

static uint64_t
packets_sum(const struct app *app)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < app->nb_streams; i++)
		n += __atomic_load_n(&app->streams[i].rx_packets, __ATOMIC_RELAXED);
	return n;
}

static uint64_t
packets_now(void *app)
{
	return packets_sum(app);
}

static int
wait_packets(const struct app *app, uint64_t packets)
{
	uint64_t from = packets_sum(app), last = from, now = from, since = rte_get_timer_cycles();
	unsigned int events;

	while (now - from < packets) {
		events = events_wait(1, false);
		if (events & EVENT_QUIT)
			return -EINTR;
		if (events & EVENT_REMOVED)
			return -ENODEV;
		now = packets_sum(app);
		if (now != last) {
			last = now;
			since = rte_get_timer_cycles();
		}
		if (rte_get_timer_cycles() - since > STALL_S * rte_get_timer_hz())
			return -ETIMEDOUT;
	}
	return 0;
}

static void
phase_set(struct live *live, enum live_phase phase)
{
	__atomic_store_n(&live->phase, phase, __ATOMIC_RELEASE);
}

int
live_window(struct live *live, unsigned int pass, uint64_t warm, uint64_t packets)
{
	int rc;

	for (unsigned int i = 0; i < live->nb_parts; i++)
		live->parts[i].pass = pass;
	phase_set(live, LIVE_WARM);
	rc = launch_all(live, live_part_window);
	if (rc == 0)
		rc = wait_packets(live->app, warm);
	if (rc == 0) {
		if (pass == 0)
			latency_mark(live->app);
		/* while packets still pass uncounted: it takes its time */
		witness_start(live->witness, packets_now, live->app);
		phase_set(live, LIVE_MEASURE);
		rc = wait_packets(live->app, packets);
	}
	phase_set(live, LIVE_STOP);
	wait_all(live);
	witness_stop(live->witness, packets_sum(live->app));
	if (rc != 0)
		complain("%s: round is void: %s", steer_source_name(live->source->ops->id),
			 rc == -EINTR       ? "interrupted"
			 : rc == -ENODEV    ? "the device is gone"
			 : rc == -ETIMEDOUT ? "no packet for a long time"
					    : rte_strerror(-rc));
	return rc;
}

int
live_read(struct live *live, const char **why)
{
	const struct live_part *failed = step(live, live_part_read);

	if (failed == NULL)
		return 0;
	*why = failed->why;
	return failed->rc;
}
