/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Record of live DMA maps, sorted by IOVA. It refuses overlaps before the device sees them and lets
 * only whole maps go, so that both sides always agree on what is mapped.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfio_ops.h"

typedef unsigned long long ull;

void
vfio_dma_fini(struct steer_vfio_dev *dev)
{
	free(dev->dma);
}

/* First record that ends at or after iova. */
static unsigned int
rec_search(const struct steer_vfio_dev *dev, uint64_t iova)
{
	unsigned int lo = 0, hi = dev->nr_dma;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (dev->dma[mid].last < iova)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
rec_reserve(struct steer_vfio_dev *dev)
{
	unsigned int n = dev->max_dma != 0 ? dev->max_dma * 2 : 16;
	struct vfio_dma_rec *p;

	if (dev->nr_dma < dev->max_dma)
		return 0;
	p = realloc(dev->dma, n * sizeof(*p));
	if (p == NULL)
		return vfio_fail(dev, -ENOMEM, "DMA map: out of memory");
	dev->dma = p;
	dev->max_dma = n;
	return 0;
}

static int
map_check(struct steer_vfio_dev *dev, const struct steer_vfio_dma *m)
{
	if (m->size == 0 || (m->iova | m->size) & (dev->page_size - 1) ||
	    m->iova + (m->size - 1) < m->iova)
		return vfio_fail(dev, -EINVAL,
				 "DMA map of 0x%llx bytes at 0x%llx: not whole pages of 0x%llx",
				 (ull)m->size, (ull)m->iova, (ull)dev->page_size);
	if (m->prot == 0 || m->prot & ~(STEER_VFIO_PROT_READ | STEER_VFIO_PROT_WRITE))
		return vfio_fail(dev, -EINVAL, "DMA map at 0x%llx: bad protection 0x%x",
				 (ull)m->iova, m->prot);
	return 0;
}

static int
map_locked(struct steer_vfio_dev *dev, const struct steer_vfio_dma *m)
{
	unsigned int at = rec_search(dev, m->iova);
	uint64_t last = m->iova + (m->size - 1);
	int rc;

	if (at < dev->nr_dma && dev->dma[at].iova <= last)
		return vfio_fail(dev, -EEXIST,
				 "DMA map of 0x%llx bytes at 0x%llx: overlaps the map at 0x%llx",
				 (ull)m->size, (ull)m->iova, (ull)dev->dma[at].iova);
	if (dev->nr_dma >= dev->max_dma_maps)
		return vfio_fail(dev, -ENOSPC,
				 "DMA map: the device takes %u maps at most; "
				 "use fewer, larger pages or --single-file-segments",
				 dev->max_dma_maps);
	rc = rec_reserve(dev);
	if (rc < 0)
		return rc;
	rc = dev->ops->dma_map(dev, m);
	if (rc < 0)
		return rc;
	memmove(&dev->dma[at + 1], &dev->dma[at], (dev->nr_dma - at) * sizeof(dev->dma[0]));
	dev->dma[at] = (struct vfio_dma_rec){.iova = m->iova, .last = last};
	dev->nr_dma++;
	return 0;
}

int
steer_vfio_dma_map(struct steer_vfio_dev *dev, const struct steer_vfio_dma *map)
{
	int rc = vfio_alive(dev);

	if (rc == 0)
		rc = map_check(dev, map);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&dev->dma_lock);
	rc = map_locked(dev, map);
	pthread_mutex_unlock(&dev->dma_lock);
	return rc;
}

static int
unmap_locked(struct steer_vfio_dev *dev, uint64_t iova, uint64_t size)
{
	unsigned int at = rec_search(dev, iova);
	int rc;

	if (size == 0 || at == dev->nr_dma || dev->dma[at].iova != iova ||
	    dev->dma[at].last != iova + (size - 1))
		return vfio_fail(
			dev, -ENOENT,
			"DMA unmap of 0x%llx bytes at 0x%llx: no map of exactly this range",
			(ull)size, (ull)iova);
	rc = dev->ops->dma_unmap(dev, iova, size);
	if (rc < 0)
		return rc;
	dev->nr_dma--;
	memmove(&dev->dma[at], &dev->dma[at + 1], (dev->nr_dma - at) * sizeof(dev->dma[0]));
	return 0;
}

int
steer_vfio_dma_unmap(struct steer_vfio_dev *dev, uint64_t iova, uint64_t size)
{
	int rc = dev->dma_kept ? 0 : vfio_alive(dev);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&dev->dma_lock);
	rc = unmap_locked(dev, iova, size);
	pthread_mutex_unlock(&dev->dma_lock);
	return rc;
}

int
steer_vfio_dma_unmap_all(struct steer_vfio_dev *dev)
{
	int first = dev->dma_kept ? 0 : vfio_alive(dev), rc;
	unsigned int at;

	if (first < 0)
		return first;
	pthread_mutex_lock(&dev->dma_lock);
	/* From the end: what is refused stays in front of it. */
	for (at = dev->nr_dma; at > 0; at--) {
		const struct vfio_dma_rec r = dev->dma[at - 1];

		rc = unmap_locked(dev, r.iova, r.last - r.iova + 1);
		first = first != 0 ? first : rc;
	}
	pthread_mutex_unlock(&dev->dma_lock);
	return first;
}
