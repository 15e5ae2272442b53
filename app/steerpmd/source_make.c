/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>

#include <rte_cycles.h>

#include <steer_pmu.h>
#include <steer_timing.h>

#include "source_make.h"

/* EAL knows the frequency of its counter, once it is there; 0 lets the probe measure it. */
static int
timing_make(struct steer_source **source, char *why, size_t len)
{
	const struct steer_timing_conf conf = {.hz = rte_get_tsc_hz()};

	return steer_timing_create(&conf, source, why, len);
}

int
source_make(enum steer_source_id id, struct steer_source **source, char *why, size_t len)
{
	int rc = -ENOTSUP;

	*source = NULL;
	if (id == STEER_SOURCE_PMU)
		rc = steer_pmu_create(NULL, source, why, len);
	else if (id == STEER_SOURCE_TIMING)
		rc = timing_make(source, why, len);
	else
		snprintf(why, len, "the model is no source of lcores");
	/* what this machine has not is unsupported, whatever the reason */
	return rc == -ENODEV ? -ENOTSUP : rc;
}
