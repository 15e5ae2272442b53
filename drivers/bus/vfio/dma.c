/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * EAL's memory for the device: what is there at probe, and what comes and goes later. IOVA is VA.
 * Pages that EAL may give back one by one are mapped one by one, since a part of a map cannot be
 * taken away; all others are merged. A socket needs the file behind the memory, the kernel does
 * not; without an IOMMU there is nothing to map.
 */

#include <errno.h>
#include <string.h>

#include <rte_eal_memconfig.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "bus_priv.h"

struct dma_walk {
	struct vfio_bus_device *dev;
	bool fixed; /* no page is ever given back */
	bool last_stays;
	struct steer_vfio_dma run;
	int nb_fdless;
};

static int
run_flush(struct dma_walk *w)
{
	int rc = 0;

	if (w->run.size != 0)
		rc = steer_vfio_dma_map(w->dev->vdev, &w->run);
	if (rc != 0)
		BUS_LOG(ERR, "%s", steer_vfio_error()); /* names device, step, reason and cure */
	w->run.size = 0;
	return rc;
}

/* Inside EAL's walks and callbacks: its lock is held, so only the lock-free calls are allowed. */
static int
seg_describe(const struct vfio_bus_device *dev, const struct rte_memseg *ms,
	     struct steer_vfio_dma *map)
{
	size_t offset = 0;
	int fd = -1;

	if (steer_vfio_dma_needs_fd(dev->vdev)) {
		fd = rte_memseg_get_fd_thread_unsafe(ms);
		if (fd < 0 || rte_memseg_get_fd_offset_thread_unsafe(ms, &offset) != 0)
			return -ENOTSUP;
	}
	*map = (struct steer_vfio_dma){
		.iova = (uintptr_t)ms->addr,
		.size = ms->len,
		.vaddr = ms->addr,
		.fd = fd,
		.offset = offset,
		.prot = STEER_VFIO_PROT_READ | STEER_VFIO_PROT_WRITE,
	};
	return 0;
}

static int
add_seg(const struct rte_memseg_list *msl, const struct rte_memseg *ms, void *arg)
{
	struct dma_walk *w = arg;
	struct steer_vfio_dma map;
	bool stays = w->fixed || ms->flags & RTE_MEMSEG_FLAG_DO_NOT_FREE;
	int rc;

	if (msl->external)
		return 0;
	if (seg_describe(w->dev, ms, &map) != 0) {
		w->nb_fdless++;
		return 0;
	}
	if (w->run.size != 0 && stays && w->last_stays && vfio_bus_dma_merge(&w->run, &map))
		return 0;
	rc = run_flush(w);
	w->run = map;
	w->last_stays = stays;
	return rc;
}

static void
mem_added(struct vfio_bus_device *dev, const uint8_t *addr, size_t len)
{
	struct dma_walk w = {.dev = dev};
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(addr);
	size_t off;

	if (msl == NULL || msl->external)
		return;
	for (off = 0; off < len; off += msl->page_sz)
		add_seg(msl, rte_mem_virt2memseg(addr + off, msl), &w);
	run_flush(&w);
	if (w.nb_fdless > 0)
		BUS_LOG(ERR, "%s: new memory has no file behind it and cannot be shared",
			dev->name);
}

static void
mem_removed(struct vfio_bus_device *dev, const uint8_t *addr, size_t len)
{
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(addr);
	size_t off;
	int rc;

	if (msl == NULL || msl->external)
		return;
	for (off = 0; off < len; off += msl->page_sz) {
		rc = steer_vfio_dma_unmap(dev->vdev, (uintptr_t)addr + off, msl->page_sz);
		if (rc != 0 && rc != -ENODEV)
			BUS_LOG(DEBUG, "%s: unmap memory: %s", dev->name, steer_vfio_error());
	}
}

static void
mem_event(enum rte_mem_event type, const void *addr, size_t len, void *arg)
{
	struct vfio_bus_device *dev = arg;

	/* Memory that comes before the walk is found by the walk. */
	if (!dev->dma_ready)
		return;
	if (type == RTE_MEM_EVENT_ALLOC)
		mem_added(dev, addr, len);
	else
		mem_removed(dev, addr, len);
}

static int
map_all(struct vfio_bus_device *dev)
{
	struct dma_walk w = {.dev = dev, .fixed = !dev->mem_events};
	int rc;

	/* Held until the flag is set, so that no event falls between walk and flag. */
	rte_mcfg_mem_read_lock();
	rc = rte_memseg_walk_thread_unsafe(add_seg, &w);
	if (rc == 0)
		rc = run_flush(&w);
	dev->dma_ready = rc == 0;
	rte_mcfg_mem_read_unlock();
	if (rc == 0 && w.nb_fdless > 0) {
		BUS_LOG(ERR,
			"%s: map memory: %d segments have no file behind them; run with --no-huge, "
			"--in-memory or hugetlbfs files",
			dev->name, w.nb_fdless);
		return -ENOTSUP;
	}
	return rc > 0 ? -EIO : rc;
}

int
vfio_bus_dma_start(struct vfio_bus_device *dev)
{
	int rc;

	if (steer_vfio_iova_is_pa(dev->vdev))
		return 0;
	rc = rte_mem_event_callback_register(dev->name, mem_event, dev);
	dev->mem_events = rc == 0;
	/* ENOTSUP: memory never changes (--no-huge, --legacy-mem). */
	if (rc != 0 && rte_errno != ENOTSUP) {
		BUS_LOG(ERR, "%s: follow memory: %s", dev->name, rte_strerror(rte_errno));
		return -rte_errno;
	}
	rc = map_all(dev);
	if (rc != 0)
		vfio_bus_dma_stop(dev);
	return rc;
}

void
vfio_bus_dma_stop(struct vfio_bus_device *dev)
{
	if (dev->mem_events)
		rte_mem_event_callback_unregister(dev->name, dev);
	dev->mem_events = false;
	dev->dma_ready = false;
}

int
vfio_bus_dma_withdraw(struct vfio_bus_device *dev)
{
	int rc;

	/* First, and without the lock: EAL waits for callbacks, which may map for an application.
	 */
	vfio_bus_dma_stop(dev);
	pthread_mutex_lock(&dev->external_lock);
	rc = steer_vfio_dma_unmap_all(dev->vdev);
	pthread_mutex_unlock(&dev->external_lock);
	/* A device that is gone reaches nothing. */
	if (rc == 0 || rc == -ENODEV)
		return 0;
	BUS_LOG(ERR, "%s", steer_vfio_error());
	return rc;
}

static int
external_map(struct vfio_bus_device *dev, void *addr, uint64_t iova, size_t len)
{
	const struct rte_memseg *ms = rte_mem_virt2memseg(addr, NULL);
	struct steer_vfio_dma map = {.fd = -1,
				     .prot = STEER_VFIO_PROT_READ | STEER_VFIO_PROT_WRITE};

	if (dev->vdev == NULL)
		return -ENODEV;
	if (!vfio_bus_tsm_dma_allowed(dev))
		return -EACCES;
	if (steer_vfio_iova_is_pa(dev->vdev))
		return 0;
	if (steer_vfio_dma_needs_fd(dev->vdev)) {
		if (ms == NULL || seg_describe(dev, ms, &map) != 0 ||
		    (uint8_t *)addr + len > (uint8_t *)ms->addr + ms->len)
			return -ENOTSUP;
		map.offset += (uint8_t *)addr - (uint8_t *)ms->addr;
	}
	map.vaddr = addr;
	map.iova = iova;
	map.size = len;
	return steer_vfio_dma_map(dev->vdev, &map);
}

static const char *
map_error(int rc)
{
	switch (rc) {
	case -ENOTSUP: return "no file behind it; only memory of EAL can be shared with the device";
	case -EACCES: return "the device is not in RUN; only a verified one reaches memory";
	default: return steer_vfio_error();
	}
}

int
vfio_bus_dma_map(struct rte_device *device, void *addr, uint64_t iova, size_t len)
{
	struct vfio_bus_device *dev = VFIO_BUS_DEV(device);
	int rc;

	/* A device that is lost meanwhile: either this is refused, or withdrawn with the rest. */
	pthread_mutex_lock(&dev->external_lock);
	rc = external_map(dev, addr, iova, len);
	pthread_mutex_unlock(&dev->external_lock);
	if (rc == 0) {
		vfio_bus_tsm_external(dev, 1);
		return 0;
	}
	BUS_LOG(ERR, "%s: map external memory: %s", dev->name, map_error(rc));
	rte_errno = -rc;
	return -1;
}

int
vfio_bus_dma_unmap(struct rte_device *device, void *addr, uint64_t iova, size_t len)
{
	struct vfio_bus_device *dev = VFIO_BUS_DEV(device);
	int rc = -ENODEV;

	RTE_SET_USED(addr);
	if (dev->vdev != NULL)
		rc = steer_vfio_iova_is_pa(dev->vdev) ? 0
						      : steer_vfio_dma_unmap(dev->vdev, iova, len);
	if (rc == 0) {
		vfio_bus_tsm_external(dev, -1);
		return 0;
	}
	rte_errno = -rc;
	return -1;
}
