/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "user.h"

static void
user_free(struct user_dev *u)
{
	user_reader_stop(u);
	close(u->sock);
	vfio_dev_fini(&u->base);
	pthread_mutex_destroy(&u->send_lock);
	pthread_mutex_destroy(&u->lock);
	pthread_cond_destroy(&u->cond);
	free(u);
}

/* What is mapped goes first, so that the device has let go of the memory when close returns. */
static void
user_close(struct steer_vfio_dev *dev)
{
	struct user_dev *u = user_dev(dev);

	if (dev->nr_dma > 0 && !steer_vfio_is_gone(dev))
		(void)user_dma_unmap_all(dev);
	user_free(u);
}

static const struct steer_vfio_ops user_ops = {
	.close = user_close,
	.region_query = user_region_query,
	.region_read = user_region_read,
	.region_write = user_region_write,
	.region_post = user_region_post,
	.region_io_fds = user_region_io_fds,
	.irq_info = user_irq_info,
	.irqs_set = user_irqs_set,
	.irqs_disable = user_irqs_disable,
	.irqs_trigger = user_irqs_trigger,
	.dma_map = user_dma_map,
	.dma_unmap = user_dma_unmap,
	.dma_unmap_all = user_dma_unmap_all,
	.reset = user_reset,
	.feature = user_feature,
	.feature_timed = user_feature_timed,
};

static void
sync_init(struct user_dev *u)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&u->cond, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&u->send_lock, NULL);
	pthread_mutex_init(&u->lock, NULL);
}

static int
user_start(struct user_dev *u)
{
	int rc = user_reader_start(u);

	if (rc == 0)
		rc = user_negotiate(u);
	if (rc == 0)
		rc = user_device_info(u);
	if (rc == 0)
		rc = vfio_regions_init(&u->base);
	return rc;
}

int
user_open_fd(const struct steer_vfio_open_args *args, int sock, struct steer_vfio_dev **dev)
{
	struct user_dev *u = calloc(1, sizeof(*u));
	int rc;

	if (u == NULL) {
		close(sock);
		return vfio_fail_name(args->name, -ENOMEM, "open: out of memory");
	}
	rc = vfio_dev_init(&u->base, &user_ops, args->name);
	if (rc < 0) {
		close(sock);
		free(u);
		return rc;
	}
	u->base.dma_needs_fd = 1;
	u->sock = sock;
	u->timeout_ms = args->timeout_ms;
	u->reset_timeout_ms = args->reset_timeout_ms;
	u->ask_tsm = args->tsm != 0;
	sync_init(u);
	rc = user_start(u);
	if (rc < 0) {
		user_free(u);
		return rc;
	}
	*dev = &u->base;
	return 0;
}

static const char *
connect_cure(int err)
{
	switch (err) {
	case ENOENT: return "; start the server (vfu-nic --sock=PATH) first";
	case ECONNREFUSED: return "; nothing listens there, start the server first";
	case EACCES: return "; only the server's user may use it, run as that user";
	case EAGAIN: return "; the server is busy with another client";
	default: return "";
	}
}

static int
user_connect(const struct steer_vfio_open_args *args)
{
	const struct timeval tv = {
		.tv_sec = args->timeout_ms / 1000,
		.tv_usec = args->timeout_ms % 1000 * 1000,
	};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int sock, err;

	if (strlen(args->sock) >= sizeof(sa.sun_path))
		return vfio_fail_name(args->name, -ENAMETOOLONG,
				      "open: sock=%.40s...: longer than %zu characters; "
				      "use a shorter path",
				      args->sock, sizeof(sa.sun_path) - 1);
	strcpy(sa.sun_path, args->sock);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return vfio_fail_name(args->name, -errno, "open: socket: %s", strerror(errno));
	/* Bounds connect(), which waits for room in the listener's queue; sends never block. */
	(void)setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (connect(sock, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return sock;
	err = errno;
	close(sock);
	return vfio_fail_name(args->name, err == EAGAIN ? -ETIMEDOUT : -err, "open: sock=%s: %s%s",
			      args->sock, strerror(err), connect_cure(err));
}

int
user_open(const struct steer_vfio_open_args *args, struct steer_vfio_dev **dev)
{
	int sock = user_connect(args);

	return sock < 0 ? sock : user_open_fd(args, sock, dev);
}
