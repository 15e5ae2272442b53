/* SPDX-License-Identifier: BSD-3-Clause */

/* Watching an lcore that forwards, over a PMU of recorded counts and over made-up sources, and what
 * is shown of it. */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pmu_world.h"
#include "watch.h"

#define POLLS 64 /* after which an lcore looks at the clock */
#define BURST 1000

static struct world world;
static struct watch_part part;
static struct fwd_stream streams[3];
static struct fwd_stream *const both[] = {&streams[0], &streams[1]}, *const third[] = {&streams[2]};

/* ---- forwarding: a burst of 1,000 packets each time ---- */

static unsigned int timed_polls;
static const struct steer_source_thread *probe_wanted;

static uint16_t
poll(struct fwd_stream *fs)
{
	fs->rx_packets += BURST;
	if (world.root != NULL)
		fake_pmu_forward(&world.f, BURST);
	return BURST;
}

uint16_t
fwd_poll(struct fwd_stream *fs)
{
	assert_null(fs->probe); /* nobody samples outside of its own windows */
	return poll(fs);
}

uint16_t
fwd_poll_timed(struct fwd_stream *fs)
{
	timed_polls++;
	assert_ptr_equal(fs->probe, probe_wanted);
	assert_int_equal(fs->slot, fs - streams);
	return poll(fs);
}

static void
polls(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(watch_part_poll(&part), part.n * BURST);
}

/* The main thread asks; the lcore answers with the next burst. */
static void
ask(void)
{
	uint32_t want = part.ack + 1;

	part.ask = want;
	polls(1);
	assert_int_equal(part.ack, want);
}

static struct steer_figures
figures(unsigned int source, unsigned int row)
{
	struct steer_figures f;

	steer_tally_figures(&part.source[source].copy[row], &f);
	return f;
}
#define ALL 3 /* row of the whole lcore */

static void
begin(struct steer_source *const *sources, unsigned int n, struct fwd_stream *const *fs,
      unsigned int nb)
{
	memset(streams, 0, sizeof(streams));
	timed_polls = 0;
	assert_int_equal(watch_part_init(&part, sources, n, streams, 3), 0);
	watch_part_open(&part);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(part.source[i].rc, 0);
	watch_part_streams(&part, fs, nb);
}

static void
end(void)
{
	watch_part_streams(&part, NULL, 0);
	watch_part_close(&part);
	watch_part_fini(&part);
}

/* ---- PMU ---- */

static void
pmu_begin(struct fwd_stream *const *fs, unsigned int n)
{
	WORLD_BEGIN(&world, TEXT_SPR, rec_spr);
	assert_int_equal(world_create(&world), 0);
	begin(&world.s, 1, fs, n);
	assert_int_equal(part.nb_windows, 4);
}

static void
pmu_end(void)
{
	end();
	world_end(&world);
	memset(&world, 0, sizeof(world));
}

static void
recorded(const struct steer_figures *f)
{
	assert_near(f->per_packet[STEER_CACHE_L1], 12.0 + 1.5);
	assert_near(f->per_packet[STEER_CACHE_L2], 0.8);
	assert_near(f->per_packet[STEER_CACHE_LLC], 0.250 - 0.040);
	assert_near(f->per_packet[STEER_CACHE_MEMORY], 0.090 - 0.005 - 0.010);
	assert_near(f->cycles, 300.0);
}

/* A round is complete when each pass had its window; what is under way is not shown yet. */
static void
rounds_of_a_lone_queue(void **state)
{
	struct steer_figures f;

	pmu_begin(third, 1);
	polls(2 * 4 * POLLS + 100);
	ask();
	f = figures(0, ALL);
	assert_int_equal(f.packets, 2 * 4 * POLLS * BURST);
	recorded(&f);
	f = figures(0, 2);
	assert_int_equal(f.packets, 2 * 4 * POLLS * BURST);
	recorded(&f);
	assert_int_equal(figures(0, 0).packets, 0);
	assert_int_equal(part.source[0].rounds_copy.all, 2);
	assert_int_equal(part.source[0].rounds_copy.voids, 0);
	pmu_end();
}

/* The PMU counts a thread: of two queues it knows nothing but both together. */
static void
queues_that_share_an_lcore(void **state)
{
	struct steer_figures f;

	pmu_begin(both, 2);
	polls(4 * POLLS);
	ask();
	f = figures(0, ALL);
	assert_int_equal(f.packets, 4 * POLLS * 2 * BURST);
	recorded(&f);
	assert_int_equal(figures(0, 0).packets, 0);
	assert_int_equal(figures(0, 1).packets, 0);
	pmu_end();
}

/* Figures of half a round before and half a round after would be of neither. */
static void
a_queue_that_moves_cuts_the_round(void **state)
{
	pmu_begin(both, 2);
	polls(2 * POLLS);
	watch_part_streams(&part, third, 1);
	polls(4 * POLLS);
	ask();
	assert_int_equal(part.source[0].rounds_copy.all, 1);
	assert_int_equal(figures(0, ALL).packets, 4 * POLLS * BURST);
	assert_int_equal(figures(0, 2).packets, 4 * POLLS * BURST);
	/* with nothing to poll there is no window, and later there is one again */
	watch_part_streams(&part, NULL, 0);
	polls(4 * POLLS);
	watch_part_streams(&part, third, 1);
	polls(4 * POLLS);
	ask();
	assert_int_equal(figures(0, 2).packets, 2 * 4 * POLLS * BURST);
	pmu_end();
}

static void
void_rounds_are_counted_and_left_out(void **state)
{
	struct steer_figures f;

	pmu_begin(third, 1);
	world.f.lost_permille = 500;
	polls(4 * POLLS);
	world.f.lost_permille = 0;
	polls(4 * POLLS);
	ask();
	assert_int_equal(part.source[0].rounds_copy.all, 2);
	assert_int_equal(part.source[0].rounds_copy.voids, 1);
	assert_non_null(strstr(part.source[0].rounds_copy.why, "not on the counters all the time"));
	f = figures(0, ALL);
	assert_int_equal(f.packets, 4 * POLLS * BURST);
	recorded(&f);
	pmu_end();
}

/* ---- made-up sources ---- */

struct fake_source {
	struct steer_source base;
	struct steer_source_thread t;
	unsigned int passes, opens, closes, prepares, resets, starts, stops, pass;
	bool open;
	int open_rc, prepare_rc;
	uint64_t packets[3];
};

static struct fake_source *
of(struct steer_source_thread *t)
{
	return (struct fake_source *)t->source;
}

static unsigned int
fake_passes(const struct steer_source *s)
{
	return ((const struct fake_source *)s)->passes;
}

static int
fake_open(struct steer_source *s, unsigned int slots, struct steer_source_thread **t, char *why,
	  size_t len)
{
	struct fake_source *f = (struct fake_source *)s;

	assert_int_equal(slots, 3);
	snprintf(why, len, "taken");
	f->opens++;
	f->t.source = s;
	*t = &f->t;
	return f->open_rc;
}

static void
fake_close(struct steer_source_thread *t)
{
	of(t)->closes++;
}

static int
fake_prepare(struct steer_source_thread *t, char *why, size_t len)
{
	of(t)->prepares++;
	snprintf(why, len, "noisy");
	return of(t)->prepare_rc;
}

static void
fake_reset(struct steer_source_thread *t)
{
	of(t)->resets++;
	memset(of(t)->packets, 0, sizeof(of(t)->packets));
}

static void
fake_start(struct steer_source_thread *t, unsigned int pass)
{
	assert_false(of(t)->open);
	of(t)->open = true;
	of(t)->starts++;
	of(t)->pass = pass;
}

static void
fake_stop(struct steer_source_thread *t, unsigned int pass, const uint64_t *packets)
{
	assert_true(of(t)->open);
	assert_int_equal(of(t)->pass, pass);
	of(t)->open = false;
	of(t)->stops++;
	for (unsigned int i = 0; i < 3; i++)
		of(t)->packets[i] += packets[i];
}

static int
fake_tally(struct steer_source_thread *t, int slot, struct steer_tally *sum, char *why, size_t len)
{
	const uint64_t *n = of(t)->packets;

	*sum = (struct steer_tally){.sum.packets = slot < 0 ? n[0] + n[1] + n[2] : n[slot]};
	return sum->sum.packets == 0 ? -ENODATA : 0;
}

static const struct steer_source_ops timing_ops = {
	.id = STEER_SOURCE_TIMING,
	.passes = fake_passes,
	.thread_open = fake_open,
	.thread_close = fake_close,
	.prepare = fake_prepare,
	.reset = fake_reset,
	.start = fake_start,
	.stop = fake_stop,
	.tally = fake_tally,
};
static struct steer_source_ops pmu_ops;
static struct fake_source pmu, timing;
static struct steer_source *const two[] = {&pmu.base, &timing.base};

static int
fresh(void **state)
{
	pmu_ops = timing_ops;
	pmu_ops.id = STEER_SOURCE_PMU;
	pmu = (struct fake_source){.base.ops = &pmu_ops, .passes = 2};
	timing = (struct fake_source){.base.ops = &timing_ops, .passes = 1};
	probe_wanted = &timing.t;
	return 0;
}

/* A lone window is not cut by the clock, only by who wants to see it; and nothing is lost by it. */
static void
one_window_stays_open(void **state)
{
	begin(&two[1], 1, both, 2);
	polls(10 * POLLS);
	assert_int_equal(timing.starts, 1);
	assert_int_equal(timing.stops, 0);
	ask();
	assert_int_equal(timing.stops, 1);
	assert_int_equal(timing.starts, 2);
	assert_int_equal(timing.resets, 2);
	assert_int_equal(figures(0, 0).packets, (10 * POLLS + 1) * BURST);
	assert_int_equal(figures(0, 1).packets, (10 * POLLS + 1) * BURST);
	assert_int_equal(figures(0, ALL).packets, 2 * (10 * POLLS + 1) * BURST);
	polls(5);
	watch_part_streams(&part, NULL, 0); /* at the end the copies are complete without asking */
	assert_int_equal(figures(0, 1).packets, (10 * POLLS + 6) * BURST);
	assert_int_equal(timed_polls, 2 * (10 * POLLS + 6));
	assert_int_equal(timing.prepares, 1);
	end();
	assert_int_equal(timing.closes, 1);
}

/* Two passes of one, one of the other, and none sees the packets of the other's window. */
static void
sources_take_turns(void **state)
{
	begin(two, 2, third, 1);
	assert_int_equal(part.nb_windows, 3);
	polls(4 * 3 * POLLS + 1);
	ask();
	assert_int_equal(pmu.stops, 8);
	assert_int_equal(pmu.resets, 5);
	assert_int_equal(timing.stops, 4);
	assert_int_equal(timed_polls, 4 * POLLS);
	assert_int_equal(figures(0, ALL).packets, 8 * POLLS * BURST);
	assert_int_equal(figures(1, ALL).packets, 4 * POLLS * BURST);
	end();
	assert_int_equal(pmu.starts, pmu.stops);
	assert_int_equal(timing.starts, timing.stops);
}

static void
windows_last_as_long_as_they_shall(void **state)
{
	begin(two, 2, third, 1);
	part.window = UINT64_MAX / 2;
	polls(POLLS); /* the first one was begun before */
	assert_int_equal(pmu.stops, 1);
	polls(10 * POLLS);
	assert_int_equal(pmu.stops, 1);
	end();
}

static void
a_source_that_cannot_is_left_out(void **state)
{
	memset(streams, 0, sizeof(streams));
	pmu.prepare_rc = -EAGAIN;
	assert_int_equal(watch_part_init(&part, two, 2, streams, 3), 0);
	assert_int_equal(part.source[0].rc, -EBUSY); /* until it has been opened */
	watch_part_open(&part);
	assert_int_equal(part.source[0].rc, -EAGAIN);
	assert_string_equal(part.source[0].why, "noisy");
	assert_int_equal(pmu.prepares, 5);
	assert_int_equal(pmu.closes, 1);
	assert_int_equal(part.source[1].rc, 0);
	watch_part_drop(&part, 0);
	assert_int_equal(part.nb_sources, 1);
	assert_int_equal(part.nb_windows, 1);
	watch_part_streams(&part, third, 1);
	polls(POLLS);
	ask();
	assert_int_equal(figures(0, 2).packets, (POLLS + 1) * BURST);
	assert_int_equal(pmu.starts, 0);
	end();
	assert_int_equal(pmu.closes, 1);
	assert_int_equal(timing.closes, 1);
	timing.open_rc = -EACCES;
	assert_int_equal(watch_part_init(&part, &two[1], 1, streams, 3), 0);
	watch_part_open(&part);
	assert_int_equal(part.source[0].rc, -EACCES);
	assert_string_equal(part.source[0].why, "taken");
	watch_part_drop(&part, 0);
	watch_part_streams(&part, third, 1); /* and forwards without any */
	polls(2 * POLLS);
	end();
	assert_int_equal(timing.closes, 1);
}

/* ---- what is shown ---- */

static struct app app;

/* Two lcores: the first polls two queues of port 0, the second the one of port 1. */
static void
watch_fill(struct watch *w, struct watch_part parts[2])
{
	static struct steer_tally sum[6], cleared[6], shown[6];
	const struct steer_tally one = {{.source = STEER_SOURCE_PMU,
					 .unit = STEER_UNIT_LOADS,
					 .packets = 1000,
					 .known = 0x17, /* no LLC */
					 .merged = 1u << STEER_CACHE_OTHER | 1u << STEER_CACHE_LLC,
					 .per_packet = {12000, 800, 300, 0, 100},
					 .cycles_known = true,
					 .cycles = 250000}};

	memset(sum, 0, sizeof(sum));
	sum[2] = sum[3] = sum[4] = sum[5] = one;
	steer_tally_add(&sum[5], &one);
	*w = (struct watch){.nb_sources = 1, .nb_streams = 3, .nb_parts = 2, .parts = parts};
	w->source[0] = (struct watch_source){
		.source = &pmu.base, .sum = sum, .cleared = cleared, .shown = shown};
	for (unsigned int i = 0; i < 2; i++)
		parts[i] = (struct watch_part){.lcore = i + 1, .streams = streams, .nb_streams = 3};
	memset(streams, 0, sizeof(streams));
	streams[0].lcore = streams[1].lcore = 1;
	streams[1].rx_queue = 1;
	streams[2].lcore = 2;
	streams[2].rx_port = 1;
	app.streams = streams;
	app.watch = w;
}

static char *
shown_text(enum watch_since since)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	watch_show_port(&app, 0, since, f);
	watch_show_port(&app, 1, since, f);
	watch_show_lcores(&app, since, f);
	fclose(f);
	return text;
}

#define HEAD                                                                                       \
	"                             own L1   own L2    other      LLC   memory  L2 first     "   \
	"cycles/packet    packets\n"
#define NONE                                                                                       \
	"        -        -        -        -        -         -                 -          -\n"
#define ONE   "    12.00     0.80     0.30        -     0.10         -               250       1000\n"
#define TITLE ", loads per packet by level, measured by PMU, since the start or the last clear\n"

static const char golden[] =
	"Port 0" TITLE "  queue   " HEAD "  q0       lcore 1, queues: 2       " NONE
	"  q1       lcore 1, queues: 2       " NONE "Port 1" TITLE "  queue   " HEAD
	"  q0       lcore 2, queues: 1       " ONE "\nAll ports" TITLE "  lcore   " HEAD
	"  1        queues: 2                " ONE "  2        queues: 1                " ONE
	"  all                               "
	"    12.00     0.80     0.30        -     0.10         -               250       2000\n"
	"  not separable here: other_core llc (the sum stands under the first)\n"
	"  lcore 2: 1 of 7 rounds since the start are left out: multiplexed\n";

static void
table_is_golden(void **state)
{
	struct watch_part parts[2];
	struct watch w;
	char *text;

	watch_fill(&w, parts);
	parts[1].source[0].rounds_copy =
		(struct watch_rounds){.all = 7, .voids = 1, .why = "multiplexed"};
	text = shown_text(WATCH_SINCE_CLEAR);
	assert_string_equal(text, golden);
	free(text);
	app.watch = NULL;
}

/* Each has a beginning of its own; who has seen nothing since shows nothing. */
static void
since_when(void **state)
{
	struct watch_part parts[2];
	struct watch w;
	char *text;

	watch_fill(&w, parts);
	w.source[0].shown[2] = w.source[0].sum[2];
	w.source[0].shown[4] = w.source[0].sum[4];
	w.source[0].detail = json_pack("{s:s}", "left_out", "not all events");
	text = shown_text(WATCH_SINCE_SHOW);
	assert_non_null(strstr(text, "since the last show\n"));
	assert_non_null(strstr(text, "  q0       lcore 2, queues: 1       " NONE));
	assert_non_null(strstr(text, "  1        queues: 2                " ONE));
	assert_non_null(strstr(text, "  2        queues: 1                " NONE));
	assert_non_null(strstr(text, "not all events"));
	free(text);
	text = shown_text(WATCH_SINCE_SHOW);
	assert_null(strstr(text, "not all events")); /* said once is enough */
	free(text);
	text = shown_text(WATCH_SINCE_CLEAR);
	assert_non_null(strstr(text, "not all events"));
	assert_non_null(strstr(text, "  q0       lcore 2, queues: 1       " ONE));
	free(text);
	json_decref(w.source[0].detail);
	app.watch = NULL;
	text = shown_text(WATCH_SINCE_CLEAR);
	assert_string_equal(text, "");
	free(text);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_of_a_lone_queue),
		cmocka_unit_test(queues_that_share_an_lcore),
		cmocka_unit_test(a_queue_that_moves_cuts_the_round),
		cmocka_unit_test(void_rounds_are_counted_and_left_out),
		FRESH(one_window_stays_open),
		FRESH(sources_take_turns),
		FRESH(windows_last_as_long_as_they_shall),
		FRESH(a_source_that_cannot_is_left_out),
		FRESH(table_is_golden),
		FRESH(since_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
