/* SPDX-License-Identifier: BSD-3-Clause */

/* What lib/steer asks of this device: vectors, a queue's vector, a queue's tag register. */

#include <errno.h>

#include "virtio.h"

static int
op_vectors_alloc(void *ctx, uint16_t n)
{
	return vnet_vectors_alloc(ctx, n);
}

static int
op_queue_vector_set(void *ctx, enum steer_dir dir, uint16_t queue, uint16_t vector)
{
	struct vnet_hw *hw = ctx;

	if (vnet_is_gone(hw))
		return -ENODEV;
	/* A stopped port has no queues; the next start asks lib/steer for every vector. */
	if (!hw->started)
		return 0;
	return vnet_vq_vector(hw, vnet_vq_index(dir, queue), vector);
}

static int
tag_write(struct vnet_hw *hw, uint16_t index, uint16_t tag)
{
	const struct steer_pci_vsec *v = &hw->model.vsec;
	uint64_t off = (uint64_t)v->st_off + 4 * index;
	uint32_t val = tag, back = 0;
	int ret;

	if (index >= v->st_count)
		return -ENXIO;
	ret = steer_vfio_region_post(hw->vdev, STEER_VFIO_REGION_BAR(v->bar), off, &val, 4);
	if (ret == 0)
		ret = steer_vfio_region_read(hw->vdev, STEER_VFIO_REGION_BAR(v->bar), off, &back,
					     4);
	if (ret == 0 && back != val)
		ret = -EIO;
	return ret;
}

/* One register for all that the queue moves: there are no objects to choose from. */
static int
op_queue_tag_set(void *ctx, enum steer_dir dir, uint16_t queue, uint16_t tag, uint32_t objects)
{
	uint16_t index = vnet_vq_index(dir, queue);
	struct vnet_hw *hw = ctx;
	int ret;

	RTE_SET_USED(objects);
	if (vnet_is_gone(hw))
		return -ENODEV;
	if (index >= RTE_DIM(hw->tags))
		return -ENXIO;
	ret = tag_write(hw, index, tag);
	if (ret == 0)
		hw->tags[index] = tag;
	return ret;
}

static const struct steer_port_ops ops_iv = {
	.vectors_alloc = op_vectors_alloc,
	.queue_vector_set = op_queue_vector_set,
};

static const struct steer_port_ops ops_ds = {
	.vectors_alloc = op_vectors_alloc,
	.queue_vector_set = op_queue_vector_set,
	.queue_tag_set = op_queue_tag_set,
};

int
vnet_steer_register(struct vnet_hw *hw)
{
	const struct steer_port_conf conf = {
		.port_id = hw->port_id,
		.name = hw->bus->name,
		.mode = hw->bus->steer_mode,
		.scan_us = hw->bus->steer_scan_us,
		.max_vectors = hw->max_vectors,
		.max_rxq = hw->max_pairs,
		.max_txq = hw->max_pairs,
		.will_lock = vnet_is_locked(hw),
		.tph = hw->bus->tph,
		.ops = hw->model.vsec.st_count != 0 ? &ops_ds : &ops_iv,
		.ctx = hw,
	};
	int ret = steer_port_register(&conf, &hw->port);

	if (ret != 0)
		VNET_LOG(ERR, hw, "register for steering: %s", rte_strerror(-ret));
	return ret;
}

int
vnet_tags_replay(struct vnet_hw *hw)
{
	uint16_t i;
	int ret;

	for (i = 0; i < RTE_DIM(hw->tags); i++) {
		if (hw->tags[i] == 0)
			continue;
		ret = tag_write(hw, i, hw->tags[i]);
		if (ret != 0) {
			VNET_LOG(ERR, hw, "write the steering tag of virtqueue %u again: %s", i,
				 rte_strerror(-ret));
			return ret;
		}
	}
	return 0;
}
