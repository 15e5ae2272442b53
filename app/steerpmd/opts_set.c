/* SPDX-License-Identifier: BSD-3-Clause */

/* Options of forwarding that take words. */

#include <string.h>

#include <steer_cache.h>
#include <steer_shape.h>

#include "opts_priv.h"
#include "traffic.h"

int
opts_set_fwd(struct opts *o, const char *text, char *err, size_t len)
{
	int mode = fwd_mode_parse(text);

	if (mode < 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--forward-mode: no mode '%s' (io, mac, macswap, rxonly, txonly)",
				 text);
	o->fwd_mode = mode;
	return 0;
}

int
opts_set_topology(struct opts *o, const char *text, char *err, size_t len)
{
	if (strcmp(text, "paired") == 0)
		o->topology = TOPO_PAIRED;
	else if (strcmp(text, "chained") == 0)
		o->topology = TOPO_CHAINED;
	else if (strcmp(text, "loop") == 0)
		o->topology = TOPO_LOOP;
	else
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--port-topology: '%s' is not paired, chained or loop", text);
	return 0;
}

int
opts_set_touch(struct opts *o, const char *text, char *err, size_t len)
{
	if (touch_parse(text, &o->touch) != 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--touch: '%s' is not none, header, payload:N, all or rw", text);
	o->touch_given = true;
	return 0;
}

int
opts_set_steer(struct opts *o, const char *text, char *err, size_t len)
{
	int s = steering_parse(text);

	if (s < 0 || s == STEERING_NO_ST)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--steer: '%s' is not auto, off, right or wrong", text);
	o->steer = s;
	return 0;
}

int
opts_set_platform(struct opts *o, const char *text, char *err, size_t len)
{
	struct steer_platform p;
	char why[256];

	o->platform = text;
	if (strlen(text) > PLATFORM_MAX)
		return opts_fail(err, len, PMD_EXIT_USAGE, "--platform: longer than %u characters",
				 PLATFORM_MAX);
	if (steer_platform_parse(text, &p, why, sizeof(why)) == 0)
		return 0;
	return opts_fail(err, len, PMD_EXIT_USAGE, "--platform: %s", why);
}

int
opts_set_rings(struct opts *o, const char *text, char *err, size_t len)
{
	const struct steer_ring_shape *s = NULL;
	size_t n;

	if (text[0] != '\0' && steer_shape_find(text) != NULL) {
		o->rings = text;
		return 0;
	}
	snprintf(err, len, "--rings: no shape '%s', known:", text);
	while ((s = steer_shape_next(s)) != NULL) {
		n = strlen(err);
		snprintf(err + n, len - n, " %s", s->name);
	}
	return PMD_EXIT_USAGE;
}

int
opts_set_model_cores(struct opts *o, const char *text, char *err, size_t len)
{
	o->model_lcores = strcmp(text, "lcore") == 0;
	if (!o->model_lcores && strcmp(text, "cpu") != 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--model-cores: '%s' is not cpu or lcore", text);
	return 0;
}

int
opts_set_poll(struct opts *o, const char *text, char *err, size_t len)
{
	o->poll_busy = strcmp(text, "busy") == 0;
	if (!o->poll_busy && strcmp(text, "adaptive") != 0)
		return opts_fail(err, len, PMD_EXIT_USAGE, "--poll: '%s' is not busy or adaptive",
				 text);
	return 0;
}

int
opts_set_lockstep(struct opts *o, const char *text, char *err, size_t len)
{
	uint64_t n;

	if (number_parse(text, 1, 1024, &n) != 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--lockstep: '%s' is not a number in 1..1024", text);
	o->lockstep = n;
	o->lockstep_given = true;
	return 0;
}

int
opts_set_noise(struct opts *o, const char *text, char *err, size_t len)
{
	if (noise_parse(text, &o->noise) == 0)
		return 0;
	return opts_fail(err, len, PMD_EXIT_USAGE, "--noise: '%s' is not MIB@LCORE (1..65536 MiB)",
			 text);
}

int
opts_set_mix(struct opts *o, const char *text, char *err, size_t len)
{
	if (traffic_mix_parse(text, &o->traffic) == 0)
		return 0;
	return opts_fail(err, len, PMD_EXIT_USAGE,
			 "--mix: '%s' is not imix or up to %u of SIZE:WEIGHT joined by '/'", text,
			 STEER_TRACE_MIX_MAX);
}

int
opts_set_zipf(struct opts *o, const char *text, char *err, size_t len)
{
	if (traffic_zipf_parse(text, &o->traffic.zipf_milli) == 0)
		return 0;
	return opts_fail(err, len, PMD_EXIT_USAGE,
			 "--zipf: '%s' is not an exponent 0..5 such as 0.99", text);
}
