/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Intel's gigabit controllers. The I350 has PCIe TPH, its tag in the queue's DCA control register;
 * the 82576 has the older Direct Cache Access only, which needs a chipset that knows it.
 *
 * Only what the device writes carries a tag: descriptor write-back, headers, payload. For what it
 * reads (descriptor fetch, packets that are sent) the datasheet has the hint always 0.
 */

#include "profile.h"

static const uint16_t i350[] = {0x1521, 0x1522, 0x1523, 0x1524, 0x1546, 0};
static const uint16_t i82576[] = {0x10c9, 0x10e6, 0x10e7, 0x10e8, 0x1526,
				  0x150a, 0x1518, 0x150d, 0};

/* The first four queues have a second address, which is for drivers of older devices. */
static uint32_t
igb_reg(enum steer_dir dir, uint16_t queue)
{
	return (dir == STEER_RX ? 0xc014u : 0xe014u) + 0x40u * queue;
}

const struct steer_profile steer_profiles_igb[] = {
	{
		.name = "Intel I350",
		.source = "Intel Ethernet Controller I350 Datasheet 336626, 8.13 DCA and TPH "
			  "control registers, RXCTL and TXCTL",
		.vendor = 0x8086,
		.devices = i350,
		.bar = 0,
		.span = 0xe1d8,
		.nb_queues = {8, 8},
		.object_bits =
			{
				1u << 1, /* Rx descriptor write-back */
				1u << 1, /* Tx descriptor write-back */
				1u << 2, /* Rx header */
				0,
				1u << 3, /* Rx payload */
				0,
			},
		/* Hints of reads; DCA of the same traffic; no-snoop of descriptors and data. */
		.conflicts = {1u << 0 | 7u << 5 | 1u << 8 | 1u << 10 | 1u << 12 | 1u << 14,
			      1u << 0 | 1u << 3 | 1u << 5 | 1u << 8 | 1u << 10 | 1u << 12},
		.tag_shift = 24,
		.tag_max = 7,
		.tag_field = 0xff,
		.reg = igb_reg,
	},
	{
		.name = "Intel 82576",
		.source = "Intel 82576 Gigabit Ethernet Controller Datasheet, DCA registers",
		.no_tph = "it has only DCA, the scheme before PCIe TPH",
		.vendor = 0x8086,
		.devices = i82576,
	},
	{.name = NULL},
};
