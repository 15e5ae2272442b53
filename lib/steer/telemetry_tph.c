/* SPDX-License-Identifier: BSD-3-Clause */

/* /steer/tph: what the device has, what the kernel was asked, and what is in the table. */

#include <errno.h>
#include <string.h>

#include "steer_priv.h"
#include "telemetry.h"

#define ENTRIES 256u /* of the table in one answer */

struct view {
	struct steer_tph_info info;
	uint16_t nb;
	uint32_t cpus[ENTRIES];
	uint16_t tags[ENTRIES];
};

static int
look(uint16_t port_id, struct view *v)
{
	struct steer_port *port = steer_registry_lock(port_id);
	int rc = 0;

	if (port == NULL)
		return -ENODEV;
	if (port->conf.tph == NULL) {
		rc = -ENOTSUP;
	} else {
		v->info = *steer_tph_info(port->conf.tph);
		v->nb = RTE_MIN(port->nb_entries, ENTRIES);
		memcpy(v->cpus, port->entry_cpu, v->nb * sizeof(v->cpus[0]));
		memcpy(v->tags, port->entry_tag, v->nb * sizeof(v->tags[0]));
	}
	pthread_mutex_unlock(&port->lock);
	return rc;
}

static const char *
mode_name(unsigned int mode)
{
	static const char *const names[] = {
		[STEER_PCI_TPH_MODE_NS] = "no-st",
		[STEER_PCI_TPH_MODE_IV] = "interrupt-vector",
		[STEER_PCI_TPH_MODE_DS] = "device-specific",
	};

	return mode < RTE_DIM(names) ? names[mode] : "reserved";
}

static const char *
location_name(uint8_t loc)
{
	switch (loc) {
	case STEER_PCI_TPH_LOC_CAP: return "capability";
	case STEER_PCI_TPH_LOC_MSIX: return "msix-table";
	default: return "none";
	}
}

static void
add_capability(struct rte_tel_data *d, const struct steer_pci_tph *cap)
{
	struct rte_tel_data *modes = steer_tel_array(RTE_TEL_STRING_VAL);
	unsigned int m;

	for (m = 0; modes != NULL && m < 3; m++)
		if (cap->modes & 1u << m)
			rte_tel_data_add_array_string(modes, mode_name(m));
	rte_tel_data_add_dict_int(d, "capability", cap->pos);
	steer_tel_add(d, "modes", modes);
	rte_tel_data_add_dict_int(d, "extended", cap->extended);
	rte_tel_data_add_dict_string(d, "location", location_name(cap->loc));
	rte_tel_data_add_dict_int(d, "entries", cap->entries);
}

static void
add_table(struct rte_tel_data *d, const struct view *v)
{
	struct rte_tel_data *cpus = steer_tel_array(RTE_TEL_INT_VAL),
			    *tags = steer_tel_array(RTE_TEL_INT_VAL);
	uint16_t i;

	for (i = 0; cpus != NULL && tags != NULL && i < v->nb; i++) {
		rte_tel_data_add_array_int(cpus, steer_tel_number(v->cpus[i]));
		rte_tel_data_add_array_int(tags, v->tags[i]);
	}
	steer_tel_add(d, "table_cpu", cpus);
	steer_tel_add(d, "table_tag", tags);
}

static void
add_findings(struct rte_tel_data *d, const struct steer_tph_info *info)
{
	struct rte_tel_data *list = steer_tel_array(RTE_TEL_STRING_VAL);
	char text[160];
	unsigned int i;

	for (i = 0; list != NULL && i < info->nb_findings; i++) {
		snprintf(text, sizeof(text), "%s: %s", info->findings[i].what,
			 info->findings[i].text);
		rte_tel_data_add_array_string(list, text);
	}
	steer_tel_add(d, "findings", list);
}

int
steer_tel_tph(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct view v;
	uint16_t port;
	int rc = steer_tel_parse(params, &port, NULL);

	RTE_SET_USED(cmd);
	if (rc == 0)
		rc = look(port, &v);
	if (rc != 0)
		return rc;
	rte_tel_data_start_dict(d);
	add_capability(d, &v.info.cap);
	rte_tel_data_add_dict_int(d, "enabled", v.info.req != STEER_PCI_TPH_REQ_OFF);
	rte_tel_data_add_dict_int(d, "requester", v.info.req);
	rte_tel_data_add_dict_string(d, "mode", mode_name(v.info.mode));
	rte_tel_data_add_dict_string(d, "dialect", steer_tph_dialect_name(v.info.dialect));
	rte_tel_data_add_dict_int(d, "feature", v.info.feature);
	rte_tel_data_add_dict_string(d, "why", v.info.why);
	rte_tel_data_add_dict_string(d, "note", v.info.note);
	add_findings(d, &v.info);
	add_table(d, &v);
	return 0;
}
