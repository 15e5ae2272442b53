/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The group interface: a group file can be open once, so devices of one group share it; groups go
 * into a container, the first that takes them. Without an IOMMU there is a fake group, and nothing
 * to map.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "kernel.h"

struct kernel_group {
	int number;
	int fd;
	int container;            /* without an IOMMU, else -1 */
	struct vfio_space *space; /* NULL without an IOMMU */
	unsigned int users;       /* open devices */
	struct kernel_group *next;
};

static struct kernel_group *groups;
static struct vfio_space *containers; /* plain ones */

static int
node_open(const char *name, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? kernel_why_node(name, path, -errno) : fd;
}

/* @return container file that takes extension (an IOMMU type), or negative errno with text. */
static int
container_open(const char *name, unsigned long type)
{
	char path[SYSFS_PATH_MAX];
	int fd = node_open(name, devfs_path(path, "vfio/vfio"));
	int rc;

	if (fd < 0)
		return fd;
	rc = kernel_ioctl(fd, VFIO_GET_API_VERSION, NULL);
	if (rc != VFIO_API_VERSION) {
		rc = vfio_fail_name(name, rc < 0 ? rc : -ENOTSUP, "open: %s: API version %d", path,
				    rc);
		goto fail;
	}
	rc = kernel_ioctl(fd, VFIO_CHECK_EXTENSION, (void *)(uintptr_t)type);
	if (rc > 0)
		return fd;
	rc = vfio_fail_name(name, rc < 0 ? rc : -ENOTSUP,
			    "open: %s: the kernel has no IOMMU driver of type %lu; load it "
			    "(modprobe vfio_iommu_type1)",
			    path, type);
fail:
	close(fd);
	return rc;
}

/* Put the group into a container and give that its IOMMU type. */
static int
container_claim(const struct kernel_dev *k, const struct kernel_group *g, int fd,
		unsigned long type)
{
	char path[SYSFS_PATH_MAX];
	int rc = kernel_ioctl(g->fd, VFIO_GROUP_SET_CONTAINER, &fd);

	devfs_path(path, "vfio/%d", g->number);
	if (rc < 0)
		return kernel_why_attach(k->base.name, k->bdf, path, rc);
	rc = kernel_ioctl(fd, VFIO_SET_IOMMU, (void *)(uintptr_t)type);
	if (rc == 0)
		return 0;
	(void)kernel_ioctl(g->fd, VFIO_GROUP_UNSET_CONTAINER, NULL);
	return kernel_why_attach(k->base.name, k->bdf, path, rc);
}

static int
container_new(struct kernel_dev *k, struct kernel_group *g)
{
	int fd = container_open(k->base.name, VFIO_TYPE1v2_IOMMU);
	struct vfio_space *s;
	int rc;

	if (fd < 0)
		return fd;
	s = space_new(&space_type1, fd, k->is_private);
	if (s == NULL) {
		close(fd);
		return vfio_fail(&k->base, -ENOMEM, "open: out of memory");
	}
	rc = container_claim(k, g, fd, VFIO_TYPE1v2_IOMMU);
	if (rc < 0)
		goto fail;
	rc = space_limits(s);
	if (rc < 0) {
		(void)kernel_ioctl(g->fd, VFIO_GROUP_UNSET_CONTAINER, NULL);
		rc = vfio_fail(&k->base, rc, "open: container info: %s", strerror(-rc));
		goto fail;
	}
	s->users = 1;
	if (!s->is_private) {
		s->next = containers;
		containers = s;
	}
	g->space = s;
	return 0;
fail:
	space_free(s);
	close(fd);
	return rc;
}

/* The first container that takes the group; a refusal is no error, there are others. */
static int
container_join(struct kernel_dev *k, struct kernel_group *g)
{
	struct vfio_space *s;
	int rc;

	for (s = k->is_private ? NULL : containers; s != NULL; s = s->next) {
		if (kernel_ioctl(g->fd, VFIO_GROUP_SET_CONTAINER, &s->fd) < 0)
			continue;
		rc = space_limits(s);
		if (rc < 0) {
			(void)kernel_ioctl(g->fd, VFIO_GROUP_UNSET_CONTAINER, NULL);
			return vfio_fail(&k->base, rc, "open: container info: %s", strerror(-rc));
		}
		s->users++;
		g->space = s;
		return 0;
	}
	return container_new(k, g);
}

static int
noiommu_claim(const struct kernel_dev *k, struct kernel_group *g)
{
	int fd = container_open(k->base.name, VFIO_NOIOMMU_IOMMU);
	int rc;

	if (fd < 0)
		return fd;
	rc = container_claim(k, g, fd, VFIO_NOIOMMU_IOMMU);
	if (rc < 0)
		close(fd);
	else
		g->container = fd;
	return rc;
}

static void
space_put(struct vfio_space *s)
{
	struct vfio_space **p = &containers;

	if (--s->users > 0)
		return;
	while (*p != NULL && *p != s)
		p = &(*p)->next;
	if (*p == s)
		*p = s->next;
	close(s->fd);
	space_free(s);
}

static void
group_put(struct kernel_group *g)
{
	struct kernel_group **p = &groups;

	if (--g->users > 0)
		return;
	while (*p != g)
		p = &(*p)->next;
	*p = g->next;
	(void)kernel_ioctl(g->fd, VFIO_GROUP_UNSET_CONTAINER, NULL);
	close(g->fd);
	if (g->space != NULL)
		space_put(g->space);
	if (g->container >= 0)
		close(g->container);
	free(g);
}

static int
group_file_error(const struct kernel_dev *k, const char *path, int err)
{
	char noiommu[SYSFS_PATH_MAX];

	if (err == -EBUSY)
		return kernel_why_busy(k->base.name, k->bdf, path);
	if (err == -ENOENT &&
	    access(devfs_path(noiommu, "vfio/noiommu-%d", k->iommu_group), F_OK) == 0 &&
	    strcmp(path, noiommu) != 0)
		return vfio_fail(
			&k->base, -ENOTSUP,
			"open: there is no IOMMU for %s; turn it on (only root can have it "
			"without: transport=noiommu)",
			k->bdf);
	return kernel_why_node(k->base.name, path, err);
}

static int
group_file_open(const struct kernel_dev *k, const char *path)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return group_file_error(k, path, -errno);
	rc = kernel_ioctl(fd, VFIO_GROUP_GET_STATUS, &status);
	if (rc == 0 && status.flags & VFIO_GROUP_FLAGS_VIABLE)
		return fd;
	rc = kernel_why_attach(k->base.name, k->bdf, path, rc < 0 ? rc : -EBUSY);
	close(fd);
	return rc;
}

static int
group_new(struct kernel_dev *k, int number, bool noiommu, struct kernel_group **out)
{
	struct kernel_group *g = calloc(1, sizeof(*g));
	char path[SYSFS_PATH_MAX];
	int rc;

	if (g == NULL)
		return vfio_fail(&k->base, -ENOMEM, "open: out of memory");
	g->number = number;
	g->container = -1;
	g->fd = group_file_open(k,
				devfs_path(path, noiommu ? "vfio/noiommu-%d" : "vfio/%d", number));
	if (g->fd < 0) {
		rc = g->fd;
		goto fail;
	}
	rc = noiommu ? noiommu_claim(k, g) : container_join(k, g);
	if (rc < 0) {
		close(g->fd);
		goto fail;
	}
	g->users = 1;
	g->next = groups;
	groups = g;
	*out = g;
	return 0;
fail:
	free(g);
	return rc;
}

static int
group_get(struct kernel_dev *k, bool noiommu, struct kernel_group **out)
{
	int number = k->iommu_group;
	struct kernel_group *g;

	for (g = groups; g != NULL && g->number != number; g = g->next)
		;
	if (g == NULL)
		return group_new(k, number, noiommu, out);
	if (noiommu != (g->space == NULL))
		return vfio_fail(&k->base, -EBUSY, "open: IOMMU group %d is in use otherwise",
				 number);
	g->users++;
	*out = g;
	return 0;
}

static int
group_attach(struct kernel_dev *k, enum steer_vfio_transport which)
{
	char path[SYSFS_PATH_MAX];
	struct kernel_group *g = NULL;
	int rc = group_get(k, which == STEER_VFIO_NOIOMMU, &g);

	if (rc < 0)
		return rc;
	rc = kernel_ioctl(g->fd, VFIO_GROUP_GET_DEVICE_FD, (void *)(uintptr_t)k->bdf);
	if (rc < 0) {
		rc = kernel_why_attach(k->base.name, k->bdf, devfs_path(path, "vfio/%d", g->number),
				       rc);
		group_put(g);
		return rc;
	}
	k->fd = rc;
	k->group = g;
	k->space = g->space;
	return 0;
}

static void
group_quiesce(struct kernel_dev *k)
{
	(void)k;
}

static void
group_detach(struct kernel_dev *k)
{
	group_put(k->group);
}

const struct kernel_transport kernel_transport_group = {
	.name = "group",
	.attach = group_attach,
	.quiesce = group_quiesce,
	.detach = group_detach,
};
