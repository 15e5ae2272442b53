/* SPDX-License-Identifier: BSD-3-Clause */

/* What is in the ST table now: behind the capability (PCIe base, 7.9.13.4), or in bits 31:16 of the
 * MSI-X vector control words (7.7.2). */

#include <endian.h>
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
	int rc = tph_cfg_read(tph, off, raw, 2u * count);
	uint16_t i;

	for (i = 0; rc == 0 && i < count; i++)
		tags[i] = steer_pci_rd16(raw, 2u * i);
	return rc;
}

static uint64_t
word_offset(const struct steer_tph *tph, uint16_t index)
{
	return tph->msix.table_off + MSIX_ENTRY_SIZE * (uint64_t)index + MSIX_VECTOR_CTRL;
}

int
tph_msix_word(struct steer_tph *tph, uint16_t index, volatile uint32_t **word)
{
	void *p = NULL;
	int rc;

	if (steer_vfio_is_gone(tph->dev))
		return -ENODEV;
	rc = steer_vfio_region_map(tph->dev, STEER_VFIO_REGION_BAR(tph->msix.table_bar),
				   word_offset(tph, index), sizeof(**word), &p);
	if (rc != 0)
		return rc == -ENODEV ? rc : -ENOTSUP;
	*word = p;
	return 0;
}

/* The kernel hides the table from reads behind all-ones, but not from who maps it. */
static int
read_msix_entry(struct steer_tph *tph, uint16_t index, uint16_t *tag)
{
	volatile uint32_t *word;
	uint8_t raw[4];
	int rc = steer_vfio_region_read(tph->dev, STEER_VFIO_REGION_BAR(tph->msix.table_bar),
					word_offset(tph, index), raw, sizeof(raw));

	if (rc == -ENODEV)
		return rc;
	if (rc == 0 && steer_pci_rd32(raw, 0) != UINT32_MAX) {
		*tag = steer_pci_rd16(raw, 2);
		return 0;
	}
	rc = tph_msix_word(tph, index, &word);
	if (rc == 0)
		*tag = (uint16_t)(le32toh(*word) >> 16);
	return rc;
}

static int
read_msix_table(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags)
{
	uint16_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < count; i++)
		rc = read_msix_entry(tph, index + i, &tags[i]);
	return rc;
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
