/* SPDX-License-Identifier: BSD-3-Clause */

/* Made packets: UDP to the discard port between two addresses of RFC 2544's benchmark network. */

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "fwd.h"

#define UDP_PORT 9

struct txonly_hdr {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
} __rte_packed __rte_aligned(2);
_Static_assert(sizeof(struct txonly_hdr) == 42, "headers are 42 bytes");

static void
hdr_fill(const struct fwd_stream *fs, struct txonly_hdr *h)
{
	uint16_t ip_len = fs->pkt_len - sizeof(h->eth);

	*h = (struct txonly_hdr){
		.eth.dst_addr = fs->dst,
		.eth.src_addr = fs->src,
		.eth.ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4),
		.ip.version_ihl = RTE_IPV4_VHL_DEF,
		.ip.total_length = rte_cpu_to_be_16(ip_len),
		.ip.time_to_live = 64,
		.ip.next_proto_id = IPPROTO_UDP,
		.ip.src_addr = rte_cpu_to_be_32(RTE_IPV4(198, 18, 0, 1)),
		/* a flow per queue, so that a receiver spreads them too */
		.ip.dst_addr = rte_cpu_to_be_32(RTE_IPV4(198, 19, 0, 1) + fs->tx_queue),
		.udp.src_port = RTE_BE16(UDP_PORT),
		.udp.dst_port = RTE_BE16(UDP_PORT),
		.udp.dgram_len = rte_cpu_to_be_16(ip_len - sizeof(h->ip)),
	};
	h->ip.hdr_checksum = rte_ipv4_cksum(&h->ip);
}

static uint16_t
txonly_make(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	struct txonly_hdr hdr;

	if (rte_pktmbuf_alloc_bulk(fs->pool, pkts, n) != 0)
		return 0;
	hdr_fill(fs, &hdr);
	for (uint16_t i = 0; i < n; i++) {
		char *data = rte_pktmbuf_mtod(pkts[i], char *);

		memcpy(data, &hdr, sizeof(hdr));
		memset(data + sizeof(hdr), 0, fs->pkt_len - sizeof(hdr));
		pkts[i]->data_len = fs->pkt_len;
		pkts[i]->pkt_len = fs->pkt_len;
	}
	return n;
}

const struct fwd_engine fwd_engine_txonly = {.tx = true, .make = txonly_make};
