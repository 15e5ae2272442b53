/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The loop of a forwarding lcore, and what the main thread tells it through.
 */

#ifndef LCORE_LOOP_H
#define LCORE_LOOP_H

#include <stdbool.h>

#include "fwd.h"

struct watch_part;

/* Immutable once an lcore can see it. */
struct stream_list {
	unsigned int n;
	struct fwd_stream *fs[];
};

struct fwd_lcore {
	unsigned int id;
	bool poll_busy;
	bool is_core;             /* in the model, whatever its CPU is */
	struct watch_part *watch; /* NULL: nobody watches */
	struct stream_list *want; /* main thread: release */
	struct stream_list *have; /* lcore: release */
	int stop;
} __rte_cache_aligned;

/** Poll the streams of the list until stop. [lcore, takes its struct fwd_lcore] */
int lcore_main(void *lc);
/** The same around the windows of what watches it. */
int lcore_main_watched(void *lc);

#endif /* LCORE_LOOP_H */
