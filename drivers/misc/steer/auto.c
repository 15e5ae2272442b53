/* SPDX-License-Identifier: BSD-3-Clause */

/* STEER=auto in the environment: the same as --vdev=steer, for programs whose arguments are not
 * ours to change. */

#include <stdlib.h>
#include <string.h>

#include <bus_vdev_driver.h>
#include <rte_devargs.h>
#include <rte_eal.h>

#include "plugin.h"

#define VARIABLE "STEER"

static bool
named_already(void)
{
	struct rte_devargs *da;

	RTE_EAL_DEVARGS_FOREACH("vdev", da)
	if (strncmp(da->name, PLUGIN_NAME, strlen(PLUGIN_NAME)) == 0)
		return true;
	return false;
}

/* Before the devices of the vdev bus are taken from the arguments. A scan comes again with each
 * hot-plug, also after the device was removed by the user. */
static void
scan(void *arg)
{
	const char *value = getenv(VARIABLE);
	static bool done;

	RTE_SET_USED(arg);
	if (done || value == NULL)
		return;
	done = true;
	if (strcmp(value, "auto") != 0) {
		PLUGIN_LOG(ERR, VARIABLE "=%.64s: only auto is allowed; ports are not followed",
			   value);
		return;
	}
	/* A secondary sees the devices of its primary. */
	if (rte_eal_process_type() != RTE_PROC_PRIMARY || named_already())
		return;
	if (rte_devargs_add(RTE_DEVTYPE_VIRTUAL, PLUGIN_NAME) != 0)
		PLUGIN_LOG(ERR, VARIABLE "=auto: cannot add the device; use --vdev=" PLUGIN_NAME);
}

/* Nothing else may happen here: EAL loads whatever is in its plug-in folder into every program. */
RTE_INIT(steer_auto)
{
	if (getenv(VARIABLE) != NULL)
		rte_vdev_add_custom_scan(scan, NULL);
}
