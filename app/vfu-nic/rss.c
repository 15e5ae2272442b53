/* SPDX-License-Identifier: BSD-3-Clause */

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_thash.h>

#include "rss.h"

#define IP_PROTO_TCP 6
#define IP_PROTO_UDP 17

void
rss_reset(struct rss *rss)
{
	memset(rss, 0, sizeof(*rss));
	rss->pairs = 1;
	memset(rss->learned, RSS_AUTO_NONE, sizeof(rss->learned));
}

void
rss_set_key(struct rss *rss, const uint8_t *key)
{
	uint32_t words[VIO_RSS_KEY / 4];

	memcpy(words, key, sizeof(words));
	rte_convert_rss_key(words, rss->key, sizeof(words));
}

static uint16_t
load16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
load32(const uint8_t *p)
{
	return (uint32_t)load16(p) << 16 | load16(p + 2);
}

static void
flow_ports(struct rss_flow *flow, uint8_t proto, const uint8_t *l4, uint32_t len, bool v6)
{
	if (len < 4 || (proto != IP_PROTO_TCP && proto != IP_PROTO_UDP))
		return;
	flow->words[flow->nr_addr] = load32(l4);
	if (proto == IP_PROTO_TCP)
		flow->type = v6 ? VIO_HASH_TCPV6 : VIO_HASH_TCPV4;
	else
		flow->type = v6 ? VIO_HASH_UDPV6 : VIO_HASH_UDPV4;
}

static void
flow_ipv4(struct rss_flow *flow, const uint8_t *ip, uint32_t len)
{
	uint32_t hl;

	if (len < 20 || ip[0] >> 4 != 4)
		return;
	hl = (ip[0] & 15u) * 4;
	flow->type = VIO_HASH_IPV4;
	flow->nr_addr = 2;
	flow->words[0] = load32(ip + 12);
	flow->words[1] = load32(ip + 16);
	/* Later fragments have no ports, and the first must go where they go. */
	if (hl < 20 || hl > len || load16(ip + 6) & 0x3fff)
		return;
	flow_ports(flow, ip[9], ip + hl, len - hl, false);
}

static void
flow_ipv6(struct rss_flow *flow, const uint8_t *ip, uint32_t len)
{
	uint32_t i;

	if (len < 40 || ip[0] >> 4 != 6)
		return;
	flow->type = VIO_HASH_IPV6;
	flow->nr_addr = 8;
	for (i = 0; i < 8; i++)
		flow->words[i] = load32(ip + 8 + 4 * i);
	flow_ports(flow, ip[6], ip + 40, len - 40, true);
}

void
rss_flow_get(const uint8_t *frame, uint32_t len, struct rss_flow *flow)
{
	uint32_t at = 12;
	uint16_t type;
	int tags;

	flow->type = 0;
	flow->nr_addr = 0;
	if (len < RTE_ETHER_HDR_LEN)
		return;
	type = load16(frame + at);
	for (tags = 0; tags < 2 && (type == RTE_ETHER_TYPE_VLAN || type == RTE_ETHER_TYPE_QINQ) &&
		       len >= at + 6;
	     tags++) {
		at += 4;
		type = load16(frame + at);
	}
	at += 2;
	if (type == RTE_ETHER_TYPE_IPV4)
		flow_ipv4(flow, frame + at, len - at);
	else if (type == RTE_ETHER_TYPE_IPV6)
		flow_ipv6(flow, frame + at, len - at);
}

bool
rss_toeplitz(const struct rss *rss, const struct rss_flow *flow, uint32_t *hash)
{
	uint32_t with_ports = VIO_HASH_TCPV4 | VIO_HASH_UDPV4 | VIO_HASH_TCPV6 | VIO_HASH_UDPV6;
	uint32_t ip = flow->nr_addr == 8 ? VIO_HASH_IPV6 : VIO_HASH_IPV4;
	uint32_t words[9], n;

	if (flow->type & rss->types & with_ports)
		n = flow->nr_addr + 1;
	else if (flow->type && rss->types & ip)
		n = flow->nr_addr;
	else
		return false;
	memcpy(words, flow->words, n * sizeof(words[0]));
	*hash = rte_softrss_be(words, n, (const uint8_t *)rss->key);
	return true;
}

static uint32_t
mix(uint32_t h)
{
	h ^= h >> 16;
	h *= 0x85ebca6bu;
	h ^= h >> 13;
	h *= 0xc2b2ae35u;
	return h ^ h >> 16;
}

uint32_t
rss_symmetric(const struct rss_flow *flow)
{
	uint32_t h = flow->type, half = flow->nr_addr / 2, ports, i;

	for (i = 0; i < half; i++)
		h = mix(h + (flow->words[i] ^ flow->words[half + i]));
	if (flow->type & ~(VIO_HASH_IPV4 | VIO_HASH_IPV6)) {
		ports = flow->words[flow->nr_addr];
		h = mix(h + ((ports >> 16) ^ (ports & 0xffff)));
	}
	return h;
}

uint16_t
rss_pair(const struct rss *rss, const uint8_t *frame, uint32_t len)
{
	struct rss_flow flow;
	uint32_t hash;
	uint16_t pair;

	if (rss->pairs <= 1 && !rss->on)
		return 0;
	rss_flow_get(frame, len, &flow);
	if (rss->on) {
		pair = rss_toeplitz(rss, &flow, &hash) ? rss->reta[hash & rss->mask]
						       : rss->unclassified;
		return pair < rss->pairs ? pair : 0;
	}
	if (flow.type == 0)
		return 0;
	hash = rss_symmetric(&flow);
	pair = __atomic_load_n(&rss->learned[hash % RSS_AUTO_SLOTS], __ATOMIC_RELAXED);
	return pair < rss->pairs ? pair : (uint16_t)(hash % rss->pairs);
}

void
rss_learn(struct rss *rss, const uint8_t *frame, uint32_t len, uint16_t pair)
{
	struct rss_flow flow;
	uint8_t *slot;

	if (rss->on || rss->pairs <= 1)
		return;
	rss_flow_get(frame, len, &flow);
	if (flow.type == 0)
		return;
	slot = &rss->learned[rss_symmetric(&flow) % RSS_AUTO_SLOTS];
	if (__atomic_load_n(slot, __ATOMIC_RELAXED) != pair)
		__atomic_store_n(slot, (uint8_t)pair, __ATOMIC_RELAXED);
}
