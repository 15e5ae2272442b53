/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "steer_tph.h"

static const char *const dialect_names[] = {
	[STEER_TPH_DIALECT_NONE] = "none",
	[STEER_TPH_DIALECT_FEATURE] = "feature",
	[STEER_TPH_DIALECT_FEATURE_BY_INDEX] = "feature-by-index",
	[STEER_TPH_DIALECT_IOCTL_V8] = "ioctl-v8",
	[STEER_TPH_DIALECT_DIRECT] = "direct",
};
#define NB_NAMES (sizeof(dialect_names) / sizeof(dialect_names[0]))

const char *
steer_tph_dialect_name(enum steer_tph_dialect dialect)
{
	return (size_t)dialect < NB_NAMES ? dialect_names[dialect] : "unknown";
}

int
steer_tph_dialect_parse(const char *text)
{
	size_t d;

	if (strcmp(text, "auto") == 0)
		return STEER_TPH_DIALECT_NONE;
	for (d = STEER_TPH_DIALECT_FEATURE; d < NB_NAMES; d++)
		if (strcmp(text, dialect_names[d]) == 0)
			return (int)d;
	return -EINVAL;
}
