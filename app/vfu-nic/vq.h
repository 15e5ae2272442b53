/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Device side of one virtqueue (virtio 1.2, 2.7 and 2.8).
 *
 * The driver's memory is hostile: every descriptor is read once, every index is checked, every
 * address goes through the DMA table. The inline functions are the fast path for buffers of one
 * descriptor; everything else takes the chain walk in vq.c or vq_packed.c.
 */

#ifndef VFU_NIC_VQ_H
#define VFU_NIC_VQ_H

#include "vq_packed.h"

/** Entries that the driver has made available and nobody has taken; broken: 0. */
static __rte_always_inline uint16_t
vq_pending(struct vq *q)
{
	uint16_t n;

	if (unlikely(q->packed))
		return vq_packed_pending(q);
	n = __atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE) - q->next_avail;

	if (unlikely(n > q->mask + 1)) {
		vq_break(q, "available index jumped");
		return 0;
	}
	return n;
}

static __rte_always_inline uint16_t
vq_avail_id(const struct vq *q, uint16_t pos)
{
	return __atomic_load_n(&q->avail->ring[pos & q->mask], __ATOMIC_RELAXED);
}

/** Read a descriptor once. */
static __rte_always_inline void
vq_desc_load(const struct vring_desc *src, struct vring_desc *dst)
{
	const uint64_t *w = (const uint64_t *)src;
	uint64_t rest;

	dst->addr = __atomic_load_n(&w[0], __ATOMIC_RELAXED);
	rest = __atomic_load_n(&w[1], __ATOMIC_RELAXED);
	dst->len = (uint32_t)rest;
	dst->flags = (uint16_t)(rest >> 32);
	dst->next = (uint16_t)(rest >> 48);
}

/**
 * The buffer at position pos when it is one descriptor of this direction; at most VQ_MAX_BYTES are
 * usable. NULL: take the chain walk, which says what is wrong if something is. Not for queues with
 * a log: only the chain walk records its accesses.
 */
static __rte_always_inline uint8_t *
vq_single(struct vq *q, uint16_t pos, const bool write, uint16_t *id, uint32_t *len)
{
	struct vring_desc d;

	if (unlikely(q->packed))
		return vq_packed_single(q, pos, write, id, len);
	*id = vq_avail_id(q, pos);
	if (unlikely(*id > q->mask))
		return NULL;
	vq_desc_load(&q->desc[*id], &d);
	if (unlikely(d.flags != (write ? VRING_F_WRITE : 0) || d.len > VQ_MAX_BYTES))
		return NULL;
	*len = d.len;
	return vq_xlate(q, d.addr, d.len, write ? NIC_DMA_WRITE : NIC_DMA_READ);
}

/** Add one used element; seen by the driver after vq_publish(). */
static __rte_always_inline void
vq_use(struct vq *q, uint16_t id, uint32_t len)
{
	uint64_t elem = id | (uint64_t)len << 32;

	if (unlikely(q->packed)) {
		vq_packed_use(q, id, len);
		return;
	}
	memcpy(&q->used->ring[q->next_used++ & q->mask], &elem, sizeof(elem));
}

/** Has the driver nothing more to give than these pending buffers? */
static inline bool
vq_is_full(const struct vq *q, uint16_t pending)
{
	return q->packed ? vq_packed_is_full(q) : pending > q->mask;
}

static inline uint16_t
vq_vector(const struct vq *q)
{
	return __atomic_load_n(&q->vector, __ATOMIC_RELAXED);
}

#endif /* VFU_NIC_VQ_H */
