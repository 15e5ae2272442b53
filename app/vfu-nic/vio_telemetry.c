/* SPDX-License-Identifier: BSD-3-Clause */

/* /vfu_nic/queues over DPDK's telemetry socket. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_telemetry.h>

#include "vio.h"

/* The telemetry API hands no context to its callbacks. */
static struct vio *shown;
static pthread_mutex_t shown_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *
direction(const struct vq *q)
{
	if (q->index == vio_ctrl_index(shown))
		return "control";
	return q->index & 1 ? "tx" : "rx";
}

static void
queue_dict(struct rte_tel_data *d, const struct vq *q)
{
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_u64(d, "queue", q->index);
	rte_tel_data_add_dict_string(d, "direction", direction(q));
	rte_tel_data_add_dict_u64(d, "live", q->live);
	rte_tel_data_add_dict_u64(d, "size", q->size);
	rte_tel_data_add_dict_u64(d, "vector", vq_vector(q));
	rte_tel_data_add_dict_u64(d, "packets", q->stats.packets);
	rte_tel_data_add_dict_u64(d, "bytes", q->stats.bytes);
	rte_tel_data_add_dict_u64(d, "drops", q->stats.drops);
	rte_tel_data_add_dict_u64(d, "interrupts", q->stats.interrupts);
}

static int
one_queue(const char *params, struct rte_tel_data *d)
{
	char *end;
	unsigned long i = strtoul(params, &end, 10);

	if (end == params || *end || i >= shown->nr_queues)
		return -EINVAL;
	queue_dict(d, &shown->vqs[i]);
	return 0;
}

/* By number: arrays cannot hold objects. What has no room in an answer can be asked for alone. */
static int
all_queues(struct rte_tel_data *d)
{
	char name[8];
	uint16_t i;

	rte_tel_data_start_dict(d);
	for (i = 0; i < shown->nr_queues; i++) {
		struct rte_tel_data *one;

		if (!shown->vqs[i].enabled)
			continue;
		one = rte_tel_data_alloc();
		if (!one)
			return -ENOMEM;
		queue_dict(one, &shown->vqs[i]);
		snprintf(name, sizeof(name), "%u", i);
		if (rte_tel_data_add_dict_container(d, name, one, 0) < 0) {
			rte_tel_data_free(one);
			break;
		}
	}
	return 0;
}

static int
queues_cmd(const char *cmd, const char *params, struct rte_tel_data *d)
{
	int ret = -ENODEV;

	pthread_mutex_lock(&shown_lock);
	if (shown) {
		vio_pause(shown); /* counters are the workers' */
		ret = params && *params ? one_queue(params, d) : all_queues(d);
		vio_resume(shown);
	}
	pthread_mutex_unlock(&shown_lock);
	return ret;
}

int
vio_telemetry_init(struct vio *vio)
{
	static bool registered;

	pthread_mutex_lock(&shown_lock);
	shown = vio;
	pthread_mutex_unlock(&shown_lock);
	if (registered)
		return 0;
	registered = true;
	return rte_telemetry_register_cmd("/vfu_nic/queues", queues_cmd,
					  "Virtqueues and their counters. Parameter: queue number");
}

void
vio_telemetry_fini(struct vio *vio)
{
	pthread_mutex_lock(&shown_lock);
	if (shown == vio)
		shown = NULL;
	pthread_mutex_unlock(&shown_lock);
}
