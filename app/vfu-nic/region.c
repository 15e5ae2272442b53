/* SPDX-License-Identifier: BSD-3-Clause */

/* Regions: what they are, and reading and writing them by message. */

#include <errno.h>
#include <string.h>

#include "nic_priv.h"

uint64_t
nic_region_size(const struct nic *nic, uint32_t index)
{
	switch (index) {
	case VIO_BAR: return VIO_BAR_SIZE;
	case MSIX_BAR: return MSIX_BAR_SIZE;
	case MODEL_BAR: return vio_model_bar_size(nic->vio);
	case VFU_REGION_CONFIG: return STEER_PCI_CFG_SIZE;
	default: return 0;
	}
}

int
nic_bar_read(struct nic *nic, uint32_t bar, uint64_t off, uint8_t *buf, size_t len)
{
	if (bar != MSIX_BAR)
		return vio_bar_read(nic->vio, bar, off, buf, len);
	nic_irq_bar_read(nic, off, buf, len);
	return 0;
}

int
nic_bar_write(struct nic *nic, uint32_t bar, uint64_t off, const uint8_t *buf, size_t len)
{
	if (bar != MSIX_BAR)
		return vio_bar_write(nic->vio, bar, off, buf, len);
	nic_irq_bar_write(nic, off, buf, len);
	return 0;
}

static uint32_t
put_sparse(uint8_t *out, const struct vio_area *area)
{
	const struct vfu_cap_sparse cap = {
		.hdr = {.id = VFU_CAP_SPARSE_MMAP, .version = 1},
		.nr_areas = 1,
	};
	const struct vfu_sparse_area a = {.offset = area->offset, .size = area->size};

	memcpy(out, &cap, sizeof(cap));
	memcpy(out + sizeof(cap), &a, sizeof(a));
	return sizeof(cap) + sizeof(a);
}

int
nic_msg_region_info(struct nic *nic, struct nic_msg *m)
{
	struct vfu_region_info info;
	struct vio_area area;
	uint32_t room, len = sizeof(info);

	memcpy(&info, m->data, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= VFU_REGION_MIN)
		return -EINVAL;
	room = info.argsz;
	info = (struct vfu_region_info){.index = info.index};
	info.size = nic_region_size(nic, info.index);
	if (info.size != 0)
		info.flags = VFU_REGION_F_READ | VFU_REGION_F_WRITE;
	if ((info.index == VIO_BAR || info.index == MODEL_BAR) &&
	    vio_bar_area(nic->vio, info.index, &area) == 1) {
		info.flags |= VFU_REGION_F_MMAP;
		len += put_sparse(m->out + sizeof(info), &area);
	}
	/*
	 * A reply that does not fit says how much it needs, and no more: with the flag and no
	 * offset QEMU takes it for broken before it looks at argsz.
	 */
	info.argsz = len;
	if (len > room) {
		len = sizeof(info);
	} else if (len > sizeof(info)) {
		info.flags |= VFU_REGION_F_CAPS;
		info.cap_offset = sizeof(info);
		m->out_fds[m->out_nfds++] = area.fd;
	}
	memcpy(m->out, &info, sizeof(info));
	m->out_len = len;
	return 0;
}

/* @return bounds of an access, checked against region and transfer size. */
static int
check(const struct nic *nic, const struct vfu_region_access *a)
{
	const uint64_t size = nic_region_size(nic, a->region);

	if (a->count > NIC_DATA_XFER || a->offset > size || a->count > size - a->offset)
		return -EINVAL;
	return size == 0 ? -EINVAL : 0;
}

int
nic_msg_region_read(struct nic *nic, struct nic_msg *m)
{
	struct vfu_region_access a;
	uint8_t *data = m->out + sizeof(a);
	int rc;

	memcpy(&a, m->data, sizeof(a));
	rc = check(nic, &a);
	if (rc == 0 && a.count > nic->conn.max_xfer)
		rc = -EINVAL;
	if (rc == 0 && a.count > 0) {
		if (a.region == VFU_REGION_CONFIG)
			nic_cfg_read(nic, (uint32_t)a.offset, data, a.count);
		else
			rc = nic_bar_read(nic, a.region, a.offset, data, a.count);
	}
	if (rc < 0)
		return rc;
	memcpy(m->out, &a, sizeof(a));
	m->out_len = (uint32_t)sizeof(a) + a.count;
	return 0;
}

int
nic_msg_region_write(struct nic *nic, struct nic_msg *m)
{
	struct vfu_region_access a;
	const uint8_t *data = m->data + sizeof(a);
	int rc;

	memcpy(&a, m->data, sizeof(a));
	rc = a.count == m->len - sizeof(a) ? check(nic, &a) : -EINVAL;
	if (rc == 0 && a.count > 0) {
		if (a.region == VFU_REGION_CONFIG)
			nic_cfg_write(nic, (uint32_t)a.offset, data, a.count);
		else
			rc = nic_bar_write(nic, a.region, a.offset, data, a.count);
	}
	if (rc < 0)
		return rc;
	memcpy(m->out, &a, sizeof(a));
	m->out_len = sizeof(a);
	return 0;
}
