/* SPDX-License-Identifier: BSD-3-Clause */

#include "gen.h"
#include "pick.h"

static const uint8_t src_mac[6] = {0x02, 0x53, 0x47, 0x45, 0x4e, 0x00};

void
gen_pattern(uint8_t pattern[GEN_MAX])
{
	uint32_t i;

	for (i = 0; i < GEN_MAX; i++)
		pattern[i] = (uint8_t)(7 * i + 3);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/** Sum of 16-bit words as they lie in memory; RFC 1071 needs no byte order. */
static uint32_t
sum16(const uint8_t *p, uint32_t len, uint32_t sum)
{
	uint16_t word;

	for (; len > 1; len -= 2, p += 2) {
		memcpy(&word, p, 2);
		sum += word;
	}
	if (len) {
		word = 0;
		memcpy(&word, p, 1);
		sum += word;
	}
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/** Bits that look random: two flows differ in more than their number, whatever the hash. */
static uint64_t
flow_bits(const struct gen_conf *conf, uint32_t flow)
{
	return pick_mix((conf->seed + 1) * 0x9e3779b97f4a7c15ull + flow);
}

void
gen_head_make(const struct gen_conf *conf, const uint8_t mac[6], const uint8_t *pattern,
	      uint32_t flow, uint16_t size, struct gen_head *head, uint32_t *sum)
{
	uint8_t *b = head->bytes;
	const uint64_t bits = flow_bits(conf, flow);
	uint16_t csum, pseudo[2];

	memset(b, 0, GEN_HEAD);
	memcpy(b, mac, 6);
	memcpy(b + 6, src_mac, 6);
	put16(b + 12, 0x0800);
	b[14] = 0x45;
	put16(b + 16, size - 14u);
	put16(b + 20, 0x4000);
	b[22] = 64;
	b[23] = 17;
	put32(b + 26, 0xc6120000u + flow);
	put32(b + 30, 0xc6130000u + (uint32_t)(bits >> 48));
	csum = fold(sum16(b + 14, 20, 0));
	memcpy(b + 24, &csum, 2);
	put16(b + 34, (uint32_t)(1024 + bits % 60000));
	put16(b + 36, 9);
	put16(b + 38, size - 34u);
	put32(b + GEN_OFF_FLOW, flow);
	put16(b + 46, GEN_MAGIC);
	put32(b + 56, size);
	memcpy(b + 60, pattern + 60, 4);
	put16((uint8_t *)&pseudo[0], 17);
	put16((uint8_t *)&pseudo[1], size - 34u);
	*sum = sum16(b + 26, 8, (uint32_t)pseudo[0] + pseudo[1]);
	*sum = sum16(b + 34, RTE_MIN(size, (uint16_t)GEN_HEAD) - 34u, *sum);
	if (size > GEN_HEAD)
		*sum = sum16(pattern + GEN_HEAD, size - GEN_HEAD, *sum);
}

enum gen_verdict
gen_check(const struct gen_conf *conf, const uint8_t *frame, uint32_t len, const uint8_t *pattern,
	  uint32_t *flow, uint64_t *seq)
{
	uint8_t want[GEN_MAX];
	struct gen_head head;
	uint64_t be;
	uint32_t sum;

	if (len < GEN_MIN || frame[46] != GEN_MAGIC >> 8 || frame[47] != (GEN_MAGIC & 0xff))
		return GEN_FOREIGN;
	*flow = get32(frame + GEN_OFF_FLOW);
	if (*flow >= conf->flows || len != get32(frame + 56) || len > GEN_MAX)
		return GEN_DAMAGED;
	memcpy(&be, frame + GEN_OFF_SEQ, sizeof(be));
	*seq = rte_be_to_cpu_64(be);
	gen_head_make(conf, frame, pattern, *flow, (uint16_t)len, &head, &sum);
	gen_write(want, &head, sum, *seq, len, pattern);
	return memcmp(frame + 12, want + 12, len - 12) == 0 ? GEN_GOOD : GEN_DAMAGED;
}
