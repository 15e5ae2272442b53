/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>

#include <rte_atomic.h>

#include "vq.h"

int
vq_packed_remap(struct vq *q)
{
	const uint32_t both = NIC_DMA_READ | NIC_DMA_WRITE;

	q->pdesc = nic_dma_ptr(q->nic, &q->hint, q->desc_iova, 16ull * q->size, both);
	q->drv_event = nic_dma_ptr(q->nic, &q->hint, q->avail_iova, 4, NIC_DMA_READ);
	q->dev_event = nic_dma_ptr(q->nic, &q->hint, q->used_iova, 4, NIC_DMA_WRITE);
	if (!q->pdesc || !q->drv_event || !q->dev_event) {
		vq_break(q, "ring outside the DMA maps");
		return -EINVAL;
	}
	/* 2.8 asks for 16, 4 and 4. */
	if ((uintptr_t)q->pdesc % 16 || (uintptr_t)q->drv_event % 4 ||
	    (uintptr_t)q->dev_event % 4) {
		vq_break(q, "ring not aligned");
		return -EINVAL;
	}
	return 0;
}

void
vq_packed_start(struct vq *q)
{
	q->scanned = 0;
	q->scan_at = 0;
	q->freed_at = 0;
	__atomic_store_n(&q->dev_event->flags, VRING_EVENT_DISABLE, __ATOMIC_RELAXED);
}

/** Flags of a descriptor, ordered before what else it says (2.8.13). */
static uint16_t
flags_load(const struct vq *q, uint16_t at)
{
	return __atomic_load_n(&q->pdesc[at & q->mask].flags, __ATOMIC_ACQUIRE);
}

/** 2.8.1: AVAIL is the wrap counter of this lap and USED is not. */
static bool
is_available(const struct vq *q, uint16_t at, uint16_t flags)
{
	return (flags & VQ_PACKED_LAP) == (at & q->size ? VRING_F_USED : VRING_F_AVAIL);
}

/** Where does the buffer end that starts at scan_at? @return descriptors, 0 none there, broken. */
static uint16_t
scan_one(struct vq *q)
{
	uint16_t room = q->size - (uint16_t)(q->scan_at - q->freed_at), n;
	uint16_t flags = flags_load(q, q->scan_at);

	if (!is_available(q, q->scan_at, flags))
		return 0;
	for (n = 1; n <= room; n++) {
		if (!(flags & VRING_F_NEXT))
			return n;
		flags = flags_load(q, q->scan_at + n);
		if (!is_available(q, q->scan_at + n, flags))
			break;
	}
	vq_break(q, n > room ? "more descriptors available than the ring has"
			     : "chain that is not whole");
	return 0;
}

uint16_t
vq_packed_pending(struct vq *q)
{
	struct vq_slot *s;
	uint16_t n;

	while ((n = scan_one(q)) > 0) {
		s = vq_packed_slot(q, q->scanned++);
		s->at = q->scan_at;
		s->n = n;
		q->scan_at += n;
	}
	return unlikely(q->broken) ? 0 : q->scanned - q->next_avail;
}

bool
vq_packed_is_full(const struct vq *q)
{
	return (uint16_t)(q->scan_at - vq_packed_slot(q, q->next_avail)->at) > q->mask;
}

/** Indirect table, 2.8.8: descriptors one after the other, of whose flags only WRITE counts. */
static int
chain_indirect(struct vq *q, struct vq_chain *c, const struct vring_desc *head)
{
	uint32_t n = head->len / sizeof(struct vring_pdesc), i;
	struct vring_pdesc p;
	struct vring_desc d;
	uint64_t iova;
	const void *src;

	if (!q->indirect || (head->flags & (VRING_F_NEXT | VRING_F_WRITE)))
		return vq_break(q, "indirect descriptor not allowed here");
	if (head->len % sizeof(p) || n == 0 || n > q->size)
		return vq_break(q, "bad length of an indirect table");
	for (i = 0; i < n; i++) {
		iova = head->addr + i * sizeof(p);
		src = vq_xlate(q, iova, sizeof(p), NIC_DMA_READ);
		if (!src)
			return vq_break(q, "indirect table outside the DMA maps");
		if (q->log)
			vq_log_add(q->log, iova, sizeof(p), false);
		memcpy(&p, src, sizeof(p));
		/* The copy must not be read again from the shared source. */
		rte_compiler_barrier();
		if (p.flags & VRING_F_INDIRECT)
			return vq_break(q, "indirect table in an indirect table");
		d = (struct vring_desc){.addr = p.addr, .len = p.len, .flags = p.flags};
		if (vq_chain_take(q, c, &d) < 0)
			return -1;
	}
	return 0;
}

int
vq_packed_chain_get(struct vq *q, uint16_t pos, struct vq_chain *c)
{
	const struct vq_slot *s = vq_packed_slot(q, pos);
	struct vring_desc d;
	uint16_t i;

	for (i = 0; i < s->n; i++) {
		vq_packed_load(q, s->at + i, &d);
		if (q->log)
			vq_log_add(q->log, q->desc_iova + 16ull * ((s->at + i) & q->mask), 16,
				   false);
		/* What the scan saw must still be so: the driver may not touch it meanwhile. */
		if (!!(d.flags & VRING_F_NEXT) != (i + 1 < s->n)) {
			vq_break(q, "descriptors changed while in use");
			return -EINVAL;
		}
		c->id = d.next; /* that of the last one counts */
		if (!(d.flags & VRING_F_INDIRECT)) {
			if (vq_chain_take(q, c, &d) < 0)
				return -EINVAL;
			continue;
		}
		if (s->n > 1) {
			vq_break(q, "indirect descriptor inside a chain");
			return -EINVAL;
		}
		if (chain_indirect(q, c, &d) < 0)
			return -EINVAL;
	}
	return 0;
}

/** Neighbouring descriptors are one write, as a device combines them. */
static void
publish_trace(struct vq *q, uint16_t n)
{
	uint16_t i, run = 0, first = 0, at, end = 0;

	for (i = 0; i < n; i++) {
		at = vq_packed_slot(q, q->published + i)->at & q->mask;
		if (run > 0 && at == end) {
			run++;
		} else {
			if (run > 0)
				vq_log_add(q->log, q->desc_iova + 16ull * first, 16u * run, true);
			first = at;
			run = 1;
		}
		end = at + 1;
	}
	vq_log_add(q->log, q->desc_iova + 16ull * first, 16u * run, true);
	vq_log_add(q->log, q->avail_iova, 4, false);
}

static void
used_store(const struct vq *q, uint16_t pos)
{
	const struct vq_slot *s = vq_packed_slot(q, pos);

	__atomic_store_n((uint64_t *)(uintptr_t)&q->pdesc[s->at & q->mask].len, s->used,
			 __ATOMIC_RELEASE);
}

bool
vq_packed_publish(struct vq *q, uint16_t n)
{
	const struct vq_slot *last = vq_packed_slot(q, q->published + n - 1);
	uint16_t i;

	if (q->log)
		publish_trace(q, n);
	/* The first comes last: a driver that sees it sees all of them. */
	for (i = n; i > 0; i--)
		used_store(q, q->published + i - 1);
	q->freed_at = last->at + last->n;
	/* 2.8.13: the descriptors must be visible before the suppression flags are read. */
	rte_smp_mb();
	return __atomic_load_n(&q->drv_event->flags, __ATOMIC_RELAXED) != VRING_EVENT_DISABLE;
}
