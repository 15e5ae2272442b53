/* SPDX-License-Identifier: BSD-3-Clause */

/* Tokens and states. */

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "machine.h"

/* Of the process: so a generation names its object, too. */
static atomic_uint_fast64_t generations;

void
tsm_state_set(struct steer_tsm *t, enum steer_tsm_state state)
{
	pthread_mutex_lock(&t->m->lock);
	t->m->state = state;
	t->m->verdict.state = (uint8_t)state;
	pthread_mutex_unlock(&t->m->lock);
}

int
step_begin(struct steer_tsm *t, uint64_t gen, enum tsm_token kind, const char *step)
{
	if (t == NULL || gen == 0)
		return -EPERM;
	pthread_mutex_lock(&t->m->request);
	if (t->m->token != kind || t->m->gen != gen) {
		pthread_mutex_unlock(&t->m->request);
		return -EPERM;
	}
	t->m->step = step;
	t->m->told = false;
	return 0;
}

uint64_t
step_done(struct steer_tsm *t, enum tsm_token kind, enum steer_tsm_state state)
{
	uint64_t gen = atomic_fetch_add(&generations, 1) + 1;

	t->m->token = kind;
	t->m->gen = gen;
	tsm_state_set(t, state);
	pthread_mutex_unlock(&t->m->request);
	return gen;
}

int
step_failed(struct steer_tsm *t, int rc)
{
	t->m->token = TOKEN_NONE;
	t->m->gen = 0;
	pthread_mutex_unlock(&t->m->request);
	return rc;
}

int
tsm_quarantine(struct steer_tsm *t, enum steer_tsm_state state)
{
	t->m->token = TOKEN_NONE;
	t->m->gen = 0;
	tsm_state_set(t, state);
	return -EACCES;
}

enum steer_tsm_state
steer_tsm_state(const struct steer_tsm *t)
{
	enum steer_tsm_state s;

	pthread_mutex_lock(&t->m->lock);
	s = t->m->state;
	pthread_mutex_unlock(&t->m->lock);
	return s;
}
