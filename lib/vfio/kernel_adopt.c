/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A device file that other code of this process has opened: the owner has its address space and
 * its interrupts. What does not disturb it is done here as with a file of our own.
 *
 * We use a duplicate. The owner's number can be another file's the moment after it was closed, and
 * drivers do close it before anybody hears that their port is gone.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/kcmp.h>

#include "kernel.h"

static void
adopt_close(struct steer_vfio_dev *dev)
{
	struct kernel_dev *k = kernel_dev(dev);

	/* Mappings of BARs hold the file. */
	vfio_regions_fini(dev);
	close(k->fd);
	kernel_free(k);
}

/* Where the kernel does not compare files, the duplicate works on; nobody else is disturbed. */
static bool
adopt_is_lost(const struct steer_vfio_dev *dev)
{
	const struct kernel_dev *k = kernel_dev(dev);
	const pid_t me = getpid();
	long rc = syscall(SYS_kcmp, me, me, KCMP_FILE, (unsigned long)k->owner_fd,
			  (unsigned long)k->fd);

	return rc > 0 || (rc < 0 && errno == EBADF);
}

static int
owners(struct steer_vfio_dev *dev, const char *what)
{
	return vfio_fail(dev, -ENOTSUP, "%s: it belongs to the driver that opened the device",
			 what);
}

static int
adopt_irqs_set(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count,
	       const int *eventfds)
{
	(void)index;
	(void)start;
	(void)count;
	(void)eventfds;
	return owners(dev, "set interrupts");
}

static int
adopt_irqs_disable(struct steer_vfio_dev *dev, uint32_t index)
{
	(void)index;
	return owners(dev, "disable interrupts");
}

static int
adopt_irqs_trigger(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count)
{
	(void)index;
	(void)start;
	(void)count;
	return owners(dev, "trigger interrupts");
}

static int
adopt_dma_map(struct steer_vfio_dev *dev, const struct steer_vfio_dma *map)
{
	(void)map;
	return owners(dev, "DMA map");
}

static int
adopt_dma_unmap(struct steer_vfio_dev *dev, uint64_t iova, uint64_t size)
{
	(void)iova;
	(void)size;
	return owners(dev, "DMA unmap");
}

static int
adopt_dma_unmap_all(struct steer_vfio_dev *dev)
{
	return owners(dev, "DMA unmap");
}

static const struct steer_vfio_ops adopt_ops = {
	.close = adopt_close,
	.region_query = kernel_region_query,
	.region_read = kernel_region_read,
	.region_write = kernel_region_write,
	.region_io_fds = kernel_region_io_fds,
	.irq_info = kernel_irq_info,
	.irqs_set = adopt_irqs_set,
	.irqs_disable = adopt_irqs_disable,
	.irqs_trigger = adopt_irqs_trigger,
	.dma_map = adopt_dma_map,
	.dma_unmap = adopt_dma_unmap,
	.dma_unmap_all = adopt_dma_unmap_all,
	.is_lost = adopt_is_lost,
	.feature = kernel_feature,
	.device_ioctl = kernel_device_ioctl,
};

static int
file_take(struct kernel_dev *k, int fd)
{
	k->owner_fd = fd;
	k->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (k->fd < 0)
		return vfio_fail(&k->base, -errno, "open: adopt the driver's file %d: %s", fd,
				 strerror(errno));
	snprintf(k->base.gone_why, sizeof(k->base.gone_why), "its driver has closed it");
	return 0;
}

static int
device_start(struct kernel_dev *k)
{
	int rc = kernel_device_info(k);

	if (rc == 0)
		rc = vfio_regions_init(&k->base);
	if (rc < 0)
		return rc;
	kernel_facts_take(k);
	k->base.can_reset = 0; /* the owner's, too */
	k->base.page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	k->base.max_dma_maps = UINT32_MAX;
	return 0;
}

int
kernel_adopt(const struct steer_vfio_adopt_args *args, struct steer_vfio_dev **dev)
{
	struct kernel_dev *k;
	int rc;

	if (args->pci_addr == NULL || args->pci_addr[0] == '\0')
		return vfio_fail_name(args->name, -EINVAL, "open: adopt: no PCI address");
	k = kernel_new(args->name, args->pci_addr, &adopt_ops, &rc);
	if (k == NULL)
		return rc;
	rc = file_take(k, args->fd);
	if (rc < 0) {
		kernel_free(k);
		return rc;
	}
	rc = device_start(k);
	if (rc < 0) {
		adopt_close(&k->base);
		return rc;
	}
	*dev = &k->base;
	return 0;
}
