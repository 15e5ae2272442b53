/* SPDX-License-Identifier: BSD-3-Clause */

/* Toeplitz against the published verification suite of RSS; steering by it and without it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gen.h"
#include "rss.h"

static const uint8_t key[VIO_RSS_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

static const struct vector {
	int family;
	const char *dst, *src;
	uint16_t dport, sport;
	uint32_t ip, tcp;
} vectors[] = {
	{AF_INET, "161.142.100.80", "66.9.149.187", 1766, 2794, 0x323e8fc2, 0x51ccc178},
	{AF_INET, "65.69.140.83", "199.92.111.2", 4739, 14230, 0xd718262a, 0xc626b0ea},
	{AF_INET, "12.22.207.184", "24.19.198.95", 38024, 12898, 0xd2d0a5de, 0x5c2b394a},
	{AF_INET, "209.142.163.6", "38.27.205.30", 2217, 48228, 0x82989176, 0xafc7327f},
	{AF_INET, "202.188.127.2", "153.39.163.191", 1303, 44251, 0x5d1809c5, 0x10e828a2},
	{AF_INET6, "3ffe:2501:200:3::1", "3ffe:2501:200:1fff::7", 1766, 2794, 0x2cc18cd5,
	 0x40207d3d},
	{AF_INET6, "ff02::1", "3ffe:501:8::260:97ff:fe40:efab", 4739, 14230, 0x0f0c461c,
	 0xdde51bbf},
	{AF_INET6, "fe80::200:f8ff:fe21:67cf", "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 38024, 44251,
	 0x4b61e985, 0x02d1feef},
};

/** Ethernet frame of 80 bytes with one VLAN tag when asked for. */
static uint32_t
frame_make(uint8_t *f, const struct vector *v, uint8_t proto, bool vlan)
{
	uint16_t ports[2] = {htons(v->sport), htons(v->dport)};
	uint32_t at = 14;

	memset(f, 0, 80);
	if (vlan) {
		f[12] = 0x81;
		f[15] = 5;
		at += 4;
	}
	if (v->family == AF_INET) {
		f[at - 2] = 0x08;
		f[at] = 0x45;
		f[at + 9] = proto;
		inet_pton(AF_INET, v->src, f + at + 12);
		inet_pton(AF_INET, v->dst, f + at + 16);
		memcpy(f + at + 20, ports, 4);
		return at + 24;
	}
	f[at - 2] = 0x86;
	f[at - 1] = 0xdd;
	f[at] = 0x60;
	f[at + 6] = proto;
	inet_pton(AF_INET6, v->src, f + at + 8);
	inet_pton(AF_INET6, v->dst, f + at + 24);
	memcpy(f + at + 40, ports, 4);
	return at + 44;
}

static void
published_vectors(void **state)
{
	struct rss_flow flow;
	struct rss rss;
	uint8_t f[80];
	uint32_t len, hash;
	size_t i;

	rss_reset(&rss);
	rss_set_key(&rss, key);
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		len = frame_make(f, &vectors[i], 6, i & 1);
		rss_flow_get(f, len, &flow);
		rss.types = VIO_HASH_TCPV4 | VIO_HASH_TCPV6;
		assert_true(rss_toeplitz(&rss, &flow, &hash));
		assert_int_equal(hash, vectors[i].tcp);
		rss.types = VIO_HASH_IPV4 | VIO_HASH_IPV6;
		assert_true(rss_toeplitz(&rss, &flow, &hash));
		assert_int_equal(hash, vectors[i].ip);
		rss.types = VIO_HASH_UDPV4 | VIO_HASH_UDPV6;
		assert_false(rss_toeplitz(&rss, &flow, &hash));
	}
}

static void
table_and_unclassified(void **state)
{
	struct rss rss;
	uint8_t f[80];
	uint32_t len = frame_make(f, &vectors[0], 6, false);

	rss_reset(&rss);
	assert_int_equal(rss_pair(&rss, f, len), 0);
	rss_set_key(&rss, key);
	rss.pairs = 8;
	rss.on = true;
	rss.types = VIO_HASH_ALL;
	rss.mask = 127;
	rss.unclassified = 3;
	rss.reta[vectors[0].tcp & 127] = 5;
	assert_int_equal(rss_pair(&rss, f, len), 5);
	f[12] = 0x08;
	f[13] = 0x06;
	assert_int_equal(rss_pair(&rss, f, len), 3);
	rss.unclassified = 9;
	assert_int_equal(rss_pair(&rss, f, len), 0);
}

static void
both_directions_meet(void **state)
{
	struct vector there = vectors[0], back = there;
	uint8_t f[80], g[80];
	struct rss rss;
	uint32_t n, pair;

	back.dst = there.src;
	back.src = there.dst;
	back.dport = there.sport;
	back.sport = there.dport;
	rss_reset(&rss);
	rss.pairs = 8;
	n = frame_make(f, &there, 17, false);
	frame_make(g, &back, 17, true);
	assert_int_equal(rss_pair(&rss, f, n), rss_pair(&rss, g, n + 4));
	pair = (rss_pair(&rss, f, n) + 3) % 8;
	rss_learn(&rss, f, n, (uint16_t)pair);
	assert_int_equal(rss_pair(&rss, g, n + 4), pair);
	/* A queue that is no longer active is no answer. */
	rss.pairs = 1;
	assert_int_equal(rss_pair(&rss, g, n + 4), 0);
}

static void
cut_frames(void **state)
{
	uint8_t f[80], *cut;
	struct rss_flow flow;
	uint32_t n, len;
	size_t i;

	for (i = 0; i < 8; i += 5) {
		n = frame_make(f, &vectors[i], 6, true);
		for (len = 0; len < n; len++) {
			/* Exactly as long as said, so that a sanitizer sees a step beyond. */
			cut = malloc(len + 1);
			memcpy(cut + 1, f, len);
			rss_flow_get(cut + 1, len, &flow);
			assert_true(flow.type != VIO_HASH_TCPV4 && flow.type != VIO_HASH_TCPV6);
			free(cut);
		}
	}
}

/** The generator's frames as RSS and as our hash spread them. @return queues that get none. */
static uint16_t
starved(struct rss *rss, uint16_t pairs)
{
	static const uint8_t mac[6] = {2, 0x53, 0x54, 0, 0, 1};
	static uint8_t pattern[GEN_MAX];
	bool served[16] = {false};
	struct gen_head head;
	struct gen_conf conf;
	uint16_t n = pairs, i;
	uint32_t flow, sum;
	char err[64];

	assert_int_equal(gen_conf_parse("gen", &conf, err, sizeof(err)), 0);
	gen_pattern(pattern);
	for (i = 0; i < VIO_RSS_RETA; i++)
		rss->reta[i] = i % pairs;
	rss->pairs = pairs;
	rss->mask = VIO_RSS_RETA - 1;
	for (flow = 0; flow < conf.flows; flow++) {
		gen_head_make(&conf, mac, pattern, flow, 64, &head, &sum);
		i = rss_pair(rss, head.bytes, GEN_HEAD);
		n -= !served[i];
		served[i] = true;
	}
	return n;
}

static void
default_flows_reach_every_queue(void **state)
{
	static struct rss own, ip, udp;
	uint16_t pairs;

	rss_reset(&own);
	rss_reset(&ip);
	ip.on = true;
	ip.types = VIO_HASH_IPV4;
	rss_set_key(&ip, key);
	udp = ip;
	udp.types |= VIO_HASH_UDPV4;
	for (pairs = 1; pairs <= 16; pairs++) {
		assert_int_equal(starved(&own, pairs), 0);
		assert_int_equal(starved(&ip, pairs), 0);
		assert_int_equal(starved(&udp, pairs), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(table_and_unclassified),
		cmocka_unit_test(both_directions_meet),
		cmocka_unit_test(cut_frames),
		cmocka_unit_test(default_flows_reach_every_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
