/* SPDX-License-Identifier: BSD-3-Clause */

/* What lib/steer asks of a port whose driver does not know it. */

#include "stock.h"

/* Drivers bind vectors to Rx queues only. */
static uint16_t
op_vector_get(void *ctx, enum steer_dir dir, uint16_t queue)
{
	const struct stock_port *s = ctx;

	return dir == STEER_RX ? s->vectors[queue] : STEER_NO_VECTOR;
}

static int
op_tag_set(void *ctx, enum steer_dir dir, uint16_t queue, uint16_t tag, uint32_t objects)
{
	const struct stock_port *s = ctx;

	return steer_profile_set(s->profile, &s->io, dir, queue, tag, objects);
}

static int
op_tag_get(void *ctx, enum steer_dir dir, uint16_t queue, uint16_t *tag)
{
	const struct stock_port *s = ctx;

	return steer_profile_get(s->profile, &s->io, dir, queue, tag);
}

static const struct steer_port_ops ops_vectors = {
	.queue_vector_get = op_vector_get,
};

static const struct steer_port_ops ops_registers = {
	.queue_vector_get = op_vector_get,
	.queue_tag_set = op_tag_set,
	.queue_tag_get = op_tag_get,
};

const struct steer_port_ops *
stock_ops(const struct stock_port *s)
{
	return s->profile != NULL ? &ops_registers : &ops_vectors;
}
