// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hardware on a kernel with CONFIG_PCIE_TPH: the PCI core owns control and
 * table, keeps them over resets, and is asked for everything.
 */

#include <linux/bitfield.h>
#include <linux/pci.h>
#include <linux/pci-tph.h>

#ifdef TPH_CORE_TAKES_UID
#include <linux/acpi.h>
#endif

#include "vfio_pci_tph.h"

/**
 * tph_hw_enable() - TPH on
 * @t: device
 *
 * The core takes the widest tags that device and root port allow; narrower ones
 * cannot be had from it.
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int tph_hw_enable(struct tph_dev *t)
{
	struct pci_dev *pdev = t->core.pdev;

	pcie_disable_tph(pdev);
	return pcie_enable_tph(pdev, t->mode) ? -EOPNOTSUPP : 0;
}

void tph_hw_disable(struct tph_dev *t)
{
	pcie_disable_tph(t->core.pdev);
}

static u16 read_entry(struct tph_dev *t, u16 index)
{
	u16 tag = 0xffff;

	pci_read_config_word(t->core.pdev, t->cap + TPH_REG_ST + 2 * index, &tag);
	return tag;
}

static bool table_in_use(struct tph_dev *t)
{
	u16 i;

	for (i = 0; t->loc == TPH_LOC_CAP && i < t->entries; i++)
		if (read_entry(t, i))
			return true;
	return false;
}

static int write_one(struct tph_dev *t, u16 index, u16 tag)
{
	if (!tph_st_reachable(t, index))
		return 0;
	if (t->loc == TPH_LOC_MSIX && !tph_memory_enabled(t))
		return -EIO;
	if (pcie_tph_set_st_entry(t->core.pdev, index, tag))
		return -EIO;
	return t->loc != TPH_LOC_CAP || read_entry(t, index) == tag ? 0 : -EIO;
}

/**
 * tph_hw_clean() - all entries that can be reached to 0
 * @t: device
 *
 * The core writes entries only while TPH is on.
 */
void tph_hw_clean(struct tph_dev *t)
{
	struct pci_dev *pdev = t->core.pdev;
	u16 i;

	if (!pdev->tph_enabled &&
	    (!table_in_use(t) ||
	     pcie_enable_tph(pdev, t->capreg & BIT(TPH_IV) ? TPH_IV : TPH_DS)))
		return;
	for (i = 0; i < t->entries; i++)
		if (write_one(t, i, 0))
			return;
}

/**
 * tph_hw_write() - write entries
 * @t: device, tph_hw_enable() was called
 * @e: entries; those without interrupt are left out
 * @n: their number
 *
 * Return: 0 or -EIO, and then the core may have switched TPH off.
 */
int tph_hw_write(struct tph_dev *t, const struct tph_entry *e, size_t n)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && t->mode != TPH_NS && i < n; i++)
		ret = write_one(t, e[i].index, e[i].tag);
	return ret;
}

/**
 * tph_hw_cpu_tag() - the tag of a CPU
 * @t: device, on
 * @persistent: kind of memory
 * @cpu: logical CPU
 * @tag: result
 *
 * Return: 0; -ENOENT: none of this width; -ENODEV: firmware knows no tags.
 */
int tph_hw_cpu_tag(struct tph_dev *t, bool persistent, u32 cpu, u16 *tag)
{
	enum tph_mem_type type = persistent ? TPH_MEM_TYPE_PM : TPH_MEM_TYPE_VM;
	int ret;

#ifdef TPH_CORE_TAKES_UID
	cpu = cpu_acpi_id(cpu);
#endif
	*tag = 0;
	ret = pcie_tph_get_cpu_st(t->core.pdev, type, cpu, tag);
	if (ret)
		return -ENODEV;
	return *tag ? 0 : -ENOENT;
}
