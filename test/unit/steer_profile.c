/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Device profiles over a model of the registers. The model is written from the datasheets' register
 * tables and by literal offsets; it takes each access, so that what was in between is seen, too.
 *
 * X550 (333369): 8.2.2.12.1 and 8.2.2.12.3, initial values and reserved bits there.
 * I350: RXCTL and TXCTL as in the I210's datasheet, 8.13.1 and 8.13.2, which says the same of its
 * four queues; eight here.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_io.h>

/* The code under test reaches registers by these two; below they are the model's. */
#define rte_read32(addr)         model_read(addr)
#define rte_write32(value, addr) model_write(value, addr)
static uint32_t model_read(const volatile void *addr);
static void model_write(uint32_t value, volatile void *addr);
#include "profile.c" /* NOLINT(bugprone-suspicious-include) */

#define BAR_LEN 0x10000u

enum fault { FINE, DEAF, GONE };

static struct {
	uint8_t bar[BAR_LEN]; /* only its addresses are used */
	uint32_t regs[BAR_LEN / 4];
	uint32_t writable[BAR_LEN / 4]; /* 0: not a register that anybody may touch */
	uint32_t log[8];                /* values as written */
	unsigned int writes, reads, last;
	enum fault fault;
} m;

static uint32_t
offset_of(const volatile void *addr)
{
	uintptr_t off = (uintptr_t)addr - (uintptr_t)m.bar;

	assert_true(off < BAR_LEN && off % 4 == 0);
	if (m.writable[off / 4] == 0)
		fail_msg("0x%x is none of the tag registers", (unsigned int)off);
	return (uint32_t)off;
}

static uint32_t
model_read(const volatile void *addr)
{
	uint32_t off = offset_of(addr);

	m.reads++;
	return m.fault == GONE ? UINT32_MAX : m.regs[off / 4];
}

static void
model_write(uint32_t value, volatile void *addr)
{
	uint32_t off = offset_of(addr);

	m.log[m.writes++ % 8] = value;
	m.last = off;
	if (m.fault == FINE)
		m.regs[off / 4] = value & m.writable[off / 4];
}

static void
range(uint32_t first, uint32_t step, unsigned int n, uint32_t initial, uint32_t writable)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		m.regs[(first + i * step) / 4] = initial;
		m.writable[(first + i * step) / 4] = writable;
	}
}

/* Bits 31:24, 15, 13, 11, 9, 3:0 of Rx; 31:24, 13, 11, 9, 3, 1:0 of Tx; the rest is reserved. */
static const struct steer_profile *
x550(void)
{
	memset(&m, 0, sizeof(m));
	range(0x100c, 0x40, 64, 0xa200, 0xff00aa0f);
	range(0xd00c, 0x40, 64, 0xa200, 0xff00aa0f);
	range(0x600c, 0x40, 128, 0x2200, 0xff002a0b);
	return steer_profile_find(0x8086, 0x1563);
}

/* DCA enables in 7:5 (5 of Tx), no-snoop in 8, 10, 12, 14, relaxed ordering in 9, 11, 13, 15. */
static const struct steer_profile *
i350(void)
{
	memset(&m, 0, sizeof(m));
	range(0xc014, 0x40, 8, 0xa200, 0xff00ffef);
	range(0xe014, 0x40, 8, 0x2a00, 0xff003f2b);
	return steer_profile_find(0x8086, 0x1521);
}

static struct steer_profile_io
io(void)
{
	return (struct steer_profile_io){.bar = m.bar, .len = BAR_LEN};
}

/* Of 16,384 registers this one is different, and has that value. */
static void
only(uint32_t off, uint32_t value)
{
	assert_int_equal(m.last, off);
	assert_int_equal(m.regs[off / 4], value);
}

static const struct {
	const char *name;
	uint16_t device;
	enum steer_dir dir;
	uint16_t queue;
	uint32_t reg, initial;
} places[] = {
	{"X550", 0x1563, STEER_RX, 0, 0x100c, 0xa200},
	{"X550", 0x1563, STEER_RX, 1, 0x104c, 0xa200},
	{"X550", 0x1563, STEER_RX, 63, 0x1fcc, 0xa200},
	{"X550", 0x15d1, STEER_RX, 64, 0xd00c, 0xa200},
	{"X550", 0x15d1, STEER_RX, 127, 0xdfcc, 0xa200},
	{"X550", 0x1563, STEER_TX, 0, 0x600c, 0x2200},
	{"X550", 0x1563, STEER_TX, 64, 0x700c, 0x2200},
	{"X550", 0x1563, STEER_TX, 127, 0x7fcc, 0x2200},
	{"I350", 0x1521, STEER_RX, 0, 0xc014, 0xa200},
	{"I350", 0x1522, STEER_RX, 3, 0xc0d4, 0xa200},
	{"I350", 0x1523, STEER_RX, 4, 0xc114, 0xa200},
	{"I350", 0x1524, STEER_RX, 7, 0xc1d4, 0xa200},
	{"I350", 0x1546, STEER_TX, 0, 0xe014, 0x2a00},
	{"I350", 0x1521, STEER_TX, 7, 0xe1d4, 0x2a00},
};

/* Bits 1, 2, 3 of Rx: descriptor write-back, header, payload. Bit 1 of Tx: descriptor write-back.
 * Bit 0 is for descriptor fetch, bit 3 of Tx for packet data: reads, whose hint is always 0. */
static void
tag_and_objects_in_the_queues_register(void **state)
{
	const struct steer_profile *p;
	struct steer_profile_io at = io();
	uint16_t tag;
	size_t i;

	for (i = 0; i < RTE_DIM(places); i++) {
		if (strcmp(places[i].name, "X550") == 0)
			x550();
		else
			i350();
		p = steer_profile_find(0x8086, places[i].device);
		assert_non_null(p);
		assert_int_equal(steer_profile_set(p, &at, places[i].dir, places[i].queue, 5, 0),
				 0);
		only(places[i].reg,
		     places[i].initial | 5u << 24 | (places[i].dir == STEER_RX ? 0xe : 0x2));
		assert_int_equal(steer_profile_get(p, &at, places[i].dir, places[i].queue, &tag),
				 0);
		assert_int_equal(tag, 5);
		assert_int_equal(steer_profile_set(p, &at, places[i].dir, places[i].queue, 0, 0),
				 0);
		only(places[i].reg, places[i].initial);
		assert_int_equal(steer_profile_get(p, &at, places[i].dir, places[i].queue, &tag),
				 0);
		assert_int_equal(tag, 0);
	}
}

static void
the_old_tag_goes_before_the_new_one(void **state)
{
	const struct steer_profile *p = x550();
	struct steer_profile_io at = io();

	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 2, 5, 0), 0);
	m.writes = 0;
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 2, 2, 0), 0);
	assert_int_equal(m.writes, 2);
	assert_int_equal(m.log[0], 0xa200);     /* neither the tag nor an enable */
	assert_int_equal(m.log[1], 0x0200a20e); /* 2, not 5|2 */
}

static void
objects_one_by_one(void **state)
{
	static const struct {
		enum steer_dir dir;
		uint32_t objects, bits;
	} some[] = {
		{STEER_RX, STEER_OBJ_RX_DESC, 0x2},
		{STEER_RX, STEER_OBJ_RX_HEADER, 0x4},
		{STEER_RX, STEER_OBJ_RX_PAYLOAD, 0x8},
		{STEER_RX, STEER_OBJ_RX_DESC | STEER_OBJ_RX_PAYLOAD, 0xa},
		{STEER_TX, STEER_OBJ_TX_DESC, 0x2},
	};
	const struct steer_profile *p = i350();
	struct steer_profile_io at = io();
	size_t i;

	for (i = 0; i < RTE_DIM(some); i++) {
		uint32_t reg = some[i].dir == STEER_RX ? 0xc054 : 0xe054;
		uint32_t initial = some[i].dir == STEER_RX ? 0xa200 : 0x2a00;

		assert_int_equal(steer_profile_set(p, &at, some[i].dir, 1, 7, some[i].objects), 0);
		only(reg, initial | 7u << 24 | some[i].bits);
	}
	assert_int_equal(steer_profile_objects(p), STEER_OBJ_RX_DESC | STEER_OBJ_RX_HEADER |
							   STEER_OBJ_RX_PAYLOAD |
							   STEER_OBJ_TX_DESC);
}

static void
objects_that_are_read_have_no_tag(void **state)
{
	const struct steer_profile *p = x550();
	struct steer_profile_io at = io();

	assert_int_equal(steer_profile_set(p, &at, STEER_TX, 0, 3, STEER_OBJ_TX_PAYLOAD), -EINVAL);
	assert_int_equal(steer_profile_set(p, &at, STEER_TX, 0, 3, STEER_OBJ_TX_HEADER), -EINVAL);
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 0, 3, STEER_OBJ_TX_DESC), -EINVAL);
	assert_int_equal(m.writes, 0);
}

/* The I350 may be left in DCA, or with no-snoop: neither goes with TPH on the same traffic. */
static void
the_older_scheme_is_turned_off(void **state)
{
	const struct steer_profile *p = i350();
	struct steer_profile_io at = io();

	m.regs[0xc014 / 4] = 0xff00ffef; /* everything set, relaxed ordering too */
	m.regs[0xe014 / 4] = 0xff003f2b;
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 0, 1, 0), 0);
	only(0xc014, 0x0100aa0e);
	assert_int_equal(steer_profile_set(p, &at, STEER_TX, 0, 1, 0), 0);
	only(0xe014, 0x01002a02);
}

/* Bits 31:27 "should always be set to zero": 3 bits are a tag, unless somebody insists. */
static void
tags_that_do_not_fit(void **state)
{
	static const uint16_t too_wide[] = {8, 0x25, 0xff, 0x100, 0x1234};
	const struct steer_profile *p = x550();
	struct steer_profile_io at = io();
	size_t i;

	for (i = 0; i < RTE_DIM(too_wide); i++) {
		assert_int_equal(steer_profile_set(p, &at, STEER_RX, 9, 7, 0), 0);
		assert_int_equal(steer_profile_set(p, &at, STEER_RX, 9, too_wide[i], 0), -ERANGE);
		only(0x124c, 0xa200); /* and the old one is gone */
	}
	at.wide = 1;
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 9, 0xff, 0), 0);
	only(0x124c, 0xff00a20e);
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 9, 0x100, 0), -ERANGE);
	only(0x124c, 0xa200);
}

static void
writes_that_do_not_stick(void **state)
{
	const struct steer_profile *p = x550();
	struct steer_profile_io at = io();
	uint16_t tag;

	m.fault = DEAF;
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 0, 3, 0), -EIO);
	m.fault = GONE;
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 0, 3, 0), -EIO);
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 0, 0, 0), -EIO);
	assert_int_equal(steer_profile_get(p, &at, STEER_RX, 0, &tag), 0);
	assert_int_equal(tag, 0xff);
}

static void
queues_that_are_not_there(void **state)
{
	const struct steer_profile *p = x550();
	struct steer_profile_io at = io();
	uint16_t tag;

	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 128, 1, 0), -ENXIO);
	assert_int_equal(steer_profile_get(p, &at, STEER_TX, 128, &tag), -ENXIO);
	at.len = 0xd00c + 3; /* cut inside the register of Rx queue 64 */
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 64, 1, 0), -ENXIO);
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 63, 1, 0), 0);
	at.len = 0xd00c + 4;
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 64, 1, 0), 0);
	at.len = 3;
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 0, 1, 0), -ENXIO);
	p = i350();
	at = io();
	assert_int_equal(steer_profile_set(p, &at, STEER_RX, 8, 1, 0), -ENXIO);
	assert_int_equal(m.writes, 0);
}

/* What is told apart by name, and what nobody has looked at. */
static void
silicon_without_tags_and_unknown_silicon(void **state)
{
	static const uint16_t dca_only[] = {
		0x10c9, 0x10e6, 0x10e7, 0x10e8, 0x1526, 0x150a, 0x1518, 0x150d, /* 82576 */ 0x1528,
		0x1560 /* X540 */};
	static const uint16_t unknown[] = {
		0x1520, /* virtual function of the I350 */
		0x1533, /* I210 */
		0x1f41, /* I354 */
		0x10fb, /* 82599 */
		0x1565, /* virtual function of the X550 */
		0x15ad, /* X552 */
		0x15c8, /* X553 */
		0x1592, /* E810 */
		0,
	};
	const struct steer_profile *p;
	struct steer_profile_io at = io();
	uint16_t tag;
	size_t i;

	x550();
	for (i = 0; i < RTE_DIM(dca_only); i++) {
		p = steer_profile_find(0x8086, dca_only[i]);
		assert_non_null(p);
		assert_non_null(strstr(p->no_tph, "DCA"));
		assert_int_equal(steer_profile_set(p, &at, STEER_RX, 0, 1, 0), -ENOTSUP);
		assert_int_equal(steer_profile_get(p, &at, STEER_RX, 0, &tag), -ENOTSUP);
		assert_int_equal(steer_profile_objects(p), 0);
	}
	for (i = 0; i < RTE_DIM(unknown); i++)
		assert_null(steer_profile_find(0x8086, unknown[i]));
	assert_null(steer_profile_find(0x1af4, 0x1521));
	assert_int_equal(m.writes + m.reads, 0);
}

/* Each names its source; where it has tags, every register is inside what is mapped. */
static void
the_table_is_whole(void **state)
{
	const struct steer_profile *p;
	unsigned int n;

	for (n = 0; (p = steer_profile_nth(n)) != NULL; n++) {
		assert_non_null(strstr(p->source, "Datasheet"));
		assert_int_not_equal(p->devices[0], 0);
		if (p->no_tph != NULL)
			continue;
		assert_true(p->tag_max <= p->tag_field);
		assert_true(p->reg(STEER_RX, p->nb_queues[STEER_RX] - 1) + 4 <= p->span);
		assert_true(p->reg(STEER_TX, p->nb_queues[STEER_TX] - 1) + 4 <= p->span);
	}
	assert_int_equal(n, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tag_and_objects_in_the_queues_register),
		cmocka_unit_test(the_old_tag_goes_before_the_new_one),
		cmocka_unit_test(objects_one_by_one),
		cmocka_unit_test(objects_that_are_read_have_no_tag),
		cmocka_unit_test(the_older_scheme_is_turned_off),
		cmocka_unit_test(tags_that_do_not_fit),
		cmocka_unit_test(writes_that_do_not_stick),
		cmocka_unit_test(queues_that_are_not_there),
		cmocka_unit_test(silicon_without_tags_and_unknown_silicon),
		cmocka_unit_test(the_table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
