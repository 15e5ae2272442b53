/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Role vmm: what only the owner of a confidential virtual machine can give. Nothing of this is ever
 * invented.
 */

#ifndef STEER_TSM_VMM_H
#define STEER_TSM_VMM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Operations of the request ioctl in words; each ABI profile has its own numbers. */
enum steer_tsm_op {
	STEER_TSM_OP_READ_OBJECT,
	STEER_TSM_OP_REGEN_OBJECT,
	STEER_TSM_OP_OBJECT_INFO,
	STEER_TSM_OP_VALIDATE_MMIO,
	STEER_TSM_OP_SET_TDI_STATE,
	STEER_TSM_OP_ENABLE_DMA,
	STEER_TSM_OP_DISABLE_DMA,
};

struct steer_tsm_vmm {
	int kvm_fd;      /**< of the confidential VM; the VMM has added the device file to its KVM
			  * VFIO device before */
	int iommufd;     /**< the VMM's; the device file is bound to it */
	int device_fd;   /**< VFIO device file (cdev) */
	uint32_t dev_id; /**< from VFIO_DEVICE_BIND_IOMMUFD */
	uint32_t viommu_type; /**< IOMMU_VIOMMU_ALLOC */
	uint32_t hwpt_id;     /**< nesting parent; 0: allocate one */
	uint64_t virt_id;     /**< segment << 16 | guest's BDF */
	/**
	 * Payload of an operation whose layout is not public (SEV, TDX), opaque to us. NULL: such
	 * operations are UNSUPPORTED.
	 * @return bytes written to req (at most room), or negative errno.
	 */
	int (*payload)(void *arg, enum steer_tsm_op op, const void *in, size_t in_len, uint8_t *req,
		       size_t room);
	/** Its response back into the terms of this library. */
	int (*response)(void *arg, enum steer_tsm_op op, const uint8_t *resp, size_t len, void *out,
			size_t *out_len);
	void *arg;
};

#ifdef __cplusplus
}
#endif
#endif /* STEER_TSM_VMM_H */
