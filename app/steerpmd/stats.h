/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Statistics of ports and of forwarding, in testpmd's layout.
 */

#ifndef STATS_H
#define STATS_H

#include "app.h"

/** Forwarding starts: count from here. */
void stats_base(struct app *app);
void stats_port_show(struct app *app, uint16_t id);
void stats_port_clear(struct app *app, uint16_t id);
void stats_port_xstats(struct app *app, uint16_t id);
void stats_port_xstats_clear(struct app *app, uint16_t id);
/** "show port summary": a head, then a line per port. */
void stats_summary_head(const struct app *app);
void stats_port_summary(struct app *app, uint16_t id);
/** "show port info". */
void stats_port_info(const struct app *app, uint16_t id);
/** Every --stats-period: all ports, and what is since the last show. */
void stats_period_show(struct app *app);
/** Since the start of forwarding. */
void stats_forward_show(const struct app *app);

#endif /* STATS_H */
