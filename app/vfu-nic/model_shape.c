/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Rings of another shape (steer_shape.h): an access to a virtqueue's areas becomes one to the same
 * element of the shape's descriptors or completions, or to a doorbell record, in memory that only
 * the model knows. What the shape has no equivalent of (the available ring, flags, indices) is
 * gone. Everything that is not a ring stays where it is.
 */

#include "model_priv.h"

/* A file that no client has: ranks of files count from 0. */
#define SHAPE_BASE (0xfffffull << 44)
#define PAGE       4096u
/* Doorbell records, a line each. */
#define BELL_RING  0u /* of the queue: what is available */
#define BELL_DONE  1u /* of its completions: what was taken */

/** Where a queue's memory is, and how large its elements are. */
struct place {
	uint64_t desc, done, bells;
	uint32_t desc_bytes, done_bytes, share, bell_bytes;
};

/* A page between areas, or those of all queues would begin in the same sets. */
static uint64_t
area_bytes(uint64_t bytes)
{
	return RTE_ALIGN_CEIL(bytes, PAGE) + PAGE;
}

static struct place
place_of(const struct steer_ring_shape *s, const struct vq *q)
{
	uint64_t descs = area_bytes((uint64_t)q->max_size * RTE_MAX(s->rx_desc, s->tx_desc));
	uint64_t dones = area_bytes((uint64_t)q->max_size * RTE_MAX(s->rx_done, s->tx_done));
	uint64_t base = SHAPE_BASE + q->index * (descs + dones + PAGE);
	bool tx = q->index & 1;

	return (struct place){
		.desc = base,
		.done = base + descs,
		.bells = base + descs + dones,
		.desc_bytes = tx ? s->tx_desc : s->rx_desc,
		.done_bytes = tx ? s->tx_done : s->rx_done,
		.share = tx ? s->tx_share : s->rx_share,
		.bell_bytes = s->doorbell,
	};
}

static enum shape_result
to_desc(const struct place *p, uint64_t off, uint32_t size, struct model_access *a)
{
	uint64_t first = off / size, last = (off + a->len - 1) / size;

	a->addr = p->desc + first * p->desc_bytes;
	a->len = (uint32_t)(last - first + 1) * p->desc_bytes;
	return SHAPE_MAPPED;
}

static enum shape_result
to_done(const struct place *p, uint64_t off, uint32_t size, struct model_access *a)
{
	uint64_t first = off / size / p->share, last = (off + a->len - 1) / size / p->share;

	a->addr = p->done + first * p->done_bytes;
	a->len = (uint32_t)(last - first + 1) * p->done_bytes;
	return SHAPE_MAPPED;
}

static enum shape_result
to_bell(const struct place *p, uint32_t line, uint8_t op, struct model_access *a)
{
	if (p->bell_bytes == 0)
		return SHAPE_GONE;
	a->addr = p->bells + (uint64_t)line * STEER_CACHE_LINE;
	a->len = p->bell_bytes;
	a->op = op;
	return SHAPE_MAPPED;
}

/* VIRTIO 1.2, 2.7: flags and index of 2 bytes each, then the elements. */
static enum shape_result
split(const struct place *p, const struct vq *q, struct model_access *a)
{
	uint64_t desc = a->addr - q->desc_iova, avail = a->addr - q->avail_iova,
		 used = a->addr - q->used_iova;

	if (desc < 16ull * q->size)
		return to_desc(p, desc, 16, a);
	if (avail < 6 + 2ull * q->size) {
		if (a->cpu)
			return avail == 2 ? to_bell(p, BELL_RING, STEER_CACHE_OP_STORE, a)
					  : SHAPE_GONE;
		return avail == 0 ? to_bell(p, BELL_RING, STEER_CACHE_OP_LOAD, a) : SHAPE_GONE;
	}
	if (used >= 6 + 8ull * q->size)
		return SHAPE_PLAIN;
	if (used >= 4)
		return to_done(p, used - 4, 8, a);
	/* To look how far the device is: in the shape, to tell it what was taken. */
	return a->cpu && used == 2 ? to_bell(p, BELL_DONE, STEER_CACHE_OP_STORE, a) : SHAPE_GONE;
}

/* 2.8: one ring, in which the driver stores descriptors and the device their completions. */
static enum shape_result
packed(const struct place *p, const struct vq *q, struct model_access *a)
{
	uint64_t desc = a->addr - q->desc_iova, drv = a->addr - q->avail_iova,
		 dev = a->addr - q->used_iova;
	bool store = a->op == STEER_CACHE_OP_STORE;

	if (desc < 16ull * q->size)
		return store == a->cpu ? to_desc(p, desc, 16, a) : to_done(p, desc, 16, a);
	if (drv < 4)
		return a->cpu ? SHAPE_GONE : to_bell(p, BELL_RING, STEER_CACHE_OP_LOAD, a);
	if (dev < 4)
		return a->cpu ? to_bell(p, BELL_RING, STEER_CACHE_OP_STORE, a) : SHAPE_GONE;
	return SHAPE_PLAIN;
}

enum shape_result
model_shape(const struct model *m, const struct vq *q, struct model_access *a)
{
	struct place p;

	if (m->shape->as_is || !q->live)
		return SHAPE_PLAIN;
	p = place_of(m->shape, q);
	return q->packed ? packed(&p, q, a) : split(&p, q, a);
}
