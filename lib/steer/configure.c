/* SPDX-License-Identifier: BSD-3-Clause */

/* Configure and queue set-up: vectors before the queues run. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "steer_priv.h"

static void
new_queues(struct steer_port *port, uint16_t nb_rxq, uint16_t nb_txq)
{
	uint16_t max[2] = {port->conf.max_rxq, port->conf.max_txq}, q;
	int dir;

	port->nb[STEER_RX] = nb_rxq;
	port->nb[STEER_TX] = nb_txq;
	for (dir = STEER_RX; dir <= STEER_TX; dir++) {
		for (q = 0; q < max[dir]; q++) {
			steer_queue_reset(port, (enum steer_dir)dir, q);
			__atomic_store_n(&port->words[dir][q], STEER_WORD_NONE, __ATOMIC_RELAXED);
		}
	}
}

/* The way for this configuration; NULL and *rc when the user asked for the impossible. */
static const struct steer_way *
way_for(struct steer_port *port, int *rc)
{
	*rc = 0;
	if (!port->rx_intr || port->base != &steer_way_palette)
		return port->base;
	if (port->locked) {
		*rc = steer_locked_refuse(port, "Rx interrupts, whose vectors are no palette");
		return NULL;
	}
	if (port->conf.mode == STEER_MODE_PALETTE) {
		STEER_LOG(ERR,
			  "%s: steer: steer=palette and Rx interrupts exclude each other (the "
			  "interrupt "
			  "moves with the vector); use steer=per-queue",
			  port->name);
		*rc = -ENOTSUP;
		return NULL;
	}
	steer_port_why(port, "per-queue instead of palette: Rx interrupts need a vector per queue");
	return &steer_way_per_queue;
}

static int
enter_way(struct steer_port *port)
{
	int rc;
	const struct steer_way *way = way_for(port, &rc);

	if (rc != 0 || way == NULL)
		return rc;
	/* A palette stays as it was written; everything else depends on the number of queues. */
	if (way == port->way && way == &steer_way_palette)
		rc = steer_port_recover(port);
	else
		rc = steer_strategy_enter(port, way);
	if (rc == 0 || port->conf.mode == STEER_MODE_AUTO)
		return 0;
	STEER_LOG(ERR, "%s: steer: %s", port->name, port->why);
	return rc;
}

static int
configure(struct steer_port *port, uint16_t nb_rxq, uint16_t nb_txq, int rx_intr)
{
	int rc;

	if (nb_rxq > port->conf.max_rxq || nb_txq > port->conf.max_txq)
		return -EINVAL;
	if (rx_intr && nb_rxq + 1u > port->conf.max_vectors) {
		STEER_LOG(
			ERR,
			"%s: steer: Rx interrupts of %u queues need %u vectors, the device has %u",
			port->name, nb_rxq, nb_rxq + 1u, port->conf.max_vectors);
		return -ENOSPC;
	}
	port->rx_intr = rx_intr != 0;
	port->retry = true;
	port->relayout = false;
	new_queues(port, nb_rxq, nb_txq);
	snprintf(port->why, sizeof(port->why), "%s", port->base_why);
	rc = enter_way(port);
	return rc == 0 && rx_intr ? steer_port_vectors(port, nb_rxq + 1) : rc;
}

int
steer_port_configure(struct steer_port *port, uint16_t nb_rxq, uint16_t nb_txq, int rx_intr)
{
	int rc;

	pthread_mutex_lock(&port->lock);
	port->started = false;
	rc = steer_port_is_gone(port) ? -ENODEV : configure(port, nb_rxq, nb_txq, rx_intr);
	pthread_mutex_unlock(&port->lock);
	return rc;
}

/* Nothing is steered: vectors are for interrupts only. */
static uint16_t
plain_vector(struct steer_port *port, enum steer_dir dir, uint16_t q)
{
	uint16_t v = port->rx_intr && dir == STEER_RX && q + 1u < port->nb_vectors
			     ? q + 1
			     : STEER_NO_VECTOR;

	port->queues[dir][q].vector = v;
	return v;
}

static uint16_t
steered_vector(struct steer_port *port, enum steer_dir dir, uint16_t q)
{
	struct steer_queue *queue = &port->queues[dir][q];
	bool off = port->user_off || port->lost != 0;
	uint32_t cpu;

	queue->why[0] = '\0';
	cpu = off ? STEER_CPU_NONE : steer_queue_want(port, dir, q, queue->why);
	queue->why[0] = '\0';
	queue->target = cpu;
	queue->settled = !off;
	return port->way->queue_vector(port, dir, q, cpu);
}

/* A port that left the palette while it ran gets its own vectors now. */
static void
lay_out(struct steer_port *port)
{
	port->relayout = false;
	steer_queues_reset(port);
	if (steer_strategy_enter(port, port->way) != 0)
		STEER_LOG(WARNING, "%s: steer: %s; the next configuration tries again", port->name,
			  port->why);
}

uint16_t
steer_port_queue_vector(struct steer_port *port, enum steer_dir dir, uint16_t queue)
{
	uint16_t v = STEER_NO_VECTOR;

	pthread_mutex_lock(&port->lock);
	if (port->relayout && port->way != NULL && !steer_port_is_gone(port))
		lay_out(port);
	steer_port_recover(port);
	if (queue < port->nb[dir] && !steer_port_is_gone(port))
		v = port->way == NULL ? plain_vector(port, dir, queue)
				      : steered_vector(port, dir, queue);
	pthread_mutex_unlock(&port->lock);
	return v;
}
