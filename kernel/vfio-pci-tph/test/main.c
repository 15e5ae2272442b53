// SPDX-License-Identifier: GPL-2.0-only
/*
 * tph-test BDF [on|off|nocompleter|nodsm|ds|deaf] [core]: every call of vfio_pci_tph with its
 * errno, against a device whose ST table is in the capability or in MSI-X, with
 * the ACPI table beside this file. Prints TAP.
 */

#include <errno.h>
#include <linux/ioctl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "dev.h"

uint32_t feature_index = 0xfe00;
bool core_kernel;

static int v8_cap(struct dev *d)
{
	uint32_t buf[4] = { 16, 0 };

	return ioctl(d->fd, _IO(';', 122), buf) ? -errno : 0;
}

static void test_off(struct dev *d)
{
	note("switch off");
	is(feature(d, feature_index, VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET, NULL, 0,
		   NULL), -ENOTTY, "the feature is not there");
	is(v8_cap(d), -ENOTTY, "nor is the ioctl");
	set_ctrl(d, 0x101);
	is(ctrl(d), 0, "the control register is read-only");
	is(irqs(d, 2), 0, "interrupts work");
	is(ioctl(d->fd, VFIO_DEVICE_RESET) ? -errno : 0, 0, "reset works");
}

static void test_no_completer(struct dev *d)
{
	uint32_t buf[4] = { 16, 1, 1 };

	note("root port without TPH completer");
	set_ctrl(d, 1);
	is(ctrl(d), 0, "TPH does not go on");
	is(ioctl(d->fd, _IO(';', 122), buf) ? -errno : 0, -EOPNOTSUPP, "ENABLE tells why");
	is(st_set(d, 0, 1, (uint32_t[]){ 1 }), 0, "SET is stored");
}

/* A device with tag registers of its own: no table, and tags are asked for. */
static void test_ds(struct dev *d)
{
	uint32_t cap[4] = { 16, 0 }, data[3] = { 2, 1, 0 };
	int i;

	note("device-specific mode");
	is(d->entries, 0, "no table");
	is(ioctl(d->fd, _IO(';', 122), cap) ? -errno : 0, 0, "GET_CAP of version 8");
	is(cap[2], 2, "DS only, no entries");
	set_ctrl(d, 1);
	is(ctrl(d), 0, "interrupt vector mode does not stick");
	set_ctrl(d, 2);
	is(ctrl(d), d->ext ? 0x302 : 0x102, "device-specific mode does");
	is(st_set(d, 0, 1, data), -EINVAL, "SET has no table");
	is(st_get(d, 3, data), 0, "GET");
	for (i = 0; i < 3; i++)
		is(data[i], want_tag(d, false, 2 - i), "tag of CPU %d", 2 - i);
	is(ioctl(d->fd, VFIO_DEVICE_RESET) ? -errno : 0, 0, "VFIO_DEVICE_RESET");
	is(ctrl(d), d->ext ? 0x302 : 0x102, "control after it");
}

/* A table in the capability that takes no writes: nothing may be claimed. */
static void test_deaf(struct dev *d)
{
	uint32_t cpus[3] = { ~0u, 0, 1 }, cpu = 1;
	uint32_t on;

	note("device that drops writes to its table");
	set_ctrl(d, 1);
	on = ctrl(d);
	is(on, d->ext ? 0x301 : 0x101, "on");
	is(st_set(d, 0, 3, cpus), -EIO, "SET");
	is(ctrl(d), on, "TPH is on with the entries of before");
	is(st(d, 1), 0, "none");
	is(st_get(d, 1, &cpu), 0, "GET");
	is(ioctl(d->fd, VFIO_DEVICE_RESET) ? -errno : 0, 0, "VFIO_DEVICE_RESET");
	is(ctrl(d), on, "restores what was in force");
}

/* No _DSM: TPH goes on, but there is no tag for anybody. */
static void test_no_dsm(struct dev *d)
{
	uint32_t cpu = 1;

	note("firmware without _DSM");
	set_ctrl(d, 1);
	is(ctrl(d), d->ext ? 0x301 : 0x101, "TPH is on");
	is(st_get(d, 1, &cpu), -ENODEV, "GET");
	is(st_set(d, 0, 1, &cpu), d->msix ? -ENXIO : -ENODEV, "SET");
	cpu = ~0u;
	is(st_set(d, 0, 1, &cpu), 0, "clear");
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[2] : "on";
	struct dev d;

	if (argc < 2) {
		fprintf(stderr, "usage: tph-test BDF [on|off|nocompleter|nodsm|ds|deaf] [core]\n");
		return 2;
	}
	core_kernel = argc > 3 && !strcmp(argv[3], "core");
	dev_open(&d, argv[1]);
	note("%s: capability %#x, %u entries in %s, switch %s", d.bdf, d.capreg, d.entries,
	     d.msix ? "MSI-X" : "the capability", how);
	if (!strcmp(how, "off")) {
		test_off(&d);
	} else if (!strcmp(how, "ds")) {
		test_ds(&d);
	} else if (!strcmp(how, "deaf")) {
		test_deaf(&d);
	} else if (!strcmp(how, "nodsm")) {
		test_no_dsm(&d);
	} else if (!strcmp(how, "nocompleter")) {
		test_no_completer(&d);
	} else {
		test_ctrl(&d);
		test_feature(&d);
		test_v8(&d);
		test_survival(&d);
		test_race(&d);
	}
	dev_close(&d);
	printf("1..%d\n# %d failed\n", tap_count, tap_failed);
	return tap_failed != 0;
}
