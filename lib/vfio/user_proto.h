/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * vfio-user wire protocol: constants and message layouts, shared by client and server.
 *
 * Source of every number: the vfio-user specification (QEMU docs/interop/vfio-user) and, for the
 * payloads that mirror ioctls, Linux include/uapi/linux/vfio.h. All fields are little-endian
 * (host order on every machine this runs on). Nothing here is logic: both sides of the socket
 * are written against this file alone, so that a misreading on one side shows on the other.
 */

#ifndef STEER_VFIO_USER_PROTO_H
#define STEER_VFIO_USER_PROTO_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define VFU_ASSERT(e, m) static_assert(e, m)
#else
#define VFU_ASSERT(e, m) _Static_assert(e, m)
#endif

/** Protocol version spoken here. */
#define VFU_MAJOR             0
#define VFU_MINOR             0

/** Defaults of the VERSION capabilities when a key is absent. */
#define VFU_DEF_MAX_MSG_FDS   1
#define VFU_DEF_MAX_DATA_XFER (1u << 20)
#define VFU_DEF_MAX_DMA_MAPS  65535
#define VFU_DEF_PGSIZE        4096u
/** Upper bounds accepted from a peer (those of QEMU). */
#define VFU_LIM_MSG_FDS       16
#define VFU_LIM_DATA_XFER     (64u << 20)

enum vfu_cmd {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_DEVICE_GET_INFO = 4,
	VFU_DEVICE_GET_REGION_INFO = 5,
	VFU_DEVICE_GET_REGION_IO_FDS = 6,
	VFU_DEVICE_GET_IRQ_INFO = 7,
	VFU_DEVICE_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	VFU_DMA_READ = 11,
	VFU_DMA_WRITE = 12,
	VFU_DEVICE_RESET = 13,
	VFU_REGION_WRITE_MULTI = 15,
	VFU_DEVICE_FEATURE = 16,
};

#define VFU_F_TYPE_MASK  0xfu
#define VFU_F_TYPE_CMD   0x0u
#define VFU_F_TYPE_REPLY 0x1u
#define VFU_F_NO_REPLY   (1u << 4)
#define VFU_F_ERROR      (1u << 5)

/** Header of every message. */
struct vfu_hdr {
	uint16_t id;    /**< chosen by the sender of a command, echoed in the reply */
	uint16_t cmd;   /**< enum vfu_cmd */
	uint32_t size;  /**< whole message, header included */
	uint32_t flags; /**< VFU_F_* */
	uint32_t error; /**< positive errno in an error reply, else 0 */
};
VFU_ASSERT(sizeof(struct vfu_hdr) == 16, "header is 16 bytes");

/** VERSION: followed by optional JSON text with a closing NUL. */
struct vfu_version {
	uint16_t major;
	uint16_t minor;
};
VFU_ASSERT(sizeof(struct vfu_version) == 4, "version is 4 bytes");

#define VFU_DMA_F_READ    (1u << 0)
#define VFU_DMA_F_WRITE   (1u << 1)
#define VFU_UNMAP_F_DIRTY (1u << 0)
#define VFU_UNMAP_F_ALL   (1u << 1)

struct vfu_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset; /**< into the fd; 0 without one */
	uint64_t iova;
	uint64_t size;
};
VFU_ASSERT(sizeof(struct vfu_dma_map) == 32, "DMA_MAP is 32 bytes");

struct vfu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t iova;
	uint64_t size;
};
VFU_ASSERT(sizeof(struct vfu_dma_unmap) == 24, "DMA_UNMAP is 24 bytes");

#define VFU_DEV_F_RESET (1u << 0)
#define VFU_DEV_F_PCI   (1u << 1)

struct vfu_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};
VFU_ASSERT(sizeof(struct vfu_device_info) == 16, "DEVICE_GET_INFO is 16 bytes");

/** Region and interrupt indexes of a PCI device (linux/vfio.h). */
enum vfu_region {
	VFU_REGION_BAR0 = 0,
	VFU_REGION_BAR5 = 5,
	VFU_REGION_ROM = 6,
	VFU_REGION_CONFIG = 7,
	VFU_REGION_VGA = 8,
	VFU_REGION_MIN = 9,
};
enum vfu_irq {
	VFU_IRQ_INTX = 0,
	VFU_IRQ_MSI = 1,
	VFU_IRQ_MSIX = 2,
	VFU_IRQ_ERR = 3,
	VFU_IRQ_REQ = 4,
	VFU_IRQ_MIN = 5
};

#define VFU_REGION_F_READ  (1u << 0)
#define VFU_REGION_F_WRITE (1u << 1)
#define VFU_REGION_F_MMAP  (1u << 2)
#define VFU_REGION_F_CAPS  (1u << 3)

struct vfu_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset; /**< of the region in the fd that came with the reply */
};
VFU_ASSERT(sizeof(struct vfu_region_info) == 32, "GET_REGION_INFO is 32 bytes");

struct vfu_cap_hdr {
	uint16_t id;
	uint16_t version;
	uint32_t next; /**< from the start of the payload, 0 ends the list */
};
#define VFU_CAP_SPARSE_MMAP 1
struct vfu_sparse_area {
	uint64_t offset;
	uint64_t size;
};
struct vfu_cap_sparse {
	struct vfu_cap_hdr hdr;
	uint32_t nr_areas;
	uint32_t reserved;
	struct vfu_sparse_area areas[];
};
VFU_ASSERT(offsetof(struct vfu_cap_sparse, areas) == 16, "areas at 16");

struct vfu_region_io_fds {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};
VFU_ASSERT(sizeof(struct vfu_region_io_fds) == 16, "GET_REGION_IO_FDS is 16 bytes");
enum vfu_io_fd_type { VFU_IO_FD_IOEVENTFD = 0, VFU_IO_FD_IOREGIONFD = 1, VFU_IO_FD_SHADOW = 2 };
struct vfu_io_fd {
	uint64_t offset;
	uint64_t size;
	uint32_t fd_index;
	uint32_t type; /**< enum vfu_io_fd_type */
	uint32_t flags;
	uint32_t pad;
	uint64_t datamatch;
};
VFU_ASSERT(sizeof(struct vfu_io_fd) == 40, "I/O fd element is 40 bytes");

#define VFU_IRQ_F_EVENTFD    (1u << 0)
#define VFU_IRQ_F_MASKABLE   (1u << 1)
#define VFU_IRQ_F_AUTOMASKED (1u << 2)
#define VFU_IRQ_F_NORESIZE   (1u << 3)
struct vfu_irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};
VFU_ASSERT(sizeof(struct vfu_irq_info) == 16, "GET_IRQ_INFO is 16 bytes");

#define VFU_IRQS_DATA_NONE    (1u << 0)
#define VFU_IRQS_DATA_BOOL    (1u << 1)
#define VFU_IRQS_DATA_EVENTFD (1u << 2)
#define VFU_IRQS_DATA_MASK    0x07u
#define VFU_IRQS_MASK         (1u << 3)
#define VFU_IRQS_UNMASK       (1u << 4)
#define VFU_IRQS_TRIGGER      (1u << 5)
#define VFU_IRQS_ACTION_MASK  0x38u
struct vfu_set_irqs {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
};
VFU_ASSERT(sizeof(struct vfu_set_irqs) == 20, "SET_IRQS is 20 bytes");

/** REGION_READ and REGION_WRITE; data follows. */
struct vfu_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};
VFU_ASSERT(sizeof(struct vfu_region_access) == 16, "REGION_READ/WRITE is 16 bytes");

/** DMA_READ and DMA_WRITE; data follows. */
struct vfu_dma_access {
	uint64_t iova;
	uint64_t count;
};
VFU_ASSERT(sizeof(struct vfu_dma_access) == 16, "DMA_READ/WRITE is 16 bytes");

#define VFU_FEATURE_INDEX_MASK 0xffffu
#define VFU_FEATURE_GET        (1u << 16)
#define VFU_FEATURE_SET        (1u << 17)
#define VFU_FEATURE_PROBE      (1u << 18)
/** DEVICE_FEATURE: bit for bit struct vfio_device_feature; feature data follows. */
struct vfu_device_feature {
	uint32_t argsz;
	uint32_t flags;
};
VFU_ASSERT(sizeof(struct vfu_device_feature) == 8, "DEVICE_FEATURE is 8 bytes");

/**
 * Feature TPH_ST (family E and Williamson's form of the proposed kernel ABI; not merged, so the
 * index is configuration and never a constant in logic). count data words of 4 bytes follow.
 */
struct vfu_tph_st {
	uint32_t flags;  /**< bit 0: 0 volatile, 1 persistent memory */
	uint16_t index;  /**< first entry of the ST table */
	uint16_t count;  /**< number of entries, at most VFU_TPH_ST_MAX */
	uint32_t data[]; /**< SET: CPU numbers; GET: steering tags */
};
VFU_ASSERT(offsetof(struct vfu_tph_st, data) == 8, "TPH_ST head is 8 bytes");
#define VFU_TPH_ST_MAX       2048u
#define VFU_TPH_CPU_CLEAR    0xffffffffu
#define VFU_TPH_F_PERSISTENT (1u << 0)

/** Own key in the VERSION capabilities: client says true, vfu-nic answers with its TPH_ST index. */
#define VFU_KEY_TPH_FEATURE  "steer_tph_feature"
/** The same for the software TSM (lib/tsm/tsm_proto.h): client says true, vfu-nic with a TSM
 * answers with the index of its envelope; without one the key does not come back. */
#define VFU_KEY_TSM_FEATURE  "steer_tsm_feature"

#ifdef __cplusplus
}
#endif
#endif /* STEER_VFIO_USER_PROTO_H */
