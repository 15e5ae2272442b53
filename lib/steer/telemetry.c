/* SPDX-License-Identifier: BSD-3-Clause */

/* Commands of the telemetry socket, and what their answers share. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "steer_priv.h"
#include "telemetry.h"

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

/* Digits of C up to a comma or the end. */
static int
number(const char **text, uint16_t *n)
{
	char *end;
	long v;

	if (*text == NULL)
		return -EINVAL;
	v = strtol(*text, &end, 0);
	if (end == *text || v < 0 || v > UINT16_MAX || (*end != '\0' && *end != ','))
		return -EINVAL;
	*n = (uint16_t)v;
	*text = *end == ',' ? end + 1 : NULL;
	return 0;
}

int
steer_tel_parse(const char *params, uint16_t *port_id, uint16_t *first)
{
	int rc = number(&params, port_id);

	if (first != NULL)
		*first = 0;
	if (rc == 0 && params != NULL)
		rc = first == NULL || number(&params, first) != 0 || params != NULL ? -EINVAL : 0;
	return rc;
}

/* "N,rx|tx,Q" */
static int
parse_queue(const char *params, uint16_t *port_id, enum steer_dir *dir, uint16_t *queue)
{
	if (number(&params, port_id) != 0 || params == NULL)
		return -EINVAL;
	if (strncmp(params, "rx,", 3) == 0)
		*dir = STEER_RX;
	else if (strncmp(params, "tx,", 3) == 0)
		*dir = STEER_TX;
	else
		return -EINVAL;
	params += 3;
	return number(&params, queue) != 0 || params != NULL ? -EINVAL : 0;
}

int
steer_tel_number(uint32_t n)
{
	return n == UINT32_MAX ? -1 : (int)n;
}

struct rte_tel_data *
steer_tel_array(enum rte_tel_value_type type)
{
	struct rte_tel_data *array = rte_tel_data_alloc();

	if (array != NULL)
		rte_tel_data_start_array(array, type);
	return array;
}

void
steer_tel_add(struct rte_tel_data *d, const char *name, struct rte_tel_data *array)
{
	if (array != NULL && rte_tel_data_add_dict_container(d, name, array, 0) != 0)
		rte_tel_data_free(array);
}

static int
tel_queue(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct steer_queue_info info;
	uint16_t port, queue;
	enum steer_dir dir;
	int rc = parse_queue(params, &port, &dir, &queue);

	RTE_SET_USED(cmd);
	if (rc == 0)
		rc = steer_queue_info_get(port, dir, queue, &info);
	if (rc != 0)
		return rc;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "mode", steer_queue_mode_name(info.mode));
	rte_tel_data_add_dict_int(d, "lcore", steer_tel_number(info.lcore));
	rte_tel_data_add_dict_int(d, "lcore_cpu", steer_tel_number(info.lcore_cpu));
	rte_tel_data_add_dict_int(d, "cpu", steer_tel_number(info.cpu));
	rte_tel_data_add_dict_string(d, "relation", steer_relation_name(info.relation));
	rte_tel_data_add_dict_int(d, "tag", info.tag);
	rte_tel_data_add_dict_int(d, "vector", info.vector);
	rte_tel_data_add_dict_int(d, "objects", (int)info.objects);
	rte_tel_data_add_dict_u64(d, "generation", info.generation);
	rte_tel_data_add_dict_u64(d, "resteers", info.resteers);
	rte_tel_data_add_dict_u64(d, "errors", info.errors);
	rte_tel_data_add_dict_int(d, "last_error", info.last_error);
	rte_tel_data_add_dict_string(d, "why", info.why);
	return 0;
}

RTE_INIT(steer_telemetry)
{
	rte_telemetry_register_cmd("/steer/list", steer_tel_list, "Ports in short. No parameters");
	rte_telemetry_register_cmd("/steer/ports", tel_ports, "Steered ports. No parameters");
	rte_telemetry_register_cmd("/steer/port", steer_tel_port,
				   "A port and its queues. Parameters: port id[,first queue]");
	rte_telemetry_register_cmd("/steer/queue", tel_queue,
				   "State of a queue. Parameters: port id,rx|tx,queue id");
	rte_telemetry_register_cmd("/steer/tph", steer_tel_tph,
				   "TPH and ST table of a port. Parameter: port id");
}
