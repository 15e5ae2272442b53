/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Inside the wire that is an ethdev. A worker that polls a wire queue sorts what comes into one
 * FIFO per pair, since the pair that the driver's steering names may be another worker's. Packets
 * wait, in FIFOs and then on the wire, until the driver gives buffers; we drop none.
 */

#ifndef VFU_NIC_WIRE_ETHDEV_H
#define VFU_NIC_WIRE_ETHDEV_H

#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_spinlock.h>

#include "wire.h"

/** One pair's end; touched by the worker that polls the pair, the FIFO's entry side by all. */
struct eth_pair {
	struct rte_ring *fifo;
	struct rte_mbuf *held[VQ_BURST]; /* out of the FIFO, not yet in the driver's ring */
	uint16_t held_at, held_n;
	struct rte_mbuf *unsent[VQ_BURST]; /* out of the driver's ring, refused by the wire */
	uint16_t unsent_n;
	uint64_t wire_rx, wire_tx, filtered;
	uint8_t *scratch;
} __rte_cache_aligned;

struct eth {
	struct wire wire;
	char name[64];
	uint16_t port;
	bool added, started;
	bool file_input; /* an empty burst means the end of the file */
	uint16_t nb_rxq, nb_txq;
	uint8_t *rxq_dry; /* one per wire queue: its file is at the end; atomic */
	rte_spinlock_t *txq_lock;
	struct rte_mempool *pool;
	struct eth_pair *pairs;
	uint16_t pool_room;
	/* Packets whose queue is to be chosen anew, before any from the wire; pair 0's worker. */
	struct rte_mbuf **spill;
	uint32_t spill_at, spill_n; /* n atomic */
};

int eth_open(struct vio *vio, const char *text, struct wire **out);
void eth_close(struct wire *w);

#endif /* VFU_NIC_WIRE_ETHDEV_H */
