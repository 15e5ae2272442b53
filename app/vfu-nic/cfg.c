/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Configuration space: any size and alignment, byte by byte, with a write mask per byte; then the
 * registers whose write does something.
 */

#include <string.h>

#include "nic_priv.h"

#define CMD_BUS_MASTER  (1u << 2)
#define DEVCTL_FLR_HIGH 0x80u /* device control bit 15, in its high byte */
#define MSIX_ENABLE     0x80u /* message control bit 15, in its high byte */

static void
put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

void
nic_cfg_store(struct nic_cfg *cfg, uint32_t off, const uint8_t *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		const uint8_t m = cfg->mask[off + i], w1c = cfg->w1c[off + i];
		uint8_t *v = &cfg->val[off + i];

		*v = (uint8_t)(((*v & ~m) | (buf[i] & m)) & ~(buf[i] & w1c));
	}
}

static bool
touches(uint32_t off, size_t len, uint32_t reg, uint32_t size)
{
	return off < reg + size && reg < off + len;
}

/* The window of virtio capability type 5 onto the BARs (virtio 1.2, 4.1.4.9). */
static bool
window(struct nic *nic, uint32_t *bar, uint32_t *off, uint32_t *len)
{
	*bar = nic->cfg.val[CFG_VIO_PCICFG + 4];
	*off = steer_pci_rd32(nic->cfg.val, CFG_VIO_PCICFG + 8);
	*len = steer_pci_rd32(nic->cfg.val, CFG_VIO_PCICFG + 12);
	if ((*len != 1 && *len != 2 && *len != 4) || *off % *len != 0 || *bar > MODEL_BAR)
		return false;
	return (uint64_t)*off + *len <= nic_region_size(nic, *bar);
}

static void
window_read(struct nic *nic)
{
	uint8_t *data = &nic->cfg.val[CFG_PCICFG_DATA];
	uint32_t bar, off, len;

	put32(data, 0);
	if (window(nic, &bar, &off, &len) && nic_bar_read(nic, bar, off, data, len) < 0)
		put32(data, 0);
}

static void
window_write(struct nic *nic)
{
	uint32_t bar, off, len;

	if (window(nic, &bar, &off, &len))
		nic_bar_write(nic, bar, off, &nic->cfg.val[CFG_PCICFG_DATA], len);
}

void
nic_cfg_read(struct nic *nic, uint32_t off, uint8_t *buf, size_t len)
{
	const uint16_t st_len = nic->opts.tph == NIC_TPH_IV_CAP ? 2 * nic->tph.entries : 0;
	uint32_t i;

	/* Only an access meant for the window: an image of everything must not read an ISR. */
	if (off >= CFG_PCICFG_DATA && off + len <= CFG_PCICFG_DATA + 4)
		window_read(nic);
	memcpy(buf, &nic->cfg.val[off], len);
	for (i = CFG_TPH_ST; i < CFG_TPH_ST + st_len; i++)
		if (i >= off && i < off + len)
			buf[i - off] = (uint8_t)(nic_tph_st(nic, (i - CFG_TPH_ST) / 2) >>
						 8 * ((i - CFG_TPH_ST) & 1));
}

void
nic_cfg_msix_enable(struct nic *nic, bool on)
{
	uint8_t *high = &nic->cfg.val[CFG_MSIX_CTRL + 1];

	*high = (uint8_t)((*high & ~MSIX_ENABLE) | (on ? MSIX_ENABLE : 0));
}

static void
update_command(struct nic *nic)
{
	const bool on = (nic->cfg.val[CFG_CMD] & CMD_BUS_MASTER) != 0;

	if (on == atomic_load(&nic->cfg.bus_master))
		return;
	/* Off means off when the write is answered: no worker is inside a packet any more. */
	vio_pause(nic->vio);
	atomic_store(&nic->cfg.bus_master, on);
	vio_resume(nic->vio);
}

/* With --tph-table open: the client is the kernel, and the table the card's own. */
static void
write_table(struct nic *nic, uint32_t off, const uint8_t *buf, size_t len)
{
	uint32_t pos = CFG_TPH_ST;
	uint16_t i, tag;

	for (i = 0; i < nic->tph.entries; i++, pos += 2) {
		if (!touches(off, len, pos, 2))
			continue;
		tag = nic_tph_st(nic, i);
		if (touches(off, len, pos, 1))
			tag = (uint16_t)((tag & 0xff00) | buf[pos - off]);
		if (touches(off, len, pos + 1, 1))
			tag = (uint16_t)((tag & 0x00ff) | buf[pos + 1 - off] << 8);
		nic_tph_st_write(nic, i, tag);
	}
}

void
nic_cfg_write(struct nic *nic, uint32_t off, const uint8_t *buf, size_t len)
{
	const uint32_t flr = CFG_EXP_DEVCTL + 1;

	nic_tsm_on_cfg(nic, off, buf, len);
	nic_cfg_store(&nic->cfg, off, buf, len);
	if (touches(off, len, CFG_CMD, 2))
		update_command(nic);
	if (nic->opts.tph != NIC_TPH_NONE && touches(off, len, CFG_TPH_CTRL, 4))
		put32(&nic->cfg.val[CFG_TPH_CTRL],
		      nic_tph_ctrl(nic, steer_pci_rd32(nic->cfg.val, CFG_TPH_CTRL)));
	if (nic->opts.tph_open && nic->opts.tph == NIC_TPH_IV_CAP)
		write_table(nic, off, buf, len);
	if (touches(off, len, CFG_PCICFG_DATA, 4))
		window_write(nic);
	if (touches(off, len, flr, 1) && (buf[flr - off] & DEVCTL_FLR_HIGH) != 0)
		nic_reset(nic);
}

void
nic_cfg_reset(struct nic *nic)
{
	memcpy(nic->cfg.val, nic->cfg.init, sizeof(nic->cfg.val));
	atomic_store(&nic->cfg.bus_master, false);
	nic_cfg_msix_enable(nic, nic_irq_any(&nic->irq));
}
