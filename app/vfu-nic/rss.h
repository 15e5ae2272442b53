/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Which receive queue a frame belongs to: RSS as the driver set it (virtio 1.2, 5.1.6.4.3), else a
 * hash of the 5-tuple that is the same for both directions, with a table that learns from what the
 * driver sends (automatic steering, 5.1.6.5.5).
 */

#ifndef VFU_NIC_RSS_H
#define VFU_NIC_RSS_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio_spec.h"

#define RSS_AUTO_SLOTS 4096u
#define RSS_AUTO_NONE  0xffu

/** The addresses and ports of a frame. */
struct rss_flow {
	uint32_t type;     /* the one VIO_HASH_* bit that describes it best; 0: not IP */
	uint32_t words[9]; /* source, destination address, ports, in host order by words */
	uint8_t nr_addr;   /* words of both addresses: 2 or 8 */
};

struct rss {
	uint16_t pairs; /* active */
	bool on;        /* RSS as below, else automatic */
	uint32_t types;
	uint16_t mask;
	uint16_t unclassified;
	uint16_t reta[VIO_RSS_RETA];
	uint32_t key[VIO_RSS_KEY / 4];   /* big-endian words turned to host order */
	uint8_t learned[RSS_AUTO_SLOTS]; /* atomic; pair, or RSS_AUTO_NONE */
};

/** One pair, no RSS, nothing learned. */
void rss_reset(struct rss *rss);
/** Set the key (VIO_RSS_KEY bytes as on the wire). */
void rss_set_key(struct rss *rss, const uint8_t *key);
/** Take the 5-tuple out of an Ethernet frame; never reads beyond len. */
void rss_flow_get(const uint8_t *frame, uint32_t len, struct rss_flow *flow);
/** Toeplitz hash over the fields that types asks for. @return false: nothing to hash. */
bool rss_toeplitz(const struct rss *rss, const struct rss_flow *flow, uint32_t *hash);
/** Hash of our own, equal for both directions of a flow. */
uint32_t rss_symmetric(const struct rss_flow *flow);
/** Pair whose receive queue the frame goes to; always below rss->pairs. */
uint16_t rss_pair(const struct rss *rss, const uint8_t *frame, uint32_t len);
/** The driver sent this frame on that pair: answers shall come back there. */
void rss_learn(struct rss *rss, const uint8_t *frame, uint32_t len, uint16_t pair);

#endif /* VFU_NIC_RSS_H */
