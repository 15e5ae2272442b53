/* SPDX-License-Identifier: BSD-3-Clause */

/* DMA_MAP and DMA_UNMAP: workers stand still while the table changes. */

#include <errno.h>
#include <string.h>

#include "nic_priv.h"

int
nic_msg_dma_map(struct nic *nic, struct nic_msg *m)
{
	struct vfu_dma_map map;
	int rc;

	memcpy(&map, m->data, sizeof(map));
	if (map.argsz < sizeof(map) || (map.flags & ~(VFU_DMA_F_READ | VFU_DMA_F_WRITE)) != 0 ||
	    map.flags == 0)
		return -EINVAL;
	if (m->nfds == 0 && map.offset != 0)
		return -EINVAL;
	nic_tsm_on_dma_map(nic);
	vio_pause(nic->vio);
	rc = nic_dma_add(&nic->dma, &map, m->nfds == 1 ? m->fds[0] : -1);
	if (rc == 0)
		vio_dma_changed(nic->vio);
	vio_resume(nic->vio);
	return rc;
}

int
nic_msg_dma_unmap(struct nic *nic, struct nic_msg *m)
{
	struct vfu_dma_unmap u;
	uint64_t last = UINT64_MAX;
	int rc;

	memcpy(&u, m->data, sizeof(u));
	if (u.argsz < sizeof(u) || (u.flags & ~VFU_UNMAP_F_ALL) != 0)
		return -EINVAL;
	if (u.flags == VFU_UNMAP_F_ALL) {
		if (u.iova != 0 || u.size != 0)
			return -EINVAL;
	} else {
		last = u.iova + (u.size - 1);
		if (u.size == 0 || last < u.iova || ((u.iova | u.size) & (NIC_PAGE - 1)) != 0)
			return -EINVAL;
	}
	vio_pause(nic->vio);
	rc = nic_dma_del(&nic->dma, u.iova, last);
	if (rc > 0)
		vio_dma_changed(nic->vio);
	vio_resume(nic->vio);
	if (rc < 0)
		return rc;
	memcpy(m->out, &u, sizeof(u));
	m->out_len = sizeof(u);
	return 0;
}
