/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "virtio.h"

static void
desc_lim(const struct vnet_hw *hw, struct rte_eth_desc_lim *lim)
{
	lim->nb_max = hw->ring_max;
	lim->nb_min = RTE_MIN(VNET_MIN_RING, hw->ring_max);
	lim->nb_align = lim->nb_min;
}

int
vnet_info(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	struct vnet_hw *hw = vnet_hw(dev);

	info->max_rx_queues = hw->max_pairs;
	info->max_tx_queues = hw->max_pairs;
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = hw->max_mtu;
	info->max_rx_pktlen = (uint32_t)hw->max_mtu + VNET_FRAME_EXTRA;
	info->min_rx_bufsize = RTE_ETHER_MIN_LEN;
	info->max_mac_addrs = vnet_offers(hw, VNET_F_CTRL_RX) ? VNET_MAX_MACS : 1;
	info->speed_capa = 0;

	if (vnet_offers(hw, VNET_F_MRG_RXBUF))
		info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_SCATTER;
	if (vnet_offers(hw, VNET_F_CTRL_VLAN))
		info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	if (hw->stamps.offered)
		info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_TIMESTAMP;
	info->tx_offload_capa = RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;

	info->reta_size = hw->reta_size;
	info->hash_key_size = hw->key_size;
	info->flow_type_rss_offloads = vnet_rss_offers(hw);

	desc_lim(hw, &info->rx_desc_lim);
	desc_lim(hw, &info->tx_desc_lim);
	info->tx_desc_lim.nb_seg_max = hw->ring_max - 1;
	info->tx_desc_lim.nb_mtu_seg_max = hw->ring_max - 1;

	info->default_rxconf.rx_free_thresh = VNET_DEF_THRESH;
	info->default_rxconf.rx_drop_en = 1;
	info->default_txconf.tx_free_thresh = VNET_DEF_THRESH;
	info->default_rxportconf.ring_size = RTE_MIN(VNET_DEF_RING, hw->ring_max);
	info->default_rxportconf.burst_size = 32;
	info->default_rxportconf.nb_queues = 1;
	info->default_txportconf = info->default_rxportconf;
	return 0;
}

void
vnet_rxq_info(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_rxq_info *info)
{
	const struct vnet_rxq *q = dev->data->rx_queues[queue];

	info->mp = q->mp;
	info->scattered_rx = dev->data->scattered_rx;
	info->nb_desc = q->vq.size;
	info->rx_buf_size = (uint16_t)(q->buf_len - VNET_HDR_LEN);
	info->conf.rx_free_thresh = q->thresh;
	info->conf.rx_drop_en = 1;
	info->conf.offloads = dev->data->dev_conf.rxmode.offloads;
}

void
vnet_txq_info(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_txq_info *info)
{
	const struct vnet_txq *q = dev->data->tx_queues[queue];

	info->nb_desc = q->vq.size;
	info->conf.tx_free_thresh = q->thresh;
	info->conf.offloads = dev->data->dev_conf.txmode.offloads;
}

static const char *
packed_text(const struct rte_eth_dev *dev)
{
	return vnet_hw(dev)->packed ? ", packed ring" : "";
}

static const struct {
	eth_rx_burst_t split, packed;
	const char *text;
} rx_modes[] = {
	{vnet_rx_plain, vnet_rx_plain_packed, "one buffer per packet"},
	{vnet_rx_mrg, vnet_rx_mrg_packed, "mergeable buffers"},
	{vnet_rx_plain_stamped, vnet_rx_plain_packed_stamped,
	 "one buffer per packet, with timestamps"},
	{vnet_rx_mrg_stamped, vnet_rx_mrg_packed_stamped, "mergeable buffers, with timestamps"},
	{vnet_rx_plain_traced, vnet_rx_plain_packed_traced,
	 "one buffer per packet, traced for the cache model"},
	{vnet_rx_mrg_traced, vnet_rx_mrg_packed_traced,
	 "mergeable buffers, traced for the cache model"},
};

int
vnet_rx_mode(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode)
{
	unsigned int i;

	RTE_SET_USED(queue);
	for (i = 0; i < RTE_DIM(rx_modes); i++) {
		if (dev->rx_pkt_burst == rx_modes[i].split ||
		    dev->rx_pkt_burst == rx_modes[i].packed) {
			snprintf(mode->info, sizeof(mode->info), "Scalar%s, %s", packed_text(dev),
				 rx_modes[i].text);
			return 0;
		}
	}
	return -EINVAL;
}

int
vnet_tx_mode(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode)
{
	bool traced =
		dev->tx_pkt_burst == vnet_tx_traced || dev->tx_pkt_burst == vnet_tx_packed_traced;

	RTE_SET_USED(queue);
	if (!traced && dev->tx_pkt_burst != vnet_tx && dev->tx_pkt_burst != vnet_tx_packed)
		return -EINVAL;
	snprintf(mode->info, sizeof(mode->info), "Scalar%s%s", packed_text(dev),
		 traced ? ", traced for the cache model" : "");
	return 0;
}

const uint32_t *
vnet_ptypes(struct rte_eth_dev *dev)
{
	static const uint32_t none[] = {RTE_PTYPE_UNKNOWN};

	RTE_SET_USED(dev);
	return none;
}
