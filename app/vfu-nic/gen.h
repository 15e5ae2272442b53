/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Frames of the built-in generator. Layout of every frame (big-endian, without FCS):
 *
 *   0  Ethernet: destination = the device's MAC, source 02:53:47:45:4e:00, type 0x0800
 *  14  IPv4: 20 bytes, ttl 64, protocol UDP, don't fragment, valid checksum;
 *      source 198.18.0.0 + flow, destination 198.19.0.0 + mix(seed, flow) (RFC 2544 range)
 *  34  UDP: source port 1024 + mix(seed, flow) % 60000, destination port 9, valid checksum
 *  42  flow number, 4 bytes
 *  46  0x5347, 2 bytes
 *  48  sequence number of the flow, 8 bytes, from 0
 *  56  frame length, 4 bytes
 *  60  pattern: byte at offset i is (7 * i + 3) & 0xff
 */

#ifndef VFU_NIC_GEN_H
#define VFU_NIC_GEN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_common.h>

#include <steer_trace.h>

#define GEN_HEAD      64u /* bytes that differ between frames */
#define GEN_MIN       60u
#define GEN_MAX       9018u
#define GEN_MAX_SIZES 16u
#define GEN_MAX_FLOWS 65536u
#define GEN_MAX_ZIPF  5000u /* thousandths: beyond, one flow is all there is */
/* These flows reach every queue of any number up to 16, by our hash and by RSS with the usual key;
 * of seeds one in ten does. */
#define GEN_DEF_FLOWS 64u
#define GEN_DEF_SEED  8u
#define GEN_MAGIC     0x5347u
#define GEN_OFF_CSUM  40u
#define GEN_OFF_FLOW  42u
#define GEN_OFF_SEQ   48u

/** One flow at one size, all but sequence number and UDP checksum. */
struct gen_head {
	uint8_t bytes[GEN_HEAD];
};

/** What --wire gen,... says. */
struct gen_conf {
	uint16_t sizes[GEN_MAX_SIZES]; /* in the order they are sent, or drawn by weight */
	uint32_t weights[GEN_MAX_SIZES];
	uint16_t nr_sizes;
	bool mixed; /* drawn */
	uint32_t flows;
	uint32_t zipf_milli; /* flow i has popularity (i + 1) ^ -(zipf_milli / 1000); 0: in turn */
	uint64_t seed;
	uint64_t rate;  /* packets a second, all queues together; 0: as fast as it goes */
	uint64_t count; /* packets, then the wire is at its end; 0: never */
};

/** @return 0, or -EINVAL with the reason in err. (gen_conf.c) */
int gen_conf_parse(const char *text, struct gen_conf *conf, char *err, size_t errlen);
/** What a session wants instead of conf, into conf. @return 0, -EINVAL not such traffic. */
int gen_conf_session(struct gen_conf *conf, const struct steer_trace_gen *want);
/** Head of a flow's frame with sequence 0; *sum is the UDP sum so far, for gen_finish(). */
void gen_head_make(const struct gen_conf *conf, const uint8_t mac[6], const uint8_t *pattern,
		   uint32_t flow, uint16_t size, struct gen_head *head, uint32_t *sum);
/** The pattern bytes for offsets 0..GEN_MAX-1 of a frame. */
void gen_pattern(uint8_t pattern[GEN_MAX]);

/** Write a whole frame: dst has size bytes. */
static __rte_always_inline void
gen_write(uint8_t *dst, const struct gen_head *head, uint32_t sum, uint64_t seq, uint32_t size,
	  const uint8_t *pattern)
{
	uint64_t be = rte_cpu_to_be_64(seq), acc;
	uint16_t csum;

	if (likely(size >= GEN_HEAD)) {
		memcpy(dst, head->bytes, GEN_HEAD);
		if (size > GEN_HEAD)
			memcpy(dst + GEN_HEAD, pattern + GEN_HEAD, size - GEN_HEAD);
	} else {
		memcpy(dst, head->bytes, size);
	}
	memcpy(dst + GEN_OFF_SEQ, &be, sizeof(be));
	/* RFC 1071: the sum of the sequence number's four words joins the prepared rest. */
	acc = (uint64_t)sum + (uint32_t)be + (be >> 32);
	acc = (acc & 0xffff) + (acc >> 16 & 0xffff) + (acc >> 32);
	acc = (acc & 0xffff) + (acc >> 16);
	acc = (acc & 0xffff) + (acc >> 16);
	csum = (uint16_t)~acc;
	if (unlikely(csum == 0))
		csum = 0xffff;
	memcpy(dst + GEN_OFF_CSUM, &csum, sizeof(csum));
}

/** What gen_check() found in a frame. */
enum gen_verdict { GEN_GOOD, GEN_FOREIGN, GEN_DAMAGED };

/**
 * Is this a frame of the generator, and is every byte as it was written? The MAC addresses
 * (bytes 0-11) are not looked at: forwarders rewrite them.
 */
enum gen_verdict gen_check(const struct gen_conf *conf, const uint8_t *frame, uint32_t len,
			   const uint8_t *pattern, uint32_t *flow, uint64_t *seq);

#endif /* VFU_NIC_GEN_H */
