/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The virtio-net device behind nic.h, its private state.
 *
 * vio.lock (recursive) serialises everything that changes the device: the PCI function's control
 * thread and the control-queue thread. What workers read is changed only while they are parked
 * (vio_pause); single words that they may see change at any time are atomics.
 */

#ifndef VFU_NIC_VIO_H
#define VFU_NIC_VIO_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <steer_trace.h>

#include "nic.h"
#include "rss.h"
#include "virtio_spec.h"
#include "vq.h"

#define VIO_MAC_TABLE   64u
#define VIO_MAX_WORKERS 128u

struct wire;
struct model;
struct worker;

/** Filters of the receive side as the control queue set them, 5.1.6.5.1 to 5.1.6.5.3. */
struct vio_filter {
	bool promisc;
	bool allmulti;
	bool uni_overflow; /* more unicast addresses than the table holds: accept all */
	bool multi_overflow;
	uint16_t nr_uni, nr_multi;
	uint8_t mac[6];
	uint8_t uni[VIO_MAC_TABLE][6];
	uint8_t multi[VIO_MAC_TABLE][6];
	bool vlan_on; /* VLAN filtering was negotiated */
	uint32_t vlan[4096 / 32];
};

struct vio {
	struct nic *nic;
	const struct nic_opts *opts;

	/* registers, 4.1.4.3 */
	uint64_t offered;
	uint64_t features; /* accepted; atomic: workers look while the driver still writes it */
	uint32_t feature_sel, driver_sel;
	uint16_t queue_sel;
	uint16_t config_vector; /* atomic */
	uint8_t status;         /* atomic: workers add NEEDS_RESET */
	uint8_t generation;
	uint8_t isr; /* atomic */
	struct vio_net_config cfg;

	uint16_t pairs;     /* that the device has */
	uint16_t nr_queues; /* 2 * pairs, and the control queue */
	struct vq *vqs;     /* nr_queues */
	uint32_t *st_regs;  /* tag registers, one per queue; atomic */
	struct vio_filter filter;
	struct rss rss;

	uint8_t *notify; /* doorbell page, shared with the client */
	int notify_fd;

	struct wire *wire;
	struct model *model;

	/* threads */
	pthread_mutex_t lock;
	unsigned int pause_depth;
	uint32_t pause;    /* atomic: workers must park */
	uint32_t stop;     /* atomic */
	uint32_t ctrl_run; /* atomic: the control-queue thread lives */
	struct worker *workers;
	unsigned int nr_workers;
	pthread_t ctrl_thread;
	bool started;
};

static inline bool
vio_has(const struct vio *vio, unsigned int feature)
{
	return (__atomic_load_n(&vio->features, __ATOMIC_RELAXED) & VIO_BIT(feature)) != 0;
}

/** Index of the control queue; nr_queues when there is none. */
static inline uint16_t
vio_ctrl_index(const struct vio *vio)
{
	if (!vio_has(vio, VIO_F_CTRL_VQ))
		return vio->nr_queues;
	if (vio_has(vio, VIO_F_MQ) || vio_has(vio, VIO_F_RSS))
		return 2 * vio->pairs;
	return vio->pairs == 1 ? 2 * vio->pairs : 2;
}

/** Receive queue and transmit queue of a pair. */
static inline struct vq *
vio_rxq(const struct vio *vio, unsigned int pair)
{
	return &vio->vqs[2 * pair];
}

static inline struct vq *
vio_txq(const struct vio *vio, unsigned int pair)
{
	return &vio->vqs[2 * pair + 1];
}

/** Is this pair moved by workers? Not when its ring is the control queue's. */
static inline bool
vio_pair_usable(const struct vio *vio, unsigned int pair)
{
	return 2 * pair < vio_ctrl_index(vio);
}

/* common registers and device configuration (vio_common.c, vio_devcfg.c) */
void vio_common_image(const struct vio *vio, struct vio_common_regs *img);
void vio_common_write(struct vio *vio, uint64_t off, const uint8_t *buf, size_t len);
/** Make queues run or stand as registers and status say. Paused. */
void vio_queues_refresh(struct vio *vio);
/** Virtio reset: status 0. Paused. */
void vio_soft_reset(struct vio *vio);
void vio_devcfg_init(struct vio *vio);
/** Link state or speed of the wire changed; tells the driver. */
void vio_devcfg_link(struct vio *vio, bool up, uint32_t speed);
/** The driver must be told that configuration or status changed. [worker] */
void vio_config_changed(struct vio *vio);
/** A ring is broken: the device needs a reset. [worker] */
void vio_needs_reset(struct vio *vio, const struct vq *q);

/* control queue (ctrl.c): [lock held] serve what is available */
void vio_ctrl_poll(struct vio *vio);
/** Execute one command; data is what follows class and command. @return ack byte. */
uint8_t vio_ctrl_exec(struct vio *vio, uint8_t class, uint8_t cmd, const uint8_t *data, size_t len);
void vio_filter_reset(struct vio *vio);

/* receive filter (filter.c): accept this frame? */
bool vio_filter_accept(const struct vio_filter *f, const uint8_t *frame, uint32_t len);

/** Sealed anonymous file; its [off, off+size) is mapped at *ptr. @return fd or negative errno. */
int vio_memfd(const char *name, uint64_t off, size_t size, void **ptr);
int vio_telemetry_init(struct vio *vio);
void vio_telemetry_fini(struct vio *vio);

#endif /* VFU_NIC_VIO_H */
