/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * State of one virtqueue, split or packed, and translation of its addresses.
 */

#ifndef VFU_NIC_VQ_CORE_H
#define VFU_NIC_VQ_CORE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_prefetch.h>

#include "nic.h"
#include "virtio_spec.h"

/** Bytes of one packet, network header included, that a chain may carry. */
#define VQ_MAX_BYTES (65535u + 18u + VNET_HDR_LEN)
/** Pieces of one chain after translation. */
#define VQ_MAX_SEGS  256u
#define VQ_TLB_SLOTS 64u
#define VQ_TLB_SHIFT 21
#define VQ_BURST     32u

/** One DMA access, for the cache model. */
struct vq_event {
	uint64_t iova;
	uint32_t len;
	uint16_t write;
	uint16_t header; /* leading bytes that are the packet's network header */
};

/** DMA accesses of a window; lost counts those that found no room. */
struct vq_log {
	struct vq_event *ev;
	uint32_t n, cap;
	uint64_t lost;
};

/** A 2 MiB granule of IOVA space that is mapped in one piece. */
struct vq_tlb {
	uint64_t tag;  /* granule number and right; 0 empty (granule 0 is never cached) */
	uint64_t base; /* host address of the granule */
};

struct vq_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t drops;      /* too big for the buffers given, filtered */
	uint64_t interrupts; /* asked for by the driver and sent */
	uint64_t sum;        /* of every byte that the sink read */
};

/** Packed: what is known of one position, that is of one buffer. */
struct vq_slot {
	uint64_t used; /* word of its used descriptor, when it is done */
	uint16_t at;   /* first descriptor, counted from the start of the queue */
	uint16_t n;    /* descriptors */
};

struct vq {
	/* hot: the worker's. Positions count buffers, whatever the layout. */
	union {
		struct vring_desc *desc;
		struct vring_pdesc *pdesc;
	};
	union {
		struct vring_avail *avail;
		struct vring_event *drv_event;
	};
	union {
		struct vring_used *used;
		struct vring_event *dev_event;
	};
	const struct nic *nic;
	struct vq_log *log; /* only in a model session */
	uint64_t *stamps;   /* Rx timestamps by buffer id, shared with the client; NULL: off */
	uint16_t mask;
	uint16_t next_avail; /* next entry of the available ring to take */
	uint16_t next_used;  /* next entry of the used ring to write */
	uint16_t published;  /* used index that the driver sees */
	bool live;           /* may be touched; changed while workers are parked, or by the owner */
	bool mergeable;
	bool indirect;
	bool packed;
	uint16_t stamp_mask;
	uint32_t hint;
	struct vq_stats stats;
	struct vq_tlb tlb[VQ_TLB_SLOTS];

	/* packed, the worker's */
	struct vq_slot *slots; /* by position, max_size of them; NULL: packed is not offered */
	uint16_t scanned;      /* positions whose descriptors are known */
	uint16_t scan_at;      /* descriptor where the next one starts */
	uint16_t freed_at;     /* descriptors that the driver has got back */

	/* registers */
	uint64_t desc_iova, avail_iova, used_iova;
	uint16_t index;
	uint16_t max_size;
	uint16_t size;
	uint16_t vector; /* atomic: may be rewritten while the queue runs */
	bool enabled;
	bool broken;
	const char *why; /* what broke it */
} __rte_cache_aligned;

struct vq_seg {
	uint8_t *ptr;
	uint32_t len;
	uint64_t iova;
};

/** A translated chain: first the readable pieces, then the writable. */
struct vq_chain {
	uint16_t id;
	uint16_t nr_read, nr_write; /* pieces */
	uint32_t read_len, write_len;
	struct vq_seg seg[VQ_MAX_SEGS];
};

/** Translate the ring areas and start from index 0. @return 0 or -EINVAL (why is set). */
int vq_start(struct vq *q);
/** Translate again after the DMA table changed. @return 0 or -EINVAL. */
int vq_remap(struct vq *q);
void vq_stop(struct vq *q);
/** Registers to their reset values; stats stay. */
void vq_reset(struct vq *q);
/** Walk the chain at position pos of the available ring. @return 0, or -EINVAL broken. */
int vq_chain_get(struct vq *q, uint16_t pos, struct vq_chain *c);
/** Copy the readable bytes from offset skip on. @return bytes copied (at most max). */
uint32_t
vq_chain_read(struct vq *q, const struct vq_chain *c, uint32_t skip, void *dst, uint32_t max);
/** Copy into the writable part at offset. @return bytes copied. */
uint32_t
vq_chain_write(struct vq *q, const struct vq_chain *c, uint32_t off, const void *src, uint32_t len);
/** Let the driver see what was used, and interrupt it if it wants. */
void vq_publish(struct vq *q);
void *vq_xlate_miss(struct vq *q, uint64_t iova, uint32_t len, uint32_t prot);
/** Take one direct descriptor into the chain. @return 0, or -1 broken. */
int vq_chain_take(struct vq *q, struct vq_chain *c, const struct vring_desc *d);
void vq_log_add(struct vq_log *log, uint64_t iova, uint32_t len, bool write);
/** The first len bytes of the events from this one on are a packet's network header. */
void vq_log_header(struct vq_log *log, uint32_t first, uint32_t len);
/** Host pointers are void. */
void vq_flush(struct vq *q);

static __rte_always_inline void *
vq_xlate(struct vq *q, uint64_t iova, uint32_t len, uint32_t prot)
{
	uint64_t granule = iova >> VQ_TLB_SHIFT;
	const struct vq_tlb *t = &q->tlb[granule % VQ_TLB_SLOTS];
	uint64_t off = iova & ((1ull << VQ_TLB_SHIFT) - 1);

	if (likely(t->tag == (granule << 2 | prot) && off + len <= 1ull << VQ_TLB_SHIFT))
		return (void *)(uintptr_t)(t->base + off);
	return vq_xlate_miss(q, iova, len, prot);
}

/** Mark as broken: the caller tells the device. */
static inline int
vq_break(struct vq *q, const char *why)
{
	q->broken = true;
	q->live = false;
	q->why = why;
	return -1;
}

#endif /* VFU_NIC_VQ_CORE_H */
