/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * For drivers of devices on the vfio bus: registration by PCI id, and the device object.
 *
 * A driver never learns which transport its device has: registers, interrupts and DMA go through
 * lib/vfio with vfio_bus_device.vdev.
 *
 * Confidential devices. A device with tsm=prefer or tsm=require is locked by a TEE Security Manager
 * (TDISP, PCIe 7.0 chapter 11) once it is programmed, and reaches memory only after its evidence
 * has been verified. What that takes of a driver, on every device (the calls do nothing without a
 * TSM):
 * - probe programs all that a lock holds fast, in this order: registers, every vector that will
 * ever be used (one SET_IRQS), bus mastering on, TPH and its palette (steer_port_conf.will_lock =
 * vfio_bus_tsm_locks()). Then it calls vfio_bus_tsm_run(); only after that is memory mapped for the
 * device. The bus refuses a driver that did not call it.
 * - between vfio_bus_tsm_run() and vfio_bus_tsm_stop(), while vfio_bus_tsm_locks(): no SET_IRQS, no
 *   bus mastering, no configuration write, no BAR move, no steer_vfio_reset(); steer_port_lock()
 *   keeps lib/steer from tags. A port that stops keeps interrupts down in the ring.
 * - reset goes by vfio_bus_reset().
 * - remove stops the queues and then calls vfio_bus_tsm_stop(), before it takes anything of the
 * above back.
 * - gone() is also how a device that left RUN is reported: the queues stop, the device is not
 * touched.
 */

#ifndef BUS_VFIO_DRIVER_H
#define BUS_VFIO_DRIVER_H

#include <pthread.h>
#include <stdbool.h>

#include <bus_driver.h>
#include <dev_driver.h>
#include <rte_interrupts.h>

#include <steer.h>
#include <steer_pci.h>
#include <steer_tph.h>
#include <steer_tsm_policy.h>
#include <steer_vfio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VFIO_BUS_ANY_ID 0xffff

struct vfio_bus_driver;

/** Ends with an entry whose vendor is 0. */
struct vfio_bus_id {
	uint16_t vendor;
	uint16_t device; /**< VFIO_BUS_ANY_ID matches all */
};

/** One device of the bus. */
struct vfio_bus_device {
	RTE_TAILQ_ENTRY(vfio_bus_device) next;
	struct rte_device device;            /**< device.name is "vfio:NAME" */
	char name[64];                       /**< what device.name points to */
	char sock[108];                      /**< sock= ; empty for a kernel device */
	char pci_addr[32];                   /**< of a kernel device, "0000:01:00.0" */
	enum steer_vfio_transport transport; /**< devarg transport=, of a kernel device */
	struct steer_vfio_dev *vdev;         /**< open from probe to remove */
	struct steer_tph *tph;               /**< from probe to remove; never NULL while probed */
	uint8_t cfg[STEER_PCI_CFG_SIZE];     /**< configuration space as read at probe */
	struct vfio_bus_id id;               /**< from cfg */
	struct rte_intr_handle
		*intr_handle; /**< driver's MSI-X eventfds: config fd and Rx queues' efds */
	struct rte_intr_handle *gone_handle; /**< of the bus: lib/vfio's gone fd */
	struct vfio_bus_driver *driver;      /**< NULL until probed */
	enum steer_mode steer_mode;          /**< devarg steer=, default auto */
	unsigned int steer_scan_us;          /**< devarg steer-scan=, microseconds, 0 default */
	int tph_feature;                     /**< devarg tph-feature=, -1 not given */
	enum steer_tph_dialect tph_dialect;  /**< devarg tph-dialect=, NONE: auto */
	char tph_tags[256];                  /**< devarg tph-tags=, empty: not given */
	enum steer_tsm_mode tsm_mode;        /**< devarg tsm=, default off */
	char tsm_policy[256];                /**< devarg tsm-policy=, empty: not given */
	char tsm_evidence[256];              /**< devarg tsm-evidence=, empty: not given */
	struct vfio_bus_tsm *tsm;            /**< of the bus; NULL: tsm=off */
	bool mem_events;                     /**< of the bus: memory comes and goes */
	bool dma_ready;                      /**< of the bus: EAL's memory is mapped */
	pthread_mutex_t external_lock;       /**< of the bus: memory of the application's own */
	char *driver_args; /**< devargs that are not the bus's, for the driver; may be NULL */
};

struct vfio_bus_driver {
	RTE_TAILQ_ENTRY(vfio_bus_driver) next;
	struct rte_driver driver;
	const struct vfio_bus_id *id_table;
	/** Devargs the driver knows, NULL-terminated; the bus refuses others. NULL: none. */
	const char *const *devargs;
	/** Configuration space is read, bus mastering still off; DMA memory is mapped, or will be
	 * by vfio_bus_tsm_run(). */
	int (*probe)(struct vfio_bus_driver *drv, struct vfio_bus_device *dev);
	int (*remove)(struct vfio_bus_device *dev);
	/** The device went away, or lost what its TSM vouched for; called on EAL's interrupt thread
	 * before the removal event. May be NULL. */
	void (*gone)(struct vfio_bus_device *dev);
};

void vfio_bus_driver_register(struct vfio_bus_driver *drv);
void vfio_bus_driver_unregister(struct vfio_bus_driver *drv);

/** Set or clear PCI bus mastering (COMMAND bit 2), with read-back. @return 0 or negative errno. */
int vfio_bus_set_master(struct vfio_bus_device *dev, bool on);

/** Will a TSM lock this device, or has it? For probe: all vectors at once, palette or no tags. */
bool vfio_bus_tsm_locks(const struct vfio_bus_device *dev);
/**
 * At the end of probe: have the device locked, verified and started, then map memory for it. Says
 * what was programmed by reading it back.
 * @param vectors MSI-X vectors that SET_IRQS has allocated
 * @return 0 (also when there is no TSM to ask), -EACCES refused by the policy, or the error of a
 * step, which is logged: probe fails with it.
 */
int vfio_bus_tsm_run(struct vfio_bus_device *dev, uint16_t vectors);
/**
 * In remove, when the queues are stopped: unmap memory, and have the device unlocked and given
 * back. Does nothing the second time.
 */
void vfio_bus_tsm_stop(struct vfio_bus_device *dev);
/**
 * Function-level reset of a device whose queues are stopped. A confidential device is unmapped and
 * unlocked before, and locked, verified and mapped anew after it.
 * @param again programs the device as in probe, up to vfio_bus_tsm_run()
 * @return 0 or negative errno, which is logged: -EBUSY the application has mapped memory of its own
 *   for a confidential device, and nothing was done. After any other error such a device is in
 *   quarantine: nothing is mapped, and gone() comes on EAL's interrupt thread.
 */
int vfio_bus_reset(struct vfio_bus_device *dev, int (*again)(void *arg), void *arg);

#define VFIO_BUS_DEV(ptr) container_of(ptr, struct vfio_bus_device, device)

#define VFIO_BUS_REGISTER_DRIVER(nm, drv)                                                          \
	RTE_INIT(vfio_bus_init_##nm)                                                               \
	{                                                                                          \
		(drv).driver.name = RTE_STR(nm);                                                   \
		vfio_bus_driver_register(&(drv));                                                  \
	}                                                                                          \
	RTE_FINI(vfio_bus_fini_##nm)                                                               \
	{                                                                                          \
		vfio_bus_driver_unregister(&(drv));                                                \
	}

#ifdef __cplusplus
}
#endif
#endif /* BUS_VFIO_DRIVER_H */
