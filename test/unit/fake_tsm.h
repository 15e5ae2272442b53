/* SPDX-License-Identifier: BSD-3-Clause */

/* A made-up device behind each back end of lib/tsm, and a made-up judge: what happens is written in
 * a script. */

#ifndef FAKE_TSM_H
#define FAKE_TSM_H

#include "tsm_backend.h"

enum fake_op {
	FAKE_CONNECT,
	FAKE_BIND,
	FAKE_UNBIND,
	FAKE_LOCK,
	FAKE_UNLOCK,
	FAKE_REGENERATE,
	FAKE_OBJECT,
	FAKE_DIGEST,
	FAKE_VALIDATE,
	FAKE_RUN,
	FAKE_DMA_ON,
	FAKE_DMA_OFF,
	FAKE_STATE,
	FAKE_OPS,
};

struct fake_tsm {
	/* What the way is. */
	enum tsm_presence presence;
	enum tsm_presence guest; /* what role guest's own look says while the role is chosen */
	char name[32];
	bool name_after_connect;
	enum steer_tsm_arch arch;
	int open_rc;
	/* What goes wrong: the n-th request from now (1: the next), or each one of an operation. */
	unsigned int fail_nth;
	struct tsm_result fail;
	bool fail_after_commit; /* the device has done it nevertheless */
	bool fail_op_on[FAKE_OPS];
	struct tsm_result fail_op[FAKE_OPS];
	int lie;             /* a TDISP state that the device claims; -1: the truth */
	size_t object_len;   /* of each object; 0: empty */
	uint8_t object_byte; /* what they are made of */
	bool no_digest;
	bool says; /* a failing operation explains itself with tsm_fail() */
	/* How the device is. */
	enum tsm_tdi tdi;
	bool bound;
	bool dma;
	bool opened;
	/* What was asked. */
	unsigned int requests;
	unsigned int changes_after_failure; /* state changes towards RUN after one had failed */
	bool failed_change;
	char calls[4096]; /* names, a space behind each; "!" behind the one that failed */
	uint8_t nonce[STEER_TSM_NONCE_MAX];
	size_t nonce_len;
	/* Before each request, when not NULL. */
	void (*before)(enum fake_op op);
};
extern struct fake_tsm fake_tsm;

/* An honest, unbound device. */
void fake_tsm_reset(void);
/* Without what was asked so far. */
void fake_tsm_forget(void);

struct fake_judge {
	enum steer_tsm_code code; /* of its verdict */
	int rc;                   /* other than 0: returned as it is */
	unsigned int more_checks; /* beside its one */
	bool store;               /* tsm-evidence= is given */
	unsigned int calls, stored;
	int store_rc;
	struct steer_tsm_evidence seen; /* its objects are freed */
	enum steer_tsm_code stored_code;
	unsigned int stored_checks;
};
extern struct fake_judge fake_judge;

/* Lines that were logged, one behind the other. */
extern char fake_log[8192];
void fake_logger(void *arg, int level, const char *line);

/* A policy that an honest device meets, and what is armed. */
extern const struct steer_tsm_device fake_device;
void fake_policy(struct steer_tsm_policy *p, enum steer_tsm_mode mode, enum steer_tsm_role role);
/* Open with the policy. */
struct steer_tsm *fake_open(const struct steer_tsm_policy *p, struct steer_tsm_unbound *unbound);

#endif /* FAKE_TSM_H */
