/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * One mempool per queue, so that the order in which a queue's buffers come back depends on that
 * queue alone: the cache model then sees the same addresses in every run.
 */

#ifndef POOLS_H
#define POOLS_H

#include "app.h"

/** Pools of a port's queues into port->pools. @return 0, -ENOMEM, -EINVAL too few mbufs. */
int pools_get(struct app *app, uint16_t id);
/** Give them back; a pool with mbufs still in another port's Tx ring stays for its successor. */
void pools_put(struct app *app, uint16_t id);
/** At the end, with all ports closed: those that stayed too. */
void pools_free_all(void);

#endif /* POOLS_H */
