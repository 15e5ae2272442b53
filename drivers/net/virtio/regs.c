/* SPDX-License-Identifier: BSD-3-Clause */

/* Register access by messages or the kernel, whatever lib/vfio has; only the doorbells are mapped.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "virtio.h"

#define GENERATION_TRIES 16

static void
common_read(struct vnet_regs *r, uint32_t off, void *buf, size_t len)
{
	const struct vnet_cap *c = &r->hw->caps.cap[VNET_CAP_COMMON];

	memset(buf, 0, len);
	if (r->err == 0)
		r->err = steer_vfio_region_read(r->hw->vdev, STEER_VFIO_REGION_BAR(c->bar),
						(uint64_t)c->off + off, buf, len);
}

static void
common_write(struct vnet_regs *r, uint32_t off, const void *buf, size_t len)
{
	const struct vnet_cap *c = &r->hw->caps.cap[VNET_CAP_COMMON];

	if (r->err == 0)
		r->err = steer_vfio_region_write(r->hw->vdev, STEER_VFIO_REGION_BAR(c->bar),
						 (uint64_t)c->off + off, buf, len);
}

void
vnet_post16(struct vnet_regs *r, uint32_t off, uint16_t v)
{
	const struct vnet_cap *c = &r->hw->caps.cap[VNET_CAP_COMMON];

	if (r->err == 0)
		r->err = steer_vfio_region_post(r->hw->vdev, STEER_VFIO_REGION_BAR(c->bar),
						(uint64_t)c->off + off, &v, sizeof(v));
}

uint8_t
vnet_rd8(struct vnet_regs *r, uint32_t off)
{
	uint8_t v;

	common_read(r, off, &v, sizeof(v));
	return v;
}

uint16_t
vnet_rd16(struct vnet_regs *r, uint32_t off)
{
	uint16_t v;

	common_read(r, off, &v, sizeof(v));
	return v;
}

uint32_t
vnet_rd32(struct vnet_regs *r, uint32_t off)
{
	uint32_t v;

	common_read(r, off, &v, sizeof(v));
	return v;
}

void
vnet_wr8(struct vnet_regs *r, uint32_t off, uint8_t v)
{
	common_write(r, off, &v, sizeof(v));
}

void
vnet_wr16(struct vnet_regs *r, uint32_t off, uint16_t v)
{
	common_write(r, off, &v, sizeof(v));
}

void
vnet_wr32(struct vnet_regs *r, uint32_t off, uint32_t v)
{
	common_write(r, off, &v, sizeof(v));
}

void
vnet_wr64(struct vnet_regs *r, uint32_t off, uint64_t v)
{
	/* 4.1.3.1: in two halves */
	vnet_wr32(r, off, (uint32_t)v);
	vnet_wr32(r, off + 4, (uint32_t)(v >> 32));
}

static int
cap_in_bar(struct vnet_hw *hw, const struct vnet_cap *c, int type)
{
	struct steer_vfio_region info;
	int ret;

	ret = steer_vfio_region_info(hw->vdev, STEER_VFIO_REGION_BAR(c->bar), &info);
	if (ret != 0) {
		VNET_LOG(ERR, hw, "look at BAR %u: %s", c->bar, steer_vfio_error());
		return ret;
	}
	if ((uint64_t)c->off + c->len <= info.size)
		return 0;
	VNET_LOG(ERR, hw,
		 "virtio structure %d (0x%" PRIx32 "+0x%" PRIx32 ") is outside BAR %u of 0x%" PRIx64
		 " bytes; the device is broken",
		 type, c->off, c->len, c->bar, info.size);
	return -EINVAL;
}

int
vnet_regs_map(struct vnet_hw *hw)
{
	const struct vnet_cap *n = &hw->caps.cap[VNET_CAP_NOTIFY];
	void *base;
	int type, ret;

	for (type = VNET_CAP_COMMON; type < VNET_CAP_TYPES; type++) {
		ret = cap_in_bar(hw, &hw->caps.cap[type], type);
		if (ret != 0)
			return ret;
	}
	/* Burst functions ring by a store; a message or a system call per burst is not for them. */
	ret = steer_vfio_region_map(hw->vdev, STEER_VFIO_REGION_BAR(n->bar), n->off, n->len, &base);
	if (ret != 0) {
		VNET_LOG(ERR, hw,
			 "map the doorbells (BAR %u): %s; the device must offer them for mmap",
			 n->bar, steer_vfio_error());
		return ret;
	}
	hw->notify_base = base;
	return 0;
}

/* Each field by an access of its own width (4.1.3.1); the MAC is six fields of one byte. */
static int
config_fields(struct vnet_hw *hw, const struct vnet_cap *c, uint8_t *cfg)
{
	static const uint8_t widths[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 4, 1, 1, 2, 4};
	size_t i, off;
	int ret = 0;

	for (i = 0, off = 0; i < RTE_DIM(widths) && ret == 0; off += widths[i++]) {
		if (off + widths[i] > c->len)
			break;
		ret = steer_vfio_region_read(hw->vdev, STEER_VFIO_REGION_BAR(c->bar),
					     (uint64_t)c->off + off, cfg + off, widths[i]);
	}
	return ret;
}

int
vnet_config_read(struct vnet_hw *hw, struct vnet_config *cfg)
{
	const struct vnet_cap *c = &hw->caps.cap[VNET_CAP_DEVICE];
	struct vnet_regs r = {.hw = hw};
	uint8_t before;
	int tries = GENERATION_TRIES;

	memset(cfg, 0, sizeof(*cfg));
	do {
		before = vnet_rd8(&r, VNET_COMMON_GENERATION);
		if (r.err == 0)
			r.err = config_fields(hw, c, (uint8_t *)cfg);
		if (r.err != 0)
			return r.err;
	} while (vnet_rd8(&r, VNET_COMMON_GENERATION) != before && --tries > 0);
	if (r.err != 0)
		return r.err;
	return tries > 0 ? 0 : -EIO;
}
