/* SPDX-License-Identifier: BSD-3-Clause */

/* Version, capabilities and algorithms (DSP0274 1.2, 10.3 to 10.5): always the same. */

#include <string.h>

#include "spdm.h"

#define CAPS_CERT       0x02
#define CAPS_MEAS_SIG   0x10 /* with signature */
#define CAPS_MEAS_FRESH 0x20
#define OPAQUE_FMT1     0x02

/* Message sizes: DataTransferSize 0x1200, MaxSPDMmsgSize 0x10000. */
static const uint8_t vca[SPDM_VCA_LEN] = {
	/* GET_VERSION */
	0x10,
	SPDM_GET_VERSION,
	0,
	0,
	/* VERSION: one, 1.2 */
	0x10,
	SPDM_VERSION,
	0,
	0,
	0,
	1,
	0x00,
	0x12,
	/* GET_CAPABILITIES */
	SPDM_VERSION_1_2,
	SPDM_GET_CAPABILITIES,
	0,
	0,
	0,
	0,
	0,
	0,
	/* flags */ 0,
	0,
	0,
	0,
	0x00,
	0x12,
	0,
	0,
	0,
	0,
	1,
	0,
	/* CAPABILITIES */
	SPDM_VERSION_1_2,
	SPDM_CAPABILITIES,
	0,
	0,
	0,
	0,
	0,
	0,
	CAPS_CERT | CAPS_MEAS_SIG | CAPS_MEAS_FRESH,
	0,
	0,
	0,
	0x00,
	0x12,
	0,
	0,
	0,
	0,
	1,
	0,
	/* NEGOTIATE_ALGORITHMS: length 32 */
	SPDM_VERSION_1_2,
	SPDM_NEGOTIATE_ALGORITHMS,
	0,
	0,
	32,
	0,
	SPDM_MEAS_SPEC_DMTF,
	OPAQUE_FMT1,
	SPDM_ASYM_ECDSA_P384,
	0,
	0,
	0,
	SPDM_HASH_SHA384,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	/* ALGORITHMS: length 36 */
	SPDM_VERSION_1_2,
	SPDM_ALGORITHMS,
	0,
	0,
	36,
	0,
	SPDM_MEAS_SPEC_DMTF,
	OPAQUE_FMT1,
	SPDM_MEAS_HASH_SHA384,
	0,
	0,
	0,
	SPDM_ASYM_ECDSA_P384,
	0,
	0,
	0,
	SPDM_HASH_SHA384,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
};

uint32_t
spdm_vca(uint8_t *out)
{
	memcpy(out, vca, sizeof(vca));
	return sizeof(vca);
}
