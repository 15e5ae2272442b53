/* SPDX-License-Identifier: BSD-3-Clause */

/* Life of the software TSM, and what the PCI function tells it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tsm_fault.h"
#include "tsm_priv.h"

uint64_t
tsm_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Shut means shut when the request is answered: no worker is inside a packet any more. */
void
tsm_gate(struct nic_tsm *t)
{
	const bool sev = t->nic->opts.tsm == NIC_TSM_SEV;
	const bool shut = t->tdi.state != TDISP_RUN || (sev && !t->dma_enabled);

	if (shut == atomic_load(&t->nic->dma_shut))
		return;
	vio_pause(t->nic->vio);
	atomic_store(&t->nic->dma_shut, shut);
	vio_resume(t->nic->vio);
}

static void
moved(void *arg, uint8_t from, uint8_t to, const char *why)
{
	struct nic_tsm *t = arg;

	atomic_store(&t->state, to);
	atomic_store(&t->why, why);
	atomic_fetch_add(&t->transitions, 1);
	if (to == TDISP_LOCKED)
		atomic_fetch_add(&t->locks, 1);
	if (to != TDISP_RUN)
		t->dma_enabled = false;
	nic_log(t->nic, "tsm: simulated: %s -> %s: %s", tdisp_state_name(from),
		tdisp_state_name(to), why);
	tsm_gate(t);
}

void
tsm_bind(struct nic_tsm *t)
{
	atomic_store(&t->bound, true);
}

void
tsm_unbind(struct nic_tsm *t)
{
	atomic_store(&t->bound, false);
	tsm_tdi_stop(t);
	tsm_obj_void_all(t);
}

/* --tsm-ca, or what the build made beside the program. */
static void
ca_folder(const struct nic_opts *o, char *dir, size_t size)
{
	char exe[256];
	ssize_t n;

	snprintf(dir, size, "%s", o->tsm_ca);
	if (dir[0] != '\0')
		return;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n < 0 ? 0 : n] = '\0';
	if (strrchr(exe, '/') != NULL)
		*strrchr(exe, '/') = '\0';
	snprintf(dir, size, "%s/tsm-ca", exe);
}

static int
load(struct nic_tsm *t, const struct nic_opts *o)
{
	const char *const *certs, *key;
	char dir[300], why[600];
	int rc;

	ca_folder(o, dir, sizeof(dir));
	tsm_fault_identity(NIC_TSM_HONEST, &key, &certs);
	rc = spdm_id_load(&t->device, dir, key, certs, why, sizeof(why));
	if (rc == 0) {
		tsm_fault_identity(o->tsm_fault, &key, &certs);
		rc = spdm_id_load(&t->played, dir, key, certs, why, sizeof(why));
	}
	if (rc < 0)
		fprintf(stderr,
			"vfu-nic: %s: tsm: %s: make a CA by devtools/make-ca DIR and give --tsm-ca "
			"DIR\n",
			o->sock, why);
	return rc;
}

int
nic_tsm_create(struct nic *nic)
{
	struct nic_tsm *t;

	if (nic->opts.tsm == NIC_TSM_OFF)
		return 0;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	t->nic = nic;
	t->tdi = (struct tdisp){.look = tsm_view, .moved = moved, .arg = t};
	atomic_store(&t->why, "power-on");
	nic->tsm = t;
	atomic_store(&nic->dma_shut, true);
	return load(t, &nic->opts);
}

void
nic_tsm_destroy(struct nic *nic)
{
	struct nic_tsm *t = nic->tsm;

	if (t == NULL)
		return;
	tsm_obj_void_all(t);
	spdm_id_free(&t->device);
	spdm_id_free(&t->played);
	free(t);
	nic->tsm = NULL;
}

uint16_t
nic_tsm_index(const struct nic *nic)
{
	return nic->tsm != NULL ? nic->opts.tsm_feature : 0;
}

bool
nic_tsm_show(const struct nic *nic, struct nic_tsm_show *s)
{
	static const char *const archs[] = {"off", "cca", "sev", "tdx"};
	const struct nic_tsm *t = nic->tsm;

	if (t == NULL)
		return false;
	*s = (struct nic_tsm_show){
		.arch = archs[nic->opts.tsm],
		.name = nic->opts.tsm_name,
		.state = tdisp_state_name(atomic_load(&t->state)),
		.why = atomic_load(&t->why),
		.fault = nic_tsm_fault_name(nic->opts.tsm_fault),
		.bound = atomic_load(&t->bound),
		.transitions = atomic_load(&t->transitions),
		.locks = atomic_load(&t->locks),
		.requests = atomic_load(&t->requests),
		.maps_before_run = atomic_load(&t->early_maps),
		.errors = atomic_load(&t->errors),
	};
	return true;
}
