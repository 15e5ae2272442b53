/* SPDX-License-Identifier: BSD-3-Clause */

/* The caller's side of a command. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "user.h"

static void
call_finish(struct user_call *call, int rc, const char *why)
{
	if (call->done)
		return;
	call->done = true;
	call->rc = rc;
	snprintf(call->why, sizeof(call->why), "%s", why);
}

void
user_break(struct user_dev *u, int rc, const char *why)
{
	struct user_call *c;

	pthread_mutex_lock(&u->lock);
	if (!u->broken) {
		u->broken = true;
		snprintf(u->why, sizeof(u->why), "%s", why);
		/* The reader may be inside recvmsg, a sender inside poll: both return at once. */
		shutdown(u->sock, SHUT_RDWR);
		if (!u->closing)
			vfio_dev_gone(&u->base, why);
		for (c = u->calls; c != NULL; c = c->next)
			call_finish(c, rc, why);
		pthread_cond_broadcast(&u->cond);
	}
	pthread_mutex_unlock(&u->lock);
}

static bool
id_in_use(const struct user_dev *u, uint16_t id)
{
	const struct user_call *c;

	for (c = u->calls; c != NULL; c = c->next) {
		if (c->id == id)
			return true;
	}
	return false;
}

static int
call_begin(struct user_dev *u, struct user_call *call)
{
	int rc = 0;

	call->fds.n = 0;
	call->data_len = 0;
	call->busy = false;
	call->done = false;
	call->rc = 0;
	call->why[0] = '\0';
	pthread_mutex_lock(&u->lock);
	if (u->broken) {
		snprintf(call->why, sizeof(call->why), "device is gone (%.70s)", u->why);
		rc = -ENODEV;
	} else {
		while (id_in_use(u, u->next_id))
			u->next_id++;
		call->id = u->next_id++;
		call->next = u->calls;
		u->calls = call;
	}
	pthread_mutex_unlock(&u->lock);
	return rc;
}

static void
call_fail(struct user_dev *u, struct user_call *call, int rc, const char *why)
{
	pthread_mutex_lock(&u->lock);
	call_finish(call, rc, why);
	pthread_mutex_unlock(&u->lock);
}

static void
call_send(struct user_dev *u, struct user_call *call, const struct timespec *deadline)
{
	struct vfu_hdr hdr = {
		.id = call->id,
		.cmd = call->cmd,
		.size = (uint32_t)(sizeof(hdr) + call->req_len + call->req_data_len),
		.flags = VFU_F_TYPE_CMD | (call->no_reply ? VFU_F_NO_REPLY : 0),
	};
	struct iovec iov[3] = {
		{.iov_base = &hdr, .iov_len = sizeof(hdr)},
		{.iov_base = (void *)(uintptr_t)call->req, .iov_len = call->req_len},
		{.iov_base = (void *)(uintptr_t)call->req_data, .iov_len = call->req_data_len},
	};
	bool started;
	int rc;

	pthread_mutex_lock(&u->send_lock);
	rc = user_send(u->sock, iov, 3, call->req_fds, call->nr_req_fds, deadline, &started);
	pthread_mutex_unlock(&u->send_lock);
	if (rc == -EPIPE || rc == -ECONNRESET)
		user_break(u, -ENODEV, "the server closed the connection");
	else if (rc < 0)
		call_fail(u, call, rc, rc == -ETIMEDOUT ? "not taken in time" : strerror(-rc));
	/* Before its first byte nothing is lost (no such fd, too many in flight): only this call
	 * fails.
	 */
	if (rc == -ETIMEDOUT || (rc < 0 && started))
		user_break(u, -ENODEV, "the server does not take commands");
}

/* Wait for the end of the exchange; the reader never touches call after this. */
static void
call_wait(struct user_dev *u, struct user_call *call, const struct timespec *deadline)
{
	int late = 0;

	pthread_mutex_lock(&u->lock);
	while (!call->done && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&u->cond, &u->lock, deadline);
	if (!call->done) {
		call_finish(call, -ETIMEDOUT, "no reply in time");
		pthread_mutex_unlock(&u->lock);
		user_break(u, -ENODEV, "a reply did not come in time");
		pthread_mutex_lock(&u->lock);
	}
	while (call->busy)
		pthread_cond_wait(&u->cond, &u->lock);
	pthread_mutex_unlock(&u->lock);
}

static void
call_end(struct user_dev *u, struct user_call *call)
{
	struct user_call **p;

	pthread_mutex_lock(&u->lock);
	for (p = &u->calls; *p != NULL; p = &(*p)->next) {
		if (*p == call) {
			*p = call->next;
			break;
		}
	}
	pthread_mutex_unlock(&u->lock);
}

int
user_exchange(struct user_dev *u, struct user_call *call)
{
	struct timespec deadline;
	int rc = call_begin(u, call);

	if (rc < 0)
		return rc;
	deadline = user_deadline(call->timeout_ms != 0 ? call->timeout_ms : u->timeout_ms);
	call_send(u, call, &deadline);
	if (!call->no_reply)
		call_wait(u, call, &deadline);
	call_end(u, call);
	if (call->rc < 0)
		user_fds_close(&call->fds);
	return call->rc;
}

int
user_fail(const struct user_dev *u, const struct user_call *call, int rc, const char *fmt, ...)
{
	char step[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(step, sizeof(step), fmt, ap);
	va_end(ap);
	return vfio_fail(&u->base, rc, "%s: %s", step, call->why);
}
