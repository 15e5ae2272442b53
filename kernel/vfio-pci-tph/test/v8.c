// SPDX-License-Identifier: GPL-2.0-only
/* The ioctl of version 8; layouts written down here once more, by offset. */

#include <errno.h>
#include <linux/ioctl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "dev.h"

#define V8 _IO(';', 122)

static uint8_t buf[8192];

static void put32(unsigned int off, uint32_t v)
{
	memcpy(buf + off, &v, 4);
}

static int call(struct dev *d, uint32_t argsz, uint32_t op)
{
	put32(0, argsz);
	put32(4, op);
	return ioctl(d->fd, V8, buf) ? -errno : 0;
}

static void entry(unsigned int i, uint32_t cpu, uint8_t mem, uint16_t index)
{
	uint8_t *e = buf + 16 + 12 * i;

	memset(e, 0, 12);
	memcpy(e, &cpu, 4);
	e[4] = mem;
	memcpy(e + 6, &index, 2);
}

static uint16_t tag(unsigned int i)
{
	uint16_t v;

	memcpy(&v, buf + 16 + 12 * i + 8, 2);
	return v;
}

static void cap(struct dev *d)
{
	uint16_t size;

	memset(buf, 0xff, 64);
	is(call(d, 16, 0), 0, "GET_CAP");
	memcpy(&size, buf + 10, 2);
	is(buf[8], 1, "IV only");
	is(size, d->entries, "size of the table");
	is(buf[16], 0xff, "nothing past argsz is written");
	memset(buf, 0xff, 64);
	is(call(d, 24, 0), 0, "GET_CAP with a longer struct");
	is(buf[16] | buf[23], 0, "its unknown end is zero");
	is(call(d, 12, 0), -EINVAL, "GET_CAP with a shorter struct");
	is(call(d, 65536, 0), -E2BIG, "GET_CAP with an absurd size");
	is(call(d, 16, 5), -EINVAL, "unknown op");
	is(call(d, 7, 0), -EINVAL, "shorter than the head");
}

static void enable(struct dev *d)
{
	memset(buf, 0, 64);
	buf[8] = 3;
	is(call(d, 16, 1), -EINVAL, "ENABLE of two modes");
	buf[8] = 2;
	is(call(d, 16, 1), -EINVAL, "ENABLE of a mode not offered");
	buf[8] = 1;
	buf[9] = 1;
	is(call(d, 16, 1), -EINVAL, "ENABLE with reserved bytes");
	buf[9] = 0;
	buf[20] = 1;
	is(call(d, 24, 1), -E2BIG, "ENABLE with an unknown end that says something");
	buf[20] = 0;
	is(call(d, 24, 1), 0, "ENABLE with a longer struct");
	is(ctrl(d), d->ext ? 0x301 : 0x101, "control");
	buf[8] = 1;
	is(call(d, 16, 1), -EBUSY, "ENABLE again");
}

static void entries(struct dev *d)
{
	memset(buf, 0, 64);
	put32(8, 3);
	entry(0, 1, 0, 3);
	entry(1, 2, 1, 0);
	entry(2, 0, 0, 2);
	is(call(d, 16 + 36, 4), 0, "SET_ST of three, in no order");
	is(st(d, 3), want_tag(d, false, 1), "entry 3");
	is(st(d, 0), want_tag(d, true, 2), "entry 0, persistent");
	is(st(d, 2), want_tag(d, false, 0), "entry 2");
	entry(0, 0, 0, 3);
	entry(2, 3, 0, 2);
	is(call(d, 16 + 36, 4), -ENOENT, "SET_ST with a CPU without tag");
	is(st(d, 3), want_tag(d, false, 1), "leaves the first entry");
	is(call(d, 16 + 35, 4), -EINVAL, "SET_ST with a byte too few");
	entry(0, 0, 2, 3);
	is(call(d, 16 + 36, 4), -EINVAL, "SET_ST of an unknown memory type");
	put32(8, 0);
	is(call(d, 16, 4), -EINVAL, "SET_ST of none");
	put32(8, 2049);
	is(call(d, 8192, 4), -EINVAL, "SET_ST of too many");
	put32(8, 2);
	entry(0, 2, 0, 0);
	entry(1, 1, 1, 0);
	is(call(d, 16 + 24, 3), 0, "GET_ST");
	is(tag(0), want_tag(d, false, 2), "tag of CPU 2");
	is(tag(1), want_tag(d, true, 1), "tag of CPU 1, persistent");
	put32(8, 1);
	entry(0, ~0u, 0, 3);
	is(call(d, 16 + 12, 4), 0, "clear");
	is(st(d, 3), 0, "entry 3 is clear");
}

void test_v8(struct dev *d)
{
	note("ioctl of version 8");
	irqs(d, 4);
	cap(d);
	enable(d);
	entries(d);
	is(call(d, 8, 2), 0, "DISABLE");
	is(ctrl(d), 0, "control");
	is(call(d, 8, 2), 0, "DISABLE again");
	put32(8, 1);
	entry(0, 1, 0, 0);
	is(call(d, 16 + 12, 3), -EINVAL, "GET_ST while off");
	st_set(d, 0, 4, (uint32_t[]){ ~0u, ~0u, ~0u, ~0u });
	irqs(d, 0);
}
