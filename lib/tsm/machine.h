/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The state machine's own part of an object, and what its files share.
 *
 * A step is: step_begin() takes the token and the right to make requests, the step's own work,
 * step_done() with the token of the next step or step_failed(). Work either succeeds, or has told
 * the verdict by tsm_refuse(); then it has gone all the way back, or the device is in quarantine.
 */

#ifndef TSM_MACHINE_H
#define TSM_MACHINE_H

#include <pthread.h>

#include "steer_tsm_vmm.h"
#include "tsm_backend.h"

#define TSM_LINE      320

/* What was done to the device, or may have been, and has to be undone. */
#define TSM_DONE_BIND (1u << 0)
#define TSM_DONE_LOCK (1u << 1)
#define TSM_DONE_DMA  (1u << 2)

/* Kinds of tokens. */
enum tsm_token {
	TOKEN_NONE,
	TOKEN_UNBOUND,
	TOKEN_CONNECTED,
	TOKEN_BOUND,
	TOKEN_ARMED,
	TOKEN_LOCKED,
	TOKEN_VERIFIED,
	TOKEN_RUNNING,
};

struct tsm_machine {
	pthread_mutex_t request; /* one request at a time: held by a step, and by the watch */
	pthread_mutex_t lock;    /* of state, error and verdict, for a moment only */
	enum steer_tsm_state state;
	char error[TSM_LINE];
	struct steer_tsm_verdict verdict;

	/* Of who holds request. */
	enum tsm_token token; /* the kind that is good now */
	uint64_t gen;         /* and its generation; no two tokens of a process have one */
	const char *step;     /* for messages */
	bool told;            /* error is of this step: who wrote it knows more than we do */
	bool undoing;         /* what goes wrong now is logged; error keeps the reason */
	unsigned int done;    /* TSM_DONE_* */
	bool plain;           /* lost, where the policy only warns */
	bool mapped;          /* DMA was allowed since the last run */
	char tsm[32];         /* its name since connect: it may not become another */
	int open_rc;          /* of the back end; 0, or why the way is not there */
	char open_why[128];
	struct steer_tsm_device device; /* armed */
	struct steer_tsm_bytes report;  /* that was judged; role guest compares it later */
	struct steer_tsm_vmm vmm;       /* copy */
};

/* Token of this kind, on an object that is not in quarantine. 0 or -EPERM: nothing was done. */
int step_begin(struct steer_tsm *t, uint64_t gen, enum tsm_token kind, const char *step);
/* @return the generation of the token that is good now */
uint64_t step_done(struct steer_tsm *t, enum tsm_token kind, enum steer_tsm_state state);
/* No token is good now. @return rc */
int step_failed(struct steer_tsm *t, int rc);
void tsm_state_set(struct steer_tsm *t, enum steer_tsm_state state);

/* What the verdict says: refused, with this code and the error's line. @return -EACCES */
int tsm_refuse(struct steer_tsm *t, enum steer_tsm_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The error without the device's name. */
const char *tsm_reason(const struct steer_tsm *t);
/* Evidence is void: not verified (yet). */
void tsm_verdict_void(struct steer_tsm *t);

/*
 * Results of requests, into the verdict's three channels. 0, or the verdict is refused. changed: of
 * a request that changes the device's state; on failure it is in quarantine, unless nothing was
 * sent (then -EAGAIN: go the way back). asked: of a request that only reads.
 */
int tsm_changed(struct steer_tsm *t, const char *what, struct tsm_result r);
int tsm_asked(struct steer_tsm *t, const char *what, struct tsm_result r);
/* Nothing is said against it on any channel; which proves nothing. */
bool tsm_good(struct tsm_result r);
void tsm_note(struct steer_tsm *t, struct tsm_result r);
/* Is the interface in this state? Ways that cannot ask are believed. 0, or quarantine. */
int tsm_expect(struct steer_tsm *t, enum tsm_tdi want, enum steer_tsm_code code, const char *when);
/* Nothing more is asked of it until close. @return -EACCES */
int tsm_quarantine(struct steer_tsm *t, enum steer_tsm_state state);

/* undo.c: from dma_enable back to before lock, or to before bind. 0 or -EIO: state UNKNOWN. */
int tsm_undo_lock(struct steer_tsm *t);
int tsm_undo_all(struct steer_tsm *t);

/* connected.c: is it connected, by the right TSM? 0, or the verdict is refused. */
int tsm_connected(struct steer_tsm *t);
/* Roles without evidence. */
bool tsm_host_only(const struct steer_tsm *t);

/* collect.c: everything, with a new nonce. 0, or the verdict is refused. */
int tsm_collect(struct steer_tsm *t, struct steer_tsm_evidence *e);

/* backends.c: by the policy's role; NULL: not in this build. */
const struct tsm_backend *tsm_choose(struct steer_tsm *t);

#endif /* TSM_MACHINE_H */
