/* SPDX-License-Identifier: BSD-3-Clause */

#include <steer_driver.h>

#include "steer_model.h"

void
model_new(struct model *m)
{
	unsigned int i;

	*m = (struct model){.on = true, .bad_cpu = STEER_CPU_NONE};
	for (i = 0; i < MODEL_LCORES; i++)
		m->lcore_cpu[i] = STEER_CPU_NONE;
	model_all(m, STEER_Q_AUTO);
	model_nobody_polls(m);
}

void
model_all(struct model *m, enum steer_queue_mode mode)
{
	unsigned int q;

	for (q = 0; q < MODEL_QUEUES; q++)
		m->queues[STEER_RX][q].mode = m->queues[STEER_TX][q].mode = mode;
}

void
model_nobody_polls(struct model *m)
{
	unsigned int q;

	for (q = 0; q < MODEL_QUEUES; q++)
		m->queues[STEER_RX][q].poller = m->queues[STEER_TX][q].poller = MODEL_NOBODY;
}

uint32_t
model_want(const struct model *m, enum steer_dir dir, uint16_t q)
{
	const struct model_queue *queue = &m->queues[dir][q];

	if (queue->mode == STEER_Q_OFF)
		return STEER_CPU_NONE;
	if (queue->mode == STEER_Q_BOUND)
		return queue->bound;
	return queue->poller < MODEL_LCORES ? m->lcore_cpu[queue->poller] : STEER_CPU_NONE;
}

bool
model_in_palette(const struct model *m, uint32_t cpu)
{
	unsigned int i;

	if (cpu == STEER_CPU_NONE || cpu == m->bad_cpu)
		return false;
	for (i = 0; i < MODEL_LCORES && m->lcore_cpu[i] != cpu; i++)
		continue;
	return i < MODEL_LCORES;
}

uint16_t
model_vector(const struct model *m, enum steer_dir dir, uint16_t q, unsigned int vectors)
{
	unsigned int pairs = m->nb[STEER_RX] > m->nb[STEER_TX] ? m->nb[STEER_RX] : m->nb[STEER_TX];
	unsigned int v;

	if (1 + 2 * pairs <= vectors)
		v = 1 + 2u * q + (dir == STEER_TX);
	else
		v = 1 + q;
	return v < vectors ? (uint16_t)v : STEER_NO_VECTOR;
}

/* The first that has the vector, Rx before Tx. */
static void
ruler(const struct model *m, const uint16_t vectors[2][MODEL_QUEUES], uint16_t vector,
      enum steer_dir *dir, uint16_t *q)
{
	int d;

	for (d = STEER_RX; d <= STEER_TX; d++)
		for (*dir = d, *q = 0; *q < m->nb[d]; (*q)++)
			if (vectors[d][*q] == vector)
				return;
}

bool
model_rules(const struct model *m, const uint16_t vectors[2][MODEL_QUEUES], enum steer_dir dir,
	    uint16_t q)
{
	enum steer_dir first_dir = dir;
	uint16_t first = q;

	ruler(m, vectors, vectors[dir][q], &first_dir, &first);
	return first_dir == dir && first == q;
}

uint32_t
model_by_vector(const struct model *m, const uint16_t vectors[2][MODEL_QUEUES], enum steer_dir dir,
		uint16_t q)
{
	if (vectors[dir][q] >= m->entries)
		return STEER_CPU_NONE;
	ruler(m, vectors, vectors[dir][q], &dir, &q);
	return model_want(m, dir, q);
}
