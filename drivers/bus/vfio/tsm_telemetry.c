/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * /steer/tsm: the devices that were attached with tsm=; /steer/tsm,N: the verdict on port N, or on
 * the device of that name, which need not be a port: it may have been refused.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_telemetry.h>

#include <steer_tsm.h>

#include "bus_vfio_tsm.h"

#define NAME_LEN 64
#define HEX_LEN  (2 * STEER_TSM_NONCE_MAX + 1)

/* An array or dictionary to fill and to hand over; NULL: no memory. */
static struct rte_tel_data *
container(int rc_of_start, struct rte_tel_data *d)
{
	if (rc_of_start == 0)
		return d;
	rte_tel_data_free(d);
	return NULL;
}

static struct rte_tel_data *
array_new(enum rte_tel_value_type type)
{
	struct rte_tel_data *d = rte_tel_data_alloc();

	return d == NULL ? NULL : container(rte_tel_data_start_array(d, type), d);
}

static struct rte_tel_data *
dict_new(void)
{
	struct rte_tel_data *d = rte_tel_data_alloc();

	return d == NULL ? NULL : container(rte_tel_data_start_dict(d), d);
}

static void
hand_over(struct rte_tel_data *d, const char *name, struct rte_tel_data *part)
{
	if (part != NULL && rte_tel_data_add_dict_container(d, name, part, 0) != 0)
		rte_tel_data_free(part);
}

static int
port_of(const char *name)
{
	uint16_t port;

	return rte_eth_dev_get_port_by_name(name, &port) == 0 ? port : -1;
}

static int
tel_devices(struct rte_tel_data *d)
{
	struct rte_tel_data *device = array_new(RTE_TEL_STRING_VAL);
	struct rte_tel_data *port = array_new(RTE_TEL_INT_VAL);
	struct rte_tel_data *summary = array_new(RTE_TEL_STRING_VAL);
	struct rte_tel_data *code = array_new(RTE_TEL_STRING_VAL);
	struct rte_tel_data *state = array_new(RTE_TEL_STRING_VAL);
	bool room = device && port && summary && code && state;
	struct steer_tsm_verdict v;
	char name[NAME_LEN];
	unsigned int i;

	for (i = 0; room && vfio_bus_tsm_name(i, name) == 0; i++) {
		if (vfio_bus_tsm_verdict(name, &v) != 0)
			continue;
		rte_tel_data_add_array_string(device, name);
		rte_tel_data_add_array_int(port, port_of(name));
		rte_tel_data_add_array_string(summary, steer_tsm_summary_name(v.summary));
		rte_tel_data_add_array_string(code, steer_tsm_code_name(v.code));
		rte_tel_data_add_array_string(state,
					      steer_tsm_state_name((enum steer_tsm_state)v.state));
	}
	rte_tel_data_start_dict(d);
	hand_over(d, "device", device);
	hand_over(d, "port", port);
	hand_over(d, "summary", summary);
	hand_over(d, "code", code);
	hand_over(d, "state", state);
	return 0;
}

static void
add_hex(struct rte_tel_data *d, const char *name, const uint8_t *bytes, size_t len)
{
	char text[HEX_LEN] = "";
	size_t i;

	for (i = 0; i < len && i < STEER_TSM_NONCE_MAX; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	rte_tel_data_add_dict_string(d, name, text);
}

static struct rte_tel_data *
check_dict(const struct steer_tsm_check *c)
{
	struct rte_tel_data *d = dict_new();

	if (d == NULL)
		return NULL;
	rte_tel_data_add_dict_string(d, "result", steer_tsm_code_name(c->result));
	rte_tel_data_add_dict_string(d, "text", c->text);
	add_hex(d, "sha384", c->digest, c->has_digest ? sizeof(c->digest) : 0);
	rte_tel_data_add_dict_int(d, "live_only", c->live_only);
	return d;
}

static void
add_checks(struct rte_tel_data *d, const struct steer_tsm_verdict *v)
{
	struct rte_tel_data *checks = dict_new();
	char name[sizeof(v->checks[0].name)];
	unsigned int i;

	for (i = 0; checks != NULL && i < v->nb_checks && i < STEER_TSM_CHECKS_MAX; i++) {
		/* Names of values have letters, digits, underscores and slashes. */
		snprintf(name, sizeof(name), "%s", v->checks[i].name);
		for (char *p = name; *p != '\0'; p++)
			if (!isalnum((unsigned char)*p))
				*p = '_';
		hand_over(checks, name, check_dict(&v->checks[i]));
	}
	hand_over(d, "checks", checks);
}

static void
add_verdict(struct rte_tel_data *d, const struct steer_tsm_verdict *v)
{
	rte_tel_data_add_dict_string(d, "summary", steer_tsm_summary_name(v->summary));
	rte_tel_data_add_dict_string(d, "code", steer_tsm_code_name(v->code));
	rte_tel_data_add_dict_string(d, "mode", steer_tsm_mode_name(v->mode));
	rte_tel_data_add_dict_string(d, "role", steer_tsm_role_name(v->role));
	rte_tel_data_add_dict_string(d, "arch", steer_tsm_arch_name(v->arch));
	rte_tel_data_add_dict_string(d, "state",
				     steer_tsm_state_name((enum steer_tsm_state)v->state));
	rte_tel_data_add_dict_int(d, "simulated", v->simulated);
	rte_tel_data_add_dict_string(d, "tsm", v->tsm);
	rte_tel_data_add_dict_string(d, "why", v->why);
	rte_tel_data_add_dict_u64(d, "time", v->time);
	add_hex(d, "nonce", v->nonce, v->nonce_len);
	rte_tel_data_add_dict_int(d, "last_errno", v->last_errno);
	rte_tel_data_add_dict_u64(d, "last_residue", v->last_residue);
	rte_tel_data_add_dict_u64(d, "last_tsm_code", v->last_tsm_code);
	add_checks(d, v);
}

/* A device attached with tsm=off was not asked. */
static int
verdict_of(const char *params, char *name, struct steer_tsm_verdict *v)
{
	char *end;
	unsigned long port = strtoul(params, &end, 0);

	if (isdigit((unsigned char)params[0]) && *end == '\0') {
		if (port >= RTE_MAX_ETHPORTS ||
		    rte_eth_dev_get_name_by_port((uint16_t)port, name) != 0)
			return -ENODEV;
		if (vfio_bus_tsm_verdict(name, v) != 0)
			*v = (struct steer_tsm_verdict){.summary = STEER_TSM_NOT_ASKED};
		return 0;
	}
	if (strlen(params) >= NAME_LEN)
		return -EINVAL;
	strcpy(name, params);
	return vfio_bus_tsm_verdict(name, v);
}

static int
tel_tsm(const char *cmd, const char *params, struct rte_tel_data *d)
{
	char name[RTE_MAX(NAME_LEN, RTE_ETH_NAME_MAX_LEN)];
	struct steer_tsm_verdict v;
	int rc;

	RTE_SET_USED(cmd);
	if (params == NULL || params[0] == '\0')
		return tel_devices(d);
	rc = verdict_of(params, name, &v);
	if (rc != 0)
		return rc;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "device", name);
	add_verdict(d, &v);
	return 0;
}

RTE_INIT(vfio_bus_tsm_telemetry)
{
	rte_telemetry_register_cmd("/steer/tsm", tel_tsm,
				   "Confidential devices in short, or the verdict on one. "
				   "Parameter: none, port id or device name");
}
