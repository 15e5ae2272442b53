/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer_server.h"
#include "fake_server.h"

#define BAR_SIZE   4096
#define MSG_MAX    512u
#define PATIENCE_S 60
#define BODY(...)                                                                                  \
	do {                                                                                       \
		const uint8_t bytes[] = {__VA_ARGS__};                                             \
		memcpy(body, bytes, sizeof(bytes));                                                \
		return sizeof(bytes);                                                              \
	} while (0)

static char dir[32], path[48];
static int listener, bar;
static pthread_t thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static unsigned int gone;
static __thread int is_self;

int
answer_is_self(void)
{
	return is_self;
}

/* @return bytes behind the header of the reply to this command; asked: what came behind its own. */
static size_t
answer(uint8_t cmd, const uint8_t *asked, size_t len, uint8_t *body)
{
	switch (cmd) {
	case 1: BODY(L2(0), L2(0));                /* version, no text */
	case 4: BODY(L4(16), L4(3), L4(9), L4(5)); /* reset, PCI; regions, interrupts */
	case 5:                                    /* read, write, mmap */
		BODY(L4(32), L4(7), L4(asked[8]), L4(0), L8(BAR_SIZE), L8(0));
	case 7: BODY(L4(16), L4(9), L4(asked[8]), L4(4)); /* eventfd, noresize; 4 vectors */
	case 9: BODY(L8(4), L4(7), L4(4), 0xde, 0xad, 0xbe, 0xef); /* 4 bytes of region 7 at 4 */
	case 10: memcpy(body, asked, 16); return 16;
	case 3:
	case 16: memcpy(body, asked, len); return len;
	default: return 0;
	}
}

static int
read_all(int sock, uint8_t *buf, size_t len)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * 16)];
		struct cmsghdr align;
	} c;
	size_t got = 0;

	while (got < len) {
		struct iovec iov = {.iov_base = buf + got, .iov_len = len - got};
		struct msghdr msg = {.msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = c.buf,
				     .msg_controllen = sizeof(c.buf)};
		ssize_t n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
		struct cmsghdr *cm = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

		if (n <= 0)
			return -1;
		for (size_t i = 0; cm != NULL && CMSG_LEN(sizeof(int) * (i + 1)) <= cm->cmsg_len;
		     i++)
			close(((int *)(void *)CMSG_DATA(cm))[i]);
		got += (size_t)n;
	}
	return 0;
}

static void
reply(int sock, uint8_t *msg, size_t len, bool with_bar)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} c = {{0}};
	struct iovec iov = {.iov_base = msg, .iov_len = len};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cm;

	if (with_bar) {
		m.msg_control = c.buf;
		m.msg_controllen = sizeof(c.buf);
		cm = CMSG_FIRSTHDR(&m);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cm), &bar, sizeof(int));
	}
	/* The client may be gone. */
	(void)sendmsg(sock, &m, MSG_NOSIGNAL);
}

/* Header: id 2, command 2, size 4, flags 4 (a reply: 1), error 4. */
static void
serve(int sock)
{
	uint8_t in[MSG_MAX], out[MSG_MAX];
	size_t len;

	while (read_all(sock, in, 16) == 0) {
		len = (size_t)(in[4] | in[5] << 8) - 16;
		if (len > MSG_MAX - 16 || (len > 0 && read_all(sock, in + 16, len) != 0))
			return;
		memset(out, 0, 16);
		memcpy(out, in, 4);
		out[8] = 1;
		len = 16 + answer(in[2], in + 16, len, out + 16);
		out[4] = (uint8_t)len;
		out[5] = (uint8_t)(len >> 8);
		reply(sock, out, len, in[2] == 5);
	}
}

static void *
main_loop(void *arg)
{
	int sock;

	(void)arg;
	is_self = 1;
	while ((sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		serve(sock);
		close(sock);
		pthread_mutex_lock(&lock);
		gone++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

const char *
answer_start(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	strcpy(dir, "/tmp/steer-answer-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	strcpy(sa.sun_path, path);
	bar = memfd_create("bar", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(bar, BAR_SIZE), 0);
	assert_int_equal(fcntl(bar, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(pthread_create(&thread, NULL, main_loop, NULL), 0);
	return path;
}

int
answer_wait(unsigned int clients)
{
	struct timespec end;
	int late = 0, all;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&lock);
	while (gone < clients && late == 0)
		late = pthread_cond_timedwait(&cond, &lock, &end);
	all = gone >= clients;
	pthread_mutex_unlock(&lock);
	return all;
}

void
answer_stop(void)
{
	shutdown(listener, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(listener);
	close(bar);
	unlink(path);
	rmdir(dir);
}
