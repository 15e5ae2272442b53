/* SPDX-License-Identifier: BSD-3-Clause */

/* Common configuration registers, virtio 1.2, 4.1.4.3. */

#include <string.h>

#include "vio.h"
#include "model.h"
#include "wire.h"

/** Where a register lives in struct vio_common_regs, and what a write to it does. */
struct reg {
	uint8_t off, len;
	void (*write)(struct vio *vio, uint64_t value);
};

static struct vq *
selected(struct vio *vio)
{
	return vio->queue_sel < vio->nr_queues ? &vio->vqs[vio->queue_sel] : NULL;
}

static uint32_t
feature_word(uint64_t features, uint32_t sel)
{
	return sel > 1 ? 0 : (uint32_t)(features >> (32 * sel));
}

void
vio_common_image(const struct vio *vio, struct vio_common_regs *img)
{
	const struct vq *q = vio->queue_sel < vio->nr_queues ? &vio->vqs[vio->queue_sel] : NULL;

	memset(img, 0, sizeof(*img));
	img->device_feature_select = vio->feature_sel;
	img->device_feature = feature_word(vio->offered, vio->feature_sel);
	img->driver_feature_select = vio->driver_sel;
	img->driver_feature = feature_word(vio->features, vio->driver_sel);
	img->config_msix_vector = vio->config_vector;
	img->num_queues = vio->nr_queues;
	img->device_status = __atomic_load_n(&vio->status, __ATOMIC_RELAXED);
	img->config_generation = vio->generation;
	img->queue_select = vio->queue_sel;
	if (!q)
		return;
	img->queue_size = q->size;
	img->queue_msix_vector = vq_vector(q);
	img->queue_enable = q->enabled;
	img->queue_notify_off = q->index;
	img->queue_desc = q->desc_iova;
	img->queue_driver = q->avail_iova;
	img->queue_device = q->used_iova;
	img->queue_notify_data = q->index;
}

void
vio_needs_reset(struct vio *vio, const struct vq *q)
{
	fprintf(stderr, "vfu-nic: queue %u stopped: %s; the device needs a reset\n", q->index,
		q->why ? q->why : "broken ring");
	__atomic_or_fetch(&vio->status, VIO_S_NEEDS_RESET, __ATOMIC_RELAXED);
	/* 2.1.2: after DRIVER_OK the driver is told. */
	if (__atomic_load_n(&vio->status, __ATOMIC_RELAXED) & VIO_S_DRIVER_OK)
		vio_config_changed(vio);
}

void
vio_queues_refresh(struct vio *vio)
{
	bool ok = (vio->status & (VIO_S_DRIVER_OK | VIO_S_NEEDS_RESET)) == VIO_S_DRIVER_OK;
	uint16_t i;

	for (i = 0; i < vio->nr_queues; i++) {
		struct vq *q = &vio->vqs[i];

		q->mergeable = vio_has(vio, VIO_F_MRG_RXBUF);
		q->indirect = vio_has(vio, VIO_F_INDIRECT);
		q->packed = q->slots && vio_has(vio, VIO_F_RING_PACKED);
		if (q->live && !(ok && q->enabled))
			vq_stop(q);
		else if (!q->live && ok && q->enabled && !q->broken && vq_start(q) < 0)
			vio_needs_reset(vio, q);
	}
}

void
vio_soft_reset(struct vio *vio)
{
	uint16_t i;

	vio->status = 0;
	__atomic_store_n(&vio->features, 0, __ATOMIC_RELAXED);
	vio->feature_sel = 0;
	vio->driver_sel = 0;
	vio->queue_sel = 0;
	vio->config_vector = NIC_NO_VECTOR;
	vio->isr = 0;
	for (i = 0; i < vio->nr_queues; i++)
		vq_reset(&vio->vqs[i]);
	vio_filter_reset(vio);
	rss_reset(&vio->rss);
	wire_resteer(vio);
	model_queues_reset(vio);
}

static void
write_feature_sel(struct vio *vio, uint64_t v)
{
	vio->feature_sel = (uint32_t)v;
}

static void
write_driver_sel(struct vio *vio, uint64_t v)
{
	vio->driver_sel = (uint32_t)v;
}

static void
write_driver_feature(struct vio *vio, uint64_t v)
{
	unsigned int shift = 32 * vio->driver_sel;

	if (vio->driver_sel > 1 || vio->status & VIO_S_FEATURES_OK)
		return;
	v = (vio->features & ~(0xffffffffull << shift)) | v << shift;
	__atomic_store_n(&vio->features, v, __ATOMIC_RELAXED);
}

static uint16_t
usable_vector(const struct vio *vio, uint64_t v)
{
	return v < vio->opts->vectors ? (uint16_t)v : NIC_NO_VECTOR;
}

static void
write_config_vector(struct vio *vio, uint64_t v)
{
	__atomic_store_n(&vio->config_vector, usable_vector(vio, v), __ATOMIC_RELAXED);
}

/** 2.2.2 and 5.1.3.1: may the driver have this set of features? */
static bool
features_ok(const struct vio *vio)
{
	uint64_t need_ctrl = VIO_BIT(VIO_F_CTRL_RX) | VIO_BIT(VIO_F_CTRL_VLAN) | VIO_BIT(VIO_F_MQ) |
			     VIO_BIT(VIO_F_CTRL_MAC) | VIO_BIT(VIO_F_RSS);

	if (!vio_has(vio, VIO_F_VERSION_1) || vio->features & ~vio->offered)
		return false;
	return !(vio->features & need_ctrl) || vio_has(vio, VIO_F_CTRL_VQ);
}

static void
write_status(struct vio *vio, uint64_t v)
{
	uint8_t now = (uint8_t)v;

	vio_pause(vio);
	if (now == 0) {
		vio_soft_reset(vio);
		vio_resume(vio);
		return;
	}
	/* 2.1.1: the driver sets bits and never clears one; NEEDS_RESET is the device's. */
	now = (now & ~VIO_S_NEEDS_RESET) | vio->status;
	if (now & ~vio->status & VIO_S_FEATURES_OK && !features_ok(vio))
		now &= ~VIO_S_FEATURES_OK;
	if (!(now & VIO_S_FEATURES_OK))
		now &= ~VIO_S_DRIVER_OK;
	if (now & ~vio->status & VIO_S_FEATURES_OK)
		vio->filter.vlan_on = vio_has(vio, VIO_F_CTRL_VLAN);
	vio->status = now;
	vio_queues_refresh(vio);
	vio_resume(vio);
}

static void
write_queue_sel(struct vio *vio, uint64_t v)
{
	vio->queue_sel = (uint16_t)v;
}

static void
write_queue_size(struct vio *vio, uint64_t v)
{
	struct vq *q = selected(vio);

	if (!q || q->enabled || v == 0 || v > q->max_size || (v & (v - 1)))
		return;
	q->size = (uint16_t)v;
}

static void
write_queue_vector(struct vio *vio, uint64_t v)
{
	struct vq *q = selected(vio);

	if (q)
		__atomic_store_n(&q->vector, usable_vector(vio, v), __ATOMIC_RELAXED);
}

static void
write_queue_enable(struct vio *vio, uint64_t v)
{
	struct vq *q = selected(vio);

	if (!q || v > 1 || q->enabled == (v == 1))
		return;
	vio_pause(vio);
	q->enabled = v == 1;
	vio_queues_refresh(vio);
	vio_resume(vio);
}

/** 2.6.1 with RING_RESET: done when the write returns, so it always reads 0. */
static void
write_queue_reset(struct vio *vio, uint64_t v)
{
	struct vq *q = selected(vio);

	if (!q || v != 1 || !vio_has(vio, VIO_F_RING_RESET))
		return;
	vio_pause(vio);
	vq_reset(q);
	vio_queues_refresh(vio);
	vio_resume(vio);
}

static void
write_area(struct vio *vio, uint64_t v, uint64_t *area)
{
	if (!selected(vio)->enabled)
		*area = v;
}

static void
write_queue_desc(struct vio *vio, uint64_t v)
{
	if (selected(vio))
		write_area(vio, v, &selected(vio)->desc_iova);
}

static void
write_queue_driver(struct vio *vio, uint64_t v)
{
	if (selected(vio))
		write_area(vio, v, &selected(vio)->avail_iova);
}

static void
write_queue_device(struct vio *vio, uint64_t v)
{
	if (selected(vio))
		write_area(vio, v, &selected(vio)->used_iova);
}

#define REG(field, fn)                                                                             \
	{                                                                                          \
		offsetof(struct vio_common_regs, field),                                           \
			sizeof(((struct vio_common_regs *)0)->field), fn                           \
	}

/* Registers that are not here ignore writes. */
static const struct reg regs[] = {
	REG(device_feature_select, write_feature_sel),
	REG(driver_feature_select, write_driver_sel),
	REG(driver_feature, write_driver_feature),
	REG(config_msix_vector, write_config_vector),
	REG(device_status, write_status),
	REG(queue_select, write_queue_sel),
	REG(queue_size, write_queue_size),
	REG(queue_msix_vector, write_queue_vector),
	REG(queue_enable, write_queue_enable),
	REG(queue_desc, write_queue_desc),
	REG(queue_driver, write_queue_driver),
	REG(queue_device, write_queue_device),
	REG(queue_reset, write_queue_reset),
};

/** A write may cover several registers, or a part of one: each gets its old bytes under the new. */
void
vio_common_write(struct vio *vio, uint64_t off, const uint8_t *buf, size_t len)
{
	struct vio_common_regs img;
	uint64_t value;
	size_t i, at;

	for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		const struct reg *r = &regs[i];

		if (off >= (uint64_t)r->off + r->len || off + len <= r->off)
			continue;
		vio_common_image(vio, &img);
		value = 0;
		memcpy(&value, (const uint8_t *)&img + r->off, r->len);
		for (at = 0; at < r->len; at++) {
			if (r->off + at >= off && r->off + at < off + len)
				((uint8_t *)&value)[at] = buf[r->off + at - off];
		}
		r->write(vio, value);
	}
}
