/* SPDX-License-Identifier: BSD-3-Clause */

/* lib/tph against a made-up device behind the steer_vfio_* seam, which plays the kernels that were
 * published and the ways in which they fail. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <steer_tph.h>
#include <steer_vfio.h>

#define CAP_POS  0x100u
#define MSIX_POS 0x40u
#define FEATURE  0xfe00u
#define ENTRIES  8u
#define VECTORS  16u
#define NO_CPU   0xffffffffu
#define ST_OFF   (CAP_POS + 12)
#define CTRL_OFF (CAP_POS + 8)

enum fault { NONE, CLEAR_TO_ZERO, PARTIAL, TURN_OFF, LIE_ONCE };

static struct {
	uint8_t cfg[4096];
	uint32_t vector_ctrl[VECTORS];
	uint32_t store[ENTRIES]; /* tags that SET stored, for GET by index */
	int by_index;
	int no_set, no_get, no_probe, probe_when_on, absent;
	int drop_ctrl, drop_ext, hide_msix, told_feature;
	int get_fails;
	uint32_t bad_cpu;
	enum fault fault;
	int sets, gets, ctrl_writes, gone;
	uint8_t last_set[256];
	size_t last_len;
} k;

static uint16_t
tag_of(uint32_t cpu)
{
	return (uint16_t)(0x20 + cpu * 7);
}

static uint32_t
cap_loc(void)
{
	return k.cfg[CAP_POS + 5] >> 1 & 3; /* bits 10:9 */
}

static void
put16(uint32_t off, uint16_t v)
{
	k.cfg[off] = v & 0xff;
	k.cfg[off + 1] = v >> 8;
}

static uint16_t
get16(uint32_t off)
{
	return (uint16_t)(k.cfg[off] | k.cfg[off + 1] << 8);
}

static uint16_t
entry(uint32_t i)
{
	return cap_loc() == 1 ? get16(ST_OFF + 2 * i) : (uint16_t)(k.vector_ctrl[i] >> 16);
}

static void
set_entry(uint32_t i, uint16_t tag)
{
	if (cap_loc() == 1)
		put16(ST_OFF + 2 * i, tag);
	else if (cap_loc() == 2)
		k.vector_ctrl[i] = (k.vector_ctrl[i] & 0xffff) | (uint32_t)tag << 16;
	k.store[i] = tag;
}

static uint16_t
ctrl(void)
{
	return get16(CTRL_OFF);
}

/* ---- the seam ---- */

int
steer_vfio_tph_feature(const struct steer_vfio_dev *dev)
{
	return k.told_feature;
}

const char *
steer_vfio_error(void)
{
	return "fake";
}

int
steer_vfio_region_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_region *info)
{
	memset(info, 0, sizeof(*info));
	info->size = 4096;
	return k.gone ? -ENODEV : 0;
}

int
steer_vfio_region_read(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, void *buf,
		       size_t len)
{
	if (k.gone)
		return -ENODEV;
	if (index == STEER_VFIO_REGION_CONFIG) {
		assert_true(offset + len <= 4096);
		memcpy(buf, k.cfg + offset, len);
		return 0;
	}
	assert_int_equal(index, 2);
	if (k.hide_msix)
		memset(buf, 0xff, len);
	else
		memcpy(buf, &k.vector_ctrl[(offset - 0x800 - 12) / 16], len);
	return 0;
}

int
steer_vfio_region_write(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset,
			const void *buf, size_t len)
{
	const uint8_t *b = buf;

	if (k.gone)
		return -ENODEV;
	assert_int_equal(index, STEER_VFIO_REGION_CONFIG);
	assert_int_equal(offset, CTRL_OFF); /* nothing else is ours to write */
	assert_int_equal(len, 4);
	k.ctrl_writes++;
	if (k.drop_ctrl || (k.drop_ext && b[1] == 3))
		return 0;
	memcpy(k.cfg + CTRL_OFF, buf, 4);
	return 0;
}

static int
play_set(uint16_t index, uint16_t count, const uint32_t *cpus)
{
	enum fault fault = k.fault;
	uint16_t i;

	k.sets++;
	if (cap_loc() == 0 && !k.by_index)
		return -EINVAL;
	if (index + count > ENTRIES)
		return -ENXIO;
	if (fault == LIE_ONCE) {
		k.fault = NONE;
		return 0;
	}
	for (i = 0; i < count; i++)
		if (cpus[i] == k.bad_cpu)
			break;
	if (i == count) {
		for (i = 0; i < count; i++)
			set_entry(index + i, cpus[i] == NO_CPU ? 0 : tag_of(cpus[i]));
		return 0;
	}
	if (fault == PARTIAL)
		while (i-- > 0)
			set_entry(index + i, tag_of(cpus[i]));
	else if (fault == CLEAR_TO_ZERO || fault == TURN_OFF)
		for (i = 0; i < count; i++)
			set_entry(index + i, 0);
	if (fault == TURN_OFF)
		put16(CTRL_OFF, 0);
	return -ENOENT;
}

static int
play_get(uint16_t index, uint16_t count, uint32_t *data)
{
	uint16_t i;

	k.gets++;
	if (k.get_fails)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		if (k.by_index) {
			data[i] = k.store[index + i];
		} else {
			if (data[i] == k.bad_cpu || data[i] == NO_CPU)
				return -ENOENT;
			data[i] = tag_of(data[i]);
		}
	}
	return 0;
}

int
steer_vfio_feature(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len)
{
	uint8_t *b = data;
	uint16_t index, count;

	if (k.gone)
		return -ENODEV;
	if ((flags & 0xffff) != FEATURE || k.absent)
		return -ENOTTY;
	if (flags & STEER_VFIO_FEATURE_PROBE) {
		if (k.no_probe || (k.probe_when_on && ctrl() == 0))
			return -EINVAL;
		if (flags & STEER_VFIO_FEATURE_SET)
			return k.no_set ? -EINVAL : 0;
		return k.no_get ? -EINVAL : 0;
	}
	assert_true(len >= 8);
	index = (uint16_t)(b[4] | b[5] << 8);
	count = (uint16_t)(b[6] | b[7] << 8);
	assert_int_equal(len, 8 + 4 * count);
	if (flags & STEER_VFIO_FEATURE_SET) {
		memcpy(k.last_set, b, len < sizeof(k.last_set) ? len : sizeof(k.last_set));
		k.last_len = len;
		return play_set(index, count, (uint32_t *)(b + 8));
	}
	return play_get(index, count, (uint32_t *)(b + 8));
}

/* ---- set-up ---- */

/* cap: raw TPH capability register */
static void
device(uint32_t cap)
{
	memset(&k, 0, sizeof(k));
	k.bad_cpu = 0xdead;
	k.told_feature = FEATURE;
	k.cfg[6] = 0x10; /* status: capability list */
	k.cfg[0x34] = MSIX_POS;
	k.cfg[MSIX_POS] = 0x11;
	put16(MSIX_POS + 2, VECTORS - 1);
	k.cfg[MSIX_POS + 4] = 0x02; /* table: BAR 2 */
	k.cfg[MSIX_POS + 5] = 0x08; /* at 0x800 */
	put16(CAP_POS, 0x0017);
	k.cfg[CAP_POS + 2] = 0x01;
	put16(CAP_POS + 4, cap & 0xffff);
	put16(CAP_POS + 6, cap >> 16);
}

#define IV_CAP    (0x00000203u | (ENTRIES - 1) << 16)
#define IV_CAP_16 (IV_CAP | 0x100u)
#define IV_MSIX   (0x00000403u | (ENTRIES - 1) << 16)
#define DS_ONLY   0x00000005u

static struct steer_tph *
open_named(int feature)
{
	struct steer_tph *tph = NULL;

	assert_int_equal(steer_tph_open(NULL, feature, &tph), 0);
	return tph;
}

static struct steer_tph *
open_on(enum steer_pci_tph_mode mode)
{
	struct steer_tph *tph = open_named(-1);

	assert_int_equal(steer_tph_usable(tph), 0);
	assert_int_equal(steer_tph_enable(tph, mode), 0);
	return tph;
}

/* ---- tests ---- */

static void
open_says_why_not(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	put16(CAP_POS, 0x0001); /* another capability */
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_string_equal(steer_tph_info(tph)->why, "no TPH capability");
	assert_int_equal(steer_tph_info(tph)->cap.pos, 0);
	assert_int_equal(k.ctrl_writes, 0);
	steer_tph_close(tph);

	device(IV_CAP);
	k.told_feature = -ENOENT;
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_non_null(strstr(steer_tph_info(tph)->why, "tph-feature="));
	assert_int_equal(steer_tph_info(tph)->feature, -1);
	steer_tph_close(tph);

	device(IV_CAP);
	tph = open_named(7); /* ENOTTY there */
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_non_null(strstr(steer_tph_info(tph)->why, "feature 7"));
	assert_int_equal(ctrl(), 0);
	steer_tph_close(tph);

	device(0x00000001u); /* No-ST mode only */
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	steer_tph_close(tph);
}

static void
open_finds_the_feature_without_side_effect(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), 0);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_FEATURE);
	assert_int_equal(steer_tph_info(tph)->feature, FEATURE);
	assert_int_equal(k.ctrl_writes + k.sets + k.gets, 0);
	steer_tph_close(tph);
	assert_int_equal(k.ctrl_writes, 0);
}

static void
probe_is_asked_again_with_tph_on(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	k.probe_when_on = 1;
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), 0);
	assert_int_equal(ctrl(), 0); /* left as found */
	assert_int_equal(steer_tph_info(tph)->mode, STEER_PCI_TPH_MODE_NS);
	steer_tph_close(tph);

	device(IV_CAP);
	k.probe_when_on = 1;
	k.drop_ctrl = 1; /* a stock kernel */
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_non_null(strstr(steer_tph_info(tph)->why, "do not stick"));
	steer_tph_close(tph);
}

static void
one_operation_alone_needs_the_users_word(void **state)
{
	struct steer_tph *tph;

	device(DS_ONLY);
	k.no_set = 1;
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	steer_tph_close(tph);

	device(DS_ONLY);
	k.no_set = 1;
	tph = open_named(FEATURE);
	assert_int_equal(steer_tph_usable(tph), 0);
	steer_tph_close(tph);
}

static void
enable_writes_mode_and_requester_and_reads_back(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(steer_tph_info(tph)->req, STEER_PCI_TPH_REQ_STD);
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_DS), -ENOTSUP);
	assert_int_equal(steer_tph_disable(tph), 0);
	assert_int_equal(ctrl(), 0);
	steer_tph_close(tph);

	device(IV_CAP_16);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(ctrl(), 0x0301);
	assert_int_equal(steer_tph_info(tph)->req, STEER_PCI_TPH_REQ_EXT);
	steer_tph_close(tph);
	assert_int_equal(ctrl(), 0);

	device(IV_CAP_16);
	k.drop_ext = 1;
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(ctrl(), 0x0101);
	steer_tph_close(tph);
}

static void
dropped_control_write_is_an_error(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_named(-1);
	k.drop_ctrl = 1;
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), -EIO);
	assert_int_equal(steer_tph_info(tph)->mode, STEER_PCI_TPH_MODE_NS);
	steer_tph_close(tph);

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.drop_ctrl = 1;
	assert_int_equal(steer_tph_disable(tph), -EIO);
	assert_int_equal(steer_tph_info(tph)->mode, STEER_PCI_TPH_MODE_IV);
	steer_tph_close(tph);
}

static void
set_sends_the_published_bytes(void **state)
{
	static const uint8_t golden[] = {
		0, 0, 0, 0,             /* volatile memory */
		1, 0, 2, 0,             /* index, count */
		3, 0, 0, 0, 5, 0, 0, 0, /* CPUs */
	};
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph;
	uint16_t tags[4];

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
	assert_int_equal(k.last_len, sizeof(golden));
	assert_memory_equal(k.last_set, golden, sizeof(golden));
	assert_int_equal(steer_tph_get(tph, 0, 4, tags), 0);
	assert_int_equal(tags[0], 0);
	assert_int_equal(tags[1], 0x20 + 21);
	assert_int_equal(tags[2], 0x20 + 35);
	assert_int_equal(tags[3], 0);
	assert_int_equal(k.gets, 0); /* the table itself was read */
	steer_tph_close(tph);
	assert_int_equal(get16(ST_OFF + 2), 0); /* cleared at close */
}

static void
set_checks_its_range(void **state)
{
	const uint32_t cpus[ENTRIES + 1] = {0};
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.sets = 0;
	assert_int_equal(steer_tph_set(tph, 0, 0, cpus), -EINVAL);
	assert_int_equal(steer_tph_set(tph, 0, STEER_TPH_BATCH_MAX + 1, cpus), -EINVAL);
	assert_int_equal(steer_tph_set(tph, 0, ENTRIES + 1, cpus), -ENXIO);
	assert_int_equal(steer_tph_set(tph, ENTRIES, 1, cpus), -ENXIO);
	assert_int_equal(steer_tph_set(tph, 0xffff, 1, cpus), -ENXIO);
	assert_int_equal(k.sets, 0);
	steer_tph_close(tph);
}

/* Entries 1 and 2 hold CPUs 3 and 5; a batch for 4 and a CPU without a tag must change nothing. */
static void
refused(enum fault fault, uint32_t cap)
{
	const uint32_t good[] = {3, 5}, bad[] = {4, 9};
	struct steer_tph *tph;
	uint16_t tags[2];

	device(cap);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 2, good), 0);
	k.fault = fault;
	k.bad_cpu = 9;
	assert_int_equal(steer_tph_set(tph, 1, 2, bad), -ENOENT);
	assert_int_equal(entry(1), tag_of(3));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(steer_tph_get(tph, 1, 2, tags), 0);
	assert_int_equal(tags[0], tag_of(3));
	steer_tph_close(tph);
}

static void
refused_batch_leaves_the_old_entries(void **state)
{
	static const enum fault faults[] = {NONE, CLEAR_TO_ZERO, PARTIAL, TURN_OFF};
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		refused(faults[i], IV_CAP);
		refused(faults[i], IV_MSIX);
	}
}

static void
lost_set_is_noticed(void **state)
{
	const uint32_t first = 3, second = 5;
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.fault = LIE_ONCE;
	assert_int_equal(steer_tph_set(tph, 1, 1, &first), -EIO);
	assert_int_equal(steer_tph_set(tph, 1, 1, &first), 0);
	/* The old tag is still there: cleared and set again, so it ends right. */
	k.fault = LIE_ONCE;
	assert_int_equal(steer_tph_set(tph, 1, 1, &second), 0);
	assert_int_equal(entry(1), tag_of(5));
	steer_tph_close(tph);
}

static void
hidden_msix_table_is_read_by_get(void **state)
{
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph;
	uint16_t tags[4];
	int by_index;

	for (by_index = 0; by_index < 2; by_index++) {
		device(IV_MSIX);
		k.hide_msix = 1;
		k.by_index = by_index;
		tph = open_on(STEER_PCI_TPH_MODE_IV);
		assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
		assert_int_equal(steer_tph_get(tph, 0, 4, tags), 0);
		assert_true(k.gets > 0);
		assert_int_equal(tags[0], 0);
		assert_int_equal(tags[1], tag_of(3));
		assert_int_equal(tags[2], tag_of(5));
		assert_int_equal(tags[3], 0);
		k.get_fails = 1;
		assert_int_equal(steer_tph_get(tph, 0, 4, tags), -ENOTSUP);
		steer_tph_close(tph);
	}
}

static void
visible_msix_table_is_read_itself(void **state)
{
	const uint32_t cpus[] = {3};
	struct steer_tph *tph;
	uint16_t tag;

	device(IV_MSIX);
	k.vector_ctrl[1] = 1; /* masked: the kernel's bit */
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 1, cpus), 0);
	assert_int_equal(k.vector_ctrl[1], (uint32_t)tag_of(3) << 16 | 1);
	assert_int_equal(steer_tph_get(tph, 1, 1, &tag), 0);
	assert_int_equal(tag, tag_of(3));
	assert_int_equal(k.gets, 0);
	steer_tph_close(tph);
}

static void
cpu_tag_by_cpu(void **state)
{
	struct steer_tph *tph;
	uint16_t tag;
	int sets;

	device(DS_ONLY);
	tph = open_on(STEER_PCI_TPH_MODE_DS);
	assert_int_equal(ctrl(), 0x0102);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	sets = k.sets; /* learnt: SET has no place there */
	assert_int_equal(steer_tph_cpu_tag(tph, 6, &tag), 0);
	assert_int_equal(tag, tag_of(6));
	assert_int_equal(k.sets, sets);
	k.bad_cpu = 9;
	assert_int_equal(steer_tph_cpu_tag(tph, 9, &tag), -ENOENT);
	steer_tph_close(tph);
}

static void
cpu_tag_by_index(void **state)
{
	struct steer_tph *tph;
	uint16_t tag = 0;

	device(DS_ONLY);
	k.by_index = 1;
	k.bad_cpu = 9;
	tph = open_on(STEER_PCI_TPH_MODE_DS);
	/* Refused before anything was stored: an empty store is no tag. */
	assert_int_equal(steer_tph_cpu_tag(tph, 9, &tag), -ENOENT);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	/* Refused with a tag of another CPU in the store: that one must not come back. */
	assert_int_equal(steer_tph_cpu_tag(tph, 9, &tag), -ENOENT);
	assert_int_equal(steer_tph_cpu_tag(tph, 6, &tag), 0);
	assert_int_equal(tag, tag_of(6));
	steer_tph_close(tph);
}

static void
cpu_tag_with_get_alone(void **state)
{
	struct steer_tph *tph;
	uint16_t tag;

	device(DS_ONLY);
	k.no_set = 1;
	tph = open_named(FEATURE);
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_DS), 0);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	assert_int_equal(k.sets, 0);
	steer_tph_close(tph);
}

static void
cpu_tag_gives_entry_0_back(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;
	uint16_t tag;

	device(IV_CAP | 0x4);
	tph = open_on(STEER_PCI_TPH_MODE_DS);
	assert_int_equal(steer_tph_set(tph, 0, 1, &cpu), 0);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	assert_int_equal(entry(0), tag_of(3));
	steer_tph_close(tph);
}

static void
restore_after_reset(void **state)
{
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
	put16(CTRL_OFF, 0);
	memset(k.cfg + ST_OFF, 0, 2 * ENTRIES);
	assert_int_equal(steer_tph_restore(tph), 0);
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(entry(1), tag_of(3));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(entry(3), 0);
	steer_tph_close(tph);
}

static void
gone_device_is_left_alone(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;
	uint16_t tag;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.gone = 1;
	assert_int_equal(steer_tph_set(tph, 1, 1, &cpu), -ENODEV);
	assert_int_equal(steer_tph_get(tph, 1, 1, &tag), -ENODEV);
	assert_int_equal(steer_tph_restore(tph), -ENODEV);
	steer_tph_close(tph);
	assert_int_equal(steer_tph_open(NULL, -1, &tph), -ENODEV);
	steer_tph_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_says_why_not),
		cmocka_unit_test(open_finds_the_feature_without_side_effect),
		cmocka_unit_test(probe_is_asked_again_with_tph_on),
		cmocka_unit_test(one_operation_alone_needs_the_users_word),
		cmocka_unit_test(enable_writes_mode_and_requester_and_reads_back),
		cmocka_unit_test(dropped_control_write_is_an_error),
		cmocka_unit_test(set_sends_the_published_bytes),
		cmocka_unit_test(set_checks_its_range),
		cmocka_unit_test(refused_batch_leaves_the_old_entries),
		cmocka_unit_test(lost_set_is_noticed),
		cmocka_unit_test(hidden_msix_table_is_read_by_get),
		cmocka_unit_test(visible_msix_table_is_read_itself),
		cmocka_unit_test(cpu_tag_by_cpu),
		cmocka_unit_test(cpu_tag_by_index),
		cmocka_unit_test(cpu_tag_with_get_alone),
		cmocka_unit_test(cpu_tag_gives_entry_0_back),
		cmocka_unit_test(restore_after_reset),
		cmocka_unit_test(gone_device_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
