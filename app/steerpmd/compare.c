/* SPDX-License-Identifier: BSD-3-Clause */

/* Differences between modes, and what the negative control says about them. */

#include <math.h>
#include <stdlib.h>

#include "result.h"

/* A difference that no user would care for is no gain, however sure it is: a model repeats itself
 * so well that any difference is. */
#define LEAST_GAIN 0.01

static const enum steering pairs[][2] = {
	{STEERING_RIGHT, STEERING_OFF},   {STEERING_RIGHT, STEERING_WRONG},
	{STEERING_WRONG, STEERING_OFF},   {STEERING_NO_ST, STEERING_OFF},
	{STEERING_RIGHT, STEERING_NO_ST},
};
static const enum figure compared[] = {FIG_NEAR, FIG_CYCLES, FIG_MPPS};

#define NPAIRS    (sizeof(pairs) / sizeof(pairs[0]))
#define NCOMPARED (sizeof(compared) / sizeof(compared[0]))
_Static_assert(NPAIRS *NCOMPARED == COMPARISONS_MAX, "room for all comparisons");

static bool
compare(const struct result *r, struct comparison *c, double *a, double *b)
{
	size_t na = result_series(r, c->a, -1, c->fig, a);
	size_t nb = result_series(r, c->b, -1, c->fig, b);

	return na > 1 && nb > 1 && steer_stat_bootstrap(a, na, b, nb, r->opts.seed, &c->iv) == 0;
}

unsigned int
compare_modes(const struct result *r, struct comparison out[COMPARISONS_MAX])
{
	double *values = calloc(2 * ((size_t)r->nb_rounds + 1), sizeof(*values));
	unsigned int n = 0;

	for (unsigned int f = 0; values != NULL && f < NCOMPARED; f++) {
		for (unsigned int p = 0; p < NPAIRS; p++) {
			out[n] = (struct comparison){
				.a = pairs[p][0], .b = pairs[p][1], .fig = compared[f]};
			n += compare(r, &out[n], values, &values[r->nb_rounds + 1]);
		}
	}
	free(values);
	return n;
}

static double
least(const struct result *r, const struct comparison *c)
{
	struct summary s;

	if (c->fig == FIG_NEAR) /* a share already */
		return LEAST_GAIN;
	if (summarize(r, c->b, -1, &s) != 0)
		return INFINITY;
	return LEAST_GAIN * fabs(s.fig[c->fig].median);
}

/* Fewer cycles are better, more of the others. */
static bool
clearly(const struct result *r, const struct comparison *c, bool swapped)
{
	bool down = (c->fig == FIG_CYCLES) != swapped;

	if (fabs(c->iv.diff) < least(r, c))
		return false;
	return down ? c->iv.high < 0 : c->iv.low > 0;
}

static bool
unstable(const struct result *r, enum steering mode)
{
	struct summary s;

	return summarize(r, mode, -1, &s) == 0 && s.stability != STEER_STAT_STABLE &&
	       s.stability != STEER_STAT_FEW;
}

const char *
comparison_word(const struct result *r, const struct comparison *c)
{
	bool gain = clearly(r, c, false);

	if (!gain && !clearly(r, c, true))
		return "";
	/* the interval takes rounds for repetitions, and these are none */
	if (unstable(r, c->a) || unstable(r, c->b))
		return gain ? "gain? unstable" : "loss? unstable";
	return gain ? "gain" : "loss";
}

static const struct comparison *
find(const struct comparison *c, unsigned int n, enum figure fig, enum steering a, enum steering b)
{
	for (unsigned int i = 0; i < n; i++)
		if (c[i].fig == fig && c[i].a == a && c[i].b == b)
			return &c[i];
	return NULL;
}

static void
judge(const struct result *r, const struct comparison *right_off,
      const struct comparison *right_wrong, const struct comparison *wrong_off, struct control *c)
{
	const char *name = figure_name(right_wrong->fig);
	bool right = clearly(r, right_off, false), wrong = clearly(r, wrong_off, false);

	c->verdict = CONTROL_VALID;
	if (clearly(r, right_wrong, false)) {
		snprintf(c->why, sizeof(c->why),
			 "%s: right gains over wrong; right - wrong is %.4g [%.4g, %.4g]", name,
			 right_wrong->iv.diff, right_wrong->iv.low, right_wrong->iv.high);
		return;
	}
	if (!right && !wrong && !clearly(r, right_wrong, true)) {
		snprintf(c->why, sizeof(c->why), "%s: neither right nor wrong gains over off",
			 name);
		return;
	}
	c->verdict = CONTROL_INVALID;
	snprintf(c->why, sizeof(c->why), "%s: %s; right - wrong is %.4g [%.4g, %.4g]", name,
		 right ? "what right gains over off, wrong gains as well"
		       : "wrong gains where right does not",
		 right_wrong->iv.diff, right_wrong->iv.low, right_wrong->iv.high);
}

void
control_check(const struct result *r, struct control *c)
{
	struct comparison all[COMPARISONS_MAX];
	unsigned int n = compare_modes(r, all);

	*c = (struct control){.verdict = CONTROL_ABSENT};
	if (!r->steered) {
		snprintf(c->why, sizeof(c->why), "the device cannot be steered");
		return;
	}
	for (unsigned int f = 0; f < NCOMPARED; f++) {
		const struct comparison *ro =
			find(all, n, compared[f], STEERING_RIGHT, STEERING_OFF);
		const struct comparison *rw =
			find(all, n, compared[f], STEERING_RIGHT, STEERING_WRONG);
		const struct comparison *wo =
			find(all, n, compared[f], STEERING_WRONG, STEERING_OFF);

		if (ro != NULL && rw != NULL && wo != NULL) {
			judge(r, ro, rw, wo, c);
			return;
		}
	}
	snprintf(c->why, sizeof(c->why),
		 "it takes off, right and wrong, and at least 2 rounds of each");
}

const char *
control_name(enum control_verdict verdict)
{
	static const char *const names[] = {
		[CONTROL_ABSENT] = "absent",
		[CONTROL_VALID] = "valid",
		[CONTROL_INVALID] = "invalid",
	};

	return names[verdict];
}
