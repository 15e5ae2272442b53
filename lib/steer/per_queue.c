/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Per queue: Rx i has vector 1+2i, Tx i has 2+2i, and the ST entry of that number names the queue's
 * CPU. With too few vectors or entries Rx i and Tx i share vector 1+i. On a shared vector the
 * first queue (Rx before Tx) says which CPU; the others are told.
 */

#include <errno.h>
#include <stdio.h>

#include "steer_priv.h"

static uint32_t
needed(const struct steer_port *port, bool pairwise)
{
	uint32_t n = RTE_MAX(port->nb[STEER_RX], port->nb[STEER_TX]);

	return 1 + (pairwise ? n : 2 * n);
}

static int
per_queue_enter(struct steer_port *port)
{
	uint32_t room = RTE_MIN(port->conf.max_vectors, port->nb_entries);
	uint32_t want = needed(port, false);

	port->pairwise = want > room;
	if (port->pairwise) {
		want = needed(port, true);
		steer_port_why(port,
			       "%u vectors and %u ST entries for %u+%u queues: rx and tx of a pair "
			       "share a vector%s",
			       port->conf.max_vectors, port->nb_entries, port->nb[STEER_RX],
			       port->nb[STEER_TX], want > room ? ", the last have no tag" : "");
		want = RTE_MIN(want, port->conf.max_vectors);
	}
	return steer_port_vectors(port, (uint16_t)want);
}

static uint16_t
layout(const struct steer_port *port, enum steer_dir dir, uint16_t q)
{
	uint32_t v = port->pairwise ? 1u + q : 1u + 2u * q + dir;

	return v < port->nb_vectors ? (uint16_t)v : STEER_NO_VECTOR;
}

/* The queue that rules a vector: the first one that has it. */
static struct steer_queue *
owner_of(struct steer_port *port, uint16_t vector, enum steer_dir *dir, uint16_t *q)
{
	int d;

	for (d = STEER_RX; d <= STEER_TX; d++) {
		*dir = (enum steer_dir)d;
		for (*q = 0; *q < port->nb[d]; (*q)++)
			if (port->queues[d][*q].vector == vector)
				return &port->queues[d][*q];
	}
	return NULL;
}

/* What is in the entry holds for every queue that has its vector. */
static void
spread(struct steer_port *port, uint16_t v)
{
	enum steer_dir owner_dir;
	uint16_t owner_q, q;
	struct steer_queue *owner = owner_of(port, v, &owner_dir, &owner_q), *queue;
	int d;

	for (d = STEER_RX; d <= STEER_TX; d++) {
		for (q = 0; q < port->nb[d]; q++) {
			queue = &port->queues[d][q];
			if (queue->vector != v)
				continue;
			steer_queue_in_force(port, (enum steer_dir)d, q, port->entry_cpu[v],
					     port->entry_tag[v]);
			if (queue == owner || !queue->settled)
				continue;
			queue->why[0] = '\0';
			if (queue->target != port->entry_cpu[v])
				snprintf(queue->why, sizeof(queue->why),
					 "shares vector %u with %s queue %u and has its tag", v,
					 steer_dir_name(owner_dir), owner_q);
		}
	}
}

int
steer_entry_apply(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu)
{
	struct steer_queue *queue = &port->queues[dir][q];
	uint16_t v = queue->vector, owner_q;
	enum steer_dir owner_dir;
	const uint32_t none = STEER_CPU_NONE;
	uint32_t outside;
	int rc = 0;

	if (v >= port->nb_entries) {
		steer_queue_in_force(port, dir, q, STEER_CPU_NONE, 0);
		if (cpu == STEER_CPU_NONE)
			return 0;
		snprintf(queue->why, sizeof(queue->why), "no %s left for this queue: no tag",
			 v == STEER_NO_VECTOR ? "vector" : "ST entry");
		return -ENOSPC;
	}
	if (owner_of(port, v, &owner_dir, &owner_q) == queue && port->entry_cpu[v] != cpu)
		rc = steer_port_st_set(port, v, 1, &cpu);
	/* A CPU without a tag must not leave the tag of the one before; why is about the CPU. */
	outside = port->outside;
	if (rc != 0 && rc != -ENODEV && port->entry_cpu[v] != none)
		steer_port_st_set(port, v, 1, &none);
	port->outside = outside;
	spread(port, v);
	return rc;
}

static uint16_t
per_queue_queue_vector(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu)
{
	struct steer_queue *queue = &port->queues[dir][q];
	int rc;

	queue->vector = layout(port, dir, q);
	queue->last_error = 0;
	rc = steer_entry_apply(port, dir, q, cpu);
	if (rc != 0)
		steer_queue_failed(port, dir, q, rc);
	return queue->vector;
}

const struct steer_way steer_way_per_queue = {
	.id = STEER_STRATEGY_PER_QUEUE,
	.tph_mode = STEER_PCI_TPH_MODE_IV,
	.enter = per_queue_enter,
	.queue_vector = per_queue_queue_vector,
	.apply = steer_entry_apply,
};
