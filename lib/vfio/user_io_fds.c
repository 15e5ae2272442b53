/* SPDX-License-Identifier: BSD-3-Clause */

/* GET_REGION_IO_FDS: elements that name fds of the same message. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "user.h"

#define IO_FDS_MAX 64u

struct io_reply {
	struct vfu_region_io_fds head;
	struct vfu_io_fd elem[IO_FDS_MAX];
};

static bool
elem_valid(const struct vfu_io_fd *e, const struct user_fds *fds, uint64_t region_size)
{
	return e->fd_index < fds->n && e->offset <= region_size &&
	       e->size <= region_size - e->offset;
}

static int
reply_valid(const struct io_reply *r, const struct user_call *call, uint32_t index,
	    uint64_t region_size)
{
	uint32_t i;

	if (r->head.index != index || r->head.count > IO_FDS_MAX ||
	    call->data_len != r->head.count * sizeof(r->elem[0]))
		return 0;
	for (i = 0; i < r->head.count; i++) {
		if (!elem_valid(&r->elem[i], &call->fds, region_size))
			return 0;
	}
	return 1;
}

/* Each element gets a descriptor of its own, also where two share one in the message. */
static int
hand_out(const struct io_reply *r, const struct user_call *call, struct steer_vfio_io_fd *fds,
	 unsigned int n)
{
	unsigned int i;
	int fd, err;

	for (i = 0; i < n; i++) {
		const struct vfu_io_fd *e = &r->elem[i];

		fd = fcntl(call->fds.fd[e->fd_index], F_DUPFD_CLOEXEC, 0);
		if (fd < 0) {
			err = -errno;
			while (i-- > 0)
				close(fds[i].fd);
			return err;
		}
		fds[i] = (struct steer_vfio_io_fd){
			.offset = e->offset,
			.size = e->size,
			.datamatch = e->datamatch,
			.type = e->type,
			.flags = e->flags,
			.fd = fd,
		};
	}
	return (int)n;
}

int
user_region_io_fds(struct steer_vfio_dev *dev, uint32_t index, uint64_t region_size,
		   struct steer_vfio_io_fd *fds, unsigned int max)
{
	const struct vfu_region_io_fds req = {.argsz = sizeof(struct io_reply), .index = index};
	struct io_reply r = {0};
	struct user_call call = {
		.cmd = VFU_DEVICE_GET_REGION_IO_FDS,
		.req = &req,
		.req_len = sizeof(req),
		.rsp = &r.head,
		.rsp_len = sizeof(r.head),
		.data = r.elem,
		.data_cap = sizeof(r.elem),
		.max_fds = USER_MAX_MSG_FDS,
	};
	int rc = user_exchange(user_dev(dev), &call);

	if (rc < 0)
		return user_fail(user_dev(dev), &call,
				 rc == -ENOSYS || rc == -ENOTTY ? -ENOTSUP : rc,
				 "region %u: I/O fds", index);
	if (!reply_valid(&r, &call, index, region_size))
		rc = vfio_fail(dev, -EPROTO, "region %u: I/O fds: malformed reply", index);
	else if (r.head.count == 0)
		rc = vfio_fail(dev, -ENOTSUP, "region %u: I/O fds: none offered", index);
	else
		rc = hand_out(&r, &call, fds, r.head.count < max ? r.head.count : max);
	if (rc < 0 && rc != -EPROTO && rc != -ENOTSUP)
		vfio_fail(dev, rc, "region %u: I/O fds: %s", index, strerror(-rc));
	user_fds_close(&call.fds);
	return rc;
}
