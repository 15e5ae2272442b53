/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What happens when a system call fails, is interrupted or does a part only. lib/vfio is compiled
 * into this program, its calls go through the wrappers below (linker option --wrap).
 */

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfio_fixture.h"

enum call { SOCKET, EVENTFD, THREAD, CALLOC, REALLOC, STRDUP, SEND, RECV, NR_CALLS };

static struct {
	int countdown; /* fails at the call that brings it to 0 */
	int err;
} plan[NR_CALLS];
static _Atomic size_t most_bytes; /* of one sendmsg or recvmsg, 0 any */
static int interrupt;             /* every other sendmsg and recvmsg ends with EINTR */

static int
fails(enum call c)
{
	int n = __atomic_load_n(&plan[c].countdown, __ATOMIC_RELAXED);

	/* The server's thread is not under test. */
	if (fake_is_self() || n == 0)
		return 0;
	__atomic_store_n(&plan[c].countdown, n - 1, __ATOMIC_RELAXED);
	if (n > 1)
		return 0;
	errno = plan[c].err;
	return 1;
}

static int
interrupted(void)
{
	static __thread int turn;

	if (!interrupt || fake_is_self() || (turn ^= 1) == 0)
		return 0;
	errno = EINTR;
	return 1;
}

static struct msghdr
shortened(const struct msghdr *m, struct iovec *iov)
{
	struct msghdr copy = *m;

	if (most_bytes == 0 || fake_is_self())
		return copy;
	while (copy.msg_iovlen > 1 && copy.msg_iov->iov_len == 0) {
		copy.msg_iov++;
		copy.msg_iovlen--;
	}
	*iov = *copy.msg_iov;
	if (iov->iov_len > most_bytes)
		iov->iov_len = most_bytes;
	copy.msg_iov = iov;
	copy.msg_iovlen = 1;
	return copy;
}

int __real_socket(int d, int t, int p);
int __wrap_socket(int d, int t, int p);
int __real_eventfd(unsigned int v, int flags);
int __wrap_eventfd(unsigned int v, int flags);
int __real_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *arg);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *arg);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);
ssize_t __real_sendmsg(int sock, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int sock, const struct msghdr *m, int flags);
ssize_t __real_recvmsg(int sock, struct msghdr *m, int flags);
ssize_t __wrap_recvmsg(int sock, struct msghdr *m, int flags);

int
__wrap_socket(int d, int t, int p)
{
	return fails(SOCKET) ? -1 : __real_socket(d, t, p);
}

int
__wrap_eventfd(unsigned int v, int flags)
{
	return fails(EVENTFD) ? -1 : __real_eventfd(v, flags);
}

int
__wrap_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *arg)
{
	return fails(THREAD) ? plan[THREAD].err : __real_pthread_create(t, a, f, arg);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails(CALLOC) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails(REALLOC) ? NULL : __real_realloc(p, size);
}

char *
__wrap_strdup(const char *s)
{
	return fails(STRDUP) ? NULL : __real_strdup(s);
}

ssize_t
__wrap_sendmsg(int sock, const struct msghdr *m, int flags)
{
	struct iovec iov;
	struct msghdr part;

	if (interrupted() || fails(SEND))
		return -1;
	part = shortened(m, &iov);
	return __real_sendmsg(sock, &part, flags);
}

ssize_t
__wrap_recvmsg(int sock, struct msghdr *m, int flags)
{
	struct iovec iov;
	struct msghdr part;
	ssize_t n;

	if (interrupted() || fails(RECV))
		return -1;
	part = shortened(m, &iov);
	n = __real_recvmsg(sock, &part, flags);
	m->msg_controllen = part.msg_controllen;
	m->msg_flags = part.msg_flags;
	return n;
}

static int
calm(void **state)
{
	memset(plan, 0, sizeof(plan));
	most_bytes = 0;
	interrupt = 0;
	return vfio_setup(state);
}

/* Opening fails at that call, with this result; nothing stays behind (the teardown counts). */
static void
open_fails(enum call c, int at, int err, unsigned int steps_seen, int want)
{
	static struct step steps[2];
	const struct step version = VERSION_STEP, info = INFO_STEP;
	const struct steer_vfio_open_args args = {.name = "nic0", .sock = ctx.fake.path};
	int rc;

	steps[0] = version;
	steps[1] = info;
	fake_start(&ctx.fake, steps, steps_seen);
	plan[c].err = err;
	plan[c].countdown = at;
	rc = steer_vfio_open(&args, &ctx.dev, ctx.err, sizeof(ctx.err));
	assert_int_equal(plan[c].countdown, 0);
	assert_int_equal(rc, want);
	assert_null(ctx.dev);
	vfio_assert_error("open:");
	fake_stop(&ctx.fake);
}

static void
open_unwinds(void **state)
{
	open_fails(CALLOC, 1, 0, 0, -ENOMEM);
	open_fails(STRDUP, 1, 0, 0, -ENOMEM);
	open_fails(EVENTFD, 1, EMFILE, 0, -EMFILE);
	open_fails(THREAD, 1, EAGAIN, 0, -EAGAIN);
	open_fails(SEND, 1, ENOBUFS, 0, -ENOBUFS);
	open_fails(SEND, 1, EPIPE, 0, -ECONNREFUSED);
	open_fails(SEND, 2, ECONNRESET, 1, -ENODEV);
	open_fails(RECV, 2, ECONNRESET, 1, -ECONNREFUSED);
}

static void
open_without_socket(void **state)
{
	const struct steer_vfio_open_args args = {.name = "nic0", .sock = "/nonexistent"};

	plan[SOCKET].err = EMFILE;
	plan[SOCKET].countdown = 1;
	assert_int_equal(steer_vfio_open(&args, &ctx.dev, NULL, 0), -EMFILE);
	vfio_assert_error("open: socket: Too many open files");
}

/* A whole session, descriptors both ways, with that behaviour of the socket. */
static void
session(void)
{
	int fd = memfd_create("bar", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int ev = eventfd(0, EFD_CLOEXEC);
	struct steer_vfio_region r;
	uint64_t n = 0;

	OPEN({.want = REGION_WANT(2, 0),
	      .reply = BYTES(REPLY(2, 5, 48), L4(32), L4(7), L4(0), L4(0), L8(0x1000), L8(0)),
	      .fds = &fd,
	      .nr_fds = 1},
	     IRQ_STEP(3, 1),
	     {.want = BYTES(CMD(4, 8, 36), L4(20), L4(0x24), L4(2), L4(0), L4(1)),
	      .want_fds = 1,
	      .reply = BYTES(REPLY(4, 8, 16))},
	     {.want = BYTES(CMD(5, 10, 37), L8(0x10), L4(0), L4(5), 'h', 'e', 'l', 'l', 'o'),
	      .reply = BYTES(REPLY(5, 10, 32), L8(0x10), L4(0), L4(5))});
	assert_int_equal(steer_vfio_region_info(ctx.dev, 0, &r), 0);
	assert_int_equal(r.size, 0x1000);
	assert_int_equal(steer_vfio_irqs_set(ctx.dev, 2, 0, 1, &ev), 0);
	assert_int_equal(steer_vfio_region_write(ctx.dev, 0, 0x10, "hello", 5), 0);
	assert_int_equal(eventfd_write(ctx.fake.keep_fd, 1), 0);
	assert_int_equal(eventfd_read(ev, &n), 0);
	vfio_done();
	close(fd);
	close(ev);
}

static void
one_byte_at_a_time(void **state)
{
	for (most_bytes = 1; most_bytes < 20; most_bytes += 3)
		session();
}

static void
interrupted_calls(void **state)
{
	interrupt = 1;
	session();
	most_bytes = 7;
	session();
}

static void
socket_full_for_a_while(void **state)
{
	plan[SEND].err = EAGAIN;
	plan[SEND].countdown = 3;
	session();
	assert_int_equal(plan[SEND].countdown, 0);
}

/* Half a command left this process: the stream is lost and the device with it. */
static void
send_fails_halfway(void **state)
{
	struct step steps[] = {VERSION_STEP, INFO_STEP, IRQ_STEP(2, 8)};
	struct steer_vfio_irq irq;

	vfio_must_open(steps, 3);
	most_bytes = 10;
	plan[SEND].err = ENOBUFS;
	plan[SEND].countdown = 2;
	assert_int_equal(steer_vfio_irq_info(ctx.dev, 2, &irq), -ENOBUFS);
	most_bytes = 0;
	vfio_assert_gone();
	steer_vfio_close(ctx.dev);
	pthread_join(ctx.fake.thread, NULL);
	/* The server got ten bytes of the command and then the end. */
	assert_string_equal(ctx.fake.fail, "step 2: no message came (10, 0)");
	ctx.fake.fail[0] = '\0';
	ctx.fake.done++;
	fake_cleanup(&ctx.fake);
}

static void
memory_runs_out(void **state)
{
	struct step steps[] = {VERSION_STEP, INFO_STEP, REGION_STEP(2, 0, 4096)};
	const struct steer_vfio_dma m = {.iova = 0, .size = 4096, .fd = 0, .prot = 3};
	struct steer_vfio_region r;

	vfio_must_open(steps, 3);
	plan[CALLOC].countdown = 1;
	assert_int_equal(steer_vfio_region_info(ctx.dev, 0, &r), -ENOMEM);
	assert_int_equal(steer_vfio_region_info(ctx.dev, 0, &r), 0);
	plan[REALLOC].countdown = 1;
	assert_int_equal(steer_vfio_dma_map(ctx.dev, &m), -ENOMEM);
	vfio_done();
}

int
main(void)
{
#define C(f) cmocka_unit_test_setup_teardown(f, calm, vfio_teardown)
	const struct CMUnitTest tests[] = {
		C(open_unwinds),      C(open_without_socket),     C(one_byte_at_a_time),
		C(interrupted_calls), C(socket_full_for_a_while), C(send_fails_halfway),
		C(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
