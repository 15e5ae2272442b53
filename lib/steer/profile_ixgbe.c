/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Intel's 10 gigabit controllers. With the X550 TPH took the place of DCA, in the registers that
 * DCA had; the X540 is the last one with DCA. The X550 inside of systems on a chip, and virtual
 * functions, are other silicon with registers elsewhere.
 *
 * As with the I350, only what the device writes carries a tag.
 */

#include "profile.h"

static const uint16_t x550[] = {0x1563, 0x15d1, 0};
static const uint16_t x540[] = {0x1528, 0x1560, 0};

/* Rx queues are in two ranges. */
static uint32_t
x550_reg(enum steer_dir dir, uint16_t queue)
{
	if (dir == STEER_TX)
		return 0x600cu + 0x40u * queue;
	return queue < 64 ? 0x100cu + 0x40u * queue : 0xd00cu + 0x40u * (queue - 64u);
}

const struct steer_profile steer_profiles_ixgbe[] = {
	{
		.name = "Intel X550",
		.source = "Intel Ethernet Controller X550 Datasheet 333369, 7.5 TPH; 8.2.2.12.1 "
			  "TPH_RXCTRL, 8.2.2.12.3 TPH_TXCTRL",
		.vendor = 0x8086,
		.devices = x550,
		.bar = 0,
		.span = 0xdfd0,
		.nb_queues = {128, 128},
		.object_bits =
			{
				1u << 1, /* RX_DESC_WB_TPH_EN */
				1u << 1, /* TX_DESC_WB_TPH_EN */
				1u << 2, /* RX_HEADER_TPH_EN */
				0,
				1u << 3, /* RX_PAYLOAD_TPH_EN */
				0,
			},
		/* RX_DESC_FETCH_TPH_EN; TX_DESC_FETCH_TPH_EN, TX_PACKET_TPH_EN: reads */
		.conflicts = {1u << 0, 1u << 0 | 1u << 3},
		.tag_shift = 24, /* CPUID */
		.tag_max = 7,    /* "bits 31:27 should always be set to zero" */
		.tag_field = 0xff,
		.reg = x550_reg,
	},
	{
		.name = "Intel X540",
		.source = "Intel Ethernet Controller X540 Datasheet 333168, product features and "
			  "PCIe capabilities",
		.no_tph = "it has only DCA, the scheme before PCIe TPH",
		.vendor = 0x8086,
		.devices = x540,
	},
	{.name = NULL},
};
