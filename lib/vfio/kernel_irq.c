/* SPDX-License-Identifier: BSD-3-Clause */

/* Interrupts of a VFIO device file, all by eventfds: linux/vfio.h, VFIO_DEVICE_SET_IRQS. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vfio.h>

#include "kernel.h"

int
kernel_irq_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_irq *info)
{
	struct vfio_irq_info q = {.argsz = sizeof(q), .index = index};
	int rc = kernel_ioctl(kernel_dev(dev)->fd, VFIO_DEVICE_GET_IRQ_INFO, &q);

	if (rc < 0)
		return vfio_fail(dev, rc, "interrupt index %u: info: %s", index, strerror(-rc));
	if (q.count > VFIO_VECTORS_MAX)
		return vfio_fail(dev, -EPROTO, "interrupt index %u: info: %u vectors", index,
				 q.count);
	info->count = q.count;
	info->flags = q.flags;
	return 0;
}

static int
set_eventfds(struct kernel_dev *k, uint32_t index, uint32_t start, uint32_t count, const int *fds)
{
	size_t len = sizeof(struct vfio_irq_set) + count * sizeof(int32_t);
	struct vfio_irq_set *set = calloc(1, len);
	uint32_t i;
	int rc;

	if (set == NULL)
		return -ENOMEM;
	set->argsz = (uint32_t)len;
	set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	set->index = index;
	set->start = start;
	set->count = count;
	for (i = 0; i < count; i++) {
		const int32_t fd = fds[i];

		memcpy(set->data + i * sizeof(fd), &fd, sizeof(fd));
	}
	rc = kernel_ioctl(k->fd, VFIO_DEVICE_SET_IRQS, set);
	free(set);
	return rc;
}

static int
set_none(struct kernel_dev *k, uint32_t index, uint32_t start, uint32_t count)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = index,
		.start = start,
		.count = count,
	};

	return kernel_ioctl(k->fd, VFIO_DEVICE_SET_IRQS, &set);
}

/*
 * Kernels before 6.5, and devices without dynamic MSI-X, do not add vectors to an index that runs.
 * When the caller names all vectors it can be taken down and set up anew.
 */
static int
grow_check(struct kernel_dev *k, uint32_t start, uint32_t count)
{
	struct steer_vfio_irq info = {0};
	int rc;

	if (k->nr_msix == 0 || start + count <= k->nr_msix)
		return 0;
	rc = kernel_irq_info(&k->base, VFIO_PCI_MSIX_IRQ_INDEX, &info);
	if (rc < 0 || !(info.flags & VFIO_IRQ_INFO_NORESIZE))
		return rc;
	if (start != 0)
		return vfio_fail(&k->base, -EINVAL,
				 "vector %u: this kernel adds none to the %u in use; "
				 "bind all from 0 at once",
				 start, k->nr_msix);
	rc = set_none(k, VFIO_PCI_MSIX_IRQ_INDEX, 0, 0);
	if (rc < 0)
		return vfio_fail(&k->base, rc, "take down %u vectors: %s", k->nr_msix,
				 strerror(-rc));
	k->nr_msix = 0;
	return 0;
}

static int
irqs_set_locked(struct kernel_dev *k, uint32_t index, uint32_t start, uint32_t count,
		const int *eventfds)
{
	int rc = index == VFIO_PCI_MSIX_IRQ_INDEX ? grow_check(k, start, count) : 0;

	if (rc < 0)
		return rc;
	rc = set_eventfds(k, index, start, count, eventfds);
	if (rc != 0)
		return vfio_fail(&k->base, rc < 0 ? rc : -ENOSPC,
				 "interrupt index %u: set %u vectors from %u: %s", index, count,
				 start, rc < 0 ? strerror(-rc) : "the machine has fewer left");
	if (index == VFIO_PCI_MSIX_IRQ_INDEX && k->nr_msix < start + count)
		k->nr_msix = start + count;
	return 0;
}

int
kernel_irqs_set(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count,
		const int *eventfds)
{
	struct kernel_dev *k = kernel_dev(dev);
	int rc;

	pthread_mutex_lock(&k->irq_lock);
	rc = irqs_set_locked(k, index, start, count, eventfds);
	pthread_mutex_unlock(&k->irq_lock);
	return rc;
}

int
kernel_irqs_disable(struct steer_vfio_dev *dev, uint32_t index)
{
	struct kernel_dev *k = kernel_dev(dev);
	int rc = 0;

	pthread_mutex_lock(&k->irq_lock);
	/* The kernel refuses to take down MSI-X that is not up. */
	if (index != VFIO_PCI_MSIX_IRQ_INDEX || k->nr_msix > 0)
		rc = set_none(k, index, 0, 0);
	if (rc == 0 && index == VFIO_PCI_MSIX_IRQ_INDEX)
		k->nr_msix = 0;
	pthread_mutex_unlock(&k->irq_lock);
	if (rc < 0)
		return vfio_fail(dev, rc, "interrupt index %u: disable: %s", index, strerror(-rc));
	return 0;
}

int
kernel_irqs_trigger(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count)
{
	int rc = set_none(kernel_dev(dev), index, start, count);

	if (rc < 0)
		return vfio_fail(dev, rc, "interrupt index %u: trigger %u vectors from %u: %s",
				 index, count, start, strerror(-rc));
	return 0;
}

/* Kernels signal it again every 10 seconds while who unbinds the device waits for us. */
int
kernel_watch_request(struct kernel_dev *k)
{
	struct vfio_irq_info q = {.argsz = sizeof(q), .index = VFIO_PCI_REQ_IRQ_INDEX};
	int rc;

	if (k->base.num_irqs <= VFIO_PCI_REQ_IRQ_INDEX)
		return 0;
	rc = kernel_ioctl(k->fd, VFIO_DEVICE_GET_IRQ_INFO, &q);
	if (rc == -EINVAL || (rc == 0 && q.count == 0))
		return 0;
	if (rc == 0)
		rc = set_eventfds(k, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &k->base.gone_fd);
	if (rc < 0)
		return vfio_fail(&k->base, rc, "open: listen to removal requests: %s",
				 strerror(-rc));
	snprintf(k->base.gone_why, sizeof(k->base.gone_why),
		 "the kernel wants it back: it is being unbound or removed");
	k->base.gone_polled = true;
	return 0;
}
