/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Device to driver: one frame into a receive queue.
 */

#ifndef VFU_NIC_RX_H
#define VFU_NIC_RX_H

#include <rte_cycles.h>

#include "vq.h"

enum rx_result { RX_DONE, RX_WAIT, RX_DROPPED, RX_BROKEN };

/**
 * Frame into whatever buffers the driver gave: chains, several buffers with MRG_RXBUF, indirect
 * tables. RX_WAIT: not enough buffers yet. RX_DROPPED: no set of buffers of this ring can hold it.
 */
enum rx_result rx_put_chain(struct vq *q, const uint8_t *frame, uint32_t len);

/** The frame in this buffer is written: note when. An id is the driver's word, and may be any. */
static __rte_always_inline void
rx_stamp(const struct vq *q, uint16_t id)
{
	if (unlikely(q->stamps))
		__atomic_store_n(&q->stamps[id & q->stamp_mask], rte_rdtsc(), __ATOMIC_RELAXED);
}

/** Header of a frame that lies in one buffer: 12 zero bytes but num_buffers = 1 (5.1.6.4). */
static __rte_always_inline void
rx_header(uint8_t *buf)
{
	const uint64_t zero = 0;
	const uint32_t one_buffer = 1u << 16;

	memcpy(buf, &zero, 8);
	memcpy(buf + 8, &one_buffer, 4);
}

/** Same as rx_put_chain(), fast where the next buffer is one big enough descriptor. */
static __rte_always_inline enum rx_result
rx_put(struct vq *q, const uint8_t *frame, uint32_t len)
{
	uint32_t room;
	uint8_t *buf;
	uint16_t id;

	if (unlikely(vq_pending(q) == 0))
		return q->broken ? RX_BROKEN : RX_WAIT;
	buf = unlikely(q->log) ? NULL : vq_single(q, q->next_avail, true, &id, &room);
	if (unlikely(!buf || room < len + VNET_HDR_LEN))
		return rx_put_chain(q, frame, len);
	q->next_avail++;
	rx_header(buf);
	memcpy(buf + VNET_HDR_LEN, frame, len);
	rx_stamp(q, id);
	vq_use(q, id, len + VNET_HDR_LEN);
	q->stats.packets++;
	q->stats.bytes += len;
	return RX_DONE;
}

#endif /* VFU_NIC_RX_H */
