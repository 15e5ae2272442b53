/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vfio_ops.h"

static __thread char error_text[512];

static void
error_set(const char *name, const char *fmt, va_list ap)
{
	int n = snprintf(error_text, sizeof(error_text), "%s: ", name);

	if (n >= 0 && (size_t)n < sizeof(error_text))
		vsnprintf(error_text + n, sizeof(error_text) - n, fmt, ap);
}

int
vfio_fail_name(const char *name, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_set(name, fmt, ap);
	va_end(ap);
	return rc;
}

int
vfio_fail(const struct steer_vfio_dev *dev, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_set(dev->name, fmt, ap);
	va_end(ap);
	return rc;
}

void
vfio_error_restore(const char *text)
{
	snprintf(error_text, sizeof(error_text), "%s", text);
}

const char *
steer_vfio_error(void)
{
	return error_text;
}

int
vfio_dev_init(struct steer_vfio_dev *dev, const struct steer_vfio_ops *ops, const char *name)
{
	dev->ops = ops;
	dev->tph_feature = -ENOENT;
	dev->tph_switch = -ENOENT;
	dev->tsm_feature = -ENOENT;
	dev->feature_max = SIZE_MAX;
	dev->numa_node = -1;
	dev->name = strdup(name);
	if (dev->name == NULL)
		return vfio_fail_name(name, -ENOMEM, "open: out of memory");
	dev->gone_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (dev->gone_fd < 0) {
		int rc = vfio_fail_name(name, -errno, "open: eventfd: %s", strerror(errno));

		free(dev->name);
		dev->name = NULL;
		return rc;
	}
	pthread_mutex_init(&dev->region_lock, NULL);
	pthread_mutex_init(&dev->dma_lock, NULL);
	return 0;
}

void
vfio_dev_fini(struct steer_vfio_dev *dev)
{
	vfio_regions_fini(dev);
	vfio_dma_fini(dev);
	pthread_mutex_destroy(&dev->region_lock);
	pthread_mutex_destroy(&dev->dma_lock);
	close(dev->gone_fd);
	free(dev->pci_addr);
	free(dev->name);
}

void
vfio_dev_gone(struct steer_vfio_dev *dev, const char *why)
{
	snprintf(dev->gone_why, sizeof(dev->gone_why), "%s", why);
	__atomic_store_n(&dev->gone, 1, __ATOMIC_RELEASE);
	/* Nobody reads it, so it stays readable; a full counter is readable, too. */
	(void)eventfd_write(dev->gone_fd, 1);
}

int
vfio_alive(const struct steer_vfio_dev *dev)
{
	if (!steer_vfio_is_gone(dev))
		return 0;
	return vfio_fail(dev, -ENODEV, "device is gone (%s); remove it and attach it again",
			 dev->gone_why);
}

int
steer_vfio_open(const struct steer_vfio_open_args *args, struct steer_vfio_dev **dev, char *err,
		size_t errlen)
{
	const char *name = args->name != NULL ? args->name : "vfio";
	struct steer_vfio_open_args a = *args;
	int rc;

	a.name = name;
	if (a.timeout_ms == 0)
		a.timeout_ms = 20000;
	if (a.reset_timeout_ms == 0)
		a.reset_timeout_ms = 20000;
	*dev = NULL;
	if (a.sock != NULL)
		rc = user_open(&a, dev);
	else
		rc = kernel_open(&a, dev);
	if (rc < 0 && err != NULL && errlen > 0)
		snprintf(err, errlen, "%s", error_text);
	return rc;
}

int
steer_vfio_adopt(const struct steer_vfio_adopt_args *args, struct steer_vfio_dev **dev, char *err,
		 size_t errlen)
{
	struct steer_vfio_adopt_args a = *args;
	int rc;

	if (a.name == NULL)
		a.name = "vfio";
	*dev = NULL;
	rc = kernel_adopt(&a, dev);
	if (rc < 0 && err != NULL && errlen > 0)
		snprintf(err, errlen, "%s", error_text);
	return rc;
}

void
steer_vfio_close(struct steer_vfio_dev *dev)
{
	if (dev != NULL)
		dev->ops->close(dev);
}

const char *
steer_vfio_name(const struct steer_vfio_dev *dev)
{
	return dev->name;
}

int
steer_vfio_gone_fd(const struct steer_vfio_dev *dev)
{
	return dev->gone_fd;
}

int
steer_vfio_is_gone(const struct steer_vfio_dev *dev)
{
	struct pollfd p = {.fd = dev->gone_fd, .events = POLLIN};

	if (dev->ops->is_lost != NULL)
		return dev->ops->is_lost(dev);
	if (dev->gone_polled)
		return poll(&p, 1, 0) == 1;
	return __atomic_load_n(&dev->gone, __ATOMIC_ACQUIRE);
}

const char *
steer_vfio_gone_why(const struct steer_vfio_dev *dev)
{
	return steer_vfio_is_gone(dev) ? dev->gone_why : "";
}

int
steer_vfio_tph_feature(const struct steer_vfio_dev *dev)
{
	return dev->tph_feature;
}

int
steer_vfio_tsm_feature(const struct steer_vfio_dev *dev)
{
	return dev->tsm_feature;
}

size_t
steer_vfio_feature_max(const struct steer_vfio_dev *dev)
{
	return dev->feature_max;
}

int
steer_vfio_tph_switch(const struct steer_vfio_dev *dev)
{
	return dev->tph_switch;
}

int
steer_vfio_numa_node(const struct steer_vfio_dev *dev)
{
	return dev->numa_node;
}

const char *
steer_vfio_pci_addr(const struct steer_vfio_dev *dev)
{
	return dev->pci_addr;
}

int
steer_vfio_dma_needs_fd(const struct steer_vfio_dev *dev)
{
	return dev->dma_needs_fd;
}

int
steer_vfio_iova_is_pa(const struct steer_vfio_dev *dev)
{
	return dev->iova_is_pa;
}

int
steer_vfio_info(struct steer_vfio_dev *dev, uint32_t *num_regions, uint32_t *num_irqs,
		int *can_reset)
{
	int rc = vfio_alive(dev);

	if (rc < 0)
		return rc;
	*num_regions = dev->num_regions;
	*num_irqs = dev->num_irqs;
	*can_reset = dev->can_reset;
	return 0;
}

int
steer_vfio_reset(struct steer_vfio_dev *dev)
{
	int rc = vfio_alive(dev);

	if (rc < 0)
		return rc;
	if (!dev->can_reset)
		return vfio_fail(dev, -ENOTSUP, "reset: the device offers none");
	return dev->ops->reset(dev);
}

int
steer_vfio_device_ioctl(struct steer_vfio_dev *dev, unsigned long request, void *arg)
{
	int rc = vfio_alive(dev);

	if (rc < 0)
		return rc;
	if (dev->ops->device_ioctl == NULL)
		return vfio_fail(dev, -ENOTTY, "ioctl 0x%lx: this device takes none", request);
	return dev->ops->device_ioctl(dev, request, arg);
}

int
steer_vfio_feature_timed(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len,
			 unsigned int timeout_ms)
{
	const uint32_t get_set = STEER_VFIO_FEATURE_GET | STEER_VFIO_FEATURE_SET;
	int rc = vfio_alive(dev);

	if (rc < 0)
		return rc;
	/* The rules of VFIO_DEVICE_FEATURE: one of GET and SET, or PROBE with any of them. */
	if ((flags & ~(0xffffu | get_set | STEER_VFIO_FEATURE_PROBE)) != 0 ||
	    (flags & ~0xffffu) == 0 ||
	    (!(flags & STEER_VFIO_FEATURE_PROBE) &&
	     ((flags & get_set) == get_set || (data == NULL && len > 0))))
		return vfio_fail(dev, -EINVAL, "feature %u: bad flags 0x%x or data", flags & 0xffff,
				 flags);
	if (timeout_ms != 0 && dev->ops->feature_timed != NULL)
		return dev->ops->feature_timed(dev, flags, data, len, timeout_ms);
	return dev->ops->feature(dev, flags, data, len);
}

int
steer_vfio_feature(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len)
{
	return steer_vfio_feature_timed(dev, flags, data, len, 0);
}
