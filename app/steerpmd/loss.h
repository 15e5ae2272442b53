/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Packets that do not arrive, by the numbers that the emulated card's generator writes into its
 * frames (the layout is in the guide "The emulated card"). Other packets are passed over.
 */

#ifndef LOSS_H
#define LOSS_H

#include "app.h"
#include "fwd.h"

struct loss_count {
	uint64_t seen; /**< frames of the generator */
	uint64_t lost; /**< numbers of a flow that were skipped */
};

/** Look for gaps on all streams of a port from here on. Main thread. @return 0, -ENOMEM. */
int loss_begin(struct app *app, uint16_t port);
/** Until now. */
struct loss_count loss_read(const struct app *app, uint16_t port);
/** No more. The memory stays until loss_fini(), for lcores may still look. */
void loss_end(struct app *app, uint16_t port);
/** Streams are not polled any more. */
void loss_fini(struct app *app);
/** Look at a burst. [lcore] */
void loss_burst(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n);

#endif /* LOSS_H */
