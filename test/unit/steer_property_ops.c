/* SPDX-License-Identifier: BSD-3-Clause */

/* The operations, on the port and on the model. */

#include <errno.h>
#include <string.h>

#include "steer_property.h"

static void
op_stop(struct run *r)
{
	steer_port_stop(r->port);
	r->m.started = false;
	/* A stopped device loses its registers; vectors stay as they were written. */
	memset(drv0.tag, 0, sizeof(drv0.tag));
}

static uint16_t
vector_get(void *ctx, enum steer_dir dir, uint16_t q)
{
	const struct fake_driver *f = ctx;

	return f->vector[dir][q];
}

/* None, shared, and beyond the table: others in each start. */
static void
start_foreign(struct run *r)
{
	uint16_t q;
	int d;

	for (d = STEER_RX; d <= STEER_TX; d++)
		for (q = 0; q < r->m.nb[d]; q++)
			drv0.vector[d][q] = property_roll(r, 8) == 0
						    ? STEER_NO_VECTOR
						    : (uint16_t)(1 + property_roll(r, 120));
	steer_port_start(r->port);
}

static void
op_start(struct run *r)
{
	if (!r->ready || r->m.started)
		return;
	if (r->world->foreign)
		start_foreign(r);
	else
		fx_run(r->port, r->m.nb[STEER_RX], r->m.nb[STEER_TX]);
	r->m.started = r->fresh = true;
}

static void
op_restart(struct run *r)
{
	op_stop(r);
	op_start(r);
}

void
property_configure(struct run *r)
{
	static const uint16_t numbers[] = {1, 2, 7, 64, 65, 128};
	int rc;

	op_stop(r);
	r->m.nb[STEER_RX] = numbers[property_roll(r, RTE_DIM(numbers))];
	r->m.nb[STEER_TX] = numbers[property_roll(r, RTE_DIM(numbers))];
	model_nobody_polls(&r->m);
	rc = steer_port_configure(r->port, r->m.nb[STEER_RX], r->m.nb[STEER_TX], 0);
	r->ready = rc == 0;
	r->chosen = true;
	r->m.doubt |= !r->ready;
	r->hits += !r->ready;
	op_start(r);
}

static void
op_reset(struct run *r)
{
	bool started = r->m.started;
	int rc;

	op_stop(r);
	fx_reset_device();
	rc = steer_port_reset_done(r->port);
	r->m.doubt |= rc != 0;
	if (started)
		op_start(r);
}

static void
op_poll(struct run *r)
{
	unsigned int n;

	for (n = property_roll(r, 20) + 1; n > 0; n--) {
		enum steer_dir dir = property_roll(r, 2) != 0 ? STEER_TX : STEER_RX;
		uint16_t q = (uint16_t)property_roll(r, MODEL_QUEUES);
		uint32_t by = property_roll(r, MODEL_LCORES + 1);

		if (by == MODEL_LCORES)
			by = LCORE_ID_ANY;
		fx_polled(r->port, dir, q, by);
		r->m.queues[dir][q].poller = by;
	}
	steer_scan();
}

/* What changing a queue to what the model has now must return. */
static int
change_rc(const struct run *r, enum steer_dir dir, uint16_t q)
{
	uint32_t cpu = model_want(&r->m, dir, q);

	if (!r->m.started || !r->m.on || cpu == STEER_CPU_NONE)
		return 0;
	if (r->strategy == STEER_STRATEGY_PALETTE)
		return model_in_palette(&r->m, cpu) ? 0 : -ERANGE;
	if (r->strategy == STEER_STRATEGY_DS_REG)
		return cpu == BAD_CPU ? -ENOENT : 0;
	if (drv0.vector[dir][q] == STEER_NO_VECTOR && r->world->foreign)
		return r->m.queues[dir][q].mode == STEER_Q_BOUND ? -ENOTSUP : 0;
	if (drv0.vector[dir][q] >= tph0.info.cap.entries)
		return -ENOSPC;
	/* Who shares the vector of another has no say. */
	if (cpu == BAD_CPU &&
	    model_rules(&r->m, (const uint16_t(*)[MODEL_QUEUES])drv0.vector, dir, q))
		return -ENOENT;
	return 0;
}

static int
change(struct run *r, enum steer_dir dir, uint16_t q, enum steer_queue_mode mode, uint32_t cpu)
{
	switch (mode) {
	case STEER_Q_AUTO: return steer_queue_auto(PORT, dir, q, 0);
	case STEER_Q_BOUND: return steer_queue_bind_cpu(PORT, dir, q, cpu, 0);
	default: return steer_queue_unbind(PORT, dir, q);
	}
}

static void
op_change(struct run *r)
{
	static const uint32_t cpus[] = {2, 5, 9, 12, BAD_CPU, 77};
	static const enum steer_queue_mode modes[] = {STEER_Q_AUTO, STEER_Q_BOUND, STEER_Q_BOUND,
						      STEER_Q_OFF};
	enum steer_dir dir = property_roll(r, 2) != 0 ? STEER_TX : STEER_RX;
	enum steer_queue_mode mode = modes[property_roll(r, RTE_DIM(modes))];
	uint32_t cpu = cpus[property_roll(r, RTE_DIM(cpus))];
	uint16_t q = (uint16_t)property_roll(r, r->m.nb[dir] + 1u);
	int rc = change(r, dir, q, mode, cpu), wanted;

	if (q >= r->m.nb[dir]) {
		CHECK(r, rc == -EINVAL, "no such queue, and %d\n", rc);
		return;
	}
	if (r->strategy == STEER_STRATEGY_NONE) {
		CHECK(r, rc == -ENOTSUP, "not steered, and %d\n", rc);
		return;
	}
	r->m.queues[dir][q].mode = mode;
	r->m.queues[dir][q].bound = cpu;
	wanted = change_rc(r, dir, q);
	CHECK(r, rc == wanted || r->m.doubt || property_hits() > 0,
	      "queue %d/%u to CPU %d: %d, not %d\n", dir, q, (int)model_want(&r->m, dir, q), rc,
	      wanted);
}

static void
op_disable(struct run *r)
{
	uint32_t flags = property_roll(r, 3) == 0 ? STEER_DISABLE_FORGET : 0;
	int rc = steer_port_disable(PORT, flags);

	if (r->strategy == STEER_STRATEGY_NONE) {
		CHECK(r, rc == -ENOTSUP, "not steered, and %d\n", rc);
		return;
	}
	CHECK(r, rc == 0, "%d\n", rc);
	r->m.on = false;
	if (flags & STEER_DISABLE_FORGET)
		model_all(&r->m, STEER_Q_AUTO);
}

static void
op_enable(struct run *r)
{
	uint32_t flags = property_roll(r, 4) == 0 ? STEER_ENABLE_UNBOUND : 0;
	int rc = steer_port_enable(PORT, flags);

	CHECK(r, rc == 0 || property_hits() > 0 || r->strategy == STEER_STRATEGY_NONE || r->m.doubt,
	      "%d\n", rc);
	if (rc != 0)
		return;
	r->m.on = true;
	if (flags & STEER_ENABLE_UNBOUND)
		model_all(&r->m, STEER_Q_OFF);
}

const struct steer_port_ops property_foreign_ops = {.queue_vector_get = vector_get};

static const struct op ops[] = {
	{"change", 40, op_change},
	{"poll", 20, op_poll},
	{"stop", 3, op_stop},
	{"start", 6, op_start},
	{"restart", 6, op_restart},
	{"configure", 6, property_configure, {&drv0.alloc, &tph0.enable, &tph0.set}},
	{"reset", 6, op_reset, {&drv0.alloc, &tph0.restore, &tph0.restore}},
	{"disable", 5, op_disable, {&drv0.tag_set}},
	{"enable", 8, op_enable, {&tph0.enable, &tph0.set, &tph0.set}},
};

const struct op *
property_op(struct run *r)
{
	unsigned int total = 0, i, at;

	for (i = 0; i < RTE_DIM(ops); i++)
		total += ops[i].weight;
	at = property_roll(r, total);
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	return &ops[i];
}
