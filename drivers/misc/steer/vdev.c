/* SPDX-License-Identifier: BSD-3-Clause */

/* The pseudo device that switches the plug-in on. It is no port and has no queues. */

#include <errno.h>
#include <string.h>

#include <bus_vdev_driver.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "plugin.h"

RTE_LOG_REGISTER(plugin_logtype, steer.plugin, NOTICE);

/* The one device that is in force. */
static const struct rte_vdev_device *in_force;

static int
check_process(const char *name)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		PLUGIN_LOG(
			ERR,
			"%s: secondary process: ports are followed by the primary; give --vdev=%s "
			"(or STEER=auto) to the primary only",
			name, PLUGIN_NAME);
		return -ENOTSUP;
	}
	/* vdev goes on without a word after this errno: ours is the only line. */
	if (in_force != NULL) {
		PLUGIN_LOG(ERR, "%s: ports are followed by device %s already; leave one out", name,
			   rte_vdev_device_name(in_force));
		return -EEXIST;
	}
	return 0;
}

static int
steer_probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	struct plugin_args args;
	char err[192];
	int rc = check_process(name);

	if (rc != 0)
		return rc;
	rc = plugin_args_parse(rte_vdev_device_args(vdev), &args, err, sizeof(err));
	if (rc != 0) {
		PLUGIN_LOG(ERR, "%s: %s", name, err);
		return rc;
	}
	rc = plugin_watch_start(&args);
	if (rc != 0) {
		PLUGIN_LOG(ERR, "%s: cannot follow ports: %s", name, rte_strerror(-rc));
		return rc;
	}
	in_force = vdev;
	return 0;
}

static int
steer_remove(struct rte_vdev_device *vdev)
{
	if (vdev != in_force)
		return 0;
	plugin_watch_stop();
	in_force = NULL;
	return 0;
}

static struct rte_vdev_driver steer_driver = {
	.probe = steer_probe,
	.remove = steer_remove,
};

RTE_PMD_REGISTER_VDEV(steer, steer_driver);
RTE_PMD_REGISTER_PARAM_STRING(steer, "ports=all|<N>[:<N>...] scan=<microseconds>");
