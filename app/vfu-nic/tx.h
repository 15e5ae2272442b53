/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Driver to device: frames out of a transmit queue.
 */

#ifndef VFU_NIC_TX_H
#define VFU_NIC_TX_H

#include "vq.h"

struct tx_frame {
	const uint8_t *data; /* NULL: gather it first */
	uint32_t len;
	uint16_t id;
};

/** Scratch that any frame fits in. */
#define TX_SCRATCH VQ_MAX_BYTES

/**
 * Frame at position pos into scratch (TX_SCRATCH bytes), whatever descriptors it lies in.
 * @return 0, -1 broken.
 */
int tx_gather(struct vq *q, uint16_t pos, uint8_t *scratch, struct tx_frame *f);

/** Look at up to max frames; where one lies in one descriptor, its pointer is there at once. */
static __rte_always_inline uint16_t
tx_peek(struct vq *q, struct tx_frame *f, uint16_t max)
{
	uint16_t n = vq_pending(q), i;
	const uint8_t *buf;

	n = RTE_MIN(n, max);
	for (i = 0; i < n; i++) {
		f[i].data = NULL;
		if (unlikely(q->log))
			continue;
		buf = vq_single(q, q->next_avail + i, false, &f[i].id, &f[i].len);
		if (unlikely(!buf || f[i].len < VNET_HDR_LEN))
			continue;
		f[i].data = buf + VNET_HDR_LEN;
		f[i].len -= VNET_HDR_LEN;
		rte_prefetch0(f[i].data);
	}
	return n;
}

/** Give the buffer back. */
static __rte_always_inline void
tx_done(struct vq *q, const struct tx_frame *f)
{
	q->next_avail++;
	vq_use(q, f->id, 0);
	q->stats.packets++;
	q->stats.bytes += f->len;
}

#endif /* VFU_NIC_TX_H */
