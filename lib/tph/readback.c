/* SPDX-License-Identifier: BSD-3-Clause */

/* What is in the ST table now: behind the capability (PCIe base, 7.9.13.4), or in bits 31:16 of the
 * MSI-X vector control words (7.7.2). */

#include <errno.h>

#include <steer_vfio.h>

#include "dialect.h"

#define MSIX_ENTRY_SIZE  16u
#define MSIX_VECTOR_CTRL 12u

static int
read_cap_table(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags)
{
	uint8_t raw[2 * STEER_TPH_BATCH_MAX];
	uint64_t off = tph->info.cap.pos + STEER_PCI_TPH_ST + 2u * index;
	int rc = steer_vfio_region_read(tph->dev, STEER_VFIO_REGION_CONFIG, off, raw, 2u * count);
	uint16_t i;

	for (i = 0; rc == 0 && i < count; i++)
		tags[i] = steer_pci_rd16(raw, 2u * i);
	return rc;
}

static int
read_msix_table(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags)
{
	uint8_t word[4];
	uint16_t i;
	int rc;

	for (i = 0; i < count; i++) {
		rc = steer_vfio_region_read(tph->dev, STEER_VFIO_REGION_BAR(tph->msix.table_bar),
					    tph->msix.table_off +
						    MSIX_ENTRY_SIZE * (uint64_t)(index + i) +
						    MSIX_VECTOR_CTRL,
					    word, sizeof(word));
		if (rc != 0)
			return rc == -ENODEV ? rc : -ENOTSUP;
		/* The kernel hides the table from reads behind all-ones. */
		if (steer_pci_rd32(word, 0) == UINT32_MAX)
			return -ENOTSUP;
		tags[i] = steer_pci_rd16(word, 2);
	}
	return 0;
}

int
tph_table_read(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags)
{
	switch (tph->info.cap.loc) {
	case STEER_PCI_TPH_LOC_CAP: return read_cap_table(tph, index, count, tags);
	case STEER_PCI_TPH_LOC_MSIX: return read_msix_table(tph, index, count, tags);
	default: return -ENOTSUP;
	}
}
