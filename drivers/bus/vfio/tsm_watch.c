/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A device that leaves RUN while it is attached. A control thread of its own asks, since an answer
 * may take long; EAL's interrupt thread, as for a device that went away, stops the queues, unmaps
 * memory and tells the application. What is lost stays so until the device is attached again.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bus_tsm.h"

#define LOOK_US 250000u

/* The device whose callback the interrupt thread is in, for who removes it from there. */
static __thread struct vfio_bus_device *in_callback;

static void
on_lost(void *arg)
{
	struct vfio_bus_device *dev = arg;
	char name[sizeof(dev->name)];

	/* The fd stays readable: this callback must not come again. */
	rte_intr_callback_unregister_pending(dev->tsm->lost_handle, on_lost, dev, NULL);
	BUS_LOG(ERR,
		"%s: tsm: the device is in quarantine: its queues stop and it reaches no memory; "
		"detach it, and find out why",
		dev->name);
	snprintf(name, sizeof(name), "%s", dev->name);
	in_callback = dev;
	if (dev->driver != NULL && dev->driver->gone != NULL)
		dev->driver->gone(dev);
	/* From a callback of ethdev's the application may have removed the device. */
	if (in_callback == dev)
		vfio_bus_dma_withdraw(dev);
	rte_dev_event_callback_process(name, RTE_DEV_EVENT_REMOVE);
	in_callback = NULL;
}

void
vfio_bus_tsm_lost(struct vfio_bus_tsm *t)
{
	/* Nobody reads it, so it stays readable. */
	(void)eventfd_write(t->lost_fd, 1);
}

/* The next look is far away: nothing comes back from where the device is now. */
static unsigned int
look(void *arg)
{
	struct vfio_bus_tsm *t = arg;

	if (__atomic_load_n(&t->lost, __ATOMIC_RELAXED))
		return LOOK_US;
	/* Of a host's device nothing was verified that its going could take back. */
	if (!t->locks && steer_vfio_is_gone(t->dev->vdev))
		return LOOK_US;
	if (steer_tsm_watch(t->machine) != -ENOLINK)
		return LOOK_US;
	__atomic_store_n(&t->lost, true, __ATOMIC_RELAXED);
	/* A device that is gone is told as such (gone.c); only its verdict is another now. */
	if (!steer_vfio_is_gone(t->dev->vdev))
		vfio_bus_tsm_lost(t);
	return LOOK_US;
}

int
vfio_bus_tsm_look_start(struct vfio_bus_tsm *t)
{
	int rc;

	t->watch = (struct steer_periodic){.tick = look, .arg = t, .us = LOOK_US};
	rc = steer_periodic_start(&t->watch, "steer-tsm");
	t->watching = rc == 0;
	if (rc != 0)
		BUS_LOG(ERR, "%s: tsm: cannot start the thread that watches the device: %s",
			t->name, strerror(-rc));
	return rc;
}

void
vfio_bus_tsm_look_stop(struct vfio_bus_tsm *t)
{
	if (t->watching)
		steer_periodic_stop(&t->watch);
	t->watching = false;
}

static int
listen(struct vfio_bus_device *dev)
{
	struct vfio_bus_tsm *t = dev->tsm;
	struct rte_intr_handle *h = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	int rc = -ENOMEM;

	t->lost_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (h == NULL || t->lost_fd < 0)
		goto fail;
	rc = -EIO;
	if (rte_intr_fd_set(h, t->lost_fd) != 0 || rte_intr_type_set(h, RTE_INTR_HANDLE_EXT) != 0)
		goto fail;
	rc = rte_intr_callback_register(h, on_lost, dev);
	if (rc != 0)
		goto fail;
	t->lost_handle = h;
	return 0;
fail:
	rte_intr_instance_free(h);
	if (t->lost_fd >= 0)
		close(t->lost_fd);
	t->lost_fd = -1;
	return rc;
}

static void
listen_stop(struct vfio_bus_device *dev)
{
	struct vfio_bus_tsm *t = dev->tsm;

	if (t->lost_handle == NULL)
		return;
	/* In our own callback it is unregistered already; elsewhere wait until it has returned. */
	if (in_callback == dev)
		in_callback = NULL;
	else
		rte_intr_callback_unregister_sync(t->lost_handle, on_lost, dev);
	rte_intr_instance_free(t->lost_handle);
	t->lost_handle = NULL;
	close(t->lost_fd);
	t->lost_fd = -1;
}

int
vfio_bus_tsm_watch(struct vfio_bus_device *dev)
{
	struct vfio_bus_tsm *t = dev->tsm;
	int rc;

	if (t == NULL || t->plain)
		return 0;
	rc = listen(dev);
	if (rc == 0)
		rc = vfio_bus_tsm_look_start(t);
	if (rc != 0)
		listen_stop(dev);
	return rc;
}

void
vfio_bus_tsm_unwatch(struct vfio_bus_device *dev)
{
	if (dev->tsm == NULL)
		return;
	vfio_bus_tsm_look_stop(dev->tsm);
	listen_stop(dev);
}
