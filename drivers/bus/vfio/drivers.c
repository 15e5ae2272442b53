/* SPDX-License-Identifier: BSD-3-Clause */

#include <string.h>

#include "bus_priv.h"

RTE_TAILQ_HEAD(vfio_bus_driver_list, vfio_bus_driver);

static struct vfio_bus_driver_list drivers = TAILQ_HEAD_INITIALIZER(drivers);

static bool
is_listed(const struct vfio_bus_driver *drv)
{
	const struct vfio_bus_driver *d;

	TAILQ_FOREACH(d, &drivers, next)
		if (d == drv)
			return true;
	return false;
}

static bool
name_taken(const char *name)
{
	const struct vfio_bus_driver *d;

	TAILQ_FOREACH(d, &drivers, next)
		if (strcmp(d->driver.name, name) == 0)
			return true;
	return false;
}

void
vfio_bus_driver_register(struct vfio_bus_driver *drv)
{
	if (!name_taken(drv->driver.name)) {
		TAILQ_INSERT_TAIL(&drivers, drv, next);
		return;
	}
	BUS_LOG(ERR,
		"vfio bus: driver %s is loaded twice; this copy is ignored, load only one "
		"(installed, or by -d)",
		drv->driver.name);
}

void
vfio_bus_driver_unregister(struct vfio_bus_driver *drv)
{
	if (is_listed(drv))
		TAILQ_REMOVE(&drivers, drv, next);
}

static bool
matches(const struct vfio_bus_driver *drv, const struct vfio_bus_id *id)
{
	const struct vfio_bus_id *e;

	for (e = drv->id_table; e->vendor != 0; e++)
		if (e->vendor == id->vendor &&
		    (e->device == id->device || e->device == VFIO_BUS_ANY_ID))
			return true;
	return false;
}

struct vfio_bus_driver *
vfio_bus_driver_find(const struct vfio_bus_id *id)
{
	struct vfio_bus_driver *drv;

	TAILQ_FOREACH(drv, &drivers, next)
		if (matches(drv, id))
			return drv;
	return NULL;
}
