/* SPDX-License-Identifier: BSD-3-Clause */

/* What the driver of a port has made of it; ethdev tells nobody, so it is looked at. */

#include <rte_interrupts.h>

#include "stock.h"

struct stock_state
stock_look(const struct rte_eth_dev *dev)
{
	const struct rte_eth_dev_data *data = dev->data;
	struct stock_state s = {
		.started = data->dev_started,
		.rx_intr = data->dev_conf.intr_conf.rxq,
		.nb = {data->nb_rx_queues, data->nb_tx_queues},
	};

	if (s.rx_intr && dev->intr_handle != NULL)
		s.nb_efd = rte_intr_nb_efd_get(dev->intr_handle);
	return s;
}

bool
stock_same(const struct stock_state *a, const struct stock_state *b)
{
	return a->started == b->started && a->rx_intr == b->rx_intr &&
	       a->nb[STEER_RX] == b->nb[STEER_RX] && a->nb[STEER_TX] == b->nb[STEER_TX] &&
	       a->nb_efd == b->nb_efd;
}

static uint16_t
vector_of(const struct rte_eth_dev *dev, uint16_t queue)
{
	int v = rte_intr_vec_list_index_get(dev->intr_handle, queue);

	return v < 0 || v >= STEER_NO_VECTOR ? STEER_NO_VECTOR : (uint16_t)v;
}

/* Without event fds the list is empty, or of a time before. */
void
stock_vectors(struct stock_port *s, const struct stock_state *now)
{
	bool bound = now->rx_intr && now->nb_efd > 0;
	uint16_t q;

	for (q = 0; q < now->nb[STEER_RX] && q < RTE_DIM(s->vectors); q++)
		s->vectors[q] = bound ? vector_of(s->dev, q) : STEER_NO_VECTOR;
}
