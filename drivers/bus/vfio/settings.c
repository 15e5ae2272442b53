/* SPDX-License-Identifier: BSD-3-Clause */

/* What a device's devargs say, and whether this process can serve such a device. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_devargs.h>
#include <rte_eal.h>

#include "bus_priv.h"

static void
params_take(struct vfio_bus_device *dev, const struct vfio_bus_params *p)
{
	snprintf(dev->sock, sizeof(dev->sock), "%s", p->sock);
	dev->transport = p->transport;
	dev->steer_mode = p->steer_mode;
	dev->steer_scan_us = p->steer_scan_us;
	dev->tph_feature = p->tph_feature;
	dev->tph_dialect = p->tph_dialect;
	snprintf(dev->tph_tags, sizeof(dev->tph_tags), "%s", p->tph_tags);
	dev->tsm_mode = p->tsm_mode;
	snprintf(dev->tsm_policy, sizeof(dev->tsm_policy), "%s", p->tsm_policy);
	snprintf(dev->tsm_evidence, sizeof(dev->tsm_evidence), "%s", p->tsm_evidence);
	free(dev->driver_args);
	dev->driver_args = p->driver_args;
}

int
vfio_bus_settings_take(struct vfio_bus_device *dev)
{
	const struct rte_devargs *da = dev->device.devargs;
	struct vfio_bus_params p;
	char err[192];
	int rc = vfio_bus_params_parse(da->bus_str, da->args, &p, err, sizeof(err));

	if (rc != 0) {
		BUS_LOG(ERR, "%s: devargs: %s", dev->name, err);
		return rc;
	}
	params_take(dev, &p);
	if (dev->sock[0] != '\0' ||
	    vfio_bus_name_pci(dev->name, dev->pci_addr, sizeof(dev->pci_addr)) == 0)
		return 0;
	BUS_LOG(ERR,
		"%s: devargs: the name is no PCI address and there is no socket; give "
		"vfio:0000:01:00.0, or sock=PATH of a vfio-user device",
		dev->name);
	return -EINVAL;
}

/* Physical addresses must not change: only huge pages stay where they are. */
static int
check_noiommu(const struct vfio_bus_device *dev)
{
	if (rte_eal_iova_mode() == RTE_IOVA_PA && rte_eal_has_hugepages())
		return 0;
	BUS_LOG(ERR,
		"%s: probe: transport=noiommu needs huge pages and IOVA as PA; start EAL with "
		"--iova-mode=pa and without --no-huge",
		dev->name);
	return -ENOTSUP;
}

int
vfio_bus_settings_check(const struct vfio_bus_device *dev)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		BUS_LOG(ERR,
			"%s: probe: secondary processes are not supported; use the device in the "
			"primary",
			dev->name);
		return -ENOTSUP;
	}
	if (dev->transport == STEER_VFIO_NOIOMMU)
		return check_noiommu(dev);
	if (rte_eal_iova_mode() != RTE_IOVA_VA) {
		BUS_LOG(ERR, "%s: probe: EAL runs with IOVA as PA; start it with --iova-mode=va",
			dev->name);
		return -ENOTSUP;
	}
	return 0;
}

bool
vfio_bus_settings_noiommu(const struct vfio_bus_device *dev)
{
	const struct rte_devargs *da = dev->device.devargs;
	struct vfio_bus_params p;
	char err[192];

	/* Errors are told at probe. */
	if (vfio_bus_params_parse(da->bus_str, da->args, &p, err, sizeof(err)) != 0)
		return false;
	free(p.driver_args);
	return p.transport == STEER_VFIO_NOIOMMU;
}
