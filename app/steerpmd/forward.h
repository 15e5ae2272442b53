/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Forwarding as a whole: start, stop, and ports that vanish meanwhile.
 */

#ifndef FORWARD_H
#define FORWARD_H

#include "app.h"

/** Build the streams, steer, launch; then send so many bursts per stream. @return 0 or -errno. */
int forward_start(struct app *app, unsigned int first_bursts);
/** Stop and report. */
void forward_stop(struct app *app);
/** Close and remove every port whose device is gone. @return how many there were. */
unsigned int forward_handle_removed(struct app *app);

#endif /* FORWARD_H */
