/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every system call of attach, use and detach fails once, in turn, for each transport. Each failure
 * is one line, nothing stays behind, and the next try works.
 */

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_vfio.h"

#define A "0000:01:00.0"
#define B "0000:02:00.0"

enum phase { ATTACH, USE, DETACH, DONE };

static int ev;

/* The calls of a life. @return the phase that failed, or DONE. */
static enum phase
life(enum steer_vfio_transport t, int is_private)
{
	const struct steer_vfio_dma m = {.iova = 0x100000000,
					 .vaddr = (void *)0x100000000,
					 .size = 0x2000,
					 .fd = -1,
					 .prot = 3};
	enum phase phase = DONE;
	struct steer_vfio_dev *dev = NULL;
	uint32_t v = 0;
	void *p;

	steer_vfio_close(NULL);
	fk.watch = true;
	if (fk_open(A, t, is_private, &dev) != 0) {
		fk.watch = false;
		assert_null(dev);
		return ATTACH;
	}
	if (steer_vfio_region_read(dev, STEER_VFIO_REGION_CONFIG, 4, &v, 4) != 0 ||
	    steer_vfio_region_write(dev, STEER_VFIO_REGION_CONFIG, 4, &v, 4) != 0 ||
	    steer_vfio_region_map(dev, 4, 0, 64, &p) != 0 ||
	    steer_vfio_irqs_set(dev, 2, 0, 1, &ev) != 0 || steer_vfio_dma_map(dev, &m) != 0 ||
	    steer_vfio_feature(dev, 0xfe00 | STEER_VFIO_FEATURE_SET, &v, 4) != 0 ||
	    steer_vfio_reset(dev) != 0 || steer_vfio_dma_unmap(dev, m.iova, m.size) != 0 ||
	    steer_vfio_dma_map(dev, &m) != 0 || steer_vfio_irqs_disable(dev, 2) != 0)
		phase = USE;
	if (phase == DONE && fk.failed)
		phase = DETACH;
	steer_vfio_close(dev);
	fk.watch = false;
	return phase;
}

/* Calls that only look for what may be absent, or that give back what closing gives back, too. */
static bool
may_be_ignored(void)
{
	switch (fk.failed_call) {
	case FK_IOCTL:
		return fk.failed_request == Q_UNSET_CONTAINER || fk.failed_request == Q_DETACH ||
		       fk.failed_request == Q_DESTROY || fk.failed_request == Q_UNMAP_DMA ||
		       fk.failed_request == Q_IOAS_UNMAP;
	case FK_OPEN: return !fk.failed_node;
	case FK_READ:
	case FK_OPENDIR:
	case FK_ACCESS:
	case FK_CLOSE:
	case FK_MUNMAP: return true;
	default: return false;
	}
}

static void
check_failure(enum phase phase, unsigned int n)
{
	const char *text = steer_vfio_error();

	if (phase == DETACH || phase == DONE) {
		/* The failed call was the last of a kind that need not succeed. */
		if (!may_be_ignored())
			fail_msg("call %u (kind %d, request 0x%lx) failed and nobody said so", n,
				 fk.failed_call, fk.failed_request);
		return;
	}
	assert_memory_equal(text, A ": ", strlen(A ": "));
	assert_null(strchr(text, '\n'));
	assert_true(strlen(text) > strlen(A ": ") + 10);
}

/* @return number of calls of a life that nothing disturbs. */
static unsigned int
fail_each(enum steer_vfio_transport t, int is_private, int err)
{
	unsigned int n, told = 0;
	enum phase phase;

	for (n = 1;; n++) {
		fk.fail_at = n;
		fk.fail_errno = err;
		fk.calls = 0;
		fk.failed = false;
		phase = life(t, is_private);
		if (!fk.failed) {
			assert_int_equal(phase, DONE);
			break;
		}
		check_failure(phase, n);
		told += phase == ATTACH || phase == USE;
		if (fk_left() != NULL && fk.devices + fk.groups + fk.containers > 0)
			fail_msg("after call %u (kind %d, request 0x%lx): %s", n, fk.failed_call,
				 fk.failed_request, fk_left());
		fk.fail_at = 0;
		fk.failed = false;
		if (life(t, is_private) != DONE)
			fail_msg("after call %u the next try fails: %s", n, steer_vfio_error());
	}
	assert_true(told > 15);
	return n - 1;
}

static const struct {
	enum steer_vfio_transport t;
	int is_private;
} ways[] = {{STEER_VFIO_GROUP, 0},
	    {STEER_VFIO_GROUP, 1},
	    {STEER_VFIO_CDEV, 0},
	    {STEER_VFIO_CDEV, 1},
	    {STEER_VFIO_AUTO, 0}};

static void
each_call_fails(void **state)
{
	static const int errors[] = {EIO, ENOMEM, EPERM, EBUSY, ENOSPC};
	size_t i, k;

	fk_device(A, 1, "vfio-pci-tph", 0);
	ev = eventfd(0, EFD_CLOEXEC);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		for (k = 0; k < sizeof(errors) / sizeof(errors[0]); k++)
			assert_true(fail_each(ways[i].t, ways[i].is_private, errors[k]) > 30);
	close(ev);
}

/* The same beside a device that runs: it keeps its space, its maps and its group. */
static void
each_call_fails_beside_another(void **state)
{
	const struct steer_vfio_dma m = {.iova = 0x900000000,
					 .vaddr = (void *)0x900000000,
					 .size = 0x1000,
					 .fd = -1,
					 .prot = 3};
	struct steer_vfio_dev *other;
	unsigned int n;
	size_t i;

	fk_device(A, 1, "vfio-pci", 0);
	fk_device(B, 2, "vfio-pci", 1);
	ev = eventfd(0, EFD_CLOEXEC);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		other = fk_must_open(B, ways[i].t, 0);
		assert_int_equal(steer_vfio_dma_map(other, &m), 0);
		for (n = 1; n < 200; n++) {
			fk.fail_at = n;
			fk.fail_errno = EIO;
			fk.calls = 0;
			fk.failed = false;
			(void)life(ways[i].t, ways[i].is_private);
			if (!fk.failed)
				break;
			assert_int_equal(fk.devices, 1);
			/* A map that the kernel would not let go is left to it, and only that. */
			if (fk.failed_request != Q_UNMAP_DMA && fk.failed_request != Q_IOAS_UNMAP)
				assert_int_equal(fk.nr_maps, 1);
			for (unsigned int k = 0; k < 64; k++)
				if (fk.maps[k].used && fk.maps[k].iova != m.iova) {
					fk.maps[k].used = false;
					fk.nr_maps--;
				}
		}
		fk.fail_at = 0;
		assert_in_range(n, 30, 199);
		assert_int_equal(steer_vfio_dma_unmap(other, m.iova, m.size), 0);
		assert_int_equal(steer_vfio_dma_map(other, &m), 0);
		steer_vfio_close(other);
	}
	close(ev);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FK_TEST(each_call_fails),
		FK_TEST(each_call_fails_beside_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
