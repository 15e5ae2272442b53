/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What is programmed into a device, for comparison with what its TSM attests. Read back from the
 * device, so that what somebody else wrote is found out.
 */

#include <errno.h>

#include "bus_tsm.h"

#define BARS             6u
#define MSIX_CONTROL     2u
#define MSIX_ENTRY_BYTES 16u

static int
add_bars(const struct vfio_bus_device *dev, struct steer_tsm_device *use)
{
	struct steer_vfio_region region;
	unsigned int i;
	int rc;

	for (i = 0; i < BARS; i++) {
		rc = steer_vfio_region_info(dev->vdev, STEER_VFIO_REGION_BAR(i), &region);
		if (rc != 0)
			return rc;
		if (region.size == 0)
			continue;
		use->bars[use->nb_bars++] =
			(struct steer_tsm_bar){.bar = (uint8_t)i, .size = region.size};
	}
	return 0;
}

static int
add_msix(const struct vfio_bus_device *dev, uint16_t vectors, struct steer_tsm_device *use)
{
	struct steer_pci_msix msix;
	uint8_t b[2];
	int rc;

	use->msix_table_bar = -1;
	use->msix_pba_bar = -1;
	use->msix_vectors = vectors;
	if (steer_pci_msix_decode(dev->cfg, sizeof(dev->cfg), &msix) != 0)
		return 0;
	rc = steer_vfio_region_read(dev->vdev, STEER_VFIO_REGION_CONFIG, msix.pos + MSIX_CONTROL, b,
				    sizeof(b));
	if (rc != 0)
		return rc;
	use->msix_control = (uint16_t)(b[0] | b[1] << 8);
	use->msix_table_bar = (int8_t)msix.table_bar;
	use->msix_table_offset = msix.table_off;
	use->msix_table_size = msix.entries * MSIX_ENTRY_BYTES;
	/* A bit per vector, in words of 64 (PCI local bus 3.0, 6.8.2.10). */
	use->msix_pba_bar = (int8_t)msix.pba_bar;
	use->msix_pba_offset = msix.pba_off;
	use->msix_pba_size = (msix.entries + 63u) / 64u * 8u;
	return 0;
}

/* lib/tph reads the control register back when it writes it. */
static uint32_t
tph_control(const struct vfio_bus_device *dev)
{
	const struct steer_tph_info *info = dev->tph != NULL ? steer_tph_info(dev->tph) : NULL;

	if (info == NULL || info->cap.pos == 0)
		return 0;
	return (uint32_t)info->mode | (uint32_t)info->req << STEER_PCI_TPH_CTRL_REQ_SHIFT;
}

int
vfio_bus_tsm_use(const struct vfio_bus_device *dev, uint16_t vectors, struct steer_tsm_device *use)
{
	int rc;

	*use = (struct steer_tsm_device){.tph_control = tph_control(dev)};
	rc = add_bars(dev, use);
	return rc != 0 ? rc : add_msix(dev, vectors, use);
}
