/* SPDX-License-Identifier: BSD-3-Clause */

/* The bytes are a configuration-space image. */

#include <stddef.h>
#include <stdint.h>

#include "steer_pci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

/* Asking for hit after hit ends, and every hit is a place in the image. */
static void
walk_all(const uint8_t *img, size_t len)
{
	unsigned int id, n;
	int pos;

	for (id = 0; id < 256; id++) {
		for (n = 0, pos = 0; (pos = steer_pci_find_cap(img, len, id, pos)) > 0; n++)
			must(pos >= 64 && pos <= 252 && pos % 4 == 0 && img[pos] == id && n < 48);
	}
	for (id = 0; id < 0x40; id++) {
		for (n = 0, pos = 0; (pos = steer_pci_find_ext_cap(img, len, id, pos)) > 0; n++)
			must(pos >= 256 && pos <= 4092 && pos % 4 == 0 && n < 480 &&
			     steer_pci_rd16(img, pos) == id);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct steer_pci_msix m;
	struct steer_pci_exp e;
	struct steer_pci_tph t;
	struct steer_pci_vsec v;

	walk_all(data, size);
	if (steer_pci_msix_decode(data, size, &m) == 0)
		must(m.entries >= 1 && m.entries <= 2048 && m.table_bar <= 5 && m.pba_bar <= 5);
	if (steer_pci_exp_decode(data, size, &e) == 0)
		must(e.version >= 2 || e.devcap2 == 0);
	if (steer_pci_tph_decode(data, size, &t) == 0)
		must(t.entries <= 2048 && (t.loc == STEER_PCI_TPH_LOC_NONE) == (t.entries == 0) &&
		     (t.loc != STEER_PCI_TPH_LOC_CAP || t.pos + 12u + 2u * t.entries <= size));
	if (steer_pci_vsec_decode(data, size, &v) == 0)
		must(v.bar <= 5 && v.pos + 32u <= size);
	return 0;
}
