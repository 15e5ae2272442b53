/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Device side of a packed virtqueue (virtio 1.2, 2.8).
 *
 * A buffer may take several descriptors, so where the next one starts is known only from walking
 * the ring: vq_packed_pending() scans what has become available, once, and keeps each buffer's
 * place in vq.slots. Buffers are used in the order in which they came, so the used descriptor of
 * each lies where its first descriptor was.
 */

#ifndef VFU_NIC_VQ_PACKED_H
#define VFU_NIC_VQ_PACKED_H

#include "vq_core.h"

#define VQ_PACKED_LAP (VRING_F_AVAIL | VRING_F_USED)

/** Scan; broken: 0. */
uint16_t vq_packed_pending(struct vq *q);
/** All descriptors of the ring are available. */
bool vq_packed_is_full(const struct vq *q);
int vq_packed_remap(struct vq *q);
void vq_packed_start(struct vq *q);
int vq_packed_chain_get(struct vq *q, uint16_t pos, struct vq_chain *c);
/** The next n used descriptors become visible. @return the driver wants an interrupt. */
bool vq_packed_publish(struct vq *q, uint16_t n);

static __rte_always_inline struct vq_slot *
vq_packed_slot(const struct vq *q, uint16_t pos)
{
	return &q->slots[pos & q->mask];
}

/** Read a descriptor once; next is its id. */
static __rte_always_inline void
vq_packed_load(const struct vq *q, uint16_t at, struct vring_desc *dst)
{
	const uint64_t *w = (const uint64_t *)&q->pdesc[at & q->mask];
	uint64_t rest;

	dst->addr = __atomic_load_n(&w[0], __ATOMIC_RELAXED);
	rest = __atomic_load_n(&w[1], __ATOMIC_RELAXED);
	dst->len = (uint32_t)rest;
	dst->next = (uint16_t)(rest >> 32);
	dst->flags = (uint16_t)(rest >> 48);
}

/** As vq_single(); pos has been scanned. */
static __rte_always_inline uint8_t *
vq_packed_single(struct vq *q, uint16_t pos, const bool write, uint16_t *id, uint32_t *len)
{
	const struct vq_slot *s = vq_packed_slot(q, pos);
	struct vring_desc d;

	if (unlikely(s->n != 1))
		return NULL;
	vq_packed_load(q, s->at, &d);
	if (unlikely((d.flags & ~VQ_PACKED_LAP) != (write ? VRING_F_WRITE : 0) ||
		     d.len > VQ_MAX_BYTES))
		return NULL;
	*id = d.next;
	*len = d.len;
	return vq_xlate(q, d.addr, d.len, write ? NIC_DMA_WRITE : NIC_DMA_READ);
}

static __rte_always_inline void
vq_packed_use(struct vq *q, uint16_t id, uint32_t len)
{
	struct vq_slot *s = vq_packed_slot(q, q->next_used++);
	uint16_t flags = s->at & q->size ? 0 : VQ_PACKED_LAP;

	s->used = len | (uint64_t)id << 32 | (uint64_t)flags << 48;
}

#endif /* VFU_NIC_VQ_PACKED_H */
