/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Cache stashing in the shape of the ethdev proposal of 2026-05-12, under our prefix: a program
 * that uses these calls moves to an upstream API of that shape by renaming.
 *
 * The device is enabled first, then its queues, each with the lcore that polls it and the objects
 * that this lcore reads. Over the calls of steer.h, and to be mixed with them: what one does, the
 * other shows. All calls are control plane, thread-safe, and never to be made from a burst path.
 */

#ifndef STEER_STASH_H
#define STEER_STASH_H

#include <stdint.h>

#include "steer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Ways of stashing, a mask of one. TPH is the only one there is. */
#define STEER_ETH_CACHE_STASH_TYPE_TPH       (UINT32_C(1) << 0)

/** What is stashed: a mask of these, the bits of enum steer_obj. */
#define STEER_ETH_CACHE_STASH_OBJ_RX_DESC    (UINT64_C(1) << 0)
#define STEER_ETH_CACHE_STASH_OBJ_TX_DESC    (UINT64_C(1) << 1)
#define STEER_ETH_CACHE_STASH_OBJ_RX_HEADER  (UINT64_C(1) << 2)
#define STEER_ETH_CACHE_STASH_OBJ_TX_HEADER  (UINT64_C(1) << 3)
#define STEER_ETH_CACHE_STASH_OBJ_RX_PAYLOAD (UINT64_C(1) << 4)
#define STEER_ETH_CACHE_STASH_OBJ_TX_PAYLOAD (UINT64_C(1) << 5)

struct steer_eth_cache_stash_capability {
	uint32_t supported_types;
	uint64_t supported_objects;
};

enum steer_eth_cache_stash_op {
	STEER_ETH_CACHE_STASH_OP_DEV_ENABLE,    /**< TPH on; no queue has a tag yet */
	STEER_ETH_CACHE_STASH_OP_DEV_DISABLE,   /**< no queue has a tag, TPH off */
	STEER_ETH_CACHE_STASH_OP_QUEUE_ENABLE,  /**< tag the queue's objects for an lcore */
	STEER_ETH_CACHE_STASH_OP_QUEUE_DISABLE, /**< and no longer */
};

struct steer_eth_cache_stash_config {
	union {
		struct {
			uint32_t type; /**< one of STEER_ETH_CACHE_STASH_TYPE_* */
		} dev;                 /**< of DEV_ENABLE */
		struct {
			uint32_t lcore_id; /**< an lcore with one CPU; QUEUE_DISABLE ignores it */
			uint32_t queue_id; /**< of the Rx queue, the Tx queue, or both: objects say
					    */
			uint64_t objects;  /**< 0: all that the device has, in both directions */
		} queue;                   /**< of QUEUE_ENABLE, QUEUE_DISABLE */
	};
};

/**
 * What a port can stash.
 * @return 0, -ENODEV no such port, -EINVAL capa is NULL, -ENOTSUP it cannot be steered
 *   (steer_port_info_get() says why).
 */
int steer_eth_cache_stash_get(uint16_t port_id, struct steer_eth_cache_stash_capability *capa);

/**
 * Turn stashing of a port, or of one of its queues, on or off.
 *
 * QUEUE_ENABLE replaces what was said of the queue before, direction by direction: objects of one
 * direction leave the other as it is. When it fails for one direction the other is as before, too.
 * QUEUE_DISABLE takes the tag off the objects that are named. Both hold over stop, start and reset.
 * DEV_ENABLE on a port that is on, and DEV_DISABLE on one that is off, are no error and write
 * nothing to the control register.
 * @param config
 *   May be NULL for DEV_DISABLE.
 * @return 0, -ENODEV no such port, -EINVAL config is NULL, no operation of that number, no type or
 *   several, no such queue in a direction that objects name, unknown objects, or an lcore that has
 *   no one CPU; -ENOTSUP the port cannot be steered, that type, or these objects (alone);
 *   -EPERM a queue of a port that is not enabled; else as steer_port_enable() and
 *   steer_queue_bind_cpu(), with the errno of below.
 */
int steer_eth_cache_stash_set(uint16_t port_id, enum steer_eth_cache_stash_op op,
			      const struct steer_eth_cache_stash_config *config);

#ifdef __cplusplus
}
#endif
#endif /* STEER_STASH_H */
