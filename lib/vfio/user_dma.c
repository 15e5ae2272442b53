/* SPDX-License-Identifier: BSD-3-Clause */

/* Memory for the device, by file descriptor only. */

#include <errno.h>

#include "user.h"

typedef unsigned long long ull;

int
user_dma_map(struct steer_vfio_dev *dev, const struct steer_vfio_dma *map)
{
	struct vfu_dma_map req = {
		.argsz = sizeof(req),
		.flags = (map->prot & STEER_VFIO_PROT_READ ? VFU_DMA_F_READ : 0) |
			 (map->prot & STEER_VFIO_PROT_WRITE ? VFU_DMA_F_WRITE : 0),
		.offset = map->offset,
		.iova = map->iova,
		.size = map->size,
	};
	struct user_call call = {
		.cmd = VFU_DMA_MAP,
		.req = &req,
		.req_len = sizeof(req),
		.req_fds = &map->fd,
		.nr_req_fds = 1,
	};
	int rc;

	if (map->fd < 0)
		return vfio_fail(dev, -ENOTSUP,
				 "DMA map at 0x%llx: no file behind this memory; use DPDK's own "
				 "memory (rte_malloc, mempools) instead of external memory",
				 (ull)map->iova);
	rc = user_exchange(user_dev(dev), &call);
	if (rc < 0)
		return user_fail(user_dev(dev), &call, rc, "DMA map of 0x%llx bytes at 0x%llx",
				 (ull)map->size, (ull)map->iova);
	return 0;
}

static int
unmap(struct user_dev *u, uint32_t flags, uint64_t iova, uint64_t size)
{
	const struct vfu_dma_unmap req = {
		.argsz = sizeof(req),
		.flags = flags,
		.iova = iova,
		.size = size,
	};
	struct vfu_dma_unmap rsp = {0};
	struct user_call call = {
		.cmd = VFU_DMA_UNMAP,
		.req = &req,
		.req_len = sizeof(req),
		.rsp = &rsp,
		.rsp_len = sizeof(rsp),
	};
	int rc = user_exchange(u, &call);

	if (rc < 0)
		return user_fail(u, &call, rc, "DMA unmap of 0x%llx bytes at 0x%llx", (ull)size,
				 (ull)iova);
	if (rsp.iova != iova || (!(flags & VFU_UNMAP_F_ALL) && rsp.size != size))
		return vfio_fail(&u->base, -EPROTO,
				 "DMA unmap at 0x%llx: the reply is about another range",
				 (ull)iova);
	return 0;
}

int
user_dma_unmap(struct steer_vfio_dev *dev, uint64_t iova, uint64_t size)
{
	return unmap(user_dev(dev), 0, iova, size);
}

int
user_dma_unmap_all(struct steer_vfio_dev *dev)
{
	return unmap(user_dev(dev), VFU_UNMAP_F_ALL, 0, 0);
}
