/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Framing on the stream: header and payload may arrive split at any byte; fds come with the first
 * byte of their message (the kernel never merges two carriers of fds into one read, and a read
 * here never goes beyond the message it is in).
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "nic_priv.h"

#define SEND_TIMEOUT_MS 5000
#define HDR             ((uint32_t)sizeof(struct vfu_hdr))

void
nic_frame_close_fds(struct nic_msg *m)
{
	while (m->nfds > 0)
		if (m->fds[--m->nfds] >= 0)
			close(m->fds[m->nfds]);
}

void
nic_frame_reset(struct nic_conn *c)
{
	nic_frame_close_fds(&c->msg);
	c->msg = (struct nic_msg){.out = c->out + HDR};
	c->have = 0;
}

/* All fds of all blocks; those beyond the limit are closed. */
static int
take_fds(struct nic_msg *m, struct msghdr *mh)
{
	struct cmsghdr *cm;
	size_t i, n;
	int fd, rc = 0;

	for (cm = CMSG_FIRSTHDR(mh); cm != NULL; cm = CMSG_NXTHDR(mh, cm)) {
		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(cm) + i * sizeof(int), sizeof(fd));
			if (m->nfds < NIC_MSG_FDS) {
				m->fds[m->nfds++] = fd;
			} else {
				close(fd);
				rc = -EPROTO;
			}
		}
	}
	return (mh->msg_flags & MSG_CTRUNC) != 0 ? -EPROTO : rc;
}

/* @return bytes, 0 nothing there now, negative: end of stream or broken. */
static int
receive(struct nic_conn *c, uint32_t want)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int) * (NIC_MSG_FDS + 1))];
	} ctl;
	struct iovec iov = {.iov_base = c->in + c->have, .iov_len = want};
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &ctl,
		.msg_controllen = sizeof(ctl),
	};
	ssize_t n = recvmsg(c->fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (take_fds(&c->msg, &mh) < 0)
		return -EPROTO;
	return n == 0 ? -ECONNRESET : (int)n;
}

/* Size and type: beyond these limits the stream is no longer trusted. */
static int
check_header(struct nic_conn *c)
{
	memcpy(&c->msg.hdr, c->in, HDR);
	if (c->msg.hdr.size < HDR || c->msg.hdr.size > NIC_MSG_MAX)
		return -EPROTO;
	/* This server has no command of its own pending, so no reply is due. */
	return (c->msg.hdr.flags & VFU_F_TYPE_MASK) == VFU_F_TYPE_CMD ? 0 : -EPROTO;
}

int
nic_frame_recv(struct nic_conn *c)
{
	uint32_t end;
	int rc;

	for (;;) {
		end = c->have < HDR ? HDR : c->msg.hdr.size;
		if (c->have == end)
			break;
		rc = receive(c, end - c->have);
		if (rc <= 0)
			return rc;
		c->have += (uint32_t)rc;
		if (c->have == HDR && check_header(c) < 0)
			return -EPROTO;
	}
	c->msg.data = c->in + HDR;
	c->msg.len = c->msg.hdr.size - HDR;
	return 1;
}

static size_t
put_fds(struct msghdr *mh, const struct nic_msg *m)
{
	struct cmsghdr *cm;

	if (m->out_nfds == 0)
		return 0;
	mh->msg_controllen = CMSG_SPACE(sizeof(int) * m->out_nfds);
	cm = CMSG_FIRSTHDR(mh);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int) * m->out_nfds);
	memcpy(CMSG_DATA(cm), m->out_fds, sizeof(int) * m->out_nfds);
	return mh->msg_controllen;
}

/* A client that does not read its replies has some time, and not when the server is to end. */
static int
wait_writable(struct nic *nic)
{
	struct pollfd p[2] = {{.fd = nic->conn.fd, .events = POLLOUT},
			      {.fd = nic->signal_fd, .events = POLLIN}};

	return poll(p, 2, SEND_TIMEOUT_MS) > 0 && p[1].revents == 0 ? 0 : -ETIMEDOUT;
}

/* Header and payload lie together; fds go with the first byte. */
static int
send_all(struct nic *nic, const struct nic_msg *m, uint32_t size)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int) * NIC_MSG_FDS)];
	} ctl = {0};
	struct iovec iov = {.iov_base = nic->conn.out, .iov_len = size};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ctl};
	ssize_t n;

	mh.msg_controllen = put_fds(&mh, m);
	while (iov.iov_len > 0) {
		n = sendmsg(nic->conn.fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN && wait_writable(nic) == 0)
			continue;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		iov.iov_base = (uint8_t *)iov.iov_base + n;
		iov.iov_len -= (size_t)n;
		mh.msg_controllen = 0;
	}
	return 0;
}

int
nic_frame_reply(struct nic *nic, int err)
{
	struct nic_msg *m = &nic->conn.msg;
	struct vfu_hdr h = {.id = m->hdr.id, .cmd = m->hdr.cmd, .flags = VFU_F_TYPE_REPLY};

	if ((m->hdr.flags & VFU_F_NO_REPLY) != 0)
		return 0;
	if (err != 0) {
		m->out_len = 0;
		m->out_nfds = 0;
		h.flags |= VFU_F_ERROR;
		h.error = (uint32_t)-err;
	}
	h.size = HDR + m->out_len;
	memcpy(nic->conn.out, &h, HDR);
	return send_all(nic, m, h.size);
}
