/* SPDX-License-Identifier: BSD-3-Clause */

/* Who shares an address space with whom, and what the kernel is told of memory. */

#include <stdlib.h>
#include <sys/resource.h>

#include "fake_vfio.h"

#define A "0000:01:00.0"
#define B "0000:02:00.0"
#define C "0000:02:00.1"

static const enum steer_vfio_transport both[] = {STEER_VFIO_GROUP, STEER_VFIO_CDEV};

static struct steer_vfio_dma
memory(uint64_t at, uint64_t size)
{
	return (struct steer_vfio_dma){
		.iova = at, .vaddr = (void *)(uintptr_t)at, .size = size, .fd = -1, .prot = 3};
}

/* One container or space; a range that both map reaches the kernel once and leaves with the last.
 */
static void
two_devices_share(void **state)
{
	const struct steer_vfio_dma m = memory(0x100000000, 0x4000),
				    n = memory(0x200000000, 0x1000);
	struct steer_vfio_dma other = m;
	struct steer_vfio_dev *a, *b;
	unsigned int i;

	fk_device(A, 1, "vfio-pci", 0);
	fk_device(B, 2, "vfio-pci", 1);
	for (i = 0; i < 2; i++) {
		fk.map_calls = fk.unmap_calls = 0;
		a = fk_must_open(A, both[i], 0);
		assert_int_equal(steer_vfio_dma_map(a, &m), 0);
		b = fk_must_open(B, both[i], 0);
		assert_int_equal(fk.containers + fk.iommufds, 1);
		assert_int_equal(fk.groups, i == 0 ? 2 : 0);
		assert_int_equal(fk.ioases, i);
		assert_int_equal(steer_vfio_dma_map(b, &m), 0);
		assert_int_equal(steer_vfio_dma_map(b, &n), 0);
		assert_int_equal(fk.map_calls, 2);
		/* Not twice by one device, nor otherwise by another. */
		assert_int_equal(steer_vfio_dma_map(b, &m), -EEXIST);
		other.size = 0x1000;
		assert_int_equal(steer_vfio_dma_unmap(a, m.iova, other.size), -ENOENT);
		assert_int_equal(steer_vfio_dma_unmap(a, m.iova, m.size), 0);
		assert_int_equal(fk.unmap_calls, 0);
		assert_int_equal(steer_vfio_dma_map(a, &other), -EEXIST);
		fk_error("another device of this address space has mapped");
		other = m;
		other.vaddr = (void *)0x500000000;
		assert_int_equal(steer_vfio_dma_map(a, &other), -EEXIST);
		other = m;
		other.prot = STEER_VFIO_PROT_READ;
		assert_int_equal(steer_vfio_dma_map(a, &other), -EEXIST);
		assert_int_equal(steer_vfio_dma_map(a, &m), 0);
		assert_int_equal(fk.map_calls, 2);
		/* The second goes: its own map goes with it, the shared one stays. */
		steer_vfio_close(b);
		assert_int_equal(fk.nr_maps, 1);
		assert_int_equal(fk.unmap_calls, 1);
		steer_vfio_close(a);
		assert_int_equal(fk.unmap_calls, 2);
	}
}

/* The first to leave is the one that made the container. */
static void
the_first_leaves_first(void **state)
{
	const struct steer_vfio_dma m = memory(0x100000000, 0x4000);
	struct steer_vfio_dev *a, *b;
	unsigned int i;

	fk_device(A, 1, "vfio-pci", 0);
	fk_device(B, 2, "vfio-pci", 1);
	for (i = 0; i < 2; i++) {
		a = fk_must_open(A, both[i], 0);
		b = fk_must_open(B, both[i], 0);
		assert_int_equal(steer_vfio_dma_map(a, &m), 0);
		assert_int_equal(steer_vfio_dma_map(b, &m), 0);
		steer_vfio_close(a);
		assert_int_equal(fk.nr_maps, 1);
		a = fk_must_open(A, both[i], 0);
		assert_int_equal(steer_vfio_dma_map(a, &m), 0);
		steer_vfio_close(b);
		steer_vfio_close(a);
	}
}

static void
another_space_where_the_kernel_refuses(void **state)
{
	const struct steer_vfio_dma m = memory(0x100000000, 0x4000);
	struct steer_vfio_dev *a, *b;
	unsigned int i;

	fk_device(A, 1, "vfio-pci", 0);
	fk_device(B, 2, "vfio-pci", 1);
	fk.join_refused = true;
	for (i = 0; i < 2; i++) {
		fk.map_calls = 0;
		a = fk_must_open(A, both[i], 0);
		b = fk_must_open(B, both[i], 0);
		assert_int_equal(fk.containers, i == 0 ? 2 : 0);
		assert_int_equal(fk.ioases, i == 0 ? 0 : 2);
		assert_int_equal(fk.iommufds, i);
		assert_int_equal(steer_vfio_dma_map(a, &m), 0);
		assert_int_equal(steer_vfio_dma_map(b, &m), 0);
		assert_int_equal(fk.map_calls, 2);
		steer_vfio_close(a);
		steer_vfio_close(b);
	}
}

/* A group file is open once; the group goes with its last device. */
static void
two_functions_of_one_group(void **state)
{
	struct steer_vfio_dev *b, *c;
	unsigned int i;

	fk_device(B, 2, "vfio-pci", 1);
	fk_device(C, 2, "vfio-pci", 2);
	for (i = 0; i < 2; i++) {
		b = fk_must_open(B, both[i], 0);
		c = fk_must_open(C, both[i], 0);
		assert_int_equal(fk.groups, i == 0);
		assert_int_equal(fk.devices, 2);
		steer_vfio_close(b);
		assert_int_equal(fk.groups, i == 0);
		steer_vfio_close(c);
	}
}

static void
once_per_process(void **state)
{
	struct steer_vfio_dev *a, *again = NULL;
	unsigned int i;

	fk_device(A, 1, "vfio-pci", 0);
	for (i = 0; i < 2; i++) {
		a = fk_must_open(A, both[i], 0);
		assert_int_equal(fk_open(A, both[i], 0, &again), -EBUSY);
		fk_error("0000:01:00.0 is busy: open in this process as 0000:01:00.0");
		assert_null(again);
		steer_vfio_close(a);
	}
}

/* A space of its own: nothing in it but what its owner maps, and no other device near it. */
static void
private_space(void **state)
{
	const struct steer_vfio_dma m = memory(0x100000000, 0x4000);
	struct steer_vfio_dev *a, *b;
	unsigned int i;

	fk_device(A, 1, "vfio-pci", 0);
	fk_device(B, 2, "vfio-pci", 1);
	for (i = 0; i < 2; i++) {
		fk.map_calls = 0;
		a = fk_must_open(A, both[i], 0);
		assert_int_equal(steer_vfio_dma_map(a, &m), 0);
		b = fk_must_open(B, both[i], 1);
		assert_int_equal(fk.containers, i == 0 ? 2 : 0);
		assert_int_equal(fk.iommufds, i == 0 ? 0 : 2);
		assert_int_equal(fk.map_calls, 1);
		assert_int_equal(steer_vfio_dma_map(b, &m), 0);
		assert_int_equal(fk.map_calls, 2);
		assert_int_equal(steer_vfio_dma_unmap(a, m.iova, m.size), 0);
		assert_int_equal(fk.nr_maps, 1);
		steer_vfio_close(a);
		/* A plain device that comes later does not get into it. */
		a = fk_must_open(A, both[i], 0);
		assert_int_equal(fk.containers, i == 0 ? 2 : 0);
		assert_int_equal(fk.iommufds, i == 0 ? 0 : 2);
		steer_vfio_close(b);
		steer_vfio_close(a);
	}
}

static void
private_space_shares_no_group(void **state)
{
	struct steer_vfio_dev *dev = NULL, *b;
	unsigned int i;

	fk_device(A, 1, "vfio-pci", 0);
	fk_device(B, 2, "vfio-pci", 1);
	fk_device(C, 2, "vfio-pci", 2);
	for (i = 0; i < 2; i++) {
		/* Whether the neighbour is in use, or only there. */
		assert_int_equal(fk_open(C, both[i], 1, &dev), -EPERM);
		fk_error("must be alone in its IOMMU group");
		fk_error("group 2 has 0000:02:00.0 (vfio-pci), too");
		b = fk_must_open(B, both[i], 0);
		assert_int_equal(fk_open(C, both[i], 1, &dev), -EPERM);
		fk_error("shares IOMMU group 2 with 0000:02:00.0");
		assert_null(dev);
		steer_vfio_close(b);
	}
	/* A neighbour that came by hot-plug after the private device had been found alone. */
	fk_remove("sys/kernel/iommu_groups/2/devices/" C);
	for (i = 0; i < 2; i++) {
		b = fk_must_open(B, both[i], 1);
		assert_int_equal(fk_open(C, both[i], 0, &dev), -EPERM);
		fk_error("one of them has an address space of its own");
		steer_vfio_close(b);
	}
	/* The bridge above the device is no neighbour. */
	fk_sys_file("bus/pci/devices/0000:00:10.0/class", "0x060400");
	fk_sys_file("kernel/iommu_groups/1/devices/0000:00:10.0", "");
	steer_vfio_close(fk_must_open(A, STEER_VFIO_GROUP, 1));
}

static void
limits_of_the_iommu(void **state)
{
	struct steer_vfio_dma m = memory(0x10000, 0x1000);
	struct steer_vfio_dev *a;
	unsigned int i;

	fk_device(A, 1, "vfio-pci", 0);
	fk.iova_last = 0x7fffffffff;
	fk.dma_avail = 2;
	for (i = 0; i < 2; i++) {
		fk.map_calls = 0;
		a = fk_must_open(A, both[i], 0);
		m = memory(0x7ffffff000, 0x2000);
		assert_int_equal(steer_vfio_dma_map(a, &m), -ERANGE);
		fk_error("the IOMMU translates 0x0 to 0x7fffffffff; move EAL's memory");
		m = memory(0x7ffffff000, 0x1000);
		assert_int_equal(steer_vfio_dma_map(a, &m), 0);
		m = memory(0x10000, 0x800);
		assert_int_equal(steer_vfio_dma_map(a, &m), -EINVAL);
		fk_error("not whole pages of 0x1000");
		m = memory(0x10000, 0x1000);
		assert_int_equal(steer_vfio_dma_map(a, &m), 0);
		m = memory(0x20000, 0x1000);
		assert_int_equal(steer_vfio_dma_map(a, &m), -ENOSPC);
		fk_error("dma_entry_limit");
		/* A container tells how many it takes, and is not asked in vain. */
		assert_int_equal(fk.map_calls, i == 0 ? 2 : 3);
		steer_vfio_close(a);
	}
}

static void
locked_memory(void **state)
{
	const struct steer_vfio_dma m = memory(0x100000000, 0x1000000);
	struct steer_vfio_dma first = memory(0x10000, 0x100000);
	struct rlimit old, low;
	struct steer_vfio_dev *a;
	unsigned int i;

	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &old), 0);
	low = old;
	low.rlim_cur = 64 << 10;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &low), 0);
	fk_device(A, 1, "vfio-pci", 0);
	for (i = 0; i < 2; i++) {
		a = fk_must_open(A, both[i], 0);
		fk.no_memlock = false;
		assert_int_equal(steer_vfio_dma_map(a, &first), 0);
		fk.no_memlock = true;
		assert_int_equal(steer_vfio_dma_map(a, &m), -ENOMEM);
		fk_error("the locked-memory limit (RLIMIT_MEMLOCK) is 64 kB, 17408 kB are needed");
		steer_vfio_close(a);
	}
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &old), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FK_TEST(two_devices_share),
		FK_TEST(the_first_leaves_first),
		FK_TEST(another_space_where_the_kernel_refuses),
		FK_TEST(two_functions_of_one_group),
		FK_TEST(once_per_process),
		FK_TEST(private_space),
		FK_TEST(private_space_shares_no_group),
		FK_TEST(limits_of_the_iommu),
		FK_TEST(locked_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
