/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The timing source: which level a packet's line came from, told by how long the first load of it
 * took. For machines without a PMU. One first touch in N is timed, at random distances (a fixed N
 * falls into step with bursts).
 *
 * Each forwarding thread calibrates itself before each round: it brings lines of its own into L1,
 * L2 and memory (by flush and footprint), learns from half of the loads where to cut between the
 * levels, and tests the cuts on the other half. A level of whose test loads less than 95 % are told
 * right is merged with its neighbour. Lines in another core's cache or in the LLC cannot be brought
 * there at will: what is slower than L2 and faster than memory is one of the two, is always merged,
 * and has not been tested.
 *
 * Figures: unit STEER_UNIT_SAMPLES, only first_touch and, where the counter is a TSC, cycles (ticks
 * of the window per packet, the probes' own included). A group of merged levels is a level that is
 * known and the unknown, merged ones that follow it; there may be two groups in merged.
 * Fewer than STEER_TIMING_FEW samples give no shares.
 */

#ifndef STEER_TIMING_H
#define STEER_TIMING_H

#include "steer_source.h"
#include "steer_timing_probe.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STEER_TIMING_EVERY   64u   /**< default of conf.every */
#define STEER_TIMING_SAMPLES 4096u /**< default of conf.samples */
#define STEER_TIMING_FEW     30u   /**< samples below which no share is given */
#define STEER_TIMING_BUCKETS 4096u /**< ticks that a level may take; more is an interruption */

struct steer_timing_conf {
	uint32_t every;   /**< one touch in so many, on average: 1..1000000; 0 the default */
	uint32_t samples; /**< of each state in a calibration: 256..1048576; 0 the default */
	uint64_t hz;      /**< frequency of the TSC where it is known (rte_get_tsc_hz()); 0: it is
			     measured, 20 ms. Not used on Arm. */
};

/**
 * Make the source, and calibrate once on the calling thread. Other threads should not be busy on
 * its CPU.
 *
 * @param conf  NULL: all defaults
 * @param why   on error one line for the user, STEER_SOURCE_WHY is room for any; not NULL
 * @return 0, -EINVAL conf, -ENOMEM, -ENOTSUP not on this machine (no probe for the CPU, or its
 *         counter is too coarse), -EAGAIN the calibration did not tell L2 from memory: too noisy
 *         just now, or not possible here.
 */
int steer_timing_create(const struct steer_timing_conf *conf, struct steer_source **source,
			char *why, size_t len);

/** What the hook needs of a thread's part. Written by its thread only; not for users. */
struct steer_timing_thread {
	struct steer_source_thread base;
	uint32_t left; /**< touches until the next that is timed; 0: no window is open */
	uint32_t every;
	uint32_t rng; /**< never 0 */
	uint32_t slots;
	uint32_t (*ticks)[STEER_TIMING_BUCKETS]; /**< by slot: how often a touch took so many */
};

/** @return the timing source's part of a thread, NULL when t is NULL or of another source. */
static inline struct steer_timing_thread *
steer_timing_thread_of(struct steer_source_thread *t)
{
	if (t == NULL || t->source->ops->id != STEER_SOURCE_TIMING)
		return NULL;
	return (struct steer_timing_thread *)t;
}

/** Distance to the next timed touch: 1..2N-1, all alike. */
static inline uint32_t
steer_timing_next(struct steer_timing_thread *t)
{
	t->rng ^= t->rng << 13;
	t->rng ^= t->rng >> 17;
	t->rng ^= t->rng << 5;
	return 1 + (uint32_t)(((uint64_t)t->rng * (2 * t->every - 1)) >> 32);
}

/**
 * The hook: call it with the first byte of a packet's data before anything else of that line is
 * read, once per packet, and read the line through the pointer that comes back. Between windows it
 * does nothing. Never calls, locks, logs or allocates.
 *
 * The CPU guesses that a packet is not timed, as most are not, and runs ahead to what the caller
 * does with it: it would have loaded the line before the guess is found wrong and the load is
 * timed. The pointer that comes back leads such a run to the thread's own memory instead.
 *
 * @param t     of the calling thread, not NULL
 * @param slot  queue that the packet came from, as in thread_open; out of range: not counted
 * @param addr  line that the device wrote and the CPU has not touched yet
 * @return addr
 */
__attribute__((warn_unused_result)) static inline void *
steer_timing_touch(struct steer_timing_thread *t, unsigned int slot, const void *addr)
{
	uint32_t left = t->left, ticks;
	const void *p = steer_timing_hide(addr, left, t);

	if (__builtin_expect(left != 1, 1)) {
		t->left = left - (left != 0);
		return (void *)(uintptr_t)p;
	}
	t->left = steer_timing_next(t);
	ticks = steer_timing_load(addr);
	if (slot < t->slots)
		t->ticks[slot][ticks < STEER_TIMING_BUCKETS ? ticks : STEER_TIMING_BUCKETS - 1]++;
	return (void *)(uintptr_t)addr;
}

#ifdef __cplusplus
}
#endif
#endif /* STEER_TIMING_H */
