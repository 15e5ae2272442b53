/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>

#include <steer_pmu.h>

#include "source_make.h"

int
source_make(enum steer_source_id id, struct steer_source **source, char *why, size_t len)
{
	int rc;

	*source = NULL;
	if (id == STEER_SOURCE_PMU) {
		rc = steer_pmu_create(NULL, source, why, len);
		return rc == -ENODEV ? -ENOTSUP : rc;
	}
	snprintf(why, len, "%s is not built in", steer_source_name(id));
	return -ENOTSUP;
}
