/* SPDX-License-Identifier: BSD-3-Clause */

/* What the state machine gives a back end, without one. */

#include "tsm_iommufd_fixture.h"

int
tsm_fail(struct steer_tsm *t, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ix.error, sizeof(ix.error), fmt, ap);
	va_end(ap);
	return rc;
}

void
tsm_log(struct steer_tsm *t, int level, const char *fmt, ...)
{
	size_t at = strlen(ix.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ix.log + at, sizeof(ix.log) - at, fmt, ap);
	va_end(ap);
}
