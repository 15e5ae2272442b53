/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Vectors that the port's own driver chose: the ST entry of a queue's vector names its CPU. Who has
 * no vector has no tag; queues that share one share its tag, as per queue (per_queue.c).
 */

#include <errno.h>
#include <stdio.h>

#include "steer_priv.h"

/* The driver allocates vectors when it likes. */
static int
vector_enter(struct steer_port *port)
{
	RTE_SET_USED(port);
	return 0;
}

static uint16_t
vector_queue_vector(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu)
{
	RTE_SET_USED(cpu);
	return port->queues[dir][q].vector;
}

static int
vector_apply(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu)
{
	struct steer_queue *queue = &port->queues[dir][q];

	if (queue->vector != STEER_NO_VECTOR)
		return steer_entry_apply(port, dir, q, cpu);
	steer_queue_in_force(port, dir, q, STEER_CPU_NONE, 0);
	if (cpu == STEER_CPU_NONE)
		return 0;
	snprintf(queue->why, sizeof(queue->why),
		 "no tag: the port's driver has bound no interrupt vector to this %s queue",
		 steer_dir_name(dir));
	/* Only who asked for it by name is refused. */
	return queue->mode == STEER_Q_BOUND ? -ENOTSUP : 0;
}

/* @return queues that have a vector. */
static uint16_t
take(struct steer_port *port, enum steer_dir dir)
{
	struct steer_queue *queue;
	uint16_t q, n = 0;

	for (q = 0; q < port->nb[dir]; q++) {
		queue = &port->queues[dir][q];
		queue->vector = port->conf.ops->queue_vector_get(port->conf.ctx, dir, q);
		queue->settled = false;
		n += queue->vector != STEER_NO_VECTOR;
	}
	return n;
}

/* An entry must neither keep the tag of who has left it nor bring it to who has come. */
static void
begin_empty(struct steer_port *port)
{
	const char *step;
	int rc;

	if (port->user_off || port->lost != 0)
		return;
	steer_port_tph_disable(port);
	steer_port_st_forget(port);
	rc = steer_port_program(port, &step);
	if (rc != 0)
		steer_port_lose(port, rc);
}

static void
vector_started(struct steer_port *port)
{
	uint16_t rx = take(port, STEER_RX), tx = take(port, STEER_TX);

	begin_empty(port);
	snprintf(port->why, sizeof(port->why), "%s", port->base_why);
	if (rx + tx == 0)
		steer_port_why(port, "no queue has an interrupt vector, and tags go with vectors: "
				     "configure Rx interrupts (intr_conf.rxq)");
	else if (rx < port->nb[STEER_RX] || tx < port->nb[STEER_TX])
		steer_port_why(port,
			       "%u of %u Rx and %u of %u Tx queues have an interrupt vector; "
			       "the others have no tag",
			       rx, port->nb[STEER_RX], tx, port->nb[STEER_TX]);
}

const struct steer_way steer_way_vector = {
	.id = STEER_STRATEGY_VECTOR,
	.tph_mode = STEER_PCI_TPH_MODE_IV,
	.enter = vector_enter,
	.queue_vector = vector_queue_vector,
	.apply = vector_apply,
	.started = vector_started,
};
