/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The device's end of packed rings: it reads and writes them as VIRTIO 1.2, 2.8 says. Layout and
 * flags once more, from the specification and not from the driver.
 */

#ifndef DEV_PACKED_H
#define DEV_PACKED_H

#include "ring_fixture.h"

#define SIZE 16
#define POOL 255

struct dev_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id, flags;
};
#define D_NEXT  0x0001
#define D_WRITE 0x0002
#define D_AVAIL 0x0080
#define D_USED  0x8000

/** Device's end: 2.8.1 with explicit wrap counters. */
struct dev {
	struct dev_desc *desc;
	uint16_t *drv_event, *dev_event; /* offset and wrap, flags */
	uint16_t avail, used;            /* next slot to look at, to write */
	bool avail_wrap, used_wrap;
};

/** A buffer that the device has taken. */
struct buf {
	uint16_t id, slots;
	uint8_t data[2048]; /* readable bytes */
	uint32_t len;
	uint64_t addr; /* of the first writable descriptor */
	uint32_t room;
};

static struct dev rdev, tdev;

static inline void
dev_init(struct dev *d, struct vnet_vq *vq)
{
	*d = (struct dev){.desc = (struct dev_desc *)vq->pdesc,
			  .drv_event = (uint16_t *)vq->drv_event,
			  .dev_event = (uint16_t *)vq->dev_event,
			  .avail_wrap = true,
			  .used_wrap = true};
	vq->notify = &bell;
}

static inline bool
dev_has(const struct dev *d)
{
	uint16_t f = d->desc[d->avail].flags;

	return !!(f & D_AVAIL) == d->avail_wrap && !!(f & D_USED) != d->avail_wrap;
}

/** Take one buffer: all its descriptors, in ring order. */
static inline void
dev_take(struct dev *d, struct buf *b)
{
	bool more;

	b->slots = 0;
	b->len = 0;
	b->room = 0;
	do {
		const struct dev_desc *e = &d->desc[d->avail];

		assert_true(dev_has(d));
		more = e->flags & D_NEXT;
		b->id = e->id;
		if (e->flags & D_WRITE) {
			b->addr = e->addr;
			b->room = e->len;
		} else {
			assert_true(b->len + e->len <= sizeof(b->data));
			memcpy(b->data + b->len, (void *)(uintptr_t)e->addr, e->len);
			b->len += e->len;
		}
		b->slots++;
		d->avail = (d->avail + 1) % SIZE;
		d->avail_wrap ^= d->avail == 0;
	} while (more);
}

/** One used descriptor for so many slots. */
static inline void
dev_use(struct dev *d, uint16_t id, uint32_t len, uint16_t slots)
{
	struct dev_desc *e = &d->desc[d->used];

	e->id = id;
	e->len = len;
	e->flags = d->used_wrap ? D_AVAIL | D_USED : 0;
	d->used += slots;
	d->used_wrap ^= d->used >= SIZE;
	d->used %= SIZE;
}

/** A frame of len bytes, all of value seq, into one buffer; not used yet. */
static inline void
dev_frame(struct dev *d, struct buf *b, uint8_t seq, uint32_t len, uint16_t num_buffers)
{
	uint8_t *p;

	dev_take(d, b);
	assert_int_equal(b->room, 12 + ROOM);
	p = (uint8_t *)(uintptr_t)b->addr;
	memset(p, 0, 12);
	p[10] = (uint8_t)num_buffers;
	memset(p + 12, seq, len);
}

static inline void
dev_rx(struct dev *d, uint8_t seq, uint32_t len)
{
	struct buf b;

	dev_frame(d, &b, seq, len, 1);
	dev_use(d, b.id, 12 + len, 1);
}

/** Both queues, from the beginning. */
static inline void
start(void)
{
	vnet_rxq_clear(rxq);
	vnet_txq_clear(txq);
	dev_init(&rdev, &rxq->vq);
	dev_init(&tdev, &txq->vq);
	assert_int_equal(vnet_rxq_fill(rxq), 0);
	assert_false(dev_has(&rdev));
	vnet_rxq_show(rxq);
	vnet_vq_set_off(&rxq->vq, VNET_ON);
	vnet_vq_set_off(&txq->vq, VNET_ON);
	bell = 0xffff;
}

/** A packet as a device reads it: header of zeros, then len bytes of value seq. */
static inline void
tx_check(const struct buf *b, uint8_t seq, uint32_t len)
{
	uint32_t i;

	assert_int_equal(b->len, 12 + len);
	for (i = 0; i < b->len; i++)
		assert_int_equal(b->data[i], i < 12 ? 0 : seq);
}

static inline int
setup(void **state)
{
	ring_new(&(const struct ring_sizes){.size = SIZE, .thresh = 4, .pool = POOL}, true);
	start();
	return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, ring_teardown)

#endif /* DEV_PACKED_H */
