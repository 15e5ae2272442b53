/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A device that goes away by itself, or that the kernel wants back. lib/vfio makes an eventfd
 * readable, and it stays so; EAL's interrupt thread, which closing a device never joins, tells the
 * driver and then the application.
 */

#include <errno.h>
#include <stdio.h>

#include "bus_priv.h"

/* The device whose callback the interrupt thread is in, for who removes it from there. */
static __thread struct vfio_bus_device *in_callback;

static void
on_gone(void *arg)
{
	struct vfio_bus_device *dev = arg;
	char name[sizeof(dev->name)];

	/* The fd stays readable: this callback must not come again. */
	rte_intr_callback_unregister_pending(dev->gone_handle, on_gone, dev, NULL);
	BUS_LOG(ERR, "%s: the device is gone (%s)", dev->name, steer_vfio_gone_why(dev->vdev));
	snprintf(name, sizeof(name), "%s", dev->name);
	in_callback = dev;
	if (dev->driver != NULL && dev->driver->gone != NULL)
		dev->driver->gone(dev);
	/* From here on the application may have removed the device. */
	rte_dev_event_callback_process(name, RTE_DEV_EVENT_REMOVE);
	in_callback = NULL;
}

int
vfio_bus_gone_watch(struct vfio_bus_device *dev)
{
	struct rte_intr_handle *h = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	int rc = -ENOMEM;

	if (h == NULL)
		return rc;
	dev->gone_handle = h;
	if (rte_intr_fd_set(h, steer_vfio_gone_fd(dev->vdev)) != 0 ||
	    rte_intr_type_set(h, RTE_INTR_HANDLE_EXT) != 0)
		goto fail;
	rc = rte_intr_callback_register(h, on_gone, dev);
	if (rc == 0)
		return 0;
fail:
	rte_intr_instance_free(h);
	dev->gone_handle = NULL;
	return rc;
}

void
vfio_bus_gone_unwatch(struct vfio_bus_device *dev)
{
	if (dev->gone_handle == NULL)
		return;
	/* In our own callback it is unregistered already; elsewhere wait until it has returned. */
	if (in_callback == dev)
		in_callback = NULL;
	else
		rte_intr_callback_unregister_sync(dev->gone_handle, on_gone, dev);
	rte_intr_instance_free(dev->gone_handle);
	dev->gone_handle = NULL;
}
