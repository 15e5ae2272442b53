/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Which queue is forwarded to which, and by which lcore.
 */

#ifndef STREAMS_H
#define STREAMS_H

#include "app.h"
#include "fwd.h"

/** Streams of all started ports, spread over the forwarding lcores. @return 0, -ENOMEM, -ENODEV. */
int streams_build(struct app *app);
void streams_free(struct app *app);
/** Stream that receives from (port, queue), or NULL. */
struct fwd_stream *streams_find(const struct app *app, uint16_t port, uint16_t queue);
/** Who forwards what, as "show config fwd" prints it. */
void streams_show(const struct app *app);

#endif /* STREAMS_H */
