/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * For drivers of devices on the vfio bus: registration by PCI id, and the device object.
 *
 * A driver never learns which transport its device has: registers, interrupts, DMA and reset go
 * through lib/vfio with vfio_bus_device.vdev.
 */

#ifndef BUS_VFIO_DRIVER_H
#define BUS_VFIO_DRIVER_H

#include <stdbool.h>

#include <bus_driver.h>
#include <dev_driver.h>
#include <rte_interrupts.h>

#include <steer.h>
#include <steer_pci.h>
#include <steer_tph.h>
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
	bool mem_events;                     /**< of the bus: memory comes and goes */
	bool dma_ready;                      /**< of the bus: EAL's memory is mapped */
	char *driver_args; /**< devargs that are not the bus's, for the driver; may be NULL */
};

struct vfio_bus_driver {
	RTE_TAILQ_ENTRY(vfio_bus_driver) next;
	struct rte_driver driver;
	const struct vfio_bus_id *id_table;
	/** Devargs the driver knows, NULL-terminated; the bus refuses others. NULL: none. */
	const char *const *devargs;
	/** DMA memory is mapped, configuration space read, bus mastering still off. */
	int (*probe)(struct vfio_bus_driver *drv, struct vfio_bus_device *dev);
	int (*remove)(struct vfio_bus_device *dev);
	/** The device went away; called on EAL's interrupt thread before the removal event. May be
	 * NULL. */
	void (*gone)(struct vfio_bus_device *dev);
};

void vfio_bus_driver_register(struct vfio_bus_driver *drv);
void vfio_bus_driver_unregister(struct vfio_bus_driver *drv);

/** Set or clear PCI bus mastering (COMMAND bit 2), with read-back. @return 0 or negative errno. */
int vfio_bus_set_master(struct vfio_bus_device *dev, bool on);

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
