/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What linux/iommufd.h (6.2) and linux/vfio.h (6.6) have and the headers we build with may lack:
 * our own mirrors under our own names. Sources: the kernel's documentation of the two files.
 */

#ifndef VFIO_IOMMUFD_UAPI_H
#define VFIO_IOMMUFD_UAPI_H

#include <stddef.h>
#include <stdint.h>

#include <linux/ioctl.h>

#define IOFD_DESTROY        _IO(';', 0x80)
#define IOFD_IOAS_ALLOC     _IO(';', 0x81)
#define IOFD_IOAS_RANGES    _IO(';', 0x84)
#define IOFD_IOAS_MAP       _IO(';', 0x85)
#define IOFD_IOAS_UNMAP     _IO(';', 0x86)
#define CDEV_BIND_IOMMUFD   _IO(';', 100 + 18)
#define CDEV_ATTACH_IOMMUFD _IO(';', 100 + 19)
#define CDEV_DETACH_IOMMUFD _IO(';', 100 + 20)

#define IOFD_MAP_FIXED_IOVA (1u << 0)
#define IOFD_MAP_WRITEABLE  (1u << 1)
#define IOFD_MAP_READABLE   (1u << 2)

struct iofd_destroy {
	uint32_t size;
	uint32_t id;
};
_Static_assert(sizeof(struct iofd_destroy) == 8, "IOMMU_DESTROY is 8 bytes");

struct iofd_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_ioas_id;
};
_Static_assert(sizeof(struct iofd_ioas_alloc) == 12, "IOMMU_IOAS_ALLOC is 12 bytes");
_Static_assert(offsetof(struct iofd_ioas_alloc, out_ioas_id) == 8, "id at 8");

struct iofd_range {
	uint64_t start;
	uint64_t last;
};
_Static_assert(sizeof(struct iofd_range) == 16, "an IOVA range is 16 bytes");

struct iofd_ioas_ranges {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas; /* in: room, out: how many */
	uint32_t reserved;
	uint64_t allowed_iovas; /* address of struct iofd_range[] */
	uint64_t out_iova_alignment;
};
_Static_assert(sizeof(struct iofd_ioas_ranges) == 32, "IOMMU_IOAS_IOVA_RANGES is 32 bytes");
_Static_assert(offsetof(struct iofd_ioas_ranges, allowed_iovas) == 16, "array at 16");

struct iofd_ioas_map {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id;
	uint32_t reserved;
	uint64_t user_va;
	uint64_t length;
	uint64_t iova;
};
_Static_assert(sizeof(struct iofd_ioas_map) == 40, "IOMMU_IOAS_MAP is 40 bytes");
_Static_assert(offsetof(struct iofd_ioas_map, user_va) == 16, "address at 16");

struct iofd_ioas_unmap {
	uint32_t size;
	uint32_t ioas_id;
	uint64_t iova;
	uint64_t length;
};
_Static_assert(sizeof(struct iofd_ioas_unmap) == 24, "IOMMU_IOAS_UNMAP is 24 bytes");

/* As of 6.6; later kernels add a token behind it. */
struct cdev_bind_iommufd {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
};
_Static_assert(sizeof(struct cdev_bind_iommufd) == 16, "BIND_IOMMUFD is 16 bytes");

struct cdev_attach_iommufd {
	uint32_t argsz;
	uint32_t flags;
	uint32_t pt_id;
};
_Static_assert(sizeof(struct cdev_attach_iommufd) == 12, "ATTACH_IOMMUFD_PT is 12 bytes");

struct cdev_detach_iommufd {
	uint32_t argsz;
	uint32_t flags;
};
_Static_assert(sizeof(struct cdev_detach_iommufd) == 8, "DETACH_IOMMUFD_PT is 8 bytes");

#endif /* VFIO_IOMMUFD_UAPI_H */
