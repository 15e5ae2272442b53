/* SPDX-License-Identifier: BSD-3-Clause */

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_server.h"

#define MSG_MAX (2u << 20)

static __thread int is_self;

int
fake_is_self(void)
{
	return is_self;
}

static void
failed(struct fake *f, const char *what, long a, long b)
{
	if (f->fail[0] == '\0')
		snprintf(f->fail, sizeof(f->fail), "step %u: %s (%ld, %ld)", f->done, what, a, b);
}

/* One read; counts the descriptors that came along. @return bytes, 0 at the end. */
static ssize_t
read_some(struct fake *f, int sock, void *buf, size_t len, int *fds)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	union {
		char buf[CMSG_SPACE(sizeof(int) * 64)];
		struct cmsghdr align;
	} c;
	struct iovec iov = {.iov_base = buf, .iov_len = len};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = c.buf,
		.msg_controllen = sizeof(c.buf),
	};
	struct cmsghdr *cm;
	ssize_t n;

	if (poll(&p, 1, 10000) <= 0)
		return 0;
	n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return 0;
	for (cm = CMSG_FIRSTHDR(&msg); cm != NULL; cm = CMSG_NXTHDR(&msg, cm)) {
		size_t i, nr = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (i = 0; i < nr; i++) {
			if (f->keep_fd >= 0)
				close(f->keep_fd);
			memcpy(&f->keep_fd, CMSG_DATA(cm) + i * sizeof(int), sizeof(int));
			++*fds;
		}
	}
	return n;
}

static size_t
read_message(struct fake *f, int sock, uint8_t *buf, int *fds)
{
	size_t got = 0, want = 16;
	ssize_t n;

	while (got < want) {
		n = read_some(f, sock, buf + got, want - got, fds);
		if (n <= 0)
			return got;
		got += (size_t)n;
		if (got == 16)
			want = (size_t)buf[4] | (size_t)buf[5] << 8 | (size_t)buf[6] << 16 |
			       (size_t)buf[7] << 24;
		if (want > MSG_MAX)
			return 0;
	}
	return got;
}

static void
write_part(int sock, const uint8_t *p, size_t len, const int *fds, unsigned int nr_fds)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * 32)];
		struct cmsghdr align;
	} c = {{0}};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)p, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cm;

	if (nr_fds > 0) {
		msg.msg_control = c.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nr_fds);
		cm = CMSG_FIRSTHDR(&msg);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * nr_fds);
		memcpy(CMSG_DATA(cm), fds, sizeof(int) * nr_fds);
	}
	while (iov.iov_len > 0) {
		/* The client may be gone on purpose. */
		ssize_t n = sendmsg(sock, &msg, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		iov.iov_base = (char *)iov.iov_base + n;
		iov.iov_len -= (size_t)n;
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
	}
}

static void
write_reply(int sock, const struct step *s)
{
	size_t first = s->split > 0 && s->split < s->reply.n ? s->split : s->reply.n;

	if (first == 0)
		return;
	write_part(sock, s->reply.p, first, s->fds, s->nr_fds);
	if (first < s->reply.n) {
		usleep(2000);
		write_part(sock, s->reply.p + first, s->reply.n - first, NULL, 0);
	}
}

static size_t
first_difference(const uint8_t *a, const uint8_t *b, size_t n)
{
	size_t i;

	for (i = 0; i < n && a[i] == b[i]; i++)
		;
	return i;
}

static int
play(struct fake *f, int sock, uint8_t *buf)
{
	const struct step *s = &f->steps[f->done];
	int fds = 0;
	size_t n = read_message(f, sock, buf, &fds);

	if (n < 16)
		failed(f, "no message came", (long)n, 0);
	else if (s->want.n > 0 && n != s->want.n)
		failed(f, "another length came", (long)n, (long)s->want.n);
	else if (s->want.n > 0 && memcmp(buf, s->want.p, n) != 0)
		failed(f, "byte differs at", (long)first_difference(buf, s->want.p, n),
		       buf[first_difference(buf, s->want.p, n)]);
	else if (fds != s->want_fds)
		failed(f, "other descriptors came", fds, s->want_fds);
	if (f->fail[0] != '\0')
		return -1;
	write_reply(sock, s);
	f->done++;
	return s->end == STEP_HANGUP ? -1 : 0;
}

static void *
fake_main(void *arg)
{
	struct fake *f = arg;
	uint8_t *buf = malloc(MSG_MAX);
	struct pollfd p = {.fd = f->listener, .events = POLLIN};
	int sock = poll(&p, 1, 10000) > 0 ? accept4(f->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	int hung = 0, fds = 0;

	is_self = 1;
	while (sock >= 0 && !hung && f->done < f->nr_steps)
		hung = play(f, sock, buf) < 0;
	/* Nothing more may come before the client's end. */
	if (sock >= 0 && !hung && read_some(f, sock, buf, 16, &fds) > 0)
		failed(f, "an extra message came", buf[2], 0);
	if (sock >= 0)
		close(sock);
	free(buf);
	return NULL;
}

void
fake_start(struct fake *f, struct step *steps, unsigned int n)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	memset(f, 0, sizeof(*f));
	f->keep_fd = -1;
	f->steps = steps;
	f->nr_steps = n;
	strcpy(f->dir, "/tmp/steer-fake-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/s", f->dir);
	strcpy(sa.sun_path, f->path);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(f->listener >= 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(f->listener, 1), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, fake_main, f), 0);
}

void
fake_stop(struct fake *f)
{
	pthread_join(f->thread, NULL);
	fake_cleanup(f);
}

void
fake_cleanup(struct fake *f)
{
	close(f->listener);
	unlink(f->path);
	rmdir(f->dir);
	if (f->keep_fd >= 0)
		close(f->keep_fd);
	if (f->fail[0] != '\0')
		fail_msg("fake server: %s", f->fail);
	assert_int_equal(f->done, f->nr_steps);
}

int
fd_count(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}
