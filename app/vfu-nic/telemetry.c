/* SPDX-License-Identifier: BSD-3-Clause */

/* /vfu_nic/info, /vfu_nic/tph and /vfu_nic/tsm. Callbacks carry no argument: one device per
 * process. */

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <rte_telemetry.h>

#include "nic_priv.h"
#include "telemetry.h"

static const struct nic *shown;
static pthread_mutex_t shown_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *
kind(enum nic_tph tph)
{
	static const char *const names[] = {"none", "iv-cap", "iv-msix", "ds-reg"};

	return names[tph];
}

static int
info(struct rte_tel_data *d)
{
	const struct nic_stats *s = &shown->stats;

	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "sock", shown->opts.sock);
	rte_tel_data_add_dict_string(d, "wire", shown->opts.wire);
	rte_tel_data_add_dict_u64(d, "queues", shown->opts.pairs);
	rte_tel_data_add_dict_u64(d, "vectors", shown->opts.vectors);
	rte_tel_data_add_dict_u64(d, "clients", atomic_load(&s->clients));
	rte_tel_data_add_dict_u64(d, "refused", atomic_load(&s->refused));
	rte_tel_data_add_dict_u64(d, "messages", atomic_load(&s->messages));
	rte_tel_data_add_dict_u64(d, "errors", atomic_load(&s->errors));
	rte_tel_data_add_dict_u64(d, "faults", atomic_load(&s->faults));
	rte_tel_data_add_dict_u64(d, "resets", atomic_load(&s->resets));
	rte_tel_data_add_dict_u64(d, "dma_maps", shown->dma.n);
	return 0;
}

static int
tph(struct rte_tel_data *d)
{
	struct rte_tel_data *st = rte_tel_data_alloc();
	uint32_t i;

	if (st == NULL)
		return -ENOMEM;
	rte_tel_data_start_array(st, RTE_TEL_U64_VAL);
	for (i = 0; i < shown->tph.entries; i++)
		rte_tel_data_add_array_u64(st, shown->tph.st[i]);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "tph", kind(shown->opts.tph));
	rte_tel_data_add_dict_u64(d, "entries", shown->tph.entries);
	rte_tel_data_add_dict_u64(d, "control", atomic_load(&shown->tph.ctrl));
	rte_tel_data_add_dict_u64(d, "st_writes", atomic_load(&shown->tph.st_writes));
	return rte_tel_data_add_dict_container(d, "st", st, 0);
}

static int
tsm(struct rte_tel_data *d)
{
	struct nic_tsm_show s;

	rte_tel_data_start_dict(d);
	if (!nic_tsm_show(shown, &s))
		return 0;
	rte_tel_data_add_dict_string(d, "tsm", s.arch);
	rte_tel_data_add_dict_string(d, "name", s.name);
	rte_tel_data_add_dict_u64(d, "simulated", 1);
	rte_tel_data_add_dict_u64(d, "bound", s.bound);
	rte_tel_data_add_dict_string(d, "state", s.state);
	rte_tel_data_add_dict_string(d, "why", s.why);
	rte_tel_data_add_dict_string(d, "fault", s.fault);
	rte_tel_data_add_dict_u64(d, "transitions", s.transitions);
	rte_tel_data_add_dict_u64(d, "locks", s.locks);
	rte_tel_data_add_dict_u64(d, "requests", s.requests);
	rte_tel_data_add_dict_u64(d, "errors", s.errors);
	rte_tel_data_add_dict_u64(d, "dma_maps_before_run", s.maps_before_run);
	return 0;
}

/* Called by telemetry's thread: the control thread changes nothing while the device is paused. */
static int
answer(int (*what)(struct rte_tel_data *), struct rte_tel_data *d)
{
	int rc = -ENODEV;

	pthread_mutex_lock(&shown_lock);
	if (shown != NULL) {
		vio_pause(shown->vio);
		rc = what(d);
		vio_resume(shown->vio);
	}
	pthread_mutex_unlock(&shown_lock);
	return rc;
}

static int
info_cmd(const char *cmd, const char *params, struct rte_tel_data *d)
{
	return answer(info, d);
}

static int
tph_cmd(const char *cmd, const char *params, struct rte_tel_data *d)
{
	return answer(tph, d);
}

static int
tsm_cmd(const char *cmd, const char *params, struct rte_tel_data *d)
{
	return answer(tsm, d);
}

void
nic_telemetry_start(const struct nic *nic)
{
	pthread_mutex_lock(&shown_lock);
	shown = nic;
	pthread_mutex_unlock(&shown_lock);
	rte_telemetry_register_cmd("/vfu_nic/info", info_cmd, "Device and counters of vfu-nic");
	rte_telemetry_register_cmd("/vfu_nic/tph", tph_cmd,
				   "TPH control, ST table and writes of its entries");
	rte_telemetry_register_cmd("/vfu_nic/tsm", tsm_cmd,
				   "Software TSM (simulated): state, transitions, counts");
}

void
nic_telemetry_stop(void)
{
	pthread_mutex_lock(&shown_lock);
	shown = NULL;
	pthread_mutex_unlock(&shown_lock);
}
