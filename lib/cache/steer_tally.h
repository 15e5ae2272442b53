/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Sums that stand behind figures. Figures are means and shares, which cannot be added up; a tally
 * of one window can be added to those of other windows, threads and queues, and an earlier one
 * taken away from a later one, before figures are made of it. For users who watch without end,
 * where an experiment has rounds. Plain data: no function here allocates, locks or logs, and each
 * may run on any thread that has the tallies to itself.
 */

#ifndef STEER_TALLY_H
#define STEER_TALLY_H

#include "steer_source.h"

#ifdef __cplusplus
extern "C" {
#endif

/** All zero is the tally of nothing. */
struct steer_tally {
	/** As figures are, but with sums over all packets in per_packet and cycles, and numbers of
	 * touches in first_touch. */
	struct steer_figures sum;
};

/**
 * Add more to sum; both are of one source. Levels that either has merged are merged in the sum, and
 * what either does not know is not known of it. A tally without packets changes nothing.
 */
void steer_tally_add(struct steer_tally *sum, const struct steer_tally *more);

/** Take away an earlier state of the same sum: what is left came after it. */
void steer_tally_sub(struct steer_tally *sum, const struct steer_tally *earlier);

/**
 * Means and shares. Of fewer than STEER_TIMING_FEW timed touches there are no shares, and of no
 * packets nothing is known.
 */
void steer_tally_figures(const struct steer_tally *t, struct steer_figures *f);

/** The tally that has these means, for sources that count every packet; not for shares. */
void steer_tally_of_figures(const struct steer_figures *f, struct steer_tally *t);

#ifdef __cplusplus
}
#endif
#endif /* STEER_TALLY_H */
