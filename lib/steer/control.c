/* SPDX-License-Identifier: BSD-3-Clause */

/* The application's calls on a port. */

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

static void
fill_info(const struct steer_port *port, struct steer_port_info *info)
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
		.objects = steer_objects_port(port),
		.objects_apart = steer_objects_apart(port),
		.dialect = "none",
	};
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
	fill_info(port, info);
	pthread_mutex_unlock(&port->lock);
	return 0;
}

static int
turn_on(struct steer_port *port)
{
	int rc = steer_port_tph_enable(port);

	if (rc == 0)
		rc = port->way->again(port);
	if (rc != 0)
		return rc == -ENODEV ? rc : -EIO;
	port->user_off = false;
	steer_queue_unsettle_all(port);
	steer_port_scan(port);
	return 0;
}

static int
turn_off(struct steer_port *port)
{
	uint16_t q;
	int dir, rc;

	for (dir = STEER_RX; dir <= STEER_TX; dir++) {
		for (q = 0; q < port->nb[dir]; q++) {
			if (port->way == &steer_way_ds_reg && port->started)
				port->way->apply(port, (enum steer_dir)dir, q, STEER_CPU_NONE);
			steer_queue_in_force(port, (enum steer_dir)dir, q, STEER_CPU_NONE, 0);
		}
	}
	port->user_off = true;
	rc = steer_port_tph_disable(port);
	steer_port_st_forget(port);
	return rc;
}

static int
turn(uint16_t port_id, bool on)
{
	struct steer_port *port = steer_registry_lock(port_id);
	int rc = 0;

	if (port == NULL)
		return -ENODEV;
	if (steer_port_is_gone(port))
		rc = -ENODEV;
	else if (port->way == NULL)
		rc = -ENOTSUP;
	else if (on == port->user_off)
		rc = on ? turn_on(port) : turn_off(port);
	pthread_mutex_unlock(&port->lock);
	return rc;
}

int
steer_port_enable(uint16_t port_id)
{
	return turn(port_id, true);
}

int
steer_port_disable(uint16_t port_id)
{
	return turn(port_id, false);
}
