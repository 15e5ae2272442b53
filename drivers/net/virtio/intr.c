/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * MSI-X vectors and their eventfds: vector 0 tells of configuration changes, Rx queues have one
 * each while Rx interrupts are wanted, and every other vector shares a spare one (steering needs
 * vectors that exist, not ones that anybody hears). A device that a TSM locks has all its vectors
 * and eventfds from the beginning, since it takes no others later.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "virtio.h"

/** One per Rx queue that there may be. */
static int
own_fds_create(struct vnet_hw *hw)
{
	uint16_t i;

	hw->intr.own_fd = malloc(hw->max_pairs * sizeof(hw->intr.own_fd[0]));
	if (hw->intr.own_fd == NULL)
		return -ENOMEM;
	for (i = 0; i < hw->max_pairs; i++)
		hw->intr.own_fd[i] = -1;
	for (i = 0; i < hw->max_pairs; i++) {
		hw->intr.own_fd[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (hw->intr.own_fd[i] < 0)
			return -errno;
	}
	return 0;
}

int
vnet_intr_init(struct vnet_hw *hw)
{
	struct rte_intr_handle *handle = hw->bus->intr_handle;
	struct vnet_intr *in = &hw->intr;
	int ret;

	in->config_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	in->spare_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (in->config_fd < 0 || in->spare_fd < 0) {
		VNET_LOG(ERR, hw, "create eventfds for interrupts: %s", rte_strerror(errno));
		return -errno;
	}
	ret = vnet_is_locked(hw) ? own_fds_create(hw) : 0;
	if (ret != 0 || handle == NULL)
		return ret;
	/* VDEV: EAL polls our fds, and reads 8 bytes from those of Rx queues. */
	if (rte_intr_type_set(handle, RTE_INTR_HANDLE_VDEV) != 0 ||
	    rte_intr_fd_set(handle, in->config_fd) != 0 ||
	    rte_intr_efd_counter_size_set(handle, sizeof(uint64_t)) != 0)
		return -rte_errno;
	return 0;
}

static void
fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
vnet_intr_fini(struct vnet_hw *hw)
{
	uint16_t i;

	if (hw->nb_vectors != 0 && !vnet_is_gone(hw))
		steer_vfio_irqs_disable(hw->vdev, STEER_VFIO_IRQ_MSIX);
	hw->nb_vectors = 0;
	if (hw->bus->intr_handle != NULL)
		rte_intr_fd_set(hw->bus->intr_handle, -1);
	fd_close(&hw->intr.config_fd);
	fd_close(&hw->intr.spare_fd);
	for (i = 0; hw->intr.own_fd != NULL && i < hw->max_pairs; i++)
		fd_close(&hw->intr.own_fd[i]);
	free(hw->intr.own_fd);
	hw->intr.own_fd = NULL;
}

static int
fd_of_vector(const struct vnet_intr *in, uint16_t vector, uint16_t max_pairs)
{
	if (vector == 0)
		return in->config_fd;
	return in->own_fd != NULL && vector <= max_pairs ? in->own_fd[vector - 1] : in->spare_fd;
}

int
vnet_vectors_alloc(struct vnet_hw *hw, uint16_t n)
{
	int *fds, ret;
	uint16_t i;

	if (n <= hw->nb_vectors)
		return 0;
	if (n > hw->max_vectors)
		return -ENOSPC;
	if (vnet_is_locked(hw))
		n = hw->max_vectors;
	fds = malloc(n * sizeof(*fds));
	if (fds == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		fds[i] = fd_of_vector(&hw->intr, i, hw->max_pairs);
	ret = steer_vfio_irqs_set(hw->vdev, STEER_VFIO_IRQ_MSIX, 0, n, fds);
	free(fds);
	if (ret != 0) {
		VNET_LOG(ERR, hw, "allocate %u interrupt vectors: %s", n, steer_vfio_error());
		return ret;
	}
	hw->nb_vectors = n;
	return 0;
}

int
vnet_link_update(struct rte_eth_dev *dev, int wait)
{
	struct rte_eth_link link = {.link_speed = RTE_ETH_SPEED_NUM_UNKNOWN,
				    .link_duplex = RTE_ETH_LINK_FULL_DUPLEX,
				    .link_autoneg = RTE_ETH_LINK_FIXED};
	struct vnet_hw *hw = vnet_hw(dev);
	struct vnet_config cfg;

	RTE_SET_USED(wait);
	vnet_report_stopped(dev);
	if (!hw->started || vnet_is_gone(hw) || vnet_config_read(hw, &cfg) != 0)
		return rte_eth_linkstatus_set(dev, &link);
	link.link_status = RTE_ETH_LINK_UP;
	if (vnet_has(hw, VNET_F_STATUS) && !(cfg.status & VNET_LINK_UP))
		link.link_status = RTE_ETH_LINK_DOWN;
	if (vnet_has(hw, VNET_F_SPEED_DUPLEX)) {
		link.link_speed =
			cfg.speed == VNET_SPEED_UNKNOWN ? RTE_ETH_SPEED_NUM_UNKNOWN : cfg.speed;
		link.link_duplex = cfg.duplex == VNET_DUPLEX_FULL ? RTE_ETH_LINK_FULL_DUPLEX
								  : RTE_ETH_LINK_HALF_DUPLEX;
	}
	return rte_eth_linkstatus_set(dev, &link);
}

static void
config_changed(void *arg)
{
	struct rte_eth_dev *dev = arg;
	uint64_t n;

	if (read(vnet_hw(dev)->intr.config_fd, &n, sizeof(n)) != sizeof(n))
		return;
	if (vnet_link_update(dev, 0) == 0)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
}

int
vnet_lsc_register(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret;

	if (hw->bus->intr_handle == NULL || hw->nb_vectors == 0 || hw->intr.lsc_on)
		return 0;
	ret = rte_intr_callback_register(hw->bus->intr_handle, config_changed, dev);
	if (ret < 0) {
		VNET_LOG(ERR, hw, "listen to the configuration interrupt: %s", rte_strerror(-ret));
		return ret;
	}
	hw->intr.lsc_on = true;
	return 0;
}

void
vnet_lsc_unregister(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);

	if (!hw->intr.lsc_on)
		return;
	rte_intr_callback_unregister_sync(hw->bus->intr_handle, config_changed, dev);
	hw->intr.lsc_on = false;
}

uint16_t
vnet_queue_vector(struct rte_eth_dev *dev, enum steer_dir dir, uint16_t queue)
{
	struct vnet_hw *hw = vnet_hw(dev);
	uint16_t vector = steer_port_queue_vector(hw->port, dir, queue);

	if (vector == STEER_NO_VECTOR && dir == STEER_RX && dev->data->dev_conf.intr_conf.rxq)
		return queue + 1;
	return vector;
}

static int
rx_fds_create(struct vnet_hw *hw, uint16_t n)
{
	struct vnet_intr *in = &hw->intr;

	in->rx = calloc(n, sizeof(in->rx[0]));
	if (in->rx == NULL)
		return -ENOMEM;
	for (in->nb_rx = 0; in->nb_rx < n; in->nb_rx++) {
		in->rx[in->nb_rx].fd = in->own_fd != NULL ? in->own_fd[in->nb_rx]
							  : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (in->rx[in->nb_rx].fd < 0)
			return -errno;
	}
	return 0;
}

/** Tell EAL which eventfd is whose, as rte_eth_dev_rx_intr_ctl_q() looks it up. */
static int
rx_fds_publish(struct vnet_hw *hw)
{
	struct rte_intr_handle *handle = hw->bus->intr_handle;
	uint16_t i, n = hw->intr.nb_rx;

	if (rte_intr_vec_list_alloc(handle, "intr_vec", n) != 0)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (rte_intr_efds_index_set(handle, i, hw->intr.rx[i].fd) != 0 ||
		    rte_intr_vec_list_index_set(handle, i, RTE_INTR_VEC_RXTX_OFFSET + i) != 0)
			return -rte_errno;
	}
	if (rte_intr_nb_efd_set(handle, n) != 0 || rte_intr_max_intr_set(handle, n + 1) != 0)
		return -rte_errno;
	return 0;
}

/** Give a vector another listener. Its tag may be lost by that: steer_port_irqs_done() is next. */
static int
vector_listen(struct vnet_hw *hw, uint16_t vector, int fd)
{
	return steer_vfio_irqs_set(hw->vdev, STEER_VFIO_IRQ_MSIX, vector, 1, &fd);
}

static int
rx_vector_bind(struct rte_eth_dev *dev, uint16_t queue)
{
	struct vnet_hw *hw = vnet_hw(dev);
	uint16_t vector = vnet_queue_vector(dev, STEER_RX, queue);
	int ret = vnet_vectors_alloc(hw, vector + 1);

	if (ret == -ENOSPC)
		VNET_LOG(ERR, hw,
			 "Rx interrupt of queue %u needs vector %u, the device has %u; "
			 "use fewer queues",
			 queue, vector, hw->max_vectors);
	/* Its own fd listens to vector 1+queue already, and lib/steer has none for a locked device.
	 */
	if (ret == 0 && !vnet_is_locked(hw))
		ret = vector_listen(hw, vector, hw->intr.rx[queue].fd);
	if (ret == 0)
		hw->intr.rx[queue].vector = vector;
	return ret;
}

static int
rx_vectors_bind(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	uint16_t i;
	int ret;

	for (i = 0; i < hw->intr.nb_rx; i++) {
		ret = rx_vector_bind(dev, i);
		if (ret != 0)
			return ret;
	}
	return steer_port_irqs_done(hw->port);
}

int
vnet_rx_intr_start(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	int ret;

	if (!dev->data->dev_conf.intr_conf.rxq)
		return 0;
	if (hw->bus->intr_handle == NULL)
		return -ENOTSUP;
	ret = rx_fds_create(hw, dev->data->nb_rx_queues);
	if (ret == 0)
		ret = rx_vectors_bind(dev);
	if (ret == 0)
		ret = rx_fds_publish(hw);
	if (ret != 0) {
		VNET_LOG(ERR, hw, "set up Rx interrupts: %s", rte_strerror(-ret));
		vnet_rx_intr_stop(dev);
	}
	return ret;
}

void
vnet_rx_intr_stop(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	struct vnet_intr *in = &hw->intr;
	uint16_t i;

	if (in->rx == NULL)
		return;
	rte_intr_free_epoll_fd(hw->bus->intr_handle);
	rte_intr_nb_efd_set(hw->bus->intr_handle, 0);
	rte_intr_max_intr_set(hw->bus->intr_handle, 0);
	rte_intr_vec_list_free(hw->bus->intr_handle);
	for (i = 0; i < in->nb_rx && in->own_fd == NULL; i++) {
		if (!vnet_is_gone(hw) && in->rx[i].vector != 0)
			vector_listen(hw, in->rx[i].vector, in->spare_fd);
		close(in->rx[i].fd);
	}
	free(in->rx);
	in->rx = NULL;
	in->nb_rx = 0;
	if (!vnet_is_gone(hw))
		steer_port_irqs_done(hw->port);
}

int
vnet_rx_intr_on(struct rte_eth_dev *dev, uint16_t queue)
{
	struct vnet_rxq *q = dev->data->rx_queues[queue];
	struct vnet_hw *hw = vnet_hw(dev);
	const uint64_t one = 1;

	if (queue >= hw->intr.nb_rx)
		return -ENOTSUP;
	vnet_vq_intr(&q->vq, true);
	/* What came before the device could see the flag would otherwise sleep with the caller. */
	rte_mb();
	if (!vnet_vq_is_off(&q->vq) && vnet_vq_has_used(&q->vq) &&
	    write(hw->intr.rx[queue].fd, &one, sizeof(one)) != sizeof(one))
		return -errno;
	return 0;
}

int
vnet_rx_intr_off(struct rte_eth_dev *dev, uint16_t queue)
{
	struct vnet_rxq *q = dev->data->rx_queues[queue];

	if (queue >= vnet_hw(dev)->intr.nb_rx)
		return -ENOTSUP;
	vnet_vq_intr(&q->vq, false);
	return 0;
}
