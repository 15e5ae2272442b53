// SPDX-License-Identifier: GPL-2.0-only
/* The control register, and the store while TPH is off. */

#include <errno.h>
#include <linux/vfio.h>

#include "dev.h"

static uint32_t best(struct dev *d)
{
	return d->ext ? 0x301 : 0x101;
}

static void refused(struct dev *d)
{
	set_ctrl(d, 0x102);
	is(ctrl(d), 0, "mode that the device does not offer does not stick");
	set_ctrl(d, 0x107);
	is(ctrl(d), 0, "reserved mode does not stick");
	set_ctrl(d, 0x201);
	is(ctrl(d), 0, "reserved requester enable does not stick");
	cfg_write(d, d->cap + 8, 1, 1);
	is(ctrl(d), 0, "write of one byte does not stick");
	cfg_write(d, d->cap + 9, 1, 1);
	is(ctrl(d), 0, "write of the other byte does not stick");
}

static void accepted(struct dev *d)
{
	set_ctrl(d, 1);
	is(ctrl(d), best(d), "mode alone: the kernel fills in requester enable");
	set_ctrl(d, 0);
	is(ctrl(d), 0, "off");
	set_ctrl(d, 0x301);
	is(ctrl(d), best(d), "requester enable is lowered to what both ends can");
	set_ctrl(d, 0x102);
	is(ctrl(d), best(d), "a refused mode leaves the one in force");
	cfg_write(d, d->cap + 8, 0, 2);
	is(ctrl(d), 0, "off by a write of two bytes");
	if (!core_kernel) {
		set_ctrl(d, 0x101);
		is(ctrl(d), 0x101, "8-bit tags on request");
	}
	cfg_write(d, d->cap + 4, 0, 4);
	is(cfg_read(d, d->cap + 4, 4), d->capreg, "the capability register is read-only");
	set_ctrl(d, 0);
}

static void store_while_off(struct dev *d)
{
	const uint32_t cpus[2] = { 1, 2 }, none[2] = { ~0u, ~0u }, untagged = 3;
	uint32_t data[2] = { 1, 2 };

	is(st_set(d, 0, 2, cpus), 0, "SET while off is accepted");
	is(st(d, 0), 0, "and the device's table stays clean");
	is(st_get(d, 2, data), -EINVAL, "GET while off has no width to tell");
	if (d->msix)
		is(irqs(d, 4), 0, "four MSI-X vectors");
	set_ctrl(d, best(d));
	is(ctrl(d), best(d), "on");
	is(st(d, 0), want_tag(d, false, 1), "stored entry 0 arrived");
	is(st(d, 1), want_tag(d, false, 2), "stored entry 1 arrived");
	set_ctrl(d, 0);
	is(st(d, 0), 0, "off: the device's table is clean");
	is(st_set(d, 1, 1, &untagged), 0, "a CPU without a tag is stored");
	set_ctrl(d, best(d));
	is(ctrl(d), 0, "and TPH does not go on with it");
	is(st_set(d, 0, 2, none), 0, "clear while off");
	set_ctrl(d, best(d));
	is(ctrl(d), best(d), "on with an empty store");
	is(st(d, 0) | st(d, 1), 0, "and an empty table");
	set_ctrl(d, 0);
	irqs(d, 0);
}

void test_ctrl(struct dev *d)
{
	note("control register");
	is(ctrl(d), 0, "off at open");
	refused(d);
	accepted(d);
	store_while_off(d);
}
