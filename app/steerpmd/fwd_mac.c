/* SPDX-License-Identifier: BSD-3-Clause */

/* The modes that rewrite the two Ethernet addresses, bytes 0 to 11 of a packet. */

#include "fwd.h"

#define ADDRS_LEN (2 * RTE_ETHER_ADDR_LEN)

static void
mac_change(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);

		if (pkts[i]->data_len < sizeof(*eth))
			continue;
		rte_ether_addr_copy(&fs->dst, &eth->dst_addr);
		rte_ether_addr_copy(&fs->src, &eth->src_addr);
		fwd_trace(fs, eth, ADDRS_LEN, STEER_CACHE_OP_STORE);
	}
}

static void
macswap_change(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_ether_addr addr;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);

		if (pkts[i]->data_len < sizeof(*eth))
			continue;
		rte_ether_addr_copy(&eth->dst_addr, &addr);
		rte_ether_addr_copy(&eth->src_addr, &eth->dst_addr);
		rte_ether_addr_copy(&addr, &eth->src_addr);
		fwd_trace(fs, eth, ADDRS_LEN, STEER_CACHE_OP_LOAD);
		fwd_trace(fs, eth, ADDRS_LEN, STEER_CACHE_OP_STORE);
	}
}

const struct fwd_engine fwd_engine_mac = {.rx = true, .tx = true, .change = mac_change};

const struct fwd_engine fwd_engine_macswap = {.rx = true, .tx = true, .change = macswap_change};
