/* SPDX-License-Identifier: BSD-3-Clause */

/* The application's calls on a queue: whom it is for. */

#include <errno.h>
#include <stdio.h>

#include "steer_priv.h"
#include "topology.h"

struct change {
	enum steer_queue_mode mode;
	uint32_t cpu, objects;
	bool offline; /* that CPU is */
};

/* The queue stays as it is; the caller, the log and the queue's state say why. */
static int
refuse(struct steer_port *port, enum steer_dir dir, uint16_t q, int rc, const char *why)
{
	struct steer_queue *queue = &port->queues[dir][q];

	queue->last_error = rc;
	snprintf(queue->why, sizeof(queue->why), "%s", why);
	STEER_LOG(WARNING, "%s: steer: %s queue %u: %s", port->name, steer_dir_name(dir), q, why);
	return rc;
}

static int
change_queue(struct steer_port *port, enum steer_dir dir, uint16_t q, const struct change *to)
{
	struct steer_queue *queue = &port->queues[dir][q];
	char why[sizeof(queue->why)];
	int rc;

	if (port->way == NULL)
		return -ENOTSUP;
	rc = to->mode == STEER_Q_OFF ? 0 : steer_objects_check(port, dir, to->objects, why);
	if (rc == 0 && to->offline) {
		snprintf(why, sizeof(why),
			 "CPU %u is offline, and nothing is read there; bring it "
			 "online, or bind to another",
			 to->cpu);
		rc = -ENXIO;
	}
	if (rc == 0 && to->mode == STEER_Q_BOUND)
		rc = steer_locked_check_cpu(port, to->cpu, why, sizeof(why));
	if (rc != 0)
		return refuse(port, dir, q, rc, why);
	steer_queue_follow(queue, to->mode, to->cpu, to->objects);
	return steer_port_live(port) ? steer_queue_settle(port, dir, q) : 0;
}

/* Check, set, and steer at once when the port runs. */
static int
change(uint16_t port_id, enum steer_dir dir, uint16_t q, const struct change *to)
{
	struct steer_port *port = steer_registry_lock(port_id);
	int rc = -EINVAL;

	if (port == NULL)
		return -ENODEV;
	if ((dir == STEER_RX || dir == STEER_TX) && q < port->nb[dir])
		rc = change_queue(port, dir, q, to);
	pthread_mutex_unlock(&port->lock);
	return rc < 0 ? rc : 0;
}

int
steer_queue_bind_cpu(uint16_t port_id, enum steer_dir dir, uint16_t queue, uint32_t cpu,
		     uint32_t objects)
{
	const struct change to = {
		.mode = cpu == STEER_CPU_NONE ? STEER_Q_OFF : STEER_Q_BOUND,
		.cpu = cpu,
		.objects = objects,
		.offline = steer_cpu_is_offline(cpu),
	};

	return change(port_id, dir, queue, &to);
}

int
steer_queue_unbind(uint16_t port_id, enum steer_dir dir, uint16_t queue)
{
	return steer_queue_bind_cpu(port_id, dir, queue, STEER_CPU_NONE, 0);
}

int
steer_queue_bind_lcore(uint16_t port_id, enum steer_dir dir, uint16_t queue, unsigned int lcore,
		       uint32_t objects)
{
	uint32_t cpu = steer_lcore_cpu(lcore);

	if (cpu == STEER_CPU_NONE)
		return -EINVAL;
	return steer_queue_bind_cpu(port_id, dir, queue, cpu, objects);
}

int
steer_queue_auto(uint16_t port_id, enum steer_dir dir, uint16_t queue, uint32_t objects)
{
	const struct change to = {.mode = STEER_Q_AUTO, .cpu = STEER_CPU_NONE, .objects = objects};

	return change(port_id, dir, queue, &to);
}
