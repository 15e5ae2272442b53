/* SPDX-License-Identifier: BSD-3-Clause */

/* The ioctls, by offsets: bytes are read and written where the two UAPI headers have them. */

#include <stdlib.h>

#include "fake_vfio.h"

static uint32_t
rd32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

static uint64_t
rd64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

static void
wr32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, 4);
}

static void
wr64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, 8);
}

const uint8_t *
fk_sent(unsigned int request)
{
	return fk.sent[request - 0x3b64];
}

unsigned int
fk_nr_sent(unsigned int request)
{
	return fk.nr_sent[request - 0x3b64];
}

/* ---- maps of all spaces; a space is a container's descriptor, or an iommufd's and an id */
static long
map_add(uint32_t space, uint64_t iova, uint64_t size, uint64_t vaddr, uint32_t flags)
{
	struct fk_map *free_one = NULL;
	unsigned int i;

	fk.map_calls++;
	if (fk.no_memlock)
		return -ENOMEM;
	if (fk.nr_maps >= fk.dma_avail)
		return -ENOSPC;
	for (i = 0; i < 64; i++) {
		if (!fk.maps[i].used)
			free_one = &fk.maps[i];
		else if (fk.maps[i].space == space && fk.maps[i].iova < iova + size &&
			 iova < fk.maps[i].iova + fk.maps[i].size)
			return -EEXIST;
	}
	assert_non_null(free_one);
	*free_one = (struct fk_map){true, space, iova, size, vaddr, flags};
	fk.nr_maps++;
	return 0;
}

static uint64_t
map_del(uint32_t space, uint64_t iova, uint64_t size)
{
	unsigned int i;

	fk.unmap_calls++;
	for (i = 0; i < 64; i++) {
		if (!fk.maps[i].used || fk.maps[i].space != space || fk.maps[i].iova != iova ||
		    fk.maps[i].size != size)
			continue;
		fk.maps[i].used = false;
		fk.nr_maps--;
		return size;
	}
	return 0;
}

/* What a container or space held goes with it. */
void
fk_maps_drop(uint32_t space)
{
	unsigned int i;

	for (i = 0; i < 64; i++) {
		if (!fk.maps[i].used || fk.maps[i].space != space)
			continue;
		fk.maps[i].used = false;
		fk.nr_maps--;
	}
}

/* ---- container */
static long
iommu_info(uint8_t *a)
{
	/* argsz, flags, pgsizes, cap_offset; then the list: IOVA ranges, maps that are left */
	if (rd32(a) < 20)
		return -EINVAL;
	wr32(a + 4, 3);
	wr64(a + 8, UINT64_C(0xfffffffffffff000));
	if (rd32(a) < 24 + 32 + 16) {
		wr32(a, 24 + 32 + 16);
		return 0;
	}
	wr32(a, 24 + 32 + 16);
	wr32(a + 16, 24);
	memcpy(a + 24, (uint8_t[]){1, 0, 1, 0, 56, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, 16);
	wr64(a + 40, 0);
	wr64(a + 48, fk.iova_last);
	memcpy(a + 56, (uint8_t[]){3, 0, 1, 0, 0, 0, 0, 0}, 8);
	wr32(a + 64, fk.dma_avail - fk.nr_maps);
	return 0;
}

static long
container_ioctl(struct fk_object *o, int fd, unsigned int request, uint8_t *a)
{
	uint64_t n;

	switch (request) {
	case Q_API: return 0;
	case Q_EXTENSION: return (uintptr_t)a == 3 || (uintptr_t)a == 8;
	case Q_SET_IOMMU:
		if (o->members == 0 || o->iommu)
			return -EINVAL;
		o->iommu = true;
		return 0;
	}
	if (!o->iommu) {
		fk_wrong("ioctl 0x%x of a container without an IOMMU", request);
		return -EINVAL;
	}
	switch (request) {
	case Q_IOMMU_INFO: return iommu_info(a);
	case Q_MAP_DMA: /* argsz, flags, vaddr, iova, size */
		if (rd32(a) < 32)
			return -EINVAL;
		return map_add((uint32_t)fd << 8, rd64(a + 16), rd64(a + 24), rd64(a + 8),
			       rd32(a + 4));
	case Q_UNMAP_DMA: /* argsz, flags, iova, size */
		n = map_del((uint32_t)fd << 8, rd64(a + 8), rd64(a + 16));
		wr64(a + 16, n);
		return 0;
	}
	return -ENOTTY;
}

/* ---- group */
static long
set_container(struct fk_object *o, int fd)
{
	struct fk_object *c = &fk_objects[fd];

	assert_int_equal(c->kind, FK_CONTAINER);
	if (o->container >= 0)
		return -EINVAL;
	if (fk.join_refused && c->members > 0)
		return -EINVAL;
	o->container = fd;
	c->members++;
	return 0;
}

static long
unset_container(struct fk_object *o)
{
	struct fk_object *c;
	int container;

	if (o->container < 0)
		return -EINVAL;
	if (o->members > 0) {
		fk_wrong("container unset with %u open devices", o->members);
		return -EBUSY;
	}
	container = o->container;
	c = &fk_objects[container];
	o->container = -1;
	if (--c->members == 0) {
		c->iommu = false;
		fk_maps_drop((uint32_t)container << 8);
	}
	return 0;
}

static long
device_fd(struct fk_object *o, int group_fd, const char *bdf)
{
	unsigned int i;
	int fd;

	if (o->container < 0 || !fk_objects[o->container].iommu)
		return -EINVAL;
	for (i = 0; i < fk_nr_devs; i++)
		if (fk_devs[i].group == o->number && strcmp(fk_devs[i].bdf, bdf) == 0)
			break;
	if (i == fk_nr_devs)
		return -ENODEV;
	fk.devices++;
	fk_devs[i].open++;
	fd = fk_object(FK_DEVICE, (int)i);
	fk_objects[fd].group = group_fd;
	o->members++;
	return fd;
}

static long
group_ioctl(struct fk_object *o, int fd, unsigned int request, uint8_t *a)
{
	int container;

	switch (request) {
	case Q_STATUS: /* argsz, flags: 1 viable, 2 has a container */
		if (rd32(a) < 8)
			return -EINVAL;
		wr32(a + 4, (fk.not_viable ? 0 : 1) | (o->container >= 0 ? 2 : 0));
		return 0;
	case Q_SET_CONTAINER: memcpy(&container, a, 4); return set_container(o, container);
	case Q_UNSET_CONTAINER: return unset_container(o);
	case Q_DEVICE_FD: return device_fd(o, fd, (const char *)a);
	}
	return -ENOTTY;
}

/* ---- iommufd */
static long
ioas_destroy(struct fk_object *o, int fd, uint32_t id)
{
	if (id == 0 || id > 8 || o->ioases[id - 1] == 0)
		return -ENOENT;
	if (o->attached[id - 1] > 0) {
		fk_wrong("space destroyed with %u devices attached", o->attached[id - 1]);
		return -EBUSY;
	}
	o->ioases[id - 1] = 0;
	fk.ioases--;
	fk_maps_drop((uint32_t)fd << 8 | id);
	return 0;
}

static long
ioas_ranges(uint8_t *a)
{
	uint64_t range[2] = {0, fk.iova_last};

	/* size, ioas, num_iovas, reserved, address, alignment */
	if (rd32(a) < 32 || rd32(a + 12) != 0)
		return -EOPNOTSUPP;
	if (rd32(a + 8) < 1)
		return -EMSGSIZE;
	memcpy((void *)(uintptr_t)rd64(a + 16), range, sizeof(range));
	wr32(a + 8, 1);
	wr64(a + 24, 1);
	return 0;
}

static long
iommufd_ioctl(struct fk_object *o, int fd, unsigned int request, uint8_t *a)
{
	uint32_t i;
	uint64_t n;

	switch (request) {
	case Q_IOAS_ALLOC: /* size, flags, id */
		for (i = 0; o->ioases[i] != 0; i++)
			;
		o->ioases[i] = 1;
		fk.ioases++;
		wr32(a + 8, i + 1);
		return 0;
	case Q_DESTROY: return ioas_destroy(o, fd, rd32(a + 4));
	case Q_IOAS_RANGES: return ioas_ranges(a);
	case Q_IOAS_MAP: /* size, flags, ioas, reserved, address, length, iova */
		if (!(rd32(a + 4) & 1) || o->ioases[rd32(a + 8) - 1] == 0)
			return -EINVAL;
		return map_add((uint32_t)fd << 8 | rd32(a + 8), rd64(a + 32), rd64(a + 24),
			       rd64(a + 16), rd32(a + 4));
	case Q_IOAS_UNMAP: /* size, ioas, iova, length */
		n = map_del((uint32_t)fd << 8 | rd32(a + 4), rd64(a + 8), rd64(a + 16));
		wr64(a + 16, n);
		return n == 0 ? -ENOENT : 0;
	}
	return -ENOTTY;
}

/* ---- device */
static long
region_info(uint8_t *a)
{
	uint32_t index = rd32(a + 8);
	bool room = rd32(a) >= 32 + 32;

	/* argsz, flags, index, cap_offset, size, offset; flags 1 read, 2 write, 4 mmap, 8 caps */
	wr64(a + 16, index == 7 ? 4096 : index == 4 ? FK_BAR_SIZE : 0);
	wr64(a + 24, (uint64_t)index << 40);
	wr32(a + 4, index == 7 ? 3 : index == 4 ? 15 : 0);
	if (index != 4)
		return index > 8 ? -EINVAL : 0;
	wr32(a, 32 + (fk.sparse ? 32 : 8));
	if (!room)
		return 0;
	wr32(a + 12, 32);
	if (!fk.sparse) { /* the MSI-X table may be mapped */
		memcpy(a + 32, (uint8_t[]){3, 0, 1, 0, 0, 0, 0, 0}, 8);
		return 0;
	}
	memcpy(a + 32, (uint8_t[]){1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, 16);
	wr64(a + 48, 0x1000);
	wr64(a + 56, 0x2000);
	return 0;
}

static long
irq_info(uint8_t *a)
{
	uint32_t index = rd32(a + 8);

	if (index > 4 || (index == 4 && fk.no_request_irq))
		return -EINVAL;
	/* argsz, flags, index, count; 1 eventfd, 8 no resize */
	wr32(a + 4, index == 2 && fk.grows ? 1 : 9);
	wr32(a + 12, index == 2 ? FK_VECTORS : index == 4 ? 1 : 0);
	return 0;
}

static long
set_irqs(const uint8_t *a)
{
	uint32_t flags = rd32(a + 4), index = rd32(a + 8), start = rd32(a + 12),
		 count = rd32(a + 16);

	/* 1 none, 4 eventfd; 0x20 trigger */
	if (index == 4) {
		fk.request_fd = (int)rd32(a + 20);
		return flags == 0x24 && count == 1 ? 0 : -EINVAL;
	}
	if (index != 2 || start + count > FK_VECTORS)
		return -EINVAL;
	if (flags == 0x21)
		return fk.msix == 0 ? -EINVAL : (fk.msix = count == 0 ? 0 : fk.msix, 0);
	if (flags != 0x24 || rd32(a) != 20 + 4 * count)
		return -EINVAL;
	if (fk.msix > 0 && !fk.grows && start + count > fk.msix)
		return -EINVAL;
	if (start + count > fk.msix)
		fk.msix = start + count;
	return 0;
}

static long
feature(uint8_t *a)
{
	uint32_t flags = rd32(a + 4);

	if ((flags & 0xffff) != 0xfe00)
		return -ENOTTY;
	if (flags & 1u << 18)
		return 0;
	if (rd32(a) != 12)
		return -EINVAL;
	if (flags & 1u << 17)
		fk.tph = rd32(a + 8);
	else
		wr32(a + 8, fk.tph);
	return 0;
}

static long
bind_iommufd(struct fk_object *o, uint8_t *a)
{
	int fd = (int)rd32(a + 8);

	if (rd32(a) < 16 || rd32(a + 4) != 0 || fk_objects[fd].kind != FK_IOMMUFD)
		return -EINVAL;
	if (fk.not_viable)
		return -EBUSY;
	if (fk.foreign || fk_devs[o->number].open > 0)
		return -EINVAL;
	fk_devs[o->number].open++;
	o->iommufd = fd;
	fk_objects[fd].members++;
	wr32(a + 12, 100);
	return 0;
}

static long
attach(struct fk_object *o, const uint8_t *a)
{
	struct fk_object *f = &fk_objects[o->iommufd];
	uint32_t id = rd32(a + 8);

	if (o->iommufd < 0 || id == 0 || id > 8 || f->ioases[id - 1] == 0)
		return -ENOENT;
	if (fk.join_refused && f->attached[id - 1] > 0)
		return -EINVAL;
	f->attached[id - 1]++;
	o->ioas = id;
	return 0;
}

static long
detach(struct fk_object *o)
{
	if (o->ioas == 0)
		return -EINVAL;
	fk_objects[o->iommufd].attached[o->ioas - 1]--;
	o->ioas = 0;
	return 0;
}

static long
device_ioctl(struct fk_object *o, unsigned int request, uint8_t *a)
{
	if (request == Q_BIND)
		return bind_iommufd(o, a);
	if (o->group < 0 && o->iommufd < 0) {
		fk_wrong("ioctl 0x%x of a device file that is not bound", request);
		return -EINVAL;
	}
	switch (request) {
	case Q_ATTACH: return attach(o, a);
	case Q_DETACH: return detach(o);
	case Q_DEV_INFO: /* argsz, flags: 1 reset, 2 PCI; regions, interrupt indexes */
		wr32(a + 4, 3);
		wr32(a + 8, 9);
		wr32(a + 12, 5);
		return 0;
	case Q_REGION_INFO: return region_info(a);
	case Q_IRQ_INFO: return irq_info(a);
	case Q_SET_IRQS: return set_irqs(a);
	case Q_RESET: return 0;
	case Q_FEATURE: return feature(a);
	}
	return -ENOTTY;
}

long
fk_ioctl(int fd, unsigned int request, uint8_t *arg)
{
	struct fk_object *o = &fk_objects[fd];
	unsigned int slot = request - 0x3b64;

	if (slot < 0x40) {
		uint32_t len = request == Q_SET_CONTAINER ? 4 : request == Q_DEVICE_FD ? 13 : 0;

		if (len == 0 && request > Q_SET_IOMMU && request != Q_UNSET_CONTAINER &&
		    request != Q_RESET)
			len = rd32(arg);
		fk.nr_sent[slot]++;
		memset(fk.sent[slot], 0, 64);
		if (len != 0)
			memcpy(fk.sent[slot], arg, len < 64 ? len : 64);
	}
	switch (o->kind) {
	case FK_CONTAINER: return container_ioctl(o, fd, request, arg);
	case FK_GROUP: return group_ioctl(o, fd, request, arg);
	case FK_DEVICE: return device_ioctl(o, request, arg);
	case FK_IOMMUFD: return iommufd_ioctl(o, fd, request, arg);
	default: break;
	}
	fail_msg("ioctl 0x%x of descriptor %d, which is none of VFIO's", request, fd);
	return -EBADF;
}
