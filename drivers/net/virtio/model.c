/* SPDX-License-Identifier: BSD-3-Clause */

/* The device's cache model: control registers and the shared trace area (steer_trace.h). */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "virtio.h"

int
vnet_model_read(struct vnet_hw *hw, size_t off, void *buf, size_t len)
{
	const struct steer_pci_vsec *v = &hw->model.vsec;

	return steer_vfio_region_read(hw->vdev, STEER_VFIO_REGION_BAR(v->bar),
				      (uint64_t)v->ctrl_off + off, buf, len);
}

static int
model_write(struct vnet_hw *hw, size_t off, const void *buf, size_t len)
{
	const struct steer_pci_vsec *v = &hw->model.vsec;

	return steer_vfio_region_write(hw->vdev, STEER_VFIO_REGION_BAR(v->bar),
				       (uint64_t)v->ctrl_off + off, buf, len);
}

int
vnet_model_cmd(struct vnet_hw *hw, uint32_t cmd)
{
	int32_t status = 0;
	int ret;

	ret = model_write(hw, offsetof(struct steer_trace_ctrl, cmd), &cmd, sizeof(cmd));
	if (ret == 0)
		ret = vnet_model_read(hw, offsetof(struct steer_trace_ctrl, status), &status,
				      sizeof(status));
	if (ret != 0)
		return ret;
	if (status != 0) {
		VNET_LOG(ERR, hw, "cache model command %u: refused by the device: %s", cmd,
			 rte_strerror(-status));
		/* These two say what the device has not, others that a value is wrong. */
		return status == -ENOTSUP || status == -ENOENT ? status : -EINVAL;
	}
	return 0;
}

void
vnet_model_init(struct vnet_hw *hw)
{
	struct steer_pci_vsec *v = &hw->model.vsec;

	if (steer_pci_vsec_decode(hw->bus->cfg, sizeof(hw->bus->cfg), v) != 0)
		memset(v, 0, sizeof(*v));
}

static void
rings_free(struct vnet_hw *hw)
{
	free(hw->model.rings);
	hw->model.rings = NULL;
	hw->model.area = NULL;
	hw->model.nqueues = 0;
}

void
vnet_model_fini(struct vnet_hw *hw)
{
	if (hw->model.area != NULL && !vnet_is_gone(hw))
		vnet_model_cmd(hw, STEER_TRACE_CMD_STOP);
	rings_free(hw);
}

/** The area's own words are the device's: check that all it names lies inside. */
static int
area_check(const struct steer_trace_area *a, uint32_t len)
{
	uint64_t queues = a->nqueues, entries = a->ring_entries;

	if (a->magic != STEER_TRACE_MAGIC || a->version != STEER_TRACE_VERSION)
		return -EPROTO;
	if (queues == 0 || queues > VNET_MAX_PAIRS || entries == 0 || !rte_is_power_of_2(entries))
		return -EPROTO;
	if (a->queue_off % RTE_CACHE_LINE_SIZE != 0 || a->ring_off % RTE_CACHE_LINE_SIZE != 0)
		return -EPROTO;
	if (a->queue_off + queues * sizeof(struct steer_trace_queue) > len ||
	    a->ring_off + queues * entries * sizeof(struct steer_trace_rec) > len)
		return -EPROTO;
	return 0;
}

int
vnet_model_map(struct vnet_hw *hw, struct steer_trace_area **area)
{
	const struct steer_pci_vsec *v = &hw->model.vsec;
	void *ptr;
	int ret;

	if (v->trace_len < sizeof(**area))
		return -EPROTO;
	ret = steer_vfio_region_map(hw->vdev, STEER_VFIO_REGION_BAR(v->bar), v->trace_off,
				    v->trace_len, &ptr);
	if (ret != 0)
		return ret;
	*area = ptr;
	return area_check(*area, v->trace_len);
}

/** Our words of each queue start at 0 with the session; the device empties its own. */
static int
rings_create(struct vnet_hw *hw)
{
	struct steer_trace_area area = *hw->model.area;
	struct steer_trace_queue *q;
	struct steer_trace_rec *recs;
	uint32_t i;

	if (area_check(&area, hw->model.vsec.trace_len) != 0)
		return -EPROTO;
	hw->model.rings = calloc(area.nqueues, sizeof(hw->model.rings[0]));
	if (hw->model.rings == NULL)
		return -ENOMEM;
	hw->model.nqueues = area.nqueues;
	q = RTE_PTR_ADD(hw->model.area, area.queue_off);
	recs = RTE_PTR_ADD(hw->model.area, area.ring_off);
	for (i = 0; i < area.nqueues; i++) {
		hw->model.rings[i].q = &q[i];
		hw->model.rings[i].recs = &recs[(size_t)i * area.ring_entries];
		hw->model.rings[i].mask = area.ring_entries - 1;
		q[i].dropped = 0;
		__atomic_store_n(&q[i].head, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&q[i].consumed, 0, __ATOMIC_RELEASE);
	}
	return 0;
}

struct steer_trace_ring *
vnet_model_ring(struct vnet_hw *hw, uint16_t queue)
{
	return queue < hw->model.nqueues ? &hw->model.rings[queue] : NULL;
}

int
steer_virtio_has_model(uint16_t port_id)
{
	struct rte_eth_dev *dev = vnet_port(port_id);

	return dev != NULL && vnet_hw(dev)->model.vsec.trace_len != 0;
}

static int
session_open(struct vnet_hw *hw, const struct steer_trace_conf *conf)
{
	struct steer_trace_area *area;
	uint32_t id[2] = {0, 0};
	int ret;

	ret = vnet_model_read(hw, 0, id, sizeof(id));
	if (ret != 0)
		return ret;
	if (id[0] != STEER_TRACE_MAGIC || id[1] != STEER_TRACE_VERSION)
		return -ENOTSUP;
	ret = vnet_model_map(hw, &area);
	if (ret == 0) {
		hw->model.area = area;
		ret = rings_create(hw);
	}
	if (ret == 0)
		ret = model_write(hw, offsetof(struct steer_trace_ctrl, conf), conf, sizeof(*conf));
	if (ret == 0)
		ret = vnet_model_cmd(hw, STEER_TRACE_CMD_START);
	if (ret != 0)
		rings_free(hw);
	return ret;
}

int
steer_virtio_model_begin(uint16_t port_id, const struct steer_trace_conf *conf)
{
	struct rte_eth_dev *dev = vnet_port(port_id);
	struct vnet_hw *hw;
	int ret;

	if (dev == NULL)
		return -ENODEV;
	hw = vnet_hw(dev);
	if (hw->model.vsec.trace_len == 0)
		return -ENOTSUP;
	if (dev->data->dev_started || hw->model.area != NULL)
		return -EBUSY;
	if (conf->window == 0 || conf->ncpus == 0 || conf->ncpus > STEER_TRACE_MAX_CPUS)
		return -EINVAL;
	ret = session_open(hw, conf);
	if (ret != 0)
		VNET_LOG(ERR, hw, "start the cache model: %s", rte_strerror(-ret));
	return ret;
}

int
steer_virtio_model_end(uint16_t port_id)
{
	struct rte_eth_dev *dev = vnet_port(port_id);

	if (dev == NULL)
		return -ENODEV;
	if (dev->data->dev_started)
		return -EBUSY;
	vnet_model_fini(vnet_hw(dev));
	return 0;
}

int
steer_virtio_model_credit(uint16_t port_id, uint64_t n)
{
	const size_t off =
		offsetof(struct steer_trace_ctrl, conf) + offsetof(struct steer_trace_conf, credit);
	struct rte_eth_dev *dev = vnet_port(port_id);
	struct vnet_hw *hw;
	int ret;

	if (dev == NULL)
		return -ENODEV;
	hw = vnet_hw(dev);
	if (hw->model.area == NULL || !dev->data->dev_started)
		return -EINVAL;
	ret = model_write(hw, off, &n, sizeof(n));
	return ret != 0 ? ret : vnet_model_cmd(hw, STEER_TRACE_CMD_CREDIT);
}

const struct steer_trace_area *
steer_virtio_model_area(uint16_t port_id)
{
	struct rte_eth_dev *dev = vnet_port(port_id);

	return dev == NULL ? NULL : vnet_hw(dev)->model.area;
}

struct steer_trace_ring *
steer_virtio_model_ring(uint16_t port_id, uint16_t queue)
{
	struct rte_eth_dev *dev = vnet_port(port_id);

	return dev == NULL ? NULL : vnet_model_ring(vnet_hw(dev), queue);
}
