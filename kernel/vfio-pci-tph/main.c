// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-pci with a user API for PCIe TPH, for kernels that have none: the driver
 * and its parameters. See README.md for the API.
 */

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sysfs.h>

#include "vfio_pci_tph.h"

ushort tph_feature = 0xfe00;
module_param(tph_feature, ushort, 0444);
MODULE_PARM_DESC(tph_feature, "Index of the device feature TPH_ST (default 0xfe00)");

static bool enable_unsafe_tph;
module_param(enable_unsafe_tph, bool, 0444);
MODULE_PARM_DESC(enable_unsafe_tph, "Let user space steer the device's writes into caches by TPH (default N)");

bool ioctl_v8;
module_param(ioctl_v8, bool, 0444);
MODULE_PARM_DESC(ioctl_v8, "Answer the ioctl of version 8 of the proposal, too (default N)");

static bool as_vfio_pci;
module_param(as_vfio_pci, bool, 0444);
MODULE_PARM_DESC(as_vfio_pci, "Register under the name vfio-pci; the stock module must be unloaded (default N)");

bool test_ignore_completer;
module_param(test_ignore_completer, bool, 0444);
MODULE_PARM_DESC(test_ignore_completer, "For tests only: do not ask whether the root port completes TPH requests (default N)");

static bool notph;	/* the boot word pci=notph */

bool tph_allowed(const struct tph_dev *t)
{
	return enable_unsafe_tph && !notph && t->cap;
}

static int tph_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct tph_dev *t;
	int ret;

	t = vfio_alloc_device(tph_dev, core.vdev, &pdev->dev, &tph_device_ops);
	if (IS_ERR(t))
		return PTR_ERR(t);
	/* The core's error handlers and power management take it for theirs. */
	dev_set_drvdata(&pdev->dev, &t->core);
	tph_device_setup(t);
	ret = vfio_pci_core_register_device(&t->core);
	if (ret)
		vfio_put_device(&t->core.vdev);
	return ret;
}

static void tph_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);
	struct tph_dev *t = to_tph(&core->vdev);

	vfio_pci_core_unregister_device(core);
	cancel_work_sync(&t->work);
	vfio_put_device(&core->vdev);
}

/*
 * Called inside a reset: of another function's hot reset, of sysfs, or of our
 * own ioctls, and then with memory_lock held for writing. So nothing but a note.
 */
static void tph_reset_done(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);

	schedule_work(&to_tph(&core->vdev)->work);
}

static const struct pci_error_handlers tph_err_handlers = {
	.error_detected	= vfio_pci_core_aer_err_detected,
	.reset_done	= tph_reset_done,
};

static const struct pci_device_id tph_ids[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_ANY_ID, PCI_ANY_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, tph_ids);

static struct pci_driver tph_driver = {
	.name			= "vfio-pci-tph",
	.id_table		= tph_ids,
	.probe			= tph_probe,
	.remove			= tph_remove,
	.err_handler		= &tph_err_handlers,
	.driver_managed_dma	= true,
};

/*
 * A program that looks for the driver vfio-pci may look for its module first, as
 * DPDK does. The link also tells whose it is.
 */
static int link_module(void)
{
	struct kobject *own = &THIS_MODULE->mkobj.kobj;

	return as_vfio_pci ? sysfs_create_link(&own->kset->kobj, own, "vfio_pci") : 0;
}

static void unlink_module(void)
{
	if (as_vfio_pci)
		sysfs_remove_link(&THIS_MODULE->mkobj.kobj.kset->kobj, "vfio_pci");
}

static int __init tph_init(void)
{
	int ret;

	notph = tph_booted_notph();
	if (as_vfio_pci)
		tph_driver.name = "vfio-pci";
	if (enable_unsafe_tph && notph)
		pr_warn("vfio-pci-tph: booted with pci=notph: TPH stays off\n");
	if (test_ignore_completer)
		pr_warn("vfio-pci-tph: test_ignore_completer is set: for tests only\n");
	ret = pci_register_driver(&tph_driver);
	if (ret == -EBUSY)
		pr_err("vfio-pci-tph: a driver %s is there already: unload it first\n",
		       tph_driver.name);
	if (ret)
		return ret;
	ret = link_module();
	if (ret)
		pci_unregister_driver(&tph_driver);
	return ret;
}
module_init(tph_init);

static void __exit tph_exit(void)
{
	unlink_module();
	pci_unregister_driver(&tph_driver);
}
module_exit(tph_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("VFIO PCI with TPH steering tags for user space");
MODULE_VERSION("0.3");
