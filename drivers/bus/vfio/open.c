/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * lib/vfio's reader thread inherits the CPUs of whoever opens the device, and the caller is an
 * lcore bound to its own. A control thread of EAL is bound to the CPUs that no lcore has.
 */
#include <string.h>

#include <ctrl_thread.h>

#include "bus_priv.h"

struct opening {
	struct steer_vfio_open_args args;
	struct steer_vfio_dev *vdev;
	char err[256];
	int rc;
};

static steer_ctrl_ret_t
open_thread(void *arg)
{
	struct opening *o = arg;

	o->rc = steer_vfio_open(&o->args, &o->vdev, o->err, sizeof(o->err));
	return STEER_CTRL_THREAD_DONE;
}

static void
opened(struct vfio_bus_device *dev)
{
	dev->device.numa_node = steer_vfio_numa_node(dev->vdev);
	if (steer_vfio_iova_is_pa(dev->vdev))
		BUS_LOG(WARNING,
			"%s: no IOMMU: the device can read and write all memory of this machine; a "
			"wrong address destroys it",
			dev->name);
}

int
vfio_bus_vdev_open(struct vfio_bus_device *dev)
{
	struct opening o = {
		.args =
			{
				.name = dev->name,
				.sock = dev->sock[0] != '\0' ? dev->sock : NULL,
				.pci_addr = dev->pci_addr,
				.transport = dev->transport,
				.private_space = dev->tsm_mode != STEER_TSM_OFF,
				.tsm = dev->tsm_mode != STEER_TSM_OFF,
			},
	};
	steer_ctrl_thread_t thread;
	int rc = steer_ctrl_thread_start(&thread, "vfio-open", open_thread, &o);

	if (rc == 0)
		rc = steer_ctrl_thread_join(thread);
	if (rc != 0)
		BUS_LOG(ERR, "%s: open: start a control thread: %s", dev->name, strerror(-rc));
	else if (o.rc != 0)
		BUS_LOG(ERR, "%s", o.err); /* names device, step, reason and cure */
	dev->vdev = rc == 0 && o.rc == 0 ? o.vdev : NULL;
	if (dev->vdev != NULL)
		opened(dev);
	return rc != 0 ? rc : o.rc;
}
