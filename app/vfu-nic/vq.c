/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>

#include <rte_atomic.h>

#include "vq.h"

static uint64_t
avail_bytes(const struct vq *q)
{
	return 6 + 2ull * q->size;
}

static uint64_t
used_bytes(const struct vq *q)
{
	return 6 + 8ull * q->size;
}

void
vq_flush(struct vq *q)
{
	memset(q->tlb, 0, sizeof(q->tlb));
	q->hint = 0;
}

static bool
aligned(const void *p, uintptr_t to)
{
	return ((uintptr_t)p & (to - 1)) == 0;
}

int
vq_remap(struct vq *q)
{
	vq_flush(q);
	if (q->packed)
		return vq_packed_remap(q);
	q->desc = nic_dma_ptr(q->nic, &q->hint, q->desc_iova, 16ull * q->size, NIC_DMA_READ);
	q->avail = nic_dma_ptr(q->nic, &q->hint, q->avail_iova, avail_bytes(q), NIC_DMA_READ);
	q->used = nic_dma_ptr(q->nic, &q->hint, q->used_iova, used_bytes(q), NIC_DMA_WRITE);
	if (!q->desc || !q->avail || !q->used) {
		vq_break(q, "ring outside the DMA maps");
		return -EINVAL;
	}
	/* 2.7 asks for 16, 2 and 4; the device loads descriptors as 8-byte words. */
	if (!aligned(q->desc, 16) || !aligned(q->avail, 2) || !aligned(q->used, 4)) {
		vq_break(q, "ring not aligned");
		return -EINVAL;
	}
	return 0;
}

int
vq_start(struct vq *q)
{
	q->next_avail = 0;
	q->next_used = 0;
	q->published = 0;
	if (vq_remap(q) < 0)
		return -EINVAL;
	q->mask = q->size - 1;
	/* Doorbells are never needed: workers poll. */
	if (q->packed)
		vq_packed_start(q);
	else
		__atomic_store_n(&q->used->flags, VRING_NO_NOTIFY, __ATOMIC_RELAXED);
	q->live = true;
	return 0;
}

void
vq_stop(struct vq *q)
{
	q->live = false;
	q->desc = NULL;
	q->avail = NULL;
	q->used = NULL;
}

void
vq_reset(struct vq *q)
{
	vq_stop(q);
	vq_flush(q);
	q->desc_iova = 0;
	q->avail_iova = 0;
	q->used_iova = 0;
	q->size = q->max_size;
	__atomic_store_n(&q->vector, NIC_NO_VECTOR, __ATOMIC_RELAXED);
	q->enabled = false;
	q->broken = false;
	q->why = NULL;
}

void *
vq_xlate_miss(struct vq *q, uint64_t iova, uint32_t len, uint32_t prot)
{
	uint64_t size = 1ull << VQ_TLB_SHIFT, granule = iova >> VQ_TLB_SHIFT;
	struct vq_tlb *t = &q->tlb[granule % VQ_TLB_SLOTS];
	uint64_t off = iova & (size - 1);
	void *base;

	if (off + len <= size && granule != 0) {
		base = nic_dma_ptr(q->nic, &q->hint, iova - off, size, prot);
		if (base) {
			t->tag = granule << 2 | prot;
			t->base = (uintptr_t)base;
			return (uint8_t *)base + off;
		}
	}
	return nic_dma_ptr(q->nic, &q->hint, iova, len, prot);
}

void
vq_log_add(struct vq_log *log, uint64_t iova, uint32_t len, bool write)
{
	struct vq_event *grown;
	uint32_t cap;

	if (log->n == log->cap) {
		cap = log->cap ? log->cap * 2 : 1024;
		grown = cap > 1u << 22 ? NULL : realloc(log->ev, cap * sizeof(*grown));
		if (!grown) {
			log->lost++;
			return;
		}
		log->ev = grown;
		log->cap = cap;
	}
	log->ev[log->n++] = (struct vq_event){.iova = iova, .len = len, .write = write};
}

void
vq_log_header(struct vq_log *log, uint32_t first, uint32_t len)
{
	uint32_t i, part;

	for (i = first; i < log->n && len > 0; i++) {
		part = RTE_MIN(len, log->ev[i].len);
		log->ev[i].header = (uint16_t)part;
		len -= part;
	}
}

static int
seg_put(struct vq_chain *c, bool write, uint8_t *ptr, uint32_t len, uint64_t iova)
{
	unsigned int n = c->nr_read + c->nr_write;

	if (n == VQ_MAX_SEGS)
		return -EINVAL;
	c->seg[n] = (struct vq_seg){.ptr = ptr, .len = len, .iova = iova};
	if (write) {
		c->nr_write++;
		c->write_len += len;
	} else {
		c->nr_read++;
		c->read_len += len;
	}
	return 0;
}

/** A descriptor's bytes may lie in several maps: split at pages where one pointer cannot serve. */
static int
seg_add(struct vq *q, struct vq_chain *c, bool write, uint64_t iova, uint32_t len)
{
	uint32_t prot = write ? NIC_DMA_WRITE : NIC_DMA_READ, part;
	uint8_t *ptr = vq_xlate(q, iova, len, prot);

	if (ptr)
		return seg_put(c, write, ptr, len, iova);
	while (len > 0) {
		part = RTE_MIN(len, 4096u - (uint32_t)(iova & 4095));
		ptr = vq_xlate(q, iova, part, prot);
		if (!ptr || seg_put(c, write, ptr, part, iova) < 0)
			return -EINVAL;
		iova += part;
		len -= part;
	}
	return 0;
}

int
vq_chain_take(struct vq *q, struct vq_chain *c, const struct vring_desc *d)
{
	bool write = d->flags & VRING_F_WRITE;
	uint32_t room = VQ_MAX_BYTES - (write ? c->write_len : c->read_len);
	uint32_t len = d->len;

	if (!write && c->nr_write > 0)
		return vq_break(q, "readable descriptor after a writable one");
	if (len > room) {
		if (!write)
			return vq_break(q, "chain too long in bytes");
		len = room; /* more space than any packet needs */
	}
	if (len > 0 && seg_add(q, c, write, d->addr, len) < 0)
		return vq_break(q, "buffer outside the DMA maps or in too many pieces");
	return 0;
}

/** Indirect table, 2.7.5.3: every descriptor read once, no table in a table. */
static int
chain_indirect(struct vq *q, struct vq_chain *c, const struct vring_desc *head)
{
	uint32_t n = head->len / sizeof(struct vring_desc), at = 0, steps;
	struct vring_desc d;
	const void *src;

	if (!q->indirect || (head->flags & (VRING_F_NEXT | VRING_F_WRITE)))
		return vq_break(q, "indirect descriptor not allowed here");
	if (head->len % sizeof(struct vring_desc) || n == 0 || n > q->size)
		return vq_break(q, "bad length of an indirect table");
	for (steps = 0; steps < n; steps++) {
		src = vq_xlate(q, head->addr + at * sizeof(d), sizeof(d), NIC_DMA_READ);
		if (!src)
			return vq_break(q, "indirect table outside the DMA maps");
		if (q->log)
			vq_log_add(q->log, head->addr + at * sizeof(d), sizeof(d), false);
		memcpy(&d, src, sizeof(d));
		/* The copy must not be read again from the shared source. */
		rte_compiler_barrier();
		if (d.flags & VRING_F_INDIRECT)
			return vq_break(q, "indirect table in an indirect table");
		if (vq_chain_take(q, c, &d) < 0)
			return -1;
		if (!(d.flags & VRING_F_NEXT))
			return 0;
		if (d.next >= n)
			return vq_break(q, "next outside the indirect table");
		at = d.next;
	}
	return vq_break(q, "loop in an indirect table");
}

static int
split_chain_get(struct vq *q, uint16_t pos, struct vq_chain *c)
{
	uint16_t at = vq_avail_id(q, pos), steps;
	struct vring_desc d;

	c->id = at;
	if (q->log)
		vq_log_add(q->log, q->avail_iova + 4 + 2 * (pos & q->mask), 2, false);
	for (steps = 0; steps < q->size; steps++) {
		if (at >= q->size) {
			vq_break(q, "descriptor index outside the ring");
			return -EINVAL;
		}
		vq_desc_load(&q->desc[at], &d);
		if (q->log)
			vq_log_add(q->log, q->desc_iova + 16ull * at, 16, false);
		if (d.flags & VRING_F_INDIRECT) {
			if (steps > 0)
				vq_break(q, "indirect descriptor inside a chain");
			else
				chain_indirect(q, c, &d);
			return q->broken ? -EINVAL : 0;
		}
		if (vq_chain_take(q, c, &d) < 0)
			return -EINVAL;
		if (!(d.flags & VRING_F_NEXT))
			return 0;
		at = d.next;
	}
	vq_break(q, "loop in a chain");
	return -EINVAL;
}

int
vq_chain_get(struct vq *q, uint16_t pos, struct vq_chain *c)
{
	c->nr_read = 0;
	c->nr_write = 0;
	c->read_len = 0;
	c->write_len = 0;
	return q->packed ? vq_packed_chain_get(q, pos, c) : split_chain_get(q, pos, c);
}

uint32_t
vq_chain_read(struct vq *q, const struct vq_chain *c, uint32_t skip, void *dst, uint32_t max)
{
	uint32_t done = 0, part, i;

	for (i = 0; i < c->nr_read && done < max; i++) {
		const struct vq_seg *s = &c->seg[i];

		if (skip >= s->len) {
			skip -= s->len;
			continue;
		}
		part = RTE_MIN(s->len - skip, max - done);
		memcpy((uint8_t *)dst + done, s->ptr + skip, part);
		if (q->log)
			vq_log_add(q->log, s->iova + skip, part, false);
		done += part;
		skip = 0;
	}
	return done;
}

uint32_t
vq_chain_write(struct vq *q, const struct vq_chain *c, uint32_t off, const void *src, uint32_t len)
{
	uint32_t done = 0, part, i;

	for (i = c->nr_read; i < c->nr_read + c->nr_write && done < len; i++) {
		const struct vq_seg *s = &c->seg[i];

		if (off >= s->len) {
			off -= s->len;
			continue;
		}
		part = RTE_MIN(s->len - off, len - done);
		memcpy(s->ptr + off, (const uint8_t *)src + done, part);
		if (q->log)
			vq_log_add(q->log, s->iova + off, part, true);
		done += part;
		off = 0;
	}
	return done;
}

static void
publish_trace(struct vq *q, uint16_t n)
{
	uint16_t first = q->published & q->mask, run = RTE_MIN(n, (uint16_t)(q->size - first));

	vq_log_add(q->log, q->used_iova + 4 + 8ull * first, 8u * run, true);
	if (n > run)
		vq_log_add(q->log, q->used_iova + 4, 8u * (n - run), true);
	vq_log_add(q->log, q->used_iova + 2, 2, true);
	vq_log_add(q->log, q->avail_iova, 4, false);
}

/** @return the driver wants an interrupt. */
static bool
split_publish(struct vq *q, uint16_t n)
{
	if (q->log)
		publish_trace(q, n);
	__atomic_store_n(&q->used->idx, q->next_used, __ATOMIC_RELEASE);
	/* 2.7.7: the index must be visible before the suppression flag is read. */
	rte_smp_mb();
	return !(__atomic_load_n(&q->avail->flags, __ATOMIC_RELAXED) & VRING_NO_INTERRUPT);
}

void
vq_publish(struct vq *q)
{
	uint16_t n = q->next_used - q->published;
	bool wanted;

	if (n == 0)
		return;
	wanted = q->packed ? vq_packed_publish(q, n) : split_publish(q, n);
	q->published = q->next_used;
	if (!wanted)
		return;
	q->stats.interrupts++;
	nic_irq_fire(q->nic, vq_vector(q));
}
