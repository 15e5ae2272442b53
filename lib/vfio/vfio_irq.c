/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vfio_ops.h"

static int
index_check(struct steer_vfio_dev *dev, uint32_t index)
{
	int rc = vfio_alive(dev);

	if (rc < 0)
		return rc;
	if (index >= dev->num_irqs)
		return vfio_fail(dev, -EINVAL, "interrupt index %u: the device has %u", index,
				 dev->num_irqs);
	return 0;
}

int
steer_vfio_irq_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_irq *info)
{
	int rc = index_check(dev, index);

	return rc < 0 ? rc : dev->ops->irq_info(dev, index, info);
}

static int
range_check(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count)
{
	struct steer_vfio_irq info = {0};
	int rc = steer_vfio_irq_info(dev, index, &info);

	if (rc < 0)
		return rc;
	if (count == 0 || start > info.count || count > info.count - start)
		return vfio_fail(dev, -EINVAL,
				 "interrupt index %u: %u vectors from %u; the device has %u", index,
				 count, start, info.count);
	return 0;
}

/* The kernel does not tell an eventfd from another file by any system call. */
static int
is_eventfd(int fd)
{
	static const char want[] = "anon_inode:[eventfd]";
	char path[32], target[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target));
	return n == (ssize_t)sizeof(want) - 1 && memcmp(target, want, sizeof(want) - 1) == 0;
}

int
steer_vfio_irqs_set(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count,
		    const int *eventfds)
{
	int rc = range_check(dev, index, start, count);
	uint32_t i;

	if (rc < 0)
		return rc;
	for (i = 0; i < count; i++) {
		if (!is_eventfd(eventfds[i]))
			return vfio_fail(dev, -EBADF, "vector %u: fd %d is not an eventfd",
					 start + i, eventfds[i]);
	}
	return dev->ops->irqs_set(dev, index, start, count, eventfds);
}

int
steer_vfio_irqs_disable(struct steer_vfio_dev *dev, uint32_t index)
{
	int rc = index_check(dev, index);

	return rc < 0 ? rc : dev->ops->irqs_disable(dev, index);
}

int
steer_vfio_irqs_trigger(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count)
{
	int rc = range_check(dev, index, start, count);

	return rc < 0 ? rc : dev->ops->irqs_trigger(dev, index, start, count);
}
