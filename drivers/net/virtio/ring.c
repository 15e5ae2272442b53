/* SPDX-License-Identifier: BSD-3-Clause */

#include <string.h>

#include <rte_common.h>

#include "ring_packed.h"

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

/* Packed: descriptors, then the two event structures, each side's on a line of its own. */
static size_t
event_off(uint16_t size, unsigned int which)
{
	return RTE_CACHE_LINE_ROUNDUP(size * sizeof(struct vnet_pdesc)) +
	       which * (size_t)RTE_CACHE_LINE_SIZE;
}

size_t
vnet_vq_bytes(const struct vnet_vq *vq, uint16_t size, size_t extra)
{
	size_t end = vq->packed ? event_off(size, 2) : extra_off(RTE_MAX(size, 4));

	return end + RTE_CACHE_LINE_ROUNDUP(extra);
}

static void
areas_split(struct vnet_vq *vq, void *mem, uint16_t size)
{
	/* The descriptor table ends on a line: 4 descriptors fill one, and sizes below 4 do too. */
	uint16_t lines = RTE_MAX(size, 4);

	vq->avail = RTE_PTR_ADD(mem, avail_off(lines));
	vq->used = RTE_PTR_ADD(mem, used_off(lines));
	vq->extra = RTE_PTR_ADD(mem, extra_off(lines));
}

static void
areas_packed(struct vnet_vq *vq, void *mem, uint16_t size)
{
	vq->drv_event = RTE_PTR_ADD(mem, event_off(size, 0));
	vq->dev_event = RTE_PTR_ADD(mem, event_off(size, 1));
	vq->extra = RTE_PTR_ADD(mem, event_off(size, 2));
}

void
vnet_vq_layout(struct vnet_vq *vq, void *mem, uint16_t index, uint16_t size)
{
	vq->desc = mem;
	if (vq->packed)
		areas_packed(vq, mem, size);
	else
		areas_split(vq, mem, size);
	vq->index = index;
	vq->size = size;
	vq->mask = size - 1;
	vq->off = VNET_OFF_STOPPED;
}

static void
clear_split(struct vnet_vq *vq)
{
	memset(vq->avail, 0, sizeof(*vq->avail) + vq->size * sizeof(vq->avail->ring[0]));
	memset(vq->used, 0, sizeof(*vq->used) + vq->size * sizeof(vq->used->ring[0]));
}

void
vnet_vq_clear(struct vnet_vq *vq)
{
	memset(vq->desc, 0, vq->size * sizeof(vq->desc[0]));
	if (vq->packed)
		*vq->dev_event = (struct vnet_event){.flags = VNET_EVENT_ENABLE};
	else
		clear_split(vq);
	vnet_vq_intr(vq, false);
	vq->avail_idx = 0;
	vq->used_cons = 0;
	vq->reported = 0;
}

void
vnet_vq_intr(struct vnet_vq *vq, bool on)
{
	if (vq->packed)
		__atomic_store_n(&vq->drv_event->flags, on ? VNET_EVENT_ENABLE : VNET_EVENT_DISABLE,
				 __ATOMIC_RELAXED);
	else
		__atomic_store_n(&vq->avail->flags, on ? 0 : VNET_AVAIL_NO_INTERRUPT,
				 __ATOMIC_RELAXED);
}

bool
vnet_vq_has_used(const struct vnet_vq *vq)
{
	if (!vq->packed)
		return vnet_vq_ready(vq) != 0;
	return vnet_pk_is_used(vq, vq->used_cons, vnet_pk_load(vq, vq->used_cons));
}

const char *
vnet_off_text(uint8_t off)
{
	switch (off) {
	case VNET_OFF_BAD_ID: return "used element names a descriptor that is not in flight";
	case VNET_OFF_BAD_LEN: return "used length does not fit the buffer";
	case VNET_OFF_BAD_INDEX: return "more is used than was made available";
	case VNET_OFF_BAD_BUFFERS: return "num_buffers is 0 or more than are in flight";
	default: return "";
	}
}
