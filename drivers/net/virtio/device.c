/* SPDX-License-Identifier: BSD-3-Clause */

/* The device's life cycle through the common configuration (VIRTIO 1.2, 3.1 and 4.1.5). */

#include <errno.h>
#include <inttypes.h>

#include <rte_cycles.h>

#include "virtio.h"

int
vnet_reset(struct vnet_hw *hw)
{
	struct vnet_regs r = {.hw = hw};
	unsigned int ms;

	pthread_mutex_lock(&hw->lock);
	vnet_wr8(&r, VNET_COMMON_STATUS, 0);
	for (ms = 0; ms < VNET_RESET_WAIT_MS; ms++) {
		if (vnet_rd8(&r, VNET_COMMON_STATUS) == 0 || r.err != 0)
			break;
		rte_delay_us_sleep(1000);
	}
	pthread_mutex_unlock(&hw->lock);
	if (r.err == 0 && ms == VNET_RESET_WAIT_MS)
		r.err = -ETIMEDOUT;
	if (r.err != 0 && !vnet_is_gone(hw))
		VNET_LOG(ERR, hw, "reset the device: %s", rte_strerror(-r.err));
	hw->features = 0;
	return r.err;
}

int
vnet_features_read(struct vnet_hw *hw)
{
	struct vnet_regs r = {.hw = hw};

	pthread_mutex_lock(&hw->lock);
	vnet_wr32(&r, VNET_COMMON_DFSELECT, 0);
	hw->offered = vnet_rd32(&r, VNET_COMMON_DF);
	vnet_wr32(&r, VNET_COMMON_DFSELECT, 1);
	hw->offered |= (uint64_t)vnet_rd32(&r, VNET_COMMON_DF) << 32;
	pthread_mutex_unlock(&hw->lock);
	return r.err;
}

static int
negotiate(struct vnet_regs *r, uint64_t features)
{
	vnet_wr8(r, VNET_COMMON_STATUS, VNET_S_ACK);
	vnet_wr8(r, VNET_COMMON_STATUS, VNET_S_ACK | VNET_S_DRIVER);
	vnet_wr32(r, VNET_COMMON_GFSELECT, 0);
	vnet_wr32(r, VNET_COMMON_GF, (uint32_t)features);
	vnet_wr32(r, VNET_COMMON_GFSELECT, 1);
	vnet_wr32(r, VNET_COMMON_GF, (uint32_t)(features >> 32));
	vnet_wr8(r, VNET_COMMON_STATUS, VNET_S_ACK | VNET_S_DRIVER | VNET_S_FEATURES_OK);
	if (!(vnet_rd8(r, VNET_COMMON_STATUS) & VNET_S_FEATURES_OK) && r->err == 0)
		r->err = -ENOTSUP;
	return r->err;
}

int
vnet_features_negotiate(struct vnet_hw *hw, uint64_t want)
{
	uint64_t features = hw->offered & want;
	struct vnet_regs r = {.hw = hw};
	int ret;

	pthread_mutex_lock(&hw->lock);
	ret = negotiate(&r, features);
	pthread_mutex_unlock(&hw->lock);
	if (ret != 0) {
		VNET_LOG(ERR, hw, "negotiate features 0x%" PRIx64 " of 0x%" PRIx64 ": %s", features,
			 hw->offered,
			 ret == -ENOTSUP ? "refused by the device" : rte_strerror(-ret));
		return ret;
	}
	hw->features = features;
	return 0;
}

int
vnet_driver_ok(struct vnet_hw *hw)
{
	struct vnet_regs r = {.hw = hw};
	uint8_t status;

	pthread_mutex_lock(&hw->lock);
	vnet_wr8(&r, VNET_COMMON_STATUS,
		 VNET_S_ACK | VNET_S_DRIVER | VNET_S_FEATURES_OK | VNET_S_DRIVER_OK);
	status = vnet_rd8(&r, VNET_COMMON_STATUS);
	pthread_mutex_unlock(&hw->lock);
	if (r.err == 0 && (status & (VNET_S_FAILED | VNET_S_NEEDS_RESET)))
		r.err = -EIO;
	if (r.err != 0)
		VNET_LOG(ERR, hw, "set DRIVER_OK (status 0x%02x): %s", status,
			 rte_strerror(-r.err));
	return r.err;
}

int
vnet_config_vector(struct vnet_hw *hw, uint16_t vector)
{
	struct vnet_regs r = {.hw = hw};
	uint16_t back;

	pthread_mutex_lock(&hw->lock);
	vnet_wr16(&r, VNET_COMMON_MSIX, vector);
	back = vnet_rd16(&r, VNET_COMMON_MSIX);
	pthread_mutex_unlock(&hw->lock);
	if (r.err == 0 && back != vector)
		r.err = -EIO;
	return r.err;
}

int
vnet_vq_max(struct vnet_hw *hw, uint16_t index, uint16_t *size)
{
	struct vnet_regs r = {.hw = hw};

	pthread_mutex_lock(&hw->lock);
	vnet_wr16(&r, VNET_COMMON_Q_SELECT, index);
	*size = vnet_rd16(&r, VNET_COMMON_Q_SIZE);
	pthread_mutex_unlock(&hw->lock);
	return r.err;
}

/** Doorbell of a queue (4.1.4.4). */
static int
vq_doorbell(struct vnet_hw *hw, struct vnet_vq *vq, uint16_t notify_off)
{
	const struct vnet_cap *n = &hw->caps.cap[VNET_CAP_NOTIFY];
	uint64_t off = (uint64_t)notify_off * n->notify_mult;

	if (off + sizeof(uint16_t) > n->len || off % sizeof(uint16_t) != 0)
		return -ERANGE;
	vq->notify = (volatile uint16_t *)(uintptr_t)(hw->notify_base + off);
	return 0;
}

static int
vq_enable_locked(struct vnet_regs *r, struct vnet_vq *vq, uint16_t vector)
{
	uint16_t notify_off, back;
	int ret;

	vnet_wr16(r, VNET_COMMON_Q_SELECT, vq->index);
	if (vnet_rd16(r, VNET_COMMON_Q_SIZE) < vq->size && r->err == 0)
		return -ERANGE;
	vnet_wr16(r, VNET_COMMON_Q_SIZE, vq->size);
	vnet_wr16(r, VNET_COMMON_Q_MSIX, vector);
	back = vnet_rd16(r, VNET_COMMON_Q_MSIX);
	vnet_wr64(r, VNET_COMMON_Q_DESC, vnet_vq_iova(vq, vq->desc));
	vnet_wr64(r, VNET_COMMON_Q_AVAIL, vnet_vq_iova(vq, vq->avail));
	vnet_wr64(r, VNET_COMMON_Q_USED, vnet_vq_iova(vq, vq->used));
	notify_off = vnet_rd16(r, VNET_COMMON_Q_NOFF);
	if (r->err != 0)
		return r->err;
	ret = vq_doorbell(r->hw, vq, notify_off);
	if (ret != 0)
		return ret;
	if (back != vector)
		return -ENOSPC;
	vnet_wr16(r, VNET_COMMON_Q_ENABLE, 1);
	vq->vector = vector;
	return r->err;
}

int
vnet_vq_enable(struct vnet_hw *hw, struct vnet_vq *vq, uint16_t vector)
{
	struct vnet_regs r = {.hw = hw};
	const char *why;
	int ret;

	pthread_mutex_lock(&hw->lock);
	ret = vq_enable_locked(&r, vq, vector);
	pthread_mutex_unlock(&hw->lock);
	if (ret == 0)
		return 0;
	why = ret == -ENOSPC   ? "the device has no such interrupt vector"
	      : ret == -ERANGE ? "the device takes neither this ring size nor its doorbell"
			       : steer_vfio_error();
	VNET_LOG(ERR, hw, "enable virtqueue %u (%u descriptors, vector %u): %s", vq->index,
		 vq->size, vector, why);
	return ret;
}

int
vnet_vq_vector(struct vnet_hw *hw, uint16_t index, uint16_t vector)
{
	struct vnet_regs r = {.hw = hw};
	uint16_t back;

	pthread_mutex_lock(&hw->lock);
	vnet_post16(&r, VNET_COMMON_Q_SELECT, index);
	vnet_post16(&r, VNET_COMMON_Q_MSIX, vector);
	back = vnet_rd16(&r, VNET_COMMON_Q_MSIX);
	pthread_mutex_unlock(&hw->lock);
	if (r.err == 0 && back != vector)
		r.err = -EIO;
	return r.err;
}
