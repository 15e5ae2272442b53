/* SPDX-License-Identifier: BSD-3-Clause */

/* Images are written by hand from the PCI base specification, byte by byte, little-endian. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "steer_pci.h"

static uint8_t img[STEER_PCI_CFG_SIZE];

#define PUT(off, ...)                                                                              \
	do {                                                                                       \
		static const uint8_t bytes_[] = {__VA_ARGS__};                                     \
		memcpy(&img[off], bytes_, sizeof(bytes_));                                         \
	} while (0)

/* Status with the capability-list bit, list head at 0x40. */
static int
fresh(void **state)
{
	memset(img, 0, sizeof(img));
	PUT(0x00, 0xf4, 0x1a, 0x41, 0x10);
	PUT(0x06, 0x10, 0x00);
	PUT(0x34, 0x40);
	return 0;
}

/* ---- standard list ---- */

static void
std_finds_each_in_order(void **state)
{
	PUT(0x40, 0x10, 0x80);
	PUT(0x80, 0x09, 0x90);
	PUT(0x90, 0x09, 0xfc);
	PUT(0xfc, 0x11, 0x00);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x10, 0), 0x40);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x09, 0), 0x80);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x09, 0x80), 0x90);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x09, 0x90), -ENOENT);
	assert_int_equal(steer_pci_find_cap(img, 256, 0x11, 0), 0xfc);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x05, 0), -ENOENT);
	/* Not the place of any capability: nothing comes after it. */
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x11, 0x44), -ENOENT);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x11, -5), -ENOENT);
}

static void
std_ignores_reserved_pointer_bits(void **state)
{
	PUT(0x34, 0x43);
	PUT(0x40, 0x10, 0x81);
	PUT(0x80, 0x11, 0x02);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x10, 0), 0x40);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x11, 0), 0x80);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x05, 0), -ENOENT);
}

static void
std_without_list(void **state)
{
	PUT(0x40, 0x10, 0x00);
	PUT(0x06, 0x00, 0x00);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x10, 0), -ENOENT);
	PUT(0x06, 0x10, 0x00);
	PUT(0x34, 0x00);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x10, 0), -ENOENT);
}

static void
std_loop_is_an_error(void **state)
{
	PUT(0x40, 0x10, 0x80);
	PUT(0x80, 0x09, 0x40);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x09, 0), 0x80);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x09, 0x80), -EILSEQ);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x11, 0), -EILSEQ);
	PUT(0x40, 0x10, 0x40);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x11, 0), -EILSEQ);
}

static void
std_pointer_into_header_or_ones(void **state)
{
	PUT(0x34, 0x3c);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x10, 0), -EILSEQ);
	PUT(0x34, 0x40);
	PUT(0x40, 0x10, 0x04);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x11, 0), -EILSEQ);
	PUT(0x40, 0xff, 0xff);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0xff, 0), -EILSEQ);
}

static void
std_fills_all_48_places(void **state)
{
	unsigned int pos;

	for (pos = 0x40; pos < 0x100; pos += 4) {
		img[pos] = 0x09;
		img[pos + 1] = pos == 0xfc ? 0 : pos + 4;
	}
	img[0xfc] = 0x11;
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x11, 0), 0xfc);
	assert_int_equal(steer_pci_find_cap(img, 4096, 0x05, 0), -ENOENT);
}

static void
std_short_images(void **state)
{
	PUT(0x40, 0x10, 0x80);
	PUT(0x80, 0x11, 0x00);
	assert_int_equal(steer_pci_find_cap(img, 0, 0x10, 0), -EILSEQ);
	assert_int_equal(steer_pci_find_cap(img, 63, 0x10, 0), -EILSEQ);
	assert_int_equal(steer_pci_find_cap(img, 64, 0x10, 0), -EILSEQ);
	assert_int_equal(steer_pci_find_cap(img, 0x41, 0x10, 0), -EILSEQ);
	assert_int_equal(steer_pci_find_cap(img, 0x42, 0x10, 0), 0x40);
	assert_int_equal(steer_pci_find_cap(img, 0x81, 0x11, 0), -EILSEQ);
	assert_int_equal(steer_pci_find_cap(img, 0x82, 0x11, 0), 0x80);
}

/* ---- extended list: id 15:0, version 19:16, next 31:20 ---- */

static void
ext_finds_each_in_order(void **state)
{
	PUT(0x100, 0x0b, 0x00, 0x01, 0x14); /* VSEC, version 1, next 0x140 */
	PUT(0x140, 0x17, 0x00, 0x01, 0x18); /* TPH, next 0x180 */
	PUT(0x180, 0x0b, 0x00, 0xc1, 0xff); /* VSEC, next 0xffc */
	PUT(0xffc, 0x03, 0x00, 0x01, 0x00); /* serial number, last */
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x0b, 0), 0x100);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x0b, 0x100), 0x180);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x0b, 0x180), -ENOENT);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), 0x140);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x03, 0), 0xffc);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x01, 0), -ENOENT);
}

static void
ext_absent(void **state)
{
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), -ENOENT);
	PUT(0x100, 0xff, 0xff, 0xff, 0xff);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), -ENOENT);
	PUT(0x100, 0x17, 0x00, 0x01, 0x00);
	assert_int_equal(steer_pci_find_ext_cap(img, 256, 0x17, 0), -ENOENT);
	assert_int_equal(steer_pci_find_ext_cap(img, 0, 0x17, 0), -ENOENT);
}

static void
ext_null_capability_is_stepped_over(void **state)
{
	PUT(0x100, 0x00, 0x00, 0x01, 0x20); /* id 0: how hidden capabilities look */
	PUT(0x200, 0x17, 0x00, 0x01, 0x00);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), 0x200);
}

static void
ext_loops_and_bad_pointers(void **state)
{
	PUT(0x100, 0x0b, 0x00, 0x01, 0x14);
	PUT(0x140, 0x0b, 0x00, 0x01, 0x10); /* back to 0x100 */
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), -EILSEQ);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x0b, 0x140), -EILSEQ);
	PUT(0x140, 0x0b, 0x00, 0x01, 0x04); /* into the standard space */
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), -EILSEQ);
	PUT(0x140, 0x0b, 0x00, 0x01, 0x20);
	PUT(0x200, 0xff, 0xff, 0xff, 0xff);
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), -EILSEQ);
	/* The image ends before the next header does. */
	assert_int_equal(steer_pci_find_ext_cap(img, 0x203, 0x17, 0), -EILSEQ);
	assert_int_equal(steer_pci_find_ext_cap(img, 0x102, 0x17, 0), -EILSEQ);
}

static void
ext_more_than_480_steps(void **state)
{
	unsigned int pos, next;

	for (pos = 0x100; pos < 0x1000; pos += 4) {
		next = pos + 4 == 0x1000 ? 0 : pos + 4;
		img[pos] = 0x0b;
		img[pos + 2] = (uint8_t)(1 | (next & 0xf) << 4);
		img[pos + 3] = (uint8_t)(next >> 4);
	}
	img[0xffc] = 0x17;
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), -EILSEQ);
	img[0xffc] = 0x0b;
	/* The 480th place is the last one looked at. */
	img[0x100 + 479 * 4] = 0x17;
	assert_int_equal(steer_pci_find_ext_cap(img, 4096, 0x17, 0), 0x100 + 479 * 4);
}

/* ---- decoders ---- */

static void
msix_golden(void **state)
{
	struct steer_pci_msix m;

	/* control 0xc0ff (enable, mask all, 256 entries), table BAR 2 at 0, PBA BAR 4 at 0x2008 */
	PUT(0x40, 0x11, 0x00, 0xff, 0xc0, 0x02, 0x00, 0x00, 0x00, 0x0c, 0x20, 0x00, 0x00);
	assert_int_equal(steer_pci_msix_decode(img, 4096, &m), 0);
	assert_int_equal(m.pos, 0x40);
	assert_int_equal(m.entries, 256);
	assert_int_equal(m.table_bar, 2);
	assert_int_equal(m.table_off, 0);
	assert_int_equal(m.pba_bar, 4);
	assert_int_equal(m.pba_off, 0x2008);
	PUT(0x42, 0xff, 0x07);
	assert_int_equal(steer_pci_msix_decode(img, 4096, &m), 0);
	assert_int_equal(m.entries, 2048);
	PUT(0x42, 0x00, 0x00);
	assert_int_equal(steer_pci_msix_decode(img, 4096, &m), 0);
	assert_int_equal(m.entries, 1);
}

static void
msix_broken(void **state)
{
	struct steer_pci_msix m;

	assert_int_equal(steer_pci_msix_decode(img, 4096, &m), -ENOENT);
	PUT(0x40, 0x11, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x02, 0x20, 0x00, 0x00);
	assert_int_equal(steer_pci_msix_decode(img, 4096, &m), -EILSEQ); /* BAR 6 */
	PUT(0x44, 0x02);
	PUT(0x48, 0x07);
	assert_int_equal(steer_pci_msix_decode(img, 4096, &m), -EILSEQ); /* PBA in BAR 7 */
	PUT(0x48, 0x02);
	assert_int_equal(steer_pci_msix_decode(img, 0x4b, &m), -EILSEQ); /* cut by one byte */
	assert_int_equal(steer_pci_msix_decode(img, 0x4c, &m), 0);
	PUT(0x34, 0xf8);
	PUT(0xf8, 0x11, 0x00);
	assert_int_equal(steer_pci_msix_decode(img, 4096, &m), -EILSEQ); /* beyond 256 bytes */
}

static void
exp_golden(void **state)
{
	struct steer_pci_exp e;

	/* version 2, integrated endpoint (9), FLR + role-based errors; DEVCAP2 completer = 3 */
	PUT(0x40, 0x10, 0x00, 0x92, 0x00, 0x00, 0x80, 0x00, 0x10);
	PUT(0x64, 0x10, 0x30, 0x00, 0x00);
	assert_int_equal(steer_pci_exp_decode(img, 4096, &e), 0);
	assert_int_equal(e.pos, 0x40);
	assert_int_equal(e.version, 2);
	assert_int_equal(e.type, 9);
	assert_int_equal(e.devcap, 0x10008000);
	assert_int_equal(e.devcap2, 0x3010);
	/* Version 1 has no DEVCAP2; those bytes belong to somebody else. */
	PUT(0x42, 0x01);
	assert_int_equal(steer_pci_exp_decode(img, 4096, &e), 0);
	assert_int_equal(e.version, 1);
	assert_int_equal(e.type, 0);
	assert_int_equal(e.devcap2, 0);
}

static void
exp_cut(void **state)
{
	struct steer_pci_exp e;

	assert_int_equal(steer_pci_exp_decode(img, 4096, &e), -ENOENT);
	PUT(0x40, 0x10, 0x00, 0x02, 0x00);
	assert_int_equal(steer_pci_exp_decode(img, 0x67, &e), -EILSEQ);
	assert_int_equal(steer_pci_exp_decode(img, 0x68, &e), 0);
	PUT(0x42, 0x01);
	assert_int_equal(steer_pci_exp_decode(img, 0x4b, &e), -EILSEQ);
	assert_int_equal(steer_pci_exp_decode(img, 0x4c, &e), 0);
}

static void
tph_table_in_capability(void **state)
{
	struct steer_pci_tph t;

	PUT(0x100, 0x17, 0x00, 0x01, 0x00);
	/* NS + IV, table here, 64 entries: 0x003f0203 */
	PUT(0x104, 0x03, 0x02, 0x3f, 0x00);
	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), 0);
	assert_int_equal(t.pos, 0x100);
	assert_int_equal(t.loc, STEER_PCI_TPH_LOC_CAP);
	assert_int_equal(t.entries, 64);
	assert_int_equal(t.modes, 0x3);
	assert_int_equal(t.extended, 0);
	assert_int_equal(t.cap, 0x003f0203);
}

/* The field is 11 bits wide (26:16); neighbours on both sides are set to show it. */
static void
tph_size_field_is_11_bits(void **state)
{
	struct steer_pci_tph t;

	PUT(0x100, 0x17, 0x00, 0x01, 0x00);
	PUT(0x104, 0x07, 0xfd, 0xff, 0xff); /* location 2, everything else set */
	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), 0);
	assert_int_equal(t.loc, STEER_PCI_TPH_LOC_MSIX);
	assert_int_equal(t.entries, 2048);
	assert_int_equal(t.modes, 0x7);
	assert_int_equal(t.extended, 1);
	PUT(0x104, 0x07, 0xfd, 0x00, 0xf8);
	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), 0);
	assert_int_equal(t.entries, 1);
	PUT(0x104, 0x03, 0x04, 0x00, 0x04); /* 0x04000403: bit 26 alone */
	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), 0);
	assert_int_equal(t.entries, 1025);
}

static void
tph_without_table(void **state)
{
	struct steer_pci_tph t;

	PUT(0x100, 0x17, 0x00, 0x01, 0x00);
	PUT(0x104, 0x05, 0x01, 0x3f, 0x00); /* NS + DS, extended, location 0, stray size */
	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), 0);
	assert_int_equal(t.loc, STEER_PCI_TPH_LOC_NONE);
	assert_int_equal(t.entries, 0);
	assert_int_equal(t.modes, 0x5);
	assert_int_equal(t.extended, 1);
	PUT(0x104, 0x05, 0x07, 0x3f, 0x00); /* reserved location 3 */
	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), 0);
	assert_int_equal(t.loc, STEER_PCI_TPH_LOC_NONE);
	assert_int_equal(t.entries, 0);
}

static void
tph_cut(void **state)
{
	struct steer_pci_tph t;

	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), -ENOENT);
	PUT(0x100, 0x17, 0x00, 0x01, 0x00);
	PUT(0x104, 0x03, 0x02, 0x03, 0x00); /* 4 entries here: 12 + 8 bytes */
	assert_int_equal(steer_pci_tph_decode(img, 0x10b, &t), -EILSEQ);
	assert_int_equal(steer_pci_tph_decode(img, 0x113, &t), -EILSEQ);
	assert_int_equal(steer_pci_tph_decode(img, 0x114, &t), 0);
	assert_int_equal(t.entries, 4);
	PUT(0x104, 0x03, 0x04, 0x03, 0x00); /* table in MSI-X: 12 bytes are enough */
	assert_int_equal(steer_pci_tph_decode(img, 0x10c, &t), 0);
	/* A table that would leave the space. */
	PUT(0x100, 0x0b, 0x00, 0x01, 0xff);
	PUT(0xff0, 0x17, 0x00, 0x01, 0x00);
	PUT(0xff4, 0x03, 0x02, 0x02, 0x00); /* 3 entries: ends at 0x1002 */
	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), -EILSEQ);
	PUT(0xff6, 0x01);
	assert_int_equal(steer_pci_tph_decode(img, 4096, &t), 0);
	assert_int_equal(t.entries, 2);
}

static void
put_own_vsec(void)
{
	PUT(0x100, 0x0b, 0x00, 0x01, 0x14);
	PUT(0x104, 0x01, 0x00, 0x81, 0x00); /* somebody else's, 8 bytes */
	PUT(0x140, 0x0b, 0x00, 0x01, 0x00);
	PUT(0x144, 0x54, 0x53, 0x01, 0x02); /* id 0x5354, revision 1, 32 bytes */
	PUT(0x148, 0x04, 0x00, 0x00, 0x00);
	PUT(0x14c, 0x00, 0x01, 0x00, 0x00);
	PUT(0x150, 0x00, 0x10, 0x00, 0x00);
	PUT(0x154, 0x01, 0x01, 0x00, 0x00);
	PUT(0x158, 0x00, 0x20, 0x00, 0x00);
	PUT(0x15c, 0x00, 0x00, 0x10, 0x00);
}

static void
vsec_golden(void **state)
{
	struct steer_pci_vsec v;

	put_own_vsec();
	assert_int_equal(steer_pci_vsec_decode(img, 4096, &v), 0);
	assert_int_equal(v.pos, 0x140);
	assert_int_equal(v.bar, 4);
	assert_int_equal(v.ctrl_off, 0x100);
	assert_int_equal(v.st_off, 0x1000);
	assert_int_equal(v.st_count, 257);
	assert_int_equal(v.trace_off, 0x2000);
	assert_int_equal(v.trace_len, 0x100000);
}

static void
vsec_not_ours_or_broken(void **state)
{
	struct steer_pci_vsec v;

	assert_int_equal(steer_pci_vsec_decode(img, 4096, &v), -ENOENT);
	put_own_vsec();
	PUT(0x146, 0x02); /* revision 2 */
	assert_int_equal(steer_pci_vsec_decode(img, 4096, &v), -ENOENT);
	PUT(0x146, 0xf1, 0x01); /* 31 bytes */
	assert_int_equal(steer_pci_vsec_decode(img, 4096, &v), -EILSEQ);
	PUT(0x146, 0x01, 0x02);
	assert_int_equal(steer_pci_vsec_decode(img, 0x15f, &v), -EILSEQ);
	assert_int_equal(steer_pci_vsec_decode(img, 0x147, &v), -EILSEQ);
	assert_int_equal(steer_pci_vsec_decode(img, 0x160, &v), 0);
	PUT(0x148, 0x06);
	assert_int_equal(steer_pci_vsec_decode(img, 4096, &v), -EILSEQ);
}

#define T(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(std_finds_each_in_order),
		T(std_ignores_reserved_pointer_bits),
		T(std_without_list),
		T(std_loop_is_an_error),
		T(std_pointer_into_header_or_ones),
		T(std_fills_all_48_places),
		T(std_short_images),
		T(ext_finds_each_in_order),
		T(ext_absent),
		T(ext_null_capability_is_stepped_over),
		T(ext_loops_and_bad_pointers),
		T(ext_more_than_480_steps),
		T(msix_golden),
		T(msix_broken),
		T(exp_golden),
		T(exp_cut),
		T(tph_table_in_capability),
		T(tph_size_field_is_11_bits),
		T(tph_without_table),
		T(tph_cut),
		T(vsec_golden),
		T(vsec_not_ours_or_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
