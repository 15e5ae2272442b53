/* SPDX-License-Identifier: BSD-3-Clause */

/* The bytes are a negotiation of SPDM. */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

/* What is accepted is never accepted with a byte more or less. */
static void
whole(const uint8_t *data, size_t size)
{
	char why[160];
	struct tsm_vca v;

	must(tsm_vca_parse(data, size - 1, &v, why, sizeof(why)) == -EPROTO);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[160] = "";
	struct tsm_vca v;
	int rc = tsm_vca_parse(data, size, &v, why, sizeof(why));

	must(rc == 0 || rc == -EPROTO || rc == -ENOTSUP);
	must(memchr(why, '\0', sizeof(why)) != NULL && (why[0] != '\0') == (rc != 0));
	if (rc != 0)
		return 0;
	must(v.asym == 0x80 && v.hash == 2 && v.measurement_hash == 4 && v.measurement_spec == 1);
	must((v.flags & 0x1a) == 0x12 && size >= 126);
	whole(data, size);
	return 0;
}
