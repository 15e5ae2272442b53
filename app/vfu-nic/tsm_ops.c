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

	if (o->tsm_fault == NIC_TSM_WRONG_TSM)
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
	t->dma_enabled = false;
}

static int
lock(struct nic_tsm *t, struct tsm_call *c)
{
	const enum nic_tsm_fault fault = t->nic->opts.tsm_fault;

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
	return fault == NIC_TSM_ERROR_AFTER_COMMIT ? -EFAULT : 0;
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
		tsm_gate(t);
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

/* The object that a request names. @return NULL and an errno. */
static const struct tsm_obj *
named(const struct nic_tsm *t, const struct tsm_call *c, int *rc)
{
	struct tsm_req_object r;

	memcpy(&r, c->req, sizeof(r));
	*rc = -ENOENT;
	if (r.object >= TSM_OBJS)
		return NULL;
	*rc = t->obj[r.object].data == NULL ? -ENODATA : 0;
	return *rc == 0 ? &t->obj[r.object] : NULL;
}

static int
op_info(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_rsp_info info;
	int rc;
	const struct tsm_obj *o = named(t, c, &rc);

	if (o == NULL)
		return rc;
	info.size = o->said;
	memcpy(c->rsp, &info, sizeof(info));
	return 0;
}

static int
op_digest(struct nic_tsm *t, struct tsm_call *c)
{
	int rc;
	const struct tsm_obj *o = named(t, c, &rc);

	if (o != NULL)
		memcpy(c->rsp, o->digest, sizeof(o->digest));
	return rc;
}

static int
op_read(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_req_read r;
	int rc;
	const struct tsm_obj *o = named(t, c, &rc);

	if (o == NULL)
		return rc;
	memcpy(&r, c->req, sizeof(r));
	if (r.reserved != 0)
		return -EOPNOTSUPP;
	if (r.offset > o->said)
		return -EINVAL;
	c->given = o->said - (uint32_t)r.offset;
	if (c->given > c->room)
		c->given = c->room;
	if (r.offset < o->len) /* beyond it is what an oversized object has: zeros */
		memcpy(c->rsp, o->data + r.offset,
		       c->given < o->len - r.offset ? c->given : o->len - r.offset);
	return 0;
}

static int
op_regen(struct nic_tsm *t, struct tsm_call *c)
{
	struct tsm_req_regen r;
	bool measure;

	memcpy(&r, c->req, sizeof(r));
	measure = r.object == TSM_OBJ_MEASUREMENTS;
	if (r.object >= TSM_OBJS)
		return -ENOENT;
	if (r.flags > (measure ? 1 : 0) || (r.nonce_len != 0 && r.nonce_len != TSM_NONCE_LEN) ||
	    (r.nonce_len != 0 && !measure) || c->req_len - sizeof(r) < r.nonce_len)
		return -EINVAL;
	c->taken = (uint32_t)sizeof(r) + r.nonce_len;
	return tsm_obj_make(t, (enum tsm_obj_id)r.object,
			    r.nonce_len != 0 ? c->req + sizeof(r) : NULL, r.flags == 1);
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
	{TSM_ENV_READ_OBJECT, ALL, true, sizeof(struct tsm_req_read), 0, op_read},
	{TSM_ENV_REGEN_OBJECT, ALL, true, sizeof(struct tsm_req_regen), 0, op_regen},
	{TSM_ENV_OBJECT_INFO, ALL, true, sizeof(struct tsm_req_object), sizeof(struct tsm_rsp_info),
	 op_info},
	{TSM_ENV_VALIDATE_MMIO, CCA, true, sizeof(struct tsm_req_mmio), 0, op_validate},
	{TSM_ENV_SET_TDI_STATE, ALL, true, sizeof(struct tsm_req_state), 0, op_set_state},
	{TSM_ENV_ENABLE_DMA, SEV, true, 0, 0, op_enable_dma},
	{TSM_ENV_DISABLE_DMA, SEV, true, 0, 0, op_disable_dma},
	{TSM_ENV_IDENT, ALL, false, 0, sizeof(struct tsm_rsp_ident), op_ident},
	{TSM_ENV_BIND, ALL, false, 0, 0, op_bind},
	{TSM_ENV_UNBIND, ALL, false, 0, 0, op_unbind},
	{TSM_ENV_GET_TDI_STATE, ALL, true, 0, sizeof(struct tsm_rsp_state), op_get_state},
	{TSM_ENV_OBJECT_DIGEST, ALL, true, sizeof(struct tsm_req_object), TSM_DIGEST_LEN,
	 op_digest},
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
