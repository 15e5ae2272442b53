/* SPDX-License-Identifier: BSD-3-Clause */

/* The state machine's own part of an object. */

#ifndef TSM_MACHINE_H
#define TSM_MACHINE_H

#include <pthread.h>

#include "tsm_backend.h"

#define TSM_LINE      320

/* What was done to the device, and has to be undone. */
#define TSM_DONE_BIND (1u << 0)
#define TSM_DONE_LOCK (1u << 1)
#define TSM_DONE_DMA  (1u << 2)

struct tsm_machine {
	pthread_mutex_t request; /* one request at a time: held by a step, and by the watch */
	pthread_mutex_t lock;    /* of what is below, for a moment only */
	enum steer_tsm_state state;
	uint64_t gen;     /* of the one token that is good now; 0: none is */
	const char *step; /* for messages */
	char error[TSM_LINE];
	bool told; /* error is of this step: a back end knows more than we do */
	struct steer_tsm_verdict verdict;
	struct steer_tsm_device device;   /* armed */
	unsigned int done;                /* TSM_DONE_* */
	bool plain;                       /* lost, where the policy only warns */
	int open_rc;                      /* of the back end; 0 or why the way is not there */
	uint8_t report[STEER_TSM_DIGEST]; /* SHA-384 of the report that was judged */
};

#endif /* TSM_MACHINE_H */
