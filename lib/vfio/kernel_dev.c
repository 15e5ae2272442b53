/* SPDX-License-Identifier: BSD-3-Clause */

/* What is done with a VFIO device file, wherever it came from: linux/vfio.h. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "kernel.h"

/* The kernel's own limits are far below; a broken answer must not make us allocate. */
#define REGIONS_MAX     512u
#define IRQS_MAX        64u
#define REGION_CAPS_MAX 4096u
#define FEATURE_MAX     (1u << 20)

typedef unsigned long long ull;

int
kernel_ioctl(int fd, unsigned long request, void *arg)
{
	int rc;

	do
		rc = ioctl(fd, request, arg);
	while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : rc;
}

int
kernel_device_info(struct kernel_dev *k)
{
	struct vfio_device_info info = {.argsz = sizeof(info)};
	int rc = kernel_ioctl(k->fd, VFIO_DEVICE_GET_INFO, &info);

	if (rc < 0)
		return vfio_fail(&k->base, rc, "open: device info: %s", strerror(-rc));
	if (!(info.flags & VFIO_DEVICE_FLAGS_PCI) ||
	    info.num_regions <= VFIO_PCI_CONFIG_REGION_INDEX || info.num_regions > REGIONS_MAX ||
	    info.num_irqs <= VFIO_PCI_MSIX_IRQ_INDEX || info.num_irqs > IRQS_MAX)
		return vfio_fail(&k->base, -EPROTO,
				 "open: device info: no PCI device (%u regions, %u interrupts)",
				 info.num_regions, info.num_irqs);
	k->base.num_regions = info.num_regions;
	k->base.num_irqs = info.num_irqs;
	k->base.can_reset = !!(info.flags & VFIO_DEVICE_FLAGS_RESET);
	return 0;
}

static int
region_fill(struct kernel_dev *k, const struct vfio_region_info *ri, const uint8_t *caps,
	    struct vfio_region *r)
{
	uint32_t cap_offset = ri->flags & VFIO_REGION_INFO_FLAG_CAPS ? ri->cap_offset : 0;
	uint32_t len = ri->argsz > sizeof(*ri) ? ri->argsz - (uint32_t)sizeof(*ri) : 0;
	int rc;

	if (len > REGION_CAPS_MAX)
		return -EPROTO;
	r->info.size = ri->size;
	r->info.flags = ri->flags & (STEER_VFIO_REGION_F_READ | STEER_VFIO_REGION_F_WRITE);
	rc = vfio_region_caps(cap_offset, caps, len, &r->info);
	if (rc < 0)
		return rc;
	r->fd = k->fd;
	r->fd_borrowed = true;
	r->fd_offset = ri->offset;
	if (!(ri->flags & VFIO_REGION_INFO_FLAG_MMAP)) {
		r->info.nr_areas = 0;
		return 0;
	}
	if (rc == 0)
		vfio_region_whole(&r->info);
	if (!vfio_region_areas_valid(&r->info))
		return -EPROTO;
	if (r->info.nr_areas > 0)
		r->info.flags |= STEER_VFIO_REGION_F_MMAP;
	return 0;
}

int
kernel_region_query(struct steer_vfio_dev *dev, uint32_t index, struct vfio_region *r)
{
	struct {
		struct vfio_region_info info;
		uint8_t caps[REGION_CAPS_MAX];
	} q = {.info = {.argsz = sizeof(q), .index = index}};
	struct kernel_dev *k = kernel_dev(dev);
	int rc = kernel_ioctl(k->fd, VFIO_DEVICE_GET_REGION_INFO, &q.info);

	if (rc < 0)
		return vfio_fail(dev, rc, "region %u: info: %s", index, strerror(-rc));
	rc = region_fill(k, &q.info, q.caps, r);
	if (rc < 0)
		return vfio_fail(dev, rc, "region %u: info: malformed capabilities", index);
	return 0;
}

static int
access_error(struct steer_vfio_dev *dev, const char *what, uint32_t index, uint64_t offset,
	     ssize_t n)
{
	int rc = n == 0 ? -EIO : -errno;

	return vfio_fail(
		dev, rc, "region %u: %s at 0x%llx: %s%s", index, what, (ull)offset, strerror(-rc),
		rc == -EIO ? " (memory decoding off, or the device fell off the bus)" : "");
}

/* The caller has asked for the region's info, which is constant from then on. */
int
kernel_region_read(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, void *buf,
		   size_t len)
{
	uint64_t base = dev->regions[index]->fd_offset + offset;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(kernel_dev(dev)->fd, (char *)buf + done, len - done,
			  (off_t)(base + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return access_error(dev, "read", index, offset + done, n);
		done += (size_t)n;
	}
	return 0;
}

int
kernel_region_write(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, const void *buf,
		    size_t len)
{
	uint64_t base = dev->regions[index]->fd_offset + offset;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pwrite(kernel_dev(dev)->fd, (const char *)buf + done, len - done,
			   (off_t)(base + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return access_error(dev, "write", index, offset + done, n);
		done += (size_t)n;
	}
	return 0;
}

int
kernel_region_io_fds(struct steer_vfio_dev *dev, uint32_t index, uint64_t region_size,
		     struct steer_vfio_io_fd *fds, unsigned int max)
{
	(void)region_size;
	(void)fds;
	(void)max;
	return vfio_fail(dev, -ENOTSUP, "region %u: I/O fds: a kernel device has none", index);
}

int
kernel_reset(struct steer_vfio_dev *dev)
{
	int rc = kernel_ioctl(kernel_dev(dev)->fd, VFIO_DEVICE_RESET, NULL);

	return rc < 0 ? vfio_fail(dev, rc, "reset: %s", strerror(-rc)) : 0;
}

/* The caller's data changes only by a GET that succeeds. */
int
kernel_feature(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len)
{
	struct vfio_device_feature *f;
	int rc;

	if (flags & STEER_VFIO_FEATURE_PROBE)
		len = 0;
	if (len > FEATURE_MAX)
		return vfio_fail(dev, -EINVAL, "feature %u: %zu bytes are too many", flags & 0xffff,
				 len);
	f = calloc(1, sizeof(*f) + len);
	if (f == NULL)
		return vfio_fail(dev, -ENOMEM, "feature: out of memory");
	f->argsz = (uint32_t)(sizeof(*f) + len);
	f->flags = flags;
	if (len > 0)
		memcpy(f->data, data, len);
	rc = kernel_ioctl(kernel_dev(dev)->fd, VFIO_DEVICE_FEATURE, f);
	if (rc == 0 && flags & STEER_VFIO_FEATURE_GET && len > 0)
		memcpy(data, f->data, len);
	free(f);
	if (rc < 0)
		return vfio_fail(dev, rc, "feature %u (flags 0x%x): %s", flags & 0xffff, flags,
				 strerror(-rc));
	return 0;
}

int
kernel_device_ioctl(struct steer_vfio_dev *dev, unsigned long request, void *arg)
{
	int rc = kernel_ioctl(kernel_dev(dev)->fd, request, arg);

	return rc < 0 ? vfio_fail(dev, rc, "ioctl 0x%lx: %s", request, strerror(-rc)) : rc;
}
