/* SPDX-License-Identifier: BSD-3-Clause */

/* The bytes are an operator's file of tags. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tags_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tph_tags t;
	char err[160] = "";
	size_t i;
	int rc = tph_tags_parse((const char *)data, size, &t, err, sizeof(err));

	if (rc != 0) {
		must(t.tags == NULL && t.nb == 0 && err[0] != '\0');
		must(strchr(err, '\n') == NULL);
		return 0;
	}
	must(t.nb > 0 && err[0] == '\0');
	for (i = 0; i < t.nb; i++) {
		must(t.tags[i].tag != 0 && t.tags[i].cpu <= TPH_TAGS_CPU_MAX);
		must(i == 0 || t.tags[i - 1].cpu < t.tags[i].cpu);
		must(tph_tags_find(&t, t.tags[i].cpu) == t.tags[i].tag);
	}
	tph_tags_free(&t);
	return 0;
}
