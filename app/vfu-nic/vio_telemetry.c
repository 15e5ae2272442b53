/* SPDX-License-Identifier: BSD-3-Clause */

/* /vfu_nic/queues and /vfu_nic/model over DPDK's telemetry socket. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_telemetry.h>

#include "model.h"
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

static int
dma_dict(struct rte_tel_data *d, const char *name, const struct steer_cache_dma_stats *s)
{
	struct rte_tel_data *one = rte_tel_data_alloc();

	if (!one)
		return -ENOMEM;
	rte_tel_data_start_dict(one);
	rte_tel_data_add_dict_u64(one, "writes", s->writes);
	rte_tel_data_add_dict_u64(one, "write_hits", s->write_hits);
	rte_tel_data_add_dict_u64(one, "reads", s->reads);
	rte_tel_data_add_dict_u64(one, "read_hits", s->read_hits);
	rte_tel_data_add_dict_u64(one, "tagged", s->tagged);
	rte_tel_data_add_dict_u64(one, "declined", s->declined);
	return rte_tel_data_add_dict_container(d, name, one, 0);
}

static int
model_dict(struct rte_tel_data *d)
{
	const struct model_shown *m = model_shown(shown);
	int ret;

	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "platform", m->conf.platform);
	rte_tel_data_add_dict_string(d, "rings", m->conf.rings);
	rte_tel_data_add_dict_u64(d, "on", model_on(shown));
	rte_tel_data_add_dict_u64(d, "window", m->conf.window);
	rte_tel_data_add_dict_u64(d, "backlog", m->conf.backlog);
	rte_tel_data_add_dict_u64(d, "noise_kib", m->conf.noise_kib);
	rte_tel_data_add_dict_u64(d, "noise_lines", m->conf.noise_kib ? m->conf.noise_lines : 0);
	rte_tel_data_add_dict_u64(d, "windows", m->windows);
	ret = dma_dict(d, "session", &m->session);
	return ret < 0 ? ret : dma_dict(d, "round", &m->round);
}

static int
model_cmd(const char *cmd, const char *params, struct rte_tel_data *d)
{
	int ret = -ENODEV;

	pthread_mutex_lock(&shown_lock);
	if (shown) {
		vio_pause(shown);
		ret = model_dict(d);
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
	rte_telemetry_register_cmd(
		"/vfu_nic/model", model_cmd,
		"Cache model: the device's reads and writes, in lines, of the session "
		"and of the last credit");
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
