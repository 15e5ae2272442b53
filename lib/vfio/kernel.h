/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Inside the kernel transports. group.c and cdev.c get a device file into an address space and out
 * again, kernel_adopt.c borrows one; what is done with the file itself is the same for all.
 */

#ifndef VFIO_KERNEL_H
#define VFIO_KERNEL_H

#include "space.h"
#include "sysfs.h"

struct kernel_group;
struct kernel_iommufd;

struct kernel_dev {
	struct steer_vfio_dev base; /* first */
	struct kernel_dev *next;    /* of all that are open */
	const char *bdf;            /* base.pci_addr */
	int fd;
	int owner_fd; /* of an adopted device */
	int iommu_group;
	bool is_private;
	struct vfio_space *space;       /* NULL without an IOMMU */
	struct kernel_group *group;     /* of the group transport */
	struct kernel_iommufd *iommufd; /* of the cdev transport */

	pthread_mutex_t irq_lock;
	uint32_t nr_msix; /* vectors that are set up */
};

static inline struct kernel_dev *
kernel_dev(const struct steer_vfio_dev *dev)
{
	return (struct kernel_dev *)(uintptr_t)dev;
}

/* How a device file gets into an address space. Under kernel_open()'s lock; set the text. */
struct kernel_transport {
	const char *name;
	/* Sets fd, space and what is the transport's own. */
	int (*attach)(struct kernel_dev *k, enum steer_vfio_transport which);
	/* fd is closed and the maps are gone; lets go of the rest. */
	void (*detach)(struct kernel_dev *k);
	/* Before fd is closed: no more DMA. */
	void (*quiesce)(struct kernel_dev *k);
};
extern const struct kernel_transport kernel_transport_group;
extern const struct kernel_transport kernel_transport_cdev;

/* kernel_open.c: NULL with *rc and the text set. Nothing is opened. */
struct kernel_dev *
kernel_new(const char *name, const char *pci_addr, const struct steer_vfio_ops *ops, int *rc);
void kernel_free(struct kernel_dev *k);
/* What sysfs says about the device and the module that owns it. */
void kernel_facts_take(struct kernel_dev *k);

/* 0 or more, or negative errno. */
int kernel_ioctl(int fd, unsigned long request, void *arg);

/* kernel_dev.c: with the device file. */
int kernel_device_info(struct kernel_dev *k);
int kernel_region_query(struct steer_vfio_dev *dev, uint32_t index, struct vfio_region *r);
int kernel_region_read(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, void *buf,
		       size_t len);
int kernel_region_write(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset,
			const void *buf, size_t len);
int kernel_region_io_fds(struct steer_vfio_dev *dev, uint32_t index, uint64_t region_size,
			 struct steer_vfio_io_fd *fds, unsigned int max);
int kernel_reset(struct steer_vfio_dev *dev);
int kernel_feature(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len);
int kernel_device_ioctl(struct steer_vfio_dev *dev, unsigned long request, void *arg);

/* kernel_irq.c */
int kernel_irq_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_irq *info);
int kernel_irqs_set(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count,
		    const int *eventfds);
int kernel_irqs_disable(struct steer_vfio_dev *dev, uint32_t index);
int kernel_irqs_trigger(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count);
/* Make the gone fd readable when the kernel asks for the device back. */
int kernel_watch_request(struct kernel_dev *k);

/* kernel_why.c: the fact behind a refusal, as error text. They return the errno to pass on. */
int kernel_why_unusable(const char *name, const char *bdf);
int kernel_why_node(const char *name, const char *path, int err);
int kernel_why_busy(const char *name, const char *bdf, const char *path);
int kernel_why_attach(const char *name, const char *bdf, const char *path, int err);
/* 0, or a refusal when a device that must be alone is not. */
int kernel_alone_check(const char *name, const char *bdf, int group);

#endif /* VFIO_KERNEL_H */
