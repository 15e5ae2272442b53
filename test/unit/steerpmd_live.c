/* SPDX-License-Identifier: BSD-3-Clause */

/* A live round as a forwarding lcore has it, with a made-up source and made-up forwarding. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lcores.h"
#include "live.h"

/* ---- source ---- */

static struct {
	unsigned int starts, stops, pass, opens, closes, prepares;
	uint64_t packets[4];
	int prepare_rc, read_rc, slot_rc;
	bool open; /* a window is */
} src;

static struct steer_source_thread fake_thread;

static unsigned int
fake_passes(const struct steer_source *s)
{
	return 2;
}

static int
fake_open(struct steer_source *s, unsigned int slots, struct steer_source_thread **t, char *why,
	  size_t len)
{
	src.opens++;
	assert_int_equal(slots, 2);
	fake_thread.source = s;
	*t = &fake_thread;
	return 0;
}

static void
fake_close(struct steer_source_thread *t)
{
	src.closes++;
}

static int
fake_prepare(struct steer_source_thread *t, char *why, size_t len)
{
	src.prepares++;
	snprintf(why, len, "noisy");
	return src.prepare_rc;
}

static void
fake_start(struct steer_source_thread *t, unsigned int pass)
{
	src.starts++;
	src.pass = pass;
	src.open = true;
}

static void
fake_stop(struct steer_source_thread *t, unsigned int pass, const uint64_t *packets)
{
	assert_true(src.open);
	assert_int_equal(pass, src.pass);
	src.open = false;
	src.stops++;
	memcpy(src.packets, packets, 2 * sizeof(*packets));
}

static int
fake_read(struct steer_source_thread *t, int slot, struct steer_figures *f, char *why, size_t len)
{
	snprintf(why, len, "slot %d", slot);
	*f = (struct steer_figures){.unit = STEER_UNIT_LOADS, .packets = 100 + slot};
	return slot < 0 ? src.read_rc : src.slot_rc;
}

static struct steer_source_ops ops = {
	.id = STEER_SOURCE_PMU,
	.passes = fake_passes,
	.thread_open = fake_open,
	.thread_close = fake_close,
	.prepare = fake_prepare,
	.start = fake_start,
	.stop = fake_stop,
	.read = fake_read,
};
static struct steer_source source = {.ops = &ops};

/* ---- forwarding: 10 packets a poll of stream 0, 5 of stream 1 ---- */

static struct app app;
static struct live live;
static struct live_part part;
static struct fwd_stream streams[2];
static unsigned int polls, timed_polls, idles;
static enum live_phase after_warm; /* what the main thread says after a while */

static uint16_t
poll(struct fwd_stream *fs)
{
	uint16_t n = fs == &streams[0] ? 10 : 5;

	/* a window is open exactly while it is measured */
	assert_int_equal(src.open, live.phase == LIVE_MEASURE);
	fs->rx_packets += n;
	if (++polls == 4)
		live.phase = after_warm;
	else if (polls == 10)
		live.phase = LIVE_STOP;
	return n;
}

uint16_t
fwd_poll(struct fwd_stream *fs)
{
	return poll(fs);
}

uint16_t
fwd_poll_timed(struct fwd_stream *fs)
{
	timed_polls++;
	/* nothing is sampled before the window */
	assert_ptr_equal(fs->probe, live.phase == LIVE_MEASURE ? &fake_thread : NULL);
	assert_int_equal(fs->slot, fs == &streams[0] ? 0 : 1);
	return poll(fs);
}

void
lcore_idle(unsigned int idle)
{
	idles++;
}

static int
fresh(void **state)
{
	memset(&src, 0, sizeof(src));
	memset(streams, 0, sizeof(streams));
	ops.id = STEER_SOURCE_PMU;
	live = (struct live){.app = &app, .source = &source, .phase = LIVE_WARM};
	part = (struct live_part){
		.live = &live, .n = 2, .fs = {&streams[0], &streams[1]}, .pass = 1};
	polls = timed_polls = idles = 0;
	after_warm = LIVE_MEASURE;
	return live_part_open(&part);
}

static void
a_window_counts_what_it_saw(void **state)
{
	assert_int_equal(live_part_prepare(&part), 0);
	assert_int_equal(live_part_window(&part), 0);
	assert_int_equal(src.starts, 1);
	assert_int_equal(src.stops, 1);
	assert_int_equal(src.pass, 1);
	/* 4 polls to warm up, 6 in the window, by turns */
	assert_int_equal(src.packets[0], 30);
	assert_int_equal(src.packets[1], 15);
	assert_int_equal(part.round_packets, 45);
	assert_true(part.round_tsc > 0);
	assert_int_equal(timed_polls, 0);
	assert_int_equal(idles, 0);
}

static void
windows_of_a_round_add_up(void **state)
{
	live_part_prepare(&part);
	live_part_window(&part);
	live.phase = LIVE_WARM;
	polls = 0;
	live_part_window(&part);
	assert_int_equal(part.round_packets, 90);
	live_part_prepare(&part);
	assert_int_equal(part.round_packets, 0);
	assert_int_equal(part.round_tsc, 0);
}

static void
what_ends_before_the_window_opens_no_window(void **state)
{
	after_warm = LIVE_STOP;
	assert_int_equal(live_part_window(&part), 0);
	assert_int_equal(src.starts, 0);
	assert_int_equal(src.stops, 0);
	assert_int_equal(part.round_packets, 0);
}

static void
the_probe_has_a_burst_function_of_its_own(void **state)
{
	ops.id = STEER_SOURCE_TIMING;
	assert_int_equal(live_part_window(&part), 0);
	assert_int_equal(timed_polls, 10);
	assert_int_equal(part.round_packets, 45);
}

static void
a_source_that_knows_only_threads(void **state)
{
	live_part_window(&part);
	src.slot_rc = -ENODATA;
	assert_int_equal(live_part_read(&part), 0);
	assert_int_equal(part.all.packets, 99);
	assert_int_equal(part.fig[0].packets, 30);
	assert_int_equal(part.fig[0].known, 0);
	assert_int_equal(part.fig[1].packets, 15);
	assert_int_equal(part.fig[1].unit, STEER_UNIT_LOADS);
}

static void
what_the_source_says_is_passed_on(void **state)
{
	assert_int_equal(live_part_read(&part), 0);
	assert_int_equal(part.fig[1].packets, 101);
	src.slot_rc = -EIO;
	assert_int_equal(live_part_read(&part), -EIO);
	assert_string_equal(part.why, "slot 0");
	src.read_rc = -EIO;
	assert_int_equal(live_part_read(&part), -EIO);
	assert_string_equal(part.why, "slot -1");
	src.prepare_rc = -EAGAIN;
	assert_int_equal(live_part_prepare(&part), -EAGAIN);
	assert_string_equal(part.why, "noisy");
	assert_int_equal(part.rc, -EAGAIN);
	live_part_close(&part);
	live_part_close(&part);
	assert_int_equal(src.closes, 1);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(a_window_counts_what_it_saw),
		FRESH(windows_of_a_round_add_up),
		FRESH(what_ends_before_the_window_opens_no_window),
		FRESH(the_probe_has_a_burst_function_of_its_own),
		FRESH(a_source_that_knows_only_threads),
		FRESH(what_the_source_says_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
