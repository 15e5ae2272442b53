/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdbool.h>

#include "steer_pci.h"

#define CFG_STD_SIZE   256u

#define MSIX_LEN       12u
#define MSIX_CTRL      2u
#define MSIX_TABLE     4u
#define MSIX_PBA       8u
#define MSIX_SIZE_MASK 0x7ffu
#define BIR_MASK       0x7u
#define BIR_LAST       5u /* 6 and 7 are reserved */

#define EXP_FLAGS      2u
#define EXP_DEVCAP     4u
#define EXP_DEVCAP2    36u
#define EXP_V1_LEN     12u /* an integrated endpoint of version 1 ends with device status */
#define EXP_V2_LEN     40u /* as far as it is read here */

#define VSEC_HDR       4u
#define VSEC_BAR       8u
#define VSEC_CTRL_OFF  12u
#define VSEC_ST_OFF    16u
#define VSEC_ST_COUNT  20u
#define VSEC_TRACE_OFF 24u
#define VSEC_TRACE_LEN 28u

static bool
std_fits(size_t len, int pos, size_t need)
{
	if (len > CFG_STD_SIZE)
		len = CFG_STD_SIZE;
	return (size_t)pos + need <= len;
}

static bool
ext_fits(size_t len, int pos, size_t need)
{
	if (len > STEER_PCI_CFG_SIZE)
		len = STEER_PCI_CFG_SIZE;
	return (size_t)pos + need <= len;
}

int
steer_pci_msix_decode(const uint8_t *img, size_t len, struct steer_pci_msix *out)
{
	int pos = steer_pci_find_cap(img, len, STEER_PCI_CAP_MSIX, 0);
	uint32_t table, pba;

	if (pos < 0)
		return pos;
	if (!std_fits(len, pos, MSIX_LEN))
		return -EILSEQ;
	table = steer_pci_rd32(img, pos + MSIX_TABLE);
	pba = steer_pci_rd32(img, pos + MSIX_PBA);
	if ((table & BIR_MASK) > BIR_LAST || (pba & BIR_MASK) > BIR_LAST)
		return -EILSEQ;
	*out = (struct steer_pci_msix){
		.pos = (uint16_t)pos,
		.entries = (steer_pci_rd16(img, pos + MSIX_CTRL) & MSIX_SIZE_MASK) + 1,
		.table_bar = table & BIR_MASK,
		.pba_bar = pba & BIR_MASK,
		.table_off = table & ~BIR_MASK,
		.pba_off = pba & ~BIR_MASK,
	};
	return 0;
}

int
steer_pci_exp_decode(const uint8_t *img, size_t len, struct steer_pci_exp *out)
{
	int pos = steer_pci_find_cap(img, len, STEER_PCI_CAP_EXP, 0);
	uint16_t flags;
	bool v2;

	if (pos < 0)
		return pos;
	if (!std_fits(len, pos, EXP_V1_LEN))
		return -EILSEQ;
	flags = steer_pci_rd16(img, pos + EXP_FLAGS);
	v2 = (flags & 0xf) >= 2;
	if (v2 && !std_fits(len, pos, EXP_V2_LEN))
		return -EILSEQ;
	*out = (struct steer_pci_exp){
		.pos = (uint16_t)pos,
		.version = flags & 0xf,
		.type = flags >> 4 & 0xf,
		.devcap = steer_pci_rd32(img, pos + EXP_DEVCAP),
		.devcap2 = v2 ? steer_pci_rd32(img, pos + EXP_DEVCAP2) : 0,
	};
	return 0;
}

int
steer_pci_tph_decode(const uint8_t *img, size_t len, struct steer_pci_tph *out)
{
	int pos = steer_pci_find_ext_cap(img, len, STEER_PCI_EXT_CAP_TPH, 0);
	uint16_t entries = 0;
	uint32_t cap;
	uint8_t loc;

	if (pos < 0)
		return pos;
	if (!ext_fits(len, pos, STEER_PCI_TPH_ST))
		return -EILSEQ;
	cap = steer_pci_rd32(img, pos + STEER_PCI_TPH_CAP);
	loc = (cap & STEER_PCI_TPH_LOC_MASK) >> STEER_PCI_TPH_LOC_SHIFT;
	/* Location 3 is reserved: nobody knows where such a table is. */
	if (loc > STEER_PCI_TPH_LOC_MSIX)
		loc = STEER_PCI_TPH_LOC_NONE;
	/* The size field means nothing without a table. */
	if (loc != STEER_PCI_TPH_LOC_NONE)
		entries = ((cap & STEER_PCI_TPH_SIZE_MASK) >> STEER_PCI_TPH_SIZE_SHIFT) + 1;
	if (loc == STEER_PCI_TPH_LOC_CAP && !ext_fits(len, pos, STEER_PCI_TPH_ST + 2u * entries))
		return -EILSEQ;
	*out = (struct steer_pci_tph){
		.pos = (uint16_t)pos,
		.entries = entries,
		.loc = loc,
		.modes = cap & (STEER_PCI_TPH_CAP_NS | STEER_PCI_TPH_CAP_IV | STEER_PCI_TPH_CAP_DS),
		.extended = !!(cap & STEER_PCI_TPH_CAP_EXT),
		.cap = cap,
	};
	return 0;
}

/* Vendor header (section 7.9.5): id 15:0, revision 19:16, length 31:20. */
static int
vsec_find(const uint8_t *img, size_t len)
{
	int pos = 0;
	uint32_t hdr;

	for (;;) {
		pos = steer_pci_find_ext_cap(img, len, STEER_PCI_EXT_CAP_VSEC, pos);
		if (pos < 0)
			return pos;
		if (!ext_fits(len, pos, VSEC_HDR + 4))
			return -EILSEQ;
		hdr = steer_pci_rd32(img, pos + VSEC_HDR);
		if ((hdr & 0xffff) != STEER_PCI_VSEC_ID || (hdr >> 16 & 0xf) != STEER_PCI_VSEC_REV)
			continue;
		if (hdr >> 20 < STEER_PCI_VSEC_LEN || !ext_fits(len, pos, STEER_PCI_VSEC_LEN))
			return -EILSEQ;
		return pos;
	}
}

int
steer_pci_vsec_decode(const uint8_t *img, size_t len, struct steer_pci_vsec *out)
{
	int pos = vsec_find(img, len);
	uint8_t bar;

	if (pos < 0)
		return pos;
	bar = img[pos + VSEC_BAR] & BIR_MASK;
	if (bar > BIR_LAST)
		return -EILSEQ;
	*out = (struct steer_pci_vsec){
		.pos = (uint16_t)pos,
		.bar = bar,
		.ctrl_off = steer_pci_rd32(img, pos + VSEC_CTRL_OFF),
		.st_off = steer_pci_rd32(img, pos + VSEC_ST_OFF),
		.st_count = steer_pci_rd32(img, pos + VSEC_ST_COUNT),
		.trace_off = steer_pci_rd32(img, pos + VSEC_TRACE_OFF),
		.trace_len = steer_pci_rd32(img, pos + VSEC_TRACE_LEN),
	};
	return 0;
}
