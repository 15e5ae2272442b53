/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The kernel interface of role vmm: what of iommufd and of a VFIO device file it takes to give a
 * function to a confidential virtual machine, and the TSM commands of the postings, which no
 * released kernel has. Our own mirrors under our own names; each size and offset is checked here.
 *
 * Sources: linux/iommufd.h and linux/vfio.h of 7.3 (numbers 0x80..0x94, 119, 120); for 0x95 and
 * 0x96 the postings "iommufd: TSM ..." of 2026-05-25 (v5), 2026-06-02 (its revision in the thread),
 * and the trees v6 and v7.
 *
 * 0x95 is IOAS_NOIOMMU_GET_PA (40 bytes) on Linux 7.3: see tsm_iommufd_call().
 */

#ifndef TSM_UAPI_H
#define TSM_UAPI_H

#include <stddef.h>
#include <stdint.h>

#include <linux/ioctl.h>

#define TSM_UAPI_DESTROY           _IO(';', 0x80)
#define TSM_UAPI_IOAS_ALLOC        _IO(';', 0x81)
#define TSM_UAPI_OPTION            _IO(';', 0x87)
#define TSM_UAPI_HWPT_ALLOC        _IO(';', 0x89)
#define TSM_UAPI_VIOMMU_ALLOC      _IO(';', 0x90)
#define TSM_UAPI_VDEVICE_ALLOC     _IO(';', 0x91)
#define TSM_UAPI_TSM_OP            _IO(';', 0x95)
#define TSM_UAPI_TSM_REQ           _IO(';', 0x96)
/* Of the device file. */
#define TSM_UAPI_ATTACH            _IO(';', 100 + 19)
#define TSM_UAPI_DETACH            _IO(';', 100 + 20)

#define TSM_UAPI_SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)
#define TSM_UAPI_AT(type, member, at)                                                              \
	_Static_assert(offsetof(struct type, member) == (at), #type "." #member)

struct tsm_uapi_destroy {
	uint32_t size;
	uint32_t id;
};
TSM_UAPI_SIZE(tsm_uapi_destroy, 8);
TSM_UAPI_AT(tsm_uapi_destroy, size, 0);
TSM_UAPI_AT(tsm_uapi_destroy, id, 4);

struct tsm_uapi_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_ioas_id;
};
TSM_UAPI_SIZE(tsm_uapi_ioas_alloc, 12);
TSM_UAPI_AT(tsm_uapi_ioas_alloc, size, 0);
TSM_UAPI_AT(tsm_uapi_ioas_alloc, flags, 4);
TSM_UAPI_AT(tsm_uapi_ioas_alloc, out_ioas_id, 8);

#define TSM_UAPI_OPTION_HUGE_PAGES 1u /* of an IOAS; 0: every mapping in small pages */
#define TSM_UAPI_OPTION_SET        0u

struct tsm_uapi_option {
	uint32_t size;
	uint32_t option_id;
	uint16_t op;
	uint16_t reserved;
	uint32_t object_id;
	uint64_t val64;
};
TSM_UAPI_SIZE(tsm_uapi_option, 24);
TSM_UAPI_AT(tsm_uapi_option, size, 0);
TSM_UAPI_AT(tsm_uapi_option, option_id, 4);
TSM_UAPI_AT(tsm_uapi_option, op, 8);
TSM_UAPI_AT(tsm_uapi_option, reserved, 10);
TSM_UAPI_AT(tsm_uapi_option, object_id, 12);
TSM_UAPI_AT(tsm_uapi_option, val64, 16);

#define TSM_UAPI_HWPT_NEST_PARENT (1u << 0)
#define TSM_UAPI_HWPT_DATA_NONE   0u
#define TSM_UAPI_HWPT_DATA_SMMUV3 2u

struct tsm_uapi_hwpt_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t pt_id; /* an IOAS, or a viommu for a nested one */
	uint32_t out_hwpt_id;
	uint32_t reserved;
	uint32_t data_type;
	uint32_t data_len;
	uint64_t data_uptr;
	uint32_t fault_id;
	uint32_t reserved2;
};
TSM_UAPI_SIZE(tsm_uapi_hwpt_alloc, 48);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, size, 0);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, flags, 4);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, dev_id, 8);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, pt_id, 12);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, out_hwpt_id, 16);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, reserved, 20);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, data_type, 24);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, data_len, 28);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, data_uptr, 32);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, fault_id, 40);
TSM_UAPI_AT(tsm_uapi_hwpt_alloc, reserved2, 44);

/* Stream table entry: words 0 and 1, little endian. */
struct tsm_uapi_smmuv3 {
	uint64_t ste[2];
};
TSM_UAPI_SIZE(tsm_uapi_smmuv3, 16);
/* Valid (bit 0), Config (bits 3:1) 0b100: stage 1 bypass (Arm IHI 0070, 5.2). */
#define TSM_UAPI_STE_BYPASS (UINT64_C(1) | UINT64_C(4) << 1)

struct tsm_uapi_viommu_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t type;
	uint32_t dev_id;
	uint32_t hwpt_id;
	uint32_t out_viommu_id;
	uint32_t data_len;
	uint32_t reserved;
	uint64_t data_uptr;
};
TSM_UAPI_SIZE(tsm_uapi_viommu_alloc, 40);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, size, 0);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, flags, 4);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, type, 8);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, dev_id, 12);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, hwpt_id, 16);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, out_viommu_id, 20);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, data_len, 24);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, reserved, 28);
TSM_UAPI_AT(tsm_uapi_viommu_alloc, data_uptr, 32);

struct tsm_uapi_vdevice_alloc {
	uint32_t size;
	uint32_t viommu_id;
	uint32_t dev_id;
	uint32_t out_vdevice_id;
	uint64_t virt_id;
};
TSM_UAPI_SIZE(tsm_uapi_vdevice_alloc, 24);
TSM_UAPI_AT(tsm_uapi_vdevice_alloc, size, 0);
TSM_UAPI_AT(tsm_uapi_vdevice_alloc, viommu_id, 4);
TSM_UAPI_AT(tsm_uapi_vdevice_alloc, dev_id, 8);
TSM_UAPI_AT(tsm_uapi_vdevice_alloc, out_vdevice_id, 12);
TSM_UAPI_AT(tsm_uapi_vdevice_alloc, virt_id, 16);

struct tsm_uapi_attach {
	uint32_t argsz;
	uint32_t flags;
	uint32_t pt_id;
};
TSM_UAPI_SIZE(tsm_uapi_attach, 12);
TSM_UAPI_AT(tsm_uapi_attach, argsz, 0);
TSM_UAPI_AT(tsm_uapi_attach, flags, 4);
TSM_UAPI_AT(tsm_uapi_attach, pt_id, 8);

struct tsm_uapi_detach {
	uint32_t argsz;
	uint32_t flags;
};
TSM_UAPI_SIZE(tsm_uapi_detach, 8);
TSM_UAPI_AT(tsm_uapi_detach, argsz, 0);
TSM_UAPI_AT(tsm_uapi_detach, flags, 4);

#define TSM_UAPI_BIND   1u
#define TSM_UAPI_UNBIND 2u

/* v5, v5-june, v6. */
struct tsm_uapi_tsm_op {
	uint32_t size;
	uint32_t type; /* TSM_UAPI_BIND or _UNBIND */
	uint32_t flags;
	uint32_t vdevice_id;
};
TSM_UAPI_SIZE(tsm_uapi_tsm_op, 16);
TSM_UAPI_AT(tsm_uapi_tsm_op, size, 0);
TSM_UAPI_AT(tsm_uapi_tsm_op, type, 4);
TSM_UAPI_AT(tsm_uapi_tsm_op, flags, 8);
TSM_UAPI_AT(tsm_uapi_tsm_op, vdevice_id, 12);

#define TSM_UAPI_SCOPE_INFO         0u
#define TSM_UAPI_SCOPE_STATE_CHANGE 1u

/* v5. */
struct tsm_uapi_req_scope {
	uint32_t size;
	uint32_t vdevice_id;
	uint32_t scope;
	uint32_t req_len;
	uint32_t resp_len;
	uint32_t reserved;
	uint64_t req_uptr;
	uint64_t resp_uptr;
};
TSM_UAPI_SIZE(tsm_uapi_req_scope, 40);
TSM_UAPI_AT(tsm_uapi_req_scope, size, 0);
TSM_UAPI_AT(tsm_uapi_req_scope, vdevice_id, 4);
TSM_UAPI_AT(tsm_uapi_req_scope, scope, 8);
TSM_UAPI_AT(tsm_uapi_req_scope, req_len, 12);
TSM_UAPI_AT(tsm_uapi_req_scope, resp_len, 16);
TSM_UAPI_AT(tsm_uapi_req_scope, reserved, 20);
TSM_UAPI_AT(tsm_uapi_req_scope, req_uptr, 24);
TSM_UAPI_AT(tsm_uapi_req_scope, resp_uptr, 32);

/* v5-june, v6, v7-int. */
struct tsm_uapi_req_op {
	uint32_t size;
	uint32_t vdevice_id;
	uint32_t op;
	uint32_t tvm_arch;
	uint32_t req_len;
	uint32_t resp_len;
	uint64_t req_uptr;
	uint64_t resp_uptr;
	uint64_t tsm_code; /* out */
};
TSM_UAPI_SIZE(tsm_uapi_req_op, 48);
TSM_UAPI_AT(tsm_uapi_req_op, size, 0);
TSM_UAPI_AT(tsm_uapi_req_op, vdevice_id, 4);
TSM_UAPI_AT(tsm_uapi_req_op, op, 8);
TSM_UAPI_AT(tsm_uapi_req_op, tvm_arch, 12);
TSM_UAPI_AT(tsm_uapi_req_op, req_len, 16);
TSM_UAPI_AT(tsm_uapi_req_op, resp_len, 20);
TSM_UAPI_AT(tsm_uapi_req_op, req_uptr, 24);
TSM_UAPI_AT(tsm_uapi_req_op, resp_uptr, 32);
TSM_UAPI_AT(tsm_uapi_req_op, tsm_code, 40);

#endif /* TSM_UAPI_H */
