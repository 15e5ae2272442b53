/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the vfio virtio PMD offers beyond ethdev: showing its memory accesses to the cache model of
 * a device that has one (vfu-nic). Control plane, not thread-safe per port; the port is stopped for
 * begin and end.
 */

#ifndef STEER_VIRTIO_H
#define STEER_VIRTIO_H

#include <stdint.h>

#include <steer_trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/** 1 when the port is driven by this PMD and its device has a cache model. */
int steer_virtio_has_model(uint16_t port_id);
/**
 * Start a model session: the next rte_eth_dev_start() selects burst functions that trace ring,
 * descriptor and mbuf accesses into the queues' rings. The port must be stopped.
 * @return 0, -ENODEV not ours, -ENOTSUP no model in the device or traffic (conf.gen) that its wire
 * does not make, -ENOENT a name that it has not, -EBUSY port started, -EINVAL refused by the
 * device.
 */
int steer_virtio_model_begin(uint16_t port_id, const struct steer_trace_conf *conf);
/** End it: normal burst functions from the next start on. */
int steer_virtio_model_end(uint16_t port_id);
/** Let the device deliver n more packets. Port started. */
int steer_virtio_model_credit(uint16_t port_id, uint64_t n);
/** Shared area, NULL without a session. */
const struct steer_trace_area *steer_virtio_model_area(uint16_t port_id);
/**
 * Ring of a queue pair, for the application's own touches. The PMD's Rx and Tx burst functions of
 * queue q write into the same ring, so Rx queue q and Tx queue q must be polled by one lcore, which
 * sets ring->cpu. NULL without a session.
 */
struct steer_trace_ring *steer_virtio_model_ring(uint16_t port_id, uint16_t queue);

#ifdef __cplusplus
}
#endif
#endif /* STEER_VIRTIO_H */
