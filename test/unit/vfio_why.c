/* SPDX-License-Identifier: BSD-3-Clause */

/* Every refusal is one line that names the fact behind it. */

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_vfio.h"

#define A "0000:01:00.0"
#define B "0000:01:00.1"

static void
refused(const char *bdf, enum steer_vfio_transport t, int rc, const char *part)
{
	struct steer_vfio_dev *dev = (void *)&fk;

	assert_int_equal(fk_open(bdf, t, 0, &dev), rc);
	assert_null(dev);
	fk_error(part);
	assert_memory_equal(steer_vfio_error(), bdf, strlen(bdf));
}

static void
no_such_device(void **state)
{
	refused(A, STEER_VFIO_AUTO, -ENOENT, "open: no PCI device 0000:01:00.0 on this machine");
	refused("../x", STEER_VFIO_AUTO, -EINVAL, "neither a socket nor a PCI address");
}

static void
wrong_driver(void **state)
{
	fk_device(A, 1, "ixgbe", -1);
	fk_device(B, 2, NULL, -1);
	refused(A, STEER_VFIO_AUTO, -ENODEV,
		"0000:01:00.0 is bound to ixgbe, which is no VFIO driver; bind it: "
		"usertools/steer-bind bind vfio-pci 0000:01:00.0");
	refused(B, STEER_VFIO_CDEV, -ENODEV,
		"0000:01:00.1 is bound to no driver; bind it: usertools/steer-bind bind vfio-pci "
		"0000:01:00.1");
}

/* The module's own driver, and a variant driver that nobody knows here. */
static void
other_vfio_drivers(void **state)
{
	fk_device(A, 1, "vfio-pci-tph", -1);
	fk_device(B, 2, "mlx5_vfio_pci", 4);
	steer_vfio_close(fk_must_open(A, STEER_VFIO_AUTO, 0));
	steer_vfio_close(fk_must_open(B, STEER_VFIO_AUTO, 0));
}

static void
iommu_off(void **state)
{
	fk_device(A, -1, "virtio-pci", -1);
	refused(A, STEER_VFIO_AUTO, -ENOTSUP, "the IOMMU is off: 0000:01:00.0 has no IOMMU group");
	fk_error("intel_iommu=on");
}

static void
not_viable(void **state)
{
	fk_device(A, 5, "vfio-pci", 0);
	fk_device(B, 5, "e1000e", -1);
	fk_sys_file("bus/pci/devices/0000:00:1c.0/class", "0x060400");
	fk_sys_file("kernel/iommu_groups/5/devices/0000:00:1c.0", "");
	fk.not_viable = true;
	refused(A, STEER_VFIO_GROUP, -EPERM,
		"IOMMU group 5 is not viable: kernel drivers have 0000:01:00.1 (e1000e); bind "
		"these "
		"to vfio-pci, too, or to no driver");
	refused(A, STEER_VFIO_CDEV, -EPERM,
		"IOMMU group 5 is not viable: kernel drivers have "
		"0000:01:00.1 (e1000e);");
}

static void
busy(void **state)
{
	char path[200];

	fk_device(A, 5, "vfio-pci", 3);
	fk.foreign = true;
	snprintf(path, sizeof(path), "fuser -v %s/dev/vfio/5", fk_root());
	refused(A, STEER_VFIO_GROUP, -EBUSY, "0000:01:00.0 is busy: another process uses it");
	fk_error(path);
	snprintf(path, sizeof(path), "fuser -v %s/dev/vfio/devices/vfio3", fk_root());
	refused(A, STEER_VFIO_CDEV, -EBUSY, "0000:01:00.0 is busy: another process uses it");
	fk_error(path);
	fk.foreign = false;
	steer_vfio_close(fk_must_open(A, STEER_VFIO_CDEV, 0));
}

static void
files_missing(void **state)
{
	fk_device(A, 5, "vfio-pci", -1);
	refused(A, STEER_VFIO_CDEV, -ENOTSUP,
		"this kernel has no device file for 0000:01:00.0 (needs Linux 6.6");
	fk_remove("dev/vfio/vfio");
	refused(A, STEER_VFIO_GROUP, -ENOENT, "dev/vfio/vfio: No such file or directory");
	fk_error("modprobe vfio-pci");
	fk_remove("dev/vfio/5");
	refused(A, STEER_VFIO_AUTO, -ENOENT, "dev/vfio/5: No such file or directory");
	fk_device(B, 6, "vfio-pci", 2);
	fk_remove("dev/iommu");
	refused(B, STEER_VFIO_CDEV, -ENOENT, "dev/iommu: No such file or directory");
}

/* Without /dev/iommu the device file is of no use, and auto knows. */
static void
auto_takes_what_is_there(void **state)
{
	struct steer_vfio_dev *dev;

	fk_device(A, 5, "vfio-pci", 2);
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(fk.iommufds, 1);
	steer_vfio_close(dev);
	fk_remove("dev/iommu");
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(fk.groups, 1);
	steer_vfio_close(dev);
}

/* In a child, which is an ordinary user. */
static int
as_nobody(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (chmod(fk_root(), 0755) != 0 || setgid(65534) != 0 || setuid(65534) != 0)
			_exit(99);
		_exit(body());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
said(const char *part)
{
	if (strstr(steer_vfio_error(), part) != NULL)
		return 0;
	print_error("error text is: %s\n", steer_vfio_error());
	return 1;
}

static int
no_permission_body(void)
{
	struct steer_vfio_dev *dev = NULL;

	if (fk_open(A, STEER_VFIO_GROUP, 0, &dev) != -EACCES)
		return 2;
	return said("dev/vfio/5: no permission: it belongs to root:root, mode 0600; give it to a "
		    "group of yours");
}

static int
noiommu_body(void)
{
	struct steer_vfio_dev *dev = NULL;

	if (fk_open(A, STEER_VFIO_NOIOMMU, 0, &dev) != -EACCES)
		return 2;
	return said("transport=noiommu gives the device all of memory; only root may");
}

static void
no_permission(void **state)
{
	char path[200];

	if (geteuid() != 0) {
		print_message("not root: cannot become another user\n");
		skip();
	}
	fk_device(A, 5, "vfio-pci", -1);
	snprintf(path, sizeof(path), "%s/dev/vfio/5", fk_root());
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(as_nobody(no_permission_body), 0);
	assert_int_equal(as_nobody(noiommu_body), 0);
}

/* Named, by root, and with nothing to map; a space of its own is not to be had. */
static void
without_an_iommu(void **state)
{
	const struct steer_vfio_dma m = {.iova = 0x1000, .size = 0x1000, .fd = -1, .prot = 3};
	struct steer_vfio_dev *dev = NULL;
	char path[200], to[200];

	if (geteuid() != 0) {
		print_message("not root\n");
		skip();
	}
	fk_device(A, 0, "vfio-pci", -1);
	snprintf(path, sizeof(path), "%s/dev/vfio/0", fk_root());
	snprintf(to, sizeof(to), "%s/dev/vfio/noiommu-0", fk_root());
	assert_int_equal(rename(path, to), 0);
	refused(A, STEER_VFIO_AUTO, -ENOTSUP, "there is no IOMMU for 0000:01:00.0; turn it on");
	assert_int_equal(fk_open(A, STEER_VFIO_NOIOMMU, 1, &dev), -EINVAL);
	fk_error("cannot have one of its own");
	dev = fk_must_open(A, STEER_VFIO_NOIOMMU, 0);
	assert_int_equal(steer_vfio_iova_is_pa(dev), 1);
	assert_int_equal(steer_vfio_dma_map(dev, &m), -ENOTSUP);
	steer_vfio_close(dev);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FK_TEST(no_such_device),     FK_TEST(wrong_driver),
		FK_TEST(other_vfio_drivers), FK_TEST(iommu_off),
		FK_TEST(not_viable),         FK_TEST(busy),
		FK_TEST(files_missing),      FK_TEST(auto_takes_what_is_there),
		FK_TEST(no_permission),      FK_TEST(without_an_iommu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
