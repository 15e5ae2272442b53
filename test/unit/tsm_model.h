/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What an attach ought to do, thought through once more from the contract and without lib/tsm: the
 * requests of each step as a line of words, and what one that fails leads to.
 */

#ifndef TSM_MODEL_H
#define TSM_MODEL_H

#include "fake_tsm.h"

enum model_step {
	MODEL_CONNECT,
	MODEL_BIND,
	MODEL_ARM,
	MODEL_LOCK,
	MODEL_VERIFY,
	MODEL_RUN,
	MODEL_STEPS,
};

struct model {
	enum steer_tsm_role role;
	enum steer_tsm_mode mode;
	/* What the caller sees. */
	enum steer_tsm_state state;
	int next; /* the step whose token is good; MODEL_STEPS: RUN; -1: none */
	bool plain;
	/* What may have been done. */
	bool bound, locked, dma;
	/* The device. */
	enum tsm_tdi tdi;
	bool attached; /* bound */
	uint8_t byte, judged;
	bool mapped;
	/* The script, as the fake has it. */
	unsigned int fail_nth;
	struct tsm_result fail;
	bool commit;
	enum steer_tsm_code judge;
	/* Requests so far, as the fake writes them. */
	char calls[4096];
	bool undo_failed;
};

void model_new(struct model *m, enum steer_tsm_role role, enum steer_tsm_mode mode);
/* A step with the token of that step; good: the one that was given last. */
int model_step(struct model *m, enum model_step step, bool good, bool bad_device);
int model_dma_allowed(struct model *m, bool good);
int model_unlock(struct model *m);
int model_watch(struct model *m);
void model_close(struct model *m);

#endif /* TSM_MODEL_H */
