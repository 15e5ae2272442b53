/* SPDX-License-Identifier: BSD-3-Clause */

/* One device from devargs to driver, and back. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_devargs.h>

#include "bus_priv.h"

#define PCI_COMMAND        4u
#define PCI_COMMAND_MASTER 0x4u

static int
read_config(struct vfio_bus_device *dev)
{
	struct steer_vfio_region region;
	int rc = steer_vfio_region_info(dev->vdev, STEER_VFIO_REGION_CONFIG, &region);

	memset(dev->cfg, 0, sizeof(dev->cfg));
	if (rc == 0)
		rc = steer_vfio_region_read(dev->vdev, STEER_VFIO_REGION_CONFIG, 0, dev->cfg,
					    RTE_MIN(region.size, sizeof(dev->cfg)));
	if (rc != 0) {
		BUS_LOG(ERR, "%s: read configuration space: %s", dev->name, steer_vfio_error());
		return rc;
	}
	dev->id.vendor = steer_pci_rd16(dev->cfg, 0);
	dev->id.device = steer_pci_rd16(dev->cfg, 2);
	return 0;
}

static int
find_driver(struct vfio_bus_device *dev, struct vfio_bus_driver **drv)
{
	char key[64];

	*drv = vfio_bus_driver_find(&dev->id);
	if (*drv == NULL) {
		BUS_LOG(ERR,
			"%s: no driver for PCI id %04x:%04x; load one (-d "
			"librte_net_vfio_virtio.so)",
			dev->name, dev->id.vendor, dev->id.device);
		return -ENODEV;
	}
	if (!vfio_bus_args_unknown(dev->driver_args, (*drv)->devargs, key, sizeof(key)))
		return 0;
	BUS_LOG(ERR,
		"%s: devargs: neither the bus nor driver %s knows \"%s\"; the bus knows sock, "
		"transport, steer, steer-scan, tph-feature, tph-dialect, tph-tags, tsm, "
		"tsm-policy, "
		"tsm-evidence",
		dev->name, (*drv)->driver.name, key);
	return -EINVAL;
}

int
vfio_bus_set_master(struct vfio_bus_device *dev, bool on)
{
	uint8_t b[2];
	int rc = steer_vfio_region_read(dev->vdev, STEER_VFIO_REGION_CONFIG, PCI_COMMAND, b, 2);

	if (rc != 0)
		return rc;
	b[0] = on ? b[0] | PCI_COMMAND_MASTER : b[0] & ~PCI_COMMAND_MASTER;
	rc = steer_vfio_region_write(dev->vdev, STEER_VFIO_REGION_CONFIG, PCI_COMMAND, b, 2);
	if (rc == 0)
		rc = steer_vfio_region_read(dev->vdev, STEER_VFIO_REGION_CONFIG, PCI_COMMAND, b, 2);
	if (rc == 0 && !!(b[0] & PCI_COMMAND_MASTER) != on)
		rc = -EIO;
	return rc;
}

/* Everything that the device holds; in the state of any step of probe. */
static void
device_close(struct vfio_bus_device *dev)
{
	vfio_bus_gone_unwatch(dev);
	vfio_bus_tsm_stop(dev);
	if (dev->vdev != NULL && !steer_vfio_is_gone(dev->vdev))
		vfio_bus_set_master(dev, false);
	steer_tph_close(dev->tph);
	dev->tph = NULL;
	vfio_bus_dma_stop(dev);
	steer_vfio_close(dev->vdev);
	dev->vdev = NULL;
	rte_intr_instance_free(dev->intr_handle);
	dev->intr_handle = NULL;
	dev->driver = NULL;
	free(dev->driver_args);
	dev->driver_args = NULL;
}

static int
device_open(struct vfio_bus_device *dev, struct vfio_bus_driver **drv)
{
	int rc = vfio_bus_vdev_open(dev);

	if (rc == 0)
		rc = read_config(dev);
	if (rc == 0)
		rc = find_driver(dev, drv);
	if (rc == 0)
		rc = dev->tsm_mode == STEER_TSM_OFF ? vfio_bus_dma_start(dev)
						    : vfio_bus_tsm_begin(dev);
	if (rc != 0)
		return rc;
	rc = vfio_bus_tph_open(dev);
	if (rc != 0)
		return rc;
	dev->intr_handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (dev->intr_handle == NULL)
		return -ENOMEM;
	return 0;
}

static int
probe_finish(struct vfio_bus_device *dev)
{
	int rc;

	if (!vfio_bus_tsm_done(dev)) {
		BUS_LOG(ERR,
			"%s: probe: driver %s does not know confidential devices; attach the "
			"device with "
			"tsm=off, or use another driver",
			dev->name, dev->driver->driver.name);
		return -ENOTSUP;
	}
	/* Last: from now on the interrupt thread may call the driver. */
	rc = vfio_bus_gone_watch(dev);
	if (rc == 0)
		rc = vfio_bus_tsm_watch(dev);
	if (rc != 0)
		BUS_LOG(ERR, "%s: watch for removal: %s", dev->name, strerror(-rc));
	return rc;
}

int
vfio_bus_device_probe(struct vfio_bus_device *dev)
{
	struct vfio_bus_driver *drv = NULL;
	int rc;

	vfio_bus_tsm_free(dev); /* of an attach that was refused */
	rc = vfio_bus_settings_take(dev);
	if (rc == 0)
		rc = vfio_bus_settings_check(dev);
	if (rc != 0)
		return rc;
	rc = device_open(dev, &drv);
	if (rc != 0)
		goto fail;
	dev->driver = drv;
	rc = drv->probe(drv, dev);
	if (rc != 0) {
		BUS_LOG(ERR, "%s: probe: driver %s refused the device: %s", dev->name,
			drv->driver.name, strerror(-rc));
		goto fail;
	}
	dev->device.driver = &drv->driver;
	rc = probe_finish(dev);
	if (rc == 0)
		return 0;
	drv->remove(dev);
	dev->device.driver = NULL;
fail:
	device_close(dev);
	return rc < 0 ? rc : -ENODEV;
}

int
vfio_bus_device_remove(struct vfio_bus_device *dev)
{
	int rc;

	if (dev->driver == NULL)
		return 0;
	/* First, so that the driver's gone() cannot meet its remove(). */
	vfio_bus_gone_unwatch(dev);
	vfio_bus_tsm_unwatch(dev);
	rc = dev->driver->remove(dev);
	if (rc != 0) {
		vfio_bus_gone_watch(dev);
		vfio_bus_tsm_watch(dev);
		BUS_LOG(ERR, "%s: remove: driver %s keeps the device: %s", dev->name,
			dev->driver->driver.name, strerror(-rc));
		return rc;
	}
	dev->device.driver = NULL;
	device_close(dev);
	return 0;
}

void
vfio_bus_device_free(struct vfio_bus_device *dev)
{
	vfio_bus_tsm_free(dev);
	pthread_mutex_destroy(&dev->external_lock);
	free(dev->driver_args);
	free(dev);
}
