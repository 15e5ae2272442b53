/* SPDX-License-Identifier: BSD-3-Clause */

/* Experiments that have been published, as options. What the command line says counts more. */

#include <string.h>

#include "opts_priv.h"

#define OPTIONS_MAX 12

static const struct preset {
	const char *name, *help;
	struct {
		const char *name, *value;
	} options[OPTIONS_MAX];
	const char *sweep;
} presets[] = {
	{
		/* The single-core grid of packet sizes and ring sizes whose device write hit rates
		 * the ATC 2020 paper on direct cache access published (data set ddio-bench): layer
		 * 2 forwarding on a Xeon Gold 6140 with a ConnectX-5, overloaded, medians of 10
		 * runs. The paper had no tags. The Tx ring is as deep as the mlx5 PMD lets sent
		 * packets pile up; rounds go around the longest ring four times. */
		"atc20",
		"packet size x ring of the ATC 2020 paper on DDIO",
		{
			{"experiment", "off"},
			{"forward-mode", "macswap"},
			{"touch", "none"},
			{"rounds", "10"},
			{"round-packets", "16384"},
			{"warmup-packets", "16384"},
			{"platform", "skl-6140"},
			{"rings", "mlx5"},
			{"txd", "128"},
			{"lockstep", "32"},
			{"mbcache", "256"},
		},
		"size=256,512,1024,1500 rxring=128..4096",
	},
};
#define NPRESETS (sizeof(presets) / sizeof(presets[0]))

static int
apply(const struct preset *p, struct opts *o, char *err, size_t len)
{
	int rc = 0;

	for (unsigned int i = 0; i < OPTIONS_MAX && p->options[i].name != NULL && rc == 0; i++)
		rc = opts_set(o, p->options[i].name, p->options[i].value, err, len);
	if (rc == 0)
		rc = opts_set_sweep(o, p->sweep, err, len);
	o->preset = p->name;
	return rc;
}

int
opts_set_preset(struct opts *o, const char *text, char *err, size_t len)
{
	size_t n;

	for (size_t i = 0; i < NPRESETS; i++)
		if (strcmp(presets[i].name, text) == 0)
			return apply(&presets[i], o, err, len);
	snprintf(err, len, "--preset: no preset '%s', known:", text);
	for (size_t i = 0; i < NPRESETS; i++) {
		n = strlen(err);
		snprintf(err + n, len - n, " %s (%s)", presets[i].name, presets[i].help);
	}
	return PMD_EXIT_USAGE;
}
