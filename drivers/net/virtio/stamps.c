/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Rx timestamps (RTE_ETH_RX_OFFLOAD_TIMESTAMP). virtio 1.2 has none; a device with the trace area
 * of steer_trace.h notes them there, by buffer id.
 */

#include <errno.h>
#include <stddef.h>

#include <rte_cycles.h>
#include <rte_mbuf_dyn.h>

#include "virtio.h"

/** Is the device's clock our own counter? Then it lies between two looks at ours. */
static bool
clock_is_ours(struct vnet_hw *hw)
{
	uint64_t before = rte_rdtsc_precise(), clock = 0;

	if (vnet_model_read(hw, STEER_TRACE_CLOCK_AT, &clock, sizeof(clock)) != 0)
		return false;
	return clock >= before && clock <= rte_rdtsc_precise();
}

void
vnet_stamps_init(struct vnet_hw *hw)
{
	const struct steer_pci_vsec *v = &hw->model.vsec;
	const uint64_t at = (uint64_t)v->trace_off + offsetof(struct steer_trace_area, stamp_off);
	uint32_t stamp_off = 0;

	if (v->trace_len < sizeof(struct steer_trace_area) ||
	    steer_vfio_region_read(hw->vdev, STEER_VFIO_REGION_BAR(v->bar), at, &stamp_off,
				   sizeof(stamp_off)) != 0)
		return;
	hw->stamps.offered = stamp_off != 0 && clock_is_ours(hw);
}

static bool
is_wanted(const struct rte_eth_dev *dev)
{
	return (dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_TIMESTAMP) != 0;
}

int
vnet_stamps_configure(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (!is_wanted(dev))
		return 0;
	if (rte_mbuf_dyn_rx_timestamp_register(&hw->stamps.field, &hw->stamps.flag) == 0)
		return 0;
	VNET_LOG(ERR, hw, "Rx timestamps: no room for the field in mbufs: %s",
		 rte_strerror(rte_errno));
	return -rte_errno;
}

/** Stamps of queue 0, when those of all queues lie inside the area. */
static const uint64_t *
stamps_find(struct rte_eth_dev *dev, const struct steer_trace_area *area, uint32_t *entries)
{
	uint64_t len = vnet_hw(dev)->model.vsec.trace_len, off = area->stamp_off;
	const struct steer_trace_stamps *s = RTE_PTR_ADD(area, off);
	uint16_t i;

	if (off == 0 || off % RTE_CACHE_LINE_SIZE != 0 || off + sizeof(*s) > len)
		return NULL;
	*entries = s->entries;
	if (off + sizeof(*s) + (uint64_t)dev->data->nb_rx_queues * *entries * 8 > len)
		return NULL;
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		if (((const struct vnet_rxq *)dev->data->rx_queues[i])->vq.size > *entries)
			return NULL;
	}
	return (const uint64_t *)(s + 1);
}

static int
queues_set(struct rte_eth_dev *dev)
{
	const struct vnet_stamps *st = &vnet_hw(dev)->stamps;
	struct steer_trace_area *area;
	const uint64_t *first;
	uint32_t entries = 0;
	uint16_t i;
	int ret;

	ret = vnet_model_map(vnet_hw(dev), &area);
	if (ret != 0)
		return ret;
	first = stamps_find(dev, area, &entries);
	if (first == NULL)
		return -EPROTO;
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		struct vnet_rxq *q = dev->data->rx_queues[i];

		q->stamps = first + (size_t)i * entries;
		q->stamp_field = st->field;
		q->stamp_flag = st->flag;
	}
	return 0;
}

int
vnet_stamps_start(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret;

	if (!is_wanted(dev))
		return 0;
	ret = queues_set(dev);
	if (ret == 0)
		ret = vnet_model_cmd(hw, STEER_TRACE_CMD_STAMPS_ON);
	if (ret != 0)
		VNET_LOG(ERR, hw, "turn Rx timestamps on: %s", rte_strerror(-ret));
	hw->stamps.on = ret == 0;
	return ret;
}

void
vnet_stamps_stop(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (hw->stamps.on && !vnet_is_gone(hw))
		vnet_model_cmd(hw, STEER_TRACE_CMD_STAMPS_OFF);
	hw->stamps.on = false;
}

int
vnet_read_clock(struct rte_eth_dev *dev, uint64_t *clock)
{
	if (!vnet_hw(dev)->stamps.offered)
		return -ENOTSUP;
	*clock = rte_rdtsc();
	return 0;
}
