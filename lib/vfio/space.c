/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "space.h"

typedef unsigned long long ull;

/* Bytes that the kernel has locked for us, in all spaces. */
static uint64_t locked;

struct vfio_space *
space_new(const struct space_ops *ops, int fd, bool is_private)
{
	struct vfio_space *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->ops = ops;
	s->fd = fd;
	s->is_private = is_private;
	s->max_maps = UINT32_MAX;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void
locked_add(const struct space_map *m, int sign)
{
	uint64_t size = m->last - m->iova + 1;

	__atomic_add_fetch(&locked, sign > 0 ? size : -size, __ATOMIC_RELAXED);
}

void
space_free(struct vfio_space *s)
{
	unsigned int i;

	for (i = 0; i < s->nr_maps; i++)
		locked_add(&s->maps[i], -1);
	pthread_mutex_destroy(&s->lock);
	free(s->maps);
	free(s);
}

int
space_limits(struct vfio_space *s)
{
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = s->ops->limits(s);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/* First map that ends at or after iova. */
static unsigned int
map_search(const struct vfio_space *s, uint64_t iova)
{
	unsigned int lo = 0, hi = s->nr_maps;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (s->maps[mid].last < iova)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
in_ranges(const struct vfio_space *s, uint64_t iova, uint64_t last)
{
	unsigned int i;

	for (i = 0; i < s->nr_ranges; i++)
		if (iova >= s->ranges[i].start && last <= s->ranges[i].last)
			return true;
	return s->nr_ranges == 0;
}

static int
map_reserve(struct vfio_space *s)
{
	unsigned int n = s->room != 0 ? s->room * 2 : 16;
	struct space_map *p;

	if (s->nr_maps < s->room)
		return 0;
	p = realloc(s->maps, n * sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	s->maps = p;
	s->room = n;
	return 0;
}

/* What may be known before the kernel is asked. */
static int
map_refuse(const struct vfio_space *s, const struct steer_vfio_dev *dev,
	   const struct steer_vfio_dma *m, unsigned int at)
{
	uint64_t last = m->iova + (m->size - 1);

	if (at < s->nr_maps && s->maps[at].iova <= last)
		return vfio_fail(
			dev, -EEXIST,
			"DMA map of 0x%llx bytes at 0x%llx: another device of this address "
			"space has mapped 0x%llx to 0x%llx otherwise",
			(ull)m->size, (ull)m->iova, (ull)s->maps[at].iova, (ull)s->maps[at].last);
	if (s->nr_maps >= s->max_maps)
		return vfio_fail(dev, -ENOSPC,
				 "DMA map: the kernel takes %u maps at most (dma_entry_limit of "
				 "vfio_iommu_type1); use fewer, larger pages",
				 s->max_maps);
	if (!in_ranges(s, m->iova, last))
		return vfio_fail(
			dev, -ERANGE,
			"DMA map of 0x%llx bytes at 0x%llx: the IOMMU translates 0x%llx to "
			"0x%llx%s; move EAL's memory (--base-virtaddr)",
			(ull)m->size, (ull)m->iova, (ull)s->ranges[0].start, (ull)s->ranges[0].last,
			s->nr_ranges > 1 ? " and others" : "");
	return 0;
}

static int
map_error(const struct vfio_space *s, const struct steer_vfio_dev *dev,
	  const struct steer_vfio_dma *m, int rc)
{
	uint64_t need = __atomic_load_n(&locked, __ATOMIC_RELAXED) + m->size;
	struct rlimit lim = {RLIM_INFINITY, RLIM_INFINITY};

	(void)getrlimit(RLIMIT_MEMLOCK, &lim);
	if (rc == -ENOMEM && lim.rlim_cur < need)
		return vfio_fail(
			dev, rc,
			"DMA map of 0x%llx bytes: the locked-memory limit (RLIMIT_MEMLOCK) "
			"is %llu kB, %llu kB are needed; raise it (ulimit -l, limits.conf, "
			"LimitMEMLOCK=)",
			(ull)m->size, (ull)lim.rlim_cur >> 10, (ull)need >> 10);
	if (rc == -ENOSPC)
		return vfio_fail(dev, rc,
				 "DMA map: the kernel takes no more maps than these %u "
				 "(dma_entry_limit of vfio_iommu_type1); use fewer, larger pages",
				 s->nr_maps);
	return vfio_fail(dev, rc, "DMA map of 0x%llx bytes at 0x%llx: %s", (ull)m->size,
			 (ull)m->iova, strerror(-rc));
}

static int
map_locked(struct vfio_space *s, const struct steer_vfio_dev *dev, const struct steer_vfio_dma *m)
{
	const struct space_map map = {
		.iova = m->iova,
		.last = m->iova + (m->size - 1),
		.vaddr = m->vaddr,
		.prot = m->prot,
		.refs = 1,
	};
	unsigned int at = map_search(s, m->iova);
	struct space_map *old = at < s->nr_maps ? &s->maps[at] : NULL;
	int rc;

	if (old != NULL && old->iova == map.iova && old->last == map.last &&
	    old->vaddr == map.vaddr && old->prot == map.prot) {
		old->refs++;
		return 0;
	}
	rc = map_refuse(s, dev, m, at);
	if (rc < 0)
		return rc;
	if (map_reserve(s) < 0)
		return vfio_fail(dev, -ENOMEM, "DMA map: out of memory");
	rc = s->ops->map(s, m);
	if (rc < 0)
		return map_error(s, dev, m, rc);
	memmove(&s->maps[at + 1], &s->maps[at], (s->nr_maps - at) * sizeof(map));
	s->maps[at] = map;
	s->nr_maps++;
	locked_add(&map, 1);
	return 0;
}

int
space_map(struct vfio_space *s, const struct steer_vfio_dev *dev, const struct steer_vfio_dma *m)
{
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = map_locked(s, dev, m);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/* keep: a map that the kernel does not let go stays on record. */
static int
unmap_locked(struct vfio_space *s, uint64_t iova, uint64_t size, bool keep)
{
	unsigned int at = map_search(s, iova);
	int rc;

	if (at == s->nr_maps || s->maps[at].iova != iova || s->maps[at].last != iova + (size - 1))
		return -ENOENT;
	if (s->maps[at].refs > 1) {
		s->maps[at].refs--;
		return 0;
	}
	rc = s->ops->unmap(s, iova, size);
	if (rc < 0 && keep)
		return rc;
	locked_add(&s->maps[at], -1);
	s->nr_maps--;
	memmove(&s->maps[at], &s->maps[at + 1], (s->nr_maps - at) * sizeof(s->maps[0]));
	return rc;
}

int
space_unmap(struct vfio_space *s, const struct steer_vfio_dev *dev, uint64_t iova, uint64_t size)
{
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = unmap_locked(s, iova, size, true);
	pthread_mutex_unlock(&s->lock);
	if (rc < 0)
		return vfio_fail(dev, rc, "DMA unmap of 0x%llx bytes at 0x%llx: %s", (ull)size,
				 (ull)iova, strerror(-rc));
	return 0;
}

void
space_forget(struct vfio_space *s, const struct steer_vfio_dev *dev)
{
	unsigned int i;

	pthread_mutex_lock(&s->lock);
	for (i = 0; i < dev->nr_dma; i++)
		(void)unmap_locked(s, dev->dma[i].iova, dev->dma[i].last - dev->dma[i].iova + 1,
				   false);
	pthread_mutex_unlock(&s->lock);
}
