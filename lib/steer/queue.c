/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "resteer_trace.h"
#include "steer_priv.h"
#include "topology.h"

#define WHY_LEN sizeof(((struct steer_queue *)0)->why)

const char *
steer_dir_name(enum steer_dir dir)
{
	return dir == STEER_RX ? "rx" : "tx";
}

static uint32_t
want_auto(uint32_t lcore, char *why)
{
	uint32_t cpu;

	if (lcore == STEER_WORD_NONE) {
		snprintf(why, WHY_LEN, "not polled yet");
		return STEER_CPU_NONE;
	}
	if (!steer_lcore_is_eal(lcore)) {
		snprintf(why, WHY_LEN, "polled by a thread that is not an EAL thread: no tag");
		return STEER_CPU_NONE;
	}
	cpu = steer_lcore_cpu(lcore);
	if (cpu == STEER_CPU_NONE)
		snprintf(why, WHY_LEN,
			 "lcore %u may run on %d CPUs: no tag; pin it (--lcores %u@CPU)", lcore,
			 steer_lcore_cpu_count(lcore), lcore);
	return cpu;
}

uint32_t
steer_queue_want(const struct steer_port *port, enum steer_dir dir, uint16_t q, char *why)
{
	const struct steer_queue *queue = &port->queues[dir][q];

	why[0] = '\0';
	if (queue->mode != STEER_Q_OFF && steer_objects_have(port, dir) == 0) {
		snprintf(why, WHY_LEN, "the device tags nothing of %s queues", steer_dir_name(dir));
		return STEER_CPU_NONE;
	}
	switch (queue->mode) {
	case STEER_Q_BOUND: return queue->bound;
	case STEER_Q_AUTO:
		return want_auto(__atomic_load_n(&port->words[dir][q], __ATOMIC_RELAXED), why);
	default: return STEER_CPU_NONE;
	}
}

void
steer_queue_follow(struct steer_queue *queue, enum steer_queue_mode mode, uint32_t cpu,
		   uint32_t objects)
{
	queue->mode = mode;
	queue->bound = cpu;
	queue->objects = objects;
	queue->settled = false;
	queue->last_error = 0;
	queue->why[0] = '\0';
}

void
steer_queue_in_force(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu,
		     uint16_t tag)
{
	struct steer_queue *queue = &port->queues[dir][q];
	uint32_t tagged = cpu == STEER_CPU_NONE ? 0 : steer_objects_want(port, dir, q);

	if (queue->cpu == cpu && queue->tag == tag && queue->tagged == tagged)
		return;
	queue->generation++;
	if (cpu != STEER_CPU_NONE)
		queue->resteers++;
	steer_trace_resteer(port->conf.port_id, (uint8_t)dir, q, queue->cpu, cpu, tag,
			    queue->generation);
	queue->cpu = cpu;
	queue->tag = tag;
	queue->tagged = tagged;
}

void
steer_queue_failed(struct steer_port *port, enum steer_dir dir, uint16_t q, int rc)
{
	struct steer_queue *queue = &port->queues[dir][q];

	queue->last_error = rc;
	queue->errors++;
	if (queue->why[0] == '\0')
		steer_port_refusal(port, queue->target, rc, queue->why, WHY_LEN);
	steer_trace_error(port->conf.port_id, (uint8_t)dir, q, queue->target, rc);
}

int
steer_queue_settle(struct steer_port *port, enum steer_dir dir, uint16_t q)
{
	struct steer_queue *queue = &port->queues[dir][q];
	char why[WHY_LEN];
	uint32_t cpu = steer_queue_want(port, dir, q, why);
	uint64_t generation = queue->generation;
	int rc;

	if (queue->settled && queue->target == cpu)
		return 0;
	queue->settled = true;
	queue->target = cpu;
	queue->why[0] = '\0';
	rc = port->way->apply(port, dir, q, cpu);
	queue->last_error = 0;
	if (rc == 0) {
		if (why[0] != '\0' && queue->mode == STEER_Q_AUTO &&
		    __atomic_load_n(&port->words[dir][q], __ATOMIC_RELAXED) != STEER_WORD_NONE)
			STEER_LOG(WARNING, "%s: steer: %s queue %u: %s", port->name,
				  steer_dir_name(dir), q, why);
		return queue->generation != generation;
	}
	steer_queue_failed(port, dir, q, rc);
	STEER_LOG(WARNING, "%s: steer: %s queue %u: %s", port->name, steer_dir_name(dir), q,
		  queue->why);
	return rc;
}

void
steer_queue_reset(struct steer_port *port, enum steer_dir dir, uint16_t q)
{
	struct steer_queue *queue = &port->queues[dir][q];

	queue->vector = STEER_NO_VECTOR;
	queue->settled = false;
	queue->last_error = 0;
	queue->why[0] = '\0';
	steer_queue_in_force(port, dir, q, STEER_CPU_NONE, 0);
}

void
steer_queues_reset(struct steer_port *port)
{
	uint16_t q;

	for (q = 0; q < port->conf.max_rxq; q++)
		steer_queue_reset(port, STEER_RX, q);
	for (q = 0; q < port->conf.max_txq; q++)
		steer_queue_reset(port, STEER_TX, q);
}

void
steer_queue_unsettle_all(struct steer_port *port)
{
	uint16_t q;
	int dir;

	for (dir = STEER_RX; dir <= STEER_TX; dir++)
		for (q = 0; q < port->nb[dir]; q++)
			port->queues[dir][q].settled = false;
}

void
steer_queue_info_fill(const struct steer_port *port, enum steer_dir dir, uint16_t q,
		      struct steer_queue_info *info)
{
	const struct steer_queue *queue = &port->queues[dir][q];
	uint32_t lcore = __atomic_load_n(&port->words[dir][q], __ATOMIC_RELAXED);
	char why[WHY_LEN];

	*info = (struct steer_queue_info){
		.mode = queue->mode,
		.lcore = lcore < RTE_MAX_LCORE ? lcore : STEER_LCORE_NONE,
		.cpu = queue->cpu,
		.tag = queue->tag,
		.objects = queue->tagged,
		.vector = queue->vector == STEER_NO_VECTOR ? -1 : (int16_t)queue->vector,
		.generation = queue->generation,
		.resteers = queue->resteers,
		.errors = queue->errors,
		.last_error = queue->last_error,
		.relation = STEER_REL_UNKNOWN,
	};
	steer_queue_want(port, dir, q, why);
	if (port->way == NULL)
		snprintf(info->why, sizeof(info->why), "%.*s", (int)sizeof(info->why) - 1,
			 port->why);
	else if (port->user_off)
		snprintf(info->why, sizeof(info->why), "steering of the port is turned off");
	else if (port->lost != 0)
		snprintf(info->why, sizeof(info->why),
			 "the tags could not be programmed again (%s); restart the port",
			 strerror(-port->lost));
	else
		memcpy(info->why, queue->why[0] != '\0' ? queue->why : why, sizeof(info->why));
}

/* Where its tag leads, seen from where it is polled. Opens files, so without the port's lock. */
static void
fill_place(struct steer_queue_info *info)
{
	info->lcore_cpu =
		info->lcore == STEER_LCORE_NONE ? STEER_CPU_NONE : steer_lcore_cpu(info->lcore);
	if (info->cpu == STEER_CPU_NONE)
		return;
	if (info->lcore_cpu != STEER_CPU_NONE)
		info->relation = steer_cpu_relation(info->lcore_cpu, info->cpu);
	if (info->relation > STEER_REL_OFFLINE || info->why[0] != '\0')
		return; /* both are there, or there is more to say */
	if (steer_cpu_is_offline(info->cpu))
		snprintf(info->why, sizeof(info->why),
			 "CPU %u, which the tag names, has gone offline; bind to another",
			 info->cpu);
}

int
steer_queue_info_get(uint16_t port_id, enum steer_dir dir, uint16_t queue,
		     struct steer_queue_info *info)
{
	struct steer_port *port = steer_registry_lock(port_id);
	int rc = 0;

	if (port == NULL)
		return -ENODEV;
	if ((dir != STEER_RX && dir != STEER_TX) || queue >= port->nb[dir])
		rc = -EINVAL;
	else
		steer_queue_info_fill(port, dir, queue, info);
	pthread_mutex_unlock(&port->lock);
	if (rc == 0)
		fill_place(info);
	return rc;
}
