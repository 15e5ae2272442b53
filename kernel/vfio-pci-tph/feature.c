// SPDX-License-Identifier: GPL-2.0-only
/* Device feature TPH_ST: SET programs tags by CPU, GET translates CPUs to tags. */

#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "uapi.h"
#include "vfio_pci_tph.h"

static int feature_set(struct tph_dev *t, const struct tph_st *h, const u32 *data)
{
	struct tph_entry *e;
	u32 i;
	int ret;

	if ((u32)h->index + h->count > TPH_BATCH_MAX)
		return -EINVAL;
	e = kvcalloc(h->count, sizeof(*e), GFP_KERNEL_ACCOUNT);
	if (!e)
		return -ENOMEM;
	for (i = 0; i < h->count; i++) {
		e[i].cpu = data[i];
		e[i].index = h->index + i;
		e[i].persistent = h->flags & TPH_ST_PERSISTENT;
	}
	mutex_lock(&t->lock);
	ret = tph_st_set(t, e, h->count);
	mutex_unlock(&t->lock);
	kvfree(e);
	return ret;
}

static int get_one(struct tph_dev *t, const struct tph_st *h, u32 *data)
{
	struct tph_entry e = {
		.cpu = *data,
		.persistent = h->flags & TPH_ST_PERSISTENT,
	};
	int ret = tph_cpu_check(e.cpu);

	if (!ret)
		ret = tph_st_translate(t, &e, 1);
	*data = e.tag;
	return ret;
}

/* The width of a tag is known only while TPH is on. */
static int feature_get(struct tph_dev *t, const struct tph_st *h, u32 *data)
{
	int ret = 0;
	u32 i;

	mutex_lock(&t->lock);
	if (!t->live)
		ret = -EINVAL;
	for (i = 0; !ret && i < h->count; i++)
		ret = get_one(t, h, &data[i]);
	mutex_unlock(&t->lock);
	return ret;
}

static int feature_tph_st(struct tph_dev *t, u32 flags, struct tph_st __user *arg, size_t argsz)
{
	struct tph_st h;
	size_t len;
	u32 *data;
	int ret;

	ret = vfio_check_feature(flags, argsz,
				 VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET, sizeof(h));
	if (ret != 1)
		return ret;
	if (copy_from_user(&h, arg, sizeof(h)))
		return -EFAULT;
	len = h.count * sizeof(*data);
	if ((h.flags & ~TPH_ST_PERSISTENT) || !h.count || h.count > TPH_BATCH_MAX ||
	    argsz - sizeof(h) < len)
		return -EINVAL;
	data = vmemdup_user(arg->data, len);
	if (IS_ERR(data))
		return PTR_ERR(data);
	if (flags & VFIO_DEVICE_FEATURE_SET) {
		ret = feature_set(t, &h, data);
	} else {
		ret = feature_get(t, &h, data);
		if (!ret && copy_to_user(arg->data, data, len))
			ret = -EFAULT;
	}
	kvfree(data);
	return ret;
}

int tph_device_feature(struct vfio_device *vdev, u32 flags, void __user *arg, size_t argsz)
{
	const u32 feature = flags & VFIO_DEVICE_FEATURE_MASK;
	struct tph_dev *t = to_tph(vdev);
	int ret;

	if (feature == tph_feature && tph_allowed(t))
		return feature_tph_st(t, flags, arg, argsz);
	ret = vfio_pci_core_ioctl_feature(vdev, flags, arg, argsz);
	/* Coming out of D3cold or of D3hot with a reset wipes TPH. */
	if (feature == VFIO_DEVICE_FEATURE_LOW_POWER_EXIT && tph_allowed(t) && !ret) {
		mutex_lock(&t->lock);
		tph_reapply(t);
		mutex_unlock(&t->lock);
	}
	return ret;
}
