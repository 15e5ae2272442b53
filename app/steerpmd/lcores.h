/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Forwarding lcores. Each polls a list of streams; the main thread changes a list by putting
 * another in its place and waiting until the lcore has taken it up, so a stream is never polled by
 * two and no packet of it is lost.
 */

#ifndef LCORES_H
#define LCORES_H

#include "app.h"
#include "fwd.h"

/** Choose the forwarding lcores. @return 0 or negative errno, told to the user. */
int lcores_init(struct app *app);
void lcores_free(struct app *app);
/** Lists from stream->lcore, then launch. @return 0, -ENOMEM, -EBUSY. */
int lcores_launch(struct app *app);
/** Stop all and wait for them. */
void lcores_stop(struct app *app);
/** Take the streams of a port away from the running lcores; stops them when none is left. */
int lcores_drop_port(struct app *app, uint16_t port);
/** Hand a stream to another lcore while they run, or before. @return 0, -EINVAL, -ENOMEM. */
int lcores_move(struct app *app, struct fwd_stream *fs, unsigned int lcore);
/** Back off after so many polls in a row without a packet. On an lcore. */
void lcore_idle(unsigned int idle);
/** True, or told that this lcore forwards. */
bool lcores_spare(const struct app *app, unsigned int id);
/** EAL's number of the i-th forwarding lcore. */
unsigned int lcores_id(const struct app *app, unsigned int i);

#endif /* LCORES_H */
