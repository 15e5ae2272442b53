/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * One VFIO device, whatever carries it: a vfio-user socket, or the kernel's group or cdev files.
 *
 * No caller above this header may know which transport a device has. Control-plane only: every
 * call may block on the kernel or the peer, and none belongs on a burst path. All calls on one
 * device are thread-safe unless said otherwise. Errors are negative errno; steer_vfio_error()
 * has one line for the user about the last failed call of the calling thread.
 */

#ifndef STEER_VFIO_H
#define STEER_VFIO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Region and interrupt indexes (linux/vfio.h, VFIO_PCI_*_INDEX). */
#define STEER_VFIO_REGION_BAR(n)  (n)
#define STEER_VFIO_REGION_CONFIG  7u
#define STEER_VFIO_IRQ_MSIX       2u

#define STEER_VFIO_REGION_F_READ  (1u << 0)
#define STEER_VFIO_REGION_F_WRITE (1u << 1)
#define STEER_VFIO_REGION_F_MMAP  (1u << 2)
#define STEER_VFIO_REGION_F_MSIX  (1u << 3) /**< its MSI-X table may be mapped, too */

#define STEER_VFIO_PROT_READ      (1u << 0)
#define STEER_VFIO_PROT_WRITE     (1u << 1)

#define STEER_VFIO_FEATURE_GET    (1u << 16)
#define STEER_VFIO_FEATURE_SET    (1u << 17)
#define STEER_VFIO_FEATURE_PROBE  (1u << 18)

struct steer_vfio_dev;

/** Which of the kernel's interfaces to use; a device with a socket ignores it. */
enum steer_vfio_transport {
	STEER_VFIO_AUTO,   /**< cdev where the kernel offers it for the device, else group */
	STEER_VFIO_GROUP,  /**< group file and type 1 container */
	STEER_VFIO_CDEV,   /**< device file and iommufd */
	STEER_VFIO_NOIOMMU /**< group without an IOMMU: the device reaches all physical memory */
};

/** How to reach a device. */
struct steer_vfio_open_args {
	const char *name;     /**< used in every message about the device; copied */
	const char *sock;     /**< path of the vfio-user socket; NULL: a kernel device */
	const char *pci_addr; /**< kernel device: "0000:01:00.0"; copied */
	enum steer_vfio_transport transport;
	/** 1: a DMA address space of this device alone, empty until the caller maps into it, and
	 * no IOMMU group shared with another device. 0: the space of all plain devices. */
	int private_space;
	/** 1: ask the server for its TSM (steer_vfio_tsm_feature()); peers that nobody asks are
	 * never shown the key. Kernel devices ignore it. */
	int tsm;
	unsigned int timeout_ms; /**< per reply; 0 means 20000: a server may wait for its CPU */
	unsigned int reset_timeout_ms; /**< reply to a reset; 0 means 20000 */
};

/** A device that other code of this process has opened through the kernel's VFIO. */
struct steer_vfio_adopt_args {
	const char *name;     /**< used in every message about the device; copied */
	const char *pci_addr; /**< "0000:01:00.0"; copied */
	int fd;               /**< its device file; this number stays the owner's */
};

/** What the device said about one region. */
struct steer_vfio_region {
	uint64_t size;     /**< bytes; 0 when absent */
	uint32_t flags;    /**< STEER_VFIO_REGION_F_* */
	uint32_t nr_areas; /**< mappable areas */
	struct {
		uint64_t offset; /**< in the region, page aligned */
		uint64_t size;   /**< bytes, page multiple */
	} areas[64];
};

/** What the device said about one interrupt index. */
struct steer_vfio_irq {
	uint32_t count; /**< vectors */
	uint32_t flags; /**< VFIO_IRQ_INFO_* */
};

/** A piece of memory that the device may reach. */
struct steer_vfio_dma {
	uint64_t iova;
	uint64_t size;   /**< bytes, multiple of the device's page size */
	void *vaddr;     /**< where this process sees it; used by kernel transports */
	int fd;          /**< file behind it, or -1; vfio-user needs one */
	uint64_t offset; /**< in the file */
	uint32_t prot;   /**< STEER_VFIO_PROT_* */
};

/** One I/O event fd of a region: a write to fd stands for a write at offset. */
struct steer_vfio_io_fd {
	uint64_t offset;
	uint64_t size;
	uint64_t datamatch;
	uint32_t type; /**< 0 ioeventfd */
	uint32_t flags;
	int fd; /**< owned by the caller */
};

/**
 * Open a device.
 * @param err one-line reason on failure, may be NULL
 * @return 0, or -ENOENT no such socket or device, -EACCES no permission, -ECONNREFUSED nobody
 *   listens or it hung up at once, -EPROTO the peer broke the protocol, -ETIMEDOUT, -ENOTSUP no
 *   transport for this device, -EBUSY somebody else has it, -ENODEV not bound to a VFIO driver,
 *   -EPERM its IOMMU group cannot be used (not viable, not isolated), -ENOMEM.
 */
int steer_vfio_open(const struct steer_vfio_open_args *args, struct steer_vfio_dev **dev, char *err,
		    size_t errlen);
/**
 * Use a device that somebody else of this process has opened, by a descriptor of our own. Regions,
 * features and device ioctls work as with a device of steer_vfio_open(). Interrupts, DMA maps and
 * reset are the owner's: those calls are refused with -ENOTSUP. When the owner closes the device it
 * is gone (steer_vfio_is_gone(); no fd tells of it), but the kernel keeps it open until
 * steer_vfio_close(), so that should follow soon.
 * @param err one-line reason on failure, may be NULL
 * @return 0, -EINVAL no address, -EBADF no such file, -EPROTO it is no VFIO device of PCI, -EMFILE
 *   too many files, -ENOMEM, or what the kernel refused with.
 */
int steer_vfio_adopt(const struct steer_vfio_adopt_args *args, struct steer_vfio_dev **dev,
		     char *err, size_t errlen);
/** Close: stops the reader thread, unmaps what is mapped, closes the fds. NULL is allowed. */
void steer_vfio_close(struct steer_vfio_dev *dev);

/** Name given at open. */
const char *steer_vfio_name(const struct steer_vfio_dev *dev);
/** One line about the last failed call of this thread on any device; never NULL. */
const char *steer_vfio_error(void);
/**
 * An eventfd that becomes readable, and stays so, when the device is gone. Owned by the device;
 * poll it, do not read or close it.
 */
int steer_vfio_gone_fd(const struct steer_vfio_dev *dev);
/** 1 when the device is gone: every call but close then answers -ENODEV. */
int steer_vfio_is_gone(const struct steer_vfio_dev *dev);
/** Why the device is gone; "" while it is not. Valid until close. */
const char *steer_vfio_gone_why(const struct steer_vfio_dev *dev);
/**
 * Feature index of TPH_ST as the device's own configuration tells it (vfu-nic's VERSION key,
 * the bound module's parameter).
 * @return the index, or -ENOENT when it tells none.
 */
int steer_vfio_tph_feature(const struct steer_vfio_dev *dev);
/**
 * Feature index of the TSM envelope as the device's server tells it (lib/tsm/tsm_proto.h).
 * @return the index, or -ENOENT when it tells none, or open was not told to ask.
 */
int steer_vfio_tsm_feature(const struct steer_vfio_dev *dev);

/**
 * Does the module that owns the device let user space steer (its parameter enable_unsafe_tph)?
 * @return 1 or 0, -ENOENT when there is no such switch.
 */
int steer_vfio_tph_switch(const struct steer_vfio_dev *dev);
/** NUMA node of the device, -1 unknown. */
int steer_vfio_numa_node(const struct steer_vfio_dev *dev);
/** PCI address on this machine, or NULL for a device that is not one of its functions. */
const char *steer_vfio_pci_addr(const struct steer_vfio_dev *dev);
/** 1: steer_vfio_dma_map() needs memory with a file behind it. */
int steer_vfio_dma_needs_fd(const struct steer_vfio_dev *dev);
/** 1: the device uses physical addresses; nothing can be mapped, and everything is reachable. */
int steer_vfio_iova_is_pa(const struct steer_vfio_dev *dev);

/** Number of regions and interrupt indexes, and whether reset is supported. */
int steer_vfio_info(struct steer_vfio_dev *dev, uint32_t *num_regions, uint32_t *num_irqs,
		    int *can_reset);
/** @return 0, -EINVAL no such index, or a transport error. */
int
steer_vfio_region_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_region *info);
/** Read len bytes at offset. @return 0, -EINVAL outside the region, or what the device refused
 * with. */
int steer_vfio_region_read(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, void *buf,
			   size_t len);
/** Write len bytes at offset; done (accepted by the device) on return. */
int steer_vfio_region_write(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset,
			    const void *buf, size_t len);
/**
 * The same without an answer, as a write on PCI is: it is done before any access that is made
 * after this call, but what the device refuses is not told. For registers that are read back.
 * @return 0; -EINVAL outside the region, -EACCES not writable, -ENODEV the device is gone; kernel
 *   transports also tell what steer_vfio_region_write() would.
 */
int steer_vfio_region_post(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset,
			   const void *buf, size_t len);
/**
 * Pointer to a mappable piece of a region; mapped at first use, stays until close.
 * @return 0, -ENOTSUP not mappable (use read and write), -EINVAL outside the region.
 */
int steer_vfio_region_map(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, size_t len,
			  void **ptr);
/**
 * I/O fds of a region (GET_REGION_IO_FDS).
 * @return number written to fds (at most max), or negative errno (-ENOTSUP: none offered).
 */
int steer_vfio_region_io_fds(struct steer_vfio_dev *dev, uint32_t index,
			     struct steer_vfio_io_fd *fds, unsigned int max);

int steer_vfio_irq_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_irq *info);
/**
 * Bind eventfds to vectors start..start+count-1 (all of them; kernels allocate vectors here).
 * @return 0, -EINVAL beyond the device's vectors, -EBADF not an eventfd, or a transport error.
 */
int steer_vfio_irqs_set(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count,
			const int *eventfds);
/** Take all vectors of an index down. */
int steer_vfio_irqs_disable(struct steer_vfio_dev *dev, uint32_t index);
/** Fire vectors from software (loop-back test). */
int
steer_vfio_irqs_trigger(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count);

/**
 * Let the device reach memory. The fd is not needed afterwards.
 * Devices that share an address space share its maps: the same range of the same memory counts.
 * @return 0, -EINVAL not whole pages or bad protection, -EEXIST overlaps a live map, -ENOSPC more
 *   maps than the device takes, -ENOTSUP no fd where the transport needs one or nothing to map in,
 *   -ERANGE outside what the IOMMU translates, -ENOMEM also when the locked-memory limit is met.
 */
int steer_vfio_dma_map(struct steer_vfio_dev *dev, const struct steer_vfio_dma *map);
/**
 * Unmap exactly what one steer_vfio_dma_map() mapped; on return the device no longer touches it,
 * unless another device of its address space still has it mapped. Works on a kernel device that is
 * gone, too: its memory stays mapped until then.
 * @return 0, -ENOENT no map of exactly this range, or a transport error.
 */
int steer_vfio_dma_unmap(struct steer_vfio_dev *dev, uint64_t iova, uint64_t size);
/**
 * Unmap all that this device has mapped; goes on after a refusal.
 * @return 0, or the first refusal: that piece is still mapped.
 */
int steer_vfio_dma_unmap_all(struct steer_vfio_dev *dev);

/** Function-level reset; DMA maps and interrupt fds stay. */
int steer_vfio_reset(struct steer_vfio_dev *dev);

/**
 * An ioctl of the device that VFIO itself does not know (published ABIs that were not merged).
 * @param arg struct that begins with its own size, as all of VFIO's do
 * @return what the kernel returned, -ENOTTY no such ioctl or no such way, or another refusal.
 */
int steer_vfio_device_ioctl(struct steer_vfio_dev *dev, unsigned long request, void *arg);

/**
 * VFIO_DEVICE_FEATURE.
 * @param flags feature index | STEER_VFIO_FEATURE_*
 * @param data in for SET, in and out for GET, unused (may be NULL) for PROBE alone
 * @param len bytes of data
 * @return 0, -ENOTTY the feature is absent, -EINVAL, or what the device refused with.
 */
int steer_vfio_feature(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len);
/**
 * The same with a time limit of its own where there is a peer to wait for.
 * @param timeout_ms 0: as every request of the device
 * @return also -ETIMEDOUT: what the device did is unknown, and it is gone.
 */
int steer_vfio_feature_timed(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len,
			     unsigned int timeout_ms);
/** Most bytes of one feature's data (max_data_xfer_size of the peer); SIZE_MAX: no such limit. */
size_t steer_vfio_feature_max(const struct steer_vfio_dev *dev);

#ifdef __cplusplus
}
#endif
#endif /* STEER_VFIO_H */
