/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Palette: ST entry and vector k+1 belong to the CPU of slot k, written once. A queue moves by
 * taking another vector, so moving never writes the ST table.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "steer_priv.h"

static uint16_t
vector_of(const struct steer_port *port, uint32_t cpu)
{
	uint16_t v;

	if (cpu == STEER_CPU_NONE)
		return STEER_NO_VECTOR;
	for (v = STEER_FIRST_VECTOR; v <= port->nb_slots; v++)
		if (port->entry_cpu[v] == cpu)
			return v;
	return STEER_NO_VECTOR;
}

bool
steer_palette_has(const struct steer_port *port, uint32_t cpu)
{
	return port->way != &steer_way_palette || vector_of(port, cpu) != STEER_NO_VECTOR;
}

/* One refusal fails a batch; slots whose CPU has no tag stay empty. */
static int
write_slots(struct steer_port *port, const uint32_t *cpus)
{
	int rc = steer_port_st_set(port, STEER_FIRST_VECTOR, port->nb_slots, cpus);
	int first = rc, ok = 0;
	uint16_t k;

	if (rc == 0 || rc == -ENODEV || rc == -EIO)
		return rc;
	for (k = 0; k < port->nb_slots; k++) {
		rc = steer_port_st_set(port, k + STEER_FIRST_VECTOR, 1, &cpus[k]);
		if (rc == 0)
			ok++;
		else
			steer_port_why(port, "CPU %u has no steering tag (%s%s)", cpus[k],
				       port->outside == cpus[k] ? "this process may not run there: "
								: "",
				       strerror(-rc));
	}
	return ok > 0 ? 0 : first;
}

static int
palette_again(struct steer_port *port)
{
	uint32_t cpus[RTE_MAX_LCORE];
	uint16_t n = steer_lcore_cpus(cpus, RTE_DIM(cpus));

	port->nb_slots = RTE_MIN(n, port->nb_slots);
	return write_slots(port, cpus);
}

/* A slot that was refused may be taken later; the others stay as they were written. */
static void
palette_fill(struct steer_port *port)
{
	uint32_t cpus[RTE_MAX_LCORE];
	uint16_t n = steer_lcore_cpus(cpus, RTE_DIM(cpus)), k;

	for (k = 0; k < RTE_MIN(n, port->nb_slots); k++)
		if (port->entry_cpu[k + STEER_FIRST_VECTOR] == STEER_CPU_NONE)
			steer_port_st_set(port, k + STEER_FIRST_VECTOR, 1, &cpus[k]);
}

static int
palette_enter(struct steer_port *port)
{
	uint32_t cpus[RTE_MAX_LCORE];

	port->nb_slots = steer_lcore_cpus(cpus, RTE_DIM(cpus));
	return steer_port_vectors(port, port->nb_slots + 1);
}

static void
note(struct steer_port *port, enum steer_dir dir, uint16_t q, uint16_t v)
{
	port->queues[dir][q].vector = v;
	if (v == STEER_NO_VECTOR)
		steer_queue_in_force(port, dir, q, STEER_CPU_NONE, 0);
	else
		steer_queue_in_force(port, dir, q, port->entry_cpu[v], port->entry_tag[v]);
}

static int
outside(struct steer_queue *queue, uint32_t cpu, uint16_t nb_slots)
{
	snprintf(queue->why, sizeof(queue->why),
		 "CPU %u is not in the palette of %u slots (CPUs of pinned lcores): no tag", cpu,
		 nb_slots);
	return -ERANGE;
}

static uint16_t
palette_queue_vector(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu)
{
	struct steer_queue *queue = &port->queues[dir][q];

	note(port, dir, q, vector_of(port, cpu));
	queue->last_error = 0;
	if (cpu != STEER_CPU_NONE && queue->vector == STEER_NO_VECTOR)
		steer_queue_failed(port, dir, q, outside(queue, cpu, port->nb_slots));
	return queue->vector;
}

static int
palette_apply(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu)
{
	struct steer_queue *queue = &port->queues[dir][q];
	uint16_t v = vector_of(port, cpu);
	int rc = 0;

	if (v != queue->vector)
		rc = port->conf.ops->queue_vector_set(port->conf.ctx, dir, q, v);
	if ((rc == -EBUSY || rc == -EIO) && !port->locked) {
		steer_strategy_fall_back(port, rc);
		return port->way->apply(port, dir, q, cpu);
	}
	if (rc != 0) {
		/* The tag of the CPU before should not stay; if it does, it is told. */
		v = queue->vector;
		if (rc != -ENODEV &&
		    port->conf.ops->queue_vector_set(port->conf.ctx, dir, q, STEER_NO_VECTOR) == 0)
			v = STEER_NO_VECTOR;
		note(port, dir, q, v);
		return rc;
	}
	note(port, dir, q, v);
	return cpu != STEER_CPU_NONE && v == STEER_NO_VECTOR ? outside(queue, cpu, port->nb_slots)
							     : 0;
}

const struct steer_way steer_way_palette = {
	.id = STEER_STRATEGY_PALETTE,
	.tph_mode = STEER_PCI_TPH_MODE_IV,
	.enter = palette_enter,
	.queue_vector = palette_queue_vector,
	.apply = palette_apply,
	.again = palette_again,
	.fill = palette_fill,
};
