/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Protocol constants of TDISP, of SPDM-shaped evidence, and of the request envelope that carries
 * them to vfu-nic's software TSM; shared by both ends, and nothing here is logic.
 *
 * Sources: PCIe 7.0 chapter 11 (as DMTF's libspdm names it), DSP0274 1.2, and the iommufd request
 * as revised in June 2026. Everything is little endian.
 *
 * Envelope: VFIO-user DEVICE_FEATURE, GET, on the private index that VERSION tells under
 * VFU_KEY_TSM_FEATURE (user_proto.h). The feature data is one struct tsm_env and max(req_len,
 * resp_len) bytes behind it: the request on the way in, the response on the way out; the same
 * length both ways, at most max_data_xfer_size with the head. An error reply (errno) has executed
 * nothing, or its state change is unknown; a reply without error has residue and tsm_code. Objects
 * larger than one transfer are read in pieces (offset).
 */

#ifndef TSM_PROTO_H
#define TSM_PROTO_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* ---- envelope ---- */

struct tsm_env {
	uint32_t op;       /* enum tsm_env_op */
	uint32_t tvm_arch; /* 1 CCA, 2 SEV, 3 TDX; must be the server's */
	uint32_t req_len;
	uint32_t resp_len; /* room for the response */
	uint32_t residue;  /* out: unused response bytes, or unconsumed request bytes when resp_len
			      is 0 */
	uint32_t reserved; /* 0 */
	uint64_t tsm_code; /* out; architecture's own, 0 proves nothing */
};
_Static_assert(sizeof(struct tsm_env) == 32, "envelope head is 32 bytes");

/* 1..7 as in the ioctl of June 2026; from 0x100 on what an ioctl or sysfs file of its own does
 * there. */
enum tsm_env_op {
	TSM_ENV_READ_OBJECT = 1,
	TSM_ENV_REGEN_OBJECT = 2,
	TSM_ENV_OBJECT_INFO = 3,
	TSM_ENV_VALIDATE_MMIO = 4, /* cca only; else -EINVAL */
	TSM_ENV_SET_TDI_STATE = 5,
	TSM_ENV_ENABLE_DMA = 6,  /* sev only */
	TSM_ENV_DISABLE_DMA = 7, /* sev only */
	TSM_ENV_IDENT = 0x100,
	TSM_ENV_BIND = 0x101,
	TSM_ENV_UNBIND = 0x102,
	TSM_ENV_GET_TDI_STATE = 0x103,
	TSM_ENV_OBJECT_DIGEST = 0x104,
};

/* Payloads. All offsets from the start of the request or response. */
struct tsm_req_object { /* OBJECT_INFO (4 bytes are enough), OBJECT_DIGEST */
	uint32_t object;
};
struct tsm_rsp_info {
	uint32_t size;
};
struct tsm_req_read {
	uint32_t object;
	uint32_t reserved;
	uint64_t offset;
};
struct tsm_req_regen { /* nonce_len bytes follow: the nonce itself, where the ioctl has a pointer */
	uint32_t object;
	uint32_t nonce_len; /* 0, or 32 */
	uint64_t flags;     /* measurements: 0, or 1: raw instead of digests where there are any */
};
struct tsm_req_mmio {
	uint64_t gpa_base;
	uint64_t gpa_top; /* exclusive */
	uint64_t pa_base; /* offset of the range from its BAR's start, simulated */
};
struct tsm_req_state {
	uint32_t tdi_state; /* 0 CONFIG_UNLOCKED, 1 CONFIG_LOCKED, 2 RUN */
};
struct tsm_rsp_state {
	uint32_t tdi_state; /* 0..3 */
};
struct tsm_rsp_ident {
	char name[32]; /* of the TSM, NUL-padded */
	uint32_t tvm_arch;
	uint32_t flags; /* TSM_IDENT_* */
};
#define TSM_IDENT_SIMULATED (1u << 0)
#define TSM_IDENT_CONNECTED (1u << 1)
_Static_assert(sizeof(struct tsm_req_read) == 16 && sizeof(struct tsm_req_regen) == 16, "sizes");
_Static_assert(sizeof(struct tsm_req_mmio) == 24 && sizeof(struct tsm_rsp_ident) == 40, "sizes");

#define TSM_NONCE_LEN     32u
#define TSM_DIGEST_LEN    48u /* SHA-384 */

/* ---- TDISP ---- */

#define TDISP_VERSION_1_0 0x10u
enum tdisp_code {
	TDISP_GET_VERSION = 0x81,
	TDISP_VERSION = 0x01,
	TDISP_GET_CAPABILITIES = 0x82,
	TDISP_CAPABILITIES = 0x02,
	TDISP_LOCK = 0x83,
	TDISP_LOCK_RSP = 0x03,
	TDISP_GET_REPORT = 0x84,
	TDISP_REPORT = 0x04,
	TDISP_GET_STATE = 0x85,
	TDISP_STATE = 0x05,
	TDISP_START = 0x86,
	TDISP_START_RSP = 0x06,
	TDISP_STOP = 0x87,
	TDISP_STOP_RSP = 0x07,
	TDISP_ERROR = 0x7f,
};
enum tdisp_state { TDISP_UNLOCKED = 0, TDISP_LOCKED = 1, TDISP_RUN = 2, TDISP_IN_ERROR = 3 };
enum tdisp_error {
	TDISP_E_INVALID_REQUEST = 1,
	TDISP_E_BUSY = 3,
	TDISP_E_STATE = 4,
	TDISP_E_UNSPECIFIED = 5,
	TDISP_E_UNSUPPORTED = 7,
	TDISP_E_VERSION = 0x41,
	TDISP_E_INTERFACE = 0x101,
	TDISP_E_NONCE = 0x102,
	TDISP_E_ENTROPY = 0x103,
	TDISP_E_CONFIGURATION = 0x104,
};
#define TDISP_HDR_LEN           16u
#define TDISP_LOCK_NO_FW_UPDATE (1u << 0)
#define TDISP_LOCK_MSIX         (1u << 2)
#define TDISP_LOCK_PARAM_LEN    20u

#define TDISP_INFO_NO_FW_UPDATE (1u << 0)
#define TDISP_INFO_DMA_NO_PASID (1u << 1)
#define TDISP_INFO_DMA_PASID    (1u << 2)
#define TDISP_INFO_ATS          (1u << 3)
#define TDISP_INFO_PRS          (1u << 4)
#define TDISP_INFO_XT           (1u << 5)

/* Interface report; ranges of TDISP_RANGE_LEN bytes follow, then device_specific_info_len and so
 * many bytes. */
#define TDISP_REPORT_INFO       0u  /* u16 */
#define TDISP_REPORT_MSIX       4u  /* u16 message control */
#define TDISP_REPORT_LNR        6u  /* u16 */
#define TDISP_REPORT_TPH        8u  /* u32 */
#define TDISP_REPORT_COUNT      12u /* u32 */
#define TDISP_REPORT_RANGES     16u
#define TDISP_RANGE_LEN         16u /* first_page u64, pages u32, attributes u16, range id u16 */
#define TDISP_RANGE_MSIX_TABLE  (1u << 0)
#define TDISP_RANGE_MSIX_PBA    (1u << 1)
#define TDISP_RANGE_NON_TEE     (1u << 2)
#define TDISP_RANGE_UPDATABLE   (1u << 3)
#define TDISP_PAGE              4096u

/* ---- SPDM 1.2 (DSP0274) ---- */

#define SPDM_VERSION_1_2        0x12u
enum spdm_code {
	SPDM_GET_VERSION = 0x84,
	SPDM_VERSION = 0x04,
	SPDM_GET_CAPABILITIES = 0xe1,
	SPDM_CAPABILITIES = 0x61,
	SPDM_NEGOTIATE_ALGORITHMS = 0xe3,
	SPDM_ALGORITHMS = 0x63,
	SPDM_GET_MEASUREMENTS = 0xe0,
	SPDM_MEASUREMENTS = 0x60,
};
#define SPDM_ASYM_ECDSA_P384  (1u << 7)
#define SPDM_HASH_SHA384      (1u << 1)
#define SPDM_MEAS_HASH_SHA384 (1u << 2)
#define SPDM_MEAS_SPEC_DMTF   (1u << 0)
#define SPDM_SIG_LEN          96u /* ECDSA P-384: r, s, big endian */

#endif /* TSM_PROTO_H */
