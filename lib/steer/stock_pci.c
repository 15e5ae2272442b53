/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * From a port to the VFIO device file behind it, which DPDK's PCI bus keeps in the interrupt
 * handle of the device; or why there is none.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bus_pci_driver.h>
#include <rte_bus.h>
#include <rte_version.h>

#include "stock.h"

/* 26.07 changed the structs of bus, device and driver without a new ABI number. */
#if RTE_VERSION >= RTE_VERSION_NUM(26, 7, 0, 0)
#error "the PCI bus is known from DPDK 22.11 to 26.03"
#endif

static int __rte_format_printf(2, 3) refuse(struct stock_port *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why_not, sizeof(s->why_not), fmt, ap);
	va_end(ap);
	return -ENOTSUP;
}

/* The device on DPDK's own PCI bus, or NULL with why. */
static struct rte_pci_device *
pci_of(struct stock_port *s)
{
	const struct rte_device *device = s->dev->device;
	const struct rte_bus *bus = device != NULL ? rte_dev_bus(device) : NULL;

	if (rte_version_year() > 26 || (rte_version_year() == 26 && rte_version_month() >= 7)) {
		refuse(s, "%s is newer than what we know of DPDK's PCI bus", rte_version());
		return NULL;
	}
	if (bus == NULL || strcmp(rte_bus_name(bus), "pci") != 0) {
		refuse(s, "no PCI device behind it (bus %s)",
		       bus != NULL ? rte_bus_name(bus) : "none");
		return NULL;
	}
	return RTE_DEV_TO_PCI(s->dev->device);
}

/* Its VFIO device file, or -ENOTSUP with why. */
static int
file_of(struct stock_port *s, const struct rte_pci_device *pci)
{
	int fd;

	switch (pci->kdrv) {
	case RTE_PCI_KDRV_VFIO: break;
	case RTE_PCI_KDRV_IGB_UIO:
	case RTE_PCI_KDRV_UIO_GENERIC:
		return refuse(s, "bound to a UIO driver: bind it to vfio-pci (the module "
				 "vfio-pci-tph under that name)");
	default:
		return refuse(s, "its kernel driver keeps the device, there is no VFIO file; for "
				 "such ports see lib/verbs");
	}
	fd = rte_intr_dev_fd_get(pci->intr_handle);
	return fd >= 0 ? fd : refuse(s, "its driver has no VFIO device file");
}

/* A mapping of our own: drivers take theirs down when they like. */
static void
profile_take(struct stock_port *s, const struct steer_profile *p, uint32_t flags)
{
	int rc = steer_vfio_region_map(s->vdev, STEER_VFIO_REGION_BAR(p->bar), 0, p->span,
				       &s->io.bar);

	if (rc != 0) {
		refuse(s, "the tag registers of %s cannot be mapped: %s", p->name, strerror(-rc));
		return;
	}
	s->profile = p;
	s->io.len = p->span;
	s->io.wide = !!(flags & STEER_STOCK_WIDE_TAGS);
}

static int
tph_open(struct stock_port *s, const struct rte_pci_device *pci, int fd,
	 const struct steer_stock_conf *conf)
{
	const struct steer_vfio_adopt_args adopt = {
		.name = s->dev->data->name,
		.pci_addr = pci->name,
		.fd = fd,
	};
	const struct steer_tph_open_args look = {
		.feature = conf->tph_feature != 0 ? conf->tph_feature : -1,
		.dialect = conf->dialect,
		.tags_file = conf->tags_file,
	};
	char err[sizeof(s->why_not)];
	int rc = steer_vfio_adopt(&adopt, &s->vdev, err, sizeof(err));

	if (rc != 0)
		return rc == -ENOMEM ? rc : refuse(s, "%s", err);
	rc = steer_tph_open(s->vdev, &look, &s->tph);
	if (rc == 0)
		return 0;
	if (rc != -ENOMEM)
		rc = refuse(s, "look for TPH: %s", steer_vfio_error());
	stock_pci_close(s);
	return rc;
}

static int
open_device(struct stock_port *s, const struct steer_stock_conf *conf)
{
	const struct rte_pci_device *pci = pci_of(s);
	const struct steer_profile *p;
	int fd, rc;

	if (pci == NULL)
		return -ENOTSUP;
	fd = file_of(s, pci);
	if (fd < 0)
		return fd;
	p = steer_profile_find(pci->id.vendor_id, pci->id.device_id);
	if (p != NULL && p->no_tph != NULL)
		return refuse(s, "no TPH: %s: %s", p->name, p->no_tph);
	rc = tph_open(s, pci, fd, conf);
	if (rc == 0 && p != NULL && steer_tph_usable(s->tph) == 0)
		profile_take(s, p, conf->flags);
	return rc;
}

int
stock_pci_open(struct stock_port *s, const struct steer_stock_conf *conf)
{
	int rc = open_device(s, conf);

	return rc == -ENOTSUP ? 0 : rc;
}

void
stock_pci_close(struct stock_port *s)
{
	steer_tph_close(s->tph);
	steer_vfio_close(s->vdev);
	s->tph = NULL;
	s->vdev = NULL;
}
