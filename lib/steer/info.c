/* SPDX-License-Identifier: BSD-3-Clause */

/* What is in force on a port, as data. */

#include <errno.h>
#include <stdio.h>

#include "steer_priv.h"

static void
fill_findings(const struct steer_tph_info *tph, struct steer_port_info *info)
{
	unsigned int i;

	for (i = 0; i < tph->nb_findings && i < STEER_FINDINGS_MAX; i++)
		snprintf(info->findings[i], sizeof(info->findings[i]), "%s: %s",
			 tph->findings[i].what, tph->findings[i].text);
	info->nb_findings = i;
}

void
steer_port_info_fill(const struct steer_port *port, struct steer_port_info *info)
{
	const struct steer_tph_info *tph =
		port->conf.tph != NULL ? steer_tph_info(port->conf.tph) : NULL;

	*info = (struct steer_port_info){
		.mode = port->conf.mode,
		.strategy = port->way != NULL ? port->way->id : STEER_STRATEGY_NONE,
		.nb_rxq = port->nb[STEER_RX],
		.nb_txq = port->nb[STEER_TX],
		.nb_slots = port->way == &steer_way_palette ? port->nb_slots : 0,
		.st_writes = port->st_writes,
		.locked = port->locked,
		.objects = steer_objects_port(port),
		.objects_apart = steer_objects_apart(port),
		.dialect = "none",
	};
	if (port->locked)
		snprintf(info->why, sizeof(info->why), "%.*s%slocked by the TSM",
			 (int)sizeof(info->why) - 32, port->why, port->why[0] != '\0' ? "; " : "");
	else
		snprintf(info->why, sizeof(info->why), "%s", port->why);
	if (tph == NULL)
		return;
	info->enabled = tph->req != STEER_PCI_TPH_REQ_OFF;
	info->table_loc = tph->cap.loc;
	info->table_size = tph->cap.entries;
	info->extended = tph->req == STEER_PCI_TPH_REQ_EXT;
	fill_findings(tph, info);
	snprintf(info->dialect, sizeof(info->dialect), "%s", steer_tph_dialect_name(tph->dialect));
}

int
steer_port_info_get(uint16_t port_id, struct steer_port_info *info)
{
	struct steer_port *port = steer_registry_lock(port_id);

	if (port == NULL)
		return -ENODEV;
	steer_port_info_fill(port, info);
	pthread_mutex_unlock(&port->lock);
	return 0;
}
