/* SPDX-License-Identifier: BSD-3-Clause */

/* Devices that come and go while the program runs. */

#include <errno.h>
#include <stdio.h>

#include <rte_dev.h>
#include <rte_errno.h>

#include "ports.h"

/* The device of a port; it is not to be had from the port any more once that is closed. */
static struct rte_device *
port_device(uint16_t id)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(id, &info) == 0 ? info.device : NULL;
}

static int
device_remove(struct rte_device *device, const char *name)
{
	int rc = rte_dev_remove(device);

	if (rc != 0)
		complain("%s: detach: %s", name, rte_strerror(-rc));
	return rc;
}

int
port_detach(struct app *app, uint16_t id)
{
	struct rte_device *device = port_device(id);
	char name[RTE_ETH_NAME_MAX_LEN];

	if (device == NULL) {
		complain("port %u (%s): detach: no device", id, port_name(id));
		return -ENODEV;
	}
	snprintf(name, sizeof(name), "%s", port_name(id));
	port_close(app, id);
	return device_remove(device, name);
}

/* A port that cannot be had leaves no device behind, which could not be attached again. */
static int
attached(struct app *app, uint16_t id)
{
	struct rte_device *device = port_device(id);
	char name[RTE_ETH_NAME_MAX_LEN];
	int rc;

	snprintf(name, sizeof(name), "%s", port_name(id));
	rc = port_add(app, id);
	if (rc != 0) {
		if (device != NULL)
			device_remove(device, name);
		return rc;
	}
	rc = port_start(app, id);
	if (rc != 0) {
		port_detach(app, id);
		return rc;
	}
	printf("Port %u is attached. Now total ports is %u\n", id, ports_count(app));
	return 0;
}

int
port_attach(struct app *app, const char *devargs)
{
	uint16_t id;
	int rc, first = 0;

	rc = rte_dev_probe(devargs);
	if (rc != 0) {
		complain("attach %s: %s", devargs, rte_strerror(-rc));
		return rc;
	}
	RTE_ETH_FOREACH_DEV(id) {
		if (app->ports[id].used)
			continue;
		rc = attached(app, id);
		if (rc != 0 && first == 0)
			first = rc;
	}
	return first;
}
