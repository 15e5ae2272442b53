/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdbool.h>

#include "steer_pci.h"

#define CFG_STD_SIZE    256u
#define CFG_HEADER_SIZE 64u
#define CFG_STATUS      0x06u
#define CFG_STATUS_CAPS (1u << 4)
#define CFG_CAP_PTR     0x34u

#define MAX_CAPS        48u
#define MAX_EXT_CAPS    480u
#define EXT_FIRST       0x100u

/* Offsets are dwords of one configuration space: one bit each tells whether we were there. */
struct visited {
	uint64_t bits[STEER_PCI_CFG_SIZE / 4 / 64];
};

static bool
visit(struct visited *v, uint32_t pos)
{
	uint64_t bit = UINT64_C(1) << (pos / 4 % 64);
	uint64_t *word = &v->bits[pos / 4 / 64];

	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}

int
steer_pci_find_cap(const uint8_t *img, size_t len, uint8_t id, int start)
{
	struct visited seen = {0};
	bool armed = start == 0;
	unsigned int steps;
	uint32_t pos;

	if (len < CFG_HEADER_SIZE)
		return -EILSEQ;
	if (!(steer_pci_rd16(img, CFG_STATUS) & CFG_STATUS_CAPS))
		return -ENOENT;
	if (len > CFG_STD_SIZE)
		len = CFG_STD_SIZE;

	/* Always from the head, so that a caller who asks for hit after hit meets a loop as an
	 * error instead of walking it for ever. The low two bits of a pointer are reserved.
	 */
	pos = img[CFG_CAP_PTR] & ~3u;
	for (steps = 0; pos != 0; steps++) {
		if (steps == MAX_CAPS || pos < CFG_HEADER_SIZE || pos + 2 > len ||
		    !visit(&seen, pos) || img[pos] == 0xff)
			return -EILSEQ;
		if (armed && img[pos] == id)
			return (int)pos;
		if ((int)pos == start)
			armed = true;
		pos = img[pos + 1] & ~3u;
	}
	return -ENOENT;
}

int
steer_pci_find_ext_cap(const uint8_t *img, size_t len, uint16_t id, int start)
{
	struct visited seen = {0};
	bool armed = start == 0;
	uint32_t pos = EXT_FIRST;
	unsigned int steps;
	uint32_t hdr;

	if (len > STEER_PCI_CFG_SIZE)
		len = STEER_PCI_CFG_SIZE;
	if (len <= EXT_FIRST)
		return -ENOENT;

	for (steps = 0; pos != 0; steps++) {
		if (steps == MAX_EXT_CAPS || pos < EXT_FIRST || pos + 4 > len || !visit(&seen, pos))
			return -EILSEQ;
		hdr = steer_pci_rd32(img, pos);
		/* All zeros or all ones in the first dword: there is no extended list. */
		if (hdr == 0 || (hdr == UINT32_MAX && pos == EXT_FIRST))
			return -ENOENT;
		if (hdr == UINT32_MAX)
			return -EILSEQ;
		if (armed && (hdr & 0xffff) == id)
			return (int)pos;
		if ((int)pos == start)
			armed = true;
		pos = hdr >> 20 & ~3u;
	}
	return -ENOENT;
}
