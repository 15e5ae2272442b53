/* SPDX-License-Identifier: BSD-3-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data_file.h"

/* @return numbers of the line; *end: what follows them. */
static size_t
line_read(char *line, double *v, size_t max, char **end)
{
	size_t n = 0;

	for (*end = line; n < max; n++) {
		char *at = *end;

		v[n] = strtod(at, end);
		if (*end == at)
			break;
	}
	return n;
}

size_t
data_file(const char *name, double *v, size_t max)
{
	char path[4096], line[4096], *end;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s: cannot be opened", path);
	while (n < max && fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#')
			continue;
		n += line_read(line, v + n, max - n, &end);
		if (*end != '\n')
			fail_msg("%s: no number, or more than %zu: %s", path, max, line);
	}
	fclose(f);
	if (n == 0)
		fail_msg("%s: is empty", path);
	return n;
}
