/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>

#include <rte_malloc.h>

#include "virtio.h"

/** Zeros that the device reads where a packet has no room for its header. */
#define TX_EXTRA VNET_HDR_LEN

/** @return 0, -EINVAL with one line why this ring size cannot be had. */
static int
size_check(struct vnet_hw *hw, uint16_t index, uint16_t nb_desc)
{
	uint16_t max = 0;
	int ret;

	ret = vnet_vq_max(hw, index, &max);
	if (ret != 0) {
		VNET_LOG(ERR, hw, "read the size of virtqueue %u: %s", index, steer_vfio_error());
		return ret;
	}
	if (nb_desc <= max && rte_is_power_of_2(nb_desc))
		return 0;
	VNET_LOG(ERR, hw,
		 "ring of %u descriptors for virtqueue %u: must be a power of two up to %u",
		 nb_desc, index, max);
	return -EINVAL;
}

/** Free threshold: 0 is the default; at least one, at most a quarter of the ring. */
static uint16_t
thresh(uint16_t asked, uint16_t nb_desc)
{
	uint16_t t = asked == 0 ? VNET_DEF_THRESH : asked;

	return RTE_MAX(1, RTE_MIN(t, nb_desc / 4));
}

static void
rxq_free(struct vnet_rxq *q)
{
	if (q == NULL)
		return;
	rte_free(q->sw);
	rte_free(q->ids);
	if (q->vq.mz != NULL)
		vnet_vq_free(&q->vq);
	rte_free(q);
}

static struct vnet_rxq *
rxq_create(struct vnet_hw *hw, uint16_t queue, uint16_t nb_desc, int socket)
{
	struct vnet_rxq *q =
		rte_zmalloc_socket("vnet_rxq", sizeof(*q), RTE_CACHE_LINE_SIZE, socket);

	if (q == NULL)
		return NULL;
	q->sw = rte_zmalloc_socket("vnet_rx_sw", nb_desc * sizeof(q->sw[0]), RTE_CACHE_LINE_SIZE,
				   socket);
	q->ids = rte_zmalloc_socket("vnet_rx_ids", nb_desc * sizeof(q->ids[0]), RTE_CACHE_LINE_SIZE,
				    socket);
	if (q->sw == NULL || q->ids == NULL ||
	    vnet_vq_alloc(hw, &q->vq, vnet_vq_index(STEER_RX, queue), nb_desc, 0, socket) != 0) {
		rxq_free(q);
		return NULL;
	}
	q->port_id = hw->port_id;
	q->queue_id = queue;
	q->steer_word = steer_port_queue_word(hw->port, STEER_RX, queue);
	return q;
}

int
vnet_rxq_setup(struct rte_eth_dev *dev, uint16_t queue, uint16_t nb_desc, unsigned int socket,
	       const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	struct vnet_hw *hw = vnet_hw(dev);
	struct vnet_rxq *q;
	int ret;

	if (conf->rx_deferred_start) {
		VNET_LOG(ERR, hw, "Rx queue %u: deferred start is not offered", queue);
		return -EINVAL;
	}
	if (mp == NULL || rte_pktmbuf_data_room_size(mp) <= RTE_PKTMBUF_HEADROOM) {
		VNET_LOG(ERR, hw, "Rx queue %u: the mempool has no room for data", queue);
		return -EINVAL;
	}
	ret = size_check(hw, vnet_vq_index(STEER_RX, queue), nb_desc);
	if (ret != 0)
		return ret;
	q = rxq_create(hw, queue, nb_desc, (int)socket);
	if (q == NULL) {
		VNET_LOG(ERR, hw, "Rx queue %u: out of memory; give EAL more (-m)", queue);
		return -ENOMEM;
	}
	q->thresh = thresh(conf->rx_free_thresh, nb_desc);
	vnet_rxq_set_pool(q, mp);
	vnet_rxq_clear(q);
	dev->data->rx_queues[queue] = q;
	return 0;
}

void
vnet_rxq_release(struct rte_eth_dev *dev, uint16_t queue)
{
	struct vnet_rxq *q = dev->data->rx_queues[queue];

	if (q != NULL)
		vnet_rxq_drain(q);
	rxq_free(q);
	dev->data->rx_queues[queue] = NULL;
}

static void
txq_free(struct vnet_txq *q)
{
	if (q == NULL)
		return;
	rte_free(q->sw);
	rte_free(q->ids);
	rte_free(q->next);
	if (q->vq.mz != NULL)
		vnet_vq_free(&q->vq);
	rte_free(q);
}

static struct vnet_txq *
txq_create(struct vnet_hw *hw, uint16_t queue, uint16_t nb_desc, int socket)
{
	struct vnet_txq *q =
		rte_zmalloc_socket("vnet_txq", sizeof(*q), RTE_CACHE_LINE_SIZE, socket);

	if (q == NULL)
		return NULL;
	q->sw = rte_zmalloc_socket("vnet_tx_sw", nb_desc * sizeof(q->sw[0]), RTE_CACHE_LINE_SIZE,
				   socket);
	q->ids = rte_zmalloc_socket("vnet_tx_ids", nb_desc * sizeof(q->ids[0]), RTE_CACHE_LINE_SIZE,
				    socket);
	q->next = rte_zmalloc_socket("vnet_tx_next", nb_desc * sizeof(q->next[0]),
				     RTE_CACHE_LINE_SIZE, socket);
	if (q->sw == NULL || q->ids == NULL || q->next == NULL ||
	    vnet_vq_alloc(hw, &q->vq, vnet_vq_index(STEER_TX, queue), nb_desc, TX_EXTRA, socket) !=
		    0) {
		txq_free(q);
		return NULL;
	}
	q->port_id = hw->port_id;
	q->queue_id = queue;
	q->steer_word = steer_port_queue_word(hw->port, STEER_TX, queue);
	return q;
}

int
vnet_txq_setup(struct rte_eth_dev *dev, uint16_t queue, uint16_t nb_desc, unsigned int socket,
	       const struct rte_eth_txconf *conf)
{
	uint64_t offloads = conf->offloads | dev->data->dev_conf.txmode.offloads;
	struct vnet_hw *hw = vnet_hw(dev);
	struct vnet_txq *q;
	int ret;

	if (conf->tx_deferred_start) {
		VNET_LOG(ERR, hw, "Tx queue %u: deferred start is not offered", queue);
		return -EINVAL;
	}
	ret = size_check(hw, vnet_vq_index(STEER_TX, queue), nb_desc);
	if (ret != 0)
		return ret;
	q = txq_create(hw, queue, nb_desc, (int)socket);
	if (q == NULL) {
		VNET_LOG(ERR, hw, "Tx queue %u: out of memory; give EAL more (-m)", queue);
		return -ENOMEM;
	}
	q->thresh = thresh(conf->tx_free_thresh, nb_desc);
	q->fast_free = (offloads & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) != 0;
	vnet_txq_clear(q);
	dev->data->tx_queues[queue] = q;
	return 0;
}

void
vnet_txq_release(struct rte_eth_dev *dev, uint16_t queue)
{
	struct vnet_txq *q = dev->data->tx_queues[queue];

	if (q != NULL)
		vnet_txq_drain(q);
	txq_free(q);
	dev->data->tx_queues[queue] = NULL;
}

int
vnet_tx_done(void *txq, uint32_t max)
{
	return (int)vnet_txq_clean(txq, max);
}
