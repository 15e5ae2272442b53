/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A device file of somebody else: it is used, and it stays the owner's. Expected bytes are written
 * by hand from linux/vfio.h.
 */

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fake_vfio.h"

#define A "0000:01:00.0"

static int iommufd, device;

static int
node(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/%s", fk_root(), name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* What a driver of its own has done before: the device is open and bound. */
static void
owner_opens(const char *driver)
{
	uint32_t bind[4] = {16};

	fk_device(A, 7, driver, 3);
	iommufd = node("iommu");
	device = node("vfio/devices/vfio3");
	bind[2] = (uint32_t)iommufd;
	assert_int_equal(ioctl(device, Q_BIND, bind), 0);
}

static void
owner_closes(void)
{
	assert_int_equal(fk.devices, 1);
	close(device);
	close(iommufd);
}

static int
try_adopt(struct steer_vfio_dev **dev)
{
	const struct steer_vfio_adopt_args args = {.name = "nic", .pci_addr = A, .fd = device};

	return steer_vfio_adopt(&args, dev, NULL, 0);
}

static struct steer_vfio_dev *
must_adopt(void)
{
	struct steer_vfio_dev *dev = NULL;
	int rc = try_adopt(&dev);

	if (rc != 0)
		fail_msg("adopt: %d %s", rc, steer_vfio_error());
	return dev;
}

/* Nothing is asked of the kernel but what the device is. */
static void
adopting_takes_nothing(void **state)
{
	struct steer_vfio_dev *dev;

	owner_opens("vfio-pci");
	dev = must_adopt();
	assert_int_equal(fk_nr_sent(Q_DEV_INFO), 1);
	assert_int_equal(fk_nr_sent(Q_SET_IRQS), 0);
	assert_int_equal(fk_nr_sent(Q_ATTACH), 0);
	assert_int_equal(fk_nr_sent(Q_RESET), 0);
	assert_int_equal(fk.containers + fk.groups + fk.ioases, 0);
	assert_int_equal(fk.iommufds, 1);
	assert_string_equal(steer_vfio_name(dev), "nic");
	assert_string_equal(steer_vfio_pci_addr(dev), A);
	assert_int_equal(steer_vfio_numa_node(dev), 1);
	assert_int_equal(steer_vfio_is_gone(dev), 0);
	steer_vfio_close(dev);
	owner_closes();
}

static void
regions_by_the_kernels_offsets(void **state)
{
	struct steer_vfio_region r;
	uint8_t buf[100], back[100];
	struct steer_vfio_dev *dev;
	size_t i;
	void *p;

	owner_opens("vfio-pci");
	dev = must_adopt();
	assert_int_equal(steer_vfio_region_read(dev, STEER_VFIO_REGION_CONFIG, 0, back, 2), 0);
	assert_int_equal(back[0] | back[1] << 8, 0x1af4);
	back[0] = 0x5a;
	assert_int_equal(steer_vfio_region_write(dev, STEER_VFIO_REGION_CONFIG, 0x108, back, 1), 0);
	assert_int_equal(fk.cfg[0x108], 0x5a);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(3 * i);
	assert_int_equal(steer_vfio_region_write(dev, 4, 0x40, buf, sizeof(buf)), 0);
	assert_memory_equal(fk.bar + 0x40, buf, sizeof(buf));
	assert_int_equal(steer_vfio_region_read(dev, 4, 0x40, back, sizeof(back)), 0);
	assert_memory_equal(back, buf, sizeof(buf));
	assert_int_equal(steer_vfio_region_info(dev, 4, &r), 0);
	assert_int_equal(r.size, FK_BAR_SIZE);
	assert_int_equal(steer_vfio_region_read(dev, 4, FK_BAR_SIZE, back, 1), -EINVAL);
	/* A mapping goes with the adoption, or the file would stay open behind its owner. */
	assert_int_equal(steer_vfio_region_map(dev, 4, 0x1000, 16, &p), 0);
	assert_int_equal(fk.bars, 1);
	steer_vfio_close(dev);
	assert_int_equal(fk.bars, 0);
	owner_closes();
}

static void
features_ioctls_and_facts(void **state)
{
	uint8_t raw[16] = {16};
	struct steer_vfio_dev *dev;
	uint32_t v = 0xabcd;

	owner_opens("vfio-pci");
	fk_sys_file("bus/pci/drivers/vfio-pci/module/parameters/tph_feature", "65024");
	fk_sys_file("bus/pci/drivers/vfio-pci/module/parameters/enable_unsafe_tph", "Y");
	dev = must_adopt();
	assert_int_equal(steer_vfio_tph_feature(dev), 0xfe00);
	assert_int_equal(steer_vfio_tph_switch(dev), 1);
	assert_int_equal(steer_vfio_feature(dev, 0xfe00 | STEER_VFIO_FEATURE_SET, &v, 4), 0);
	assert_int_equal(fk.tph, 0xabcd);
	v = 0;
	assert_int_equal(steer_vfio_feature(dev, 0xfe00 | STEER_VFIO_FEATURE_GET, &v, 4), 0);
	assert_int_equal(v, 0xabcd);
	assert_int_equal(steer_vfio_feature(dev, 3 | STEER_VFIO_FEATURE_GET, &v, 4), -ENOTTY);
	assert_int_equal(steer_vfio_device_ioctl(dev, 0x3b7a, raw), -ENOTTY);
	steer_vfio_close(dev);
	owner_closes();
}

/* Each refusal names the owner, and the kernel hears nothing of it. */
static void
the_owners_calls_are_refused(void **state)
{
	const struct steer_vfio_dma m = {
		.iova = 0x100000, .size = 0x1000, .vaddr = (void *)0x100000, .fd = -1, .prot = 3};
	int ev = eventfd(0, EFD_CLOEXEC);
	struct steer_vfio_dev *dev;

	owner_opens("vfio-pci");
	dev = must_adopt();
	assert_int_equal(steer_vfio_irqs_set(dev, STEER_VFIO_IRQ_MSIX, 0, 1, &ev), -ENOTSUP);
	fk_error("nic: set interrupts: it belongs to the driver that opened the device");
	assert_int_equal(steer_vfio_irqs_trigger(dev, STEER_VFIO_IRQ_MSIX, 0, 1), -ENOTSUP);
	fk_error("trigger interrupts: it belongs");
	assert_int_equal(steer_vfio_irqs_disable(dev, STEER_VFIO_IRQ_MSIX), -ENOTSUP);
	fk_error("disable interrupts: it belongs");
	assert_int_equal(steer_vfio_dma_map(dev, &m), -ENOTSUP);
	fk_error("DMA map: it belongs");
	assert_int_equal(steer_vfio_dma_unmap(dev, m.iova, m.size), -ENOENT);
	assert_int_equal(steer_vfio_reset(dev), -ENOTSUP);
	assert_int_equal(fk_nr_sent(Q_SET_IRQS) + fk_nr_sent(Q_RESET) + fk.map_calls, 0);
	steer_vfio_close(dev);
	owner_closes();
	close(ev);
}

static void
what_cannot_be_adopted(void **state)
{
	struct steer_vfio_adopt_args args = {.pci_addr = A, .fd = -1};
	struct steer_vfio_dev *dev = (struct steer_vfio_dev *)&args;
	char err[128];

	assert_int_equal(steer_vfio_adopt(&args, &dev, err, sizeof(err)), -EBADF);
	assert_null(dev);
	assert_non_null(strstr(err, "vfio: open: adopt the driver's file -1: "));
	args.pci_addr = NULL;
	assert_int_equal(steer_vfio_adopt(&args, &dev, NULL, 0), -EINVAL);
	fk_error("no PCI address");
}

/* A driver may close its file before anybody hears of it; the number is another file's then. */
static void
a_file_that_its_owner_closed(void **state)
{
	struct steer_vfio_dev *dev;
	int stranger;
	uint8_t b;

	owner_opens("vfio-pci");
	dev = must_adopt();
	assert_int_equal(steer_vfio_is_gone(dev), 0);
	assert_int_equal(steer_vfio_region_read(dev, STEER_VFIO_REGION_CONFIG, 0, &b, 1), 0);
	close(device);
	assert_int_equal(steer_vfio_is_gone(dev), 1);
	stranger = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(stranger, device);
	assert_int_equal(steer_vfio_is_gone(dev), 1);
	assert_string_equal(steer_vfio_gone_why(dev), "its driver has closed it");
	assert_int_equal(steer_vfio_region_read(dev, STEER_VFIO_REGION_CONFIG, 0, &b, 1), -ENODEV);
	fk_error("nic: device is gone (its driver has closed it)");
	/* The kernel has it open until we let go, too. */
	assert_int_equal(fk.devices, 1);
	steer_vfio_close(dev);
	assert_int_equal(fk.devices, 0);
	close(stranger);
	close(iommufd);
}

/* Every call fails once, in turn: one line, the file is the owner's as before, the next try works.
 */
static void
each_call_fails_once(void **state)
{
	struct steer_vfio_dev *dev;
	unsigned int at, failed = 0;
	int rc;

	owner_opens("vfio-pci");
	fk_sys_file("bus/pci/drivers/vfio-pci/module/parameters/tph_feature", "65024");
	for (at = 1;; at++) {
		fk.fail_at = at;
		fk.fail_errno = EIO;
		fk.calls = 0;
		fk.failed = false;
		fk.watch = true;
		rc = try_adopt(&dev);
		fk.watch = false;
		assert_int_equal(fk.devices, 1);
		if (rc != 0) {
			assert_null(dev);
			fk_error("nic: ");
			failed++;
		}
		/* Facts that sysfs does not tell are absent, no reason to refuse. */
		steer_vfio_close(dev);
		assert_int_equal(fk.devices, 1);
		if (!fk.failed)
			break;
		steer_vfio_close(must_adopt());
	}
	assert_in_range(failed, 5, at);
	owner_closes();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FK_TEST(adopting_takes_nothing),    FK_TEST(regions_by_the_kernels_offsets),
		FK_TEST(features_ioctls_and_facts), FK_TEST(the_owners_calls_are_refused),
		FK_TEST(what_cannot_be_adopted),    FK_TEST(a_file_that_its_owner_closed),
		FK_TEST(each_call_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
