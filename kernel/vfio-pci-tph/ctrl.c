// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TPH control register as the user sees it: reads tell what is in force,
 * writes are requests that stick or do not. And what depends on it: TPH on,
 * off, out of the way of a reset, and back.
 */

#include <linux/bitfield.h>
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "vfio_pci_tph.h"

static bool mode_offered(const struct tph_dev *t, u32 mode)
{
	return mode <= TPH_DS && (t->capreg & TPH_CAP_MODES & BIT(mode));
}

/* Hardware follows t->on, t->mode, t->req and the store. */
static int apply(struct tph_dev *t)
{
	int ret = tph_hw_begin(t);

	if (ret)
		return ret;
	t->live = false;
	ret = tph_hw_enable(t);
	if (!ret) {
		t->live = true;
		ret = tph_st_load(t);
	}
	if (ret) {
		tph_hw_clean(t);
		tph_hw_disable(t);
		t->live = false;
	}
	tph_hw_end(t);
	return ret;
}

/**
 * tph_reapply() - after something that may have wiped the hardware
 * @t: device, locked
 *
 * On failure the hardware is off, and the next occasion tries again.
 */
void tph_reapply(struct tph_dev *t)
{
	int ret;

	if (!t->on)
		return;
	ret = apply(t);
	if (ret)
		pci_warn(t->core.pdev, "TPH could not be set up again (%d) and is off\n", ret);
}

/**
 * tph_quiesce() - hardware off, table clean; the user's wishes stay
 * @t: device, locked
 */
void tph_quiesce(struct tph_dev *t)
{
	if (!t->live || tph_hw_begin(t))
		return;
	tph_hw_clean(t);
	tph_hw_disable(t);
	t->live = false;
	tph_hw_end(t);
}

void tph_off(struct tph_dev *t)
{
	tph_quiesce(t);
	t->on = false;
}

/**
 * tph_ctrl_set() - TPH on in a mode, or off
 * @t: device, locked
 * @mode: mode code of the control register
 * @req: requester enable, the most that is wanted; 0 with a mode other than
 *       No-ST: whatever device and root port can
 *
 * What was in force stays so when the new setting cannot be had.
 *
 * Return: 0; -EINVAL: not offered, or reserved; -EOPNOTSUPP: no TPH completer in
 * the root port; -ENOENT: a CPU in the store has no tag of this width; -EIO.
 */
int tph_ctrl_set(struct tph_dev *t, u32 mode, u32 req)
{
	const bool was_on = t->on;
	const u8 old_mode = t->mode, old_req = t->req;
	int ret;

	if (mode == TPH_NS && req == TPH_REQ_OFF) {
		tph_off(t);
		return 0;
	}
	if (req == TPH_REQ_OFF)
		req = TPH_REQ_EXT;
	if (!mode_offered(t, mode) || req == 2)
		return -EINVAL;
	if (t->live && mode == t->mode && req == t->req)
		return 0;
	tph_quiesce(t);
	t->mode = mode;
	t->req = req;
	t->on = true;
	ret = apply(t);
	if (!ret)
		return 0;
	pci_dbg(t->core.pdev, "TPH mode %u refused: %d\n", mode, ret);
	t->mode = old_mode;
	t->req = old_req;
	t->on = was_on;
	tph_reapply(t);
	return ret;
}

static bool touches(loff_t pos, size_t count, loff_t reg, size_t len)
{
	return pos < reg + len && pos + count > reg;
}

/* No reader sees the moment in which a batch has TPH off. */
ssize_t tph_config_read(struct tph_dev *t, char __user *buf, size_t count, loff_t *ppos)
{
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t ret;

	if (!touches(pos, count, t->cap + TPH_REG_CTRL, 4))
		return vfio_pci_core_read(&t->core.vdev, buf, count, ppos);
	mutex_lock(&t->lock);
	ret = vfio_pci_core_read(&t->core.vdev, buf, count, ppos);
	mutex_unlock(&t->lock);
	return ret;
}

/* The fields sit in the low two bytes; a write of one of them alone says too little. */
static void write_ctrl(struct tph_dev *t, const char __user *buf)
{
	__le16 raw;
	u16 val;

	if (copy_from_user(&raw, buf, sizeof(raw)))
		return;
	val = le16_to_cpu(raw);
	mutex_lock(&t->lock);
	tph_ctrl_set(t, FIELD_GET(TPH_CTRL_MODE, val), FIELD_GET(TPH_CTRL_REQ, val));
	mutex_unlock(&t->lock);
}

/*
 * A change of power state can wipe the device. With its memory on, a table in
 * MSI-X can be reached that could not be when it was to be set up again.
 */
static void after_write(struct tph_dev *t, loff_t pos, size_t len)
{
	const u8 pm = t->core.pdev->pm_cap;

	mutex_lock(&t->lock);
	if ((pm && touches(pos, len, pm + PCI_PM_CTRL, 2)) ||
	    (!t->live && touches(pos, len, PCI_COMMAND, 2)))
		tph_reapply(t);
	mutex_unlock(&t->lock);
}

/*
 * The core drops what goes to the TPH capability, the table included. A write
 * can also reset the device (FLR), and then reset_done() has queued the work.
 */
ssize_t tph_config_write(struct tph_dev *t, const char __user *buf, size_t count, loff_t *ppos)
{
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK, ctrl = t->cap + TPH_REG_CTRL;
	ssize_t ret = vfio_pci_core_write(&t->core.vdev, buf, count, ppos);

	if (ret <= 0)
		return ret;
	flush_work(&t->work);
	after_write(t, pos, ret);
	if (pos <= ctrl && pos + ret >= ctrl + 2)
		write_ctrl(t, buf + (ctrl - pos));
	return ret;
}
