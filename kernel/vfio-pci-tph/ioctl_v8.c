// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctl of version 8 of the proposal. argsz may exceed what is known here:
 * a longer answer is filled up with zeros, a longer question must end in zeros.
 */

#include <linux/bitfield.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "uapi.h"
#include "vfio_pci_tph.h"

static u8 v8_modes(const struct tph_dev *t)
{
	u8 modes = 0;

	if (t->capreg & BIT(TPH_IV))
		modes |= TPH_V8_MODE_IV;
	if (t->capreg & BIT(TPH_DS))
		modes |= TPH_V8_MODE_DS;
	return modes;
}

static long get_cap(struct tph_dev *t, void __user *arg, size_t len)
{
	struct tph_v8_cap cap = {
		.supported_modes = v8_modes(t),
		.st_table_sz = t->entries,
	};

	if (len < sizeof(cap))
		return -EINVAL;
	if (!cap.supported_modes)
		return -EOPNOTSUPP;
	if (copy_to_user(arg, &cap, sizeof(cap)) ||
	    clear_user(arg + sizeof(cap), len - sizeof(cap)))
		return -EFAULT;
	return 0;
}

static long enable(struct tph_dev *t, void __user *arg, size_t len)
{
	struct tph_v8_ctrl ctrl;
	long ret;

	if (len < sizeof(ctrl))
		return -EINVAL;
	ret = copy_struct_from_user(&ctrl, sizeof(ctrl), arg, len);
	if (ret)
		return ret;
	if (memchr_inv(ctrl.reserved, 0, sizeof(ctrl.reserved)) ||
	    (ctrl.mode != TPH_V8_MODE_IV && ctrl.mode != TPH_V8_MODE_DS))
		return -EINVAL;
	mutex_lock(&t->lock);
	ret = t->on ? -EBUSY :
	      tph_ctrl_set(t, ctrl.mode == TPH_V8_MODE_IV ? TPH_IV : TPH_DS, TPH_REQ_EXT);
	mutex_unlock(&t->lock);
	return ret;
}

static long disable(struct tph_dev *t)
{
	mutex_lock(&t->lock);
	tph_off(t);
	mutex_unlock(&t->lock);
	return 0;
}

static long get_tags(struct tph_dev *t, struct tph_entry *e, u32 count)
{
	long ret = t->live ? 0 : -EINVAL;
	u32 i;

	for (i = 0; !ret && i < count; i++)
		ret = tph_cpu_check(e[i].cpu);
	return ret ? ret : tph_st_translate(t, e, count);
}

static long run(struct tph_dev *t, u32 op, struct tph_v8_entry *v, u32 count)
{
	struct tph_entry *e = kvcalloc(count, sizeof(*e), GFP_KERNEL_ACCOUNT);
	long ret = 0;
	u32 i;

	if (!e)
		return -ENOMEM;
	for (i = 0; !ret && i < count; i++) {
		e[i].cpu = v[i].cpu;
		e[i].index = v[i].index;
		e[i].persistent = v[i].mem_type;
		if (v[i].mem_type > 1 || v[i].reserved0 || v[i].reserved1)
			ret = -EINVAL;
	}
	mutex_lock(&t->lock);
	if (!ret)
		ret = op == TPH_V8_SET_ST ? tph_st_set(t, e, count) : get_tags(t, e, count);
	mutex_unlock(&t->lock);
	for (i = 0; !ret && op == TPH_V8_GET_ST && i < count; i++)
		v[i].st = e[i].tag;
	kvfree(e);
	return ret;
}

static long entries(struct tph_dev *t, u32 op, struct tph_v8_st __user *arg, size_t len)
{
	struct tph_v8_entry *v;
	struct tph_v8_st h;
	long ret;

	if (len < sizeof(h))
		return -EINVAL;
	if (copy_from_user(&h, arg, sizeof(h)))
		return -EFAULT;
	if (!h.count || h.count > TPH_BATCH_MAX || h.reserved ||
	    len < struct_size(arg, entries, h.count))
		return -EINVAL;
	v = vmemdup_user(arg->entries, h.count * sizeof(*v));
	if (IS_ERR(v))
		return PTR_ERR(v);
	ret = run(t, op, v, h.count);
	if (!ret && op == TPH_V8_GET_ST &&
	    copy_to_user(arg->entries, v, h.count * sizeof(*v)))
		ret = -EFAULT;
	kvfree(v);
	return ret;
}

/**
 * tph_v8_ioctl() - VFIO_DEVICE_PCI_TPH
 * @t: device
 * @arg: struct tph_v8_head and what its op needs
 *
 * Return: 0; -EINVAL: unknown op, argsz too small, reserved bytes set; -E2BIG:
 * argsz beyond a page, or bytes set that are not known here; -EBUSY: ENABLE
 * while on; -EOPNOTSUPP; and those of tph_ctrl_set() and tph_st_set().
 */
long tph_v8_ioctl(struct tph_dev *t, void __user *arg)
{
	struct tph_v8_head h;
	size_t len;

	if (copy_from_user(&h, arg, sizeof(h)))
		return -EFAULT;
	if (h.argsz < sizeof(h))
		return -EINVAL;
	arg += sizeof(h);
	len = h.argsz - sizeof(h);
	switch (h.op) {
	case TPH_V8_GET_ST:
	case TPH_V8_SET_ST:
		return entries(t, h.op, arg, len);
	case TPH_V8_DISABLE:
		return disable(t);
	}
	if (len > PAGE_SIZE)
		return -E2BIG;
	switch (h.op) {
	case TPH_V8_GET_CAP:
		return get_cap(t, arg, len);
	case TPH_V8_ENABLE:
		return enable(t, arg, len);
	}
	return -EINVAL;
}
