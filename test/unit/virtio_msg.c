/* SPDX-License-Identifier: BSD-3-Clause */

/* Capability images and command bytes written by hand from VIRTIO 1.2, 4.1.4 and 5.1.6.5. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "virtio.h"

static uint8_t img[STEER_PCI_CFG_SIZE];
static struct vnet_caps caps;
static int missing;

#define PUT(off, ...)                                                                              \
	do {                                                                                       \
		static const uint8_t bytes_[] = {__VA_ARGS__};                                     \
		memcpy(&img[off], bytes_, sizeof(bytes_));                                         \
	} while (0)

/* common at 0x40, notify at 0x50, ISR at 0x64, device at 0x74; all in BAR 4. */
static int
image(void **state)
{
	memset(img, 0, sizeof(img));
	PUT(0x00, 0xf4, 0x1a, 0x41, 0x10);
	PUT(0x06, 0x10, 0x00);
	PUT(0x34, 0x40);
	PUT(0x40, 0x09, 0x50, 16, 1, 4, 0, 0, 0, 0x00, 0x10, 0, 0, 0x38, 0, 0, 0);
	PUT(0x50, 0x09, 0x64, 20, 2, 4, 0, 0, 0, 0x00, 0x30, 0, 0, 0x00, 0x10, 0, 0, 4, 0, 0, 0);
	PUT(0x64, 0x09, 0x74, 16, 3, 4, 0, 0, 0, 0x01, 0x20, 0, 0, 1, 0, 0, 0);
	PUT(0x74, 0x09, 0x00, 16, 4, 4, 0, 0, 0, 0x00, 0x20, 0x01, 0, 0x18, 0, 0, 0);
	return 0;
}

static int
decode(void)
{
	return vnet_caps_decode(img, sizeof(img), &caps, &missing);
}

static void
caps_all_four(void **state)
{
	assert_int_equal(decode(), 0);
	assert_int_equal(caps.cap[VNET_CAP_COMMON].bar, 4);
	assert_int_equal(caps.cap[VNET_CAP_COMMON].off, 0x1000);
	assert_int_equal(caps.cap[VNET_CAP_COMMON].len, 56);
	assert_int_equal(caps.cap[VNET_CAP_NOTIFY].off, 0x3000);
	assert_int_equal(caps.cap[VNET_CAP_NOTIFY].len, 0x1000);
	assert_int_equal(caps.cap[VNET_CAP_NOTIFY].notify_mult, 4);
	assert_int_equal(caps.cap[VNET_CAP_ISR].off, 0x2001);
	assert_int_equal(caps.cap[VNET_CAP_DEVICE].off, 0x12000);
	assert_int_equal(caps.cap[VNET_CAP_DEVICE].len, 24);
}

static void
caps_missing_type_is_named(void **state)
{
	img[0x74 + 3] = 8; /* shared memory, not device configuration */
	assert_int_equal(decode(), -ENOENT);
	assert_int_equal(missing, VNET_CAP_DEVICE);
}

static void
caps_first_usable_of_a_type_wins(void **state)
{
	/* A second common structure after the list, then one in an impossible BAR before all. */
	PUT(0x74 + 1, 0x84);
	PUT(0x84, 0x09, 0x00, 16, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0x38, 0, 0, 0);
	assert_int_equal(decode(), 0);
	assert_int_equal(caps.cap[VNET_CAP_COMMON].bar, 4);
	img[0x40 + 4] = 6;
	assert_int_equal(decode(), 0);
	assert_int_equal(caps.cap[VNET_CAP_COMMON].bar, 2);
}

static void
caps_short_structures_are_not_usable(void **state)
{
	img[0x40 + 12] = 55;
	assert_int_equal(decode(), -ENOENT);
	assert_int_equal(missing, VNET_CAP_COMMON);
	image(NULL);
	img[0x50 + 2] = 19;
	assert_int_equal(decode(), -ENOENT);
	assert_int_equal(missing, VNET_CAP_NOTIFY);
	image(NULL);
	img[0x40 + 8] = 2; /* offset not a multiple of 4 */
	assert_int_equal(decode(), -ENOENT);
}

static void
caps_cut_image_is_refused(void **state)
{
	size_t len;

	/* No prefix of the image makes the decoder read past it (run under ASan). */
	for (len = 0; len < 0x84; len++) {
		uint8_t cut[0x84];

		memcpy(cut, img, len);
		assert_true(vnet_caps_decode(cut, len, &caps, &missing) < 0);
	}
	assert_int_equal(vnet_caps_decode(img, 256, &caps, &missing), 0);
}

static void
caps_loop_is_refused(void **state)
{
	img[0x74 + 1] = 0x40;
	assert_int_equal(decode(), -EILSEQ);
}

static void
mac_table_bytes(void **state)
{
	static const uint8_t want[] = {1, 0,    0,    0, 0x02, 1, 2, 3, 4, 5,    2, 0, 0,
				       0, 0x33, 0x33, 0, 0,    0, 1, 1, 0, 0x5e, 0, 0, 9};
	const struct rte_ether_addr uc = {{0x02, 1, 2, 3, 4, 5}};
	const struct rte_ether_addr mc[2] = {{{0x33, 0x33, 0, 0, 0, 1}}, {{1, 0, 0x5e, 0, 0, 9}}};
	uint8_t buf[VNET_MSG_MAX];

	assert_int_equal(vnet_msg_mac_table(buf, &uc, 1, mc, 2), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
}

static void
rss_bytes(void **state)
{
	static const uint8_t head[] = {0x3f, 0, 0, 0, 127, 0, 1, 0, 1, 0, 2, 0, 3, 0};
	static struct vnet_rss rss;
	uint8_t buf[VNET_MSG_MAX];
	unsigned int i;

	for (i = 0; i < 128; i++)
		rss.reta[i] = (uint16_t)(i + 1);
	for (i = 0; i < 40; i++)
		rss.key[i] = (uint8_t)(0xc0 + i);
	/* 4 types, 2 mask, 2 unclassified, 256 table, 2 max_tx_vq, 1 length, 40 key */
	assert_int_equal(vnet_msg_rss(buf, &rss, 0x3f, 128, 0x0104, 40), 307);
	assert_memory_equal(buf, head, sizeof(head));
	assert_int_equal(buf[8 + 2 * 127], 128);
	assert_int_equal(buf[264], 0x04);
	assert_int_equal(buf[265], 0x01);
	assert_int_equal(buf[266], 40);
	assert_int_equal(buf[267], 0xc0);
	assert_int_equal(buf[306], 0xc0 + 39);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(caps_all_four, image),
		cmocka_unit_test_setup(caps_missing_type_is_named, image),
		cmocka_unit_test_setup(caps_first_usable_of_a_type_wins, image),
		cmocka_unit_test_setup(caps_short_structures_are_not_usable, image),
		cmocka_unit_test_setup(caps_cut_image_is_refused, image),
		cmocka_unit_test_setup(caps_loop_is_refused, image),
		cmocka_unit_test(mac_table_bytes),
		cmocka_unit_test(rss_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
