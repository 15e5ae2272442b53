/* SPDX-License-Identifier: BSD-3-Clause */

#include <string.h>

#include <rte_common.h>

#include "ring.h"

/*
 * Descriptors, then the available ring, then the used ring. The 4 bytes before the elements of the
 * two rings close a cache line of their own: polling an index does not disturb the elements, and
 * no used element straddles two lines.
 */
static size_t
avail_off(uint16_t size)
{
	return size * sizeof(struct vnet_desc) + RTE_CACHE_LINE_SIZE - sizeof(struct vnet_avail);
}

static size_t
used_off(uint16_t size)
{
	size_t end = avail_off(size) + sizeof(struct vnet_avail) + size * sizeof(uint16_t);

	return RTE_CACHE_LINE_ROUNDUP(end) + RTE_CACHE_LINE_SIZE - sizeof(struct vnet_used);
}

static size_t
extra_off(uint16_t size)
{
	size_t end =
		used_off(size) + sizeof(struct vnet_used) + size * sizeof(struct vnet_used_elem);

	return RTE_CACHE_LINE_ROUNDUP(end);
}

size_t
vnet_vq_bytes(uint16_t size, size_t extra)
{
	return extra_off(RTE_MAX(size, 4)) + RTE_CACHE_LINE_ROUNDUP(extra);
}

void
vnet_vq_layout(struct vnet_vq *vq, void *mem, uint16_t index, uint16_t size)
{
	/* The descriptor table ends on a line: 4 descriptors fill one, and sizes below 4 do too. */
	uint16_t lines = RTE_MAX(size, 4);

	vq->desc = mem;
	vq->avail = RTE_PTR_ADD(mem, avail_off(lines));
	vq->used = RTE_PTR_ADD(mem, used_off(lines));
	vq->extra = RTE_PTR_ADD(mem, extra_off(lines));
	vq->index = index;
	vq->size = size;
	vq->mask = size - 1;
	vq->off = VNET_OFF_STOPPED;
}

void
vnet_vq_clear(struct vnet_vq *vq)
{
	memset(vq->desc, 0, vq->size * sizeof(vq->desc[0]));
	memset(vq->avail, 0, sizeof(*vq->avail) + vq->size * sizeof(vq->avail->ring[0]));
	memset(vq->used, 0, sizeof(*vq->used) + vq->size * sizeof(vq->used->ring[0]));
	vq->avail->flags = VNET_AVAIL_NO_INTERRUPT;
	vq->avail_idx = 0;
	vq->used_cons = 0;
	vq->reported = 0;
}

const char *
vnet_off_text(uint8_t off)
{
	switch (off) {
	case VNET_OFF_BAD_ID: return "used element names a descriptor that is not in flight";
	case VNET_OFF_BAD_LEN: return "used length does not fit the buffer";
	case VNET_OFF_BAD_INDEX: return "used index is ahead of the available index";
	case VNET_OFF_BAD_BUFFERS: return "num_buffers is 0 or more than are in flight";
	default: return "";
	}
}
