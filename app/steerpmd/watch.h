/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Sources that watch lcores while they plainly forward, without an experiment: the PMU and the
 * timing probe, where --source names them. Each lcore has a part of its own, in which it opens one
 * window after the other: of one pass of one source, so that sources do not disturb each other's
 * figures. It alone adds up what its windows gave; the main thread asks it for a copy.
 *
 * Functions without [lcore] are the main thread's.
 */

#ifndef WATCH_H
#define WATCH_H

#include <jansson.h>

#include <steer_tally.h>

#include "app.h"
#include "fwd.h"

#define WATCH_SOURCES (STEER_SOURCE_IDS - 1) /**< all but the model, which needs none of this */

/** Rounds of all passes of a source; those that are void have no figures. */
struct watch_rounds {
	uint64_t all, voids;
	char why[STEER_SOURCE_WHY]; /**< of the last one that is void */
};

/** One source on one lcore. */
struct watch_thread {
	struct steer_source *source;
	struct steer_source_thread *t;
	unsigned int passes;
	int rc; /**< of opening and preparing it, with why */
	char why[STEER_SOURCE_WHY];
	struct watch_rounds rounds, rounds_copy; /**< the copies are for show */
	struct steer_tally *sum, *copy;          /**< by stream, then one of all */
};

/** One lcore. Its own while it forwards, but for ask and the copies after ack. */
struct watch_part {
	unsigned int lcore, nb_streams, nb_sources;
	struct fwd_stream *streams; /**< of everybody: the index of one is its slot in a source */
	struct watch_thread source[WATCH_SOURCES];
	unsigned int nb_windows;      /**< passes of all sources: with one, its window stays open */
	uint64_t window;              /**< TSC ticks that a window lasts */
	struct fwd_stream *const *fs; /**< that it polls */
	unsigned int n;
	unsigned int now, pass; /**< source and pass of the window */
	bool open, timed;
	uint64_t until;    /**< TSC */
	uint64_t *packets; /**< by stream: at the window's begin, then in it */
	unsigned int polls;
	uint32_t ask; /**< main thread: release */
	uint32_t ack; /**< lcore: release; the copies are as of this ask */
} __rte_cache_aligned;

/* watch_part.c */

/** Room for the sources' figures. @return 0, -ENOMEM; then too watch_part_fini() is needed. */
int watch_part_init(struct watch_part *p, struct steer_source *const *sources, unsigned int n,
		    struct fwd_stream *streams, unsigned int nb_streams);
/** The lcore is idle: close what is still open. */
void watch_part_fini(struct watch_part *p);
/** The same of one source, which does not work on every lcore. */
void watch_part_drop(struct watch_part *p, unsigned int source);
/** Open and prepare every source, which may take a second; rc and why of each. [lcore, step] */
int watch_part_open(void *part);
/** Close what is open. [lcore, step] */
int watch_part_close(void *part);

/* watch_window.c */

/** Other streams than before, or none at the end: then the copies are the last. [lcore] */
void watch_part_streams(struct watch_part *p, struct fwd_stream *const *fs, unsigned int n);
/** One burst of each stream. @return packets received. [lcore] */
unsigned int watch_part_poll(struct watch_part *p);

/* watch.c */

struct watch;

/** Where a figure begins. */
enum watch_since { WATCH_SINCE_CLEAR, WATCH_SINCE_SHOW };

/**
 * Streams are built, lcores idle: open what --source names on each forwarding lcore. A source that
 * cannot work is told, once, and left out; packets are forwarded all the same.
 */
void watch_start(struct app *app);
/** Lcores are idle again: close the sources. What they have counted stays for show. */
void watch_stop(struct app *app);
/** Streams are given up: forget everything. */
void watch_fini(struct app *app);
/** Part of the i-th forwarding lcore, NULL: nothing watches. */
struct watch_part *watch_part_of(const struct app *app, unsigned int i);
/** Get from the lcores what they have until now; waits for the bursts that are under way. */
void watch_update(const struct app *app);
/** "clear fwd stats all". */
void watch_clear(const struct app *app);
/** What comes from here on is WATCH_SINCE_SHOW. */
void watch_shown(const struct app *app);

/** A source over all lcores: its figures in rows, as of the last watch_update(). */
struct watch_source {
	struct steer_source *source;
	json_t *detail; /**< what it says of itself, NULL nothing */
	bool noted;     /**< detail was shown with the period's statistics */
	/** Streams, then lcores, then one of all: until now, at the last clear, at the last show.
	 */
	struct steer_tally *sum, *cleared, *shown;
};

struct watch {
	unsigned int nb_sources, nb_streams, nb_parts;
	struct watch_source source[WATCH_SOURCES];
	struct watch_part *parts;
};

/* watch_source.c */

/** Those that --source names and that can be had; the others are told, with the reason. */
void watch_sources_open(struct app *app, struct watch *w);
/** What it says of itself, before its threads count: that changes it. */
void watch_source_describe(struct watch_source *s);
void watch_source_fini(struct watch_source *s);
/** Leave it out. */
void watch_source_drop(struct watch *w, unsigned int source);

/* watch_show.c, all of them silent when nothing watches */

/** A table for each source, a line for each Rx queue of the port. */
void watch_show_port(const struct app *app, uint16_t port, enum watch_since since, FILE *out);
/** A table for each source, a line for each lcore, and what is to be known of its figures. */
void watch_show_lcores(const struct app *app, enum watch_since since, FILE *out);

#endif /* WATCH_H */
