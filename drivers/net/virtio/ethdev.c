/* SPDX-License-Identifier: BSD-3-Clause */

/* Probe, removal, and what ethdev may call. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_malloc.h>

#include "virtio.h"

RTE_LOG_REGISTER(vnet_logtype, pmd.net.vfio_virtio, NOTICE);

static const struct vfio_bus_id ids[] = {
	{.vendor = VNET_PCI_VENDOR, .device = VNET_PCI_DEVICE},
	{.vendor = 0},
};

static int
is_removed(struct rte_eth_dev *dev)
{
	return vnet_is_gone(vnet_hw(dev)) || steer_vfio_is_gone(vnet_hw(dev)->vdev);
}

/** Undo init in reverse; every step knows whether it has been done. */
static void
uninit(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);

	vnet_lsc_unregister(dev);
	vnet_model_fini(hw);
	/* From here on vectors, tags and bus mastering may be taken back. */
	vfio_bus_tsm_stop(hw->bus);
	steer_port_unlock(hw->port);
	steer_port_unregister(hw->port);
	hw->port = NULL;
	vnet_ctrl_free(hw);
	vnet_intr_fini(hw);
	if (!vnet_is_gone(hw))
		vfio_bus_set_master(hw->bus, false);
	pthread_mutex_destroy(&hw->ctrl.lock);
	pthread_mutex_destroy(&hw->lock);
}

static int
dev_close(struct rte_eth_dev *dev)
{
	uint16_t i;

	vnet_stop(dev);
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		vnet_rxq_release(dev, i);
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		vnet_txq_release(dev, i);
	dev->data->nb_rx_queues = 0;
	dev->data->nb_tx_queues = 0;
	uninit(dev);
	return 0;
}

/** All that a TSM locks, after a reset. */
static int
program_again(void *arg)
{
	struct vnet_hw *hw = arg;
	int ret = 0;

	steer_port_unlock(hw->port);
	/* Whether vectors outlive a reset is the transport's affair: all are allocated anew. */
	hw->nb_vectors = 0;
	if (vnet_is_locked(hw) && hw->max_vectors != 0)
		ret = vnet_vectors_alloc(hw, 1);
	if (ret == 0)
		ret = vfio_bus_set_master(hw->bus, true);
	if (ret == 0)
		ret = steer_port_reset_done(hw->port);
	if (ret == 0 && vnet_is_locked(hw))
		ret = steer_port_lock(hw->port);
	return ret;
}

/** Function-level reset; the port is stopped and keeps its configuration. */
static int
dev_reset(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret;

	ret = vfio_bus_reset(hw->bus, program_again, hw);
	if (ret != 0) {
		hw->nb_vectors = 0;
		VNET_LOG(ERR, hw, "reset the function: %s", rte_strerror(-ret));
	}
	return ret;
}

const struct eth_dev_ops vnet_ops = {
	.dev_configure = vnet_configure,
	.dev_start = vnet_start,
	.dev_stop = vnet_stop,
	.dev_close = dev_close,
	.dev_reset = dev_reset,
	.link_update = vnet_link_update,
	.is_removed = is_removed,
	.promiscuous_enable = vnet_promisc_on,
	.promiscuous_disable = vnet_promisc_off,
	.allmulticast_enable = vnet_allmulti_on,
	.allmulticast_disable = vnet_allmulti_off,
	.mac_addr_remove = vnet_mac_remove,
	.mac_addr_add = vnet_mac_add,
	.mac_addr_set = vnet_mac_set,
	.set_mc_addr_list = vnet_mc_list,
	.mtu_set = vnet_mtu_set,
	.stats_get = vnet_stats_get,
	.stats_reset = vnet_stats_reset,
	.xstats_get = vnet_xstats_get,
	.xstats_reset = vnet_stats_reset,
	.xstats_get_names = vnet_xstats_names,
	.dev_infos_get = vnet_info,
	.rxq_info_get = vnet_rxq_info,
	.txq_info_get = vnet_txq_info,
	.rx_burst_mode_get = vnet_rx_mode,
	.tx_burst_mode_get = vnet_tx_mode,
	.dev_supported_ptypes_get = vnet_ptypes,
	.vlan_filter_set = vnet_vlan_filter,
	.vlan_offload_set = vnet_vlan_offload,
	.rx_queue_setup = vnet_rxq_setup,
	.rx_queue_release = vnet_rxq_release,
	.rx_queue_intr_enable = vnet_rx_intr_on,
	.rx_queue_intr_disable = vnet_rx_intr_off,
	.tx_queue_setup = vnet_txq_setup,
	.tx_queue_release = vnet_txq_release,
	.tx_done_cleanup = vnet_tx_done,
	.rss_hash_update = vnet_rss_update,
	.rss_hash_conf_get = vnet_rss_get,
	.reta_update = vnet_reta_update,
	.reta_query = vnet_reta_get,
	.read_clock = vnet_read_clock,
};

struct rte_eth_dev *
vnet_port(uint16_t port_id)
{
	if (!rte_eth_dev_is_valid_port(port_id) || rte_eth_devices[port_id].dev_ops != &vnet_ops)
		return NULL;
	return &rte_eth_devices[port_id];
}

/** Largest power of two up to max that is a multiple of ethdev's groups; 0: none. */
static uint16_t
reta_size(uint16_t max)
{
	uint32_t size = rte_align32prevpow2(RTE_MIN(max, VNET_MAX_RETA));

	return size >= RTE_ETH_RETA_GROUP_SIZE ? (uint16_t)size : 0;
}

static void
limits_take(struct vnet_hw *hw, const struct vnet_config *cfg)
{
	hw->max_pairs = 1;
	if (vnet_offers(hw, VNET_F_CTRL_VQ) && vnet_offers(hw, VNET_F_MQ | VNET_F_RSS))
		hw->max_pairs = RTE_MAX(1, RTE_MIN(cfg->max_pairs, VNET_MAX_PAIRS));
	hw->max_mtu = VNET_MAX_FRAME - VNET_FRAME_EXTRA;
	if (vnet_offers(hw, VNET_F_MTU) && cfg->mtu >= RTE_ETHER_MIN_MTU)
		hw->max_mtu = RTE_MIN(cfg->mtu, UINT16_MAX - VNET_FRAME_EXTRA);
	if (vnet_offers(hw, VNET_F_CTRL_VQ) && vnet_offers(hw, VNET_F_RSS) &&
	    cfg->rss_max_key >= 40 && cfg->hash_types != 0) {
		hw->reta_size = reta_size(cfg->rss_max_table);
		hw->key_size = cfg->rss_max_key;
		hw->hash_types = cfg->hash_types;
	}
}

/** Read what the device offers; it is in reset before and after. */
static int
look(struct vnet_hw *hw, struct vnet_config *cfg)
{
	struct steer_vfio_irq irq = {0};
	int missing, ret;

	ret = vnet_caps_decode(hw->bus->cfg, sizeof(hw->bus->cfg), &hw->caps, &missing);
	if (ret != 0) {
		VNET_LOG(ERR, hw,
			 "find virtio structure %d in the capabilities: %s; not a modern "
			 "virtio device",
			 missing, ret == -EILSEQ ? "broken list" : "absent");
		return -ENODEV;
	}
	ret = vnet_regs_map(hw);
	if (ret == 0)
		ret = vnet_reset(hw);
	if (ret == 0)
		ret = vnet_features_read(hw);
	if (ret == 0)
		ret = vnet_config_read(hw, cfg);
	if (ret == 0)
		ret = vnet_vq_max(hw, 0, &hw->ring_max);
	if (ret != 0) {
		VNET_LOG(ERR, hw, "read the virtio registers: %s", steer_vfio_error());
		return ret;
	}
	if (!vnet_offers(hw, VNET_F_VERSION_1) || hw->ring_max == 0) {
		VNET_LOG(ERR, hw, "not a modern virtio device (features 0x%" PRIx64 ", ring of %u)",
			 hw->offered, hw->ring_max);
		return -ENODEV;
	}
	hw->ring_max = (uint16_t)rte_align32prevpow2(RTE_MIN(hw->ring_max, VNET_RING_MAX));
	if (steer_vfio_irq_info(hw->vdev, STEER_VFIO_IRQ_MSIX, &irq) == 0)
		hw->max_vectors = (uint16_t)RTE_MIN(irq.count, VNET_MAX_VECTORS);
	limits_take(hw, cfg);
	return vnet_layout_choose(hw);
}

static int
macs_init(struct rte_eth_dev *dev, const struct vnet_config *cfg)
{
	struct vnet_hw *hw = vnet_hw(dev);
	struct rte_ether_addr *macs;

	macs = rte_zmalloc("vnet_macs", VNET_MAX_MACS * sizeof(*macs), 0);
	if (macs == NULL)
		return -ENOMEM;
	if (vnet_offers(hw, VNET_F_MAC))
		memcpy(macs[0].addr_bytes, cfg->mac, RTE_ETHER_ADDR_LEN);
	else
		rte_eth_random_addr(macs[0].addr_bytes);
	dev->data->mac_addrs = macs;
	return 0;
}

static void
hw_init(struct vnet_hw *hw, struct vfio_bus_device *bus, uint16_t port_id)
{
	hw->bus = bus;
	hw->vdev = bus->vdev;
	hw->port_id = port_id;
	hw->intr.config_fd = -1;
	hw->intr.spare_fd = -1;
	pthread_mutex_init(&hw->lock, NULL);
	pthread_mutex_init(&hw->ctrl.lock, NULL);
	vnet_rss_init(hw);
	vnet_model_init(hw);
}

/** The last of what is programmed, then the TSM's lock; memory is mapped after it. */
static int
run(struct vnet_hw *hw)
{
	int ret = vnet_is_locked(hw) ? steer_port_lock(hw->port) : 0;

	return ret != 0 ? ret : vfio_bus_tsm_run(hw->bus, hw->nb_vectors);
}

static int
init(struct rte_eth_dev *dev, struct vfio_bus_device *bus)
{
	struct vnet_hw *hw = vnet_hw(dev);
	struct vnet_config cfg;
	int ret;

	hw_init(hw, bus, dev->data->port_id);
	ret = look(hw, &cfg);
	if (ret == 0)
		vnet_stamps_init(hw);
	if (ret == 0)
		ret = macs_init(dev, &cfg);
	if (ret == 0)
		ret = vnet_intr_init(hw);
	if (ret == 0 && hw->max_vectors != 0 && vnet_is_locked(hw))
		ret = vnet_vectors_alloc(hw, 1);
	if (ret == 0)
		ret = vfio_bus_set_master(bus, true);
	if (ret == 0)
		ret = vnet_steer_register(hw);
	if (ret == 0 && hw->max_vectors != 0)
		ret = vnet_vectors_alloc(hw, 1);
	if (ret == 0)
		ret = vnet_lsc_register(dev);
	if (ret == 0)
		ret = run(hw);
	if (ret != 0)
		uninit(dev);
	return ret;
}

static void
dev_fill(struct rte_eth_dev *dev, struct vfio_bus_device *bus)
{
	struct vnet_hw *hw = vnet_hw(dev);

	dev->device = &bus->device;
	dev->intr_handle = bus->intr_handle;
	dev->dev_ops = &vnet_ops;
	dev->rx_pkt_burst = rte_eth_pkt_burst_dummy;
	dev->tx_pkt_burst = rte_eth_pkt_burst_dummy;
	dev->data->numa_node = bus->device.numa_node;
	dev->data->dev_flags |= RTE_ETH_DEV_INTR_RMV;
	if (hw->intr.lsc_on && vnet_offers(hw, VNET_F_STATUS))
		dev->data->dev_flags |= RTE_ETH_DEV_INTR_LSC;
}

static int
probe(struct vfio_bus_driver *drv, struct vfio_bus_device *bus)
{
	struct rte_eth_dev *dev;
	int ret;

	RTE_SET_USED(drv);
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	dev = rte_eth_dev_allocate(bus->name);
	if (dev == NULL)
		return -ENOMEM;
	dev->data->dev_private =
		rte_zmalloc("vnet_hw", sizeof(struct vnet_hw), RTE_CACHE_LINE_SIZE);
	ret = dev->data->dev_private == NULL ? -ENOMEM : init(dev, bus);
	if (ret != 0) {
		rte_eth_dev_release_port(dev);
		return ret;
	}
	dev_fill(dev, bus);
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static int
remove_port(struct vfio_bus_device *bus)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(bus->name);

	if (dev == NULL)
		return 0;
	dev_close(dev);
	return rte_eth_dev_release_port(dev);
}

/** The bursts see it at their next call; nobody touches the device from here on. */
static void
gone(struct vfio_bus_device *bus)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(bus->name);
	struct vnet_hw *hw;
	uint16_t i;

	if (dev == NULL || dev->data->dev_private == NULL)
		return;
	hw = vnet_hw(dev);
	__atomic_store_n(&hw->gone, true, __ATOMIC_SEQ_CST);
	for (i = 0; hw->started && i < dev->data->nb_rx_queues; i++)
		vnet_vq_set_off(&((struct vnet_rxq *)dev->data->rx_queues[i])->vq, VNET_OFF_GONE);
	for (i = 0; hw->started && i < dev->data->nb_tx_queues; i++)
		vnet_vq_set_off(&((struct vnet_txq *)dev->data->tx_queues[i])->vq, VNET_OFF_GONE);
	steer_port_gone(hw->port);
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RMV, NULL);
}

static struct vfio_bus_driver driver = {
	.id_table = ids,
	.devargs = vnet_devargs,
	.probe = probe,
	.remove = remove_port,
	.gone = gone,
};

VFIO_BUS_REGISTER_DRIVER(net_vfio_virtio, driver);
