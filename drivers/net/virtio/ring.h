/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * One virtqueue in DPDK memory, split or packed, and the few accesses to a split one that need
 * ordering; ring_packed.h has those of a packed one.
 *
 * What the device writes (used ring) is read once and never trusted; what only we need to know
 * (which buffer a descriptor holds, which descriptors are free) lives in memory of our own.
 */

#ifndef VNET_RING_H
#define VNET_RING_H

#include <stdbool.h>

#include <rte_atomic.h>
#include <rte_branch_prediction.h>
#include <rte_io.h>
#include <rte_memzone.h>

#include <steer_trace.h>

#include "virtio_spec.h"

/** Why the burst functions leave a queue alone; one load per burst. */
enum vnet_off {
	VNET_ON = 0,
	VNET_OFF_STOPPED,
	VNET_OFF_GONE,
	VNET_OFF_BAD_ID,     /* used element names a descriptor that is not in flight */
	VNET_OFF_BAD_LEN,    /* more bytes than the buffer has, or less than a header */
	VNET_OFF_BAD_INDEX,  /* more used than was made available */
	VNET_OFF_BAD_BUFFERS /* num_buffers 0, or more than are in flight */
};

struct vnet_vq {
	/* The three areas: descriptors, what the driver writes, what the device writes. */
	union {
		struct vnet_desc *desc;
		struct vnet_pdesc *pdesc;
	};
	union {
		struct vnet_avail *avail;
		struct vnet_event *drv_event;
	};
	union {
		struct vnet_used *used;
		struct vnet_event *dev_event;
	};
	volatile uint16_t *notify; /* doorbell, NULL before start */
	uint16_t index;            /* of the virtqueue */
	uint16_t size;             /* power of two */
	uint16_t mask;
	uint16_t avail_idx; /* buffers made available since start; packed: descriptors */
	uint16_t used_cons; /* used elements taken since start; packed: descriptors */
	uint16_t vector;
	uint8_t off;       /* enum vnet_off */
	uint8_t reported;  /* the violation has been logged */
	uint8_t packed;    /* layout; not looked at per packet */
	uint64_t iova_off; /* from an address here to the device's; 0 where IOVA is VA */
	void *extra;       /* VNET_VQ_EXTRA zeroed bytes that the device may read */
	const struct rte_memzone *mz;
};

/** Bytes of a ring of this size with its areas and extra bytes; vq->packed says which layout. */
size_t vnet_vq_bytes(const struct vnet_vq *vq, uint16_t size, size_t extra);
/** Lay the areas out in zeroed memory of vnet_vq_bytes(), aligned to a cache line. */
void vnet_vq_layout(struct vnet_vq *vq, void *mem, uint16_t index, uint16_t size);
/** Empty ring, counters 0, interrupts suppressed. */
void vnet_vq_clear(struct vnet_vq *vq);
/** "bad used id" and so on, for the user. */
const char *vnet_off_text(uint8_t off);
/** Ask for interrupts, or for none (2.7.7, 2.8.10). */
void vnet_vq_intr(struct vnet_vq *vq, bool on);
/** Has the device used something that is not taken yet? */
bool vnet_vq_has_used(const struct vnet_vq *vq);

/** Where the device finds a part of the queue's own memory. */
static __rte_always_inline uint64_t
vnet_vq_iova(const struct vnet_vq *vq, const volatile void *part)
{
	return (uintptr_t)part + vq->iova_off;
}

/** From any thread; the burst functions see it at their next call. */
static inline void
vnet_vq_set_off(struct vnet_vq *vq, enum vnet_off off)
{
	__atomic_store_n(&vq->off, (uint8_t)off, __ATOMIC_RELAXED);
}

static __rte_always_inline bool
vnet_vq_is_off(const struct vnet_vq *vq)
{
	return unlikely(__atomic_load_n(&vq->off, __ATOMIC_RELAXED) != VNET_ON);
}

/** Buffers with the device; packed: descriptors. */
static __rte_always_inline uint16_t
vnet_vq_inflight(const struct vnet_vq *vq)
{
	return vq->avail_idx - vq->used_cons;
}

/**
 * Used elements to take. I/O barriers, so that ORDER_PLATFORM devices are served too: on x86 they
 * cost what acquire and release cost.
 */
static __rte_always_inline uint16_t
vnet_vq_ready(const struct vnet_vq *vq)
{
	uint16_t idx = __atomic_load_n(&vq->used->idx, __ATOMIC_RELAXED);

	rte_io_rmb();
	return idx - vq->used_cons;
}

/** One used element in one load: the device may write while we look. */
static __rte_always_inline struct vnet_used_elem
vnet_vq_used(const struct vnet_vq *vq, uint16_t pos)
{
	const struct vnet_used_elem *e = &vq->used->ring[pos & vq->mask];
	uint64_t raw = __atomic_load_n((const uint64_t *)(uintptr_t)e, __ATOMIC_RELAXED);

	return (struct vnet_used_elem){.id = (uint32_t)raw, .len = (uint32_t)(raw >> 32)};
}

/** Show the descriptors up to avail_idx to the device. */
static __rte_always_inline void
vnet_vq_publish(struct vnet_vq *vq)
{
	rte_io_wmb();
	__atomic_store_n(&vq->avail->idx, vq->avail_idx, __ATOMIC_RELAXED);
}

/** Doorbell, unless the device asked for none (2.7.10). */
static __rte_always_inline void
vnet_vq_kick(struct vnet_vq *vq)
{
	/* The index must be visible before the flag is read, or both sides may sleep. */
#ifdef RTE_ARCH_X86
	rte_smp_mb();
#else
	rte_io_mb();
#endif
	if (!(__atomic_load_n(&vq->used->flags, __ATOMIC_RELAXED) & VNET_USED_NO_NOTIFY))
		rte_write16_relaxed(vq->index, vq->notify);
}

/** A walk over neighbouring elements: its line, and the record of that line. */
struct vnet_walk_at {
	uintptr_t line; /* UINTPTR_MAX at its start */
	struct steer_trace_rec *rec;
};

/**
 * Record a walk over neighbouring elements: one access per cache line, which covers the elements of
 * that line that were touched, as far as they lie in it.
 */
static __rte_always_inline void
vnet_trace_walk(struct steer_trace_ring *t, struct vnet_walk_at *at, const volatile void *addr,
		uint32_t len, enum steer_cache_op op)
{
	uintptr_t line = (uintptr_t)addr / STEER_CACHE_LINE;

	if (line != at->line) {
		at->line = line;
		at->rec = steer_trace_add(t, addr, len, op, STEER_TRACE_PLAIN);
		return;
	}
	if (at->rec != NULL)
		steer_trace_widen(at->rec, addr,
				  RTE_MIN(len, (uint32_t)(STEER_CACHE_LINE -
							  (uintptr_t)addr % STEER_CACHE_LINE)));
}

#endif /* VNET_RING_H */
