/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vio.h"
#include "wire.h"
#include "worker.h"

/* It can neither shrink nor grow, so that no peer can make the other fault on it. */
int
vio_memfd(const char *name, uint64_t off, size_t size, void **ptr)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	*ptr = MAP_FAILED;
	if (ftruncate(fd, (off_t)(off + size)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		*ptr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)off);
	if (*ptr == MAP_FAILED) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

static uint64_t
offered_features(const struct nic_opts *o)
{
	uint64_t f = VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_PLATFORM) | VIO_BIT(VIO_F_MTU) |
		     VIO_BIT(VIO_F_MAC) | VIO_BIT(VIO_F_STATUS) | VIO_BIT(VIO_F_SPEED_DUPLEX) |
		     VIO_BIT(VIO_F_INDIRECT) | VIO_BIT(VIO_F_IN_ORDER) | VIO_BIT(VIO_F_RING_RESET);

	if (o->packed)
		f |= VIO_BIT(VIO_F_RING_PACKED);
	if (!o->no_mrg)
		f |= VIO_BIT(VIO_F_MRG_RXBUF);
	if (o->no_ctrl)
		return f;
	f |= VIO_BIT(VIO_F_CTRL_VQ) | VIO_BIT(VIO_F_CTRL_RX) | VIO_BIT(VIO_F_CTRL_VLAN) |
	     VIO_BIT(VIO_F_CTRL_MAC) | VIO_BIT(VIO_F_MQ);
	if (!o->no_rss)
		f |= VIO_BIT(VIO_F_RSS);
	return f;
}

static int
queues_create(struct vio *vio)
{
	size_t bytes;
	uint16_t i;

	vio->nr_queues = 2 * vio->pairs + 1;
	bytes = vio->nr_queues * sizeof(struct vq);
	vio->vqs = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_CACHE_LINE_ROUNDUP(bytes));
	vio->st_regs = calloc(vio->nr_queues, sizeof(*vio->st_regs));
	if (!vio->vqs)
		return -ENOMEM;
	memset(vio->vqs, 0, bytes);
	if (!vio->st_regs)
		return -ENOMEM;
	for (i = 0; i < vio->nr_queues; i++) {
		struct vq *q = &vio->vqs[i];

		q->nic = vio->nic;
		q->index = i;
		q->max_size = vio->opts->ring_size;
		vq_reset(q);
		if (!vio->opts->packed)
			continue;
		q->slots = calloc(q->max_size, sizeof(*q->slots));
		if (!q->slots)
			return -ENOMEM;
	}
	return 0;
}

static int
lock_create(struct vio *vio)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&vio->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return 0;
}

int
vio_create(struct nic *nic, struct vio **out)
{
	struct vio *vio = calloc(1, sizeof(*vio));
	void *page;
	int ret;

	if (!vio)
		return -ENOMEM;
	vio->nic = nic;
	vio->opts = nic_options(nic);
	vio->pairs = vio->opts->pairs;
	vio->notify_fd = -1;
	lock_create(vio);
	vio->offered = offered_features(vio->opts);
	ret = queues_create(vio);
	if (ret < 0)
		goto fail;
	ret = vio_memfd("vfu-nic-doorbells", VIO_NOTIFY_OFF, VIO_NOTIFY_LEN, &page);
	if (ret < 0)
		goto fail;
	vio->notify_fd = ret;
	vio->notify = page;
	vio_devcfg_init(vio);
	ret = model_create(vio);
	if (ret < 0)
		goto fail;
	vio_soft_reset(vio);
	ret = wire_open(vio);
	if (ret < 0)
		goto fail;
	vio_telemetry_init(vio);
	*out = vio;
	return 0;

fail:
	vio_destroy(vio);
	return ret;
}

static void
queues_free(struct vio *vio)
{
	uint16_t i;

	for (i = 0; vio->vqs && i < vio->nr_queues; i++)
		free(vio->vqs[i].slots);
	free(vio->vqs);
	free(vio->st_regs);
}

void
vio_destroy(struct vio *vio)
{
	if (!vio)
		return;
	vio_stop(vio);
	vio_telemetry_fini(vio);
	wire_close(vio);
	model_destroy(vio);
	if (vio->notify_fd >= 0) {
		munmap(vio->notify, VIO_NOTIFY_LEN);
		close(vio->notify_fd);
	}
	queues_free(vio);
	pthread_mutex_destroy(&vio->lock);
	free(vio);
}

void
vio_pause(struct vio *vio)
{
	pthread_mutex_lock(&vio->lock);
	if (vio->pause_depth++ > 0)
		return;
	__atomic_store_n(&vio->pause, 1, __ATOMIC_SEQ_CST);
	workers_wait_parked(vio);
}

void
vio_resume(struct vio *vio)
{
	if (--vio->pause_depth == 0)
		__atomic_store_n(&vio->pause, 0, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&vio->lock);
}

void
vio_reset(struct vio *vio)
{
	model_end(vio);
	stamps_set(vio, false);
	memset(vio->st_regs, 0, vio->nr_queues * sizeof(*vio->st_regs));
	vio_soft_reset(vio);
}

void
vio_client_gone(struct vio *vio)
{
	vio_reset(vio);
	if (vio->wire->ops->rewind)
		vio->wire->ops->rewind(vio->wire);
}

void
vio_dma_changed(struct vio *vio)
{
	uint16_t i;

	for (i = 0; i < vio->nr_queues; i++) {
		struct vq *q = &vio->vqs[i];

		vq_flush(q);
		if (q->live && vq_remap(q) < 0)
			vio_needs_reset(vio, q);
	}
}

int
vio_start(struct vio *vio)
{
	int ret;

	vio->stop = 0;
	vio->started = true;
	ret = workers_start(vio);
	if (ret < 0)
		return ret;
	vio->ctrl_run = 1;
	ret = -pthread_create(&vio->ctrl_thread, NULL, vio_ctrl_main, vio);
	if (ret < 0)
		vio->ctrl_run = 0;
	return ret;
}

void
vio_stop(struct vio *vio)
{
	if (!vio->started)
		return;
	vio->started = false;
	if (vio->ctrl_run) {
		__atomic_store_n(&vio->ctrl_run, 0, __ATOMIC_RELEASE);
		pthread_join(vio->ctrl_thread, NULL);
	}
	workers_stop(vio);
}

void
vio_report(const struct vio *vio)
{
	if (vio->wire && vio->wire->ops->report)
		vio->wire->ops->report(vio->wire, stdout);
}
