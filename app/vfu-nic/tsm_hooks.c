/* SPDX-License-Identifier: BSD-3-Clause */

/* What a client did to the PCI function, as TDISP sees it: a locked device that changes is in
 * ERROR. */

#include "tsm_priv.h"

#define CMD_MEMORY 0x2u
#define CMD_MASTER 0x4u

/* What configuration space would read after this write. */
static uint8_t
after(const struct nic *nic, uint32_t reg, uint32_t off, const uint8_t *buf, size_t len)
{
	const uint8_t was = nic->cfg.val[reg], mask = nic->cfg.mask[reg];

	return reg < off || reg >= off + len ? was
					     : (uint8_t)((was & ~mask) | (buf[reg - off] & mask));
}

static bool
touches(uint32_t off, size_t len, uint32_t reg, uint32_t size)
{
	return off < reg + size && reg < off + len;
}

static bool
bar_moves(const struct nic *nic, uint32_t off, const uint8_t *buf, size_t len)
{
	uint32_t i;

	for (i = CFG_BAR0; i < CFG_BAR0 + 24; i++)
		if (after(nic, i, off, buf, len) != nic->cfg.val[i])
			return true;
	return false;
}

void
nic_tsm_on_cfg(struct nic *nic, uint32_t off, const uint8_t *buf, size_t len)
{
	struct nic_tsm *t = nic->tsm;
	uint8_t gone;

	if (t == NULL)
		return;
	gone = (uint8_t)(nic->cfg.val[CFG_CMD] & ~after(nic, CFG_CMD, off, buf, len));
	if (bar_moves(nic, off, buf, len))
		tdisp_changed(&t->tdi, "BAR moved");
	if ((gone & CMD_MEMORY) != 0)
		tdisp_changed(&t->tdi, "memory space disabled");
	if ((gone & CMD_MASTER) != 0)
		tdisp_changed(&t->tdi, "bus master disabled");
	if (touches(off, len, CFG_MSIX_CTRL, 2) && (t->tdi.flags & TDISP_LOCK_MSIX) != 0)
		tdisp_changed(&t->tdi, "MSI-X control written");
	if (nic->opts.tph != NIC_TPH_NONE && touches(off, len, CFG_TPH_CTRL, 4))
		tdisp_changed(&t->tdi, "TPH control written");
}

void
nic_tsm_on_reset(struct nic *nic)
{
	if (nic->tsm != NULL)
		tdisp_changed(&nic->tsm->tdi, "function reset");
}

void
nic_tsm_on_msix(struct nic *nic)
{
	if (nic->tsm != NULL && (nic->tsm->tdi.flags & TDISP_LOCK_MSIX) != 0)
		tdisp_changed(&nic->tsm->tdi, "MSI-X table written");
}

void
nic_tsm_on_st(struct nic *nic)
{
	if (nic->tsm == NULL)
		return;
	if (nic->opts.tph == NIC_TPH_IV_MSIX)
		nic_tsm_on_msix(nic);
	else if (!nic->opts.tsm_st_ignore)
		tdisp_changed(&nic->tsm->tdi, "ST table written");
}

void
nic_tsm_on_dma_map(struct nic *nic)
{
	struct nic_tsm *t = nic->tsm;

	if (t == NULL || t->tdi.state == TDISP_RUN)
		return;
	if (atomic_fetch_add(&t->early_maps, 1) == 0)
		nic_log(nic, "tsm: DMA_MAP before RUN");
}

void
nic_tsm_on_client_gone(struct nic *nic)
{
	if (nic->tsm != NULL)
		tsm_unbind(nic->tsm);
}
