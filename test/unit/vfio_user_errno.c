/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every call of attach, use and detach over a socket fails once, in turn, in the caller's thread
 * and in the reader. Each failure is one line, no descriptor, mapping or thread stays behind, and
 * the next try works. lib/vfio is compiled into this program, its calls go through the wrappers
 * below (linker option --wrap).
 */

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer_server.h"
#include "fake_server.h"
#include "steer_vfio.h"

enum call {
	SOCKET,
	SETSOCKOPT,
	CONNECT,
	EVENTFD,
	THREAD,
	CALLOC,
	REALLOC,
	MALLOC,
	STRDUP,
	SEND,
	RECV,
	FCNTL,
	MMAP,
	MUNMAP,
	CLOSE
};

/* Whose calls are counted. */
enum who { CALLER, READER };
enum phase { ATTACH, USE, DETACH };

static struct {
	bool watch;
	enum who who;
	unsigned int at, calls;
	int err;
	enum phase phase; /* of the caller */
	bool failed;
	enum call call;
	enum phase failed_in;
} plan;
static pthread_t caller;
static unsigned int clients;
static const char *sock_path;
static int ev, mem;

static bool
fails(enum call c)
{
	if (answer_is_self() || !plan.watch ||
	    (pthread_equal(pthread_self(), caller) != 0) != (plan.who == CALLER) ||
	    __atomic_add_fetch(&plan.calls, 1, __ATOMIC_RELAXED) != plan.at)
		return false;
	plan.failed = true;
	plan.call = c;
	plan.failed_in = plan.who == CALLER ? plan.phase : DETACH;
	errno = plan.err;
	return true;
}

#define WRAP(type, name, call, bad, params, ...)                                                   \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		return fails(call) ? (bad) : __real_##name(__VA_ARGS__);                           \
	}
WRAP(int, socket, SOCKET, -1, (int d, int t, int p), d, t, p)
WRAP(int, setsockopt, SETSOCKOPT, -1, (int s, int l, int o, const void *v, socklen_t n), s, l, o, v,
     n)
WRAP(int, eventfd, EVENTFD, -1, (unsigned int v, int flags), v, flags)
WRAP(int, pthread_create, THREAD, plan.err,
     (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *arg), t, a, f, arg)
WRAP(void *, calloc, CALLOC, NULL, (size_t n, size_t size), n, size)
WRAP(void *, realloc, REALLOC, NULL, (void *p, size_t size), p, size)
WRAP(void *, malloc, MALLOC, NULL, (size_t size), size)
WRAP(char *, strdup, STRDUP, NULL, (const char *s), s)
WRAP(ssize_t, sendmsg, SEND, -1, (int s, const struct msghdr *m, int flags), s, m, flags)
WRAP(ssize_t, recvmsg, RECV, -1, (int s, struct msghdr *m, int flags), s, m, flags)
WRAP(void *, mmap64, MMAP, MAP_FAILED, (void *at, size_t n, int prot, int fl, int fd, int64_t off),
     at, n, prot, fl, fd, off)

int __real_connect(int s, const struct sockaddr *a, socklen_t len);
int __wrap_connect(int s, const struct sockaddr *a, socklen_t len);
int __real_fcntl64(int fd, int cmd, long arg);
int __wrap_fcntl64(int fd, int cmd, long arg);
int __real_munmap(void *at, size_t n);
int __wrap_munmap(void *at, size_t n);
int __real_close(int fd);
int __wrap_close(int fd);

int
__wrap_connect(int s, const struct sockaddr *a, socklen_t len)
{
	if (fails(CONNECT))
		return -1;
	clients++;
	return __real_connect(s, a, len);
}

int
__wrap_fcntl64(int fd, int cmd, long arg)
{
	return fails(FCNTL) ? -1 : __real_fcntl64(fd, cmd, arg);
}

/* As on Linux, what is given back is gone also when the call fails. */
int
__wrap_munmap(void *at, size_t n)
{
	int rc = __real_munmap(at, n);

	return fails(MUNMAP) ? -1 : rc;
}

int
__wrap_close(int fd)
{
	int rc = __real_close(fd);

	return fails(CLOSE) ? -1 : rc;
}

/* A file whose seals cannot be read is not mapped: its region is used by messages. */
static bool
unsealed(void)
{
	return plan.who == CALLER && plan.failed && plan.call == FCNTL;
}

static int
use(struct steer_vfio_dev *dev)
{
	const struct steer_vfio_dma m = {
		.iova = 0x100000000, .vaddr = NULL, .size = 0x2000, .fd = mem, .prot = 3};
	uint32_t v = 0;
	void *p;
	int rc;

	rc = steer_vfio_region_write(dev, 0, 0x10, &v, 4);
	if (rc == 0)
		rc = steer_vfio_region_read(dev, STEER_VFIO_REGION_CONFIG, 4, &v, 4);
	if (rc == 0 && !unsealed())
		rc = steer_vfio_region_map(dev, 0, 0, 64, &p);
	if (rc == 0)
		rc = steer_vfio_irqs_set(dev, STEER_VFIO_IRQ_MSIX, 0, 1, &ev);
	if (rc == 0)
		rc = steer_vfio_dma_map(dev, &m);
	if (rc == 0)
		rc = steer_vfio_feature(dev, 0xfe00 | STEER_VFIO_FEATURE_SET, &v, 4);
	if (rc == 0)
		rc = steer_vfio_reset(dev);
	if (rc == 0)
		rc = steer_vfio_dma_unmap(dev, m.iova, m.size);
	if (rc == 0)
		rc = steer_vfio_dma_map(dev, &m);
	if (rc == 0)
		rc = steer_vfio_irqs_disable(dev, STEER_VFIO_IRQ_MSIX);
	return rc;
}

/* @return the phase that a failure was told in, or DETACH. */
static enum phase
life(void)
{
	const struct steer_vfio_open_args args = {.name = "nic0", .sock = sock_path};
	struct steer_vfio_dev *dev = NULL;
	enum phase told = DETACH;
	char err[256] = "";

	plan.phase = ATTACH;
	plan.watch = true;
	if (steer_vfio_open(&args, &dev, err, sizeof(err)) != 0) {
		assert_null(dev);
		assert_string_equal(err, steer_vfio_error());
		told = ATTACH;
	} else {
		plan.phase = USE;
		if (use(dev) != 0)
			told = USE;
	}
	plan.phase = DETACH;
	steer_vfio_close(dev);
	plan.watch = false;
	return told;
}

/* Entries of a folder below /proc/self. */
static unsigned int
entries(const char *folder)
{
	DIR *d = opendir(folder);
	unsigned int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static unsigned int
bars_mapped(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned int n = 0;
	char line[512];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, "memfd:bar") != NULL;
	fclose(f);
	return n;
}

static bool
clean(unsigned int fds, unsigned int threads)
{
	return entries("/proc/self/fd") == fds && entries("/proc/self/task") == threads &&
	       bars_mapped() == 0;
}

/* The kernel lists a thread for a moment after it was joined. */
static void
nothing_left(unsigned int fds, unsigned int threads)
{
	bool served = answer_wait(clients);
	int tries = 10000;

	while (served && !clean(fds, threads) && --tries > 0)
		usleep(1000);
	if (!served || tries == 0)
		fail_msg("after call %u (kind %d) of thread %d: %u of %u fds, %u of %u threads, "
			 "%u BARs",
			 plan.at, plan.call, plan.who, entries("/proc/self/fd"), fds,
			 entries("/proc/self/task"), threads, bars_mapped());
}

/*
 * What closing gives back anyway, and what only makes a thing better. A reader that fails after the
 * last reply has nobody to tell.
 */
static bool
may_be_ignored(void)
{
	switch (plan.call) {
	case CLOSE:
	case MUNMAP:
	case SETSOCKOPT:
	case FCNTL:
	case RECV: return true;
	default: return plan.failed_in == DETACH;
	}
}

static void
check_failure(enum phase phase)
{
	const char *text = steer_vfio_error();

	if (phase == DETACH) {
		if (!may_be_ignored())
			fail_msg("call %u (kind %d) failed and nobody said so", plan.at, plan.call);
		return;
	}
	assert_memory_equal(text, "nic0: ", 6);
	assert_null(strchr(text, '\n'));
	assert_true(strlen(text) > 16);
}

/* @return number of failures that the user was told of. */
static unsigned int
fail_each(enum who who, int err)
{
	unsigned int fds = entries("/proc/self/fd"), threads = entries("/proc/self/task");
	unsigned int told = 0;
	enum phase phase;

	plan.who = who;
	plan.err = err;
	for (plan.at = 1; plan.at < 500; plan.at++) {
		plan.calls = 0;
		plan.failed = false;
		phase = life();
		nothing_left(fds, threads);
		if (!plan.failed) {
			assert_int_equal(phase, DETACH);
			return told;
		}
		check_failure(phase);
		told += phase != DETACH;
	}
	fail_msg("no end of calls");
	return 0;
}

static void
each_call_fails(void **state)
{
	static const int errors[] = {EIO, ENOMEM, EPERM, ENOSPC, ECONNRESET};
	size_t i;

	(void)state;
	caller = pthread_self();
	sock_path = answer_start();
	ev = eventfd(0, EFD_CLOEXEC);
	mem = memfd_create("mem", MFD_CLOEXEC);
	assert_int_equal(ftruncate(mem, 0x2000), 0);
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		assert_in_range(fail_each(CALLER, errors[i]), 15, 499);
		assert_in_range(fail_each(READER, errors[i]), 10, 499);
	}
	close(ev);
	close(mem);
	answer_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
