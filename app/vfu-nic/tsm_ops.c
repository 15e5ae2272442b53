/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Operations of the envelope. What the TSM or the device refuses comes back in tsm_code (here the
 * error codes of TDISP, on every architecture); what is wrong with the request itself, or with the
 * order of requests, is an errno, and then nothing has been done.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tsm_priv.h"

#define CCA (1u << NIC_TSM_CCA)
#define SEV (1u << NIC_TSM_SEV)
#define ALL (CCA | SEV | 1u << NIC_TSM_TDX)

static int
op_ident(struct nic_tsm *t, struct tsm_call *c)
{
	const struct nic_opts *o = &t->nic->opts;
	struct tsm_rsp_ident id = {
		.tvm_arch = o->tsm,
		.flags = TSM_IDENT_SIMULATED | TSM_IDENT_CONNECTED,
	};

	if (tsm_fault(t) == NIC_TSM_WRONG_TSM)
		snprintf(id.name, sizeof(id.name), "other");
	else
		memcpy(id.name, o->tsm_name, sizeof(id.name));
	memcpy(c->rsp, &id, sizeof(id));
	return 0;
}

static int
op_bind(struct nic_tsm *t, struct tsm_call *c)
{
	int rc;

	if (atomic_load(&t->bound))
		return 0;
	c->code = tsm_tdi_hello(t);
	if (c->code != 0)
		return 0;
	rc = tsm_obj_make(t, TSM_OBJ_VCA, NULL, false);
	if (rc == 0)
		rc = tsm_obj_make(t, TSM_OBJ_CHAIN, NULL, false);
	if (rc < 0) {
		tsm_obj_void_all(t);
		return rc;
	}
	tsm_bind(t);
	return 0;
}

static int
op_unbind(struct nic_tsm *t, struct tsm_call *c)
{
	(void)c;
	tsm_unbind(t);
	return 0;
}

/* Evidence of the lock is over with the lock. */
static void
void_locked(struct nic_tsm *t)
{
	tsm_obj_void(t, TSM_OBJ_MEASUREMENTS);
	tsm_obj_void(t, TSM_OBJ_REPORT);
	t->measured = false;
}

static int
lock(struct nic_tsm *t, struct tsm_call *c)
{
	const enum nic_tsm_fault fault = tsm_fault(t);

	if (fault == NIC_TSM_CODE_NONZERO)
		c->code = TDISP_E_INVALID_REQUEST;
	if (fault == NIC_TSM_HANG)
		c->silent = true;
	if (fault == NIC_TSM_CODE_NONZERO || fault == NIC_TSM_STATE_LIE || fault == NIC_TSM_HANG)
		return 0;
	c->code = tsm_tdi_lock(t);
	if (c->code != 0)
		return 0;
	void_locked(t);
	if (fault == NIC_TSM_ERROR_AFTER_COMMIT)
		return -EFAULT;
	return tsm_obj_make(t, TSM_OBJ_REPORT, NULL, false);
}

static int
op_set_state(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_req_state r;

	memcpy(&r, c->req, sizeof(r));
	switch (r.tdi_state) {
	case TDISP_UNLOCKED:
		c->code = tsm_tdi_stop(t);
		void_locked(t);
		return 0;
	case TDISP_LOCKED: return lock(t, c);
	case TDISP_RUN:
		tsm_fault_after_evidence(t);
		c->code = tsm_tdi_run(t);
		return 0;
	default: return -EINVAL;
	}
}

static int
op_get_state(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_rsp_state r = {0};
	uint8_t state;

	tsm_fault_after_evidence(t);
	tsm_fault_in_run(t);
	c->code = tsm_tdi_state(t, &state);
	r.tdi_state = state;
	memcpy(c->rsp, &r, sizeof(r));
	return 0;
}

/* Whole pages of some BAR; which one the request does not say. */
static bool
inside_a_bar(const struct nic *nic, uint64_t from, uint64_t size)
{
	uint32_t bar;

	for (bar = 0; bar <= MODEL_BAR; bar++)
		if (from <= nic_region_size(nic, bar) && size <= nic_region_size(nic, bar) - from)
			return true;
	return false;
}

static int
op_validate(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_req_mmio r;

	memcpy(&r, c->req, sizeof(r));
	if (r.gpa_top <= r.gpa_base || ((r.gpa_base | r.gpa_top | r.pa_base) % TDISP_PAGE) != 0 ||
	    !inside_a_bar(t->nic, r.pa_base, r.gpa_top - r.gpa_base))
		return -EINVAL;
	tsm_fault_after_evidence(t);
	if (t->tdi.state != TDISP_LOCKED && t->tdi.state != TDISP_RUN)
		c->code = TDISP_E_STATE;
	return 0;
}

static int
op_dma(struct nic_tsm *t, struct tsm_call *c, bool on)
{
	if (on && t->tdi.state != TDISP_RUN) {
		c->code = TDISP_E_STATE;
		return 0;
	}
	t->dma_enabled = on;
	tsm_gate(t);
	return 0;
}

static int
op_enable_dma(struct nic_tsm *t, struct tsm_call *c)
{
	return op_dma(t, c, true);
}

static int
op_disable_dma(struct nic_tsm *t, struct tsm_call *c)
{
	return op_dma(t, c, false);
}

/* Which architecture knows it, and the least that it takes and gives. */
static const struct op {
	uint32_t op;
	uint8_t archs;
	bool bound;
	uint32_t req, rsp;
	int (*run)(struct nic_tsm *t, struct tsm_call *c);
} ops[] = {
	{TSM_ENV_READ_OBJECT, ALL, true, sizeof(struct tsm_req_read), 0, tsm_op_read},
	{TSM_ENV_REGEN_OBJECT, ALL, true, sizeof(struct tsm_req_regen), 0, tsm_op_regen},
	{TSM_ENV_OBJECT_INFO, ALL, true, sizeof(struct tsm_req_object), sizeof(struct tsm_rsp_info),
	 tsm_op_info},
	{TSM_ENV_VALIDATE_MMIO, CCA, true, sizeof(struct tsm_req_mmio), 0, op_validate},
	{TSM_ENV_SET_TDI_STATE, ALL, true, sizeof(struct tsm_req_state), 0, op_set_state},
	{TSM_ENV_ENABLE_DMA, SEV, true, 0, 0, op_enable_dma},
	{TSM_ENV_DISABLE_DMA, SEV, true, 0, 0, op_disable_dma},
	{TSM_ENV_IDENT, ALL, false, 0, sizeof(struct tsm_rsp_ident), op_ident},
	{TSM_ENV_BIND, ALL, false, 0, 0, op_bind},
	{TSM_ENV_UNBIND, ALL, false, 0, 0, op_unbind},
	{TSM_ENV_GET_TDI_STATE, ALL, true, 0, sizeof(struct tsm_rsp_state), op_get_state},
	{TSM_ENV_OBJECT_DIGEST, ALL, true, sizeof(struct tsm_req_object), TSM_DIGEST_LEN,
	 tsm_op_digest},
};

static const struct op *
find(uint32_t op)
{
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (ops[i].op == op)
			return &ops[i];
	return NULL;
}

int
tsm_op(struct nic_tsm *t, uint32_t op, uint32_t arch, struct tsm_call *c)
{
	const uint32_t own = t->nic->opts.tsm;
	const struct op *o = find(op);

	/* IDENT is where a client learns the architecture. */
	if (o == NULL || (op != TSM_ENV_IDENT && arch != own) || (o->archs & 1u << own) == 0 ||
	    c->req_len < o->req || c->room < o->rsp)
		return -EINVAL;
	if (o->bound && !atomic_load(&t->bound))
		return -ENXIO;
	c->taken = o->req;
	c->given = o->rsp;
	return o->run(t, c);
}
