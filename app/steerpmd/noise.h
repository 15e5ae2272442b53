/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Noisy neighbour (--noise MIB@LCORE): an lcore that forwards nothing and reads and writes one
 * cache line after the other of so much memory, in an order that no prefetcher follows, while the
 * others forward. In a model session the lcore does nothing: the device has the neighbour, and the
 * model sees its loads (steer_trace.h).
 */

#ifndef NOISE_H
#define NOISE_H

#include "app.h"

/** Can this lcore be the neighbour? @return 0, -EINVAL told to the user. */
int noise_check(const struct app *app);
/** Start it, when there is one to start and no model session, and wait until it has touched all of
 * its memory. @return 0 or negative errno, told. */
int noise_start(struct app *app);
/** Stop it and say how much it did; nothing when it does not run. */
void noise_stop(struct app *app);

#endif /* NOISE_H */
