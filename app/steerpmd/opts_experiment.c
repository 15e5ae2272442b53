/* SPDX-License-Identifier: BSD-3-Clause */

/* Options of experiments: what is measured, by which source, over which points. */

#include <string.h>

#include "opts_priv.h"
#include "traffic.h"

#define LIST_LEN 512

static int
add_mode(struct opts *o, const char *word, char *err, size_t len)
{
	int s = steering_parse(word);

	if (s < 0 || s >= STEERING_EXPERIMENT)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--experiment: '%s' is not off, right, wrong or no-st", word);
	for (unsigned int i = 0; i < o->nb_modes; i++)
		if (o->modes[i] == (enum steering)s)
			return opts_fail(err, len, PMD_EXIT_USAGE,
					 "--experiment: '%s' is there twice", word);
	o->modes[o->nb_modes++] = s;
	return 0;
}

int
opts_set_experiment(struct opts *o, const char *text, char *err, size_t len)
{
	char copy[64], *save = NULL;
	int rc = 0;

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return opts_fail(err, len, PMD_EXIT_USAGE, "--experiment: list too long");
	o->nb_modes = 0;
	for (char *w = strtok_r(copy, ",", &save); w != NULL && rc == 0;
	     w = strtok_r(NULL, ",", &save))
		rc = add_mode(o, w, err, len);
	if (rc == 0 && o->nb_modes == 0)
		return opts_fail(err, len, PMD_EXIT_USAGE, "--experiment: the list is empty");
	return rc;
}

int
opts_set_source(struct opts *o, const char *text, char *err, size_t len)
{
	int s = source_choice_parse(text);

	if (s < 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--source: '%s' is not auto, all, model, pmu or timing", text);
	o->source = s;
	o->source_given = true;
	return 0;
}

/* One axis, or several with blanks between them. */
int
opts_set_sweep(struct opts *o, const char *text, char *err, size_t len)
{
	char copy[LIST_LEN], *save = NULL;

	if (snprintf(copy, sizeof(copy), "%s", text) >= LIST_LEN)
		return opts_fail(err, len, PMD_EXIT_USAGE, "--sweep: too long");
	if (o->preset_axes)
		o->sweep.n = 0;
	o->preset_axes = false;
	for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		if (sweep_axes_add(&o->sweep, w, err, len) != 0)
			return PMD_EXIT_USAGE;
	return 0;
}

/* Each value by itself, so that a bad one is refused before anything runs. */
static int
check_values(const struct opts *o, char *err, size_t len)
{
	static struct opts scratch; /* large */
	unsigned long points = sweep_axes_points(&o->sweep);
	int rc = 0;

	if (points > SWEEP_MAX_POINTS)
		return opts_fail(err, len, PMD_EXIT_USAGE, "--sweep: more than %u points",
				 SWEEP_MAX_POINTS);
	for (unsigned long p = 0; p < points && rc == 0; p++) {
		scratch = *o;
		rc = sweep_axes_apply(&o->sweep, p, &scratch, err, len);
	}
	return rc;
}

static int
check_sweep(struct opts *o, char *err, size_t len)
{
	if (o->out != NULL && o->sweep.n == 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--out is the file of a sweep: use --json, or add --sweep");
	if (o->sweep.n == 0)
		return 0;
	if (o->out == NULL)
		return opts_fail(err, len, PMD_EXIT_USAGE, "--sweep needs --out=FILE");
	if (o->json != NULL)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--json does not go with --sweep: --out has every result");
	if (o->source == SOURCE_ALL)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--source=all does not go with --sweep: a file has one source");
	if (o->nb_modes == 0) {
		o->nb_modes = 3;
		o->modes[0] = STEERING_OFF;
		o->modes[1] = STEERING_RIGHT;
		o->modes[2] = STEERING_WRONG;
	}
	return check_values(o, err, len);
}

int
opts_check_experiment(struct opts *o, char *err, size_t len)
{
	if (!o->touch_given)
		o->touch.kind = TOUCH_HEADER;
	if (o->fwd_mode == FWD_TXONLY)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--experiment needs a forward mode that receives, not txonly");
	if (o->nb_rxq != o->nb_txq)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--experiment needs as many Tx as Rx queues (--rxq %u --txq %u)",
				 o->nb_rxq, o->nb_txq);
	return 0;
}

static int
check_traffic(const struct opts *o, char *err, size_t len)
{
	if (o->traffic.len != 0 && o->traffic.nmix != 0)
		return opts_fail(err, len, PMD_EXIT_USAGE, "--size and --mix: give one of them");
	if (traffic_given(o) && !o->lockstep_given && o->nb_modes == 0 && o->sweep.n == 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--size, --mix, --flows, --zipf: only a model session can ask the "
				 "card for traffic (--lockstep or --experiment)");
	return 0;
}

static int
check_noise(struct opts *o, char *err, size_t len)
{
	/* the prompt may name one later */
	if (o->noise_lines != 0 && o->noise.mib == 0 && !o->interactive)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--noise-lines: there is no neighbour without --noise");
	if (o->noise_lines == 0)
		o->noise_lines = NOISE_LINES_DEFAULT;
	return 0;
}

static bool
untagged(const struct opts *o)
{
	if (o->nb_modes == 0)
		return o->steer == STEERING_OFF;
	return o->nb_modes == 1 && o->modes[0] == STEERING_OFF;
}

static int
check_cores(const struct opts *o, char *err, size_t len)
{
	if (!o->model_lcores || untagged(o))
		return 0;
	return opts_fail(err, len, PMD_EXIT_USAGE,
			 "--model-cores=lcore: tags name CPUs: only with --experiment=off or "
			 "--steer=off");
}

int
opts_check(struct opts *o, char *err, size_t len)
{
	int rc;

	if (o->txpkt_len > o->mbuf_size - MBUF_HEADROOM)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--txpkts %u: does not fit an mbuf of --mbuf-size %u (%u of them "
				 "are headroom)",
				 o->txpkt_len, o->mbuf_size, MBUF_HEADROOM);
	rc = check_traffic(o, err, len);
	if (rc == 0)
		rc = check_noise(o, err, len);
	if (rc == 0)
		rc = check_sweep(o, err, len);
	if (rc == 0)
		rc = check_cores(o, err, len);
	if (rc == 0 && o->dry_run && o->nb_modes == 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--dry-run tells of an experiment: add --experiment or --sweep");
	if (rc != 0 || o->nb_modes == 0)
		return rc;
	if (o->interactive)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--experiment does not go with -i (the prompt has 'experiment')");
	return opts_check_experiment(o, err, len);
}
