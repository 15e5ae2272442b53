/* SPDX-License-Identifier: BSD-3-Clause */

/* From a whole message to its handler: lengths and fd counts are checked here, once. */

#include <errno.h>

#include "nic_priv.h"

#define ANY UINT32_MAX

static const struct command {
	int (*handle)(struct nic *nic, struct nic_msg *m);
	uint32_t min, max; /* payload */
	uint32_t max_fds;
} commands[] = {
	[VFU_VERSION] = {nic_msg_version, sizeof(struct vfu_version), ANY, 0},
	[VFU_DMA_MAP] = {nic_msg_dma_map, sizeof(struct vfu_dma_map), sizeof(struct vfu_dma_map),
			 1},
	/* SPDK's host attaches an fd that means nothing here. */
	[VFU_DMA_UNMAP] = {nic_msg_dma_unmap, sizeof(struct vfu_dma_unmap),
			   sizeof(struct vfu_dma_unmap), 1},
	[VFU_DEVICE_GET_INFO] = {nic_msg_device_info, sizeof(struct vfu_device_info),
				 sizeof(struct vfu_device_info), 0},
	[VFU_DEVICE_GET_REGION_INFO] = {nic_msg_region_info, sizeof(struct vfu_region_info),
					sizeof(struct vfu_region_info), 0},
	[VFU_DEVICE_GET_REGION_IO_FDS] = {nic_msg_io_fds, sizeof(struct vfu_region_io_fds),
					  sizeof(struct vfu_region_io_fds), 0},
	[VFU_DEVICE_GET_IRQ_INFO] = {nic_msg_irq_info, sizeof(struct vfu_irq_info),
				     sizeof(struct vfu_irq_info), 0},
	[VFU_DEVICE_SET_IRQS] = {nic_msg_set_irqs, sizeof(struct vfu_set_irqs), ANY, NIC_MSG_FDS},
	[VFU_REGION_READ] = {nic_msg_region_read, sizeof(struct vfu_region_access),
			     sizeof(struct vfu_region_access), 0},
	[VFU_REGION_WRITE] = {nic_msg_region_write, sizeof(struct vfu_region_access), ANY, 0},
	[VFU_DEVICE_RESET] = {nic_msg_reset, 0, 0, 0},
	[VFU_DEVICE_FEATURE] = {nic_msg_feature, sizeof(struct vfu_device_feature), ANY, 0},
};

static int
handle(struct nic *nic, struct nic_msg *m)
{
	const uint16_t cmd = m->hdr.cmd;
	const struct command *c;

	if (!nic->conn.versioned && cmd != VFU_VERSION) {
		m->fatal = true;
		return -EINVAL;
	}
	if (cmd >= sizeof(commands) / sizeof(commands[0]) || commands[cmd].handle == NULL)
		return -ENOTSUP;
	c = &commands[cmd];
	if (m->len < c->min || m->len > c->max || m->nfds > c->max_fds) {
		m->fatal = cmd == VFU_VERSION;
		return -EINVAL;
	}
	return c->handle(nic, m);
}

int
nic_dispatch(struct nic *nic)
{
	struct nic_msg *m = &nic->conn.msg;
	int rc, sent;

	atomic_fetch_add(&nic->stats.messages, 1);
	rc = handle(nic, m);
	if (rc < 0)
		atomic_fetch_add(&nic->stats.errors, 1);
	nic_frame_close_fds(m); /* gone when the client reads the answer */
	sent = nic_frame_reply(nic, rc);
	if (m->fatal)
		sent = -EPROTO;
	nic_frame_reset(&nic->conn);
	return sent;
}
