/* SPDX-License-Identifier: BSD-3-Clause */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

const char *sysfs_root = "/sys";
const char *devfs_root = "/dev";

static const char *
path_format(char *path, const char *root, const char *fmt, va_list ap)
{
	int n = snprintf(path, SYSFS_PATH_MAX, "%s/", root);

	if (n >= 0 && n < SYSFS_PATH_MAX)
		vsnprintf(path + n, SYSFS_PATH_MAX - (size_t)n, fmt, ap);
	return path;
}

const char *
devfs_path(char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	path_format(path, devfs_root, fmt, ap);
	va_end(ap);
	return path;
}

static const char *__attribute__((format(printf, 2, 3)))
sysfs_path(char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	path_format(path, sysfs_root, fmt, ap);
	va_end(ap);
	return path;
}

/* Last part of what a link points to. */
static int
link_name(const char *path, char *name, size_t len)
{
	char target[SYSFS_PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *last;

	if (n <= 0)
		return -ENOENT;
	target[n] = '\0';
	last = strrchr(target, '/');
	last = last != NULL ? last + 1 : target;
	if (strlen(last) >= len)
		return -ENOENT;
	strcpy(name, last);
	return 0;
}

/* One line of a file. */
static int
read_text(const char *path, char *text, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -ENOENT;
	n = read(fd, text, len - 1);
	close(fd);
	if (n < 0)
		return -ENOENT;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

bool
sysfs_device_exists(const char *bdf)
{
	char path[SYSFS_PATH_MAX];

	return access(sysfs_path(path, "bus/pci/devices/%s", bdf), F_OK) == 0;
}

int
sysfs_driver(const char *bdf, char *name, size_t len)
{
	char path[SYSFS_PATH_MAX];

	return link_name(sysfs_path(path, "bus/pci/devices/%s/driver", bdf), name, len);
}

int
sysfs_group(const char *bdf)
{
	char path[SYSFS_PATH_MAX], name[SYSFS_NAME_MAX], *end;
	long n;

	if (link_name(sysfs_path(path, "bus/pci/devices/%s/iommu_group", bdf), name,
		      sizeof(name)) != 0)
		return -ENOENT;
	n = strtol(name, &end, 10);
	return end == name || *end != '\0' || n < 0 || n > 0x7fffffff ? -ENOENT : (int)n;
}

/* A device without an IOMMU has "noiommu-vfioN" there, which is not for us. */
int
sysfs_cdev(const char *bdf, char *name, size_t len)
{
	char path[SYSFS_PATH_MAX];
	const struct dirent *e;
	int rc = -ENOENT;
	DIR *d = opendir(sysfs_path(path, "bus/pci/devices/%s/vfio-dev", bdf));

	if (d == NULL)
		return -ENOENT;
	while (rc != 0 && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, "vfio", 4) != 0)
			continue;
		snprintf(name, len, "%s", e->d_name);
		rc = 0;
	}
	closedir(d);
	return rc;
}

/* Variant drivers have names of their own; since 6.1 they all show the device below vfio-dev. */
bool
sysfs_is_vfio(const char *bdf)
{
	char path[SYSFS_PATH_MAX], driver[SYSFS_NAME_MAX];

	if (sysfs_driver(bdf, driver, sizeof(driver)) != 0)
		return false;
	return strcmp(driver, "vfio-pci") == 0 || strcmp(driver, "vfio-pci-tph") == 0 ||
	       access(sysfs_path(path, "bus/pci/devices/%s/vfio-dev", bdf), F_OK) == 0;
}

bool
sysfs_has_iommu(void)
{
	char path[SYSFS_PATH_MAX];
	const struct dirent *e;
	bool found = false;
	DIR *d = opendir(sysfs_path(path, "class/iommu"));

	if (d == NULL)
		return false;
	while (!found && (e = readdir(d)) != NULL)
		found = e->d_name[0] != '.';
	closedir(d);
	return found;
}

int
sysfs_numa_node(const char *bdf)
{
	char path[SYSFS_PATH_MAX], text[SYSFS_NAME_MAX];

	if (read_text(sysfs_path(path, "bus/pci/devices/%s/numa_node", bdf), text, sizeof(text)) !=
	    0)
		return -1;
	return (int)strtol(text, NULL, 10);
}

int
sysfs_param(const char *bdf, const char *param, char *text, size_t len)
{
	char path[SYSFS_PATH_MAX];

	return read_text(
		sysfs_path(path, "bus/pci/devices/%s/driver/module/parameters/%s", bdf, param),
		text, len);
}

static bool
is_bridge(const char *bdf)
{
	char path[SYSFS_PATH_MAX], text[SYSFS_NAME_MAX];

	if (read_text(sysfs_path(path, "bus/pci/devices/%s/class", bdf), text, sizeof(text)) != 0)
		return false;
	return strncmp(text, "0x0604", 6) == 0;
}

/* Does its driver take part in what the kernel does with the group? */
static bool
is_stranger(const char *bdf, const char *driver)
{
	return driver != NULL && strcmp(driver, "pci-stub") != 0 && !sysfs_is_vfio(bdf);
}

int
sysfs_members(int group, const char *bdf, enum sysfs_members which, char *text, size_t len)
{
	char path[SYSFS_PATH_MAX], name[SYSFS_NAME_MAX];
	const struct dirent *e;
	size_t at = 0;
	int n = 0;
	DIR *d = opendir(sysfs_path(path, "kernel/iommu_groups/%d/devices", group));

	text[0] = '\0';
	if (d == NULL)
		return -errno;
	while ((e = readdir(d)) != NULL) {
		const char *driver = NULL;

		if (e->d_name[0] == '.' || strcmp(e->d_name, bdf) == 0 || is_bridge(e->d_name))
			continue;
		if (sysfs_driver(e->d_name, name, sizeof(name)) == 0)
			driver = name;
		if (which == SYSFS_STRANGERS && !is_stranger(e->d_name, driver))
			continue;
		if (at < len)
			at += (size_t)snprintf(text + at, len - at, "%s%s (%s)", n == 0 ? "" : ", ",
					       e->d_name, driver != NULL ? driver : "no driver");
		n++;
	}
	closedir(d);
	return n;
}
