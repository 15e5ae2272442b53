/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The device's end of split rings: it reads and writes them as VIRTIO 1.2, 2.7 says. Layouts,
 * offsets and flags once more, from the specification and not from the driver.
 */

#ifndef DEV_SPLIT_H
#define DEV_SPLIT_H

#include "ring_fixture.h"

#define SIZE 64
#define POOL 511

struct dev_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};
#define D_NEXT  1
#define D_WRITE 2

/** Device's end of one virtqueue. */
struct dev {
	struct dev_desc *desc;
	uint16_t *avail; /* flags, idx, ring */
	uint16_t *used;  /* flags, idx; elements of two 32-bit words follow */
	uint16_t last;   /* available entries taken */
	uint16_t idx;    /* used elements written */
};

static struct dev rdev, tdev;

static inline void
dev_init(struct dev *d, struct vnet_vq *vq)
{
	memset(d, 0, sizeof(*d));
	d->desc = (struct dev_desc *)vq->desc;
	d->avail = (uint16_t *)vq->avail;
	d->used = (uint16_t *)vq->used;
	vq->notify = &bell;
}

static inline uint16_t
dev_pending(const struct dev *d)
{
	return d->avail[1] - d->last;
}

/** Take an available head; the caller completes it in any order. */
static inline uint16_t
dev_take(struct dev *d)
{
	return d->avail[2 + d->last++ % SIZE];
}

static inline void
dev_used(struct dev *d, uint32_t id, uint32_t len)
{
	uint32_t *e = (uint32_t *)&d->used[2] + 2 * (d->idx++ % SIZE);

	e[0] = id;
	e[1] = len;
}

static inline void
dev_publish(struct dev *d)
{
	d->used[1] = d->idx;
}

/** Put a frame of len bytes, all of value seq, into one buffer. @return its head. */
static inline uint16_t
dev_frame(struct dev *d, uint8_t seq, uint32_t len, uint16_t num_buffers)
{
	uint16_t head = dev_take(d);
	uint8_t *buf = (uint8_t *)(uintptr_t)d->desc[head].addr;

	assert_int_equal(d->desc[head].flags, D_WRITE);
	assert_true(d->desc[head].len >= 12 + len);
	memset(buf, 0, 12);
	buf[10] = (uint8_t)num_buffers;
	memset(buf + 12, seq, len);
	return head;
}

static inline void
dev_rx(struct dev *d, uint8_t seq, uint32_t len)
{
	dev_used(d, dev_frame(d, seq, len, 1), 12 + len);
	dev_publish(d);
}

/** Both queues, from the beginning. */
static inline void
start(void)
{
	vnet_rxq_clear(rxq);
	vnet_txq_clear(txq);
	assert_int_equal(vnet_rxq_fill(rxq), 0);
	vnet_vq_publish(&rxq->vq);
	vnet_vq_set_off(&rxq->vq, VNET_ON);
	vnet_vq_set_off(&txq->vq, VNET_ON);
	dev_init(&rdev, &rxq->vq);
	dev_init(&tdev, &txq->vq);
	bell = 0xffff;
}

static inline int
setup(void **state)
{
	ring_new(&(const struct ring_sizes){.size = SIZE, .thresh = 16, .pool = POOL}, false);
	start();
	return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, ring_teardown)

#endif /* DEV_SPLIT_H */
