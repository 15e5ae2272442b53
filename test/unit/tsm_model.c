/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tsm_model.h"

/*
 * A word is a request. "state=N" asks for the TDISP state and wants N; "report?" compares the
 * report with the one that was judged.
 */
#define OBJECTS "regenerate regenerate+ object object object object digest digest digest"
#define ATTEST                                                                                     \
	"state=1 regenerate regenerate+ object object object object digest digest digest state=1"
struct way {
	enum steer_tsm_role role;
	const char *step[MODEL_STEPS];
	const char *dma, *first_dma, *watch;
	bool states;
};
static const struct way ways[] = {
	{STEER_TSM_ROLE_HOST,
	 {"connect", "", "", "", "connect", ""},
	 "connect",
	 "connect",
	 "connect",
	 false},
	{STEER_TSM_ROLE_VMM,
	 {"connect", "bind", "", "lock", OBJECTS, "validate run"},
	 "",
	 "",
	 "connect",
	 false},
	{STEER_TSM_ROLE_GUEST,
	 {"connect", "bind", "", "lock state=1", ATTEST, "state=1 run state=2"},
	 "state=2",
	 "state=2 report?",
	 "state=2",
	 true},
	{STEER_TSM_ROLE_USER,
	 {"connect", "bind", "", "lock state=1", ATTEST, "state=1 validate run state=2 dma-on"},
	 "state=2",
	 "state=2",
	 "state=2",
	 true},
};

enum outcome {
	FINE,
	CLEAN, /* refused, and nothing was changed by it */
	DIRTY, /* nobody knows what was changed */
	DEVICE_ERROR,
};

static const struct way *
way_of(const struct model *m)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i].role == m->role)
			return &ways[i];
	abort();
}

void
model_new(struct model *m, enum steer_tsm_role role, enum steer_tsm_mode mode)
{
	memset(m, 0, sizeof(*m));
	m->role = role;
	m->mode = mode;
	m->byte = 0x5a;
}

/* @return whether this one is told to fail */
static bool
ask(struct model *m, const char *word)
{
	bool bad = m->fail_nth > 0 && --m->fail_nth == 0;
	size_t used = strlen(m->calls);
	int len = (int)strcspn(word, "=+?");

	snprintf(m->calls + used, sizeof(m->calls) - used, "%.*s%s ", len, word, bad ? "!" : "");
	return bad;
}

static bool
starts(const char *word, const char *with)
{
	return strncmp(word, with, strlen(with)) == 0;
}

static bool
changes(const char *word)
{
	return starts(word, "bind") || starts(word, "lock") || starts(word, "validate") ||
	       starts(word, "run") || starts(word, "dma-on");
}

/* Done, or perhaps done: what close has to undo. */
static void
remember(struct model *m, const char *word)
{
	m->bound |= starts(word, "bind");
	m->locked |= starts(word, "lock");
	m->dma |= starts(word, "dma-on");
}

static void
happens(struct model *m, const char *word)
{
	if (starts(word, "bind"))
		m->attached = true;
	if (starts(word, "lock"))
		m->tdi = TSM_TDI_LOCKED;
	if (starts(word, "run"))
		m->tdi = TSM_TDI_RUN;
	if (starts(word, "unlock") || starts(word, "unbind"))
		m->tdi = TSM_TDI_UNLOCKED;
	if (starts(word, "unbind"))
		m->attached = false;
}

static bool
tolerated(const struct model *m, const char *word)
{
	if (starts(word, "connect"))
		return m->fail.err == 0 && m->fail.tsm_code == 0;
	if (starts(word, "regenerate+"))
		return m->fail.err == -EOPNOTSUPP && m->fail.not_sent;
	return starts(word, "digest") && m->fail.err == -ENODATA;
}

static enum outcome
one(struct model *m, const char *word)
{
	bool bad = ask(m, word);

	if (!bad || (m->commit && !m->fail.not_sent))
		happens(m, word);
	if (!bad || !m->fail.not_sent)
		remember(m, word);
	if (bad)
		return tolerated(m, word)                   ? FINE
		       : changes(word) && !m->fail.not_sent ? DIRTY
		       : starts(word, "state")              ? DIRTY
							    : CLEAN;
	if (starts(word, "state=") && (int)m->tdi != word[6] - '0')
		return m->tdi == TSM_TDI_ERROR ? DEVICE_ERROR : DIRTY;
	return FINE;
}

static enum outcome
all(struct model *m, const char *words)
{
	enum outcome o = FINE;
	char word[32];
	int used;

	while (o == FINE && sscanf(words, "%31s%n", word, &used) == 1) {
		if (starts(word, "report?"))
			strcpy(word, "object?");
		o = one(m, word);
		if (o == FINE && starts(word, "object?") && m->byte != m->judged)
			o = DIRTY;
		words += used;
	}
	return o;
}

static void
lose(struct model *m, enum steer_tsm_state state)
{
	m->state = state;
	m->next = -1;
}

/* One request of the way back. */
static bool
undone(struct model *m, const char *word)
{
	bool bad = ask(m, word);

	if (!bad || (m->commit && !m->fail.not_sent))
		happens(m, word);
	m->undo_failed |= bad;
	return !bad;
}

/* @return whether everything says that it went. */
static bool
back_to_bound(struct model *m)
{
	const struct way *w = way_of(m);
	bool ok = true, locked = m->locked;

	if (m->dma)
		ok = undone(m, "dma-off");
	if (m->locked)
		ok = undone(m, "unlock") && ok;
	m->dma = m->locked = m->mapped = false;
	if (ok && locked && w->states)
		ok = undone(m, "state") && m->tdi == TSM_TDI_UNLOCKED;
	return ok;
}

static bool
back(struct model *m)
{
	bool ok = back_to_bound(m);

	if (m->bound)
		ok = undone(m, "unbind") && ok;
	m->bound = false;
	lose(m, ok ? STEER_TSM_UNBOUND : STEER_TSM_UNKNOWN);
	return ok;
}

static int
step_fails(struct model *m, enum outcome o)
{
	if (o == CLEAN)
		back(m);
	else
		lose(m, o == DIRTY ? STEER_TSM_UNKNOWN : STEER_TSM_ERROR);
	return -EACCES;
}

int
model_step(struct model *m, enum model_step step, bool good, bool bad_device)
{
	static const enum steer_tsm_state to[] = {STEER_TSM_CONNECTED, STEER_TSM_BOUND,
						  STEER_TSM_BOUND,     STEER_TSM_LOCKED,
						  STEER_TSM_VERIFIED,  STEER_TSM_RUN};
	enum outcome o;

	if (!good || m->next != (int)step)
		return -EPERM;
	if (step == MODEL_ARM && bad_device) {
		back(m);
		return -EINVAL;
	}
	o = all(m, way_of(m)->step[step]);
	if (o == FINE && step == MODEL_VERIFY && m->role != STEER_TSM_ROLE_HOST) {
		m->judged = m->byte;
		o = m->judge == STEER_TSM_OK ? FINE : CLEAN;
	}
	if (o != FINE)
		return step_fails(m, o);
	m->state = to[step];
	m->next = (int)step + 1;
	return 0;
}

int
model_dma_allowed(struct model *m, bool good)
{
	enum outcome o;

	if (!good || m->next != MODEL_STEPS)
		return -EPERM;
	if (m->plain)
		return 0;
	o = all(m, m->mapped ? way_of(m)->dma : way_of(m)->first_dma);
	if (o == FINE)
		m->mapped = true;
	else
		lose(m, o == DEVICE_ERROR ? STEER_TSM_ERROR : STEER_TSM_UNKNOWN);
	return o == FINE ? 0 : -EACCES;
}

int
model_unlock(struct model *m)
{
	if (m->state == STEER_TSM_UNKNOWN || m->state == STEER_TSM_ERROR)
		return -EIO;
	if (m->next <= MODEL_LOCK)
		return -EPERM;
	if (!back_to_bound(m)) {
		lose(m, STEER_TSM_UNKNOWN);
		return -EIO;
	}
	m->state = STEER_TSM_BOUND;
	m->next = MODEL_ARM;
	m->plain = false;
	return 0;
}

int
model_watch(struct model *m)
{
	enum outcome o;

	if (m->state == STEER_TSM_UNKNOWN || m->state == STEER_TSM_ERROR)
		return -ENOLINK;
	if (m->next != MODEL_STEPS || m->plain)
		return 0;
	o = all(m, way_of(m)->watch);
	if (o == FINE)
		return 0;
	if (m->role == STEER_TSM_ROLE_HOST && m->mode == STEER_TSM_PREFER) {
		m->plain = true;
		m->state = STEER_TSM_UNBOUND;
		return 1;
	}
	lose(m, o == DEVICE_ERROR ? STEER_TSM_ERROR : STEER_TSM_UNKNOWN);
	return -ENOLINK;
}

void
model_close(struct model *m)
{
	back(m);
	strcat(m->calls, "close ");
}
