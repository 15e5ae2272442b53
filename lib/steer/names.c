/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "steer_priv.h"

RTE_LOG_REGISTER(steer_logtype, steer, NOTICE);

static const char *const mode_names[] = {
	[STEER_MODE_OFF] = "off",
	[STEER_MODE_AUTO] = "auto",
	[STEER_MODE_PER_QUEUE] = "per-queue",
	[STEER_MODE_PALETTE] = "palette",
};

static const char *const queue_mode_names[] = {
	[STEER_Q_AUTO] = "auto",
	[STEER_Q_BOUND] = "bound",
	[STEER_Q_OFF] = "off",
};

static const char *const strategy_names[] = {
	[STEER_STRATEGY_NONE] = "none",       [STEER_STRATEGY_PER_QUEUE] = "per-queue",
	[STEER_STRATEGY_PALETTE] = "palette", [STEER_STRATEGY_DS_REG] = "ds-reg",
	[STEER_STRATEGY_VECTOR] = "vector",
};

const char *
steer_queue_mode_name(enum steer_queue_mode m)
{
	return (unsigned int)m < RTE_DIM(queue_mode_names) ? queue_mode_names[m] : "unknown";
}

const char *
steer_strategy_name(enum steer_strategy s)
{
	return (unsigned int)s < RTE_DIM(strategy_names) ? strategy_names[s] : "unknown";
}

const char *
steer_mode_name(enum steer_mode m)
{
	return (unsigned int)m < RTE_DIM(mode_names) ? mode_names[m] : "unknown";
}

int
steer_mode_parse(const char *text)
{
	unsigned int m;

	for (m = 0; text != NULL && m < RTE_DIM(mode_names); m++)
		if (strcmp(text, mode_names[m]) == 0)
			return (int)m;
	return -EINVAL;
}
