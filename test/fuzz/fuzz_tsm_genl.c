/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Datagrams of generic netlink. The first byte: is it the controller's answer, or the family's?
 * Then come datagrams, each behind its length in two bytes.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "genl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

/* A copy of its own, so that a read past its end is seen. */
static int
take(struct tsm_genl_take *k, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len);
	int rc;

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, data, len);
	rc = tsm_genl_take(k, copy, len);
	free(copy);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tsm_genl_take k = {.seq = 1, .object = TSM_GENL_VCA};
	size_t at = 1, len;
	int rc = 0;

	if (size == 0)
		return 0;
	k.type = data[0] & 1 ? GENL_ID_CTRL : 0x21;
	while (rc == 0 && size - at > 2) {
		len = (size_t)(data[at] | data[at + 1] << 8);
		at += 2;
		if (len == 0 || len > size - at)
			len = size - at;
		rc = take(&k, data + at, len);
		at += len;
	}
	must(rc <= 1 && rc >= -4095);
	must(k.out.len <= size && k.out.len <= k.room && (k.out.len == 0 || k.begun));
	must((k.out.data == NULL) == (k.out.len == 0));
	free(k.out.data);
	return 0;
}
