/* SPDX-License-Identifier: BSD-3-Clause */

/* An I/O address space of an iommufd. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"

static int
ioas_limits(struct vfio_space *s)
{
	struct iofd_ioas_ranges q = {
		.size = sizeof(q),
		.ioas_id = s->ioas,
		.num_iovas = SPACE_RANGES_MAX,
		.allowed_iovas = (uintptr_t)s->ranges,
	};
	int rc = kernel_ioctl(s->fd, IOFD_IOAS_RANGES, &q);

	/* A list that does not fit is left to the kernel to check. */
	s->nr_ranges = rc == 0 && q.num_iovas <= SPACE_RANGES_MAX ? q.num_iovas : 0;
	s->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	if (rc == 0 && q.out_iova_alignment > s->page_size)
		s->page_size = q.out_iova_alignment;
	return rc == -EMSGSIZE ? 0 : rc;
}

static int
ioas_map(struct vfio_space *s, const struct steer_vfio_dma *m)
{
	struct iofd_ioas_map map = {
		.size = sizeof(map),
		.flags = IOFD_MAP_FIXED_IOVA |
			 (m->prot & STEER_VFIO_PROT_READ ? IOFD_MAP_READABLE : 0) |
			 (m->prot & STEER_VFIO_PROT_WRITE ? IOFD_MAP_WRITEABLE : 0),
		.ioas_id = s->ioas,
		.user_va = (uintptr_t)m->vaddr,
		.length = m->size,
		.iova = m->iova,
	};

	return kernel_ioctl(s->fd, IOFD_IOAS_MAP, &map);
}

static int
ioas_unmap(struct vfio_space *s, uint64_t iova, uint64_t size)
{
	struct iofd_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = s->ioas,
		.iova = iova,
		.length = size,
	};
	int rc = kernel_ioctl(s->fd, IOFD_IOAS_UNMAP, &unmap);

	return rc == 0 && unmap.length != size ? -EIO : rc;
}

const struct space_ops space_ioas = {
	.limits = ioas_limits,
	.map = ioas_map,
	.unmap = ioas_unmap,
};
