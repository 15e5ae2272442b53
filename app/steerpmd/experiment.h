/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The experiment: interleaved rounds of off, right, wrong and no-st, by one source or several.
 * Main thread only.
 */

#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "app.h"
#include "source_make.h"
#include "result.h"

/** Results of one experiment: one for each source. */
struct experiment_runs {
	struct source_picks picks;
	unsigned int n;
	struct result results[STEER_SOURCE_IDS];
};

/**
 * Run the experiment of the options and keep its results. Ports are configured and stopped; they
 * are stopped again at the end. A source that fails leaves the rounds that were complete by then,
 * and the others are run all the same, but after a signal or the loss of the device.
 * @return 0, -EINTR, or negative errno of the first source that failed, told.
 */
int experiment_measure(struct app *app, struct experiment_runs *runs);
void experiment_free(struct experiment_runs *runs);
/** Rounds of the options by one source, into a result that is empty. @return as above. */
int experiment_by(struct app *app, enum steer_source_id id, struct result *r);
/** Tables, JSON and CSV as the options say. @return 0 or negative errno, told. */
int experiment_report(const struct experiment_runs *runs, const struct opts *o);
/** The whole thing: measure, report, judge. */
enum pmd_exit experiment_run(struct app *app);
/** What the program ends with after results are out: a failed control is a failure, and told. */
enum pmd_exit experiment_exit(int rc, const struct result *results, unsigned int n);

#endif /* EXPERIMENT_H */
