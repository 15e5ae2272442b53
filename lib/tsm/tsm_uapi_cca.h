/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Arm CCA: what the request ioctl carries. The only architecture whose payloads are public.
 * Sources: the header rmi-da.h of Arm's CCA trees; with the type in front as of v5, without as of
 * v7.
 */

#ifndef TSM_UAPI_CCA_H
#define TSM_UAPI_CCA_H

#include "tsm_uapi.h"

#define TSM_CCA_NONCE_LEN      32u

/* Both: TDISP state that is asked for. */
#define TSM_CCA_UNLOCKED       0u
#define TSM_CCA_LOCKED         1u
#define TSM_CCA_RUN            2u

/* ---- v5: the request's type first ---- */

#define TSM_CCA5_OBJECT_SIZE   1u
#define TSM_CCA5_OBJECT_READ   2u
#define TSM_CCA5_UPDATE_REPORT 3u
#define TSM_CCA5_MEASURE       4u
#define TSM_CCA5_MAP           5u
#define TSM_CCA5_STATE         6u

struct tsm_cca5_type { /* UPDATE_REPORT */
	uint32_t type;
};
TSM_UAPI_SIZE(tsm_cca5_type, 4);
TSM_UAPI_AT(tsm_cca5_type, type, 0);

struct tsm_cca5_value { /* OBJECT_SIZE: object; STATE: state */
	uint32_t type;
	uint32_t value;
};
TSM_UAPI_SIZE(tsm_cca5_value, 8);
TSM_UAPI_AT(tsm_cca5_value, type, 0);
TSM_UAPI_AT(tsm_cca5_value, value, 4);

struct tsm_cca5_read {
	uint32_t type;
	uint32_t object;
	uint64_t offset;
};
TSM_UAPI_SIZE(tsm_cca5_read, 16);
TSM_UAPI_AT(tsm_cca5_read, type, 0);
TSM_UAPI_AT(tsm_cca5_read, object, 4);
TSM_UAPI_AT(tsm_cca5_read, offset, 8);

struct tsm_cca5_measure {
	uint32_t type;
	uint32_t reserved;
	uint64_t flags;
	uint64_t nonce_uptr; /* address of TSM_CCA_NONCE_LEN bytes */
};
TSM_UAPI_SIZE(tsm_cca5_measure, 24);
TSM_UAPI_AT(tsm_cca5_measure, type, 0);
TSM_UAPI_AT(tsm_cca5_measure, reserved, 4);
TSM_UAPI_AT(tsm_cca5_measure, flags, 8);
TSM_UAPI_AT(tsm_cca5_measure, nonce_uptr, 16);

struct tsm_cca5_map {
	uint32_t type;
	uint32_t reserved;
	uint64_t gpa_base;
	uint64_t gpa_top; /* exclusive */
	uint64_t pa_base;
};
TSM_UAPI_SIZE(tsm_cca5_map, 32);
TSM_UAPI_AT(tsm_cca5_map, type, 0);
TSM_UAPI_AT(tsm_cca5_map, reserved, 4);
TSM_UAPI_AT(tsm_cca5_map, gpa_base, 8);
TSM_UAPI_AT(tsm_cca5_map, gpa_top, 16);
TSM_UAPI_AT(tsm_cca5_map, pa_base, 24);

/* ---- v5-june, v6, v7-int: op tells ---- */

struct tsm_cca_value { /* OBJECT_INFO: object; SET_TDI_STATE: state; response of OBJECT_INFO: bytes
			*/
	uint32_t value;
};
TSM_UAPI_SIZE(tsm_cca_value, 4);
TSM_UAPI_AT(tsm_cca_value, value, 0);

struct tsm_cca_read {
	uint32_t object;
	uint32_t reserved;
	uint64_t offset;
};
TSM_UAPI_SIZE(tsm_cca_read, 16);
TSM_UAPI_AT(tsm_cca_read, object, 0);
TSM_UAPI_AT(tsm_cca_read, reserved, 4);
TSM_UAPI_AT(tsm_cca_read, offset, 8);

struct tsm_cca_regen {
	uint32_t object;
	uint32_t reserved;
	uint64_t flags;      /* of measurements: 0 digests, 1 raw */
	uint64_t nonce_uptr; /* 0 for the interface report */
};
TSM_UAPI_SIZE(tsm_cca_regen, 24);
TSM_UAPI_AT(tsm_cca_regen, object, 0);
TSM_UAPI_AT(tsm_cca_regen, reserved, 4);
TSM_UAPI_AT(tsm_cca_regen, flags, 8);
TSM_UAPI_AT(tsm_cca_regen, nonce_uptr, 16);

struct tsm_cca_validate {
	uint64_t gpa_base;
	uint64_t gpa_top; /* exclusive */
	uint64_t pa_base;
};
TSM_UAPI_SIZE(tsm_cca_validate, 24);
TSM_UAPI_AT(tsm_cca_validate, gpa_base, 0);
TSM_UAPI_AT(tsm_cca_validate, gpa_top, 8);
TSM_UAPI_AT(tsm_cca_validate, pa_base, 16);

#endif /* TSM_UAPI_CCA_H */
