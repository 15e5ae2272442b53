/* SPDX-License-Identifier: BSD-3-Clause */

/* Configure, start, stop. Every start resets the device and sets it up anew. */

#include <errno.h>

#include "virtio.h"

#define ALWAYS                                                                                     \
	(VNET_F_VERSION_1 | VNET_F_ACCESS_PLATFORM | VNET_F_ORDER_PLATFORM | VNET_F_IN_ORDER |     \
	 VNET_F_MAC | VNET_F_MTU | VNET_F_STATUS | VNET_F_SPEED_DUPLEX | VNET_F_CTRL_VQ)
/* These need the control queue (5.1.3.1). */
#define WITH_CTRL (VNET_F_CTRL_RX | VNET_F_CTRL_MAC_ADDR | VNET_F_MQ)

bool
vnet_needs_scatter(const struct rte_eth_dev *dev, uint16_t mtu)
{
	uint32_t frame = (uint32_t)mtu + RTE_ETHER_HDR_LEN;
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct vnet_rxq *q = dev->data->rx_queues[i];

		if (q != NULL && frame > q->buf_len - VNET_HDR_LEN)
			return true;
	}
	return false;
}

/** What the configuration of the port asks the device for. */
static uint64_t
features_wanted(struct rte_eth_dev *dev)
{
	uint64_t rx_offloads = dev->data->dev_conf.rxmode.offloads;
	struct vnet_hw *hw = vnet_hw(dev);
	uint64_t want = ALWAYS;

	if (vnet_offers(hw, VNET_F_CTRL_VQ)) {
		want |= WITH_CTRL;
		if (rx_offloads & RTE_ETH_RX_OFFLOAD_VLAN_FILTER)
			want |= VNET_F_CTRL_VLAN;
		if (vnet_rss_wanted(dev))
			want |= VNET_F_RSS;
	}
	if (hw->packed)
		want |= VNET_F_RING_PACKED;
	/* Single buffers need no look at the header that the device wrote: a line less a packet. */
	if (dev->data->scattered_rx)
		want |= VNET_F_MRG_RXBUF;
	return want;
}

/** Which queue is which, and so its size, depends on the features (5.1.2): have the device agree to
 * them before queues are set up. Every start negotiates again. */
static int
queues_arrange(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret = vnet_reset(hw);

	return ret != 0 ? ret : vnet_features_negotiate(hw, features_wanted(dev));
}

int
vnet_configure(struct rte_eth_dev *dev)
{
	uint16_t rxq = dev->data->nb_rx_queues, txq = dev->data->nb_tx_queues;
	struct vnet_hw *hw = vnet_hw(dev);
	bool multi = vnet_offers(hw, VNET_F_CTRL_VQ) && vnet_offers(hw, VNET_F_MQ | VNET_F_RSS);
	int ret;

	if (RTE_MAX(rxq, txq) > 1 && !multi) {
		VNET_LOG(ERR, hw, "%u Rx and %u Tx queues: the device has one pair", rxq, txq);
		return -EINVAL;
	}
	if (rxq != 0 && rxq < txq && hw->reta_size == 0) {
		VNET_LOG(ERR, hw,
			 "%u Rx but %u Tx queues: without RSS the device fills as many Rx queues; "
			 "ask for the same number",
			 rxq, txq);
		return -EINVAL;
	}
	if (dev->data->dev_conf.intr_conf.rxq && rxq + 1 > hw->max_vectors) {
		VNET_LOG(ERR, hw,
			 "Rx interrupts of %u queues need %u vectors, the device has %u; "
			 "use fewer queues",
			 rxq, rxq + 1, hw->max_vectors);
		return -ENOSPC;
	}
	ret = vnet_rss_configure(dev);
	if (ret == 0)
		ret = vnet_stamps_configure(dev);
	if (ret == 0)
		ret = queues_arrange(dev);
	if (ret != 0)
		return ret;
	ret = steer_port_configure(hw->port, rxq, txq, dev->data->dev_conf.intr_conf.rxq);
	if (ret != 0)
		VNET_LOG(ERR, hw, "configure steering of %u Rx and %u Tx queues: %s", rxq, txq,
			 rte_strerror(-ret));
	return ret;
}

int
vnet_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (mtu < RTE_ETHER_MIN_MTU || mtu > hw->max_mtu)
		return -EINVAL;
	if (!vnet_needs_scatter(dev, mtu))
		return 0;
	if (!vnet_offers(hw, VNET_F_MRG_RXBUF)) {
		VNET_LOG(ERR, hw,
			 "MTU %u: larger than the buffers, and the device cannot merge them", mtu);
		return -EINVAL;
	}
	if (dev->data->dev_started && !dev->data->scattered_rx) {
		VNET_LOG(ERR, hw, "MTU %u: larger than the buffers; stop the port first", mtu);
		return -EBUSY;
	}
	return 0;
}

static int
scatter_choose(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	bool need = vnet_needs_scatter(dev, dev->data->mtu);

	if (need && !vnet_offers(hw, VNET_F_MRG_RXBUF)) {
		VNET_LOG(ERR, hw,
			 "MTU %u does not fit the Rx buffers, and the device cannot merge them; "
			 "use larger buffers or a smaller MTU",
			 dev->data->mtu);
		return -EINVAL;
	}
	dev->data->scattered_rx =
		need || (dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER);
	return 0;
}

static int
rxq_start(struct rte_eth_dev *dev, uint16_t i)
{
	struct vnet_rxq *q = dev->data->rx_queues[i];
	struct vnet_hw *hw = vnet_hw(dev);
	int ret;

	vnet_rxq_clear(q);
	q->trace = vnet_model_ring(hw, i);
	ret = vnet_rxq_fill(q);
	if (ret != 0) {
		VNET_LOG(ERR, hw, "fill Rx queue %u: mempool %s is empty; make it larger", i,
			 q->mp->name);
		return ret;
	}
	return vnet_vq_enable(hw, &q->vq, vnet_queue_vector(dev, STEER_RX, i));
}

static int
txq_start(struct rte_eth_dev *dev, uint16_t i)
{
	struct vnet_txq *q = dev->data->tx_queues[i];
	struct vnet_hw *hw = vnet_hw(dev);

	vnet_txq_clear(q);
	q->trace = vnet_model_ring(hw, i);
	q->in_order = vnet_has(hw, VNET_F_IN_ORDER);
	return vnet_vq_enable(hw, &q->vq, vnet_queue_vector(dev, STEER_TX, i));
}

static int
queues_start(struct rte_eth_dev *dev)
{
	uint16_t i;
	int ret;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		ret = rxq_start(dev, i);
		if (ret != 0)
			return ret;
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		ret = txq_start(dev, i);
		if (ret != 0)
			return ret;
	}
	return 0;
}

/**
 * Open or close all queues for the burst functions. Rx buffers are shown to the device only here,
 * when it knows how to spread flows over queues: before, all packets would go to queue 0, and could
 * be overtaken by later ones of their flow.
 */
static void
queues_set(struct rte_eth_dev *dev, enum vnet_off off, uint8_t state)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		struct vnet_rxq *q = dev->data->rx_queues[i];

		vnet_vq_set_off(&q->vq, off);
		dev->data->rx_queue_state[i] = state;
		if (off == VNET_ON)
			vnet_rxq_show(q);
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		struct vnet_txq *q = dev->data->tx_queues[i];

		vnet_vq_set_off(&q->vq, off);
		dev->data->tx_queue_state[i] = state;
	}
}

static void
queues_drain(struct rte_eth_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++)
		vnet_rxq_drain(dev->data->rx_queues[i]);
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		vnet_txq_drain(dev->data->tx_queues[i]);
}

static void
bursts_choose(struct rte_eth_dev *dev)
{
	/* packed, mergeable, and normal, stamped, traced */
	static const eth_rx_burst_t rx[2][2][3] = {
		{{vnet_rx_plain, vnet_rx_plain_stamped, vnet_rx_plain_traced},
		 {vnet_rx_mrg, vnet_rx_mrg_stamped, vnet_rx_mrg_traced}},
		{{vnet_rx_plain_packed, vnet_rx_plain_packed_stamped, vnet_rx_plain_packed_traced},
		 {vnet_rx_mrg_packed, vnet_rx_mrg_packed_stamped, vnet_rx_mrg_packed_traced}}};
	static const eth_tx_burst_t tx[2][2] = {{vnet_tx, vnet_tx_traced},
						{vnet_tx_packed, vnet_tx_packed_traced}};
	struct vnet_hw *hw = vnet_hw(dev);
	bool traced = hw->model.nqueues >= dev->data->nb_rx_queues &&
		      hw->model.nqueues >= dev->data->nb_tx_queues;

	/* In lockstep a packet's age says nothing: what is traced has no time. */
	dev->rx_pkt_burst =
		rx[hw->packed][vnet_has(hw, VNET_F_MRG_RXBUF)][traced ? 2 : hw->stamps.on];
	dev->tx_pkt_burst = tx[hw->packed][traced];
	dev->rx_queue_count = hw->packed ? vnet_rx_count_packed : vnet_rx_count;
	dev->rx_descriptor_status = hw->packed ? vnet_rx_desc_status_packed : vnet_rx_desc_status;
	dev->tx_descriptor_status = vnet_tx_desc_status;
}

/** Reset to DRIVER_OK (3.1.1). */
static int
device_up(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret;

	ret = vnet_reset(hw);
	if (ret == 0)
		ret = vnet_features_negotiate(hw, features_wanted(dev));
	if (ret == 0 && hw->nb_vectors != 0)
		ret = vnet_config_vector(hw, 0);
	if (ret == 0)
		ret = queues_start(dev);
	if (ret == 0)
		ret = vnet_tags_replay(hw);
	if (ret == 0)
		ret = vnet_ctrl_start(hw);
	if (ret == 0)
		ret = vnet_driver_ok(hw);
	return ret;
}

int
vnet_start(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret;

	ret = scatter_choose(dev);
	if (ret != 0)
		return ret;
	ret = vnet_rx_intr_start(dev);
	if (ret != 0)
		return ret;
	ret = device_up(dev);
	if (ret == 0)
		ret = vnet_rss_start(dev);
	if (ret == 0)
		ret = vnet_vlan_replay(dev);
	if (ret == 0)
		ret = vnet_stamps_start(dev);
	if (ret != 0)
		goto down;
	bursts_choose(dev);
	queues_set(dev, VNET_ON, RTE_ETH_QUEUE_STATE_STARTED);
	hw->started = true;
	/* A removal between the checks above and here must not find the queues open. */
	if (vnet_is_gone(hw))
		queues_set(dev, VNET_OFF_GONE, RTE_ETH_QUEUE_STATE_STARTED);
	steer_port_start(hw->port);
	vnet_link_update(dev, 0);
	return 0;

down:
	vnet_ctrl_stop(hw);
	if (!vnet_is_gone(hw))
		vnet_reset(hw);
	queues_drain(dev);
	vnet_rx_intr_stop(dev);
	return ret;
}

int
vnet_stop(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (!hw->started)
		return 0;
	vnet_report_stopped(dev);
	steer_port_stop(hw->port);
	hw->started = false;
	queues_set(dev, VNET_OFF_STOPPED, RTE_ETH_QUEUE_STATE_STOPPED);
	vnet_stamps_stop(dev);
	vnet_ctrl_stop(hw);
	/* After the reset the device touches no buffer any more. */
	if (!vnet_is_gone(hw))
		vnet_reset(hw);
	queues_drain(dev);
	vnet_rx_intr_stop(dev);
	vnet_link_update(dev, 0);
	return 0;
}
