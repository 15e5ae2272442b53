// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TSM of the kind that connects links, for tests of what user space sees: it registers, connects
 * and disconnects, and secures nothing. The kernel's own constructor would want a device with a DOE
 * mailbox; ours have none.
 */
#include <linux/device/faux.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pci-tsm.h>
#include <linux/slab.h>
#include <linux/tsm.h>

static struct faux_device *parent;
static struct tsm_dev *tsm;

static struct pci_tsm *mock_probe(struct tsm_dev *tsm_dev, struct pci_dev *pdev)
{
	struct pci_tsm_pf0 *pf0;
	int rc;

	if (!is_pci_tsm_pf0(pdev))
		return NULL;
	pf0 = kzalloc(sizeof(*pf0), GFP_KERNEL);
	if (!pf0)
		return NULL;
	mutex_init(&pf0->lock);
	rc = pci_tsm_link_constructor(pdev, &pf0->base_tsm, tsm_dev);
	if (rc) {
		mutex_destroy(&pf0->lock);
		kfree(pf0);
		return NULL;
	}
	return &pf0->base_tsm;
}

static void mock_remove(struct pci_tsm *base)
{
	struct pci_tsm_pf0 *pf0 = container_of(base, struct pci_tsm_pf0, base_tsm);

	mutex_destroy(&pf0->lock);
	kfree(pf0);
}

static int mock_connect(struct pci_dev *pdev)
{
	pci_info(pdev, "mock TSM: connected; nothing is secured\n");
	return 0;
}

static void mock_disconnect(struct pci_dev *pdev)
{
	pci_info(pdev, "mock TSM: disconnected\n");
}

/* No bind: nobody in a released kernel asks for it. */
static struct pci_tsm_ops mock_ops = {
	.probe = mock_probe,
	.remove = mock_remove,
	.connect = mock_connect,
	.disconnect = mock_disconnect,
};

static int __init mock_init(void)
{
	parent = faux_device_create("mock-tsm", NULL, NULL);
	if (!parent)
		return -ENODEV;
	tsm = tsm_register(&parent->dev, &mock_ops);
	if (IS_ERR(tsm)) {
		faux_device_destroy(parent);
		return PTR_ERR(tsm);
	}
	return 0;
}
module_init(mock_init);

static void __exit mock_exit(void)
{
	tsm_unregister(tsm);
	faux_device_destroy(parent);
}
module_exit(mock_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("TSM for tests: connects, and secures nothing");
