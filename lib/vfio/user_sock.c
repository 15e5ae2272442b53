/* SPDX-License-Identifier: BSD-3-Clause */

/* Framing on the stream socket: whole messages out, exact lengths in. */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user.h"

struct timespec
user_deadline(unsigned int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

static int
ms_left(const struct timespec *deadline)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	/* Rounded up, so that the last fraction of a millisecond is not spun away. */
	ms = (int64_t)(deadline->tv_sec - now.tv_sec) * 1000 +
	     (deadline->tv_nsec - now.tv_nsec + 999999) / 1000000;
	return ms > 0 ? (int)ms : 0;
}

static int
wait_writable(int sock, const struct timespec *deadline)
{
	struct pollfd p = {.fd = sock, .events = POLLOUT};
	int n = poll(&p, 1, ms_left(deadline));

	if (n < 0 && errno != EINTR)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

static void
iov_advance(struct msghdr *msg, size_t n)
{
	while (msg->msg_iovlen > 0 && n >= msg->msg_iov[0].iov_len) {
		n -= msg->msg_iov[0].iov_len;
		msg->msg_iov++;
		msg->msg_iovlen--;
	}
	if (msg->msg_iovlen > 0) {
		msg->msg_iov[0].iov_base = (char *)msg->msg_iov[0].iov_base + n;
		msg->msg_iov[0].iov_len -= n;
	}
}

union fd_cmsg {
	char buf[CMSG_SPACE(sizeof(int) * VFU_LIM_MSG_FDS)];
	struct cmsghdr align;
};

static void
attach_fds(struct msghdr *msg, union fd_cmsg *c, const int *fds, unsigned int n)
{
	struct cmsghdr *cm;

	msg->msg_control = c->buf;
	msg->msg_controllen = CMSG_SPACE(sizeof(int) * n);
	cm = CMSG_FIRSTHDR(msg);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(cm), fds, sizeof(int) * n);
}

int
user_send(int sock, struct iovec *iov, unsigned int iovcnt, const int *fds, unsigned int nr_fds,
	  const struct timespec *deadline, bool *started)
{
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = iovcnt};
	union fd_cmsg c = {{0}};
	ssize_t n;
	int rc;

	*started = false;
	if (nr_fds > VFU_LIM_MSG_FDS)
		return -EINVAL;
	if (fds != NULL && nr_fds > 0)
		attach_fds(&msg, &c, fds, nr_fds);
	while (msg.msg_iovlen > 0) {
		n = sendmsg(sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n < 0) {
			rc = wait_writable(sock, deadline);
			if (rc < 0)
				return rc;
			continue;
		}
		*started = true;
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
		iov_advance(&msg, (size_t)n);
	}
	return 0;
}

void
user_fds_close(struct user_fds *fds)
{
	unsigned int i;

	for (i = 0; i < fds->n; i++) {
		if (fds->fd[i] >= 0)
			close(fds->fd[i]);
	}
	fds->n = 0;
}

/* Takes every descriptor, so that none leaks; more than a message may have is an error. */
static int
collect_fds(struct msghdr *msg, struct user_fds *fds)
{
	struct cmsghdr *cm;
	int rc = msg->msg_flags & MSG_CTRUNC ? -EPROTO : 0;
	size_t i, n;
	int fd;

	for (cm = CMSG_FIRSTHDR(msg); cm != NULL; cm = CMSG_NXTHDR(msg, cm)) {
		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(cm) + i * sizeof(int), sizeof(int));
			if (fds->n < VFU_LIM_MSG_FDS) {
				fds->fd[fds->n++] = fd;
			} else {
				close(fd);
				rc = -EPROTO;
			}
		}
	}
	return rc;
}

int
user_recv(int sock, void *buf, size_t len, struct user_fds *fds)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		union fd_cmsg c;
		struct iovec iov = {
			.iov_base = (char *)buf + got,
			.iov_len = len - got,
		};
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = c.buf,
			.msg_controllen = sizeof(c.buf),
		};

		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (collect_fds(&msg, fds) < 0)
			return -EPROTO;
		if (n == 0)
			return got == 0 ? 0 : -ECONNRESET;
		got += (size_t)n;
	}
	return 1;
}

int
user_skip(int sock, size_t len, struct user_fds *fds)
{
	char drop[4096];
	int rc = 1;

	while (rc == 1 && len > 0) {
		size_t n = len < sizeof(drop) ? len : sizeof(drop);

		rc = user_recv(sock, drop, n, fds);
		len -= n;
	}
	return rc;
}
