/* SPDX-License-Identifier: BSD-3-Clause */

/* What configuration space is made of (PCI 3.0, PCIe base 7.5, virtio 1.2 4.1). */

#include <string.h>

#include "nic_priv.h"

#define VNDR_COMMON 1
#define VNDR_NOTIFY 2
#define VNDR_ISR    3
#define VNDR_DEVICE 4
#define VNDR_PCICFG 5

static void
put8(struct nic_cfg *c, uint32_t off, uint8_t v)
{
	c->init[off] = v;
}

static void
put16(struct nic_cfg *c, uint32_t off, uint16_t v)
{
	put8(c, off, (uint8_t)v);
	put8(c, off + 1, (uint8_t)(v >> 8));
}

static void
put32(struct nic_cfg *c, uint32_t off, uint32_t v)
{
	put16(c, off, (uint16_t)v);
	put16(c, off + 2, (uint16_t)(v >> 16));
}

static void
writable(struct nic_cfg *c, uint32_t off, uint32_t size, uint32_t mask)
{
	memcpy(&c->mask[off], &mask, size);
}

static void
clearable(struct nic_cfg *c, uint32_t off, uint16_t mask)
{
	memcpy(&c->w1c[off], &mask, sizeof(mask));
}

/* 64-bit memory BAR: the address bits below its size read 0 whatever is written. */
static void
add_bar(struct nic_cfg *c, uint32_t bar, uint64_t size)
{
	const uint64_t mask = ~(size - 1);

	put32(c, CFG_BAR0 + 4 * bar, 0x4);
	writable(c, CFG_BAR0 + 4 * bar, 4, (uint32_t)mask & ~0xfu);
	writable(c, CFG_BAR0 + 4 * bar + 4, 4, (uint32_t)(mask >> 32));
}

static void
add_header(struct nic_cfg *c, uint64_t model_size)
{
	put16(c, 0x00, 0x1af4);
	put16(c, 0x02, 0x1041);
	writable(c, CFG_CMD, 2, 0x0547);
	put16(c, 0x06, 0x0010); /* capabilities list */
	clearable(c, 0x06, 0xf900);
	put8(c, 0x08, 1);
	put8(c, 0x0b, 0x02); /* network controller */
	add_bar(c, VIO_BAR, VIO_BAR_SIZE);
	add_bar(c, MSIX_BAR, MSIX_BAR_SIZE);
	add_bar(c, MODEL_BAR, model_size);
	put16(c, 0x2c, 0x1af4);
	put16(c, 0x2e, 0x0040);
	put8(c, 0x34, CFG_EXP);
	writable(c, 0x3c, 1, 0xff);
}

static void
add_express(struct nic_cfg *c, bool tee)
{
	const uint32_t link = 0x13; /* 16 GT/s is speed 4; x1 and 8 GT/s do for memory */
	const uint32_t tee_io = tee ? 1u << 30 : 0;

	put16(c, CFG_EXP, STEER_PCI_CAP_EXP | CFG_MSIX << 8);
	put16(c, CFG_EXP + 2, 0x0002); /* version 2, endpoint */
	put32(c, CFG_EXP_DEVCAP, tee_io | 1u << 28 | 1u << 15 | 1u << 5 | 1u);
	put16(c, CFG_EXP_DEVCTL, 0x2810);
	writable(c, CFG_EXP_DEVCTL, 2, 0x7fff);
	clearable(c, CFG_EXP + 10, 0x000f);
	put32(c, CFG_EXP + 12, link);
	writable(c, CFG_EXP + 16, 2, 0x00c3);
	put16(c, CFG_EXP + 18, (uint16_t)link);
	put32(c, CFG_EXP + 36, 1u << 4);
	writable(c, CFG_EXP + 40, 2, 0x001f);
	put32(c, CFG_EXP + 44, 0x0e); /* 2.5, 5 and 8 GT/s */
	put16(c, CFG_EXP + 48, 3);
}

static void
add_msix(struct nic_cfg *c, const struct nic_opts *o)
{
	put16(c, CFG_MSIX, STEER_PCI_CAP_MSIX | CFG_VIO_COMMON << 8);
	put16(c, CFG_MSIX_CTRL, (uint16_t)(o->vectors - 1));
	writable(c, CFG_MSIX_CTRL, 2, 0xc000);
	put32(c, CFG_MSIX + 4, MSIX_BAR);
	put32(c, CFG_MSIX + 8, MSIX_PBA_OFF | MSIX_BAR);
}

static void
add_virtio(struct nic_cfg *c, uint32_t pos, uint8_t next, uint8_t type, uint32_t off, uint32_t len)
{
	const bool long_form = type == VNDR_NOTIFY || type == VNDR_PCICFG;

	put16(c, pos, (uint16_t)(STEER_PCI_CAP_VNDR | next << 8));
	put8(c, pos + 2, long_form ? 20 : 16);
	put8(c, pos + 3, type);
	put8(c, pos + 4, VIO_BAR);
	put32(c, pos + 8, off);
	put32(c, pos + 12, len);
}

static void
add_virtio_caps(struct nic_cfg *c)
{
	add_virtio(c, CFG_VIO_COMMON, CFG_VIO_ISR, VNDR_COMMON, VIO_COMMON_OFF, VIO_COMMON_LEN);
	add_virtio(c, CFG_VIO_ISR, CFG_VIO_DEVCFG, VNDR_ISR, VIO_ISR_OFF, 1);
	add_virtio(c, CFG_VIO_DEVCFG, CFG_VIO_NOTIFY, VNDR_DEVICE, VIO_DEVCFG_OFF, VIO_DEVCFG_LEN);
	add_virtio(c, CFG_VIO_NOTIFY, CFG_VIO_PCICFG, VNDR_NOTIFY, VIO_NOTIFY_OFF, VIO_NOTIFY_LEN);
	put32(c, CFG_VIO_NOTIFY + 16, VIO_NOTIFY_MULT);
	add_virtio(c, CFG_VIO_PCICFG, 0, VNDR_PCICFG, 0, 0);
	writable(c, CFG_VIO_PCICFG + 4, 1, 0xff);
	writable(c, CFG_VIO_PCICFG + 8, 4, UINT32_MAX);
	writable(c, CFG_VIO_PCICFG + 12, 4, UINT32_MAX);
	writable(c, CFG_PCICFG_DATA, 4, UINT32_MAX);
}

static void
add_vsec(struct nic *nic, uint32_t next)
{
	struct nic_cfg *c = &nic->cfg;

	put32(c, CFG_VSEC, STEER_PCI_EXT_CAP_VSEC | 1u << 16 | next << 20);
	put32(c, CFG_VSEC + 4,
	      STEER_PCI_VSEC_ID | STEER_PCI_VSEC_REV << 16 | (uint32_t)STEER_PCI_VSEC_LEN << 20);
	put32(c, CFG_VSEC + 8, MODEL_BAR);
	put32(c, CFG_VSEC + 12, MODEL_CTRL_OFF);
	put32(c, CFG_VSEC + 16, MODEL_ST_OFF);
	put32(c, CFG_VSEC + 20, nic->opts.tph == NIC_TPH_DS_REG ? 2u * nic->opts.pairs : 0);
	put32(c, CFG_VSEC + 24, MODEL_TRACE_OFF);
	put32(c, CFG_VSEC + 28, vio_trace_len(nic->vio));
}

static void
add_tph(struct nic *nic)
{
	struct nic_cfg *c = &nic->cfg;
	uint32_t cap = STEER_PCI_TPH_CAP_NS;

	if (nic->opts.tph == NIC_TPH_DS_REG)
		cap |= STEER_PCI_TPH_CAP_DS;
	else
		cap |= STEER_PCI_TPH_CAP_IV | (nic->tph.entries - 1u) << STEER_PCI_TPH_SIZE_SHIFT;
	if (nic->opts.tph == NIC_TPH_IV_CAP)
		cap |= STEER_PCI_TPH_LOC_CAP << STEER_PCI_TPH_LOC_SHIFT;
	if (nic->opts.tph == NIC_TPH_IV_MSIX)
		cap |= STEER_PCI_TPH_LOC_MSIX << STEER_PCI_TPH_LOC_SHIFT;
	if (nic->opts.tph_extended)
		cap |= STEER_PCI_TPH_CAP_EXT;
	put32(c, CFG_TPH, STEER_PCI_EXT_CAP_TPH | 1u << 16);
	put32(c, CFG_TPH + STEER_PCI_TPH_CAP, cap);
	/* Writable here; nic_tph_ctrl() decides what stays. The ST table has no writable bit. */
	writable(c, CFG_TPH_CTRL, 4, STEER_PCI_TPH_CTRL_MODE_MASK | STEER_PCI_TPH_CTRL_REQ_MASK);
}

void
nic_cfg_build(struct nic *nic)
{
	struct nic_cfg *c = &nic->cfg;
	const bool tph = nic->opts.tph != NIC_TPH_NONE;

	add_header(c, vio_model_bar_size(nic->vio));
	add_express(c, nic->opts.tee);
	add_msix(c, &nic->opts);
	add_virtio_caps(c);
	add_vsec(nic, tph ? CFG_TPH : 0);
	if (tph)
		add_tph(nic);
	nic_cfg_reset(nic);
}
