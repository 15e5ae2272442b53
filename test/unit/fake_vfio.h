/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A small VFIO in this process: the system calls of lib/vfio, which is compiled into the test,
 * arrive here (linker option --wrap). It keeps the books a kernel keeps, notes what is done in a
 * wrong order, and can let any one call fail. Numbers and offsets are written by hand from
 * linux/vfio.h and linux/iommufd.h; nothing of the code under test is used.
 */

#ifndef FAKE_VFIO_H
#define FAKE_VFIO_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "steer_vfio.h"

/* Type ';', base 100. */
enum {
	Q_API = 0x3b64,
	Q_EXTENSION,
	Q_SET_IOMMU,
	Q_STATUS,
	Q_SET_CONTAINER,
	Q_UNSET_CONTAINER,
	Q_DEVICE_FD,
	Q_DEV_INFO,
	Q_REGION_INFO,
	Q_IRQ_INFO,
	Q_SET_IRQS,
	Q_RESET,
	Q_IOMMU_INFO,
	Q_MAP_DMA,
	Q_UNMAP_DMA,
	Q_FEATURE = 0x3b75,
	Q_BIND,
	Q_ATTACH,
	Q_DETACH,
	Q_DESTROY = 0x3b80,
	Q_IOAS_ALLOC,
	Q_IOAS_RANGES = 0x3b84,
	Q_IOAS_MAP,
	Q_IOAS_UNMAP
};

enum fk_call {
	FK_OPEN,
	FK_IOCTL,
	FK_MMAP,
	FK_MUNMAP,
	FK_CLOSE,
	FK_EVENTFD,
	FK_PREAD,
	FK_PWRITE,
	FK_READ,
	FK_READLINK,
	FK_OPENDIR,
	FK_ACCESS,
	FK_DUP,
	FK_CALLOC,
	FK_REALLOC,
	FK_STRDUP
};

#define FK_DEVICES    4
#define FK_BAR_SIZE   0x4000u
#define FK_BAR_OFFSET (UINT64_C(4) << 40)
#define FK_VECTORS    9u

struct fk_map {
	bool used;
	uint32_t space;
	uint64_t iova, size, vaddr;
	uint32_t flags;
};

/* What a test may set, and look at. */
struct fake_kernel {
	/* settings */
	bool foreign; /* another process has every device */
	bool not_viable;
	bool join_refused; /* a container or IOAS takes one group, or device */
	bool no_memlock;   /* maps fail with ENOMEM */
	bool grows;        /* MSI-X vectors can be added */
	bool no_request_irq;
	bool sparse; /* BAR 4 has a list of mappable areas */
	uint32_t dma_avail;
	uint64_t iova_last; /* of the only range */
	/* books */
	unsigned int containers, groups, devices, iommufds, ioases, bars;
	struct fk_map maps[64]; /* of all spaces */
	unsigned int nr_maps, map_calls, unmap_calls;
	uint32_t msix; /* vectors that are up */
	uint32_t tph;  /* what FEATURE stored */
	int request_fd;
	uint8_t bar[FK_BAR_SIZE];
	uint8_t cfg[4096];
	char wrong[160]; /* first thing done in a wrong order */
	/* last ioctl of each request: its first bytes as they came */
	uint8_t sent[0x40][64];
	unsigned int nr_sent[0x40];
	/* plan: the call that fails, counted over all kinds from 1; 0 none */
	unsigned int fail_at, calls;
	int fail_errno;
	bool failed; /* it did */
	enum fk_call failed_call;
	unsigned long failed_request;
	bool failed_node; /* an open below /dev */
	bool watch;       /* count and fail calls now */
};
extern struct fake_kernel fk;

/* A fresh tree below a private folder, and a fresh kernel. */
int fk_setup(void **state);
/* Nothing may be left: descriptors, objects, maps. */
int fk_teardown(void **state);
/* A PCI function. cdev < 0: no device file. driver NULL: none. */
void fk_device(const char *bdf, int group, const char *driver, int cdev);
/* A file below sys/, with its folders. */
void fk_sys_file(const char *path, const char *text);
void fk_remove(const char *path);
const char *fk_root(void);
/* What is left over, or NULL. */
const char *fk_left(void);
const uint8_t *fk_sent(unsigned int request);
unsigned int fk_nr_sent(unsigned int request);

int
fk_open(const char *bdf, enum steer_vfio_transport t, int is_private, struct steer_vfio_dev **dev);
struct steer_vfio_dev *fk_must_open(const char *bdf, enum steer_vfio_transport t, int is_private);
/* The error text has that part, one line, and begins with the name. */
void fk_error(const char *part);

/* fake_vfio_ioctl.c */
/* What a space held goes with it. */
void fk_maps_drop(uint32_t space);
long fk_ioctl(int fd, unsigned int request, uint8_t *arg);
enum fk_kind { FK_NONE, FK_CONTAINER, FK_GROUP, FK_DEVICE, FK_IOMMUFD };
struct fk_object {
	enum fk_kind kind;
	unsigned int file;    /* the same for duplicates */
	int number;           /* group, or device */
	int container;        /* of a group: fd */
	int iommufd;          /* of a device: fd it is bound to */
	uint32_t ioas;        /* of a device: attached to; of an iommufd: next id */
	int group;            /* of a device: group file, or -1 */
	bool iommu;           /* of a container */
	unsigned int members; /* groups of a container, devices of a group or iommufd */
	unsigned int mapped;  /* BARs of a device */
	uint32_t ioases[8];   /* of an iommufd */
	unsigned int attached[8];
};
extern struct fk_object fk_objects[1024];
struct fk_dev {
	char bdf[16];
	int group, cdev;
	unsigned int open;
};
extern struct fk_dev fk_devs[FK_DEVICES];
extern unsigned int fk_nr_devs;
void fk_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int fk_object(enum fk_kind kind, int number);

#define FK_TEST(f) cmocka_unit_test_setup_teardown(f, fk_setup, fk_teardown)

#endif /* FAKE_VFIO_H */
