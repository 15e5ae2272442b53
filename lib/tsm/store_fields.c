/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdio.h>

#include "store.h"

const struct store_object store_objects[STORE_OBJECTS] = {
	{"vca.bin", offsetof(struct steer_tsm_evidence, vca)},
	{"chain.bin", offsetof(struct steer_tsm_evidence, chain)},
	{"measurements.bin", offsetof(struct steer_tsm_evidence, measurements)},
	{"report.bin", offsetof(struct steer_tsm_evidence, report)},
};

#define DIGEST(name)                                                                               \
	{                                                                                          \
#name, offsetof(struct steer_tsm_evidence, has_##name##_digest),                   \
			offsetof(struct steer_tsm_evidence, name##_digest)                         \
	}
const struct store_digest store_digests[STORE_DIGESTS] = {
	DIGEST(chain),
	DIGEST(measurements),
	DIGEST(report),
};

#define FIELD(field)                                                                               \
	offsetof(struct steer_tsm_device, field), sizeof(((struct steer_tsm_device *)0)->field)
const struct store_number store_numbers[STORE_NUMBERS] = {
	{"msix-vectors", FIELD(msix_vectors), 0, UINT16_MAX},
	{"msix-table-bar", FIELD(msix_table_bar), -1, 5},
	{"msix-table-offset", FIELD(msix_table_offset), 0, UINT32_MAX},
	{"msix-table-size", FIELD(msix_table_size), 0, UINT32_MAX},
	{"msix-pba-bar", FIELD(msix_pba_bar), -1, 5},
	{"msix-pba-offset", FIELD(msix_pba_offset), 0, UINT32_MAX},
	{"msix-pba-size", FIELD(msix_pba_size), 0, UINT32_MAX},
	{"msix-control", FIELD(msix_control), 0, UINT16_MAX},
	{"tph-control", FIELD(tph_control), 0, UINT32_MAX},
};

int
store_bad(char *err, size_t errlen, int rc, const char *path, const char *text)
{
	snprintf(err, errlen, "%s: %s", path, text);
	/* A parser's words repeat what it did not understand. */
	for (char *c = err; errlen > 0 && *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return rc;
}
