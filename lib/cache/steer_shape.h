/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Shapes of NIC rings as data: what descriptors and completions of a make of NIC take of a cache,
 * so that the model can show a forwarder on that NIC although the packets move over virtio rings.
 * Only the rings' memory is exchanged: packets, their order, buffers and times stay what they are.
 */

#ifndef STEER_SHAPE_H
#define STEER_SHAPE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One shape. Sizes in bytes; the sources are in shapes.c. */
struct steer_ring_shape {
	const char *name;
	const char *desc;
	int as_is;           /**< 1: the rings are left as the driver has them */
	uint16_t rx_desc;    /**< of an Rx buffer */
	uint16_t rx_done;    /**< of a completion written by the device */
	uint16_t rx_share;   /**< received packets that one completion is for */
	uint16_t tx_desc;    /**< of a packet that is sent */
	uint16_t tx_done;    /**< of a completion */
	uint16_t tx_share;   /**< sent packets that one completion is for */
	uint16_t pkt_header; /**< in front of each packet's data, between driver and device */
	uint16_t doorbell;   /**< of a doorbell record in memory, a line each; 0: none */
};

/** "" is virtio. @return shape, or NULL. */
const struct steer_ring_shape *steer_shape_find(const char *name);
/** Iterate: NULL gives the first, NULL at the end. */
const struct steer_ring_shape *steer_shape_next(const struct steer_ring_shape *s);

#ifdef __cplusplus
}
#endif
#endif /* STEER_SHAPE_H */
