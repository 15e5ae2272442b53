/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the system's PMUs saw while lcores forwarded: every device, every CPU. Not a source of
 * figures but what figures can be held against. Main thread only; nothing here fails an experiment.
 */

#ifndef WITNESS_H
#define WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <steer_pmu.h>
#include <steer_source.h>

/** The words that stand beside each such number. */
#define WITNESS_LABEL "counted by the system's PMUs, all devices"

/** Sums over the counted windows of a round. */
struct witness_figures {
	uint64_t packets; /**< that passed meanwhile; 0: nothing was witnessed */
	struct steer_pmu_witness_figures sys;
};

/** The witnesses of one session. */
struct witness {
	struct steer_pmu_witness *pmu; /**< NULL: there are none */
	bool running, failed;          /**< failed: a window of this round was not counted */
	uint64_t from;                 /**< packets at the window's begin */
	struct witness_figures round;
	char why[STEER_SOURCE_WHY]; /**< there are none, or a window was not counted; or "" */
};

/** Find them. @param conf NULL: this machine. */
void witness_open(struct witness *w, const struct steer_pmu_conf *conf);
void witness_close(struct witness *w);
/** Forget the windows before. */
void witness_round(struct witness *w);
/**
 * A window begins. Counters are switched on one after the other, which takes up to some
 * milliseconds, so packets are asked for before and after.
 * @param packets how many were forwarded until now
 */
void witness_start(struct witness *w, uint64_t (*packets)(void *arg), void *arg);
/** It ends; without a start nothing happens. @param packets as of start. */
void witness_stop(struct witness *w, uint64_t packets);
/** Of all windows since witness_round(); no packets when one of them was not counted. */
void witness_take(const struct witness *w, struct witness_figures *f);
/** Events that are counted. @return new reference, NULL when there are none. */
json_t *witness_events(const struct witness *w);

/** What there is to say about a round, after the counts themselves. */
enum witness_share {
	WITNESS_HITS = STEER_PMU_WITNESS_KINDS, /**< of device writes, 0..1 */
	WITNESS_TAKEN,                          /**< of stashes, 0..1 */
	WITNESS_FIGURES
};

/** Count per packet, or a share. @param fig kind or enum witness_share. @return is it known? */
bool witness_figure(const struct witness_figures *f, unsigned int fig, double *v);
/** Key of it in the JSON: "write_hit", ... "stash_taken_share". */
const char *witness_name(unsigned int fig);

#endif /* WITNESS_H */
