/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * GET_REGION_IO_FDS: an ioeventfd per virtqueue for the notify page. Workers poll the rings in any
 * case, so nobody here reads them (a read could block: the client may clear O_NONBLOCK); queues
 * share fds when the client cannot receive as many as there are queues.
 */

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "nic_priv.h"

void
nic_io_close(struct nic *nic)
{
	while (nic->nio > 0)
		close(nic->io_fd[--nic->nio]);
}

static int
open_fds(struct nic *nic, uint32_t n)
{
	int fd;

	while (nic->nio < n) {
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (fd < 0)
			return -errno;
		nic->io_fd[nic->nio++] = fd;
	}
	return 0;
}

int
nic_msg_io_fds(struct nic *nic, struct nic_msg *m)
{
	const uint32_t queues = 2u * nic->opts.pairs + 1;
	const uint32_t nfds = queues < nic->conn.max_fds ? queues : nic->conn.max_fds;
	struct vfu_region_io_fds r;
	struct vfu_io_fd e;
	uint32_t need, i;
	int rc;

	memcpy(&r, m->data, sizeof(r));
	if (r.argsz < sizeof(r) || r.index >= VFU_REGION_MIN || r.flags != 0)
		return -EINVAL;
	r.count = r.index == VIO_BAR ? queues : 0;
	need = (uint32_t)(sizeof(r) + r.count * sizeof(e));
	m->out_len = sizeof(r);
	if (need > r.argsz) {
		r.argsz = need;
		r.count = 0;
		memcpy(m->out, &r, sizeof(r));
		return 0;
	}
	rc = r.count > 0 ? open_fds(nic, nfds) : 0;
	if (rc < 0)
		return rc;
	for (i = 0; i < r.count; i++) {
		e = (struct vfu_io_fd){
			.offset = VIO_NOTIFY_OFF + (uint64_t)i * VIO_NOTIFY_MULT,
			.size = 2,
			.fd_index = i % nfds,
			.type = VFU_IO_FD_IOEVENTFD,
		};
		memcpy(m->out + sizeof(r) + i * sizeof(e), &e, sizeof(e));
	}
	for (i = 0; i < nfds && r.count > 0; i++)
		m->out_fds[m->out_nfds++] = nic->io_fd[i];
	r.argsz = need;
	memcpy(m->out, &r, sizeof(r));
	m->out_len = need;
	return 0;
}
