/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * TPH Requester Control (PCIe base, 7.9.13.3) through configuration space. Kernels that do not
 * know it drop the write and report success, so nothing is believed before it is read back.
 */

#include <errno.h>

#include <steer_vfio.h>

#include "dialect.h"

static uint64_t
ctrl_offset(const struct steer_tph *tph)
{
	return tph->info.cap.pos + STEER_PCI_TPH_CTRL;
}

int
tph_cfg_read(struct steer_tph *tph, uint64_t off, void *buf, size_t len)
{
	if (tph->dialect != NULL && tph->dialect->cfg_read != NULL)
		return tph->dialect->cfg_read(tph, off, buf, len);
	return steer_vfio_region_read(tph->dev, STEER_VFIO_REGION_CONFIG, off, buf, len);
}

int
tph_cfg_write(struct steer_tph *tph, uint64_t off, const void *buf, size_t len)
{
	if (tph->dialect != NULL && tph->dialect->cfg_write != NULL)
		return tph->dialect->cfg_write(tph, off, buf, len);
	return steer_vfio_region_write(tph->dev, STEER_VFIO_REGION_CONFIG, off, buf, len);
}

static int
ctrl_read(struct steer_tph *tph, uint32_t *ctrl)
{
	uint8_t b[4];
	int rc = tph_cfg_read(tph, ctrl_offset(tph), b, sizeof(b));

	if (rc == 0)
		*ctrl = steer_pci_rd32(b, 0);
	return rc;
}

int
tph_ctrl_note(struct steer_tph *tph)
{
	uint32_t ctrl;
	int rc = ctrl_read(tph, &ctrl);

	if (rc != 0)
		return rc;
	tph->info.mode = (enum steer_pci_tph_mode)(ctrl & STEER_PCI_TPH_CTRL_MODE_MASK);
	tph->info.req = (enum steer_pci_tph_req)((ctrl & STEER_PCI_TPH_CTRL_REQ_MASK) >>
						 STEER_PCI_TPH_CTRL_REQ_SHIFT);
	return 0;
}

/* The requester enable that came back may be the smaller one that the root port allows. */
static bool
stuck(const struct steer_tph *tph, enum steer_pci_tph_mode mode, enum steer_pci_tph_req req)
{
	const struct steer_tph_info *now = &tph->info;

	if (req == STEER_PCI_TPH_REQ_OFF)
		return now->req == STEER_PCI_TPH_REQ_OFF;
	return now->mode == mode && (now->req == STEER_PCI_TPH_REQ_STD || now->req == req);
}

int
tph_ctrl_write(struct steer_tph *tph, enum steer_pci_tph_mode mode, enum steer_pci_tph_req req)
{
	uint32_t ctrl = (uint32_t)mode | (uint32_t)req << STEER_PCI_TPH_CTRL_REQ_SHIFT;
	uint8_t b[4] = {ctrl & 0xff, ctrl >> 8 & 0xff, 0, 0};
	int rc = tph_cfg_write(tph, ctrl_offset(tph), b, sizeof(b));

	if (rc == 0)
		rc = tph_ctrl_note(tph);
	if (rc != 0)
		return rc;
	return stuck(tph, mode, req) ? 0 : -EIO;
}

int
tph_ctrl_enable(struct steer_tph *tph, enum steer_pci_tph_mode mode, enum steer_pci_tph_req req)
{
	int rc;

	if (req == STEER_PCI_TPH_REQ_EXT) {
		rc = tph_ctrl_write(tph, mode, STEER_PCI_TPH_REQ_EXT);
		if (rc != -EIO)
			return rc;
	}
	/* A root port that completes only 8-bit tags. */
	rc = tph_ctrl_write(tph, mode, STEER_PCI_TPH_REQ_STD);
	if (rc == -EIO)
		tph->info.mode = STEER_PCI_TPH_MODE_NS;
	return rc;
}

int
tph_ctrl_repair(struct steer_tph *tph)
{
	enum steer_pci_tph_mode mode = tph->info.mode;
	enum steer_pci_tph_req req = tph->info.req;
	int rc = tph_ctrl_note(tph);

	if (rc != 0 || req == STEER_PCI_TPH_REQ_OFF || stuck(tph, mode, req))
		return rc;
	if (tph->dialect != NULL && tph->dialect->enable != NULL)
		return tph->dialect->enable(tph, mode);
	return tph_ctrl_write(tph, mode, req);
}

int
steer_tph_enable(struct steer_tph *tph, enum steer_pci_tph_mode mode)
{
	const struct steer_pci_tph *cap = &tph->info.cap;

	if (cap->pos == 0 || !(cap->modes & 1u << mode))
		return -ENOTSUP;
	if (tph->dialect != NULL && tph->dialect->enable != NULL)
		return tph->dialect->enable(tph, mode);
	return tph_ctrl_enable(tph, mode,
			       cap->extended ? STEER_PCI_TPH_REQ_EXT : STEER_PCI_TPH_REQ_STD);
}
