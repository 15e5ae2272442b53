/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdarg.h>
#include <stdio.h>

#include "complain.h"
#include "opts.h"

void
complain(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* in order where both go to one file */
	fflush(stdout);
	fprintf(stderr, PMD_NAME ": %s\n", line);
}
