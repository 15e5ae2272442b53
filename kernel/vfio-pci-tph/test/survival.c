// SPDX-License-Identifier: GPL-2.0-only
/* What must outlive interrupts and resets, and what must not. */

#include <errno.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dev.h"

static const uint32_t cpus[4] = { 2, 1, 0, 2 };

static void expect(struct dev *d, uint32_t on, const char *what)
{
	unsigned int i, wrong = 0;

	is(ctrl(d), on, "%s: control", what);
	for (i = 0; i < 4; i++)
		wrong += st(d, i) != want_tag(d, false, cpus[i]);
	is(wrong, 0, "%s: tags", what);
}

static void interrupts(struct dev *d, uint32_t on)
{
	is(irqs(d, 0), 0, "MSI-X off");
	is(irqs(d, 4), 0, "MSI-X on");
	expect(d, on, "after SET_IRQS");
	is(irq_one(d, 1, false), 0, "vector 1 masked");
	expect(d, on, "while masked");
	is(irq_one(d, 1, true), 0, "vector 1 unmasked");
	expect(d, on, "after unmask");
	is(irqs(d, 2), 0, "two vectors instead of four");
	is(st(d, 1), want_tag(d, false, cpus[1]), "the second of them has its tag");
	is(irqs(d, 4), 0, "four again");
	expect(d, on, "grown again");
	/* The kernel wipes all words when it switches MSI-X on, and saves those it allocates. */
	is(irqs(d, 0), 0, "MSI-X off");
	is(irqs(d, 2), 0, "on with two vectors");
	is(irqs(d, 4), 0, "two more");
	expect(d, on, "of vectors that were not there");
}

static int hot_reset(struct dev *d)
{
	uint32_t buf[4] = { 16, 0, 1, d->group };	/* argsz, flags, count, group_fds[] */

	return ioctl(d->fd, VFIO_DEVICE_PCI_HOT_RESET, buf) ? -errno : 0;
}

/* Device capability bit 28, device control bit 15. */
static int flr(struct dev *d)
{
	uint32_t pos = cfg_read(d, 0x34, 1);

	while (pos && cfg_read(d, pos, 1) != 0x10)
		pos = cfg_read(d, pos + 1, 1);
	if (!pos || !(cfg_read(d, pos + 4, 4) & 1u << 28))
		return -ENODEV;
	cfg_write(d, pos + 8, cfg_read(d, pos + 8, 2) | 0x8000, 2);
	return 0;
}

static void resets(struct dev *d, uint32_t on)
{
	is(ioctl(d->fd, VFIO_DEVICE_RESET) ? -errno : 0, 0, "VFIO_DEVICE_RESET");
	expect(d, on, "after it");
	is(hot_reset(d), 0, "VFIO_DEVICE_PCI_HOT_RESET");
	expect(d, on, "after it");
	is(flr(d), 0, "function level reset by its bit");
	expect(d, on, "after it");
	is(sysfs_reset(d), 0, "reset from sysfs");
	usleep(300 * 1000);	/* set up again by a work item */
	expect(d, on, "after it");
	cfg_write(d, 4, cfg_read(d, 4, 2) & ~2u, 2);
	is(ctrl(d), on, "memory off: control");
	is(st_set(d, 0, 4, cpus), d->msix ? -EIO : 0, "SET with memory off");
	cfg_write(d, 4, cfg_read(d, 4, 2) | 2, 2);
	expect(d, on, "after memory off and on");
	cfg_write(d, 4, cfg_read(d, 4, 2) & ~2u, 2);
	is(ioctl(d->fd, VFIO_DEVICE_RESET) ? -errno : 0, 0, "reset with memory off");
	cfg_write(d, 4, cfg_read(d, 4, 2) | 2, 2);
	expect(d, on, "after it, with memory on");
}

static void reopened(struct dev *d)
{
	const char *bdf = d->bdf;
	unsigned int i, left = 0;

	dev_close(d);
	dev_open(d, bdf);
	is(ctrl(d), 0, "opened again: off");
	if (d->msix)
		irqs(d, 4);
	set_ctrl(d, 1);
	for (i = 0; i < 4; i++)
		left += st(d, i) != 0;
	is(left, 0, "opened again: no tags of the last user");
	set_ctrl(d, 0);
	irqs(d, 0);
}

void test_survival(struct dev *d)
{
	uint32_t on;

	note("survival");
	is(irqs(d, 4), 0, "four MSI-X vectors");
	set_ctrl(d, 1);
	on = ctrl(d);
	is(st_set(d, 0, 4, cpus), 0, "four tags");
	expect(d, on, "at first");
	interrupts(d, on);
	resets(d, on);
	reopened(d);
}

static atomic_bool stop;

static void *reset_loop(void *arg)
{
	struct dev *d = arg;

	while (!stop)
		ioctl(d->fd, VFIO_DEVICE_RESET);
	return NULL;
}

/* One thread resets, one programs: in the end the last batch must be in force. */
void test_race(struct dev *d)
{
	pthread_t thread;
	uint32_t on;
	int i, bad = 0;

	note("programming while another thread resets");
	irqs(d, 4);
	set_ctrl(d, 1);
	on = ctrl(d);
	if (pthread_create(&thread, NULL, reset_loop, d))
		die("thread");
	for (i = 0; i < 200; i++)
		bad += st_set(d, 0, 4, i & 1 ? cpus : (uint32_t[]){ 0, 0, 1, 1 }) != 0;
	stop = true;
	pthread_join(thread, NULL);
	is(bad, 0, "200 batches");
	expect(d, on, "the last one is in force");
	set_ctrl(d, 0);
	st_set(d, 0, 4, (uint32_t[]){ ~0u, ~0u, ~0u, ~0u });
	irqs(d, 0);
}
