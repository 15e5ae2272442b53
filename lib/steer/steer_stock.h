/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Steering of ports that other drivers drive: any ethdev port becomes a port of lib/steer. One on
 * DPDK's own PCI bus that is bound to VFIO has a device file, and is steered through it when the
 * kernel speaks a dialect (the module vfio-pci-tph, loaded under the name vfio-pci) and either the
 * port's queues have interrupt vectors, or a device profile knows their tag registers. Every other
 * port is registered with the reason in words (steer_port_info_get()).
 *
 * The driver knows nothing of it. What it does to its device is noticed by steer_stock_sync().
 */

#ifndef STEER_STOCK_H
#define STEER_STOCK_H

#include <stdint.h>

#include <steer_tph.h>

#include "steer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct steer_port;

/**
 * Take tags that are wider than the datasheet lets a driver write into the device's register: all
 * 8 bits of the field. Whether the device sends them all is not known.
 */
#define STEER_STOCK_WIDE_TAGS (UINT32_C(1) << 0)

/** How to steer a port; zeroes are the defaults. */
struct steer_stock_conf {
	unsigned int scan_us;  /**< how often queues are followed, microseconds; 0: 2000 */
	unsigned int check_us; /**< how often steer_stock_sync() looks whether the device still has
				* its tags, microseconds; 0: 100000 */
	uint16_t tph_feature;  /**< index of TPH_ST; 0: as the device's module says */
	enum steer_tph_dialect dialect; /**< NONE: look for one */
	const char *tags_file;          /**< of the dialect DIRECT; copied */
	uint32_t flags;                 /**< STEER_STOCK_* */
};

/**
 * Register a port. It is brought to the port's present state, as steer_stock_sync() does.
 * Calls of this header are thread-safe; none belongs on a burst path, and none into a callback that
 * is called with locks of ethdev held.
 * @param conf
 *   NULL: all defaults.
 * @param port
 *   For steer_port_queue_word(); valid until steer_stock_detach(). May be NULL.
 * @return 0, also when it cannot be steered; -ENODEV no such port, -EEXIST the port is registered
 *   (by its own driver, or by an earlier call), -EINVAL unknown flags, -ENOTSUP not in the primary
 *   process, -ENOMEM.
 */
int
steer_stock_attach(uint16_t port_id, const struct steer_stock_conf *conf, struct steer_port **port);

/**
 * Look at the port: configured queues, started or not, vectors bound to queues, and now and then
 * whether the device still has its tags; bring steering into accord. Cheap when nothing has
 * changed. Call it after start, stop and reset, or every few milliseconds from one thread. Called
 * while another thread starts or stops the port it may see a state in between, and the next call
 * puts that right; vectors are only looked up when a start was seen.
 * @return 1 something was brought into accord, 0 nothing had changed, -ENODEV not attached, or the
 *   port is gone: detach it.
 */
int steer_stock_sync(uint16_t port_id);

/**
 * Clear the tags, turn TPH off, and forget the port. Before rte_eth_dev_close(), or at
 * RTE_ETH_EVENT_DESTROY: until then the kernel keeps the device open, and nobody else gets it. A
 * device that its driver has closed is not touched.
 * @return 0, -ENODEV not attached.
 */
int steer_stock_detach(uint16_t port_id);

#ifdef __cplusplus
}
#endif
#endif /* STEER_STOCK_H */
