// SPDX-License-Identifier: GPL-2.0-only
/*
 * A steering tag in the MSI-X table. The kernel keeps each vector's control
 * word and writes it back at every mask, unmask and restore, so the tag goes
 * into its copy too, under the locks the kernel itself takes.
 */

#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/msi.h>
#include <linux/pci.h>

#include "vfio_pci_tph.h"

#ifdef HAVE_MSI_LOCK_DESCS_UNDER
#define msi_lock_descs		__msi_lock_descs
#define msi_unlock_descs	__msi_unlock_descs
#endif

/* Under the interrupt's lock, which masking takes. */
static int update(struct irq_data *data, u16 index, u16 tag)
{
	struct msi_desc *desc = irq_data_get_msi_desc(data);
	void __iomem *word;

	if (!desc || desc->pci.msi_attrib.is_virtual || desc->msi_index != index)
		return -ENXIO;
	word = desc->pci.mask_base + index * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL;
	desc->pci.msix_ctrl &= ~TPH_MSIX_ST;
	desc->pci.msix_ctrl |= FIELD_PREP(TPH_MSIX_ST, tag);
	writel(desc->pci.msix_ctrl, word);
	return FIELD_GET(TPH_MSIX_ST, readl(word)) == tag ? 0 : -EIO;
}

/**
 * tph_msix_write() - put a tag into an MSI-X vector's control word
 * @pdev: device; its vectors do not come or go meanwhile, its memory is enabled
 * @index: of the vector
 * @tag: steering tag
 *
 * Return: 0; -ENXIO: no interrupt there; -EIO: the device did not take it.
 */
int tph_msix_write(struct pci_dev *pdev, u16 index, u16 tag)
{
	int virq = pci_irq_vector(pdev, index);
	struct irq_data *data;
	struct irq_desc *desc;
	unsigned long flags;
	int ret = -ENXIO;

	if (!pdev->msix_enabled || virq <= 0)
		return -ENXIO;
	msi_lock_descs(&pdev->dev);
	data = irq_get_irq_data(virq);
	if (data) {
		desc = irq_data_to_desc(data);
		raw_spin_lock_irqsave(&desc->lock, flags);
		ret = update(data, index, tag);
		raw_spin_unlock_irqrestore(&desc->lock, flags);
	}
	msi_unlock_descs(&pdev->dev);
	return ret;
}
