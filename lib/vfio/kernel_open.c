/* SPDX-License-Identifier: BSD-3-Clause */

/* A kernel device from its address to its file, and back. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"

/* Of every list of devices, groups and spaces: attaching and detaching are one at a time. */
static pthread_mutex_t kernel_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kernel_dev *devices;

static int
kernel_dma_map(struct steer_vfio_dev *dev, const struct steer_vfio_dma *map)
{
	struct kernel_dev *k = kernel_dev(dev);

	if (k->space == NULL)
		return vfio_fail(dev, -ENOTSUP,
				 "DMA map: without an IOMMU the device reaches all memory");
	return space_map(k->space, dev, map);
}

static int
kernel_dma_unmap(struct steer_vfio_dev *dev, uint64_t iova, uint64_t size)
{
	return space_unmap(kernel_dev(dev)->space, dev, iova, size);
}

static int
kernel_dma_unmap_all(struct steer_vfio_dev *dev)
{
	space_forget(kernel_dev(dev)->space, dev);
	return 0;
}

static const struct kernel_transport *
transport_of(const struct kernel_dev *k)
{
	return k->group != NULL ? &kernel_transport_group : &kernel_transport_cdev;
}

/*
 * Mappings of BARs hold the file, so they go first; the file before the memory, so that a device
 * that still runs is stopped before what it writes to is taken away.
 */
static void
kernel_detach(struct kernel_dev *k)
{
	const struct kernel_transport *t = transport_of(k);

	vfio_regions_fini(&k->base);
	t->quiesce(k);
	close(k->fd);
	if (k->space != NULL)
		space_forget(k->space, &k->base);
	t->detach(k);
}

void
kernel_free(struct kernel_dev *k)
{
	pthread_mutex_destroy(&k->irq_lock);
	vfio_dev_fini(&k->base);
	free(k);
}

static void
kernel_close(struct steer_vfio_dev *dev)
{
	struct kernel_dev *k = kernel_dev(dev), **p = &devices;

	pthread_mutex_lock(&kernel_lock);
	while (*p != k)
		p = &(*p)->next;
	*p = k->next;
	kernel_detach(k);
	pthread_mutex_unlock(&kernel_lock);
	kernel_free(k);
}

static const struct steer_vfio_ops kernel_ops = {
	.close = kernel_close,
	.region_query = kernel_region_query,
	.region_read = kernel_region_read,
	.region_write = kernel_region_write,
	.region_io_fds = kernel_region_io_fds,
	.irq_info = kernel_irq_info,
	.irqs_set = kernel_irqs_set,
	.irqs_disable = kernel_irqs_disable,
	.irqs_trigger = kernel_irqs_trigger,
	.dma_map = kernel_dma_map,
	.dma_unmap = kernel_dma_unmap,
	.dma_unmap_all = kernel_dma_unmap_all,
	.reset = kernel_reset,
	.feature = kernel_feature,
	.device_ioctl = kernel_device_ioctl,
};

static int
args_check(const struct steer_vfio_open_args *a)
{
	if (a->pci_addr == NULL || a->pci_addr[0] == '\0' ||
	    a->pci_addr[strspn(a->pci_addr, "0123456789abcdef:.")] != '\0')
		return vfio_fail_name(a->name, -EINVAL,
				      "open: neither a socket nor a PCI address (0000:01:00.0)");
	if (a->transport != STEER_VFIO_NOIOMMU)
		return 0;
	if (a->private_space)
		return vfio_fail_name(
			a->name, -EINVAL,
			"open: transport=noiommu has no address spaces, so this device "
			"cannot have one of its own; use an IOMMU");
	if (geteuid() != 0)
		return vfio_fail_name(a->name, -EACCES,
				      "open: transport=noiommu gives the device all of memory; "
				      "only root may");
	return 0;
}

static enum steer_vfio_transport
choose(const struct steer_vfio_open_args *a)
{
	char path[SYSFS_PATH_MAX], node[SYSFS_NAME_MAX];

	if (a->transport != STEER_VFIO_AUTO)
		return a->transport;
	if (sysfs_cdev(a->pci_addr, node, sizeof(node)) != 0 ||
	    access(devfs_path(path, "vfio/devices/%s", node), F_OK) != 0 ||
	    access(devfs_path(path, "iommu"), F_OK) != 0)
		return STEER_VFIO_GROUP;
	return STEER_VFIO_CDEV;
}

/* Devices of this process: one open each, and none beside one that has a space of its own. */
static int
neighbours_check(const struct kernel_dev *k)
{
	const struct kernel_dev *d;

	for (d = devices; d != NULL; d = d->next) {
		if (strcmp(d->bdf, k->bdf) == 0)
			return vfio_fail(&k->base, -EBUSY,
					 "open: %s is busy: open in this process as %s", k->bdf,
					 d->base.name);
		if (d->iommu_group == k->iommu_group && (d->is_private || k->is_private))
			return vfio_fail(&k->base, -EPERM,
					 "open: %s shares IOMMU group %d with %s, and one of them "
					 "has an address space of its own; use a slot with ACS",
					 k->bdf, k->iommu_group, d->base.name);
	}
	return k->is_private ? kernel_alone_check(k->base.name, k->bdf, k->iommu_group) : 0;
}

void
kernel_facts_take(struct kernel_dev *k)
{
	char text[SYSFS_NAME_MAX], *end;
	long n;

	k->base.numa_node = sysfs_numa_node(k->bdf);
	if (sysfs_param(k->bdf, "tph_feature", text, sizeof(text)) == 0) {
		n = strtol(text, &end, 0);
		if (end != text && *end == '\0' && n >= 0 && n <= UINT16_MAX)
			k->base.tph_feature = (int)n;
	}
	if (sysfs_param(k->bdf, "enable_unsafe_tph", text, sizeof(text)) == 0)
		k->base.tph_switch = text[0] == 'Y' || text[0] == '1';
}

static int
device_start(struct kernel_dev *k)
{
	int rc = kernel_device_info(k);

	if (rc == 0)
		rc = vfio_regions_init(&k->base);
	if (rc == 0)
		rc = kernel_watch_request(k);
	if (rc < 0)
		return rc;
	kernel_facts_take(k);
	k->base.iova_is_pa = k->space == NULL;
	k->base.dma_kept = true;
	k->base.max_dma_maps = UINT32_MAX;
	k->base.page_size =
		k->space != NULL ? k->space->page_size : (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static int
attach_locked(struct kernel_dev *k, enum steer_vfio_transport which)
{
	const struct kernel_transport *t =
		which == STEER_VFIO_CDEV ? &kernel_transport_cdev : &kernel_transport_group;
	int rc;

	/* Without an IOMMU vfio makes one up, when it may. */
	k->iommu_group = sysfs_group(k->bdf);
	if (k->iommu_group < 0)
		return vfio_fail(
			&k->base, -ENOTSUP,
			"open: %s has no IOMMU group; turn the IOMMU on, or load vfio with "
			"enable_unsafe_noiommu_mode=1 and bind it again",
			k->bdf);
	rc = neighbours_check(k);
	if (rc == 0)
		rc = t->attach(k, which);
	if (rc < 0)
		return rc;
	rc = device_start(k);
	if (rc < 0) {
		kernel_detach(k);
		return rc;
	}
	k->next = devices;
	devices = k;
	return 0;
}

struct kernel_dev *
kernel_new(const char *name, const char *pci_addr, const struct steer_vfio_ops *ops, int *rc)
{
	struct kernel_dev *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		*rc = vfio_fail_name(name, -ENOMEM, "open: out of memory");
		return NULL;
	}
	*rc = vfio_dev_init(&k->base, ops, name);
	if (*rc < 0) {
		free(k);
		return NULL;
	}
	pthread_mutex_init(&k->irq_lock, NULL);
	k->fd = -1;
	k->base.pci_addr = strdup(pci_addr);
	if (k->base.pci_addr == NULL) {
		*rc = vfio_fail(&k->base, -ENOMEM, "open: out of memory");
		kernel_free(k);
		return NULL;
	}
	k->bdf = k->base.pci_addr;
	return k;
}

int
kernel_open(const struct steer_vfio_open_args *args, struct steer_vfio_dev **dev)
{
	struct kernel_dev *k;
	int rc = args_check(args);

	if (rc == 0)
		rc = kernel_why_unusable(args->name, args->pci_addr);
	if (rc < 0)
		return rc;
	k = kernel_new(args->name, args->pci_addr, &kernel_ops, &rc);
	if (k == NULL)
		return rc;
	k->is_private = args->private_space;
	pthread_mutex_lock(&kernel_lock);
	rc = attach_locked(k, choose(args));
	pthread_mutex_unlock(&kernel_lock);
	if (rc < 0) {
		kernel_free(k);
		return rc;
	}
	*dev = &k->base;
	return 0;
}
