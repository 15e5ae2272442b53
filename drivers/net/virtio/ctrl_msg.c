/* SPDX-License-Identifier: BSD-3-Clause */

/* Command bytes of the control queue (VIRTIO 1.2, 5.1.6.5), byte by byte. */

#include <string.h>

#include "virtio.h"

static size_t
put16(uint8_t *buf, size_t at, uint16_t v)
{
	buf[at] = (uint8_t)v;
	buf[at + 1] = (uint8_t)(v >> 8);
	return at + 2;
}

static size_t
put32(uint8_t *buf, size_t at, uint32_t v)
{
	at = put16(buf, at, (uint16_t)v);
	return put16(buf, at, (uint16_t)(v >> 16));
}

static size_t
put_macs(uint8_t *buf, size_t at, const struct rte_ether_addr *macs, uint32_t n)
{
	uint32_t i;

	at = put32(buf, at, n);
	for (i = 0; i < n; i++) {
		memcpy(&buf[at], macs[i].addr_bytes, RTE_ETHER_ADDR_LEN);
		at += RTE_ETHER_ADDR_LEN;
	}
	return at;
}

size_t
vnet_msg_mac_table(uint8_t *buf, const struct rte_ether_addr *uc, uint32_t nb_uc,
		   const struct rte_ether_addr *mc, uint32_t nb_mc)
{
	return put_macs(buf, put_macs(buf, 0, uc, nb_uc), mc, nb_mc);
}

size_t
vnet_msg_rss(uint8_t *buf, const struct vnet_rss *rss, uint32_t types, uint16_t reta_size,
	     uint16_t tx_queues, uint8_t key_len)
{
	size_t at = put32(buf, 0, types);
	uint16_t i;

	at = put16(buf, at, reta_size - 1);
	at = put16(buf, at, rss->reta[0]); /* queue of what is not hashed */
	for (i = 0; i < reta_size; i++)
		at = put16(buf, at, rss->reta[i]);
	at = put16(buf, at, tx_queues);
	buf[at++] = key_len;
	memcpy(&buf[at], rss->key, key_len);
	return at + key_len;
}
