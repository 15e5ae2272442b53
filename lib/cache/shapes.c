/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Shapes of rings. "assumed" marks a figure without a public source. Sources:
 *
 * [virtio] VIRTIO 1.2: split ring 2.7 (descriptor 16 bytes, used element 8), network header 5.1.6.
 * [mlx5]   Linux, include/linux/mlx5/device.h and qp.h: completion of 64 bytes; compressed ones of
 *          8 bytes, 8 in the place of one, with a title of 64 bytes before each run of them; data
 *          segment of 16 bytes; doorbell records in host memory.
 * [pmd]    DPDK guide on the mlx5 PMD: compression of receive completions is on by default
 *          (rxq_cqe_comp_en); ConnectX-5 has enhanced multi-packet send on by default (txq_mpw_en),
 *          which puts pointers to several packets into one descriptor; data is copied into
 *          descriptors only with 8 Tx queues or more (txqs_min_inline).
 */

#include "steer_shape.h"

#include <stddef.h>
#include <string.h>

static const struct steer_ring_shape shapes[] = {
	{
		.name = "virtio",
		.desc = "the rings as they are",
		.as_is = 1,
		.rx_desc = 16,    /* [virtio] */
		.rx_done = 8,     /* [virtio] */
		.rx_share = 1,    /* [virtio] */
		.tx_desc = 16,    /* [virtio] */
		.tx_done = 8,     /* [virtio] */
		.tx_share = 1,    /* [virtio] */
		.pkt_header = 12, /* [virtio] */
		.doorbell = 0,
	},
	{
		.name = "mlx5",
		.desc = "ConnectX-5, completions compressed",
		.rx_desc = 16,   /* [mlx5]: a data segment */
		.rx_done = 64,   /* [mlx5] */
		.rx_share = 8,   /* [pmd]; the title once a run is left out: assumed long runs */
		.tx_desc = 16,   /* [pmd]: a data segment; the head once a burst is left out */
		.tx_done = 64,   /* [mlx5] */
		.tx_share = 32,  /* assumed: one is asked for once a burst */
		.pkt_header = 0, /* all that is known of a packet is in its completion */
		.doorbell = 4,   /* [mlx5]: for send, receive and completion queue */
	},
	{
		.name = "mlx5-cqe64",
		.desc = "ConnectX-5, a completion for each packet",
		.rx_desc = 16,
		.rx_done = 64,
		.rx_share = 1, /* rxq_cqe_comp_en=0; all else as mlx5 */
		.tx_desc = 16,
		.tx_done = 64,
		.tx_share = 32,
		.pkt_header = 0,
		.doorbell = 4,
	},
};

#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

const struct steer_ring_shape *
steer_shape_next(const struct steer_ring_shape *s)
{
	if (s == NULL)
		return &shapes[0];
	return s + 1 < shapes + N_SHAPES ? s + 1 : NULL;
}

const struct steer_ring_shape *
steer_shape_find(const char *name)
{
	if (name == NULL)
		return NULL;
	if (name[0] == '\0')
		return &shapes[0];
	for (size_t i = 0; i < N_SHAPES; i++)
		if (strcmp(shapes[i].name, name) == 0)
			return &shapes[i];
	return NULL;
}
