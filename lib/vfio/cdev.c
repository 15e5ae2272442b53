/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The device file interface: bind the file to an iommufd, attach it to an I/O address space of
 * that. Plain devices share one iommufd and its first space that takes them; a private device has
 * an iommufd of its own, by which the kernel keeps other devices of its group out, too.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"

struct kernel_iommufd {
	int fd;
	unsigned int users; /* open devices */
	struct vfio_space *spaces;
};

static struct kernel_iommufd *shared;

static int
iommufd_get(const struct kernel_dev *k, struct kernel_iommufd **out)
{
	char path[SYSFS_PATH_MAX];
	struct kernel_iommufd *f;
	int rc;

	if (!k->is_private && shared != NULL) {
		shared->users++;
		*out = shared;
		return 0;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return vfio_fail(&k->base, -ENOMEM, "open: out of memory");
	f->fd = open(devfs_path(path, "iommu"), O_RDWR | O_CLOEXEC);
	if (f->fd < 0) {
		rc = kernel_why_node(k->base.name, path, -errno);
		free(f);
		return rc;
	}
	f->users = 1;
	if (!k->is_private)
		shared = f;
	*out = f;
	return 0;
}

static void
iommufd_put(struct kernel_iommufd *f)
{
	if (--f->users > 0)
		return;
	if (f == shared)
		shared = NULL;
	close(f->fd);
	free(f);
}

static int
node_open(const struct kernel_dev *k, char *path)
{
	char node[SYSFS_NAME_MAX];
	int fd;

	if (sysfs_cdev(k->bdf, node, sizeof(node)) != 0)
		return vfio_fail(
			&k->base, -ENOTSUP,
			"open: this kernel has no device file for %s (needs Linux 6.6 with "
			"VFIO_DEVICE_CDEV); use transport=group",
			k->bdf);
	fd = open(devfs_path(path, "vfio/devices/%s", node), O_RDWR | O_CLOEXEC);
	return fd < 0 ? kernel_why_node(k->base.name, path, -errno) : fd;
}

/*
 * A device file can be bound once: for the second the kernel has EINVAL, which nothing else about
 * this struct can cause but an IOMMU that is not coherent. EBUSY: its group is open, or not viable.
 */
static int
bind_iommufd(const struct kernel_dev *k, int fd, int iommufd, const char *path)
{
	struct cdev_bind_iommufd bind = {.argsz = sizeof(bind), .iommufd = iommufd};
	int rc = kernel_ioctl(fd, CDEV_BIND_IOMMUFD, &bind);

	if (rc == -EINVAL)
		return vfio_fail(&k->base, -EBUSY,
				 "open: %s is busy: another process uses it (fuser -v %s names it; "
				 "if none, its IOMMU is not coherent: transport=group)",
				 k->bdf, path);
	if (rc < 0)
		return kernel_why_attach(k->base.name, k->bdf, path, rc);
	return 0;
}

static int
attach_space(const struct kernel_dev *k, const struct vfio_space *s)
{
	struct cdev_attach_iommufd attach = {.argsz = sizeof(attach), .pt_id = s->ioas};

	return kernel_ioctl(k->fd, CDEV_ATTACH_IOMMUFD, &attach);
}

static void
detach_space(const struct kernel_dev *k)
{
	struct cdev_detach_iommufd detach = {.argsz = sizeof(detach)};

	(void)kernel_ioctl(k->fd, CDEV_DETACH_IOMMUFD, &detach);
}

static void
ioas_destroy(struct vfio_space *s)
{
	struct iofd_destroy destroy = {.size = sizeof(destroy), .id = s->ioas};

	(void)kernel_ioctl(s->fd, IOFD_DESTROY, &destroy);
	space_free(s);
}

static struct vfio_space *
ioas_alloc(const struct kernel_dev *k, int *rc)
{
	struct iofd_ioas_alloc alloc = {.size = sizeof(alloc)};
	struct vfio_space *s = space_new(&space_ioas, k->iommufd->fd, k->is_private);

	if (s == NULL) {
		*rc = vfio_fail(&k->base, -ENOMEM, "open: out of memory");
		return NULL;
	}
	*rc = kernel_ioctl(s->fd, IOFD_IOAS_ALLOC, &alloc);
	if (*rc < 0) {
		vfio_fail(&k->base, *rc, "open: allocate an I/O address space: %s", strerror(-*rc));
		space_free(s);
		return NULL;
	}
	s->ioas = alloc.out_ioas_id;
	return s;
}

static int
space_own(struct kernel_dev *k, const char *path)
{
	struct vfio_space *s;
	int rc;

	s = ioas_alloc(k, &rc);
	if (s == NULL)
		return rc;
	rc = attach_space(k, s);
	if (rc < 0) {
		kernel_why_attach(k->base.name, k->bdf, path, rc);
		ioas_destroy(s);
		return rc;
	}
	s->users = 1;
	s->next = k->iommufd->spaces;
	k->iommufd->spaces = s;
	k->space = s;
	return 0;
}

static void
space_put(struct kernel_dev *k)
{
	struct vfio_space **p = &k->iommufd->spaces, *s = k->space;

	if (--s->users > 0)
		return;
	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	ioas_destroy(s);
}

/* The first space that takes the device; a refusal is no error, there are others. */
static int
space_join(struct kernel_dev *k, const char *path)
{
	struct vfio_space *s = k->iommufd->spaces;
	int rc;

	while (s != NULL && attach_space(k, s) < 0)
		s = s->next;
	if (s != NULL) {
		s->users++;
		k->space = s;
	} else {
		rc = space_own(k, path);
		if (rc < 0)
			return rc;
	}
	rc = space_limits(k->space);
	if (rc == 0)
		return 0;
	detach_space(k);
	space_put(k);
	return vfio_fail(&k->base, rc, "open: IOVA ranges: %s", strerror(-rc));
}

static int
cdev_attach(struct kernel_dev *k, enum steer_vfio_transport which)
{
	char path[SYSFS_PATH_MAX];
	int rc;

	(void)which;
	k->fd = node_open(k, path);
	if (k->fd < 0)
		return k->fd;
	rc = iommufd_get(k, &k->iommufd);
	if (rc < 0)
		goto fail_file;
	rc = bind_iommufd(k, k->fd, k->iommufd->fd, path);
	if (rc == 0)
		rc = space_join(k, path);
	if (rc == 0)
		return 0;
fail_file:
	/* The file first: closing it unbinds it from the iommufd. */
	close(k->fd);
	if (k->iommufd != NULL)
		iommufd_put(k->iommufd);
	return rc;
}

static void
cdev_quiesce(struct kernel_dev *k)
{
	detach_space(k);
}

static void
cdev_detach(struct kernel_dev *k)
{
	space_put(k);
	iommufd_put(k->iommufd);
}

const struct kernel_transport kernel_transport_cdev = {
	.name = "cdev",
	.attach = cdev_attach,
	.quiesce = cdev_quiesce,
	.detach = cdev_detach,
};
