/* SPDX-License-Identifier: BSD-3-Clause */

#include "fake_tph.h"

#include <bus_driver.h>

#include "fake_ethdev.h"

struct fake_port fe;

static struct rte_bus bus;
static struct rte_driver driver = {.name = "net_made_up"};

static int
infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	info->max_rx_queues = 8;
	info->max_tx_queues = 8;
	return 0;
}

static const struct eth_dev_ops ops = {.dev_infos_get = infos_get};

void
fe_bus(const char *name)
{
	bus.name = name;
}

static void
handle_free(void)
{
	if (fe.pci.intr_handle == NULL)
		return;
	rte_intr_vec_list_free(fe.pci.intr_handle);
	rte_intr_instance_free(fe.pci.intr_handle);
	fe.pci.intr_handle = NULL;
}

void
fe_port(uint16_t vendor, uint16_t device)
{
	struct rte_eth_dev *dev = &rte_eth_devices[FE_PORT];

	handle_free();
	memset(&fe, 0, sizeof(fe));
	k.bar0 = fe.bar;
	k.bar0_len = sizeof(fe.bar);
	fe_bus("pci");
	fe.pci.device.bus = &bus;
	fe.pci.device.driver = &driver;
	fe.pci.device.name = fe.pci.name;
	fe.pci.id.vendor_id = vendor;
	fe.pci.id.device_id = device;
	fe.pci.kdrv = RTE_PCI_KDRV_VFIO;
	snprintf(fe.pci.name, sizeof(fe.pci.name), "%s", FE_ADDRESS);
	fe.pci.intr_handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	assert_non_null(fe.pci.intr_handle);
	assert_int_equal(rte_intr_dev_fd_set(fe.pci.intr_handle, FE_FD), 0);
	snprintf(fe.data.name, sizeof(fe.data.name), "%s", FE_ADDRESS);
	fe.data.port_id = FE_PORT;
	memset(dev, 0, sizeof(*dev));
	dev->data = &fe.data;
	dev->dev_ops = &ops;
	dev->device = &fe.pci.device;
	dev->intr_handle = fe.pci.intr_handle;
	dev->state = RTE_ETH_DEV_ATTACHED;
}

void
fe_configure(uint16_t rxq, uint16_t txq, int rx_intr)
{
	assert_int_equal(fe.data.dev_started, 0);
	fe.data.nb_rx_queues = rxq;
	fe.data.nb_tx_queues = txq;
	fe.data.dev_conf.intr_conf.rxq = rx_intr != 0;
	fe.data.dev_configured = 1;
}

void
fe_vectors(int nb_efd, const int *vectors, int n)
{
	int i;

	rte_intr_vec_list_free(fe.pci.intr_handle);
	assert_int_equal(rte_intr_nb_efd_set(fe.pci.intr_handle, nb_efd), 0);
	if (n > 0)
		assert_int_equal(rte_intr_vec_list_alloc(fe.pci.intr_handle, NULL, n), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(rte_intr_vec_list_index_set(fe.pci.intr_handle, i, vectors[i]), 0);
}

void
fe_start(void)
{
	fe.data.dev_started = 1;
}

void
fe_stop(void)
{
	fe.data.dev_started = 0;
}

void
fe_close_device(void)
{
	fe_stop();
	k.gone = 1;
}

void
fe_close(void)
{
	struct rte_eth_dev *dev = &rte_eth_devices[FE_PORT];

	fe_close_device();
	dev->state = RTE_ETH_DEV_UNUSED;
	dev->data = NULL;
	dev->device = NULL;
}

int
fe_teardown(void **state)
{
	handle_free();
	memset(&rte_eth_devices[FE_PORT], 0, sizeof(rte_eth_devices[FE_PORT]));
	return fe.adopted == fe.closed ? 0 : -1;
}

/* ---- the part of lib/vfio that fake_tph.c leaves out */

int
steer_vfio_adopt(const struct steer_vfio_adopt_args *args, struct steer_vfio_dev **dev, char *err,
		 size_t errlen)
{
	assert_int_equal(args->fd, FE_FD);
	assert_string_equal(args->pci_addr, FE_ADDRESS);
	assert_string_equal(args->name, FE_ADDRESS);
	if (fe.adopt_rc != 0) {
		snprintf(err, errlen, "%s: open: adopt: refused", args->name);
		return fe.adopt_rc;
	}
	fe.adopted++;
	*dev = (struct steer_vfio_dev *)&fe;
	return 0;
}

void
steer_vfio_close(struct steer_vfio_dev *dev)
{
	if (dev != NULL)
		fe.closed++;
}
