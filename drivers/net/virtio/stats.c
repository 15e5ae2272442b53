/* SPDX-License-Identifier: BSD-3-Clause */

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "virtio.h"

struct field {
	const char *name;
	size_t off;
};

static const struct field rx_fields[] = {
	{"packets", offsetof(struct vnet_rx_stats, packets)},
	{"bytes", offsetof(struct vnet_rx_stats, bytes)},
	{"errors", offsetof(struct vnet_rx_stats, errors)},
	{"ring_violations", offsetof(struct vnet_rx_stats, violations)},
	{"no_mbuf", offsetof(struct vnet_rx_stats, nombuf)},
};

static const struct field tx_fields[] = {
	{"packets", offsetof(struct vnet_tx_stats, packets)},
	{"bytes", offsetof(struct vnet_tx_stats, bytes)},
	{"errors", offsetof(struct vnet_tx_stats, errors)},
	{"ring_violations", offsetof(struct vnet_tx_stats, violations)},
};

/* Steering of the queue, after the counters. */
static const char *const steer_fields[] = {"steer_cpu", "steer_tag", "steer_generation",
					   "steer_resteers", "steer_errors"};

static void
report_one(struct vnet_hw *hw, const char *dir, uint16_t queue, struct vnet_vq *vq)
{
	uint8_t off = __atomic_load_n(&vq->off, __ATOMIC_RELAXED);

	if (off < VNET_OFF_BAD_ID || vq->reported)
		return;
	vq->reported = 1;
	VNET_LOG(ERR, hw, "%s queue %u stopped: %s; restart the port, and mistrust the device", dir,
		 queue, vnet_off_text(off));
}

void
vnet_report_stopped(struct rte_eth_dev *dev)
{
	struct vnet_hw *hw = vnet_hw(dev);
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		struct vnet_rxq *q = dev->data->rx_queues[i];

		if (q != NULL)
			report_one(hw, "Rx", i, &q->vq);
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		struct vnet_txq *q = dev->data->tx_queues[i];

		if (q != NULL)
			report_one(hw, "Tx", i, &q->vq);
	}
}

static void
rx_sum(const struct rte_eth_dev *dev, struct rte_eth_stats *s)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct vnet_rxq *q = dev->data->rx_queues[i];
		struct vnet_rx_stats n;

		if (q == NULL)
			continue;
		n = vnet_rxq_stats(q);
		s->ipackets += n.packets;
		s->ibytes += n.bytes;
		s->ierrors += n.errors + n.violations;
		s->rx_nombuf += n.nombuf;
		if (i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			s->q_ipackets[i] = n.packets;
			s->q_ibytes[i] = n.bytes;
			s->q_errors[i] = n.errors + n.violations;
		}
	}
}

static void
tx_sum(const struct rte_eth_dev *dev, struct rte_eth_stats *s)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		const struct vnet_txq *q = dev->data->tx_queues[i];
		struct vnet_tx_stats n;

		if (q == NULL)
			continue;
		n = vnet_txq_stats(q);
		s->opackets += n.packets;
		s->obytes += n.bytes;
		s->oerrors += n.errors + n.violations;
		if (i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			s->q_opackets[i] = n.packets;
			s->q_obytes[i] = n.bytes;
		}
	}
}

int
vnet_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats)
{
	stats->rx_nombuf = 0;
	rx_sum(dev, stats);
	tx_sum(dev, stats);
	vnet_report_stopped(dev);
	return 0;
}

/* A burst function may be in the middle of counting: its counters are left alone, and what they
 * show now is the new zero. */
int
vnet_stats_reset(struct rte_eth_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		struct vnet_rxq *q = dev->data->rx_queues[i];

		if (q != NULL)
			q->base = q->stats;
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		struct vnet_txq *q = dev->data->tx_queues[i];

		if (q != NULL)
			q->base = q->stats;
	}
	return 0;
}

static unsigned int
xstats_count(const struct rte_eth_dev *dev)
{
	return dev->data->nb_rx_queues * (RTE_DIM(rx_fields) + RTE_DIM(steer_fields)) +
	       dev->data->nb_tx_queues * (RTE_DIM(tx_fields) + RTE_DIM(steer_fields));
}

static unsigned int
names_of_queue(struct rte_eth_xstat_name *names, const char *dir, uint16_t queue,
	       const struct field *fields, unsigned int nb)
{
	unsigned int i, k = 0;

	for (i = 0; i < nb; i++)
		snprintf(names[k++].name, sizeof(names->name), "%s_q%u_%s", dir, queue,
			 fields[i].name);
	for (i = 0; i < RTE_DIM(steer_fields); i++)
		snprintf(names[k++].name, sizeof(names->name), "%s_q%u_%s", dir, queue,
			 steer_fields[i]);
	return k;
}

int
vnet_xstats_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n)
{
	unsigned int k = 0;
	uint16_t i;

	if (names == NULL || n < xstats_count(dev))
		return xstats_count(dev);
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		k += names_of_queue(&names[k], "rx", i, rx_fields, RTE_DIM(rx_fields));
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		k += names_of_queue(&names[k], "tx", i, tx_fields, RTE_DIM(tx_fields));
	return k;
}

static unsigned int
values_of_queue(struct rte_eth_xstat *x, unsigned int k, const void *stats,
		const struct field *fields, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < nb; i++, k++) {
		x[k].id = k;
		x[k].value = *(const uint64_t *)RTE_PTR_ADD(stats, fields[i].off);
	}
	return k;
}

static unsigned int
steer_of_queue(struct rte_eth_xstat *x, unsigned int k, uint16_t port, enum steer_dir dir,
	       uint16_t queue)
{
	struct steer_queue_info info = {.cpu = STEER_CPU_NONE};
	unsigned int i;

	if (steer_queue_info_get(port, dir, queue, &info) != 0)
		info.cpu = STEER_CPU_NONE;
	/* No CPU shows as the largest value, not as CPU 0. */
	x[k].value = info.cpu == STEER_CPU_NONE ? UINT64_MAX : info.cpu;
	x[k + 1].value = info.tag;
	x[k + 2].value = info.generation;
	x[k + 3].value = info.resteers;
	x[k + 4].value = info.errors;
	for (i = 0; i < RTE_DIM(steer_fields); i++, k++)
		x[k].id = k;
	return k;
}

int
vnet_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	uint16_t i, port = dev->data->port_id;
	unsigned int k = 0;

	if (xstats == NULL || n < xstats_count(dev))
		return xstats_count(dev);
	vnet_report_stopped(dev);
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct vnet_rxq *q = dev->data->rx_queues[i];
		struct vnet_rx_stats s = {0};

		if (q != NULL)
			s = vnet_rxq_stats(q);
		k = values_of_queue(xstats, k, &s, rx_fields, RTE_DIM(rx_fields));
		k = steer_of_queue(xstats, k, port, STEER_RX, i);
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		const struct vnet_txq *q = dev->data->tx_queues[i];
		struct vnet_tx_stats s = {0};

		if (q != NULL)
			s = vnet_txq_stats(q);
		k = values_of_queue(xstats, k, &s, tx_fields, RTE_DIM(tx_fields));
		k = steer_of_queue(xstats, k, port, STEER_TX, i);
	}
	return k;
}
