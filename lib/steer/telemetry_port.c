/* SPDX-License-Identifier: BSD-3-Clause */

/* /steer/list and /steer/port. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "steer_priv.h"
#include "telemetry.h"

/* A port in /steer/list. */
struct line {
	uint16_t port_id;
	enum steer_strategy strategy;
	int enabled;
	char name[sizeof(((struct steer_port *)0)->name)];
	char why[sizeof(((struct steer_port_info *)0)->why)];
};

static bool
next_line(int after, struct line *line)
{
	struct steer_port *port = steer_registry_lock_next(after);
	struct steer_port_info info;

	if (port == NULL)
		return false;
	steer_port_info_fill(port, &info);
	line->port_id = port->conf.port_id;
	line->strategy = info.strategy;
	line->enabled = info.enabled;
	memcpy(line->name, port->name, sizeof(line->name));
	memcpy(line->why, info.why, sizeof(line->why));
	pthread_mutex_unlock(&port->lock);
	return true;
}

int
steer_tel_list(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct rte_tel_data *id, *name, *strategy, *enabled, *why;
	struct line lines[RTE_MAX_ETHPORTS];
	unsigned int n = 0, i;

	RTE_SET_USED(cmd);
	RTE_SET_USED(params);
	while (n < RTE_DIM(lines) && next_line(n == 0 ? -1 : lines[n - 1].port_id, &lines[n]))
		n++;
	id = steer_tel_array(RTE_TEL_INT_VAL);
	name = steer_tel_array(RTE_TEL_STRING_VAL);
	strategy = steer_tel_array(RTE_TEL_STRING_VAL);
	enabled = steer_tel_array(RTE_TEL_INT_VAL);
	why = steer_tel_array(RTE_TEL_STRING_VAL);
	for (i = 0; i < n && id && name && strategy && enabled && why; i++) {
		rte_tel_data_add_array_int(id, lines[i].port_id);
		rte_tel_data_add_array_string(name, lines[i].name);
		rte_tel_data_add_array_string(strategy, steer_strategy_name(lines[i].strategy));
		rte_tel_data_add_array_int(enabled, lines[i].enabled);
		rte_tel_data_add_array_string(why, lines[i].why);
	}
	rte_tel_data_start_dict(d);
	steer_tel_add(d, "port", id);
	steer_tel_add(d, "name", name);
	steer_tel_add(d, "strategy", strategy);
	steer_tel_add(d, "enabled", enabled);
	steer_tel_add(d, "why", why);
	return 0;
}

/* An array of strings. */
static void
add_findings(struct rte_tel_data *d, const struct steer_port_info *info)
{
	struct rte_tel_data *list = steer_tel_array(RTE_TEL_STRING_VAL);
	unsigned int i;

	for (i = 0; list != NULL && i < info->nb_findings; i++)
		rte_tel_data_add_array_string(list, info->findings[i]);
	steer_tel_add(d, "findings", list);
}

static void
add_objects(struct rte_tel_data *d, const struct steer_port_info *info)
{
	struct rte_tel_data *list = steer_tel_array(RTE_TEL_STRING_VAL);
	uint32_t bit;

	for (bit = 1; list != NULL && bit <= STEER_OBJ_ALL; bit <<= 1)
		if (info->objects & bit)
			rte_tel_data_add_array_string(list, steer_object_name(bit));
	steer_tel_add(d, "objects", list);
	rte_tel_data_add_dict_int(d, "objects_apart", info->objects_apart);
}

static void
add_port(struct rte_tel_data *d, const struct steer_port_info *info)
{
	rte_tel_data_add_dict_string(d, "mode", steer_mode_name(info->mode));
	rte_tel_data_add_dict_string(d, "strategy", steer_strategy_name(info->strategy));
	rte_tel_data_add_dict_int(d, "enabled", info->enabled);
	rte_tel_data_add_dict_int(d, "table_loc", info->table_loc);
	rte_tel_data_add_dict_int(d, "table_size", info->table_size);
	rte_tel_data_add_dict_int(d, "extended", info->extended);
	rte_tel_data_add_dict_int(d, "rxq", info->nb_rxq);
	rte_tel_data_add_dict_int(d, "txq", info->nb_txq);
	rte_tel_data_add_dict_int(d, "slots", info->nb_slots);
	rte_tel_data_add_dict_u64(d, "st_writes", info->st_writes);
	rte_tel_data_add_dict_int(d, "locked", info->locked);
	rte_tel_data_add_dict_string(d, "dialect", info->dialect);
	rte_tel_data_add_dict_string(d, "why", info->why);
	add_findings(d, info);
	add_objects(d, info);
}

/* One column of the queues first.. of a direction. */
struct column {
	const char *name;
	enum rte_tel_value_type type;
	void (*add)(struct rte_tel_data *array, const struct steer_queue_info *q);
};

static void
add_mode(struct rte_tel_data *array, const struct steer_queue_info *q)
{
	rte_tel_data_add_array_string(array, steer_queue_mode_name(q->mode));
}

static void
add_lcore(struct rte_tel_data *array, const struct steer_queue_info *q)
{
	rte_tel_data_add_array_int(array, steer_tel_number(q->lcore));
}

static void
add_cpu(struct rte_tel_data *array, const struct steer_queue_info *q)
{
	rte_tel_data_add_array_int(array, steer_tel_number(q->cpu));
}

static void
add_tag(struct rte_tel_data *array, const struct steer_queue_info *q)
{
	rte_tel_data_add_array_int(array, q->tag);
}

static void
add_relation(struct rte_tel_data *array, const struct steer_queue_info *q)
{
	rte_tel_data_add_array_string(array, steer_relation_name(q->relation));
}

static void
add_generation(struct rte_tel_data *array, const struct steer_queue_info *q)
{
	rte_tel_data_add_array_u64(array, q->generation);
}

static void
add_resteers(struct rte_tel_data *array, const struct steer_queue_info *q)
{
	rte_tel_data_add_array_u64(array, q->resteers);
}

static void
add_errors(struct rte_tel_data *array, const struct steer_queue_info *q)
{
	rte_tel_data_add_array_u64(array, q->errors);
}

static const struct column columns[] = {
	{"mode", RTE_TEL_STRING_VAL, add_mode},
	{"lcore", RTE_TEL_INT_VAL, add_lcore},
	{"cpu", RTE_TEL_INT_VAL, add_cpu},
	{"tag", RTE_TEL_INT_VAL, add_tag},
	{"relation", RTE_TEL_STRING_VAL, add_relation},
	{"generation", RTE_TEL_U64_VAL, add_generation},
	{"resteers", RTE_TEL_U64_VAL, add_resteers},
	{"errors", RTE_TEL_U64_VAL, add_errors},
};

static void
add_queues(struct rte_tel_data *d, uint16_t port, enum steer_dir dir, uint16_t first)
{
	struct steer_queue_info info[TEL_QUEUES];
	struct rte_tel_data *array;
	unsigned int n, c, i;
	char name[32];

	for (n = 0; n < TEL_QUEUES; n++)
		if (steer_queue_info_get(port, dir, (uint16_t)(first + n), &info[n]) != 0)
			break;
	for (c = 0; c < RTE_DIM(columns); c++) {
		array = steer_tel_array(columns[c].type);
		for (i = 0; array != NULL && i < n; i++)
			columns[c].add(array, &info[i]);
		snprintf(name, sizeof(name), "%s_%s", steer_dir_name(dir), columns[c].name);
		steer_tel_add(d, name, array);
	}
}

int
steer_tel_port(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct steer_port_info info;
	uint16_t port, first;
	int rc = steer_tel_parse(params, &port, &first);

	RTE_SET_USED(cmd);
	if (rc == 0)
		rc = steer_port_info_get(port, &info);
	if (rc != 0)
		return rc;
	rte_tel_data_start_dict(d);
	add_port(d, &info);
	rte_tel_data_add_dict_int(d, "first", first);
	add_queues(d, port, STEER_RX, first);
	add_queues(d, port, STEER_TX, first);
	return 0;
}
