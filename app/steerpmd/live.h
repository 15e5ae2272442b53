/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Windows of forwarding that a source watches: every forwarding lcore opens its own part of the
 * source, and then forwards its streams between the source's start and stop. The main thread says
 * when; it waits for all lcores after each step. Nothing here knows which source it is, but for the
 * burst function of the timing probe.
 */

#ifndef LIVE_H
#define LIVE_H

#include <steer_source.h>

#include "app.h"
#include "fwd.h"
#include "witness.h"

#define LIVE_SLOTS PMD_MAX_QUEUES

/** What lcores do in a window; written by the main thread. */
enum live_phase { LIVE_WARM, LIVE_MEASURE, LIVE_STOP };

struct live;

/** One forwarding lcore. Its own while a step runs, the main thread's in between. */
struct live_part {
	struct live *live;
	unsigned int lcore, n;
	struct fwd_stream *fs[LIVE_SLOTS];
	struct steer_source_thread *thread;
	unsigned int pass;
	uint64_t packets[LIVE_SLOTS]; /**< of the last window, by slot */
	uint64_t round_packets;       /**< of the windows of a round */
	uint64_t round_tsc;           /**< ticks of those */
	struct steer_figures fig[LIVE_SLOTS], all;
	int rc;
	char why[STEER_SOURCE_WHY];
} __rte_cache_aligned;

struct live {
	struct app *app;
	struct steer_source *source;
	unsigned int nb_parts;
	struct live_part *parts;
	enum live_phase phase;
	struct witness *witness; /**< the caller's */
};

/** Parts for all streams, opened on their lcores; the witness is asked about each window. @return 0
 * or negative errno, told. */
int live_open(struct app *app, struct steer_source *source, struct witness *witness,
	      struct live **live);
/** Close the parts; the source stays. NULL is allowed. */
void live_close(struct live *live);
/** Before a round: calibrate. @return 0, -EAGAIN, -ENOTSUP, -EINTR, told. */
int live_prepare(struct live *live);
/**
 * One window: warm packets, then packets that the source watches; all queues together, and as many
 * more as come until everybody has stopped.
 * @return 0, -EINTR, -ENODEV, -ETIMEDOUT no packet for a long time, told.
 */
int live_window(struct live *live, unsigned int pass, uint64_t warm, uint64_t packets);
/** Figures of the round into the parts. @return 0, -EIO a window is void (why in *why). */
int live_read(struct live *live, const char **why);

/* live_lcore.c: steps, each run on a part's lcore */
int live_part_open(void *part);
int live_part_close(void *part);
int live_part_prepare(void *part);
int live_part_window(void *part);
int live_part_read(void *part);

#endif /* LIVE_H */
