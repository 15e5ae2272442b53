/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "virtio.h"

int
vnet_vq_alloc(struct vnet_hw *hw, struct vnet_vq *vq, uint16_t index, uint16_t size, size_t extra,
	      int socket)
{
	char name[RTE_MEMZONE_NAMESIZE];
	size_t bytes;

	vq->packed = hw->packed;
	bytes = vnet_vq_bytes(vq, size, extra);
	snprintf(name, sizeof(name), "vfio_virtio_p%u_vq%u", hw->port_id, index);
	vq->mz = rte_memzone_reserve_aligned(name, bytes, socket, RTE_MEMZONE_IOVA_CONTIG,
					     RTE_CACHE_LINE_SIZE);
	if (vq->mz == NULL && socket != SOCKET_ID_ANY)
		vq->mz = rte_memzone_reserve_aligned(name, bytes, SOCKET_ID_ANY,
						     RTE_MEMZONE_IOVA_CONTIG, RTE_CACHE_LINE_SIZE);
	if (vq->mz == NULL) {
		VNET_LOG(ERR, hw,
			 "allocate %zu bytes for virtqueue %u: %s; give EAL more memory (-m)",
			 bytes, index, rte_strerror(rte_errno));
		return -ENOMEM;
	}
	memset(vq->mz->addr, 0, bytes);
	vnet_vq_layout(vq, vq->mz->addr, index, size);
	vq->iova_off = vq->mz->iova - (uintptr_t)vq->mz->addr;
	return 0;
}

void
vnet_vq_free(struct vnet_vq *vq)
{
	rte_memzone_free(vq->mz);
	memset(vq, 0, sizeof(*vq));
}
