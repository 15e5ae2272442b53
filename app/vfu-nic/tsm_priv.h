/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The software TSM inside. It has two ends: the envelope that a client sends (tsm_env.c,
 * tsm_ops.c), and TDISP requests to the device's own responder (tsm_tdi.c, tdisp.c). Between them
 * stand the objects (tsm_obj.c) and what --tsm-fault makes of all that.
 */

#ifndef VFU_NIC_TSM_PRIV_H
#define VFU_NIC_TSM_PRIV_H

#include <stdatomic.h>

#include "nic_priv.h"
#include "spdm.h"
#include "tdisp.h"

/** Objects: numbers of the envelope. */
enum tsm_obj_id { TSM_OBJ_VCA, TSM_OBJ_CHAIN, TSM_OBJ_MEASUREMENTS, TSM_OBJ_REPORT, TSM_OBJS };
#define TSM_OBJ_SIZE_MAX (16u << 20) /* of an object, as the kernel's request has it */

struct tsm_obj {
	uint8_t *data; /* NULL: there is none */
	uint32_t len;
	uint32_t said; /* length that OBJECT_INFO tells */
	uint8_t digest[TSM_DIGEST_LEN];
};

struct nic_tsm {
	struct nic *nic;
	struct spdm_id device; /* whose digests the TSM knows */
	struct spdm_id played; /* whose evidence the fault hands out */
	struct tdisp tdi;
	uint8_t start_nonce[TSM_NONCE_LEN]; /* that START has to bring */
	struct tsm_obj obj[TSM_OBJS];
	uint8_t report[TDISP_REPORT_MAX]; /* as it was fetched last */
	uint32_t report_len;
	bool dma_enabled; /* SEV opens DMA apart from RUN */
	bool measured;    /* measurements were made under this lock */
	uint64_t run_ms;  /* when RUN began, CLOCK_MONOTONIC */
	/* Read by telemetry. */
	_Atomic bool bound;
	_Atomic uint8_t state; /* of tdi */
	_Atomic(const char *) why;
	_Atomic uint64_t transitions, locks, requests, early_maps, errors;
};

/** What is played now: the fault may begin with a later lock. */
static inline enum nic_tsm_fault
tsm_fault(const struct nic_tsm *t)
{
	const uint64_t lock = atomic_load(&t->locks) + (t->tdi.state == TDISP_UNLOCKED);

	return lock >= t->nic->opts.tsm_fault_from ? t->nic->opts.tsm_fault : NIC_TSM_HONEST;
}

/** Whose evidence is handed out now. */
static inline const struct spdm_id *
tsm_played(const struct nic_tsm *t)
{
	return tsm_fault(t) == NIC_TSM_HONEST ? &t->device : &t->played;
}

/** One request of the envelope on its way. */
struct tsm_call {
	const uint8_t *req;
	uint32_t req_len;
	uint8_t *rsp; /* zeroed */
	uint32_t room;
	uint32_t taken; /* request bytes used */
	uint32_t given; /* response bytes written */
	uint64_t code;  /* tsm_code */
	bool silent;    /* no answer at all */
};

/* tsm_env.c, tsm_ops.c */
/** @return 0 or negative errno; the other two channels are in c. */
int tsm_op(struct nic_tsm *t, uint32_t op, uint32_t arch, struct tsm_call *c);
/* tsm_ops_obj.c: lengths are at least what the table of tsm_ops.c has. */
int tsm_op_info(struct nic_tsm *t, struct tsm_call *c);
int tsm_op_digest(struct nic_tsm *t, struct tsm_call *c);
int tsm_op_read(struct nic_tsm *t, struct tsm_call *c);
int tsm_op_regen(struct nic_tsm *t, struct tsm_call *c);

/* tsm_tdi.c: @return 0, or the error code that TDISP answered with. */
uint32_t tsm_tdi_hello(struct nic_tsm *t);
uint32_t tsm_tdi_lock(struct nic_tsm *t);
uint32_t tsm_tdi_run(struct nic_tsm *t);
uint32_t tsm_tdi_stop(struct nic_tsm *t);
uint32_t tsm_tdi_state(struct nic_tsm *t, uint8_t *state);
/** Fetch the report into t->report. */
uint32_t tsm_tdi_report(struct nic_tsm *t);

/* tsm_view.c */
#define TSM_SPECIFIC_LEN 13u /* number of the lock (4 bytes), "simulated" */
/** What the report tells, of the device as it is. arg: struct nic_tsm. */
void tsm_view(void *arg, struct tdisp_view *v);

/* tsm_obj.c */
/** Make an object anew; the older one is gone also when this fails. @return 0 or negative errno. */
int tsm_obj_make(struct nic_tsm *t, enum tsm_obj_id id, const uint8_t *nonce, bool raw);
void tsm_obj_void(struct nic_tsm *t, enum tsm_obj_id id);
void tsm_obj_void_all(struct nic_tsm *t);

/* tsm.c */
uint64_t tsm_now_ms(void);
/** What workers may do follows state and architecture. */
void tsm_gate(struct nic_tsm *t);
void tsm_bind(struct nic_tsm *t);
void tsm_unbind(struct nic_tsm *t);

/* tsm_fault.c */
/** Which key and certificates this fault plays. NULL behind the last certificate. */
void tsm_fault_identity(enum nic_tsm_fault fault, const char **key, const char *const **certs);
/** Evidence was taken, and a request that follows it has come. */
void tsm_fault_after_evidence(struct nic_tsm *t);
/** The state is asked for. */
void tsm_fault_in_run(struct nic_tsm *t);

#endif /* VFU_NIC_TSM_PRIV_H */
