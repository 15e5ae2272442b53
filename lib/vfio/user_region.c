/* SPDX-License-Identifier: BSD-3-Clause */

/* GET_REGION_INFO, and REGION_READ / REGION_WRITE in pieces that the peer takes. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user.h"

/* Room for 64 areas and other capabilities besides. */
#define REGION_CAPS_MAX 4096u

typedef unsigned long long ull;

static bool
file_covers(int fd, uint64_t offset, const struct steer_vfio_region *info)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct stat st;
	uint32_t i;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || offset & (page - 1) ||
	    offset > (uint64_t)st.st_size)
		return false;
	for (i = 0; i < info->nr_areas; i++) {
		if (info->areas[i].offset + info->areas[i].size > (uint64_t)st.st_size - offset)
			return false;
	}
	return true;
}

/* A file that can shrink under a mapping would let the peer kill this process with SIGBUS. */
static bool
file_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && seals & F_SEAL_SHRINK;
}

static int
info_check(const struct vfu_region_info *ri, uint32_t index, const char **what)
{
	*what = NULL;
	if (ri->index != index)
		*what = "the reply is about another region";
	else if (ri->argsz < sizeof(*ri) || ri->argsz > sizeof(*ri) + REGION_CAPS_MAX)
		*what = "bad argsz";
	else if (index <= VFU_REGION_BAR5 && ri->size & (ri->size - 1))
		*what = "the size is not a power of two";
	else if (index == VFU_REGION_CONFIG && ri->size > 4096)
		*what = "configuration space of more than 4096 bytes";
	return *what != NULL ? -EPROTO : 0;
}

/* Fills r and takes the fd, if it can be mapped safely; else the region is used by messages. */
static int
region_fill(const struct vfu_region_info *ri, const uint8_t *caps, struct user_call *call,
	    struct vfio_region *r, const char **what)
{
	bool mappable = ri->flags & VFU_REGION_F_MMAP && call->fds.n == 1;
	int rc;

	r->info.size = ri->size;
	r->info.flags = ri->flags & (STEER_VFIO_REGION_F_READ | STEER_VFIO_REGION_F_WRITE);
	rc = vfio_region_caps(ri->flags & VFU_REGION_F_CAPS ? ri->cap_offset : 0, caps,
			      call->data_len, &r->info);
	*what = "bad capability list";
	if (rc < 0)
		return rc;
	if (rc == 0 && mappable)
		vfio_region_whole(&r->info);
	*what = "bad mappable areas";
	if (!vfio_region_areas_valid(&r->info))
		return -EPROTO;
	if (!mappable || r->info.nr_areas == 0 || !file_sealed(call->fds.fd[0])) {
		r->info.nr_areas = 0;
		return 0;
	}
	*what = "the file is smaller than the mappable areas";
	if (!file_covers(call->fds.fd[0], ri->offset, &r->info))
		return -EPROTO;
	r->info.flags |= STEER_VFIO_REGION_F_MMAP;
	r->fd = call->fds.fd[0];
	r->fd_offset = ri->offset;
	call->fds.fd[0] = -1;
	return 0;
}

int
user_region_query(struct steer_vfio_dev *dev, uint32_t index, struct vfio_region *r)
{
	struct vfu_region_info req = {
		.argsz = sizeof(req) + REGION_CAPS_MAX,
		.index = index,
	};
	struct vfu_region_info rsp = {0};
	uint8_t caps[REGION_CAPS_MAX];
	struct user_call call = {
		.cmd = VFU_DEVICE_GET_REGION_INFO,
		.req = &req,
		.req_len = sizeof(req),
		.rsp = &rsp,
		.rsp_len = sizeof(rsp),
		.data = caps,
		.data_cap = sizeof(caps),
		.max_fds = 1,
	};
	const char *what;
	int rc = user_exchange(user_dev(dev), &call);

	if (rc < 0)
		return user_fail(user_dev(dev), &call, rc, "region %u: info", index);
	rc = info_check(&rsp, index, &what);
	if (rc == 0)
		rc = region_fill(&rsp, caps, &call, r, &what);
	user_fds_close(&call.fds);
	if (rc < 0)
		return vfio_fail(dev, rc, "region %u: info: %s", index, what);
	return 0;
}

static uint32_t
piece(const struct user_dev *u, size_t left)
{
	uint32_t max = u->caps.max_data_xfer < USER_MAX_DATA_XFER ? u->caps.max_data_xfer
								  : USER_MAX_DATA_XFER;

	return left < max ? (uint32_t)left : max;
}

/* One REGION_READ into in, or REGION_WRITE from out; the other one is NULL. A write that nobody
 * answers costs no round trip. */
static int
access_one(struct user_dev *u, uint32_t index, uint64_t offset, uint32_t count, void *in,
	   const void *out, bool answered)
{
	const struct vfu_region_access req = {.offset = offset, .region = index, .count = count};
	const char *what = in != NULL ? "read" : "write";
	struct vfu_region_access rsp = {0};
	struct user_call call = {
		.cmd = in != NULL ? VFU_REGION_READ : VFU_REGION_WRITE,
		.req = &req,
		.req_len = sizeof(req),
		.req_data = out,
		.req_data_len = out != NULL ? count : 0,
		.rsp = &rsp,
		.rsp_len = sizeof(rsp),
		.data = in,
		.data_cap = in != NULL ? count : 0,
		.no_reply = !answered,
	};
	int rc = user_exchange(u, &call);

	if (rc < 0)
		return user_fail(u, &call, rc, "region %u: %s of %u bytes at 0x%llx", index, what,
				 count, (ull)offset);
	if (answered && (call.data_len != call.data_cap || memcmp(&rsp, &req, sizeof(req)) != 0))
		return vfio_fail(&u->base, -EPROTO,
				 "region %u: %s of %u bytes at 0x%llx: the reply is about "
				 "other bytes",
				 index, what, count, (ull)offset);
	return 0;
}

int
user_region_read(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, void *buf, size_t len)
{
	size_t done = 0;
	int rc = 0;

	while (rc == 0 && done < len) {
		uint32_t n = piece(user_dev(dev), len - done);

		rc = access_one(user_dev(dev), index, offset + done, n, (char *)buf + done, NULL,
				true);
		done += n;
	}
	return rc;
}

static int
write_pieces(struct user_dev *u, uint32_t index, uint64_t offset, const char *buf, size_t len,
	     bool answered)
{
	size_t done = 0;
	int rc = 0;

	while (rc == 0 && done < len) {
		uint32_t n = piece(u, len - done);

		rc = access_one(u, index, offset + done, n, NULL, buf + done, answered);
		done += n;
	}
	return rc;
}

int
user_region_write(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, const void *buf,
		  size_t len)
{
	return write_pieces(user_dev(dev), index, offset, buf, len, true);
}

int
user_region_post(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, const void *buf,
		 size_t len)
{
	return write_pieces(user_dev(dev), index, offset, buf, len, false);
}
