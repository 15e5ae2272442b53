/* SPDX-License-Identifier: BSD-3-Clause */

/* Receive-side scaling (VIRTIO 1.2, 5.1.6.5.7): kept here, sent as one command. */

#include <errno.h>
#include <string.h>

#include "virtio.h"

/* Toeplitz key of Microsoft's RSS verification suite, the usual default. */
static const uint8_t default_key[40] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
					0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
					0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
					0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

static const struct {
	uint64_t hf;
	uint32_t type;
} hash_map[] = {
	{RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER, VNET_HASH_IPV4},
	{RTE_ETH_RSS_NONFRAG_IPV4_TCP, VNET_HASH_TCPV4},
	{RTE_ETH_RSS_NONFRAG_IPV4_UDP, VNET_HASH_UDPV4},
	{RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_OTHER, VNET_HASH_IPV6},
	{RTE_ETH_RSS_NONFRAG_IPV6_TCP, VNET_HASH_TCPV6},
	{RTE_ETH_RSS_NONFRAG_IPV6_UDP, VNET_HASH_UDPV6},
	{RTE_ETH_RSS_IPV6_EX, VNET_HASH_IPV6_EX},
	{RTE_ETH_RSS_IPV6_TCP_EX, VNET_HASH_TCPV6_EX},
	{RTE_ETH_RSS_IPV6_UDP_EX, VNET_HASH_UDPV6_EX},
};

static uint32_t
hf_to_types(uint64_t hf)
{
	uint32_t types = 0;
	unsigned int i;

	for (i = 0; i < RTE_DIM(hash_map); i++) {
		if (hf & hash_map[i].hf)
			types |= hash_map[i].type;
	}
	return types;
}

uint64_t
vnet_rss_offers(const struct vnet_hw *hw)
{
	uint64_t hf = 0;
	unsigned int i;

	for (i = 0; hw->reta_size != 0 && i < RTE_DIM(hash_map); i++) {
		if (hw->hash_types & hash_map[i].type)
			hf |= hash_map[i].hf;
	}
	return hf;
}

void
vnet_rss_init(struct vnet_hw *hw)
{
	unsigned int i;

	for (i = 0; i < VNET_MAX_KEY; i++)
		hw->rss.key[i] = default_key[i % sizeof(default_key)];
}

bool
vnet_rss_wanted(const struct rte_eth_dev *dev)
{
	const struct rte_eth_dev_data *data = dev->data;

	if (!vnet_offers(vnet_hw(dev), VNET_F_RSS) || vnet_hw(dev)->reta_size == 0)
		return false;
	/* The table is also the only way to use fewer Rx than Tx queues. */
	return (data->dev_conf.rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) ||
	       data->nb_rx_queues < data->nb_tx_queues;
}

static bool
reta_fits(const struct vnet_hw *hw, uint16_t nb_rxq)
{
	uint16_t i;

	for (i = 0; i < hw->reta_size; i++) {
		if (hw->rss.reta[i] >= nb_rxq)
			return false;
	}
	return true;
}

static int
key_set(struct vnet_hw *hw, const struct rte_eth_rss_conf *conf)
{
	if (conf->rss_key == NULL)
		return 0;
	/* Some callers leave the length open and mean that of the device. */
	if (conf->rss_key_len != 0 && conf->rss_key_len != hw->key_size) {
		VNET_LOG(ERR, hw, "RSS key of %u bytes: the device takes %u", conf->rss_key_len,
			 hw->key_size);
		return -EINVAL;
	}
	memcpy(hw->rss.key, conf->rss_key, hw->key_size);
	return 0;
}

int
vnet_rss_configure(struct rte_eth_dev *dev)
{
	const struct rte_eth_rss_conf *conf = &dev->data->dev_conf.rx_adv_conf.rss_conf;
	uint16_t i, nb = dev->data->nb_rx_queues;
	struct vnet_hw *hw = vnet_hw(dev);

	if (nb != 0 && (!hw->rss.reta_set || !reta_fits(hw, nb))) {
		hw->rss.reta_set = false;
		for (i = 0; i < hw->reta_size; i++)
			hw->rss.reta[i] = i % nb;
	}
	hw->rss.hf = 0;
	if (!(dev->data->dev_conf.rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG))
		return 0;
	if (hw->reta_size == 0) {
		if (conf->rss_hf == 0)
			return 0;
		VNET_LOG(ERR, hw, "RSS was asked for, but the device has none");
		return -ENOTSUP;
	}
	hw->rss.hf = conf->rss_hf & vnet_rss_offers(hw);
	return key_set(hw, conf);
}

static int
rss_send(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	uint8_t msg[VNET_MSG_MAX];
	size_t len;

	if (!vnet_ctrl_usable(hw))
		return 0;
	if (!vnet_has(hw, VNET_F_RSS))
		return -ENOTSUP;
	len = vnet_msg_rss(msg, &hw->rss, hf_to_types(hw->rss.hf) & hw->hash_types, hw->reta_size,
			   dev->data->nb_tx_queues, hw->key_size);
	return vnet_ctrl_send(hw, VNET_CTRL_MQ, VNET_CTRL_MQ_RSS, msg, len);
}

int
vnet_rss_start(struct rte_eth_dev *dev)
{
	uint16_t pairs = RTE_MAX(dev->data->nb_rx_queues, dev->data->nb_tx_queues);
	uint8_t msg[2] = {(uint8_t)pairs, (uint8_t)(pairs >> 8)};
	struct vnet_hw *hw = vnet_hw(dev);

	if (vnet_has(hw, VNET_F_RSS))
		return rss_send(dev);
	if (!vnet_has(hw, VNET_F_MQ) || pairs == 1)
		return 0;
	return vnet_ctrl_send(hw, VNET_CTRL_MQ, VNET_CTRL_MQ_PAIRS, msg, sizeof(msg));
}

int
vnet_rss_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret;

	if (hw->reta_size == 0)
		return -ENOTSUP;
	if (conf->rss_hf & ~vnet_rss_offers(hw))
		return -EINVAL;
	ret = key_set(hw, conf);
	if (ret != 0)
		return ret;
	hw->rss.hf = conf->rss_hf;
	return rss_send(dev);
}

int
vnet_rss_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (hw->reta_size == 0)
		return -ENOTSUP;
	if (conf->rss_key != NULL && conf->rss_key_len >= hw->key_size)
		memcpy(conf->rss_key, hw->rss.key, hw->key_size);
	conf->rss_key_len = hw->key_size;
	conf->rss_hf = hw->rss.hf;
	return 0;
}

static int
reta_check(const struct vnet_hw *hw, uint16_t size)
{
	if (hw->reta_size == 0)
		return -ENOTSUP;
	return size == hw->reta_size ? 0 : -EINVAL;
}

int
vnet_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret = reta_check(hw, size);
	uint16_t i, group, bit;

	if (ret != 0)
		return ret;
	for (i = 0; i < size; i++) {
		group = i / RTE_ETH_RETA_GROUP_SIZE;
		bit = i % RTE_ETH_RETA_GROUP_SIZE;
		if (conf[group].mask & RTE_BIT64(bit))
			hw->rss.reta[i] = conf[group].reta[bit];
	}
	hw->rss.reta_set = true;
	return rss_send(dev);
}

int
vnet_reta_get(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret = reta_check(hw, size);
	uint16_t i, group, bit;

	if (ret != 0)
		return ret;
	for (i = 0; i < size; i++) {
		group = i / RTE_ETH_RETA_GROUP_SIZE;
		bit = i % RTE_ETH_RETA_GROUP_SIZE;
		if (conf[group].mask & RTE_BIT64(bit))
			conf[group].reta[bit] = hw->rss.reta[i];
	}
	return 0;
}
