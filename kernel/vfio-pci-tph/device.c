// SPDX-License-Identifier: GPL-2.0-only
/* The vfio device: the core's operations, with TPH around those that touch it. */

#include <linux/bitfield.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>
#include <linux/vfio.h>

#include "uapi.h"
#include "vfio_pci_tph.h"

/**
 * tph_hw_begin() - make the hardware reachable and keep resets away
 * @t: device, locked
 *
 * Return: 0 or -EIO when the device does not wake up.
 */
int tph_hw_begin(struct tph_dev *t)
{
	if (pm_runtime_resume_and_get(&t->core.pdev->dev))
		return -EIO;
	down_read(&t->core.memory_lock);
	return 0;
}

void tph_hw_end(struct tph_dev *t)
{
	up_read(&t->core.memory_lock);
	pm_runtime_put(&t->core.pdev->dev);
}

/**
 * tph_memory_enabled() - do the device's BARs answer?
 * @t: device, in tph_hw_begin()
 */
bool tph_memory_enabled(struct tph_dev *t)
{
#ifdef HAVE_VFIO_PCI_MEMORY_ENABLED
	return __vfio_pci_memory_enabled(&t->core);
#else
	struct pci_dev *pdev = t->core.pdev;
	u16 cmd = get_unaligned_le16(&t->core.vconfig[PCI_COMMAND]);

	return (__force int)pdev->current_state < (__force int)PCI_D3hot &&
	       (pdev->no_command_memory || (cmd & PCI_COMMAND_MEMORY));
#endif
}

static void tph_work(struct work_struct *work)
{
	struct tph_dev *t = container_of(work, struct tph_dev, work);

	mutex_lock(&t->lock);
	tph_reapply(t);
	mutex_unlock(&t->lock);
}

static int tph_init_dev(struct vfio_device *vdev)
{
	struct tph_dev *t = to_tph(vdev);

	mutex_init(&t->lock);
	INIT_WORK(&t->work, tph_work);
	return vfio_pci_core_init_dev(vdev);
}

static void tph_release_dev(struct vfio_device *vdev)
{
	mutex_destroy(&to_tph(vdev)->lock);
	vfio_pci_core_release_dev(vdev);
}

static int tph_open(struct vfio_device *vdev)
{
	struct tph_dev *t = to_tph(vdev);
	int ret = vfio_pci_core_enable(&t->core);

	if (ret)
		return ret;
	mutex_lock(&t->lock);
	ret = tph_st_init(t);
	mutex_unlock(&t->lock);
	if (ret) {
		vfio_pci_core_disable(&t->core);
		return ret;
	}
	vfio_pci_core_finish_enable(&t->core);
	return 0;
}

static void tph_close(struct vfio_device *vdev)
{
	struct tph_dev *t = to_tph(vdev);

	mutex_lock(&t->lock);
	tph_off(t);
	tph_st_free(t);
	mutex_unlock(&t->lock);
	cancel_work_sync(&t->work);
	vfio_pci_core_close_device(vdev);
}

static unsigned int reachable(struct tph_dev *t)
{
	unsigned int n = 0;
	u16 i;

	for (i = 0; t->loc == TPH_LOC_MSIX && i < t->entries; i++)
		n += tph_st_reachable(t, i);
	return n;
}

/*
 * When the core switches MSI-X on it wipes the control words of all vectors; a
 * vector that is allocated later starts with what its word has. Both change the
 * number of vectors. Those that stay keep their tags by the kernel's own copy.
 * Under our lock no vector comes or goes while tags are written.
 */
static long tph_set_irqs(struct tph_dev *t, unsigned int cmd, unsigned long arg)
{
	unsigned int before;
	long ret;

	mutex_lock(&t->lock);
	before = reachable(t);
	ret = vfio_pci_core_ioctl(&t->core.vdev, cmd, arg);
	if (reachable(t) != before)
		tph_reapply(t);
	mutex_unlock(&t->lock);
	return ret;
}

static long tph_reset(struct tph_dev *t, unsigned int cmd, unsigned long arg)
{
	long ret;

	mutex_lock(&t->lock);
	tph_quiesce(t);
	mutex_unlock(&t->lock);

	ret = vfio_pci_core_ioctl(&t->core.vdev, cmd, arg);

	mutex_lock(&t->lock);
	tph_reapply(t);
	mutex_unlock(&t->lock);
	return ret;
}

static long tph_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct tph_dev *t = to_tph(vdev);

	if (tph_allowed(t)) {
		switch (cmd) {
		case VFIO_DEVICE_SET_IRQS:
			return tph_set_irqs(t, cmd, arg);
		case VFIO_DEVICE_RESET:
		case VFIO_DEVICE_PCI_HOT_RESET:
			return tph_reset(t, cmd, arg);
		case TPH_V8_IOCTL:
			if (ioctl_v8)
				return tph_v8_ioctl(t, (void __user *)arg);
		}
	}
	return vfio_pci_core_ioctl(vdev, cmd, arg);
}

static ssize_t tph_read(struct vfio_device *vdev, char __user *buf, size_t count, loff_t *ppos)
{
	struct tph_dev *t = to_tph(vdev);

	if (tph_allowed(t) && VFIO_PCI_OFFSET_TO_INDEX(*ppos) == VFIO_PCI_CONFIG_REGION_INDEX)
		return tph_config_read(t, buf, count, ppos);
	return vfio_pci_core_read(vdev, buf, count, ppos);
}

static ssize_t tph_write(struct vfio_device *vdev, const char __user *buf, size_t count,
			 loff_t *ppos)
{
	struct tph_dev *t = to_tph(vdev);

	if (tph_allowed(t) && VFIO_PCI_OFFSET_TO_INDEX(*ppos) == VFIO_PCI_CONFIG_REGION_INDEX)
		return tph_config_write(t, buf, count, ppos);
	return vfio_pci_core_write(vdev, buf, count, ppos);
}

const struct vfio_device_ops tph_device_ops = {
	.name			= "vfio-pci-tph",
	.init			= tph_init_dev,
	.release		= tph_release_dev,
	.open_device		= tph_open,
	.close_device		= tph_close,
	.ioctl			= tph_ioctl,
	.device_feature		= tph_device_feature,
	.read			= tph_read,
	.write			= tph_write,
	.mmap			= vfio_pci_core_mmap,
	.request		= vfio_pci_core_request,
	.match			= vfio_pci_core_match,
#ifdef HAVE_VFIO_REGION_INFO_CAPS
	.get_region_info_caps	= vfio_pci_ioctl_get_region_info,
#endif
#ifdef HAVE_VFIO_TOKEN_UUID
	.match_token_uuid	= vfio_pci_core_match_token_uuid,
#endif
	.bind_iommufd		= vfio_iommufd_physical_bind,
	.unbind_iommufd		= vfio_iommufd_physical_unbind,
	.attach_ioas		= vfio_iommufd_physical_attach_ioas,
	.detach_ioas		= vfio_iommufd_physical_detach_ioas,
#ifdef HAVE_VFIO_PASID_IOAS
	.pasid_attach_ioas	= vfio_iommufd_physical_pasid_attach_ioas,
	.pasid_detach_ioas	= vfio_iommufd_physical_pasid_detach_ioas,
#endif
};

#ifdef HAVE_VFIO_PCI_DMABUF_OPS
static const struct vfio_pci_device_ops tph_pci_ops = {
	.get_dmabuf_phys	= vfio_pci_core_get_dmabuf_phys,
};
#endif

/**
 * tph_device_setup() - what a device needs between its allocation and register
 * @t: device
 */
void tph_device_setup(struct tph_dev *t)
{
#ifdef HAVE_VFIO_PCI_DMABUF_OPS
	t->core.pci_ops = &tph_pci_ops;
#endif
}
