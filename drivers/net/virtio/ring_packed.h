/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Accesses to a packed virtqueue (VIRTIO 1.2, 2.8) that need ordering.
 *
 * Positions are counted in descriptors from the start and run freely over 16 bits; sizes are powers
 * of two up to 32768, so the bit of a position that has the ring's size says which lap it is in,
 * and the wrap counters (2.8.1) are its inverse: no state to carry.
 *
 * Length, id and flags of a descriptor are one aligned 8-byte word. It is written and read in one
 * access, so that flags never come without what they speak of.
 */

#ifndef VNET_RING_PACKED_H
#define VNET_RING_PACKED_H

#include "ring.h"

#define VNET_PK_LAP ((uint64_t)(VNET_DESC_AVAIL | VNET_DESC_USED) << 48)

/** AVAIL and USED of a descriptor that becomes available at this position. */
static __rte_always_inline uint16_t
vnet_pk_lap(const struct vnet_vq *vq, uint16_t pos)
{
	return pos & vq->size ? VNET_DESC_USED : VNET_DESC_AVAIL;
}

static __rte_always_inline uint64_t
vnet_pk_word(const struct vnet_vq *vq, uint16_t pos, uint32_t len, uint16_t id, uint16_t flags)
{
	return len | (uint64_t)id << 32 | (uint64_t)(flags | vnet_pk_lap(vq, pos)) << 48;
}

static __rte_always_inline uint64_t *
vnet_pk_at(const struct vnet_vq *vq, uint16_t pos)
{
	return (uint64_t *)(uintptr_t)&vq->pdesc[pos & vq->mask].len;
}

/** Show a descriptor to the device; its address was written before the barrier that precedes. */
static __rte_always_inline void
vnet_pk_store(const struct vnet_vq *vq, uint16_t pos, uint64_t word)
{
	__atomic_store_n(vnet_pk_at(vq, pos), word, __ATOMIC_RELAXED);
}

static __rte_always_inline uint64_t
vnet_pk_load(const struct vnet_vq *vq, uint16_t pos)
{
	return __atomic_load_n(vnet_pk_at(vq, pos), __ATOMIC_RELAXED);
}

/** Does the word at this position say used, in this lap? */
static __rte_always_inline bool
vnet_pk_is_used(const struct vnet_vq *vq, uint16_t pos, uint64_t word)
{
	return (word & VNET_PK_LAP) == (pos & vq->size ? 0 : VNET_PK_LAP);
}

static __rte_always_inline uint16_t
vnet_pk_id(uint64_t word)
{
	return (uint16_t)(word >> 32);
}

/** Doorbell, unless the device asked for none (2.8.14). */
static __rte_always_inline void
vnet_pk_kick(struct vnet_vq *vq)
{
	/* The flags must be visible before the event structure is read, or both sides may sleep. */
#ifdef RTE_ARCH_X86
	rte_smp_mb();
#else
	rte_io_mb();
#endif
	if (__atomic_load_n(&vq->dev_event->flags, __ATOMIC_RELAXED) != VNET_EVENT_DISABLE)
		rte_write16_relaxed(vq->index, vq->notify);
}

/** With nothing available there can be nothing used: the last lap's flags do not look so. */
static __rte_always_inline bool
vnet_pk_is_ahead(const struct vnet_vq *vq)
{
	return vnet_vq_inflight(vq) == 0 &&
	       vnet_pk_is_used(vq, vq->used_cons, vnet_pk_load(vq, vq->used_cons));
}

#endif /* VNET_RING_PACKED_H */
