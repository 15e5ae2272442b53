/* SPDX-License-Identifier: BSD-3-Clause */

#include "fake_tph.h"

struct fake_kernel k;

uint16_t
tag_of(uint32_t cpu)
{
	return k.small_tags ? (uint16_t)(1 + cpu % 7) : (uint16_t)(0x20 + cpu * 7);
}

static uint32_t
cap_loc(void)
{
	return k.cfg[CAP_POS + 5] >> 1 & 3; /* bits 10:9 */
}

void
put16(uint32_t off, uint16_t v)
{
	k.cfg[off] = v & 0xff;
	k.cfg[off + 1] = v >> 8;
}

uint16_t
get16(uint32_t off)
{
	return (uint16_t)(k.cfg[off] | k.cfg[off + 1] << 8);
}

uint16_t
entry(uint32_t i)
{
	return cap_loc() == 1 ? get16(ST_OFF + 2 * i) : (uint16_t)(k.vector_ctrl[i] >> 16);
}

void
set_entry(uint32_t i, uint16_t tag)
{
	if (cap_loc() == 1)
		put16(ST_OFF + 2 * i, tag);
	else if (cap_loc() == 2)
		k.vector_ctrl[i] = (k.vector_ctrl[i] & 0xffff) | (uint32_t)tag << 16;
	k.store[i] = tag;
}

uint16_t
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

int
steer_vfio_tph_switch(const struct steer_vfio_dev *dev)
{
	return k.tph_switch;
}

const char *
steer_vfio_pci_addr(const struct steer_vfio_dev *dev)
{
	return k.pci_addr;
}

int
steer_vfio_is_gone(const struct steer_vfio_dev *dev)
{
	return k.gone;
}

/* Of the MSI-X table one vector control word at a time is all that anybody may want. */
int
steer_vfio_region_map(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, size_t len,
		      void **ptr)
{
	if (index == 0) {
		assert_true(offset + len <= k.bar0_len);
		*ptr = (char *)k.bar0 + offset;
		return k.bar0 != NULL ? 0 : -ENOTSUP;
	}
	assert_int_equal(index, 2);
	assert_int_equal(len, 4);
	assert_int_equal((offset - 0x800) % 16, 12);
	if (!k.mappable)
		return -ENOTSUP;
	*ptr = &k.vector_ctrl[(offset - 0x800 - 12) / 16];
	return 0;
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

/* Sometimes, by a generator of our own: the same in every run. */
static bool
fails_now(void)
{
	if (k.fail_one_in == 0 || k.fail_calls == 0)
		return false;
	k.fail_calls--;
	k.seed = k.seed * 1103515245u + 12345u;
	return (k.seed >> 16) % k.fail_one_in == 0;
}

static int
play_set(uint16_t index, uint16_t count, const uint32_t *cpus)
{
	enum fault fault = k.fault;
	bool bad = fails_now();
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
		if (cpus[i] == k.bad_cpu || (bad && i == count / 2))
			break;
	if (i == count) {
		for (i = 0; i < count; i++)
			set_entry(index + i, cpus[i] == NO_CPU ? 0 : tag_of(cpus[i]));
		return 0;
	}
	if (fault == PARTIAL)
		while (i-- > 0)
			set_entry(index + i, cpus[i] == NO_CPU ? 0 : tag_of(cpus[i]));
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
			if (k.by_index_shy && k.store[index + i] == 0)
				return -EINVAL;
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

/* ---- the ioctl: offsets of the layout, as published ---- */

static uint32_t
rd32(const uint8_t *b)
{
	return (uint32_t)(b[0] | b[1] << 8 | b[2] << 16) | (uint32_t)b[3] << 24;
}

/* Operation in bits 5:3 of the flags; the mode code is in 2:0. */
static int
play_b(const uint8_t *b)
{
	uint32_t flags = rd32(b + 4);

	if (rd32(b) < 12 || flags & ~0x3fu)
		return -EINVAL;
	switch (flags >> 3) {
	case 0: put16(CTRL_OFF, 0x0100 | (flags & 7)); return 0; /* ENABLE */
	case 1: put16(CTRL_OFF, 0); return 0;
	default: return -EINVAL;
	}
}

static int
play_c(const uint8_t *b)
{
	if (rd32(b) != 20)
		return -EINVAL;
	switch (rd32(b + 8)) {
	case 0: put16(CTRL_OFF, 0x0100 | (rd32(b + 4) & 7)); return 0; /* ENABLE */
	case 1: put16(CTRL_OFF, 0); return 0;
	default: return -EINVAL;
	}
}

static int
v8_enable(uint8_t mode)
{
	if (mode != 1 && mode != 2)
		return -EINVAL;
	if (!(k.v8_modes & mode))
		return -EOPNOTSUPP;
	if (k.v8_thinks_on)
		return -EBUSY;
	k.v8_thinks_on = 1;
	if (!k.v8_drop_enable)
		put16(CTRL_OFF, 0x0100 | mode);
	return 0;
}

static int
v8_set_st(const uint8_t *b, uint32_t count)
{
	uint32_t cpus[ENTRIES], i;
	uint16_t first = (uint16_t)(b[16 + 6] | b[16 + 7] << 8);

	if (count == 0 || count > ENTRIES)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		const uint8_t *e = b + 16 + 12 * i;

		assert_int_equal(e[4] | e[5] | e[8] | e[9] | e[10] | e[11], 0);
		assert_int_equal(e[6] | e[7] << 8, first + i);
		cpus[i] = rd32(e);
	}
	if (ctrl() == 0)
		return -EINVAL;
	return play_set(first, (uint16_t)count, cpus);
}

static int
v8_get_st(uint8_t *b, uint32_t count)
{
	uint32_t i, cpu;

	k.gets++;
	if ((ctrl() & 7) != 2)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		cpu = rd32(b + 16 + 12 * i);
		if (cpu == k.bad_cpu || cpu == NO_CPU)
			return -EINVAL;
		b[16 + 12 * i + 8] = tag_of(cpu) & 0xff;
		b[16 + 12 * i + 9] = tag_of(cpu) >> 8;
	}
	return 0;
}

static int
play_v8(uint8_t *b)
{
	uint32_t argsz = rd32(b), count;

	switch (rd32(b + 4)) {
	case 0:
		if (argsz < 16)
			return -EINVAL;
		if (k.v8_cap_rc != 0)
			return k.v8_cap_rc;
		b[8] = (uint8_t)k.v8_modes;
		b[10] = k.v8_table & 0xff;
		b[11] = (uint8_t)(k.v8_table >> 8);
		return 0;
	case 1: return argsz < 16 ? -EINVAL : v8_enable(b[8]);
	case 2:
		k.v8_thinks_on = 0;
		put16(CTRL_OFF, 0);
		return 0;
	case 3:
	case 4:
		count = rd32(b + 8);
		if (argsz != 16 + 12 * count || rd32(b + 12) != 0)
			return -EINVAL;
		return rd32(b + 4) == 3 ? v8_get_st(b, count) : v8_set_st(b, count);
	default: return -EINVAL;
	}
}

int
steer_vfio_device_ioctl(struct steer_vfio_dev *dev, unsigned long request, void *arg)
{
	struct ioctl_log *log = &k.log[k.nb_log % 64];

	if (k.gone)
		return -ENODEV;
	assert_int_equal(request, 0x3b7a);
	k.nb_log++;
	memset(log, 0, sizeof(*log));
	memcpy(log->bytes, arg, rd32(arg) < sizeof(log->bytes) ? rd32(arg) : sizeof(log->bytes));
	switch (k.family) {
	case FAMILY_B: log->rc = play_b(arg); break;
	case FAMILY_C: log->rc = play_c(arg); break;
	case FAMILY_V8: log->rc = play_v8(arg); break;
	default: log->rc = -ENOTTY; break;
	}
	return log->rc;
}

/* ---- set-up ---- */

/* cap: raw TPH capability register */
void
device(uint32_t cap)
{
	memset(&k, 0, sizeof(k));
	k.bad_cpu = 0xdead;
	k.told_feature = FEATURE;
	k.tph_switch = -ENOENT;
	k.v8_modes = 3;
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

struct steer_tph *
open_args(const struct steer_tph_open_args *args)
{
	struct steer_tph *tph = NULL;

	assert_int_equal(steer_tph_open(NULL, args, &tph), 0);
	return tph;
}

struct steer_tph *
open_named(int feature)
{
	return open_args(&(struct steer_tph_open_args){.feature = feature});
}

struct steer_tph *
open_dialect(enum steer_tph_dialect dialect)
{
	return open_args(&(struct steer_tph_open_args){.feature = -1, .dialect = dialect});
}

struct steer_tph *
open_on(enum steer_pci_tph_mode mode)
{
	struct steer_tph *tph = open_named(-1);

	assert_string_equal(steer_tph_info(tph)->why, "");
	assert_int_equal(steer_tph_usable(tph), 0);
	assert_int_equal(steer_tph_enable(tph, mode), 0);
	return tph;
}

void
why_has(struct steer_tph *tph, const char *part)
{
	const char *why = steer_tph_info(tph)->why;

	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_null(strchr(why, '\n'));
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, why);
}
