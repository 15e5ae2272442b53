/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>

#include "source_make.h"

int
source_make(enum steer_source_id id, struct steer_source **source, char *why, size_t len)
{
	*source = NULL;
	snprintf(why, len, "%s is not built in", steer_source_name(id));
	return -ENOTSUP;
}
