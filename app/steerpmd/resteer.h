/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What it costs to steer a queue to another CPU while packets come.
 */

#ifndef RESTEER_H
#define RESTEER_H

#include "app.h"

#define RESTEER_MOVES 64 /**< of resteer_cost() */

struct resteer_cost {
	unsigned int moves;
	double median_us, max_us; /**< of the call that moves the tag */
	uint64_t packets_lost;    /**< meanwhile */
	bool by_number;       /**< lost: by the generator's numbers; else what the port counts as
				 missed, erroneous and without mbuf */
	const char *strategy; /**< name of the port's */
};

/**
 * Steer the port's Rx queues in turn to a wrong CPU and back, RESTEER_MOVES times, with packets
 * between the moves where packets come; then every queue is steered as before. Ports forward.
 * Main thread.
 * @return 0, -ENOTSUP the port cannot be steered, -EINVAL not forwarding or all lcores on one CPU,
 * -ENOMEM, or lib/steer's refusal; told to the user.
 */
int resteer_cost(struct app *app, uint16_t port, struct resteer_cost *out);
/** The same with another number of moves, 2 to 4096. */
int resteer_moves(struct app *app, uint16_t port, unsigned int moves, struct resteer_cost *out);
/** One line. */
void resteer_show(uint16_t port, const struct resteer_cost *cost);

#endif /* RESTEER_H */
