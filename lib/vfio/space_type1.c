/* SPDX-License-Identifier: BSD-3-Clause */

/* The container of the group interface: linux/vfio.h, type 1 version 2. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "kernel.h"

#define INFO_MAX 4096u

static void
ranges_take(struct vfio_space *s, const uint8_t *cap, uint32_t left)
{
	struct vfio_iommu_type1_info_cap_iova_range c;
	struct vfio_iova_range r;
	uint32_t i;

	if (left < sizeof(c))
		return;
	memcpy(&c, cap, sizeof(c));
	/* A list that does not fit is left to the kernel to check. */
	if (c.nr_iovas > SPACE_RANGES_MAX || (left - sizeof(c)) / sizeof(r) < c.nr_iovas)
		return;
	for (i = 0; i < c.nr_iovas; i++) {
		memcpy(&r, cap + sizeof(c) + i * sizeof(r), sizeof(r));
		s->ranges[i] = (struct iofd_range){.start = r.start, .last = r.end};
	}
	s->nr_ranges = c.nr_iovas;
}

/* Offsets count from the start of the info and only grow. */
static void
caps_take(struct vfio_space *s, const uint8_t *info, uint32_t len, uint32_t pos)
{
	struct vfio_iommu_type1_info_dma_avail avail;
	struct vfio_info_cap_header h;

	while (pos != 0 && pos <= len - sizeof(h)) {
		memcpy(&h, info + pos, sizeof(h));
		if (h.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
			ranges_take(s, info + pos, len - pos);
		} else if (h.id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL && len - pos >= sizeof(avail)) {
			memcpy(&avail, info + pos, sizeof(avail));
			s->max_maps = s->nr_maps + avail.avail;
		}
		if (h.next <= pos)
			return;
		pos = h.next;
	}
}

static int
type1_limits(struct vfio_space *s)
{
	struct vfio_iommu_type1_info *info = calloc(1, INFO_MAX);
	int rc;

	if (info == NULL)
		return -ENOMEM;
	info->argsz = INFO_MAX;
	rc = kernel_ioctl(s->fd, VFIO_IOMMU_GET_INFO, info);
	s->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	s->nr_ranges = 0;
	if (rc == 0 && info->flags & VFIO_IOMMU_INFO_PGSIZES && info->iova_pgsizes != 0 &&
	    (info->iova_pgsizes & -info->iova_pgsizes) > s->page_size)
		s->page_size = info->iova_pgsizes & -info->iova_pgsizes;
	if (rc == 0 && info->flags & VFIO_IOMMU_INFO_CAPS && info->argsz <= INFO_MAX)
		caps_take(s, (const uint8_t *)info, info->argsz, info->cap_offset);
	free(info);
	return rc;
}

static int
type1_map(struct vfio_space *s, const struct steer_vfio_dma *m)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = (m->prot & STEER_VFIO_PROT_READ ? VFIO_DMA_MAP_FLAG_READ : 0) |
			 (m->prot & STEER_VFIO_PROT_WRITE ? VFIO_DMA_MAP_FLAG_WRITE : 0),
		.vaddr = (uintptr_t)m->vaddr,
		.iova = m->iova,
		.size = m->size,
	};

	return kernel_ioctl(s->fd, VFIO_IOMMU_MAP_DMA, &map);
}

static int
type1_unmap(struct vfio_space *s, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};
	int rc = kernel_ioctl(s->fd, VFIO_IOMMU_UNMAP_DMA, &unmap);

	return rc == 0 && unmap.size != size ? -EIO : rc;
}

const struct space_ops space_type1 = {
	.limits = type1_limits,
	.map = type1_map,
	.unmap = type1_unmap,
};
