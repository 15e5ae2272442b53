/* SPDX-License-Identifier: BSD-3-Clause */

/* The facts behind a refusal: one line each, with what to do. */

#include <errno.h>
#include <string.h>

#include "kernel.h"

/* What a user types; the module's own driver does as well. */
#define BIND "usertools/steer-bind bind vfio-pci"

int
kernel_why_unusable(const char *name, const char *bdf)
{
	char driver[SYSFS_NAME_MAX];

	if (!sysfs_device_exists(bdf))
		return vfio_fail_name(name, -ENOENT,
				      "open: no PCI device %s on this machine (lspci -D)", bdf);
	if (sysfs_is_vfio(bdf))
		return 0;
	if (!sysfs_has_iommu() && sysfs_group(bdf) < 0)
		return vfio_fail_name(
			name, -ENOTSUP,
			"open: the IOMMU is off: %s has no IOMMU group; turn it on in "
			"the BIOS and boot with intel_iommu=on (AMD: on by itself)",
			bdf);
	if (sysfs_driver(bdf, driver, sizeof(driver)) != 0)
		return vfio_fail_name(name, -ENODEV,
				      "open: %s is bound to no driver; bind it: " BIND " %s", bdf,
				      bdf);
	return vfio_fail_name(name, -ENODEV,
			      "open: %s is bound to %s, which is no VFIO driver; bind it: " BIND
			      " %s",
			      bdf, driver, bdf);
}

int
kernel_why_busy(const char *name, const char *bdf, const char *path)
{
	return vfio_fail_name(name, -EBUSY,
			      "open: %s is busy: another process uses it (fuser -v %s names it)",
			      bdf, path);
}

int
kernel_why_node(const char *name, const char *path, int err)
{
	char owner[3 * SYSFS_NAME_MAX];

	switch (err) {
	case -EACCES:
	case -EPERM:
		sysfs_owner(path, owner, sizeof(owner));
		return vfio_fail_name(
			name, -EACCES,
			"open: %s: no permission: it belongs to %s; give it to a group "
			"of yours (udev rule, chgrp)",
			path, owner);
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return vfio_fail_name(name, -ENOENT,
				      "open: %s: %s; load the module (modprobe vfio-pci), or this "
				      "kernel has another transport (transport=)",
				      path, strerror(-err));
	default: return vfio_fail_name(name, err, "open: %s: %s", path, strerror(-err));
	}
}

int
kernel_why_attach(const char *name, const char *bdf, const char *path, int err)
{
	int group = sysfs_group(bdf);
	char others[256];

	if (sysfs_members(group, bdf, SYSFS_STRANGERS, others, sizeof(others)) > 0)
		return vfio_fail_name(name, -EPERM,
				      "open: IOMMU group %d is not viable: kernel drivers have %s; "
				      "bind these to vfio-pci, too, or to no driver",
				      group, others);
	if (err == -EBUSY)
		return kernel_why_busy(name, bdf, path);
	if (err == -EPERM)
		return vfio_fail_name(
			name, err,
			"open: %s: interrupts of IOMMU group %d are not isolated; turn "
			"interrupt remapping on (BIOS, intremap)",
			path, group);
	return vfio_fail_name(name, err, "open: %s: attach IOMMU group %d: %s", path, group,
			      strerror(-err));
}

int
kernel_alone_check(const char *name, const char *bdf, int group)
{
	char others[256];
	int n = sysfs_members(group, bdf, SYSFS_OTHERS, others, sizeof(others));

	if (n == 0)
		return 0;
	/* What cannot be seen may be there. */
	if (n < 0)
		return vfio_fail_name(name, n, "open: list the members of IOMMU group %d: %s",
				      group, strerror(-n));
	return vfio_fail_name(
		name, -EPERM,
		"open: %s must be alone in its IOMMU group to have an address space of "
		"its own, but group %d has %s, too; use a slot with ACS",
		bdf, group, others);
}
