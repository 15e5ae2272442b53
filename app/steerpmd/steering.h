/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * From "off, right, wrong, auto" to the tags of queues, through lib/steer.
 */

#ifndef STEERING_H
#define STEERING_H

#include "app.h"
#include "cpus.h"
#include "fwd.h"

/** Reason why a port's queues get no tags ("no TPH capability", ...), or NULL when they can. */
const char *steering_unsupported(uint16_t port);
/** CPUs of all lcores that have a CPU of their own. @return 0 or negative errno, told. */
int steering_cpus(struct cpus *cpus);
/** Both queues of a stream: off, right or wrong. @return 0 or negative errno, told to the user. */
int steering_apply(const struct fwd_stream *fs, enum steering s, const struct cpus *cpus);
/**
 * Refuse modes that the ports do not have. @param steered all ports take tags.
 * @return 0, -ENOTSUP, or what the device said; told.
 */
int steering_check_modes(const struct app *app, const struct opts *o, bool steered);
/** All streams for rounds of a mode; no-st turns tags off for whole ports. @return as above. */
int steering_mode(const struct app *app, enum steering mode, const struct cpus *cpus);
/** All streams at the start of forwarding; ports of the bus that cannot be steered are told. */
int steering_start(const struct app *app);
/** All streams, now. */
int steering_set_all(const struct app *app, enum steering s);
/** A stream has been handed to another lcore; in auto its tag follows by itself. */
int steering_moved(const struct app *app, const struct fwd_stream *fs);
/** "show steer". */
void steering_show(const struct app *app);

#endif /* STEERING_H */
