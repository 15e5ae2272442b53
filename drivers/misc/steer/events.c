/* SPDX-License-Identifier: BSD-3-Clause */

/* Ports that come and go. */

#include <errno.h>

#include "plugin.h"

static int
event(uint16_t port_id, enum rte_eth_event_type type, void *arg, void *ret)
{
	RTE_SET_USED(arg);
	RTE_SET_USED(ret);
	if (type == RTE_ETH_EVENT_NEW)
		plugin_watch_new(port_id);
	else if (type == RTE_ETH_EVENT_DESTROY)
		plugin_watch_gone(port_id);
	return 0;
}

/* Not from a constructor: ethdev keeps them in EAL's memory. Registering them again does nothing.
 * They stay when the plug-in's device goes: what was unhooked is freed when its port is closed. */
int
plugin_events_register(void)
{
	int rc = rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_NEW, event, NULL);

	if (rc == 0)
		rc = rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_DESTROY, event, NULL);
	return rc;
}
