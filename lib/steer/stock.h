/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Inside the stock ports: what is known of one. All of it is under stock.c's lock, but what the ops
 * read with the port's lock held: that is constant from attach on, or changes while the port is
 * stopped for lib/steer.
 */

#ifndef STEER_STOCK_PRIV_H
#define STEER_STOCK_PRIV_H

#include <stdbool.h>
#include <sys/queue.h>

#include <ethdev_driver.h>

#include <steer_vfio.h>

#include "profile.h"
#include "steer_priv.h"
#include "steer_stock.h"

/* What a look at the ethdev shows. */
struct stock_state {
	bool started;
	bool rx_intr; /* asked for at configure */
	uint16_t nb[2];
	int nb_efd; /* event fds of Rx queues that the driver has set up */
};

struct stock_port {
	LIST_ENTRY(stock_port) next;
	uint16_t port_id;
	struct rte_eth_dev *dev;
	const struct rte_device *device; /* of dev at attach; may be NULL */
	struct steer_port *port;
	struct steer_vfio_dev *vdev;         /* NULL: no device file */
	struct steer_tph *tph;               /* NULL likewise */
	const struct steer_profile *profile; /* NULL: none that has tags */
	struct steer_profile_io io;
	char why_not[128]; /* without device file: why */
	unsigned int check_us;
	uint64_t checked_us; /* when the device was looked at last */
	struct stock_state seen;
	uint16_t vectors[RTE_MAX_QUEUES_PER_PORT]; /* of Rx queues */
};

/* stock_pci.c: vdev, tph, profile and io, or why_not. @return 0, -ENOMEM. */
int stock_pci_open(struct stock_port *s, const struct steer_stock_conf *conf);
void stock_pci_close(struct stock_port *s);

/* stock_state.c */
struct stock_state stock_look(const struct rte_eth_dev *dev);
bool stock_same(const struct stock_state *a, const struct stock_state *b);
/* MSI-X vector of each Rx queue, as its driver has bound them. */
void stock_vectors(struct stock_port *s, const struct stock_state *now);

/* stock_ops.c */
const struct steer_port_ops *stock_ops(const struct stock_port *s);

#endif /* STEER_STOCK_PRIV_H */
