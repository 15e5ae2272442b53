/* SPDX-License-Identifier: BSD-3-Clause */

/* Control registers and trace area of steer_trace.h; the session's start and end. */

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model_priv.h"
#include "wire.h"

#define AREA_ALIGN   4096u
#define RING_RECORDS (512u * 1024) /* all rings together */
#define RING_MIN     4096u
#define RING_MAX     65536u

static uint32_t
ring_entries(const struct vio *vio)
{
	uint32_t n = RING_MAX;

	while (n > RING_MIN && n * vio->pairs > RING_RECORDS)
		n /= 2;
	return n;
}

uint32_t
model_trace_len(const struct vio *vio)
{
	return vio->model->len;
}

int
model_trace_fd(const struct vio *vio)
{
	return vio->model->fd;
}

uint64_t
model_bar_size(const struct vio *vio)
{
	uint64_t size = MODEL_TRACE_OFF;

	while (size < MODEL_TRACE_OFF + (uint64_t)vio->model->len)
		size *= 2;
	return size;
}

const struct model_shown *
model_shown(const struct vio *vio)
{
	return &vio->model->shown;
}

bool
model_on(const struct vio *vio)
{
	return __atomic_load_n(&vio->model->on, __ATOMIC_RELAXED);
}

static void
area_layout(struct model *m, uint32_t pairs)
{
	struct steer_trace_area *a = m->area;

	a->magic = STEER_TRACE_MAGIC;
	a->version = STEER_TRACE_VERSION;
	a->nqueues = pairs;
	a->ring_entries = m->ring_entries;
	a->queue_off = m->queue_off;
	a->ring_off = m->ring_off;
	stamps_layout(m);
}

int
model_create(struct vio *vio)
{
	struct model *m = calloc(1, sizeof(*m));
	uint64_t len;
	void *ptr;
	int fd;

	if (!m)
		return -ENOMEM;
	vio->model = m;
	m->vio = vio;
	m->fd = -1;
	m->ring_entries = ring_entries(vio);
	m->queue_off = RTE_ALIGN_CEIL((uint32_t)sizeof(struct steer_trace_area), 256u);
	m->stamp_off = RTE_ALIGN_CEIL(
		m->queue_off + vio->pairs * (uint32_t)sizeof(struct steer_trace_queue), AREA_ALIGN);
	m->ring_off = m->stamp_off + RTE_ALIGN_CEIL(stamps_len(vio), AREA_ALIGN);
	len = m->ring_off + (uint64_t)vio->pairs * m->ring_entries * sizeof(struct steer_trace_rec);
	m->len = (uint32_t)len;
	m->core_of = malloc(MODEL_CPUS * sizeof(*m->core_of));
	m->queues = calloc(vio->pairs, sizeof(*m->queues));
	m->logs = calloc(vio->nr_queues, sizeof(*m->logs));
	if (!m->core_of || !m->queues || !m->logs)
		return -ENOMEM;
	fd = vio_memfd("vfu-nic-trace", MODEL_TRACE_OFF, m->len, &ptr);
	if (fd < 0)
		return fd;
	m->fd = fd;
	m->area = ptr;
	area_layout(m, vio->pairs);
	m->ctrl.magic = STEER_TRACE_MAGIC;
	m->ctrl.version = STEER_TRACE_VERSION;
	return 0;
}

static void
logs_attach(struct model *m, bool on)
{
	uint16_t i;

	for (i = 0; i < m->vio->nr_queues; i++) {
		m->vio->vqs[i].log = on && i < 2 * m->vio->pairs ? &m->logs[i] : NULL;
		m->logs[i].n = 0;
		m->logs[i].lost = 0;
	}
}

void
model_end(struct vio *vio)
{
	struct model *m = vio->model;

	if (!m->on)
		return;
	__atomic_store_n(&m->on, false, __ATOMIC_RELAXED);
	logs_attach(m, false);
	steer_cache_destroy(m->cache);
	m->cache = NULL;
	/* What was made for the session; the wire is not there any more when the device ends. */
	if (vio->wire)
		wire_traffic(vio, NULL);
	m->remaining = 0;
	m->window_open = false;
	__atomic_store_n(&m->area->remaining, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&m->area->state, STEER_TRACE_OFF, __ATOMIC_RELEASE);
}

void
model_destroy(struct vio *vio)
{
	struct model *m = vio->model;
	uint16_t i;

	if (!m)
		return;
	if (m->area) {
		model_end(vio);
		munmap(m->area, m->len);
	}
	if (m->fd >= 0)
		close(m->fd);
	for (i = 0; m->logs && i < vio->nr_queues; i++)
		free(m->logs[i].ev);
	free(m->logs);
	free(m->queues);
	free(m->core_of);
	free(m);
	vio->model = NULL;
}

/* Refused rather than left out: figures would stand under a name that they do not have. */
static int
shapes_check(const struct steer_trace_conf *c)
{
	if (!memchr(c->rings, '\0', sizeof(c->rings)) || !steer_shape_find(c->rings))
		return -ENOENT;
	return 0;
}

static int
conf_check(const struct steer_trace_conf *c, struct steer_platform *p)
{
	char why[256];
	uint32_t i;
	int ret;

	if (!memchr(c->platform, '\0', sizeof(c->platform)) ||
	    steer_platform_parse(c->platform, p, why, sizeof(why)) < 0)
		return -EINVAL;
	if (c->window == 0 || c->window > MODEL_MAX_WINDOW)
		return -EINVAL;
	if (c->ncpus == 0 || c->ncpus > STEER_TRACE_MAX_CPUS || c->ncpus > STEER_CACHE_MAX_CORES)
		return -EINVAL;
	for (i = 1; i < c->ncpus; i++) {
		if (c->cpus[i] <= c->cpus[i - 1])
			return -EINVAL;
	}
	ret = model_noise_check(c);
	return ret < 0 ? ret : shapes_check(c);
}

static int
cmd_start(struct model *m)
{
	const struct steer_trace_conf *c = &m->ctrl.conf;
	struct steer_platform platform;
	int ret = conf_check(c, &platform);
	uint32_t i;

	if (ret < 0)
		return ret;
	model_end(m->vio);
	ret = wire_traffic(m->vio, &c->gen);
	if (ret < 0)
		return ret;
	ret = steer_cache_create(&platform, c->ncpus, c->seed, &m->cache);
	if (ret < 0) {
		wire_traffic(m->vio, NULL);
		return ret;
	}
	memset(m->core_of, 0xff, MODEL_CPUS * sizeof(*m->core_of)); /* -1 */
	for (i = 0; i < c->ncpus; i++)
		m->core_of[c->cpus[i]] = (int16_t)i;
	m->window = c->window;
	m->backlog = c->backlog;
	m->shape = steer_shape_find(c->rings);
	model_noise_begin(m, c);
	m->shown = (struct model_shown){.conf = *c};
	m->round_start = m->shown.round;
	m->remaining = 0;
	m->windows = 0;
	m->bad = 0;
	m->window_open = false;
	memset(m->queues, 0, m->vio->pairs * sizeof(*m->queues));
	memset((uint8_t *)m->area + m->queue_off, 0,
	       m->vio->pairs * sizeof(struct steer_trace_queue));
	area_layout(m, m->vio->pairs);
	m->area->remaining = 0;
	m->area->windows = 0;
	m->area->bad_records = 0;
	m->area->dma = m->shown.session;
	logs_attach(m, true);
	if (m->vio->wire->ops->rewind)
		m->vio->wire->ops->rewind(m->vio->wire);
	__atomic_store_n(&m->on, true, __ATOMIC_RELAXED);
	__atomic_store_n(&m->area->state, STEER_TRACE_IDLE, __ATOMIC_RELEASE);
	return 0;
}

static int
cmd_credit(struct model *m)
{
	if (!m->on || m->ctrl.conf.credit > UINT64_MAX / 2 - m->remaining)
		return -EINVAL;
	if (m->remaining == 0)
		m->round_start = m->shown.session;
	m->remaining += m->ctrl.conf.credit;
	__atomic_store_n(&m->area->remaining, m->remaining, __ATOMIC_RELAXED);
	__atomic_store_n(&m->area->state, STEER_TRACE_RUNNING, __ATOMIC_RELEASE);
	m->running = true;
	return 0;
}

static int
command(struct model *m, uint32_t cmd)
{
	switch (cmd) {
	case STEER_TRACE_CMD_START: m->running = false; return cmd_start(m);
	case STEER_TRACE_CMD_CREDIT: return cmd_credit(m);
	case STEER_TRACE_CMD_STOP:
		m->running = false;
		model_end(m->vio);
		return 0;
	case STEER_TRACE_CMD_STAMPS_ON: stamps_set(m->vio, true); return 0;
	case STEER_TRACE_CMD_STAMPS_OFF: stamps_set(m->vio, false); return 0;
	default: return -EINVAL;
	}
}

void
model_read(struct vio *vio, uint64_t off, uint8_t *buf, size_t len)
{
	struct model *m = vio->model;
	uint64_t at;

	for (at = 0; at < len && off + at < sizeof(m->ctrl); at++)
		buf[at] = ((const uint8_t *)&m->ctrl)[off + at];
	stamps_clock_read(off, buf, len);
	if (off + len <= MODEL_TRACE_OFF)
		return;
	at = off < MODEL_TRACE_OFF ? MODEL_TRACE_OFF - off : 0;
	if (off + at - MODEL_TRACE_OFF < m->len)
		memcpy(buf + at, (const uint8_t *)m->area + (off + at - MODEL_TRACE_OFF),
		       RTE_MIN(len - at, m->len - (off + at - MODEL_TRACE_OFF)));
}

static void
area_write(struct model *m, uint64_t off, const uint8_t *buf, size_t len)
{
	uint64_t at = off < MODEL_TRACE_OFF ? MODEL_TRACE_OFF - off : 0;

	if (off + len <= MODEL_TRACE_OFF || off + at - MODEL_TRACE_OFF >= m->len)
		return;
	memcpy((uint8_t *)m->area + (off + at - MODEL_TRACE_OFF), buf + at,
	       RTE_MIN(len - at, m->len - (off + at - MODEL_TRACE_OFF)));
}

void
model_write(struct vio *vio, uint64_t off, const uint8_t *buf, size_t len)
{
	const uint64_t conf = offsetof(struct steer_trace_ctrl, conf);
	const uint64_t cmd_at = offsetof(struct steer_trace_ctrl, cmd);
	struct model *m = vio->model;
	uint32_t cmd = 0;
	uint64_t at;

	area_write(m, off, buf, len);
	if (off >= sizeof(m->ctrl))
		return;
	vio_pause(vio);
	for (at = off; at < off + len && at < sizeof(m->ctrl); at++) {
		if (at >= conf)
			((uint8_t *)&m->ctrl)[at] = buf[at - off];
	}
	/* A command acts after the configuration that came with it. */
	if (off <= cmd_at && off + len >= cmd_at + sizeof(cmd)) {
		memcpy(&cmd, buf + (cmd_at - off), sizeof(cmd));
		m->ctrl.status = command(m, cmd);
	}
	vio_resume(vio);
}

void
model_queues_reset(struct vio *vio)
{
	struct model *m = vio->model;
	uint16_t i;

	if (!m || !m->on)
		return;
	m->window_open = false;
	for (i = 0; i < vio->nr_queues; i++)
		m->logs[i].n = 0;
	/* What was delivered and not taken is gone with the rings. */
	for (i = 0; i < vio->pairs; i++) {
		struct steer_trace_queue *q = model_queue(m, i);

		m->queues[i].waiting = 0;
		m->queues[i].delivered = __atomic_load_n(&q->consumed, __ATOMIC_ACQUIRE);
		__atomic_store_n(&q->delivered, m->queues[i].delivered, __ATOMIC_RELEASE);
	}
}
