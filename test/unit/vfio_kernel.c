/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A device of the kernel, group and cdev: the bytes of every ioctl, regions, interrupts, features.
 * Expected bytes are written by hand from linux/vfio.h and linux/iommufd.h.
 */

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_vfio.h"

#define A     "0000:01:00.0"

#define L4(v) (uint8_t)(v), (uint8_t)((v) >> 8), (uint8_t)((v) >> 16), (uint8_t)((v) >> 24)
#define L8(v) L4((uint32_t)(v)), L4((uint32_t)((uint64_t)(v) >> 32))
#define SENT(request, ...)                                                                         \
	do {                                                                                       \
		const uint8_t want[] = {__VA_ARGS__};                                              \
		assert_memory_equal(fk_sent(request), want, sizeof(want));                         \
	} while (0)

static struct steer_vfio_dma
memory(uint64_t at, uint64_t size)
{
	return (struct steer_vfio_dma){
		.iova = at,
		.vaddr = (void *)(uintptr_t)(at + 0x700000000),
		.size = size,
		.fd = -1,
		.prot = 3,
	};
}

static void
group_bytes(void **state)
{
	struct steer_vfio_dma m = memory(0x100000000, 0x200000);
	struct steer_vfio_dev *dev;
	int container;

	fk_device(A, 7, "vfio-pci", -1);
	dev = fk_must_open(A, STEER_VFIO_GROUP, 0);
	SENT(Q_STATUS, L4(8));
	memcpy(&container, fk_sent(Q_SET_CONTAINER), 4);
	assert_int_equal(fk_objects[container].kind, FK_CONTAINER);
	assert_string_equal((const char *)fk_sent(Q_DEVICE_FD), A);
	SENT(Q_DEV_INFO, L4(20));
	/* Removal requests: eventfd, trigger; index 4, one. */
	SENT(Q_SET_IRQS, L4(24), L4(0x24), L4(4), L4(0), L4(1), L4(steer_vfio_gone_fd(dev)));
	assert_int_equal(steer_vfio_dma_map(dev, &m), 0);
	SENT(Q_MAP_DMA, L4(32), L4(3), L8(0x800000000), L8(0x100000000), L8(0x200000));
	assert_int_equal(steer_vfio_dma_unmap(dev, m.iova, m.size), 0);
	SENT(Q_UNMAP_DMA, L4(24), L4(0), L8(0x100000000), L8(0x200000));
	m.prot = STEER_VFIO_PROT_READ;
	assert_int_equal(steer_vfio_dma_map(dev, &m), 0);
	SENT(Q_MAP_DMA, L4(32), L4(1));
	steer_vfio_close(dev);
	assert_int_equal(fk_nr_sent(Q_UNMAP_DMA), 2);
	assert_int_equal(fk_nr_sent(Q_UNSET_CONTAINER), 1);
}

static void
cdev_bytes(void **state)
{
	struct steer_vfio_dma m = memory(0x100000000, 0x200000);
	struct steer_vfio_dev *dev;
	int iommufd;

	fk_device(A, 7, "vfio-pci", 3);
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(fk.groups, 0);
	memcpy(&iommufd, fk_sent(Q_BIND) + 8, 4);
	assert_int_equal(fk_objects[iommufd].kind, FK_IOMMUFD);
	SENT(Q_BIND, L4(16), L4(0), L4(iommufd), L4(0));
	SENT(Q_IOAS_ALLOC, L4(12), L4(0), L4(0));
	SENT(Q_ATTACH, L4(12), L4(0), L4(1));
	SENT(Q_IOAS_RANGES, L4(32), L4(1), L4(64), L4(0));
	assert_int_equal(steer_vfio_dma_map(dev, &m), 0);
	/* Fixed, writeable, readable. */
	SENT(Q_IOAS_MAP, L4(40), L4(7), L4(1), L4(0), L8(0x800000000), L8(0x200000),
	     L8(0x100000000));
	assert_int_equal(steer_vfio_dma_unmap(dev, m.iova, m.size), 0);
	SENT(Q_IOAS_UNMAP, L4(24), L4(1), L8(0x100000000), L8(0x200000));
	m.prot = STEER_VFIO_PROT_WRITE;
	assert_int_equal(steer_vfio_dma_map(dev, &m), 0);
	SENT(Q_IOAS_MAP, L4(40), L4(3));
	steer_vfio_close(dev);
	SENT(Q_DETACH, L4(8), L4(0));
	SENT(Q_DESTROY, L4(8), L4(1));
	assert_int_equal(fk_nr_sent(Q_IOAS_UNMAP), 2);
}

static void
regions(void **state)
{
	struct steer_vfio_region r;
	struct steer_vfio_dev *dev;
	uint8_t buf[300], back[300];
	void *p, *q;
	size_t i;

	fk_device(A, 7, "vfio-pci", -1);
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(steer_vfio_region_info(dev, 4, &r), 0);
	assert_int_equal(r.size, FK_BAR_SIZE);
	assert_int_equal(r.flags, STEER_VFIO_REGION_F_READ | STEER_VFIO_REGION_F_WRITE |
					  STEER_VFIO_REGION_F_MMAP | STEER_VFIO_REGION_F_MSIX);
	assert_int_equal(r.nr_areas, 1);
	assert_int_equal(r.areas[0].size, FK_BAR_SIZE);
	/* In pieces, as the kernel does them. */
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(i * 7);
	assert_int_equal(steer_vfio_region_write(dev, 4, 0x123, buf, sizeof(buf)), 0);
	buf[0] = 0x77;
	assert_int_equal(steer_vfio_region_post(dev, 4, 0x123, buf, sizeof(buf)), 0);
	assert_memory_equal(fk.bar + 0x123, buf, sizeof(buf));
	assert_int_equal(steer_vfio_region_read(dev, 4, 0x123, back, sizeof(back)), 0);
	assert_memory_equal(back, buf, sizeof(buf));
	assert_int_equal(steer_vfio_region_read(dev, STEER_VFIO_REGION_CONFIG, 0, back, 2), 0);
	assert_int_equal(back[0] | back[1] << 8, 0x1af4);
	assert_int_equal(steer_vfio_region_info(dev, STEER_VFIO_REGION_CONFIG, &r), 0);
	assert_int_equal(r.size, 4096);
	assert_int_equal(r.nr_areas, 0);
	assert_int_equal(steer_vfio_region_read(dev, 4, FK_BAR_SIZE - 1, back, 2), -EINVAL);
	assert_int_equal(steer_vfio_region_map(dev, 4, 0x1000, 16, &p), 0);
	assert_int_equal(steer_vfio_region_map(dev, 4, 0x1010, 16, &q), 0);
	assert_ptr_equal((uint8_t *)p + 0x10, q);
	assert_int_equal(fk.bars, 1);
	assert_int_equal(steer_vfio_region_io_fds(dev, 4, &(struct steer_vfio_io_fd){0}, 1),
			 -ENOTSUP);
	steer_vfio_close(dev);
}

static void
sparse_region(void **state)
{
	struct steer_vfio_region r;
	struct steer_vfio_dev *dev;
	void *p;

	fk.sparse = true;
	fk_device(A, 7, "vfio-pci", 0);
	dev = fk_must_open(A, STEER_VFIO_CDEV, 0);
	assert_int_equal(steer_vfio_region_info(dev, 4, &r), 0);
	assert_int_equal(r.nr_areas, 1);
	assert_int_equal(r.areas[0].offset, 0x1000);
	assert_int_equal(r.areas[0].size, 0x2000);
	assert_false(r.flags & STEER_VFIO_REGION_F_MSIX);
	assert_int_equal(steer_vfio_region_map(dev, 4, 0, 16, &p), -ENOTSUP);
	assert_int_equal(steer_vfio_region_map(dev, 4, 0x2000, 0x1000, &p), 0);
	steer_vfio_close(dev);
}

static void
interrupts(void **state)
{
	int ev[9], i;
	struct steer_vfio_irq info;
	struct steer_vfio_dev *dev;

	for (i = 0; i < 9; i++)
		ev[i] = eventfd(0, EFD_CLOEXEC);
	fk_device(A, 7, "vfio-pci", 0);
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(steer_vfio_irq_info(dev, STEER_VFIO_IRQ_MSIX, &info), 0);
	assert_int_equal(info.count, FK_VECTORS);
	assert_int_equal(steer_vfio_irqs_set(dev, 2, 0, 2, ev), 0);
	SENT(Q_SET_IRQS, L4(28), L4(0x24), L4(2), L4(0), L4(2), L4(ev[0]), L4(ev[1]));
	assert_int_equal(steer_vfio_irqs_trigger(dev, 2, 1, 1), 0);
	SENT(Q_SET_IRQS, L4(20), L4(0x21), L4(2), L4(1), L4(1));
	/* Where vectors can be added they are. */
	assert_int_equal(steer_vfio_irqs_set(dev, 2, 4, 5, ev + 4), 0);
	assert_int_equal(fk.msix, 9);
	assert_int_equal(steer_vfio_irqs_disable(dev, 2), 0);
	SENT(Q_SET_IRQS, L4(20), L4(0x21), L4(2), L4(0), L4(0));
	assert_int_equal(fk.msix, 0);
	/* The kernel refuses a second time; nobody asks it. */
	i = (int)fk_nr_sent(Q_SET_IRQS);
	assert_int_equal(steer_vfio_irqs_disable(dev, 2), 0);
	assert_int_equal(fk_nr_sent(Q_SET_IRQS), i);
	/* Where they cannot, all are set up anew, or it is refused before anything is lost. */
	fk.grows = false;
	assert_int_equal(steer_vfio_irqs_set(dev, 2, 0, 2, ev), 0);
	assert_int_equal(steer_vfio_irqs_set(dev, 2, 2, 1, ev + 2), -EINVAL);
	fk_error("vector 2: this kernel adds none to the 2 in use");
	assert_int_equal(fk.msix, 2);
	assert_int_equal(steer_vfio_irqs_set(dev, 2, 0, 9, ev), 0);
	assert_int_equal(fk.msix, 9);
	steer_vfio_close(dev);
	for (i = 0; i < 9; i++)
		close(ev[i]);
}

static void
features_and_ioctls(void **state)
{
	uint8_t raw[16] = {16};
	struct steer_vfio_dev *dev;
	uint32_t v = 0xabcd;

	fk_device(A, 7, "vfio-pci-tph", 0);
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(steer_vfio_feature(dev, 0xfe00 | STEER_VFIO_FEATURE_SET, &v, 4), 0);
	SENT(Q_FEATURE, L4(12), L4(0x2fe00), L4(0xabcd));
	v = 0;
	assert_int_equal(steer_vfio_feature(dev, 0xfe00 | STEER_VFIO_FEATURE_GET, &v, 4), 0);
	SENT(Q_FEATURE, L4(12), L4(0x1fe00), L4(0));
	assert_int_equal(v, 0xabcd);
	assert_int_equal(
		steer_vfio_feature(dev, 0xfe00 | STEER_VFIO_FEATURE_PROBE | STEER_VFIO_FEATURE_SET,
				   NULL, 0),
		0);
	SENT(Q_FEATURE, L4(8), L4(0x6fe00));
	assert_int_equal(steer_vfio_feature_timed(dev, 3 | STEER_VFIO_FEATURE_GET, &v, 4, 1),
			 -ENOTTY);
	assert_int_equal(v, 0xabcd);
	assert_int_equal(steer_vfio_device_ioctl(dev, 0x3b7a, raw), -ENOTTY);
	assert_int_equal(steer_vfio_reset(dev), 0);
	assert_int_equal(fk_nr_sent(Q_RESET), 1);
	steer_vfio_close(dev);
}

static void
facts_of_the_device(void **state)
{
	struct steer_vfio_dev *dev;

	fk_device(A, 7, "vfio-pci-tph", 0);
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(steer_vfio_tph_feature(dev), -ENOENT);
	assert_int_equal(steer_vfio_tsm_feature(dev), -ENOENT);
	assert_true(steer_vfio_feature_max(dev) == SIZE_MAX);
	assert_int_equal(steer_vfio_tph_switch(dev), -ENOENT);
	assert_int_equal(steer_vfio_numa_node(dev), 1);
	assert_string_equal(steer_vfio_pci_addr(dev), A);
	assert_int_equal(steer_vfio_dma_needs_fd(dev), 0);
	assert_int_equal(steer_vfio_iova_is_pa(dev), 0);
	steer_vfio_close(dev);
	fk_sys_file("bus/pci/drivers/vfio-pci-tph/module/parameters/tph_feature", "65024");
	fk_sys_file("bus/pci/drivers/vfio-pci-tph/module/parameters/enable_unsafe_tph", "N");
	dev = fk_must_open(A, STEER_VFIO_GROUP, 0);
	assert_int_equal(steer_vfio_tph_feature(dev), 0xfe00);
	assert_int_equal(steer_vfio_tph_switch(dev), 0);
	steer_vfio_close(dev);
	fk_sys_file("bus/pci/drivers/vfio-pci-tph/module/parameters/tph_feature", "70000");
	fk_sys_file("bus/pci/drivers/vfio-pci-tph/module/parameters/enable_unsafe_tph", "Y");
	dev = fk_must_open(A, STEER_VFIO_GROUP, 0);
	assert_int_equal(steer_vfio_tph_feature(dev), -ENOENT);
	assert_int_equal(steer_vfio_tph_switch(dev), 1);
	steer_vfio_close(dev);
}

/* What is left to do with a device that the kernel wants back: take memory away, and close. */
static void
the_kernel_wants_it_back(void **state)
{
	const struct steer_vfio_dma m = memory(0x100000000, 0x1000);
	struct steer_vfio_dev *dev;

	fk_device(A, 7, "vfio-pci", 0);
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(fk.request_fd, steer_vfio_gone_fd(dev));
	assert_int_equal(steer_vfio_dma_map(dev, &m), 0);
	assert_int_equal(steer_vfio_is_gone(dev), 0);
	assert_string_equal(steer_vfio_gone_why(dev), "");
	assert_int_equal(eventfd_write(fk.request_fd, 1), 0);
	assert_int_equal(steer_vfio_is_gone(dev), 1);
	assert_non_null(strstr(steer_vfio_gone_why(dev), "being unbound"));
	assert_int_equal(steer_vfio_reset(dev), -ENODEV);
	fk_error("device is gone (the kernel wants it back");
	assert_int_equal(steer_vfio_dma_map(dev, &m), -ENODEV);
	assert_int_equal(steer_vfio_dma_unmap(dev, m.iova, m.size), 0);
	assert_int_equal(fk.nr_maps, 0);
	steer_vfio_close(dev);
}

static void
a_kernel_without_removal_requests(void **state)
{
	struct steer_vfio_dev *dev;

	fk.no_request_irq = true;
	fk_device(A, 7, "vfio-pci", -1);
	dev = fk_must_open(A, STEER_VFIO_AUTO, 0);
	assert_int_equal(fk.request_fd, -1);
	assert_int_equal(steer_vfio_is_gone(dev), 0);
	steer_vfio_close(dev);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FK_TEST(group_bytes),
		FK_TEST(cdev_bytes),
		FK_TEST(regions),
		FK_TEST(sparse_region),
		FK_TEST(interrupts),
		FK_TEST(features_and_ioctls),
		FK_TEST(facts_of_the_device),
		FK_TEST(the_kernel_wants_it_back),
		FK_TEST(a_kernel_without_removal_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
