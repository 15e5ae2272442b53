/* SPDX-License-Identifier: BSD-3-Clause */

/* Control queue, virtio 1.2, 5.1.6.5. Every command is completed, whatever it says. */

#include <string.h>

#include "vio.h"
#include "wire.h"

/** Longest command that is understood: MAC_TABLE_SET and RSS stay below. */
#define CTRL_MAX_BYTES 4096u

static uint16_t
load16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t
load32(const uint8_t *p)
{
	return (uint32_t)load16(p) | (uint32_t)load16(p + 2) << 16;
}

static uint8_t
ctrl_rx(struct vio *vio, uint8_t cmd, const uint8_t *data, size_t len)
{
	if (!vio_has(vio, VIO_F_CTRL_RX) || len < 1)
		return VIO_CTRL_ACK_ERR;
	if (cmd == VIO_CTRL_RX_PROMISC)
		vio->filter.promisc = data[0] != 0;
	else if (cmd == VIO_CTRL_RX_ALLMULTI)
		vio->filter.allmulti = data[0] != 0;
	else
		return VIO_CTRL_ACK_ERR;
	return VIO_CTRL_ACK_OK;
}

/** One table of MAC_TABLE_SET. @return bytes it takes, 0 malformed. */
static size_t
mac_table(const uint8_t *data, size_t len, uint8_t (*table)[6], uint16_t *nr, bool *overflow)
{
	uint32_t n, i;

	if (len < 4)
		return 0;
	n = load32(data);
	if (n > (len - 4) / 6)
		return 0;
	if (table) {
		*overflow = n > VIO_MAC_TABLE;
		*nr = (uint16_t)RTE_MIN(n, VIO_MAC_TABLE);
		for (i = 0; i < *nr; i++)
			memcpy(table[i], data + 4 + 6 * i, 6);
	}
	return 4 + 6 * (size_t)n;
}

static uint8_t
ctrl_mac(struct vio *vio, uint8_t cmd, const uint8_t *data, size_t len)
{
	struct vio_filter *f = &vio->filter;
	size_t first, second;

	if (cmd == VIO_CTRL_MAC_ADDR && vio_has(vio, VIO_F_CTRL_MAC) && len >= 6) {
		memcpy(f->mac, data, 6);
		return VIO_CTRL_ACK_OK;
	}
	if (cmd != VIO_CTRL_MAC_TABLE || !vio_has(vio, VIO_F_CTRL_RX))
		return VIO_CTRL_ACK_ERR;
	/* Both tables must be sound before the first one counts. */
	first = mac_table(data, len, NULL, NULL, NULL);
	second = first ? mac_table(data + first, len - first, NULL, NULL, NULL) : 0;
	if (!second)
		return VIO_CTRL_ACK_ERR;
	mac_table(data, len, f->uni, &f->nr_uni, &f->uni_overflow);
	mac_table(data + first, len - first, f->multi, &f->nr_multi, &f->multi_overflow);
	return VIO_CTRL_ACK_OK;
}

static uint8_t
ctrl_vlan(struct vio *vio, uint8_t cmd, const uint8_t *data, size_t len)
{
	uint16_t id;

	if (!vio_has(vio, VIO_F_CTRL_VLAN) || len < 2)
		return VIO_CTRL_ACK_ERR;
	id = load16(data);
	if (id >= 4096)
		return VIO_CTRL_ACK_ERR;
	if (cmd == VIO_CTRL_VLAN_ADD)
		vio->filter.vlan[id / 32] |= 1u << (id % 32);
	else if (cmd == VIO_CTRL_VLAN_DEL)
		vio->filter.vlan[id / 32] &= ~(1u << (id % 32));
	else
		return VIO_CTRL_ACK_ERR;
	return VIO_CTRL_ACK_OK;
}

static uint8_t
mq_pairs(struct vio *vio, const uint8_t *data, size_t len)
{
	uint16_t n;

	if (!vio_has(vio, VIO_F_MQ) || len < 2)
		return VIO_CTRL_ACK_ERR;
	n = load16(data);
	if (n == 0 || n > vio->pairs)
		return VIO_CTRL_ACK_ERR;
	vio->rss.on = false;
	vio->rss.pairs = n;
	return VIO_CTRL_ACK_OK;
}

/** 5.1.6.5.6.1: types 4, mask 2, unclassified 2, table, max_tx_vq 2, key length 1, key. */
static uint8_t
mq_rss(struct vio *vio, const uint8_t *data, size_t len)
{
	struct rss *rss = &vio->rss;
	uint16_t mask, unclassified, max_tx, i;
	uint32_t types;
	size_t tail;

	if (!vio_has(vio, VIO_F_RSS) || len < 8)
		return VIO_CTRL_ACK_ERR;
	types = load32(data);
	mask = load16(data + 4);
	unclassified = load16(data + 6);
	tail = 8 + 2 * ((size_t)mask + 1);
	if (mask >= VIO_RSS_RETA || mask & (mask + 1) || types & ~VIO_HASH_ALL || len < tail + 3)
		return VIO_CTRL_ACK_ERR;
	max_tx = load16(data + tail);
	if (max_tx == 0 || max_tx > vio->pairs || unclassified >= vio->pairs ||
	    data[tail + 2] != VIO_RSS_KEY || len < tail + 3 + VIO_RSS_KEY)
		return VIO_CTRL_ACK_ERR;
	for (i = 0; i <= mask; i++) {
		if (load16(data + 8 + 2 * i) >= vio->pairs)
			return VIO_CTRL_ACK_ERR;
	}
	for (i = 0; i <= mask; i++)
		rss->reta[i] = load16(data + 8 + 2 * i);
	rss->on = true;
	rss->types = types;
	rss->mask = mask;
	rss->unclassified = unclassified;
	rss_set_key(rss, data + tail + 3);
	/* The table may name any receive queue, whatever the number of transmit queues. */
	rss->pairs = vio->pairs;
	return VIO_CTRL_ACK_OK;
}

static uint8_t
ctrl_mq(struct vio *vio, uint8_t cmd, const uint8_t *data, size_t len)
{
	if (cmd == VIO_CTRL_MQ_PAIRS)
		return mq_pairs(vio, data, len);
	if (cmd == VIO_CTRL_MQ_RSS)
		return mq_rss(vio, data, len);
	return VIO_CTRL_ACK_ERR;
}

uint8_t
vio_ctrl_exec(struct vio *vio, uint8_t class, uint8_t cmd, const uint8_t *data, size_t len)
{
	switch (class) {
	case VIO_CTRL_RX: return ctrl_rx(vio, cmd, data, len);
	case VIO_CTRL_MAC: return ctrl_mac(vio, cmd, data, len);
	case VIO_CTRL_VLAN: return ctrl_vlan(vio, cmd, data, len);
	case VIO_CTRL_MQ: return ctrl_mq(vio, cmd, data, len);
	default: return VIO_CTRL_ACK_ERR;
	}
}

static void
ctrl_one(struct vio *vio, struct vq *q)
{
	uint8_t cmd[CTRL_MAX_BYTES], ack = VIO_CTRL_ACK_ERR;
	struct vq_chain c;
	uint32_t len;

	if (vq_chain_get(q, q->next_avail, &c) < 0)
		return;
	if (c.write_len == 0) {
		vq_break(q, "control command without room for the ack");
		return;
	}
	q->next_avail++;
	len = vq_chain_read(q, &c, 0, cmd, sizeof(cmd));
	if (len >= 2 && c.read_len <= sizeof(cmd)) {
		ack = vio_ctrl_exec(vio, cmd[0], cmd[1], cmd + 2, len - 2);
		wire_resteer(vio);
	}
	/* Some drivers give more room than one byte; the ack is the first. */
	vq_chain_write(q, &c, 0, &ack, 1);
	vq_use(q, c.id, 1);
	q->stats.packets++;
}

void
vio_ctrl_poll(struct vio *vio)
{
	uint16_t index = vio_ctrl_index(vio), n;
	struct vq *q;

	if (index >= vio->nr_queues)
		return;
	q = &vio->vqs[index];
	if (!q->live || !nic_bus_master(vio->nic))
		return;
	n = vq_pending(q);
	if (n == 0 && !q->broken)
		return;
	/* Workers read what commands change. */
	vio_pause(vio);
	while (n-- > 0 && !q->broken)
		ctrl_one(vio, q);
	if (q->broken)
		vio_needs_reset(vio, q);
	else
		vq_publish(q);
	vio_resume(vio);
}
