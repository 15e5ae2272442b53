/* SPDX-License-Identifier: BSD-3-Clause */

/* The calls of the ethdev proposal, in terms of ours. */

#include <errno.h>
#include <stdio.h>

#include <rte_ethdev.h>

#include "steer_priv.h"
#include "steer_stash.h"
#include "topology.h"

/* The Rx and the Tx queue of one number, and what a call does to them. */
struct pair {
	struct steer_port *port;
	uint16_t q;
	bool asked[2];
	uint32_t objects[2]; /* 0: all */
	struct steer_queue before[2];
};

/* Which of the two are meant, and are they there? */
static int
pair_fill(struct pair *p, uint32_t queue_id, uint64_t objects)
{
	int d;

	if (objects & ~(uint64_t)STEER_OBJ_ALL || queue_id > UINT16_MAX)
		return -EINVAL;
	p->q = (uint16_t)queue_id;
	p->objects[STEER_RX] = (uint32_t)objects & STEER_OBJ_RX;
	p->objects[STEER_TX] = (uint32_t)objects & STEER_OBJ_TX;
	for (d = STEER_RX; d <= STEER_TX; d++) {
		bool there = p->q < p->port->nb[d];

		p->asked[d] = objects == 0 ? there && steer_objects_have(p->port, d) != 0
					   : p->objects[d] != 0;
		if (p->asked[d] && !there)
			return -EINVAL;
		if (p->asked[d])
			p->before[d] = p->port->queues[d][p->q];
	}
	return p->asked[STEER_RX] || p->asked[STEER_TX] ? 0 : -EINVAL;
}

static int
pair_check(const struct pair *p)
{
	char why[sizeof(p->before[0].why)];
	int d, rc = 0;

	for (d = STEER_RX; d <= STEER_TX && rc == 0; d++)
		if (p->asked[d])
			rc = steer_objects_check(p->port, d, p->objects[d], why);
	if (rc != 0)
		STEER_LOG(WARNING, "%s: steer: stash queue %u: %s", p->port->name, p->q, why);
	return rc;
}

static int
set_one(struct pair *p, enum steer_dir dir, enum steer_queue_mode mode, uint32_t cpu,
	uint32_t objects)
{
	int rc;

	steer_queue_follow(&p->port->queues[dir][p->q], mode, cpu, objects);
	rc = steer_port_live(p->port) ? steer_queue_settle(p->port, dir, p->q) : 0;
	return rc < 0 ? rc : 0;
}

/* All that is asked, or nothing. */
static int
set_both(struct pair *p, const enum steer_queue_mode mode[2], const uint32_t cpu[2])
{
	const struct steer_queue *b;
	int d, rc = 0;

	for (d = STEER_RX; d <= STEER_TX && rc == 0; d++)
		if (p->asked[d])
			rc = set_one(p, d, mode[d], cpu[d], p->objects[d]);
	if (rc == 0)
		return 0;
	while (d-- > STEER_RX) {
		b = &p->before[d];
		if (p->asked[d])
			set_one(p, d, b->mode, b->bound, b->objects);
	}
	return rc;
}

static int
queue_enable(struct pair *p, unsigned int lcore)
{
	static const enum steer_queue_mode bound[2] = {STEER_Q_BOUND, STEER_Q_BOUND};
	const uint32_t cpu = steer_lcore_cpu(lcore), cpus[2] = {cpu, cpu};
	int rc = cpu == STEER_CPU_NONE ? -EINVAL : pair_check(p);

	if (rc == 0 && steer_cpu_is_offline(cpu))
		return -ENXIO;
	return rc != 0 ? rc : set_both(p, bound, cpus);
}

/* What is left of a queue's objects keeps its tag, where the device can do that. */
static int
queue_disable(struct pair *p)
{
	enum steer_queue_mode mode[2] = {STEER_Q_OFF, STEER_Q_OFF};
	uint32_t cpu[2] = {STEER_CPU_NONE, STEER_CPU_NONE}, left;
	int d, rc;

	for (d = STEER_RX; d <= STEER_TX; d++) {
		const struct steer_queue *queue = &p->before[d];

		p->asked[d] = p->asked[d] && queue->mode != STEER_Q_OFF;
		left = p->objects[d] == 0 ? 0 : steer_objects_want(p->port, d, p->q);
		left &= ~p->objects[d];
		p->objects[d] = left;
		if (left == 0)
			continue;
		mode[d] = queue->mode;
		cpu[d] = queue->bound;
	}
	rc = pair_check(p);
	return rc != 0 ? rc : set_both(p, mode, cpu);
}

static int
queue_op(struct steer_port *port, enum steer_eth_cache_stash_op op,
	 const struct steer_eth_cache_stash_config *config)
{
	struct pair p = {.port = port};
	int rc = pair_fill(&p, config->queue.queue_id, config->queue.objects);

	if (rc != 0)
		return rc;
	if (op == STEER_ETH_CACHE_STASH_OP_QUEUE_DISABLE)
		return queue_disable(&p);
	if (port->user_off)
		return -EPERM;
	return port->lost != 0 ? port->lost : queue_enable(&p, config->queue.lcore_id);
}

static int
dev_enable(uint16_t port_id, uint32_t type)
{
	if (type == 0 || (type & (type - 1)) != 0)
		return -EINVAL;
	if (type != STEER_ETH_CACHE_STASH_TYPE_TPH)
		return -ENOTSUP;
	return steer_port_enable(port_id, STEER_ENABLE_UNBOUND);
}

/* -ENODEV is for port numbers that nobody has. */
static int
not_steered(uint16_t port_id)
{
	return rte_eth_dev_is_valid_port(port_id) ? -ENOTSUP : -ENODEV;
}

static bool
can_be_steered(const struct steer_port *port)
{
	return port->way != NULL && !steer_port_is_gone(port);
}

int
steer_eth_cache_stash_get(uint16_t port_id, struct steer_eth_cache_stash_capability *capa)
{
	struct steer_port *port = steer_registry_lock(port_id);
	int rc = -ENOTSUP;

	if (port == NULL)
		return not_steered(port_id);
	if (capa == NULL) {
		rc = -EINVAL;
	} else if (can_be_steered(port)) {
		capa->supported_types = STEER_ETH_CACHE_STASH_TYPE_TPH;
		capa->supported_objects = steer_objects_port(port);
		rc = 0;
	}
	pthread_mutex_unlock(&port->lock);
	return rc;
}

static int
queue_set(uint16_t port_id, enum steer_eth_cache_stash_op op,
	  const struct steer_eth_cache_stash_config *config)
{
	struct steer_port *port = steer_registry_lock(port_id);
	int rc;

	if (port == NULL)
		return -ENODEV;
	rc = can_be_steered(port) ? queue_op(port, op, config) : -ENOTSUP;
	pthread_mutex_unlock(&port->lock);
	return rc;
}

int
steer_eth_cache_stash_set(uint16_t port_id, enum steer_eth_cache_stash_op op,
			  const struct steer_eth_cache_stash_config *config)
{
	struct steer_port *port = steer_registry_lock(port_id);

	if (port == NULL)
		return not_steered(port_id);
	pthread_mutex_unlock(&port->lock);
	if (config == NULL && op != STEER_ETH_CACHE_STASH_OP_DEV_DISABLE)
		return -EINVAL;
	switch (op) {
	case STEER_ETH_CACHE_STASH_OP_DEV_ENABLE: return dev_enable(port_id, config->dev.type);
	case STEER_ETH_CACHE_STASH_OP_DEV_DISABLE:
		return steer_port_disable(port_id, STEER_DISABLE_FORGET);
	case STEER_ETH_CACHE_STASH_OP_QUEUE_ENABLE:
	case STEER_ETH_CACHE_STASH_OP_QUEUE_DISABLE: return queue_set(port_id, op, config);
	}
	return -EINVAL;
}
