/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A port of ethdev whose driver is made up, on a PCI bus that is only a name, behind it the device
 * of fake_tph.h. ethdev's and EAL's own structs and functions, without EAL started.
 */

#ifndef FAKE_ETHDEV_H
#define FAKE_ETHDEV_H

#include <bus_pci_driver.h>
#include <ethdev_driver.h>

#define FE_PORT    4
#define FE_FD      33 /* device file; nobody opens it */
#define FE_BAR     0x10000u
#define FE_ADDRESS "0000:03:00.0"

struct fake_port {
	struct rte_pci_device pci;
	struct rte_eth_dev_data data;
	uint32_t bar[FE_BAR / 4];
	/* of the file that was adopted */
	int adopted, closed, adopt_rc;
};
extern struct fake_port fe;

/* A port that is configured with no queue, bound to vfio-pci; its device as device() made it. */
void fe_port(uint16_t vendor, uint16_t device);
/* On another bus. */
void fe_bus(const char *name);
void fe_configure(uint16_t rxq, uint16_t txq, int rx_intr);
/* The driver sets up so many event fds, and binds queue i to vectors[i]. */
void fe_vectors(int nb_efd, const int *vectors, int n);
void fe_start(void);
void fe_stop(void);
/* The driver closes its device; the port is still there. */
void fe_close_device(void);
/* And the port's number is free. */
void fe_close(void);
/* What a test leaves. */
int fe_teardown(void **state);

#endif /* FAKE_ETHDEV_H */
