/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Queues of the virtio PMD in a process without a device: what the tests of split and of packed
 * rings share. The device's end is in dev_split.h and dev_packed.h.
 */

#ifndef RING_FIXTURE_H
#define RING_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_ethdev.h>

#include "rxtx.h"

#define ROOM 256 /* data bytes of an mbuf */

struct ring_sizes {
	uint16_t size;     /* of both rings */
	uint16_t thresh;   /* of refill and clean-up */
	unsigned int pool; /* mbufs */
};

extern struct rte_mempool *pool;
extern struct vnet_rxq *rxq;
extern struct vnet_txq *txq;
extern uint16_t bell; /* queue that was notified last */

/* A pool, an Rx and a Tx queue; not started. */
void ring_new(const struct ring_sizes *sizes, bool packed);
/* After every case: what the queues hold comes back, and the pool is whole again. */
int ring_teardown(void **state);
/* A received packet: so many bytes, all of value seq. */
void frame_check(const struct rte_mbuf *m, uint8_t seq, uint32_t len);
/* Such a packet to send, with dirt where the header goes. */
struct rte_mbuf *packet(uint8_t seq, uint16_t len);

/* The Rx queue's timestamps, by buffer id, as a device writes them. */
extern uint64_t stamps[];
void stamps_on(void);
/* Of a received packet, which has one. The flag is taken away, as frame_check() wants none. */
uint64_t stamp_take(struct rte_mbuf *m);

/* 0 to n - 1, by seed. */
extern unsigned int seed;
unsigned int rnd(unsigned int n);

/* Records of a trace that are of this access by CPU 5. */
unsigned int
records_of(const volatile void *addr, uint32_t len, uint8_t op, const struct steer_trace_ring *t);

/* main() of a test program: EAL around its cases. */
int ring_main(const char *name, const struct CMUnitTest *tests, size_t n);
#define RING_MAIN(name, tests) ring_main(name, tests, sizeof(tests) / sizeof((tests)[0]))

#endif /* RING_FIXTURE_H */
