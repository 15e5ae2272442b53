/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The bytes are what a client sends to vfu-nic: a first byte (bit 0: start with a VERSION that is
 * right; 6:1: --tph and TPH_ST options; 7: with a software TSM, and then 6:1 choose its
 * architecture and fault, too), then records of
 *   how: 2:0 descriptors: 0..5, 6 sixteen, 7 seventeen; 4:3 their kind: 0 memory, 1 eventfd,
 *        2 alternating, 3 a pipe; 5 build the header (the first payload byte is the command); 6 no
 *        reply wanted
 *   length (2 bytes), payload.
 * Replies are checked and swallowed. After each input the server must hold nothing of the client.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/fake_vio.h"

#define HOW_BUILD    (1u << 5)
#define HOW_NO_REPLY (1u << 6)
#define MEM_SIZE     (1u << 16)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
ssize_t __wrap_sendmsg(int sock, const struct msghdr *msg, int flags);
ssize_t __real_sendmsg(int sock, const struct msghdr *msg, int flags);

void __wrap_nic_log(const struct nic *n, const char *fmt, ...);

static struct nic *nic;
static struct nic_tsm *tsm;
static int peer = -1, mem = -1, event = -1, pipe_rd = -1, lowest;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* Replies of the server end here: none may go to a command that wants none. */
ssize_t
__wrap_sendmsg(int sock, const struct msghdr *msg, int flags)
{
	const struct iovec *iov = msg->msg_iov;
	struct vfu_hdr h;

	if (sock != nic->conn.fd)
		return __real_sendmsg(sock, msg, flags);
	must(msg->msg_iovlen == 1 && iov->iov_len >= sizeof(h));
	memcpy(&h, iov->iov_base, sizeof(h));
	must(h.size == iov->iov_len && (h.flags & VFU_F_TYPE_MASK) == VFU_F_TYPE_REPLY);
	must((nic->conn.msg.hdr.flags & VFU_F_NO_REPLY) == 0 && h.id == nic->conn.msg.hdr.id);
	must((h.flags & VFU_F_ERROR) == 0 || (h.size == sizeof(h) && h.error != 0));
	return (ssize_t)iov->iov_len;
}

/* The TSM logs each transition. */
void
__wrap_nic_log(const struct nic *n, const char *fmt, ...)
{
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct nic_opts opts = {.sock = "fuzz",
					     .pairs = 2,
					     .vectors = 5,
					     .tph_entries = 5,
					     .tph_feature = 0xfe00,
					     .tsm = NIC_TSM_CCA,
					     .tsm_name = "tsm0",
					     .tsm_ca = TSM_CA,
					     .tsm_feature = 0xfe01};
	int p[2];

	must(nic_create(&opts, &nic) == 0 && vio_create(nic, &nic->vio) == 0 && pipe(p) == 0);
	tsm = nic->tsm;
	pipe_rd = p[0];
	event = eventfd(0, EFD_CLOEXEC);
	mem = memfd_create("fuzz", MFD_CLOEXEC);
	must(event >= 0 && mem >= 0 && ftruncate(mem, MEM_SIZE) == 0);
	lowest = dup(0);
	close(lowest);
	return 0;
}

static int
pick_fd(unsigned int kind, unsigned int i)
{
	switch (kind) {
	case 0: return mem;
	case 1: return event;
	case 2: return i % 2 == 0 ? mem : event;
	default: return pipe_rd;
	}
}

static void
transmit(unsigned int how, const void *data, size_t len)
{
	static const unsigned int counts[] = {0, 1, 2, 3, 4, 5, 16, 17};
	const unsigned int n = counts[how & 7];
	union {
		char buf[CMSG_SPACE(sizeof(int) * 17)];
		struct cmsghdr align;
	} ctl = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cm;
	unsigned int i;
	int fd;

	if (n > 0) {
		mh.msg_control = &ctl;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		cm = CMSG_FIRSTHDR(&mh);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * n);
		for (i = 0; i < n; i++) {
			fd = pick_fd(how >> 3 & 3, i);
			memcpy(CMSG_DATA(cm) + i * sizeof(int), &fd, sizeof(fd));
		}
	}
	if (__real_sendmsg(peer, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

static void
put_record(unsigned int how, const uint8_t *data, size_t len)
{
	static uint8_t msg[sizeof(struct vfu_hdr) + 65536];
	struct vfu_hdr h = {.id = 7};

	if ((how & HOW_BUILD) == 0 || len == 0) {
		transmit(how, data, len);
		return;
	}
	h.cmd = data[0];
	h.size = (uint32_t)(sizeof(h) + len - 1);
	h.flags = (how & HOW_NO_REPLY) != 0 ? VFU_F_NO_REPLY : 0;
	memcpy(msg, &h, sizeof(h));
	memcpy(msg + sizeof(h), data + 1, len - 1);
	transmit(how, msg, h.size);
}

/* With a TSM or without. */
static void
choose_tsm(unsigned int how)
{
	nic->tsm = (how & 0x80) != 0 ? tsm : NULL;
	atomic_store(&nic->dma_shut, nic->tsm != NULL);
	nic->opts.tsm = (enum nic_tsm_arch)(1 + (how >> 1 & 3) % 3);
	nic->opts.tsm_st_ignore = (how >> 3 & 1) != 0;
	nic->opts.tsm_fault = (enum nic_tsm_fault)((how >> 2 & 31) % NIC_TSM_FAULTS);
}

static void
start(unsigned int how)
{
	static const uint8_t hello[] = "\1\0\0\0\0{\"capabilities\":{\"max_msg_fds\":3,"
				       "\"steer_tsm_feature\":true}}";
	int sv[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv) == 0);
	peer = sv[1];
	nic->opts.tph = (enum nic_tph)(how >> 1 & 3);
	nic->opts.tph_get = (enum nic_tph_get)(how >> 3 & 1);
	nic->opts.tph_fault = (enum nic_tph_fault)(how >> 4 & 3);
	nic->opts.tph_extended = (how >> 6 & 1) != 0;
	choose_tsm(how);
	memset(&nic->cfg, 0, sizeof(nic->cfg));
	nic_tph_table(nic);
	nic_cfg_build(nic);
	nic->conn.fd = sv[0];
	must(nic_attach(nic) == 0);
	if ((how & 1) != 0)
		put_record(HOW_BUILD, hello, sizeof(hello));
}

static void
finish(void)
{
	struct nic_tsm_show s;
	int fd;

	close(peer);
	nic_drop(nic, NULL);
	must(nic->dma.n == 0 && nic->dma.mapped == 0 && !nic_irq_any(&nic->irq) && nic->nio == 0);
	must(!nic_bus_master(nic) && !nic_tph_on(nic) && nic->conn.msg.nfds == 0);
	must(!nic_tsm_show(nic, &s) || (!s.bound && strcmp(s.state, "CONFIG_UNLOCKED") == 0));
	fd = dup(0);
	must(fd == lowest); /* not a descriptor more than before */
	close(fd);
	must(ftruncate(mem, MEM_SIZE) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len;
	int rc = 0;

	if (size < 1)
		return 0;
	start(data[0]);
	for (data++, size--; size >= 3 && rc == 0; data += len, size -= len) {
		const unsigned int how = data[0];

		len = data[1] | (size_t)data[2] << 8;
		data += 3;
		size -= 3;
		if (len > size)
			len = size;
		put_record(how, data, len);
		rc = nic_serve(nic);
	}
	finish();
	return 0;
}
