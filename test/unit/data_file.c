/* SPDX-License-Identifier: BSD-3-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data_file.h"

size_t
data_file(const char *name, double *v, size_t max)
{
	char path[4096], line[256], *end;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s: cannot be opened", path);
	while (n < max && fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		v[n++] = strtod(line, &end);
		if (end == line || *end != '\n')
			fail_msg("%s: no number: %s", path, line);
	}
	fclose(f);
	if (n == 0)
		fail_msg("%s: is empty", path);
	return n;
}
