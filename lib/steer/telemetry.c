/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_telemetry.h>

#include "steer_priv.h"

static int
tel_ports(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct steer_port *port;
	int id;

	RTE_SET_USED(cmd);
	RTE_SET_USED(params);
	rte_tel_data_start_array(d, RTE_TEL_INT_VAL);
	for (id = -1; (port = steer_registry_lock_next(id)) != NULL;) {
		id = port->conf.port_id;
		pthread_mutex_unlock(&port->lock);
		rte_tel_data_add_array_int(d, id);
	}
	return 0;
}

/* "N" or "N,rx|tx,Q" */
static int
parse(const char *params, long *port, enum steer_dir *dir, long *queue)
{
	char *end;

	if (params == NULL)
		return -EINVAL;
	*port = strtol(params, &end, 0);
	if (end == params || *port < 0 || *port > UINT16_MAX)
		return -EINVAL;
	if (dir == NULL)
		return *end == '\0' ? 0 : -EINVAL;
	if (strncmp(end, ",rx,", 4) == 0)
		*dir = STEER_RX;
	else if (strncmp(end, ",tx,", 4) == 0)
		*dir = STEER_TX;
	else
		return -EINVAL;
	params = end + 4;
	*queue = strtol(params, &end, 0);
	return end == params || *end != '\0' || *queue < 0 || *queue > UINT16_MAX ? -EINVAL : 0;
}

/* An array of strings, in the answer that is passed; EAL frees it with that. */
static void
add_findings(struct rte_tel_data *d, const struct steer_port_info *info)
{
	struct rte_tel_data *list = rte_tel_data_alloc();
	unsigned int i;

	if (list == NULL)
		return;
	rte_tel_data_start_array(list, RTE_TEL_STRING_VAL);
	for (i = 0; i < info->nb_findings; i++)
		rte_tel_data_add_array_string(list, info->findings[i]);
	if (rte_tel_data_add_dict_container(d, "findings", list, 0) != 0)
		rte_tel_data_free(list);
}

static int
tel_port(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct steer_port_info info;
	long port;
	int rc = parse(params, &port, NULL, NULL);

	RTE_SET_USED(cmd);
	if (rc == 0)
		rc = steer_port_info_get((uint16_t)port, &info);
	if (rc != 0)
		return rc;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "mode", steer_mode_name(info.mode));
	rte_tel_data_add_dict_string(d, "strategy", steer_strategy_name(info.strategy));
	rte_tel_data_add_dict_int(d, "enabled", info.enabled);
	rte_tel_data_add_dict_int(d, "table_loc", info.table_loc);
	rte_tel_data_add_dict_int(d, "table_size", info.table_size);
	rte_tel_data_add_dict_int(d, "extended", info.extended);
	rte_tel_data_add_dict_int(d, "rxq", info.nb_rxq);
	rte_tel_data_add_dict_int(d, "txq", info.nb_txq);
	rte_tel_data_add_dict_int(d, "slots", info.nb_slots);
	rte_tel_data_add_dict_u64(d, "st_writes", info.st_writes);
	rte_tel_data_add_dict_string(d, "dialect", info.dialect);
	rte_tel_data_add_dict_string(d, "why", info.why);
	add_findings(d, &info);
	return 0;
}

static void
add_id(struct rte_tel_data *d, const char *key, uint32_t id)
{
	rte_tel_data_add_dict_int(d, key, id == UINT32_MAX ? -1 : (int)id);
}

static int
tel_queue(const char *cmd, const char *params, struct rte_tel_data *d)
{
	static const char *const modes[] = {"auto", "bound", "off"};
	struct steer_queue_info info;
	enum steer_dir dir;
	long port, queue;
	int rc = parse(params, &port, &dir, &queue);

	RTE_SET_USED(cmd);
	if (rc == 0)
		rc = steer_queue_info_get((uint16_t)port, dir, (uint16_t)queue, &info);
	if (rc != 0)
		return rc;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "mode", modes[info.mode]);
	add_id(d, "lcore", info.lcore);
	add_id(d, "cpu", info.cpu);
	rte_tel_data_add_dict_int(d, "tag", info.tag);
	rte_tel_data_add_dict_int(d, "vector", info.vector);
	rte_tel_data_add_dict_u64(d, "generation", info.generation);
	rte_tel_data_add_dict_int(d, "last_error", info.last_error);
	rte_tel_data_add_dict_string(d, "why", info.why);
	return 0;
}

RTE_INIT(steer_telemetry)
{
	rte_telemetry_register_cmd("/steer/ports", tel_ports, "Steered ports. No parameters");
	rte_telemetry_register_cmd("/steer/port", tel_port, "State of a port. Parameter: port id");
	rte_telemetry_register_cmd("/steer/queue", tel_queue,
				   "State of a queue. Parameters: port id,rx|tx,queue id");
}
