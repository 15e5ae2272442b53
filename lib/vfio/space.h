/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * DMA address spaces of the kernel: a type 1 container, or an I/O address space of an iommufd.
 *
 * Plain devices share one (more only where the kernel refuses to put two devices into one), so a
 * space counts who mapped what: every device maps for itself, and the kernel sees a range once. A
 * private space has one device and is empty until its owner maps.
 */

#ifndef VFIO_SPACE_H
#define VFIO_SPACE_H

#include <pthread.h>
#include <stdbool.h>

#include "iommufd_uapi.h"
#include "vfio_ops.h"

#define SPACE_RANGES_MAX 64u

struct vfio_space;

/* All return 0 or negative errno and set no text. */
struct space_ops {
	int (*limits)(struct vfio_space *s);
	int (*map)(struct vfio_space *s, const struct steer_vfio_dma *m);
	int (*unmap)(struct vfio_space *s, uint64_t iova, uint64_t size);
};
extern const struct space_ops space_type1;
extern const struct space_ops space_ioas;

struct space_map {
	uint64_t iova, last;
	const void *vaddr;
	uint32_t prot;
	unsigned int refs;
};

struct vfio_space {
	const struct space_ops *ops;
	int fd; /* container, or the iommufd (not owned) */
	uint32_t ioas;
	bool is_private;
	unsigned int users; /* groups or devices in it */
	struct vfio_space *next;

	pthread_mutex_t lock;   /* of all below */
	uint64_t page_size;     /* smallest piece */
	uint32_t max_maps;      /* UINT32_MAX: no limit known */
	unsigned int nr_ranges; /* 0: unknown */
	struct iofd_range ranges[SPACE_RANGES_MAX];
	struct space_map *maps; /* sorted by iova */
	unsigned int nr_maps, room;
};

/* NULL without memory. fd stays the caller's until then. */
struct vfio_space *space_new(const struct space_ops *ops, int fd, bool is_private);
/* Forgets the maps; the caller has closed or destroyed what they were in. */
void space_free(struct vfio_space *s);
/* Ask again what can be mapped: that narrows with every device. @return 0 or negative errno. */
int space_limits(struct vfio_space *s);

/* The text names dev. */
int
space_map(struct vfio_space *s, const struct steer_vfio_dev *dev, const struct steer_vfio_dma *m);
int
space_unmap(struct vfio_space *s, const struct steer_vfio_dev *dev, uint64_t iova, uint64_t size);
/* All that dev has mapped, whatever the kernel says: the device itself is closed already. */
void space_forget(struct vfio_space *s, const struct steer_vfio_dev *dev);

#endif /* VFIO_SPACE_H */
