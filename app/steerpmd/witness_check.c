/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the figures claim about the device's writes, held against what was witnessed. A claim is
 * made only where it follows from the figures whatever else the device wrote: a packet has at least
 * one line whose first touch is counted, and may have many more.
 */

#include <inttypes.h>

#include "result.h"

/* Of all rounds of a mode. */
static void
sum_of(const struct result *r, enum steering mode, struct witness_figures *sum)
{
	*sum = (struct witness_figures){.sys.known = UINT32_MAX};
	for (unsigned int i = 0; i < r->nb_rounds; i++) {
		const struct witness_figures *w = &r->rounds[i].witness;

		if (r->rounds[i].mode != mode || w->packets == 0)
			continue;
		sum->packets += w->packets;
		sum->sys.known &= w->sys.known;
		for (unsigned int k = 0; k < STEER_PMU_WITNESS_KINDS; k++)
			sum->sys.count[k] += w->sys.count[k];
	}
	if (sum->packets == 0)
		sum->sys.known = 0;
}

static bool
median_of(const struct result *r, enum steering mode, enum figure fig, double *v)
{
	struct summary s;

	if (summarize(r, mode, -1, &s) != 0 || s.fig[fig].n == 0)
		return false;
	*v = s.fig[fig].median;
	return true;
}

static double
limited(double share)
{
	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* What came from memory had gone there: a line of each such packet, of all that were written. */
static bool
claim_dram(const struct result *r, enum steering mode, const struct witness_figures *w,
	   double *claim)
{
	double io = (double)w->sys.count[STEER_PMU_IO_WRITES], memory;

	if (!median_of(r, mode, FIG_TOUCH + STEER_CACHE_MEMORY, &memory) || io == 0)
		return false;
	*claim = limited(1 - memory * (double)w->packets / io);
	return true;
}

/* What tags bring into L2 was stashed and taken: a line of each such packet, of all stashes. */
static bool
claim_stash(const struct result *r, enum steering mode, const struct witness_figures *w,
	    double *claim)
{
	double sent = (double)w->sys.count[STEER_PMU_STASH_SENT], near, without;

	if (mode != STEERING_RIGHT || !r->steered || sent == 0 ||
	    !median_of(r, mode, FIG_NEAR, &near) || !median_of(r, STEERING_OFF, FIG_NEAR, &without))
		return false;
	*claim = limited((near - without) * (double)w->packets / sent);
	return true;
}

static bool
knows(const struct witness_figures *w, enum steer_pmu_witness_kind a, enum steer_pmu_witness_kind b)
{
	uint32_t both = 1u << a | 1u << b;

	return (w->sys.known & both) == both;
}

/* Whether the line that a write hit was there says nothing about where it is touched later, so
 * hits and misses of writes are shown and hold no claim. */
static bool
claim_of(const struct result *r, enum steering mode, const struct witness_figures *w, double *claim)
{
	if (knows(w, STEER_PMU_WRITE_HIT, STEER_PMU_WRITE_MISS))
		return false;
	if (knows(w, STEER_PMU_STASH_SENT, STEER_PMU_STASH_PULLED))
		return claim_stash(r, mode, w, claim);
	return knows(w, STEER_PMU_IO_WRITES, STEER_PMU_DRAM_WRITES) &&
	       claim_dram(r, mode, w, claim);
}

static enum witness_state
state_of(enum steer_pmu_verdict v)
{
	return v == STEER_PMU_CONTRADICTS ? WITNESS_CONTRADICTS
	       : v == STEER_PMU_AGREES    ? WITNESS_AGREES
					  : WITNESS_CANNOT_TELL;
}

/* The worse of two: what is contradicted once is. */
static void
take(struct witness_verdict *all, enum witness_state state, enum steering mode, const char *why)
{
	if (state < all->state)
		return;
	all->state = state;
	snprintf(all->why, sizeof(all->why), "%s: %s", steering_name(mode), why);
}

static void
one_mode(const struct result *r, enum steering mode, struct witness_verdict *all)
{
	struct witness_figures w;
	char why[STEER_SOURCE_WHY];
	double claim;

	sum_of(r, mode, &w);
	if (w.packets == 0)
		return;
	if (all->state == WITNESS_ABSENT) {
		all->state = WITNESS_CANNOT_TELL;
		snprintf(all->why, sizeof(all->why),
			 "the figures claim nothing that these counts could refute");
	}
	if (!claim_of(r, mode, &w, &claim))
		return;
	take(all, state_of(steer_pmu_witness_judge(&w.sys, claim, why, sizeof(why))), mode, why);
}

void
witness_check(const struct result *r, struct witness_verdict *v)
{
	const char *why = r->witness_why[0] != '\0' ? r->witness_why : "nothing was counted";

	*v = (struct witness_verdict){.state = WITNESS_ABSENT};
	snprintf(v->why, sizeof(v->why), "%s",
		 r->source == STEER_SOURCE_MODEL ? "a model has none" : why);
	for (unsigned int i = 0; i < r->opts.nb_modes; i++)
		one_mode(r, r->opts.modes[i], v);
}

const char *
witness_state_name(enum witness_state state)
{
	static const char *const names[] = {
		[WITNESS_ABSENT] = "absent",
		[WITNESS_CANNOT_TELL] = "cannot_tell",
		[WITNESS_AGREES] = "agrees",
		[WITNESS_CONTRADICTS] = "contradicts",
	};

	return names[state];
}
