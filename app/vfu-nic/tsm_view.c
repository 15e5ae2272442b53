/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the interface report says of the device: its BARs as MMIO ranges, with the MSI-X table and
 * PBA apart; MSI-X and TPH control as they read.
 */

#include <string.h>

#include "tsm_priv.h"

#define NOWHERE_SHIFT 32u /* BAR n lies at n * 4 GiB while no address was written to it */

static uint64_t
bar_start(const struct nic *nic, uint32_t bar)
{
	const uint32_t low = steer_pci_rd32(nic->cfg.val, CFG_BAR0 + 4 * bar) & ~0xfu;
	const uint64_t high = steer_pci_rd32(nic->cfg.val, CFG_BAR0 + 4 * bar + 4);
	const uint64_t at = high << 32 | low;

	return at != 0 ? at : (uint64_t)bar << NOWHERE_SHIFT;
}

static void
add(struct nic_tsm *t, struct tdisp_view *v, uint32_t bar, uint64_t from, uint64_t end,
    uint16_t attr)
{
	if (from >= end || v->nb_ranges == TDISP_RANGES)
		return;
	v->ranges[v->nb_ranges++] = (struct tdisp_range){
		.start = bar_start(t->nic, bar) + from,
		.size = end - from,
		.attr = attr,
		.bar = (uint16_t)bar,
	};
}

/* Table, what is between, PBA, and the rest. */
static void
add_msix_bar(struct nic_tsm *t, struct tdisp_view *v)
{
	const uint64_t table = (16u * t->nic->opts.vectors + TDISP_PAGE - 1) & ~(TDISP_PAGE - 1);

	add(t, v, MSIX_BAR, 0, table, TDISP_RANGE_MSIX_TABLE);
	add(t, v, MSIX_BAR, table, MSIX_PBA_OFF, 0);
	add(t, v, MSIX_BAR, MSIX_PBA_OFF, MSIX_PBA_OFF + TDISP_PAGE, TDISP_RANGE_MSIX_PBA);
	add(t, v, MSIX_BAR, MSIX_PBA_OFF + TDISP_PAGE, MSIX_BAR_SIZE, 0);
}

/* Device-specific: which lock this is, and that none of it is real. */
static void
add_specific(struct nic_tsm *t, struct tdisp_view *v)
{
	static const char label[] = "simulated";
	const uint32_t lock = (uint32_t)atomic_load(&t->locks);

	memcpy(v->specific, &lock, sizeof(lock));
	memcpy(v->specific + sizeof(lock), label, sizeof(label) - 1);
	v->specific_len = sizeof(lock) + sizeof(label) - 1;
}

void
tsm_view(void *arg, struct tdisp_view *v)
{
	struct nic_tsm *t = arg;
	const struct nic *nic = t->nic;
	const enum nic_tsm_fault fault = tsm_fault(t);

	v->info = TDISP_INFO_DMA_NO_PASID;
	v->msix_control =
		(uint16_t)(nic->cfg.val[CFG_MSIX_CTRL] | nic->cfg.val[CFG_MSIX_CTRL + 1] << 8);
	v->tph_control = atomic_load(&nic->tph.ctrl);
	if (fault == NIC_TSM_TPH_DIFFERS)
		v->tph_control ^= STEER_PCI_TPH_MODE_IV | 1u << STEER_PCI_TPH_CTRL_REQ_SHIFT;
	if (fault != NIC_TSM_REPORT_OMITS_BAR)
		add(t, v, VIO_BAR, 0, VIO_BAR_SIZE, 0);
	add_msix_bar(t, v);
	add(t, v, MODEL_BAR, 0, vio_model_bar_size(nic->vio), 0);
	if (fault == NIC_TSM_REPORT_FOREIGN_RANGE)
		add(t, v, MODEL_BAR + 1, 0, TDISP_PAGE, 0);
	add_specific(t, v);
}
