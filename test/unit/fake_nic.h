/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A PCI function of plain memory under vfu-nic's virtio device: one DMA map, tags by vector, and
 * the driver's side of a split ring. No threads, no EAL: tests call what workers would.
 */

#ifndef TEST_FAKE_NIC_H
#define TEST_FAKE_NIC_H

#include <stdlib.h>

#include "vio.h"
#include "wire.h"

#define FAKE_IOVA 0x100000000ull
#define FAKE_SIZE (4u << 20)

struct fake_nic {
	struct nic_opts opts;
	uint8_t *mem;   /* FAKE_SIZE bytes at FAKE_IOVA */
	uint64_t reach; /* bytes of it that are mapped */
	uint32_t prot;
	uint32_t at;      /* next free byte */
	uint16_t tags[8]; /* by vector */
	int tag_cpu[16];  /* by tag; -1 unknown */
	unsigned int irqs[8];
	struct vio *vio;
};
extern struct fake_nic fake;

/** The driver's view of one queue with n buffers of 2048 bytes. */
struct guest_queue {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint64_t buf; /* IOVA */
	uint16_t index, n, seen;
};

/** New device on this wire; asserts that it can be made. */
void fake_start(const char *wire, uint16_t pairs);
void fake_stop(void);
uint64_t fake_alloc(uint32_t size);
void *fake_ptr(uint64_t iova);

void guest_write(uint64_t off, uint64_t value, size_t len);
uint64_t guest_read(uint64_t off, size_t len);
/** Status up to FEATURES_OK. */
void guest_accept(uint64_t features);
void guest_queue(struct guest_queue *g, uint16_t index, uint16_t n, uint16_t vector);
void guest_go(void);
/** Give buffer i to the device. */
void guest_offer(struct guest_queue *g, uint16_t i);
/** All buffers, writable. */
void guest_fill(struct guest_queue *g);
uint64_t guest_buf(const struct guest_queue *g, uint16_t i);

#endif /* TEST_FAKE_NIC_H */
