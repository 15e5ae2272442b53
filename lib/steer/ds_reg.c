/* SPDX-License-Identifier: BSD-3-Clause */

/* Device-specific mode: no ST table; the tag that the kernel names for the CPU goes into the
 * queue's own register, written by the driver. Vectors serve interrupts only. */

#include <errno.h>
#include <stdio.h>

#include "steer_priv.h"

static int
ds_reg_enter(struct steer_port *port)
{
	return steer_port_vectors(port, port->rx_intr ? port->nb[STEER_RX] + 1 : 1);
}

/* The driver has cleared the tag before. */
static int
does_not_fit(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu, uint16_t tag)
{
	struct steer_queue *queue = &port->queues[dir][q];

	steer_queue_in_force(port, dir, q, STEER_CPU_NONE, 0);
	snprintf(queue->why, sizeof(queue->why),
		 "no tag: 0x%x of CPU %u is more than the device's tag register takes", tag, cpu);
	return -ERANGE;
}

static int
put(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu, uint16_t tag)
{
	uint32_t objects = steer_objects_want(port, dir, q);
	int rc = port->conf.ops->queue_tag_set(port->conf.ctx, dir, q, tag, objects);

	if (rc == -ERANGE)
		return does_not_fit(port, dir, q, cpu, tag);
	if (rc == 0)
		steer_queue_in_force(port, dir, q, tag == 0 ? STEER_CPU_NONE : cpu, tag);
	return rc;
}

static int
ds_reg_apply(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu)
{
	uint16_t tag = 0;
	int rc = 0;

	if (steer_objects_want(port, dir, q) == 0) /* no register of this direction either */
		return 0;
	if (cpu != STEER_CPU_NONE)
		rc = steer_port_cpu_tag(port, cpu, &tag);
	if (rc == 0)
		rc = put(port, dir, q, cpu, tag);
	/* Without the tag of this CPU, that of the one before must not stay. */
	if (rc != 0 && rc != -ENODEV)
		put(port, dir, q, STEER_CPU_NONE, 0);
	return rc;
}

/* The register is written at start, when the queue is enabled. */
static uint16_t
ds_reg_queue_vector(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu)
{
	struct steer_queue *queue = &port->queues[dir][q];

	RTE_SET_USED(cpu);
	queue->settled = false;
	steer_queue_in_force(port, dir, q, STEER_CPU_NONE, 0);
	queue->vector = port->rx_intr && dir == STEER_RX && q + 1u < port->nb_vectors
				? q + STEER_FIRST_VECTOR
				: STEER_NO_VECTOR;
	return queue->vector;
}

static int
ds_reg_clear(struct steer_port *port)
{
	int dir, rc, first = 0;
	uint16_t q;

	for (dir = STEER_RX; dir <= STEER_TX; dir++) {
		for (q = 0; q < port->nb[dir]; q++) {
			rc = ds_reg_apply(port, (enum steer_dir)dir, q, STEER_CPU_NONE);
			if (first == 0)
				first = rc;
		}
	}
	return first;
}

const struct steer_way steer_way_ds_reg = {
	.id = STEER_STRATEGY_DS_REG,
	.tph_mode = STEER_PCI_TPH_MODE_DS,
	.enter = ds_reg_enter,
	.queue_vector = ds_reg_queue_vector,
	.apply = ds_reg_apply,
	.clear = ds_reg_clear,
};
