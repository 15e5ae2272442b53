/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A virtio device of plain memory behind nic.h, for tests of the PCI function alone: what is
 * written to a BAR is read back, and the pause depth is checked.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_vio.h"

#define MODEL_SIZE 0x10000u

struct vio {
	uint8_t bar0[VIO_BAR_SIZE];
	uint8_t model[MODEL_SIZE];
	int fd;
	int paused;
};

struct fake_vio_calls fake_vio_calls;

int
vio_create(struct nic *nic, struct vio **out)
{
	struct vio *v = calloc(1, sizeof(*v));

	assert(v != NULL);
	v->fd = memfd_create("fake-bar0", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert(v->fd >= 0 && ftruncate(v->fd, VIO_BAR_SIZE) == 0);
	assert(fcntl(v->fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
	*out = v;
	return 0;
}

void
vio_destroy(struct vio *v)
{
	assert(v->paused == 0);
	close(v->fd);
	free(v);
}

uint64_t
vio_model_bar_size(const struct vio *v)
{
	return MODEL_SIZE;
}

uint32_t
vio_trace_len(const struct vio *v)
{
	return 0x1000;
}

int
vio_bar_area(const struct vio *v, unsigned int bar, struct vio_area *area)
{
	if (bar != VIO_BAR)
		return 0;
	*area = (struct vio_area){VIO_NOTIFY_OFF, VIO_NOTIFY_LEN, v->fd};
	return 1;
}

static uint8_t *
bar(struct vio *v, unsigned int n, uint64_t off, size_t len)
{
	const uint64_t size = n == VIO_BAR ? VIO_BAR_SIZE : MODEL_SIZE;

	assert(n == VIO_BAR || n == MODEL_BAR);
	assert(v->paused == 0 && off <= size && len <= size - off);
	return (n == VIO_BAR ? v->bar0 : v->model) + off;
}

int
vio_bar_read(struct vio *v, unsigned int n, uint64_t off, void *buf, size_t len)
{
	memcpy(buf, bar(v, n, off, len), len);
	return 0;
}

int
vio_bar_write(struct vio *v, unsigned int n, uint64_t off, const void *buf, size_t len)
{
	memcpy(bar(v, n, off, len), buf, len);
	return 0;
}

void
vio_pause(struct vio *v)
{
	v->paused++;
}

void
vio_resume(struct vio *v)
{
	assert(v->paused > 0);
	v->paused--;
}

void
vio_reset(struct vio *v)
{
	assert(v->paused > 0);
	fake_vio_calls.reset++;
}

void
vio_client_gone(struct vio *v)
{
	assert(v->paused > 0);
	fake_vio_calls.gone++;
}

void
vio_dma_changed(struct vio *v)
{
	assert(v->paused > 0);
	fake_vio_calls.dma_changed++;
}

void
vio_report(const struct vio *v)
{
	assert(v->paused > 0);
}

int
vio_start(struct vio *v)
{
	return 0;
}

void
vio_stop(struct vio *v)
{
}
