/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Time from the card's Rx timestamp of a packet until the application has touched it (--latency).
 *
 * Only where the port gives timestamps on a clock that is this machine's counter: any other clock
 * would have to be compared with ours more exactly than a latency is long. In a model session
 * packets have no timestamps: there the time waits for the model.
 */

#ifndef LATENCY_H
#define LATENCY_H

#include "app.h"
#include "fwd.h"

/** Over all queues of a port, nanoseconds; exact to 1/64. */
struct latency {
	uint64_t samples;
	double p50, p99, p999;
};

/** Rx offloads to configure a port with for --latency; told to the user when it has none. */
uint64_t latency_offloads(const struct app *app, uint16_t port, uint64_t offered);
/** Histograms for the streams that can have them, before lcores see them. @return 0, -ENOMEM. */
int latency_init(struct app *app);
void latency_fini(struct app *app);
/** Touch the packets of a burst as touch_burst() does, and count how old each is then. [lcore] */
void latency_burst(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n);
/** Count from here on. Main thread, any time. */
void latency_mark(struct app *app);
/** Since the mark. @return 0, -ENODATA no packet with a timestamp. Main thread, any time. */
int latency_get(const struct app *app, uint16_t port, struct latency *out);
/** "show latency": a line per queue, and one for the port. */
void latency_show(const struct app *app);

#endif /* LATENCY_H */
