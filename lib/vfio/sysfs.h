/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What sysfs says about a PCI function: the facts that choose a transport and that stand behind
 * an error. Nothing here sets the error text.
 */

#ifndef VFIO_SYSFS_H
#define VFIO_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

#define SYSFS_NAME_MAX 64
#define SYSFS_PATH_MAX 512

/* "/sys" and "/dev"; a test lets them point elsewhere. */
extern const char *sysfs_root;
extern const char *devfs_root;

/* devfs_root and the rest, in path[SYSFS_PATH_MAX]; returns path. */
const char *devfs_path(char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

bool sysfs_device_exists(const char *bdf);
/* @return 0 or -ENOENT: no driver. */
int sysfs_driver(const char *bdf, char *name, size_t len);
/* Bound to a driver that gives the device to user space? */
bool sysfs_is_vfio(const char *bdf);
/* @return number of its IOMMU group, or -ENOENT. */
int sysfs_group(const char *bdf);
/* Name below /dev/vfio/devices. @return 0 or -ENOENT. */
int sysfs_cdev(const char *bdf, char *name, size_t len);
/* Does this machine have an IOMMU that is on? */
bool sysfs_has_iommu(void);
/* -1: unknown. */
int sysfs_numa_node(const char *bdf);
/* A parameter of the module that owns the device. @return 0 or -ENOENT. */
int sysfs_param(const char *bdf, const char *param, char *text, size_t len);

enum sysfs_members {
	SYSFS_OTHERS,   /* every other function but bridges */
	SYSFS_STRANGERS /* those of them that a kernel driver has */
};
/* "0000:01:00.1 (e1000e), ..." @return how many, or negative errno. */
int sysfs_members(int group, const char *bdf, enum sysfs_members which, char *text, size_t len);
/* "root:kvm, mode 0660" */
void sysfs_owner(const char *path, char *text, size_t len);

#endif /* VFIO_SYSFS_H */
