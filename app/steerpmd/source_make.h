/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The sources that watch lcores, as objects, and which of all sources an experiment takes.
 */

#ifndef SOURCE_MAKE_H
#define SOURCE_MAKE_H

#include <jansson.h>

#include <steer_source.h>

#include "app.h"

/**
 * The PMU or the timing probe.
 * @return 0, -ENOTSUP not on this machine (why tells), or negative errno.
 */
int source_make(enum steer_source_id id, struct steer_source **source, char *why, size_t len);

/** Sources that an experiment runs, and those that it cannot. */
struct source_picks {
	unsigned int n, nb_refused;
	enum steer_source_id id[STEER_SOURCE_IDS];
	struct {
		enum steer_source_id id;
		int rc;
		char why[STEER_SOURCE_WHY];
	} refused[STEER_SOURCE_IDS];
};

/** As --source says. Main thread, ports known. @return 0, or why the first one was refused, told.
 */
int source_pick(struct app *app, struct source_picks *picks);
/** The i-th source, 0 to STEER_SOURCE_IDS - 1, in the order that auto asks them. */
enum steer_source_id source_order(unsigned int i);
/** Is this source among the choice? */
bool source_wanted(enum source_choice choice, enum steer_source_id id);
/**
 * source_make() where the choice does not rule it out for these ports.
 * @return 0, -ENOTSUP or negative errno, with why.
 */
int source_try(struct app *app, enum steer_source_id id, struct steer_source **source, char *why,
	       size_t len);
/** Does a program write the packets? @return what to say after "the port", NULL: all are devices.
 */
const char *source_emulated(const struct app *app);
/** [{"source":"pmu","why":"..."}] @return new reference. */
json_t *source_refused_json(const struct source_picks *picks);

#endif /* SOURCE_MAKE_H */
