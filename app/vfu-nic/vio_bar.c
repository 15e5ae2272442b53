/* SPDX-License-Identifier: BSD-3-Clause */

/* Trapped accesses to the BARs of the virtio side: any size, any alignment. */

#include <errno.h>
#include <string.h>

#include "vio.h"
#include "wire.h"

uint64_t
vio_model_bar_size(const struct vio *vio)
{
	return model_bar_size(vio);
}

uint32_t
vio_trace_len(const struct vio *vio)
{
	return model_trace_len(vio);
}

int
vio_bar_area(const struct vio *vio, unsigned int bar, struct vio_area *area)
{
	if (bar == VIO_BAR) {
		*area = (struct vio_area){VIO_NOTIFY_OFF, VIO_NOTIFY_LEN, vio->notify_fd};
		return 1;
	}
	if (bar == MODEL_BAR) {
		*area = (struct vio_area){MODEL_TRACE_OFF, model_trace_len(vio),
					  model_trace_fd(vio)};
		return 1;
	}
	return 0;
}

static uint64_t
bar_size(const struct vio *vio, unsigned int bar)
{
	if (bar == VIO_BAR)
		return VIO_BAR_SIZE;
	return bar == MODEL_BAR ? model_bar_size(vio) : 0;
}

/** Copy the part of [src at base, size bytes) that [off, len) names into buf. */
static void
overlay(uint8_t *buf, uint64_t off, size_t len, const void *src, uint64_t base, size_t size)
{
	uint64_t from = RTE_MAX(off, base), to = RTE_MIN(off + len, base + size);

	if (from < to)
		memcpy(buf + (from - off), (const uint8_t *)src + (from - base), to - from);
}

static void
read_virtio(struct vio *vio, uint64_t off, uint8_t *buf, size_t len)
{
	struct vio_common_regs common;
	struct vio_net_config cfg = vio->cfg;

	vio_common_image(vio, &common);
	overlay(buf, off, len, &common, VIO_COMMON_OFF, sizeof(common));
	/* 4.1.4.5: reading clears. */
	if (off <= VIO_ISR_OFF && off + len > VIO_ISR_OFF)
		buf[VIO_ISR_OFF - off] = __atomic_exchange_n(&vio->isr, 0, __ATOMIC_RELAXED);
	memcpy(cfg.mac, vio->filter.mac, sizeof(cfg.mac));
	overlay(buf, off, len, &cfg, VIO_DEVCFG_OFF, sizeof(cfg));
	overlay(buf, off, len, vio->notify, VIO_NOTIFY_OFF, VIO_NOTIFY_LEN);
}

static void
read_model(struct vio *vio, uint64_t off, uint8_t *buf, size_t len)
{
	overlay(buf, off, len, vio->st_regs, MODEL_ST_OFF, 4u * vio->nr_queues);
	model_read(vio, off, buf, len);
}

int
vio_bar_read(struct vio *vio, unsigned int bar, uint64_t off, void *buf, size_t len)
{
	uint64_t size = bar_size(vio, bar);

	if (off > size || len > size - off)
		return -EINVAL;
	memset(buf, 0, len);
	pthread_mutex_lock(&vio->lock);
	if (bar == VIO_BAR)
		read_virtio(vio, off, buf, len);
	else
		read_model(vio, off, buf, len);
	pthread_mutex_unlock(&vio->lock);
	return 0;
}

/** Tag registers: each changes at once, as workers read them. No register holds beyond 16 bits. */
static void
write_st(struct vio *vio, uint64_t off, const uint8_t *buf, size_t len)
{
	uint64_t i, at;

	for (i = 0; i < vio->nr_queues; i++) {
		uint32_t word = vio->st_regs[i], old = word;

		for (at = MODEL_ST_OFF + 4 * i; at < MODEL_ST_OFF + 4 * i + 4; at++) {
			if (at >= off && at < off + len)
				((uint8_t *)&word)[at % 4] = buf[at - off];
		}
		if (word != old)
			__atomic_store_n(&vio->st_regs[i], word & 0xffff, __ATOMIC_RELAXED);
	}
}

int
vio_bar_write(struct vio *vio, unsigned int bar, uint64_t off, const void *buf, size_t len)
{
	uint64_t size = bar_size(vio, bar);

	if (off > size || len > size - off)
		return -EINVAL;
	pthread_mutex_lock(&vio->lock);
	if (bar == VIO_BAR) {
		/* Doorbells need no answer: workers poll the rings. Device configuration is
		 * read-only. */
		vio_common_write(vio, off, buf, len);
	} else {
		write_st(vio, off, buf, len);
		model_write(vio, off, buf, len);
	}
	pthread_mutex_unlock(&vio->lock);
	return 0;
}
