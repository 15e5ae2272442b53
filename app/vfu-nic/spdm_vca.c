/* SPDX-License-Identifier: BSD-3-Clause */

/* Version, capabilities and algorithms (DSP0274 1.2, 10.3 to 10.6): always the same. */

#include <string.h>

#include "spdm.h"

#define CAPS_CERT       0x02
#define CAPS_MEAS_SIG   0x10 /* with signature */
#define CAPS_MEAS_FRESH 0x20
#define OPAQUE_FMT1     0x02

/* What is not named is 0. */
static const uint8_t get_version[4] = {0x10, SPDM_GET_VERSION};
static const uint8_t version[8] = {0x10, SPDM_VERSION, [5] = 1, [7] = SPDM_VERSION_1_2};
/* DataTransferSize and MaxSPDMmsgSize are both 0x1200: nothing is sent in chunks. */
static const uint8_t get_capabilities[20] = {SPDM_VERSION_1_2,
					     SPDM_GET_CAPABILITIES, [13] = 0x12, [17] = 0x12};
static const uint8_t capabilities[20] = {
	SPDM_VERSION_1_2, SPDM_CAPABILITIES, [8] = CAPS_CERT | CAPS_MEAS_SIG | CAPS_MEAS_FRESH,
	[13] = 0x12, [17] = 0x12};
static const uint8_t negotiate[32] = {
	SPDM_VERSION_1_2,          SPDM_NEGOTIATE_ALGORITHMS, [4] = sizeof(negotiate),
	[6] = SPDM_MEAS_SPEC_DMTF, [7] = OPAQUE_FMT1,         [8] = SPDM_ASYM_ECDSA_P384,
	[12] = SPDM_HASH_SHA384};
static const uint8_t algorithms[36] = {SPDM_VERSION_1_2,
				       SPDM_ALGORITHMS,
				       [4] = sizeof(algorithms),
				       [6] = SPDM_MEAS_SPEC_DMTF,
				       [7] = OPAQUE_FMT1,
				       [8] = SPDM_MEAS_HASH_SHA384,
				       [12] = SPDM_ASYM_ECDSA_P384,
				       [16] = SPDM_HASH_SHA384};
_Static_assert(sizeof(get_version) + sizeof(version) + sizeof(get_capabilities) +
			       sizeof(capabilities) + sizeof(negotiate) + sizeof(algorithms) ==
		       SPDM_VCA_LEN,
	       "length of the VCA");

uint32_t
spdm_vca(uint8_t *out)
{
	static const struct {
		const uint8_t *p;
		uint32_t len;
	} messages[] = {
		{get_version, sizeof(get_version)},
		{version, sizeof(version)},
		{get_capabilities, sizeof(get_capabilities)},
		{capabilities, sizeof(capabilities)},
		{negotiate, sizeof(negotiate)},
		{algorithms, sizeof(algorithms)},
	};
	uint32_t i, at = 0;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		memcpy(out + at, messages[i].p, messages[i].len);
		at += messages[i].len;
	}
	return at;
}
