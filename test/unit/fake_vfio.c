/* SPDX-License-Identifier: BSD-3-Clause */

/* The system calls that lib/vfio makes, and what becomes of descriptors. */

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_vfio.h"

struct fake_kernel fk;
struct fk_object fk_objects[1024];
struct fk_dev fk_devs[FK_DEVICES];
unsigned int fk_nr_devs;
static unsigned int files;

void
fk_wrong(const char *fmt, ...)
{
	va_list ap;

	if (fk.wrong[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(fk.wrong, sizeof(fk.wrong), fmt, ap);
	va_end(ap);
}

static bool
fails(enum fk_call call, unsigned long request)
{
	if (!fk.watch || ++fk.calls != fk.fail_at)
		return false;
	fk.failed = true;
	fk.failed_call = call;
	fk.failed_request = request;
	errno = fk.fail_errno;
	return true;
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __real_close(int fd);
int __wrap_close(int fd);
void *__real_mmap64(void *at, size_t len, int prot, int flags, int fd, int64_t off);
void *__wrap_mmap64(void *at, size_t len, int prot, int flags, int fd, int64_t off);
int __real_munmap(void *at, size_t len);
int __wrap_munmap(void *at, size_t len);
int __real_eventfd(unsigned int v, int flags);
int __wrap_eventfd(unsigned int v, int flags);
ssize_t __real_pread64(int fd, void *buf, size_t len, int64_t off);
ssize_t __wrap_pread64(int fd, void *buf, size_t len, int64_t off);
ssize_t __real_pwrite64(int fd, const void *buf, size_t len, int64_t off);
ssize_t __wrap_pwrite64(int fd, const void *buf, size_t len, int64_t off);
ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __real_readlink(const char *path, char *buf, size_t len);
ssize_t __wrap_readlink(const char *path, char *buf, size_t len);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
int __real_fcntl64(int fd, int cmd, ...);
int __wrap_fcntl64(int fd, int cmd, int arg);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);

int
fk_object(enum fk_kind kind, int number)
{
	int fd = memfd_create("fake", MFD_CLOEXEC);

	assert_in_range(fd, 0, 1023);
	assert_int_equal(ftruncate(fd, FK_BAR_SIZE), 0);
	fk_objects[fd] = (struct fk_object){
		.kind = kind, .number = number, .container = -1, .iommufd = -1, .group = -1};
	fk_objects[fd].file = ++files;
	return fd;
}

/* The kernel hears of a close when the last descriptor of a file goes. */
static bool
is_last(int fd)
{
	int i;

	for (i = 0; i < 1024; i++)
		if (i != fd && fk_objects[i].kind != FK_NONE &&
		    fk_objects[i].file == fk_objects[fd].file)
			return false;
	return true;
}

int
__wrap_fcntl64(int fd, int cmd, int arg)
{
	int to;

	if (cmd != F_DUPFD_CLOEXEC)
		return __real_fcntl64(fd, cmd, arg);
	if (fails(FK_DUP, 0))
		return -1;
	to = __real_fcntl64(fd, cmd, arg);
	if (to >= 0 && to < 1024) {
		fk_objects[to] = fk_objects[fd];
		fk_objects[to].mapped = 0;
	}
	return to;
}

static int
open_group(int number)
{
	int fd;

	for (fd = 0; fd < 1024; fd++)
		if (fk_objects[fd].kind == FK_GROUP && fk_objects[fd].number == number)
			break;
	if (fk.foreign || fd < 1024) {
		errno = EBUSY;
		return -1;
	}
	fk.groups++;
	return fk_object(FK_GROUP, number);
}

static int
open_node(const char *node, const char *path, int flags)
{
	unsigned int i;
	int n;

	/* Permissions and absence are the files'. */
	n = __real_open64(path, flags);
	if (n < 0)
		return -1;
	__real_close(n);
	if (strcmp(node, "vfio/vfio") == 0) {
		fk.containers++;
		return fk_object(FK_CONTAINER, 0);
	}
	if (strcmp(node, "iommu") == 0) {
		fk.iommufds++;
		return fk_object(FK_IOMMUFD, 0);
	}
	if (sscanf(node, "vfio/noiommu-%d", &n) == 1 || sscanf(node, "vfio/%d", &n) == 1)
		return open_group(n);
	for (i = 0; i < fk_nr_devs; i++)
		if (sscanf(node, "vfio/devices/vfio%d", &n) == 1 && fk_devs[i].cdev == n)
			break;
	assert_true(i < fk_nr_devs);
	fk.devices++;
	return fk_object(FK_DEVICE, (int)i);
}

int
__wrap_open64(const char *path, int flags, ...)
{
	size_t len = strlen(fk_root());
	bool node = strncmp(path, fk_root(), len) == 0 && strncmp(path + len, "/dev/", 5) == 0;

	if (fails(FK_OPEN, 0)) {
		fk.failed_node = node;
		return -1;
	}
	return node ? open_node(path + len + 5, path, flags) : __real_open64(path, flags);
}

int
__wrap_ioctl(int fd, unsigned long request, void *arg)
{
	long rc;

	assert_in_range(fd, 0, 1023);
	if (fails(FK_IOCTL, request))
		return -1;
	rc = fk_ioctl(fd, (unsigned int)request, arg);
	if (rc >= 0)
		return (int)rc;
	errno = (int)-rc;
	return -1;
}

static void
released(struct fk_object *o, int fd)
{
	switch (o->kind) {
	case FK_CONTAINER:
		if (o->members > 0)
			fk_wrong("container closed with %u groups in it", o->members);
		fk.containers--;
		break;
	case FK_GROUP:
		if (o->members > 0)
			fk_wrong("group closed with %u open devices", o->members);
		if (o->container >= 0 && --fk_objects[o->container].members == 0)
			fk_maps_drop((uint32_t)o->container << 8);
		fk.groups--;
		break;
	case FK_DEVICE:
		if (o->mapped > 0)
			fk_wrong("device closed with %u BARs mapped", o->mapped);
		if (o->group >= 0)
			fk_objects[o->group].members--;
		if (o->iommufd >= 0) {
			fk_objects[o->iommufd].members--;
			if (o->ioas != 0)
				fk_objects[o->iommufd].attached[o->ioas - 1]--;
		}
		if (o->group >= 0 || o->iommufd >= 0)
			fk_devs[o->number].open--;
		fk.msix = 0;
		fk.request_fd = -1;
		fk.devices--;
		break;
	case FK_IOMMUFD:
		if (o->members > 0)
			fk_wrong("iommufd closed with %u bound devices", o->members);
		/* The kernel destroys what is left. */
		for (unsigned int i = 0; i < 8; i++) {
			fk.ioases -= o->ioases[i] != 0;
			fk_maps_drop((uint32_t)fd << 8 | (i + 1));
		}
		fk.iommufds--;
		break;
	default: break;
	}
	o->kind = FK_NONE;
}

static void
duplicate_released(struct fk_object *o)
{
	if (o->mapped > 0)
		fk_wrong("device closed with %u BARs mapped", o->mapped);
	o->kind = FK_NONE;
}

/* As on Linux, the descriptor is gone also when close fails. */
int
__wrap_close(int fd)
{
	bool fail = fails(FK_CLOSE, 0);

	if (fd >= 0 && fd < 1024 && is_last(fd))
		released(&fk_objects[fd], fd);
	else if (fd >= 0 && fd < 1024)
		duplicate_released(&fk_objects[fd]);
	__real_close(fd);
	return fail ? -1 : 0;
}

void *
__wrap_mmap64(void *at, size_t len, int prot, int flags, int fd, int64_t off)
{
	void *p;

	if (fails(FK_MMAP, 0))
		return MAP_FAILED;
	if (fd < 0 || fk_objects[fd].kind != FK_DEVICE)
		return __real_mmap64(at, len, prot, flags, fd, off);
	assert_true((uint64_t)off >= FK_BAR_OFFSET &&
		    (uint64_t)off - FK_BAR_OFFSET + len <= FK_BAR_SIZE);
	p = __real_mmap64(at, len, prot, flags, fd, (int64_t)((uint64_t)off - FK_BAR_OFFSET));
	if (p != MAP_FAILED) {
		fk_objects[fd].mapped++;
		fk.bars++;
	}
	return p;
}

int
__wrap_munmap(void *at, size_t len)
{
	bool fail = fails(FK_MUNMAP, 0);
	int fd;

	/* Only one device maps at a time in these tests. */
	for (fd = 0; fd < 1024; fd++)
		if (fk_objects[fd].kind == FK_DEVICE && fk_objects[fd].mapped > 0)
			break;
	if (fd < 1024) {
		fk_objects[fd].mapped--;
		fk.bars--;
	}
	__real_munmap(at, len);
	return fail ? -1 : 0;
}

int
__wrap_eventfd(unsigned int v, int flags)
{
	return fails(FK_EVENTFD, 0) ? -1 : __real_eventfd(v, flags);
}

/* Where an offset of a device file leads; at most 64 bytes at once, as short reads are legal. */
static uint8_t *
region_at(int fd, uint64_t off, size_t *len)
{
	uint32_t index = (uint32_t)(off >> 40);
	uint64_t in = off & ((UINT64_C(1) << 40) - 1);
	size_t size = index == 7 ? sizeof(fk.cfg) : sizeof(fk.bar);

	assert_int_equal(fk_objects[fd].kind, FK_DEVICE);
	assert_true(index == 7 || index == 4);
	assert_true(in < size && *len <= size - in);
	if (*len > 64)
		*len = 64;
	return (index == 7 ? fk.cfg : fk.bar) + in;
}

ssize_t
__wrap_pread64(int fd, void *buf, size_t len, int64_t off)
{
	if (fails(FK_PREAD, 0))
		return -1;
	memcpy(buf, region_at(fd, (uint64_t)off, &len), len);
	return (ssize_t)len;
}

ssize_t
__wrap_pwrite64(int fd, const void *buf, size_t len, int64_t off)
{
	uint8_t *to;

	if (fails(FK_PWRITE, 0))
		return -1;
	to = region_at(fd, (uint64_t)off, &len);
	memcpy(to, buf, len);
	return (ssize_t)len;
}

ssize_t
__wrap_read(int fd, void *buf, size_t len)
{
	return fails(FK_READ, 0) ? -1 : __real_read(fd, buf, len);
}

ssize_t
__wrap_readlink(const char *path, char *buf, size_t len)
{
	return fails(FK_READLINK, 0) ? -1 : __real_readlink(path, buf, len);
}

DIR *
__wrap_opendir(const char *path)
{
	return fails(FK_OPENDIR, 0) ? NULL : __real_opendir(path);
}

int
__wrap_access(const char *path, int mode)
{
	return fails(FK_ACCESS, 0) ? -1 : __real_access(path, mode);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails(FK_CALLOC, 0) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails(FK_REALLOC, 0) ? NULL : __real_realloc(p, size);
}

char *
__wrap_strdup(const char *s)
{
	return fails(FK_STRDUP, 0) ? NULL : __real_strdup(s);
}

const char *
fk_left(void)
{
	static char text[400];

	snprintf(text, sizeof(text),
		 "%u containers, %u groups, %u devices, %u iommufds, %u spaces, %u BARs, %u maps; "
		 "wrong order: %s",
		 fk.containers, fk.groups, fk.devices, fk.iommufds, fk.ioases, fk.bars, fk.nr_maps,
		 fk.wrong[0] != '\0' ? fk.wrong : "none");
	if (fk.containers + fk.groups + fk.devices + fk.iommufds + fk.ioases + fk.bars +
			    fk.nr_maps ==
		    0 &&
	    fk.wrong[0] == '\0')
		return NULL;
	return text;
}

int
fk_open(const char *bdf, enum steer_vfio_transport t, int is_private, struct steer_vfio_dev **dev)
{
	const struct steer_vfio_open_args args = {
		.name = bdf, .pci_addr = bdf, .transport = t, .private_space = is_private};

	return steer_vfio_open(&args, dev, NULL, 0);
}

struct steer_vfio_dev *
fk_must_open(const char *bdf, enum steer_vfio_transport t, int is_private)
{
	struct steer_vfio_dev *dev = NULL;
	int rc = fk_open(bdf, t, is_private, &dev);

	if (rc != 0)
		fail_msg("open %s: %d %s", bdf, rc, steer_vfio_error());
	return dev;
}

void
fk_error(const char *part)
{
	if (strstr(steer_vfio_error(), part) == NULL)
		fail_msg("error text is: %s", steer_vfio_error());
	assert_null(strchr(steer_vfio_error(), '\n'));
	assert_non_null(strstr(steer_vfio_error(), ": "));
}
