/* SPDX-License-Identifier: BSD-3-Clause */

/* The timing source over a machine of recorded ticks: refusals, windows, figures. */

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "timing_fixture.h"

static struct steer_source *source;
static struct steer_source_thread *thread;
static struct steer_timing_thread *hot;
static struct steer_figures figures;
static char why[STEER_SOURCE_WHY];

static int
create(const struct steer_timing_conf *conf)
{
	why[0] = '\0';
	return timing_create(&fake_machine.ops, conf, &source, why, sizeof(why));
}

/* Ready for a window on that many queues. */
static void
begin(const char *file, unsigned int slots)
{
	fake_machine_reset(file);
	assert_int_equal(create(NULL), 0);
	assert_int_equal(source->ops->thread_open(source, slots, &thread, why, sizeof(why)), 0);
	hot = steer_timing_thread_of(thread);
	assert_non_null(hot);
	assert_int_equal(source->ops->prepare(thread, why, sizeof(why)), 0);
}

static void
end(void)
{
	source->ops->thread_close(thread);
	source->ops->destroy(source);
	assert_int_equal(fake_machine.pages, 0);
}

static int
read_slot(int slot)
{
	return source->ops->read(thread, slot, &figures, why, sizeof(why));
}

static void
counter_is(uint64_t hz, uint32_t step, int rc, const char *reason)
{
	fake_machine_reset("timing/quiet.txt");
	fake_machine.hz = hz;
	fake_machine.step = step;
	assert_int_equal(create(NULL), rc);
	assert_string_equal(why, reason);
	if (rc == 0)
		source->ops->destroy(source);
	assert_int_equal(fake_machine.pages, 0);
}

static void
coarse_counters_are_refused(void **state)
{
	counter_is(24000000, 1, -ENOTSUP,
		   "the counter fake moves in steps of 41.7 ns: too coarse to tell caches apart "
		   "(5 ns or less are needed)");
	counter_is(100000000, 1, -ENOTSUP,
		   "the counter fake moves in steps of 10.0 ns: too coarse to tell caches apart "
		   "(5 ns or less are needed)");
	/* fast by its frequency, but in steps of 40 ticks */
	counter_is(1000000000, 40, -ENOTSUP,
		   "the counter fake moves in steps of 40.0 ns: too coarse to tell caches apart "
		   "(5 ns or less are needed)");
	counter_is(200000000, 1, 0, "");
	counter_is(1000000000, 1, 0, "");
	counter_is(0, 1, -ENOTSUP, "the counter fake stands still, or its frequency is not known");
	counter_is(1000000000, 0, -ENOTSUP,
		   "the counter fake stands still, or its frequency is not known");
}

/* A TSC's frequency is as the caller says; of another counter the machine knows better. */
static void
frequency_of_the_caller(void **state)
{
	const struct steer_timing_conf conf = {.hz = 24000000};

	fake_machine_reset("timing/quiet.txt");
	assert_int_equal(create(&conf), -ENOTSUP);
	fake_machine_reset("timing/quiet.txt");
	fake_machine.ops.cycles = false;
	assert_int_equal(create(&conf), 0);
	source->ops->destroy(source);
}

static void
bad_conf_is_refused(void **state)
{
	static const struct steer_timing_conf bad[] = {
		{.every = 1000001}, {.samples = 255}, {.samples = 1048577}};

	fake_machine_reset("timing/quiet.txt");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(create(&bad[i]), -EINVAL);
		assert_non_null(strstr(why, "takes 1..1000000 and 256..1048576"));
	}
}

static void
machine_says_why_not(void **state)
{
	fake_machine_reset("timing/quiet.txt");
	fake_machine.unusable = "it has no counter";
	assert_int_equal(create(NULL), -ENOTSUP);
	assert_string_equal(why, "it has no counter");
}

static void
memory_runs_out(void **state)
{
	fake_machine_reset("timing/quiet.txt");
	fake_machine.no_pages_at = 1;
	assert_int_equal(create(NULL), -ENOMEM);
	fake_machine_reset("timing/quiet.txt");
	fake_machine.no_pages_at = 2;
	assert_int_equal(create(NULL), 0);
	assert_int_equal(source->ops->thread_open(source, 1, &thread, why, sizeof(why)), -ENOMEM);
	assert_string_equal(why, "no memory for 1 queues");
	assert_int_equal(source->ops->thread_open(source, 0, &thread, why, sizeof(why)), -EINVAL);
	source->ops->destroy(source);
	assert_int_equal(fake_machine.pages, 0);
}

/* All states alike: three calibrations, then the source gives up, and says what it saw. */
static void
noise_is_refused(void **state)
{
	unsigned int once;

	fake_machine_reset("timing/quiet.txt");
	assert_int_equal(create(NULL), 0);
	source->ops->destroy(source);
	once = fake_machine.batches;
	fake_machine_reset("timing/quiet.txt");
	memcpy(fake_machine.ticks[TIMING_FAR], fake_machine.ticks[TIMING_L2],
	       sizeof(fake_machine.ticks[0]));
	assert_int_equal(create(NULL), -EAGAIN);
	assert_int_equal(fake_machine.batches, TIMING_TRIES * once);
	assert_non_null(strstr(why, "memory is not slower than the caches"));
}

/* What a batch had when somebody else was on the CPU has no part in the calibration: its loads
 * would all be told as memory. */
static void
interrupted_batches_are_done_anew(void **state)
{
	const struct timing_calibration *start;

	fake_machine_reset("timing/quiet.txt");
	fake_machine.disturb = 3;
	assert_int_equal(create(NULL), 0);
	start = &((struct timing_source *)source)->start;
	assert_int_equal(start->told[TIMING_L1][CLASS_FAR], 0);
	assert_int_equal(start->told[TIMING_L2][CLASS_FAR], 0);
	for (unsigned int c = 0; c < TIMING_CLASSES; c++)
		assert_int_equal(start->group[c], c);
	source->ops->destroy(source);
}

static void
busy_cpu_is_refused(void **state)
{
	fake_machine_reset("timing/quiet.txt");
	assert_int_equal(create(NULL), 0);
	assert_int_equal(source->ops->thread_open(source, 1, &thread, why, sizeof(why)), 0);
	fake_machine.disturb = 1;
	/* Nothing undisturbed to compare with, but loads that are all alike. */
	assert_int_equal(source->ops->prepare(thread, why, sizeof(why)), -EAGAIN);
	assert_int_equal(read_slot(-1), -EIO);
	assert_string_equal(why, "the thread has no valid calibration");
	end();
}

/* From now on nearly all batches: only the warm-up shows how long they take undisturbed. */
static void
endless_interruptions_are_refused(void **state)
{
	fake_machine_reset("timing/quiet.txt");
	fake_machine.disturb_from = TIMING_WARM * TIMING_STATES + 1;
	assert_int_equal(create(NULL), -EAGAIN);
	assert_string_equal(why, "CPU 3 is busy with other programs: two of three batches of loads "
				 "were interrupted");
	assert_int_equal(fake_machine.pages, 0);
}

static void
put(unsigned int slot, uint32_t ticks, uint32_t n)
{
	hot->ticks[slot][ticks] += n;
}

static void
share_is(enum steer_cache_level level, double share)
{
	assert_true(figures.touch_known & 1u << level);
	assert_float_equal(figures.first_touch[level], share, 1e-12);
}

#define BIT(level) (1u << STEER_CACHE_##level)

static void
shares_by_queue_and_thread(void **state)
{
	const uint64_t packets[] = {6400, 1000, 0};
	uint32_t far = 0;

	begin("timing/quiet.txt", 3);
	far = ((struct timing_thread *)thread)->cal.cut[CLASS_BETWEEN];
	source->ops->start(thread, 0);
	put(0, 44, 10);
	put(0, 56, 20);
	put(0, 120, 30);
	put(0, far, 40);
	put(0, TIMING_LAST, 7);
	put(1, far + 1000, 100);
	source->ops->stop(thread, 0, packets);

	assert_int_equal(read_slot(0), 0);
	assert_int_equal(figures.source, STEER_SOURCE_TIMING);
	assert_int_equal(figures.unit, STEER_UNIT_SAMPLES);
	assert_int_equal(figures.packets, 6400);
	assert_int_equal(figures.known, 0);
	assert_int_equal(figures.touch_known, BIT(L1) | BIT(L2) | BIT(OTHER) | BIT(MEMORY));
	assert_int_equal(figures.merged, BIT(OTHER) | BIT(LLC));
	share_is(STEER_CACHE_L1, 0.1);
	share_is(STEER_CACHE_L2, 0.2);
	share_is(STEER_CACHE_OTHER, 0.3);
	share_is(STEER_CACHE_MEMORY, 0.4);
	assert_false(figures.cycles_known); /* not of this queue alone */

	assert_int_equal(read_slot(-1), 0);
	assert_int_equal(figures.packets, 7400);
	share_is(STEER_CACHE_L1, 0.05);
	share_is(STEER_CACHE_MEMORY, 0.7);
	assert_true(figures.cycles_known);
	assert_float_equal(figures.cycles, 100.0 / 7400, 1e-12);

	assert_int_equal(read_slot(2), 0);
	assert_int_equal(figures.packets, 0);
	assert_int_equal(figures.touch_known, 0);
	assert_false(figures.cycles_known);
	end();
}

static void
merged_levels_stand_in_the_nearest(void **state)
{
	const uint64_t packets[] = {100};

	begin("timing/busy.txt", 1);
	source->ops->start(thread, 0);
	put(0, 46, 30);
	put(0, 58, 20);
	put(0, 130, 25);
	put(0, 900, 25);
	source->ops->stop(thread, 0, packets);
	assert_int_equal(read_slot(-1), 0);
	assert_int_equal(figures.touch_known, BIT(L1) | BIT(OTHER) | BIT(MEMORY));
	assert_int_equal(figures.merged, BIT(L1) | BIT(L2) | BIT(OTHER) | BIT(LLC));
	share_is(STEER_CACHE_L1, 0.5);
	share_is(STEER_CACHE_OTHER, 0.25);
	share_is(STEER_CACHE_MEMORY, 0.25);
	end();
}

static void
few_samples_give_no_shares(void **state)
{
	const uint64_t packets[] = {100};

	begin("timing/quiet.txt", 1);
	for (uint32_t n = STEER_TIMING_FEW - 1; n <= STEER_TIMING_FEW; n++) {
		source->ops->start(thread, 0);
		put(0, 44, n);
		source->ops->stop(thread, 0, packets);
		assert_int_equal(read_slot(-1), 0);
		assert_int_equal(figures.touch_known != 0, n == STEER_TIMING_FEW);
		assert_int_equal(figures.merged, BIT(OTHER) | BIT(LLC));
	}
	end();
}

static void
ticks_of_other_counters_are_no_cycles(void **state)
{
	const uint64_t packets[] = {100};

	begin("timing/quiet.txt", 1);
	fake_machine.ops.cycles = false;
	source->ops->start(thread, 0);
	source->ops->stop(thread, 0, packets);
	assert_int_equal(read_slot(-1), 0);
	assert_false(figures.cycles_known);
	end();
}

static void
thread_that_moved_has_no_figures(void **state)
{
	const uint64_t packets[] = {100};

	begin("timing/quiet.txt", 1);
	source->ops->start(thread, 0);
	fake_machine.cpu = 5;
	source->ops->stop(thread, 0, packets);
	assert_int_equal(read_slot(-1), -EIO);
	assert_string_equal(why, "the thread left CPU 3, where it was calibrated: pin it to one");
	assert_int_equal(source->ops->prepare(thread, why, sizeof(why)), 0);
	source->ops->start(thread, 0);
	source->ops->stop(thread, 0, packets);
	assert_int_equal(read_slot(-1), 0);
	assert_int_equal(read_slot(1), -EINVAL);
	assert_int_equal(read_slot(-2), -EINVAL);
	end();
}

static uint64_t
counted(unsigned int slot)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < STEER_TIMING_BUCKETS; i++)
		n += hot->ticks[slot][i];
	return n;
}

/* The hook hands back the pointer, timed or not. */
static void
touch(unsigned int slot, char *line)
{
	assert_ptr_equal(steer_timing_touch(hot, slot, line), line);
}

static void
hook_counts_only_in_windows(void **state)
{
	const struct steer_timing_conf all = {.every = 1};
	const uint64_t packets[] = {100, 50};
	char line[STEER_CACHE_LINE] = {0};

	fake_machine_reset("timing/quiet.txt");
	assert_int_equal(create(&all), 0);
	assert_int_equal(source->ops->thread_open(source, 2, &thread, why, sizeof(why)), 0);
	hot = steer_timing_thread_of(thread);
	touch(0, line);
	assert_int_equal(source->ops->prepare(thread, why, sizeof(why)), 0);
	touch(0, line);
	assert_int_equal(counted(0), 0);
	source->ops->start(thread, 0);
	for (unsigned int i = 0; i < 100; i++)
		touch(0, line);
	for (unsigned int i = 0; i < 50; i++)
		touch(1, line);
	touch(2, line); /* of no queue */
	source->ops->stop(thread, 0, packets);
	for (unsigned int i = 0; i < 10; i++)
		touch(0, line);
	assert_int_equal(counted(0), 100);
	assert_int_equal(counted(1), 50);
	source->ops->start(thread, 0);
	assert_int_equal(counted(0) + counted(1), 0);
	end();
}

/* One in 64 on average, and not always the same packet of a burst of 32. */
static void
samples_are_out_of_step_with_bursts(void **state)
{
	unsigned int places[32] = {0};
	char line[STEER_CACHE_LINE] = {0};
	uint64_t n = 0;

	begin("timing/quiet.txt", 1);
	source->ops->start(thread, 0);
	for (unsigned int i = 0; i < 640000; i++) {
		uint32_t left = hot->left;

		touch(0, line);
		places[i % 32] += left == 1;
		n += left == 1;
	}
	assert_int_equal(counted(0), n);
	assert_in_range(n, 9500, 10500);
	for (unsigned int i = 0; i < 32; i++)
		assert_in_range(places[i], 200, 430);
	end();
}

static void
hook_is_for_this_source_only(void **state)
{
	static const struct steer_source_ops other_ops = {.id = STEER_SOURCE_PMU};
	struct steer_source other = {.ops = &other_ops};
	struct steer_source_thread t = {.source = &other};

	assert_null(steer_timing_thread_of(NULL));
	assert_null(steer_timing_thread_of(&t));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coarse_counters_are_refused),
		cmocka_unit_test(frequency_of_the_caller),
		cmocka_unit_test(bad_conf_is_refused),
		cmocka_unit_test(machine_says_why_not),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(noise_is_refused),
		cmocka_unit_test(interrupted_batches_are_done_anew),
		cmocka_unit_test(busy_cpu_is_refused),
		cmocka_unit_test(endless_interruptions_are_refused),
		cmocka_unit_test(shares_by_queue_and_thread),
		cmocka_unit_test(merged_levels_stand_in_the_nearest),
		cmocka_unit_test(few_samples_give_no_shares),
		cmocka_unit_test(ticks_of_other_counters_are_no_cycles),
		cmocka_unit_test(thread_that_moved_has_no_figures),
		cmocka_unit_test(hook_counts_only_in_windows),
		cmocka_unit_test(samples_are_out_of_step_with_bursts),
		cmocka_unit_test(hook_is_for_this_source_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
