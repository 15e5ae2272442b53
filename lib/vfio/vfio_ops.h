/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Inside lib/vfio: what a transport implements, and what all transports share.
 *
 * vfio.c, vfio_region.c, vfio_irq.c and vfio_dma.c check arguments, keep caches and records, and
 * call the ops. A transport allocates a struct that begins with struct steer_vfio_dev, calls
 * vfio_dev_init(), and fills in what it learned from the device.
 */

#ifndef VFIO_OPS_H
#define VFIO_OPS_H

#include <pthread.h>
#include <stdbool.h>

#include "steer_vfio.h"

/* Most address space one device may make us map (a peer chooses the sizes). */
#define VFIO_MAPPED_MAX  (UINT64_C(4) << 30)
#define VFIO_VECTORS_MAX 2048u
#define VFIO_AREAS_MAX   64u

struct vfio_region {
	struct steer_vfio_region info;
	int fd;           /* -1: nothing to map */
	bool fd_borrowed; /* the device's own, not the region's to close */
	uint64_t fd_offset;
	void *maps[VFIO_AREAS_MAX]; /* NULL until asked for */
};

/* Arguments were checked by the caller; all return 0 or negative errno and set the error text. */
struct steer_vfio_ops {
	void (*close)(struct steer_vfio_dev *dev);
	/* Fills info, fd (owned by the region from then on) and fd_offset. */
	int (*region_query)(struct steer_vfio_dev *dev, uint32_t index, struct vfio_region *r);
	int (*region_read)(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, void *buf,
			   size_t len);
	int (*region_write)(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset,
			    const void *buf, size_t len);
	/* NULL: as region_write. */
	int (*region_post)(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset,
			   const void *buf, size_t len);
	int (*region_io_fds)(struct steer_vfio_dev *dev, uint32_t index, uint64_t region_size,
			     struct steer_vfio_io_fd *fds, unsigned int max);
	int (*irq_info)(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_irq *info);
	int (*irqs_set)(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count,
			const int *eventfds);
	int (*irqs_disable)(struct steer_vfio_dev *dev, uint32_t index);
	int (*irqs_trigger)(struct steer_vfio_dev *dev, uint32_t index, uint32_t start,
			    uint32_t count);
	int (*dma_map)(struct steer_vfio_dev *dev, const struct steer_vfio_dma *map);
	int (*dma_unmap)(struct steer_vfio_dev *dev, uint64_t iova, uint64_t size);
	int (*dma_unmap_all)(struct steer_vfio_dev *dev);
	int (*reset)(struct steer_vfio_dev *dev);
	int (*feature)(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len);
	/* NULL: there is no peer to wait for. */
	int (*feature_timed)(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len,
			     unsigned int timeout_ms);
	/* Is the device gone? gone_why is set beforehand. NULL: the shared part knows. */
	bool (*is_lost)(const struct steer_vfio_dev *dev);
	/* NULL: the transport carries none. */
	int (*device_ioctl)(struct steer_vfio_dev *dev, unsigned long request, void *arg);
};

struct vfio_dma_rec {
	uint64_t iova;
	uint64_t last; /* inclusive */
};

struct steer_vfio_dev {
	const struct steer_vfio_ops *ops;
	char *name;

	/* Filled in by the transport at open, constant afterwards. */
	int tph_feature; /* or -ENOENT */
	int tph_switch;  /* 0, 1 or -ENOENT */
	int tsm_feature; /* or -ENOENT */
	size_t feature_max;
	char *pci_addr; /* malloc'ed; NULL: not a PCI function of this machine */
	int dma_needs_fd;
	int iova_is_pa;
	uint32_t num_regions;
	uint32_t num_irqs;
	int can_reset;
	int numa_node;      /* -1 unknown */
	bool dma_kept;      /* maps are the kernel's: they outlive a device that is gone */
	uint64_t page_size; /* smallest piece of DMA memory */
	uint32_t max_dma_maps;

	int gone; /* atomic; gone_why is constant once it is set */
	int gone_fd;
	bool gone_polled; /* something else makes gone_fd readable, gone_why says what */
	char gone_why[96];

	pthread_mutex_t region_lock;
	struct vfio_region **regions; /* by index, NULL until asked for */
	uint64_t mapped;              /* bytes */

	pthread_mutex_t dma_lock;
	struct vfio_dma_rec *dma; /* sorted by iova */
	unsigned int nr_dma, max_dma;
};

int vfio_dev_init(struct steer_vfio_dev *dev, const struct steer_vfio_ops *ops, const char *name);
/* Once num_regions is known. */
int vfio_regions_init(struct steer_vfio_dev *dev);
/* Undo vfio_dev_init() and everything the shared part holds; does not free dev itself. */
void vfio_dev_fini(struct steer_vfio_dev *dev);
/* Called once by the transport: from now on every call answers -ENODEV. */
void vfio_dev_gone(struct steer_vfio_dev *dev, const char *why);

/* Error text of this thread: "NAME: text". Returns rc. */
int vfio_fail(const struct steer_vfio_dev *dev, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int vfio_fail_name(const char *name, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Put an earlier text back. */
void vfio_error_restore(const char *text);
/* 0, or -ENODEV with its text when the device is gone. */
int vfio_alive(const struct steer_vfio_dev *dev);

void vfio_regions_fini(struct steer_vfio_dev *dev);
/*
 * Parse the capabilities of a region: caps are the len bytes behind the 32 bytes of region info,
 * cap_offset (0: none) counts from the start of the info.
 * @return 1 a list of mappable areas was found, 0 none, -EPROTO.
 */
int vfio_region_caps(uint32_t cap_offset, const uint8_t *caps, size_t len,
		     struct steer_vfio_region *info);
/* Whole pages, inside the region, apart from each other. */
bool vfio_region_areas_valid(const struct steer_vfio_region *info);
/* Without a list the whole region is one area, when it is made of whole pages. */
void vfio_region_whole(struct steer_vfio_region *info);
void vfio_dma_fini(struct steer_vfio_dev *dev);

/* The transports. */
int user_open(const struct steer_vfio_open_args *args, struct steer_vfio_dev **dev);
int kernel_open(const struct steer_vfio_open_args *args, struct steer_vfio_dev **dev);
int kernel_adopt(const struct steer_vfio_adopt_args *args, struct steer_vfio_dev **dev);

#endif /* VFIO_OPS_H */
