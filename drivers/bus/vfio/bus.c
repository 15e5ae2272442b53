/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The bus as EAL sees it. Devices are those that the user named with the prefix, at start (-a) or
 * by hot-plug; a bare PCI address stays with DPDK's own bus.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_devargs.h>
#include <rte_errno.h>
#include <rte_kvargs.h>
#include <rte_memory.h>
#include <rte_version.h>

#include "bus_priv.h"

/* 26.07 changed the structs of bus, device and driver without a new ABI number. */
#if RTE_VERSION >= RTE_VERSION_NUM(26, 7, 0, 0)
#error "the bus is written for DPDK 22.11 to 26.03"
#endif

RTE_LOG_REGISTER(vfio_bus_logtype, bus.vfio, NOTICE);

static struct vfio_bus_device_list devices = TAILQ_HEAD_INITIALIZER(devices);
static struct rte_bus vfio_bus;
static bool registered;

static struct vfio_bus_device *
find_by_name(const char *name)
{
	struct vfio_bus_device *dev;

	TAILQ_FOREACH(dev, &devices, next)
		if (strcmp(dev->name, name) == 0)
			return dev;
	return NULL;
}

static int
add_device(struct rte_devargs *da)
{
	struct vfio_bus_device *dev = calloc(1, sizeof(*dev));

	if (dev == NULL)
		return -ENOMEM;
	snprintf(dev->name, sizeof(dev->name), "%s", da->name);
	dev->device.name = dev->name;
	dev->device.bus = &vfio_bus;
	dev->device.devargs = da;
	dev->device.numa_node = SOCKET_ID_ANY;
	pthread_mutex_init(&dev->external_lock, NULL);
	TAILQ_INSERT_TAIL(&devices, dev, next);
	return 0;
}

/* One device under two devargs: the first counts. @return true when da is a later one. */
static bool
named_before(const struct rte_devargs *da)
{
	struct rte_devargs *first;

	RTE_EAL_DEVARGS_FOREACH(VFIO_BUS_NAME, first)
	{
		if (first == da)
			break;
		if (first->policy == RTE_DEV_BLOCKED || !vfio_bus_name_same(first->name, da->name))
			continue;
		BUS_LOG(ERR, "%s: named twice, as %s before; this one is ignored", da->name,
			first->name);
		return true;
	}
	return false;
}

/* Comes again at every hot-plug, of any bus. */
static int
bus_scan(void)
{
	struct vfio_bus_device *dev;
	struct rte_devargs *da;

	RTE_EAL_DEVARGS_FOREACH(VFIO_BUS_NAME, da)
	{
		if (da->policy == RTE_DEV_BLOCKED)
			continue;
		if (vfio_bus_name_parse(da->name) != 0) {
			BUS_LOG(ERR, "vfio bus: devargs \"%s\": no name; give name=", da->data);
			continue;
		}
		if (named_before(da))
			continue;
		dev = find_by_name(da->name);
		if (dev != NULL)
			dev->device.devargs = da;
		else if (add_device(da) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int
bus_probe(void)
{
	struct vfio_bus_device *dev;
	int failed = 0;

	TAILQ_FOREACH(dev, &devices, next)
		if (dev->driver == NULL && vfio_bus_device_probe(dev) != 0)
			failed++;
	return failed == 0 ? 0 : -1;
}

static struct rte_device *
bus_find_device(const struct rte_device *start, rte_dev_cmp_t cmp, const void *data)
{
	struct vfio_bus_device *dev =
		start == NULL ? TAILQ_FIRST(&devices) : TAILQ_NEXT(VFIO_BUS_DEV(start), next);

	for (; dev != NULL; dev = TAILQ_NEXT(dev, next))
		if (cmp(&dev->device, data) == 0)
			return &dev->device;
	return NULL;
}

static int
bus_plug(struct rte_device *device)
{
	struct vfio_bus_device *dev = VFIO_BUS_DEV(device);

	return dev->driver != NULL ? -EEXIST : vfio_bus_device_probe(dev);
}

static void
forget(struct vfio_bus_device *dev)
{
	TAILQ_REMOVE(&devices, dev, next);
	rte_devargs_remove(dev->device.devargs);
	vfio_bus_device_free(dev);
}

static int
bus_unplug(struct rte_device *device)
{
	struct vfio_bus_device *dev = VFIO_BUS_DEV(device);
	int rc = vfio_bus_device_remove(dev);

	if (rc == 0)
		forget(dev);
	return rc;
}

static int
bus_parse(const char *name, void *addr)
{
	RTE_SET_USED(addr);
	return vfio_bus_name_parse(name);
}

/* Layered syntax: bus=vfio,name=NAME,sock=PATH; the name with the prefix or without. */
static int
bus_devargs_parse(struct rte_devargs *da)
{
	struct rte_kvargs *kv = rte_kvargs_parse(da->bus_str, NULL);
	const char *name = kv != NULL ? rte_kvargs_get(kv, "name") : NULL;
	int n, rc = 0;

	/* Without a name it stands for every device, in an iterator. */
	if (name != NULL) {
		n = snprintf(da->name, sizeof(da->name), "%s%s",
			     vfio_bus_name_parse(name) == 0 ? "" : VFIO_BUS_PREFIX, name);
		if (n >= (int)sizeof(da->name)) {
			BUS_LOG(ERR, "vfio bus: name \"%s\" is longer than EAL's %zu characters",
				name, sizeof(da->name) - 1);
			rc = -E2BIG;
		}
	}
	rte_kvargs_free(kv);
	return rc;
}

static enum rte_iova_mode
bus_get_iommu_class(void)
{
	const struct vfio_bus_device *dev;

	TAILQ_FOREACH(dev, &devices, next)
		if (vfio_bus_settings_noiommu(dev))
			return RTE_IOVA_PA;
	return TAILQ_EMPTY(&devices) ? RTE_IOVA_DC : RTE_IOVA_VA;
}

static int
match_name(const struct rte_device *device, const void *data)
{
	const char *name = data != NULL ? rte_kvargs_get(data, "name") : NULL;

	if (name == NULL || strcmp(name, device->name) == 0)
		return 0;
	return strcmp(name, device->name + strlen(VFIO_BUS_PREFIX));
}

static void *
bus_dev_iterate(const void *start, const char *str, const struct rte_dev_iterator *it)
{
	struct rte_kvargs *kv = NULL;
	struct rte_device *dev;

	RTE_SET_USED(it);
	if (str != NULL) {
		kv = rte_kvargs_parse(str, NULL);
		if (kv == NULL) {
			rte_errno = EINVAL;
			return NULL;
		}
	}
	dev = bus_find_device(start, match_name, kv);
	rte_kvargs_free(kv);
	return dev;
}

/* EAL's own monitor saw the device go: lib/vfio sees it too, and mapped memory stays readable. */
static int
bus_hot_unplug_handler(struct rte_device *device)
{
	BUS_LOG(NOTICE, "%s: unplugged", device->name);
	return 0;
}

static int
bus_cleanup(void)
{
	struct vfio_bus_device *dev;
	int rc = 0;

	while ((dev = TAILQ_FIRST(&devices)) != NULL) {
		if (vfio_bus_device_remove(dev) != 0)
			rc = -1;
		TAILQ_REMOVE(&devices, dev, next);
		vfio_bus_device_free(dev);
	}
	return rc;
}

static struct rte_bus vfio_bus = {
	.name = VFIO_BUS_NAME,
	.scan = bus_scan,
	.probe = bus_probe,
	.find_device = bus_find_device,
	.plug = bus_plug,
	.unplug = bus_unplug,
	.parse = bus_parse,
	.devargs_parse = bus_devargs_parse,
	.dma_map = vfio_bus_dma_map,
	.dma_unmap = vfio_bus_dma_unmap,
	.get_iommu_class = bus_get_iommu_class,
	.dev_iterate = bus_dev_iterate,
	.hot_unplug_handler = bus_hot_unplug_handler,
	.cleanup = bus_cleanup,
};

RTE_INIT_PRIO(vfio_bus_init, BUS)
{
	if (rte_version_year() > 26 || (rte_version_year() == 26 && rte_version_month() >= 7)) {
		BUS_LOG(ERR, "vfio bus: %s is too new: built for DPDK 22.11 to 26.03; not loaded",
			rte_version());
		return;
	}
	if (rte_bus_find_by_name(VFIO_BUS_NAME) != NULL) {
		BUS_LOG(ERR, "vfio bus: loaded twice; this copy is ignored, load only one "
			     "librte_bus_vfio.so (installed, or by -d)");
		return;
	}
	rte_bus_register(&vfio_bus);
	registered = true;
}

RTE_FINI(vfio_bus_fini)
{
	if (registered)
		rte_bus_unregister(&vfio_bus);
}
