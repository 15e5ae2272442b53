/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The bytes are what a server answers. Every command that the client sends is swallowed here, and
 * the next record of the input goes back:
 *   flags: 1:0 0 raw bytes, then end of stream; 1 a well-formed reply; 2 an error reply; 3 hang-up
 *          4:2 descriptors: 0..3 none, 4 one sealed file, 5 a sealed file and an eventfd, 6 an
 *          unsealed file, 7 seventeen; 5 a command of the server comes first
 *   then its command and length (1 byte each) and payload; then the reply's length (2 bytes) and
 *   payload.
 * So identifiers always match where that is wanted, and the fuzzer can reach what comes behind.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
ssize_t __wrap_sendmsg(int sock, const struct msghdr *msg, int flags);
ssize_t __real_sendmsg(int sock, const struct msghdr *msg, int flags);

static const uint8_t *in;
static size_t left;
static int peer = -1;
static int sealed, unsealed, event;

static uint8_t
take8(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

static const uint8_t *
take(size_t *n)
{
	const uint8_t *p = in;

	if (*n > left)
		*n = left;
	in += *n;
	left -= *n;
	return p;
}

static void
put(const void *p, size_t n, const int *fds, unsigned int nr_fds)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * 17)];
		struct cmsghdr align;
	} c = {{0}};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)p, .iov_len = n};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cm = &c.align;

	if (nr_fds > 0) {
		msg.msg_control = c.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nr_fds);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * nr_fds);
		memcpy(CMSG_DATA(cm), fds, sizeof(int) * nr_fds);
	}
	if (n > 0)
		(void)__real_sendmsg(peer, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static unsigned int
pick_fds(uint8_t code, int *fds)
{
	unsigned int i;

	fds[0] = code == 6 ? unsealed : sealed;
	for (i = 1; i < 17; i++)
		fds[i] = event;
	switch (code) {
	case 4:
	case 6: return 1;
	case 5: return 2;
	case 7: return 17;
	default: return 0;
	}
}

static void
put_message(uint16_t id, uint16_t cmd, uint32_t flags, size_t n, const int *fds,
	    unsigned int nr_fds)
{
	const uint8_t *p = take(&n);
	struct vfu_hdr h = {
		.id = id,
		.cmd = cmd,
		.size = (uint32_t)(sizeof(h) + n),
		.flags = flags,
		.error = flags & VFU_F_ERROR ? (uint32_t)n * 37 : 0,
	};

	put(&h, sizeof(h), fds, nr_fds);
	put(p, n, NULL, 0);
}

static void
answer(const struct vfu_hdr *cmd)
{
	uint8_t flags = take8();
	int fds[17];
	unsigned int nr_fds = pick_fds(flags >> 2 & 7, fds);
	const uint8_t *p;
	size_t n;

	if (flags & 0x20) {
		uint16_t c = take8();

		put_message(cmd->id, c, VFU_F_TYPE_CMD, take8(), NULL, 0);
	}
	n = take8();
	n |= (size_t)take8() << 8;
	switch (left == 0 ? 3 : flags & 3) {
	case 1: put_message(cmd->id, cmd->cmd, VFU_F_TYPE_REPLY, n, fds, nr_fds); break;
	case 2:
		put_message(cmd->id, cmd->cmd, VFU_F_TYPE_REPLY | VFU_F_ERROR, n, fds, nr_fds);
		break;
	case 0:
		p = take(&n);
		put(p, n, fds, nr_fds);
		shutdown(peer, SHUT_WR);
		break;
	default: shutdown(peer, SHUT_WR); break;
	}
}

ssize_t
__wrap_sendmsg(int sock, const struct msghdr *msg, int flags)
{
	ssize_t total = 0;
	struct vfu_hdr h;
	size_t i;

	for (i = 0; i < msg->msg_iovlen; i++)
		total += (ssize_t)msg->msg_iov[i].iov_len;
	memcpy(&h, msg->msg_iov[0].iov_base, sizeof(h));
	/* The reader's answers to our own commands need none. */
	if ((h.flags & VFU_F_TYPE_MASK) == VFU_F_TYPE_CMD)
		answer(&h);
	return total;
}

static void
use_regions(struct steer_vfio_dev *dev)
{
	struct steer_vfio_io_fd io[4];
	struct steer_vfio_region r;
	char buf[300] = "";
	uint32_t i, k;
	void *p;
	int n;

	for (i = 0; i < 3; i++) {
		if (steer_vfio_region_info(dev, i, &r) < 0)
			continue;
		for (k = 0; k < r.nr_areas; k++) {
			if (steer_vfio_region_map(dev, i, r.areas[k].offset, r.areas[k].size, &p) ==
				    0 &&
			    r.flags & STEER_VFIO_REGION_F_READ)
				buf[0] ^= ((volatile char *)p)[r.areas[k].size - 1];
		}
	}
	(void)steer_vfio_region_read(dev, 7, 0, buf, sizeof(buf));
	(void)steer_vfio_region_write(dev, 7, 4, buf, 2);
	n = steer_vfio_region_io_fds(dev, 0, io, 4);
	while (n-- > 0)
		close(io[n].fd);
}

static void
use_device(struct steer_vfio_dev *dev)
{
	const struct steer_vfio_dma m = {.iova = 0x10000, .size = 0x10000, .fd = sealed, .prot = 3};
	int fds[5] = {event, event, event, event, event};
	uint32_t data[4] = {0, 1, 2, 3};

	use_regions(dev);
	(void)steer_vfio_irqs_set(dev, STEER_VFIO_IRQ_MSIX, 0, 5, fds);
	(void)steer_vfio_dma_map(dev, &m);
	(void)steer_vfio_feature(dev, STEER_VFIO_FEATURE_PROBE | STEER_VFIO_FEATURE_SET | 9, NULL,
				 0);
	(void)steer_vfio_feature(dev, STEER_VFIO_FEATURE_SET | 9, data, sizeof(data));
	(void)steer_vfio_feature(dev, STEER_VFIO_FEATURE_GET | 9, data, sizeof(data));
	(void)steer_vfio_reset(dev);
	(void)steer_vfio_irqs_disable(dev, STEER_VFIO_IRQ_MSIX);
	(void)steer_vfio_dma_unmap(dev, m.iova, m.size);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	sealed = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	unsealed = memfd_create("unsealed", MFD_CLOEXEC);
	event = eventfd(0, EFD_CLOEXEC);
	if (ftruncate(sealed, 0x10000) < 0 || ftruncate(unsealed, 0x10000) < 0 ||
	    fcntl(sealed, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
		return -1;
	return 0;
}

/* The lowest free descriptor: grows when one is left behind. */
static int
lowest_fd(void)
{
	int fd = dup(event);

	close(fd);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct steer_vfio_open_args args = {
		.name = "fuzz", .timeout_ms = 2000, .reset_timeout_ms = 2000};
	struct steer_vfio_dev *dev;
	int before = lowest_fd();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return 0;
	in = data;
	left = size;
	peer = pair[0];
	if (user_open_fd(&args, pair[1], &dev) == 0) {
		use_device(dev);
		steer_vfio_close(dev);
	}
	close(peer);
	if (lowest_fd() != before)
		__builtin_trap();
	return 0;
}
