/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Vectors that the port's own driver chose: the ST entry of a queue's vector names its CPU. Who has
 * no vector has no tag; queues that share one share its tag, as per queue (per_queue.c).
 */

#include <errno.h>
#include <stdio.h>

#include "steer_priv.h"

#define MAX_ENTRIES STEER_TPH_BATCH_MAX /* of any ST table */

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

/* Entries that no queue's vector has any more keep no tag. */
static void
clear_unused(struct steer_port *port, const bool *used)
{
	const uint32_t none = STEER_CPU_NONE;
	uint16_t e;

	for (e = 0; e < port->nb_entries && e < MAX_ENTRIES && !port->user_off; e++)
		if (!used[e] && port->entry_cpu[e] != none)
			steer_port_st_set(port, e, 1, &none);
}

static uint16_t
take(struct steer_port *port, enum steer_dir dir, bool *used)
{
	struct steer_queue *queue;
	uint16_t q, n = 0;

	for (q = 0; q < port->nb[dir]; q++) {
		queue = &port->queues[dir][q];
		queue->vector = port->conf.ops->queue_vector_get(port->conf.ctx, dir, q);
		queue->settled = false;
		if (queue->vector == STEER_NO_VECTOR)
			continue;
		n++;
		if (queue->vector < MAX_ENTRIES)
			used[queue->vector] = true;
	}
	return n;
}

static void
vector_started(struct steer_port *port)
{
	bool used[MAX_ENTRIES] = {false};
	uint16_t rx = take(port, STEER_RX, used), tx = take(port, STEER_TX, used);

	clear_unused(port, used);
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
