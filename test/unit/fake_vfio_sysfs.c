/* SPDX-License-Identifier: BSD-3-Clause */

/* The tree below /sys and /dev that goes with the made-up kernel, in a folder of its own. */

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_vfio.h"
#include "sysfs.h"

static char root[64], sys_path[80], dev_path[80];

const char *
fk_root(void)
{
	return root;
}

static void
folders(const char *path)
{
	char part[400];
	size_t i;

	for (i = 1; path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, path);
		mkdir(part, 0755);
	}
}

static void
file(const char *top, const char *path, const char *text)
{
	char full[400];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s/%s", root, top, path);
	folders(full);
	f = fopen(full, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

void
fk_sys_file(const char *path, const char *text)
{
	file("sys", path, text);
}

void
fk_remove(const char *path)
{
	char full[400];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(remove(full), 0);
}

static void
link_to(const char *target, const char *fmt, const char *bdf)
{
	char full[400], rest[200];

	snprintf(rest, sizeof(rest), fmt, bdf);
	snprintf(full, sizeof(full), "%s/sys/%s", root, rest);
	folders(full);
	assert_int_equal(symlink(target, full), 0);
}

void
fk_device(const char *bdf, int group, const char *driver, int cdev)
{
	struct fk_dev *d = &fk_devs[fk_nr_devs++];
	char path[256];

	assert_true(fk_nr_devs <= FK_DEVICES);
	*d = (struct fk_dev){.group = group, .cdev = cdev};
	snprintf(d->bdf, sizeof(d->bdf), "%s", bdf);
	snprintf(path, sizeof(path), "bus/pci/devices/%s/class", bdf);
	fk_sys_file(path, "0x020000");
	snprintf(path, sizeof(path), "bus/pci/devices/%s/numa_node", bdf);
	fk_sys_file(path, "1");
	if (group >= 0) {
		snprintf(path, sizeof(path), "../../../../kernel/iommu_groups/%d", group);
		link_to(path, "bus/pci/devices/%s/iommu_group", bdf);
		snprintf(path, sizeof(path), "kernel/iommu_groups/%d/devices/%s", group, bdf);
		fk_sys_file(path, "");
		fk_sys_file("class/iommu/dmar0", "");
		snprintf(path, sizeof(path), "vfio/%d", group);
		file("dev", path, "");
	}
	if (driver != NULL) {
		snprintf(path, sizeof(path), "bus/pci/drivers/%s/bind", driver);
		fk_sys_file(path, "");
		snprintf(path, sizeof(path), "../../drivers/%s", driver);
		link_to(path, "bus/pci/devices/%s/driver", bdf);
	}
	if (cdev >= 0) {
		snprintf(path, sizeof(path), "bus/pci/devices/%s/vfio-dev/vfio%d/dev", bdf, cdev);
		fk_sys_file(path, "");
		snprintf(path, sizeof(path), "vfio/devices/vfio%d", cdev);
		file("dev", path, "");
		file("dev", "iommu", "");
	}
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

static int
descriptors(void)
{
	int n = 0, fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int fds;

int
fk_setup(void **state)
{
	(void)state;
	fk = (struct fake_kernel){
		.grows = true, .dma_avail = 65535, .iova_last = UINT64_MAX >> 16, .request_fd = -1};
	fk.cfg[0] = 0xf4;
	fk.cfg[1] = 0x1a;
	fk_nr_devs = 0;
	memset(fk_objects, 0, sizeof(fk_objects));
	strcpy(root, "/tmp/fake-kernel-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(sys_path, sizeof(sys_path), "%s/sys", root);
	snprintf(dev_path, sizeof(dev_path), "%s/dev", root);
	sysfs_root = sys_path;
	devfs_root = dev_path;
	file("dev", "vfio/vfio", "");
	fds = descriptors();
	return 0;
}

int
fk_teardown(void **state)
{
	const char *left = fk_left();
	int now = descriptors();

	(void)state;
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (now != fds)
		print_error("descriptors: %d before, %d after\n", fds, now);
	if (left != NULL)
		print_error("left over: %s\n", left);
	return now == fds && left == NULL ? 0 : -1;
}
