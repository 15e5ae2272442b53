// SPDX-License-Identifier: GPL-2.0-only

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dev.h"

int tap_count, tap_failed;

void is(long got, long want, const char *what, ...)
{
	va_list ap;

	tap_failed += got != want;
	printf("%s %d - ", got == want ? "ok" : "not ok", ++tap_count);
	va_start(ap, what);
	vprintf(what, ap);
	va_end(ap);
	if (got != want)
		printf(" # got %ld (0x%lx), want %ld (0x%lx)", got, got, want, want);
	printf("\n");
	fflush(stdout);
}

void note(const char *what, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, what);
	vprintf(what, ap);
	va_end(ap);
	printf("\n");
}

void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(2);
}

static int group_number(const char *bdf)
{
	char path[128], link[256];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", bdf);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		die(path);
	link[n] = '\0';
	return atoi(strrchr(link, '/') + 1);
}

static void find_cap(struct dev *d)
{
	uint32_t pos = 0x100, head;

	d->cap = 0;
	while (pos && !d->cap) {
		head = cfg_read(d, pos, 4);
		if ((head & 0xffff) == 0x17)
			d->cap = pos;
		pos = head >> 20 & 0xffc;
	}
	if (!d->cap)
		die("no TPH capability");
	d->capreg = cfg_read(d, d->cap + 4, 4);
	d->ext = d->capreg & 0x100;
	d->msix = (d->capreg >> 9 & 3) == 2;
	d->entries = (d->capreg >> 9 & 3) ? (d->capreg >> 16 & 0x7ff) + 1 : 0;
}

static uint32_t msix_cap(struct dev *d)
{
	uint32_t pos = cfg_read(d, 0x34, 1);

	while (pos && cfg_read(d, pos, 1) != 0x11)
		pos = cfg_read(d, pos + 1, 1);
	if (!pos)
		die("no MSI-X capability");
	return pos;
}

static void map_msix(struct dev *d)
{
	uint32_t reg = cfg_read(d, msix_cap(d) + 4, 4), off = reg & ~7u;
	struct vfio_region_info info = { .argsz = sizeof(info), .index = reg & 7 };
	unsigned int size = (cfg_read(d, msix_cap(d) + 2, 2) & 0x7ff) + 1;

	if (d->entries > size)
		d->entries = size;
	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		die("region info of the MSI-X BAR");
	d->table_len = info.size;
	d->table_map = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd,
			    info.offset);
	if (d->table_map == MAP_FAILED)
		die("mmap of the MSI-X BAR");
	d->table = (uint32_t *)((char *)d->table_map + off);
}

void dev_open(struct dev *d, const char *bdf)
{
	struct vfio_region_info info = { .argsz = sizeof(info),
					 .index = VFIO_PCI_CONFIG_REGION_INDEX };
	char path[64];

	memset(d, 0, sizeof(*d));
	d->bdf = bdf;
	d->container = open("/dev/vfio/vfio", O_RDWR);
	snprintf(path, sizeof(path), "/dev/vfio/%d", group_number(bdf));
	d->group = open(path, O_RDWR);
	if (d->container < 0 || d->group < 0)
		die(path);
	if (ioctl(d->group, VFIO_GROUP_SET_CONTAINER, &d->container))
		die("VFIO_GROUP_SET_CONTAINER");
	if (ioctl(d->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		die("VFIO_SET_IOMMU");
	d->fd = ioctl(d->group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (d->fd < 0)
		die("VFIO_GROUP_GET_DEVICE_FD");
	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		die("region info of the config space");
	d->cfg = info.offset;
	cfg_write(d, 4, cfg_read(d, 4, 2) | 2, 2);	/* memory on */
	find_cap(d);
	if (d->msix)
		map_msix(d);
	if (d->entries > MAX_ENTRIES)
		d->entries = MAX_ENTRIES;
}

void dev_close(struct dev *d)
{
	unsigned int i;

	if (d->table_map)
		munmap(d->table_map, d->table_len);
	for (i = 0; i < MAX_ENTRIES; i++)
		if (d->ev[i])
			close(d->ev[i]);
	close(d->fd);
	close(d->group);
	close(d->container);
}

uint32_t cfg_read(struct dev *d, uint32_t off, unsigned int len)
{
	uint32_t val = 0;

	if (pread(d->fd, &val, len, d->cfg + off) != len)
		die("read of config space");
	return val;
}

void cfg_write(struct dev *d, uint32_t off, uint32_t val, unsigned int len)
{
	if (pwrite(d->fd, &val, len, d->cfg + off) != len)
		die("write of config space");
}

uint32_t ctrl(struct dev *d)
{
	return cfg_read(d, d->cap + 8, 4);
}

void set_ctrl(struct dev *d, uint32_t val)
{
	cfg_write(d, d->cap + 8, val, 4);
}

uint16_t st(struct dev *d, unsigned int i)
{
	if (d->msix)
		return d->table[4 * i + 3] >> 16;
	return cfg_read(d, d->cap + 12 + 2 * i, 2);
}

int irqs(struct dev *d, unsigned int n)
{
	char buf[sizeof(struct vfio_irq_set) + sizeof(d->ev)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;
	unsigned int i;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(*set) + n * sizeof(int),
		.flags = VFIO_IRQ_SET_ACTION_TRIGGER |
			 (n ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE),
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = n,
	};
	for (i = 0; i < n; i++)
		if (!d->ev[i])
			d->ev[i] = eventfd(0, EFD_NONBLOCK);
	memcpy(set->data, d->ev, n * sizeof(int));
	d->vectors = n;
	return ioctl(d->fd, VFIO_DEVICE_SET_IRQS, set) ? -errno : 0;
}

int irq_one(struct dev *d, unsigned int vector, bool on)
{
	char buf[sizeof(struct vfio_irq_set) + sizeof(int)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;
	int fd = on ? d->ev[vector] : -1;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(buf),
		.flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_EVENTFD,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.start = vector,
		.count = 1,
	};
	memcpy(set->data, &fd, sizeof(fd));
	return ioctl(d->fd, VFIO_DEVICE_SET_IRQS, set) ? -errno : 0;
}

int sysfs_reset(struct dev *d)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", d->bdf);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	ret = write(fd, "1", 1) == 1 ? 0 : -errno;
	close(fd);
	return ret;
}

int feature(struct dev *d, uint32_t index, uint32_t op, const void *payload, size_t len, void *out)
{
	struct vfio_device_feature *f = calloc(1, sizeof(*f) + len + 1);
	int ret;

	f->argsz = sizeof(*f) + len;
	f->flags = index | op;
	if (len)
		memcpy(f->data, payload, len);
	ret = ioctl(d->fd, VFIO_DEVICE_FEATURE, f) ? -errno : 0;
	if (!ret && out)
		memcpy(out, f->data, len);
	free(f);
	return ret;
}

struct payload {
	uint32_t flags;
	uint16_t index, count;
	uint32_t data[];
};

int st_call(struct dev *d, uint32_t op, uint32_t flags, unsigned int index, unsigned int n,
	    uint32_t *data)
{
	size_t len = sizeof(struct payload) + 4 * n;
	struct payload *p = malloc(len);
	int ret;

	p->flags = flags;
	p->index = index;
	p->count = n;
	memcpy(p->data, data, 4 * n);
	ret = feature(d, feature_index, op, p, len, p);
	if (!ret && op == VFIO_DEVICE_FEATURE_GET)
		memcpy(data, p->data, 4 * n);
	free(p);
	return ret;
}

int st_set(struct dev *d, unsigned int index, unsigned int n, const uint32_t *cpus)
{
	return st_call(d, VFIO_DEVICE_FEATURE_SET, 0, index, n, (uint32_t *)cpus);
}

int st_get(struct dev *d, unsigned int n, uint32_t *data)
{
	return st_call(d, VFIO_DEVICE_FEATURE_GET, 0, 0, n, data);
}

/* As the test's ACPI table has them. */
uint16_t want_tag(struct dev *d, bool persistent, uint32_t cpu)
{
	bool wide = (ctrl(d) >> 8 & 3) == 3;

	return cpu + (persistent ? wide ? 0x2000 : 0x20 : wide ? 0x1000 : 0x10);
}

void allow_cpus(uint32_t mask)
{
	cpu_set_t set;
	int i;

	CPU_ZERO(&set);
	for (i = 0; i < 32; i++)
		if (mask & 1u << i)
			CPU_SET(i, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}
