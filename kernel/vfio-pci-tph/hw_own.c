// SPDX-License-Identifier: GPL-2.0-only
/* The hardware on a kernel without CONFIG_PCIE_TPH: nobody else touches it. */

#include <linux/bitfield.h>
#include <linux/pci.h>

#include "vfio_pci_tph.h"

/* What device and root port can both do. An integrated endpoint has no port to ask. */
static u8 best_req(struct tph_dev *t)
{
	struct pci_dev *pdev = t->core.pdev, *port;
	u8 own = t->capreg & TPH_CAP_EXT ? TPH_REQ_EXT : TPH_REQ_STD;
	u32 cap2;

	if (test_ignore_completer || pci_pcie_type(pdev) == PCI_EXP_TYPE_RC_END)
		return own;
	port = pcie_find_root_port(pdev);
	if (!port || pcie_capability_read_dword(port, PCI_EXP_DEVCAP2, &cap2))
		return TPH_REQ_OFF;
	cap2 = FIELD_GET(TPH_DEVCAP2_COMP, cap2);
	return cap2 == 2 ? TPH_REQ_OFF : min_t(u8, own, cap2);
}

static int write_ctrl(struct tph_dev *t, u32 val)
{
	const u32 mask = TPH_CTRL_MODE | TPH_CTRL_REQ;
	struct pci_dev *pdev = t->core.pdev;
	u32 back = ~0;

	pci_write_config_dword(pdev, t->cap + TPH_REG_CTRL, val);
	pci_read_config_dword(pdev, t->cap + TPH_REG_CTRL, &back);
	return (back & mask) == val ? 0 : -EIO;
}

/**
 * tph_hw_enable() - choose mode and width; the requester stays off until the
 * table is written, see tph_hw_write()
 * @t: device
 *
 * Return: 0; -EOPNOTSUPP: no completer; -EIO: the register did not take it.
 */
int tph_hw_enable(struct tph_dev *t)
{
	t->req_live = min(t->req, best_req(t));
	if (t->req_live == TPH_REQ_OFF)
		return -EOPNOTSUPP;
	return write_ctrl(t, FIELD_PREP(TPH_CTRL_MODE, t->mode));
}

void tph_hw_disable(struct tph_dev *t)
{
	write_ctrl(t, 0);
}

static int write_cap(struct tph_dev *t, u16 index, u16 tag)
{
	struct pci_dev *pdev = t->core.pdev;
	int where = t->cap + TPH_REG_ST + 2 * index;
	u16 back = ~tag;

	pci_write_config_word(pdev, where, tag);
	pci_read_config_word(pdev, where, &back);
	return back == tag ? 0 : -EIO;
}

static int write_one(struct tph_dev *t, u16 index, u16 tag)
{
	if (!tph_st_reachable(t, index))
		return 0;
	if (t->loc == TPH_LOC_CAP)
		return write_cap(t, index, tag);
	if (!tph_memory_enabled(t))
		return -EIO;
	return tph_msix_write(t->core.pdev, index, tag);
}

/**
 * tph_hw_clean() - all entries that can be reached to 0, requester off
 * @t: device
 */
void tph_hw_clean(struct tph_dev *t)
{
	u16 i;

	tph_hw_disable(t);
	for (i = 0; i < t->entries; i++)
		write_one(t, i, 0);
}

/**
 * tph_hw_write() - write entries and switch the requester on
 * @t: device, tph_hw_enable() was called
 * @e: entries; those without interrupt are left out
 * @n: their number
 *
 * The requester is off meanwhile, as the specification wants it.
 *
 * Return: 0 or -EIO, and then the requester is off.
 */
int tph_hw_write(struct tph_dev *t, const struct tph_entry *e, size_t n)
{
	const u32 mode = FIELD_PREP(TPH_CTRL_MODE, t->mode);
	size_t i;
	int ret = write_ctrl(t, mode);

	for (i = 0; !ret && t->mode != TPH_NS && i < n; i++)
		ret = write_one(t, e[i].index, e[i].tag);
	if (!ret)
		ret = write_ctrl(t, mode | FIELD_PREP(TPH_CTRL_REQ, t->req_live));
	return ret;
}

/**
 * tph_hw_cpu_tag() - the tag of a CPU
 * @t: device, on
 * @persistent: kind of memory
 * @cpu: logical CPU
 * @tag: result
 *
 * Return: 0; -ENOENT: none of this width; -ENODEV: firmware knows no tags; -EIO.
 */
int tph_hw_cpu_tag(struct tph_dev *t, bool persistent, u32 cpu, u16 *tag)
{
	const bool ext = t->req_live == TPH_REQ_EXT;
	u64 info;
	int ret = tph_dsm_query(t->core.pdev, cpu, &info);

	if (ret)
		return ret;
	if (persistent)
		info >>= 32;
	if (!(info & (ext ? BIT(1) : BIT(0))))
		return -ENOENT;
	*tag = ext ? FIELD_GET(GENMASK_ULL(31, 16), info) : FIELD_GET(GENMASK_ULL(15, 8), info);
	return 0;
}
