/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Role vmm: what only the owner of a confidential virtual machine can give. Nothing of this is ever
 * invented.
 *
 * Before steer_tsm_open() the VMM has, in this order:
 * 1. written the TSM's name to the device's tsm/connect in sysfs (root),
 * 2. made the confidential VM and its KVM VFIO device,
 * 3. opened the VFIO device file and added it to the KVM VFIO device (KVM_DEV_VFIO_FILE_ADD): the
 *    kernel looks which VM a device belongs to when the device file is bound, and not later, so
 *    that a bind without it fails with -ENODEV,
 * 4. bound the device file to its iommufd (VFIO_DEVICE_BIND_IOMMUFD), and attached it to nothing.
 * Before lock it withdraws every shared access to the BARs; while locked nothing moves a BAR,
 * resets the function or writes its configuration. After steer_tsm_close() it removes the file from
 * the KVM VFIO device and closes it: never before, or the vdevice is destroyed by force and its id
 * is lost until the iommufd is closed. The file descriptors stay the VMM's throughout.
 *
 * All requests are ioctls that the kernel does not let us interrupt: the policy's time limit does
 * not bound them.
 */

#ifndef STEER_TSM_VMM_H
#define STEER_TSM_VMM_H

#include <stddef.h>
#include <stdint.h>

#include "steer_tsm.h"

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

/** MMIO as the guest will see it, for VALIDATE_MMIO. Addresses are multiples of 4096. */
struct steer_tsm_vmm_range {
	uint8_t bar;       /**< 0..5: the range is no larger than this BAR */
	uint64_t gpa_base; /**< guest-physical */
	uint64_t gpa_top;  /**< exclusive */
	uint64_t pa_base;  /**< host-physical */
};
#define STEER_TSM_VMM_RANGES_MAX 16u

/** What an operation is about; what it does not have is 0. */
struct steer_tsm_vmm_in {
	uint32_t object; /**< objects: 0 VCA, 1 certificates, 2 measurements, 3 interface report */
	uint32_t size;   /**< READ_OBJECT: bytes that OBJECT_INFO told */
	uint32_t tdi_state; /**< SET_TDI_STATE: 0 CONFIG_UNLOCKED, 1 CONFIG_LOCKED, 2 RUN */
	uint32_t nonce_len;
	const uint8_t *nonce;             /**< REGEN_OBJECT of measurements */
	struct steer_tsm_vmm_range range; /**< VALIDATE_MMIO */
};

struct steer_tsm_vmm {
	int kvm_fd;      /**< of the confidential VM; steer_tsm_open() refuses a negative one with
			  * -EINVAL. It is not used but as the VMM's word that step 3 is done */
	int iommufd;     /**< the VMM's; the device file is bound to it */
	int device_fd;   /**< VFIO device file (cdev) */
	uint32_t dev_id; /**< from VFIO_DEVICE_BIND_IOMMUFD */
	uint32_t viommu_type; /**< IOMMU_VIOMMU_ALLOC; not 0 */
	uint32_t hwpt_id;     /**< nesting parent; 0: allocate one, over an address space of its own
			       * that is empty (steer_tsm_vmm_ids()) */
	uint64_t virt_id;     /**< segment << 16 | guest's BDF */
	/** None: the VMM validates MMIO itself, as the guest asks for it. */
	struct steer_tsm_vmm_range ranges[STEER_TSM_VMM_RANGES_MAX];
	unsigned int nb_ranges;
	/**
	 * Payload of an operation whose layout is not public (SEV, TDX), opaque to us. NULL: such
	 * operations are UNSUPPORTED. It should say itself what it asks for, as a guest request of
	 * SEV does: operations have other numbers in each ABI, and CCA's lengths that tell a wrong
	 * one are missing here.
	 * @param in struct steer_tsm_vmm_in
	 * @return bytes written to req (at most room), or negative errno.
	 */
	int (*payload)(void *arg, enum steer_tsm_op op, const void *in, size_t in_len, uint8_t *req,
		       size_t room);
	/**
	 * Its response back into the terms of this library: OBJECT_INFO gives a uint32_t of bytes,
	 * READ_OBJECT the object. Others give nothing: out is NULL and *out_len 0, and only the
	 * return counts. NULL: objects are UNSUPPORTED, other responses are not looked at.
	 * @param out_len in: room, out: bytes
	 * @return 0, or negative errno: the operation failed.
	 */
	int (*response)(void *arg, enum steer_tsm_op op, const uint8_t *resp, size_t len, void *out,
			size_t *out_len);
	void *arg;
};

/** Objects in the VMM's iommufd that steer_tsm_bind() made; 0: none. They are destroyed with it. */
struct steer_tsm_vmm_ids {
	uint32_t ioas;   /**< below the parent that was allocated here: the VMM maps the guest's
			    memory in it */
	uint32_t parent; /**< nesting parent, also when it is the VMM's own */
	uint32_t viommu;
	uint32_t nested; /**< Arm: stage 1 bypass */
	uint32_t vdevice;
};
/**
 * @return 0, -EINVAL not role vmm, -ENOENT not bound. To be serialised with the other calls on tsm.
 */
int steer_tsm_vmm_ids(const struct steer_tsm *tsm, struct steer_tsm_vmm_ids *ids);

#ifdef __cplusplus
}
#endif
#endif /* STEER_TSM_VMM_H */
