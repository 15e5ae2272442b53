/* SPDX-License-Identifier: BSD-3-Clause */

/* Where the calls arrive, are noted, and may be made to fail. */

#include "fake_iommufd.h"

struct fake_iommufd fi;

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

void
fi_wrong(const char *fmt, ...)
{
	va_list ap;

	if (fi.wrong[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(fi.wrong, sizeof(fi.wrong), fmt, ap);
	va_end(ap);
}

uint32_t
fi_u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static const uint8_t *
pointer(const uint8_t *p)
{
	return (const uint8_t *)(uintptr_t)(fi_u32(p) | (uint64_t)fi_u32(p + 4) << 32);
}

int
fi_setup(void **state)
{
	memset(&fi, 0, sizeof(fi));
	fi.arch = 1;
	fi.object_size[0] = 60;
	fi.object_size[1] = 300;
	fi.object_size[2] = 120;
	fi.object_size[3] = 84;
	fi_objects_reset();
	return 0;
}

const char *
fi_left(void)
{
	static char text[300];

	snprintf(text, sizeof(text),
		 "%u objects, attached %d, bound %d, TDISP state %u, DMA %d; wrong: %s",
		 fi.nr_objects, fi.attached, fi.bound, fi.state, fi.dma,
		 fi.wrong[0] != '\0' ? fi.wrong : "nothing");
	if (fi.nr_objects == 0 && !fi.attached && !fi.bound && fi.state == 0 && fi.wrong[0] == '\0')
		return NULL;
	return text;
}

unsigned int
fi_count(unsigned long request)
{
	unsigned int i, n = 0;

	for (i = 0; i < fi.nr_calls; i++)
		n += fi.calls[i].request == request;
	return n;
}

/* Nonces are behind a payload of 24 bytes, at 16: measurements in every published form. */
static void
note_nonce(struct fi_call *c)
{
	bool scope = fi.abi == FI_V5;
	const uint8_t *nonce;

	if (fi.arch != 1 || c->req_len != 24 ||
	    (scope ? fi_u32(c->req) != 4 : fi_u32(c->arg + 8) != (fi.abi == FI_V7 ? 6u : 2u)))
		return;
	nonce = pointer(c->req + 16);
	if (nonce == NULL)
		return;
	memcpy(c->nonce, nonce, sizeof(c->nonce));
	c->has_nonce = true;
}

static void
note_payload(struct fi_call *c)
{
	const uint8_t *from = NULL;

	if (c->request == 0x3b96 && c->size == 40) {
		c->req_len = fi_u32(c->arg + 12);
		from = pointer(c->arg + 24);
	} else if (c->request == 0x3b96 && c->size == 48) {
		c->req_len = fi_u32(c->arg + 16);
		from = pointer(c->arg + 24);
	} else if (c->request == 0x3b89) {
		c->req_len = fi_u32(c->arg + 28);
		from = pointer(c->arg + 32);
	}
	if (c->req_len == 0)
		return;
	assert_non_null(from);
	assert_in_range(c->req_len, 1, sizeof(c->req));
	memcpy(c->req, from, c->req_len);
	if (c->request == 0x3b96)
		note_nonce(c);
}

static struct fi_call *
note(int fd, unsigned long request, const uint8_t *arg)
{
	struct fi_call *c = &fi.calls[fi.nr_calls];

	assert_in_range(fi.nr_calls, 0, FI_CALLS - 1);
	fi.nr_calls++;
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->request = request;
	c->size = fi_u32(arg);
	assert_in_range(c->size, 8, sizeof(c->arg));
	memcpy(c->arg, arg, c->size);
	note_payload(c);
	return c;
}

static int
serve(const struct fi_call *c, uint8_t *arg)
{
	if (c->fd != FI_IOMMUFD && c->fd != FI_DEVICE) {
		fi_wrong("ioctl 0x%lx on file %d", c->request, c->fd);
		return -EBADF;
	}
	if (c->request == 0x3b95)
		return fi_tsm_op(arg, c->size);
	if (c->request == 0x3b96)
		return fi_tsm_req(arg, c->size);
	return fi_objects(c->fd, (unsigned int)c->request & 0xff, arg);
}

/* Not ENOENT of a destroy: that would be a lie about an object that is there. */
static bool
fails_by_chance(void)
{
	static const int some[] = {EIO, EBUSY, EFAULT, EINTR, ENOMEM, EINVAL, ENXIO, EPERM};

	fi.random = fi.random * 1664525u + 1013904223u;
	fi.fail_errno = some[fi.random >> 20 & 7];
	fi.fail_after = fi.random >> 24 & 1;
	return fi.random >> 29 == 0;
}

static bool
fails_now(unsigned long request)
{
	unsigned int times = fi.fail_times != 0 ? fi.fail_times : 1;

	if (fi.random != 0)
		return fails_by_chance();
	if (fi.fail_at == 0 || (fi.only != 0 && fi.only != request))
		return false;
	fi.counted++;
	return fi.counted >= fi.fail_at && fi.counted < fi.fail_at + times;
}

/*
 * An allocation, or an attach, whose answer cannot be copied back is undone by the kernel itself
 * (iommufd's abort_and_destroy; vfio_df_ioctl_attach_pt).
 */
static bool
undoes_itself(unsigned long request)
{
	return request == 0x3b81 || request == 0x3b89 || request == 0x3b90 || request == 0x3b91 ||
	       request == 0x3b77;
}

int
__wrap_ioctl(int fd, unsigned long request, void *arg)
{
	const struct fi_call *c = note(fd, request, arg);
	bool fails = fails_now(request);
	int rc = 0;

	if (!fails || (fi.fail_after && !undoes_itself(request)))
		rc = serve(c, arg);
	if (fails) {
		fi.failed = true;
		rc = -fi.fail_errno;
	}
	if (rc >= 0)
		return rc;
	errno = -rc;
	return -1;
}

/* The files are the VMM's. */
int
__wrap_close(int fd)
{
	if (fd >= FI_IOMMUFD && fd <= FI_KVM)
		fi_wrong("file %d was closed", fd);
	return __real_close(fd);
}

int
__wrap_open64(const char *path, int flags, ...)
{
	if (strncmp(path, "/dev/", 5) == 0)
		fi_wrong("%s was opened", path);
	return __real_open64(path, flags, 0);
}
