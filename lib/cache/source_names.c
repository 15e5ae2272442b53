/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "steer_source.h"

static const struct {
	const char *name, *label;
} sources[STEER_SOURCE_IDS] = {
	[STEER_SOURCE_PMU] = {"pmu", "measured by PMU"},
	[STEER_SOURCE_TIMING] = {"timing", "measured by timing probe"},
	[STEER_SOURCE_MODEL] = {"model", "modelled"},
};

const char *
steer_source_name(enum steer_source_id id)
{
	return sources[id].name;
}

const char *
steer_source_label(enum steer_source_id id)
{
	return sources[id].label;
}

const char *
steer_source_unit_name(enum steer_source_unit unit)
{
	static const char *const names[] = {
		[STEER_UNIT_LINES] = "lines",
		[STEER_UNIT_LOADS] = "loads",
		[STEER_UNIT_SAMPLES] = "samples",
	};

	return names[unit];
}

int
steer_source_parse(const char *name)
{
	for (int i = 0; i < STEER_SOURCE_IDS; i++)
		if (strcmp(sources[i].name, name) == 0)
			return i;
	return -EINVAL;
}
