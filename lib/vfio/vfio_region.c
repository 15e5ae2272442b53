/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio_ops.h"

int
vfio_regions_init(struct steer_vfio_dev *dev)
{
	dev->regions = calloc(dev->num_regions, sizeof(struct vfio_region *));
	if (dev->regions == NULL)
		return vfio_fail(dev, -ENOMEM, "open: out of memory");
	return 0;
}

static void
region_free(struct vfio_region *r)
{
	uint32_t i;

	for (i = 0; i < r->info.nr_areas; i++) {
		if (r->maps[i] != NULL)
			munmap(r->maps[i], r->info.areas[i].size);
	}
	if (r->fd >= 0 && !r->fd_borrowed)
		close(r->fd);
	free(r);
}

void
vfio_regions_fini(struct steer_vfio_dev *dev)
{
	uint32_t i;

	for (i = 0; dev->regions != NULL && i < dev->num_regions; i++) {
		if (dev->regions[i] != NULL)
			region_free(dev->regions[i]);
	}
	free(dev->regions);
	dev->regions = NULL;
}

/* Asks the device once per region; what it said then is what every later check goes by. */
static struct vfio_region *
region_load(struct steer_vfio_dev *dev, uint32_t index, int *rc)
{
	struct vfio_region *r = dev->regions[index];

	if (r != NULL)
		return r;
	r = calloc(1, sizeof(*r));
	if (r == NULL) {
		*rc = vfio_fail(dev, -ENOMEM, "region %u: out of memory", index);
		return NULL;
	}
	r->fd = -1;
	*rc = dev->ops->region_query(dev, index, r);
	if (*rc < 0) {
		free(r);
		return NULL;
	}
	dev->regions[index] = r;
	return r;
}

/* NULL with *rc set. The info part of a region never changes: it is read without the lock. */
static struct vfio_region *
region_get(struct steer_vfio_dev *dev, uint32_t index, int *rc)
{
	struct vfio_region *r;

	*rc = vfio_alive(dev);
	if (*rc < 0)
		return NULL;
	if (index >= dev->num_regions) {
		*rc = vfio_fail(dev, -EINVAL, "region %u: the device has %u regions", index,
				dev->num_regions);
		return NULL;
	}
	pthread_mutex_lock(&dev->region_lock);
	r = region_load(dev, index, rc);
	pthread_mutex_unlock(&dev->region_lock);
	return r;
}

int
steer_vfio_region_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_region *info)
{
	int rc;
	const struct vfio_region *r = region_get(dev, index, &rc);

	if (r == NULL)
		return rc;
	*info = r->info;
	return 0;
}

static int
region_check(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, size_t len, uint32_t need)
{
	int rc;
	struct vfio_region *r = region_get(dev, index, &rc);

	if (r == NULL)
		return rc;
	if (offset > r->info.size || len > r->info.size - offset)
		return vfio_fail(dev, -EINVAL,
				 "region %u: 0x%zx bytes at 0x%llx are outside its 0x%llx bytes",
				 index, len, (unsigned long long)offset,
				 (unsigned long long)r->info.size);
	if (!(r->info.flags & need))
		return vfio_fail(dev, -EACCES, "region %u: the device does not let it be %s", index,
				 need == STEER_VFIO_REGION_F_READ ? "read" : "written");
	return 0;
}

int
steer_vfio_region_read(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, void *buf,
		       size_t len)
{
	int rc = region_check(dev, index, offset, len, STEER_VFIO_REGION_F_READ);

	if (rc < 0 || len == 0)
		return rc;
	return dev->ops->region_read(dev, index, offset, buf, len);
}

int
steer_vfio_region_write(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset,
			const void *buf, size_t len)
{
	int rc = region_check(dev, index, offset, len, STEER_VFIO_REGION_F_WRITE);

	if (rc < 0 || len == 0)
		return rc;
	return dev->ops->region_write(dev, index, offset, buf, len);
}

int
steer_vfio_region_post(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, const void *buf,
		       size_t len)
{
	int rc = region_check(dev, index, offset, len, STEER_VFIO_REGION_F_WRITE);

	if (rc < 0 || len == 0)
		return rc;
	if (dev->ops->region_post == NULL)
		return dev->ops->region_write(dev, index, offset, buf, len);
	return dev->ops->region_post(dev, index, offset, buf, len);
}

static int
area_map(struct steer_vfio_dev *dev, uint32_t index, struct vfio_region *r, uint32_t i)
{
	uint64_t size = r->info.areas[i].size;
	int prot = 0;
	void *p;

	if (r->maps[i] != NULL)
		return 0;
	if (size > VFIO_MAPPED_MAX - dev->mapped)
		return vfio_fail(dev, -ENOTSUP,
				 "region %u: mapping it would exceed %llu MB a device", index,
				 (unsigned long long)(VFIO_MAPPED_MAX >> 20));
	if (r->info.flags & STEER_VFIO_REGION_F_READ)
		prot |= PROT_READ;
	if (r->info.flags & STEER_VFIO_REGION_F_WRITE)
		prot |= PROT_WRITE;
	p = mmap(NULL, size, prot, MAP_SHARED, r->fd,
		 (off_t)(r->fd_offset + r->info.areas[i].offset));
	if (p == MAP_FAILED)
		return vfio_fail(dev, errno == ENOMEM ? -ENOMEM : -ENOTSUP, "region %u: mmap: %s",
				 index, strerror(errno));
	r->maps[i] = p;
	dev->mapped += size;
	return 0;
}

/* The area that holds all of [offset, offset+len), or -1. */
static int
area_find(const struct steer_vfio_region *info, uint64_t offset, size_t len)
{
	uint32_t i;

	for (i = 0; i < info->nr_areas; i++) {
		uint64_t start = info->areas[i].offset;
		uint64_t size = info->areas[i].size;

		if (offset >= start && offset - start <= size && len <= size - (offset - start))
			return (int)i;
	}
	return -1;
}

int
steer_vfio_region_map(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, size_t len,
		      void **ptr)
{
	int rc;
	struct vfio_region *r = region_get(dev, index, &rc);
	int i;

	if (r == NULL)
		return rc;
	if (len == 0 || offset > r->info.size || len > r->info.size - offset)
		return vfio_fail(dev, -EINVAL, "region %u: map of 0x%zx bytes at 0x%llx is outside",
				 index, len, (unsigned long long)offset);
	i = area_find(&r->info, offset, len);
	if (i < 0)
		return vfio_fail(dev, -ENOTSUP, "region %u: not mappable at 0x%llx", index,
				 (unsigned long long)offset);
	pthread_mutex_lock(&dev->region_lock);
	rc = area_map(dev, index, r, (uint32_t)i);
	if (rc == 0)
		*ptr = (char *)r->maps[i] + (offset - r->info.areas[i].offset);
	pthread_mutex_unlock(&dev->region_lock);
	return rc;
}

int
steer_vfio_region_io_fds(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_io_fd *fds,
			 unsigned int max)
{
	int rc;
	struct vfio_region *r = region_get(dev, index, &rc);

	if (r == NULL)
		return rc;
	if (max == 0)
		return vfio_fail(dev, -EINVAL, "region %u: no room for I/O fds", index);
	return dev->ops->region_io_fds(dev, index, r->info.size, fds, max);
}
