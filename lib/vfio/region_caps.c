/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The capability list behind a GET_REGION_INFO answer. The kernel's bytes and vfio-user's are the
 * same: 32 bytes of region info, then the list, with offsets from the start of the info.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "user_proto.h"
#include "vfio_ops.h"

/* linux/vfio.h: the MSI-X table in this region may be mapped, too. */
#define CAP_MSIX_MAPPABLE 3

bool
vfio_region_areas_valid(const struct steer_vfio_region *info)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint32_t i, k;

	for (i = 0; i < info->nr_areas; i++) {
		uint64_t off = info->areas[i].offset, size = info->areas[i].size;

		if (size == 0 || (off | size) & (page - 1) || off > info->size ||
		    size > info->size - off)
			return false;
		for (k = 0; k < i; k++) {
			uint64_t o = info->areas[k].offset;

			if (off < o + info->areas[k].size && o < off + size)
				return false;
		}
	}
	return true;
}

static int
sparse_parse(const uint8_t *p, size_t left, struct steer_vfio_region *info)
{
	struct vfu_cap_sparse cap;
	uint32_t i;

	if (left < sizeof(cap))
		return -EPROTO;
	memcpy(&cap, p, sizeof(cap));
	if (cap.nr_areas > VFIO_AREAS_MAX ||
	    left - sizeof(cap) < cap.nr_areas * sizeof(struct vfu_sparse_area))
		return -EPROTO;
	for (i = 0; i < cap.nr_areas; i++) {
		struct vfu_sparse_area a;

		memcpy(&a, p + sizeof(cap) + i * sizeof(a), sizeof(a));
		info->areas[i].offset = a.offset;
		info->areas[i].size = a.size;
	}
	info->nr_areas = cap.nr_areas;
	return 0;
}

/* Offsets only ever grow, which also ends every loop. */
int
vfio_region_caps(uint32_t cap_offset, const uint8_t *caps, size_t len,
		 struct steer_vfio_region *info)
{
	const uint32_t base = sizeof(struct vfu_region_info);
	uint32_t pos = cap_offset, from = base, end = (uint32_t)(base + len);
	struct vfu_cap_hdr h;
	int found = 0;

	while (pos != 0) {
		if (pos < from || pos > end || end - pos < sizeof(h))
			return -EPROTO;
		memcpy(&h, caps + (pos - base), sizeof(h));
		if (h.id == VFU_CAP_SPARSE_MMAP) {
			if (found || sparse_parse(caps + (pos - base), end - pos, info) < 0)
				return -EPROTO;
			found = 1;
		} else if (h.id == CAP_MSIX_MAPPABLE) {
			info->flags |= STEER_VFIO_REGION_F_MSIX;
		}
		from = pos + sizeof(h);
		pos = h.next;
	}
	return found;
}

void
vfio_region_whole(struct steer_vfio_region *info)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (info->size == 0 || info->size & (page - 1))
		return;
	info->nr_areas = 1;
	info->areas[0].offset = 0;
	info->areas[0].size = info->size;
}
