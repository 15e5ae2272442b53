/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the device lets through: promiscuous modes, addresses, VLANs. While the port is stopped
 * there is nobody to tell; ethdev replays all but the VLANs at start, and vnet_vlan_replay() does
 * those.
 */

#include <errno.h>
#include <string.h>

#include "virtio.h"

static int
rx_mode(struct rte_eth_dev *dev, uint8_t cmd, uint8_t on)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (!vnet_offers(hw, VNET_F_CTRL_RX))
		return -ENOTSUP;
	if (!vnet_ctrl_usable(hw))
		return 0;
	return vnet_ctrl_send(hw, VNET_CTRL_RX, cmd, &on, sizeof(on));
}

int
vnet_promisc_on(struct rte_eth_dev *dev)
{
	return rx_mode(dev, VNET_CTRL_RX_PROMISC, 1);
}

int
vnet_promisc_off(struct rte_eth_dev *dev)
{
	return rx_mode(dev, VNET_CTRL_RX_PROMISC, 0);
}

int
vnet_allmulti_on(struct rte_eth_dev *dev)
{
	return rx_mode(dev, VNET_CTRL_RX_ALLMULTI, 1);
}

int
vnet_allmulti_off(struct rte_eth_dev *dev)
{
	return rx_mode(dev, VNET_CTRL_RX_ALLMULTI, 0);
}

int
vnet_mac_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (!vnet_offers(hw, VNET_F_CTRL_MAC_ADDR))
		return rte_is_same_ether_addr(addr, &dev->data->mac_addrs[0]) ? 0 : -ENOTSUP;
	if (!vnet_ctrl_usable(hw))
		return 0;
	return vnet_ctrl_send(hw, VNET_CTRL_MAC, VNET_CTRL_MAC_ADDR, addr->addr_bytes,
			      RTE_ETHER_ADDR_LEN);
}

/**
 * Send the tables: the port's further addresses but the one at index without, and the one to add.
 */
static int
mac_table(struct rte_eth_dev *dev, uint32_t without, const struct rte_ether_addr *add)
{
	struct rte_ether_addr uc[VNET_MAX_MACS];
	struct vnet_hw *hw = vnet_hw(dev);
	uint8_t msg[VNET_MSG_MAX];
	uint32_t i, n = 0;

	if (!vnet_offers(hw, VNET_F_CTRL_RX))
		return -ENOTSUP;
	if (!vnet_ctrl_usable(hw))
		return 0;
	for (i = 1; i < VNET_MAX_MACS; i++) {
		if (i != without && !rte_is_zero_ether_addr(&dev->data->mac_addrs[i]))
			uc[n++] = dev->data->mac_addrs[i];
	}
	if (add != NULL)
		uc[n++] = *add;
	return vnet_ctrl_send(hw, VNET_CTRL_MAC, VNET_CTRL_MAC_TABLE, msg,
			      vnet_msg_mac_table(msg, uc, n, hw->mc, hw->nb_mc));
}

int
vnet_mac_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index, uint32_t vmdq)
{
	RTE_SET_USED(vmdq);
	return mac_table(dev, index, addr);
}

void
vnet_mac_remove(struct rte_eth_dev *dev, uint32_t index)
{
	mac_table(dev, index, NULL);
}

int
vnet_mc_list(struct rte_eth_dev *dev, struct rte_ether_addr *addrs, uint32_t n)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (n > VNET_MAX_MC)
		return -ENOSPC;
	if (n != 0)
		memcpy(hw->mc, addrs, n * sizeof(*addrs));
	hw->nb_mc = n;
	return mac_table(dev, 0, NULL);
}

static int
vlan_send(struct vnet_hw *hw, uint16_t vlan, int on)
{
	uint8_t id[2] = {(uint8_t)vlan, (uint8_t)(vlan >> 8)};

	return vnet_ctrl_send(hw, VNET_CTRL_VLAN, on ? VNET_CTRL_VLAN_ADD : VNET_CTRL_VLAN_DEL, id,
			      sizeof(id));
}

int
vnet_vlan_filter(struct rte_eth_dev *dev, uint16_t vlan, int on)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (!vnet_offers(hw, VNET_F_CTRL_VLAN))
		return -ENOTSUP;
	if (!vnet_ctrl_usable(hw))
		return 0;
	if (!vnet_has(hw, VNET_F_CTRL_VLAN))
		return -ENOTSUP;
	return vlan_send(hw, vlan, on);
}

int
vnet_vlan_offload(struct rte_eth_dev *dev, int mask)
{
	struct vnet_hw *hw = vnet_hw(dev);
	bool want = (dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_FILTER) != 0;

	/* Filtering is a feature of the virtio device, settled at start. */
	if (!(mask & RTE_ETH_VLAN_FILTER_MASK) || !hw->started ||
	    want == vnet_has(hw, VNET_F_CTRL_VLAN))
		return 0;
	VNET_LOG(ERR, hw, "VLAN filter on or off: stop the port first");
	return -EBUSY;
}

int
vnet_vlan_replay(struct rte_eth_dev *dev)
{
	const struct rte_vlan_filter_conf *conf = &dev->data->vlan_filter_conf;
	struct vnet_hw *hw = vnet_hw(dev);
	uint16_t vlan;
	int ret;

	if (!vnet_has(hw, VNET_F_CTRL_VLAN))
		return 0;
	for (vlan = 0; vlan <= RTE_ETHER_MAX_VLAN_ID; vlan++) {
		if (!(conf->ids[vlan / 64] & RTE_BIT64(vlan % 64)))
			continue;
		ret = vlan_send(hw, vlan, 1);
		if (ret != 0)
			return ret;
	}
	return 0;
}
