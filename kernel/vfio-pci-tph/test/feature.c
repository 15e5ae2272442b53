// SPDX-License-Identifier: GPL-2.0-only
/* Device feature TPH_ST. */

#include <errno.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>

#include "dev.h"

#define GET	VFIO_DEVICE_FEATURE_GET
#define SET	VFIO_DEVICE_FEATURE_SET
#define PROBE	VFIO_DEVICE_FEATURE_PROBE

static void shapes(struct dev *d)
{
	uint32_t p[4] = { 0, 1 << 16, 0, 0 };	/* index 0, count 1, CPU 0 */
	static uint32_t big[2 + 2049];

	is(feature(d, feature_index, PROBE | GET, NULL, 0, NULL), 0, "PROBE of GET");
	is(feature(d, feature_index, PROBE | SET, NULL, 0, NULL), 0, "PROBE of SET");
	is(feature(d, feature_index, PROBE | GET | SET, NULL, 0, NULL), 0, "PROBE of both");
	is(feature(d, feature_index, 0, p, 12, NULL), -EINVAL, "no operation");
	is(feature(d, feature_index ^ 1, PROBE | GET, NULL, 0, NULL), -ENOTTY, "another index");
	is(feature(d, feature_index, SET, p, 7, NULL), -EINVAL, "payload shorter than its head");
	is(feature(d, feature_index, SET, p, 11, NULL), -EINVAL, "payload shorter than its count");
	is(feature(d, feature_index, SET, p, 16, NULL), 0, "longer payload");
	p[0] = 2;
	is(feature(d, feature_index, SET, p, 12, NULL), -EINVAL, "unknown flag");
	p[0] = p[1] = 0;
	is(feature(d, feature_index, SET, p, 12, NULL), -EINVAL, "count 0");
	big[1] = 2048 << 16;
	is(feature(d, feature_index, SET, big, 8 + 4 * 2048, NULL), -ENXIO, "2048 entries");
	big[1] = 2049u << 16;
	is(feature(d, feature_index, SET, big, 8 + 4 * 2049, NULL), -EINVAL, "2049 entries");
	big[1] = 2048 << 16;
	is(feature(d, feature_index, GET, big, 8 + 4 * 2048, big), 0, "GET of 2048 CPUs");
	is(big[2 + 2047], want_tag(d, false, 0), "the last of them has its tag");
}

static void get(struct dev *d)
{
	const uint32_t cpus[4] = { 2, 0, 1, 2 };
	uint32_t data[4] = { 2, 0, 1, 2 };
	uint32_t bad = 3;
	unsigned int i;

	is(st_get(d, 4, data), 0, "GET");
	for (i = 0; i < 4; i++)
		is(data[i], want_tag(d, false, cpus[i]), "tag %u", i);
	data[0] = 1;
	is(st_call(d, GET, 1, 0, 1, data), 0, "GET for persistent memory");
	is(data[0], want_tag(d, true, 1), "its tag");
	is(st_get(d, 1, &bad), -ENOENT, "GET of a CPU without tag");
	is(bad, 3, "leaves the caller's buffer");
	is(st_call(d, GET, 1, 0, 1, &bad), -ENOENT, "GET of a CPU whose tag is 0");
	bad = 9999;
	is(st_get(d, 1, &bad), -EINVAL, "GET of no CPU");
	bad = ~0u;
	is(st_get(d, 1, &bad), -EINVAL, "GET of 0xffffffff");
	allow_cpus(0x1);
	bad = 1;
	is(st_get(d, 1, &bad), -EPERM, "GET of a CPU the caller may not run on");
	allow_cpus(0xf);
}

static void expect(struct dev *d, const uint32_t *cpus, unsigned int n, const char *what)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < n; i++)
		wrong += st(d, i) != (cpus[i] == ~0u ? 0 : want_tag(d, false, cpus[i]));
	is(wrong, 0, "%s", what);
}

static void batch(struct dev *d)
{
	const uint32_t good[4] = { 0, 1, 2, 1 }, past[2] = { 0, 0 };
	const uint32_t middle[2] = { 2, ~0u }, after[4] = { 0, 2, ~0u, 1 };
	uint32_t bad[4] = { 2, 2, 2, 3 };
	const uint32_t on = ctrl(d);

	is(st_set(d, 0, 4, good), 0, "SET of four");
	expect(d, good, 4, "four tags in the table");
	is(st_set(d, 0, 4, bad), -ENOENT, "SET with a CPU without tag");
	expect(d, good, 4, "leaves all four");
	is(st_call(d, SET, 1, 0, 4, bad), -ENOENT, "SET with a CPU whose tag is 0");
	expect(d, good, 4, "leaves all four");
	bad[3] = 9999;
	is(st_set(d, 0, 4, bad), -EINVAL, "SET with no CPU");
	expect(d, good, 4, "leaves all four");
	allow_cpus(0x5);
	is(st_set(d, 0, 4, good), -EPERM, "SET with a CPU the caller may not run on");
	expect(d, good, 4, "leaves all four");
	is(st_set(d, 2, 1, (uint32_t[]){ 2 }), 0, "SET of a CPU it may run on");
	allow_cpus(0xf);
	is(st_set(d, d->entries - 1, 2, past), -ENXIO, "SET past the table");
	is(st_set(d, 1, 2, middle), 0, "SET and clear in the middle");
	expect(d, after, 4, "two changed, two not");
	is(ctrl(d), on, "TPH is on all the while");
	bad[0] = 1;
	is(st_call(d, SET, 1, 0, 1, bad), 0, "SET for persistent memory");
	is(st(d, 0), want_tag(d, true, 1), "its tag");
	if (d->msix) {
		is(st_set(d, 5, 1, good), -ENXIO, "SET of a vector without interrupt");
		is(ctrl(d), on, "does not switch TPH off");
	} else {
		cfg_write(d, d->cap + 12, 0xabcd, 2);
		is(st(d, 0), want_tag(d, true, 1), "the user's own write to the table is dropped");
	}
}

void test_feature(struct dev *d)
{
	note("device feature");
	if (d->msix)
		is(irqs(d, 4), 0, "four MSI-X vectors");
	set_ctrl(d, 1);
	shapes(d);
	get(d);
	batch(d);
	set_ctrl(d, 0);
	is(st_set(d, 0, 4, (uint32_t[]){ ~0u, ~0u, ~0u, ~0u }), 0, "clear");
	irqs(d, 0);
}
