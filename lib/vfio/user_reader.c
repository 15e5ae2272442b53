/* SPDX-License-Identifier: BSD-3-Clause */

/* The reader thread: replies to their callers, the server's own commands answered. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "user.h"

/* Why the reader stopped: rc goes to the callers, text to the user. */
struct verdict {
	int rc;
	char text[96];
};

static int
broken(struct verdict *v, const char *text)
{
	v->rc = -EPROTO;
	snprintf(v->text, sizeof(v->text), "protocol error: %s", text);
	return -1;
}

static int
received(int rc, struct verdict *v)
{
	if (rc == 1)
		return 0;
	if (rc == -EPROTO)
		return broken(v, "too many file descriptors");
	v->rc = -ENODEV;
	snprintf(v->text, sizeof(v->text), "the server closed the connection");
	return -1;
}

static int
receive(struct user_dev *u, void *buf, size_t len, struct user_fds *fds, struct verdict *v)
{
	return len > 0 ? received(user_recv(u->sock, buf, len, fds), v) : 0;
}

/* The call waiting for this reply, marked busy; NULL when nobody does. */
static struct user_call *
call_claim(struct user_dev *u, uint16_t id)
{
	struct user_call *c;

	pthread_mutex_lock(&u->lock);
	for (c = u->calls; c != NULL; c = c->next) {
		if (c->id == id && !c->done)
			break;
	}
	if (c != NULL)
		c->busy = true;
	pthread_mutex_unlock(&u->lock);
	return c;
}

static void
call_release(struct user_dev *u, struct user_call *c, int done, int rc)
{
	pthread_mutex_lock(&u->lock);
	c->busy = false;
	/* A caller whose time was up has its result already. */
	if (done && !c->done) {
		c->done = true;
		c->rc = rc;
		if (rc < 0)
			snprintf(c->why, sizeof(c->why), "refused by the device: %s",
				 strerror(-rc));
	}
	pthread_cond_broadcast(&u->cond);
	pthread_mutex_unlock(&u->lock);
}

static int
error_of(const struct vfu_hdr *h)
{
	if (!(h->flags & VFU_F_ERROR))
		return 0;
	return h->error >= 1 && h->error <= 4095 ? -(int)h->error : -EINVAL;
}

/* Everything up to the payload; an error reply may be the header alone. */
static int
reply_check(const struct user_call *c, const struct vfu_hdr *h, size_t len, struct verdict *v)
{
	if (h->cmd != c->cmd)
		return broken(v, "a reply to another command");
	if (len > c->rsp_len + c->data_cap)
		return broken(v, "a reply that is too long");
	if (!(h->flags & VFU_F_ERROR) && len < c->rsp_len)
		return broken(v, "a reply that is too short");
	return 0;
}

static int
reply_body(struct user_dev *u, struct user_call *c, const struct vfu_hdr *h, struct verdict *v)
{
	size_t len = h->size - sizeof(*h);
	size_t head = len < c->rsp_len ? len : c->rsp_len;

	if (reply_check(c, h, len, v) < 0 || receive(u, c->rsp, head, &c->fds, v) < 0 ||
	    receive(u, c->data, len - head, &c->fds, v) < 0)
		return -1;
	c->data_len = len - head;
	if (c->fds.n > (h->flags & VFU_F_ERROR ? 0 : c->max_fds))
		return broken(v, "file descriptors that nobody asked for");
	return 0;
}

static int
take_reply(struct user_dev *u, const struct vfu_hdr *h, struct user_fds *fds, struct verdict *v)
{
	struct user_call *c = call_claim(u, h->id);
	int rc;

	if (c == NULL)
		return broken(v, "a reply that nobody waits for");
	c->fds = *fds;
	fds->n = 0;
	rc = reply_body(u, c, h, v);
	call_release(u, c, rc == 0, error_of(h));
	/* After a failure the caller sleeps on until user_break(), and then closes c->fds. */
	return rc;
}

static int
answer_error(struct user_dev *u, const struct vfu_hdr *cmd, uint32_t error, struct verdict *v)
{
	struct vfu_hdr h = {
		.id = cmd->id,
		.cmd = cmd->cmd,
		.size = sizeof(h),
		.flags = VFU_F_TYPE_REPLY | VFU_F_ERROR,
		.error = error,
	};
	struct iovec iov = {.iov_base = &h, .iov_len = sizeof(h)};
	struct timespec deadline = user_deadline(u->timeout_ms);
	bool started;
	int rc;

	pthread_mutex_lock(&u->send_lock);
	rc = user_send(u->sock, &iov, 1, NULL, 0, &deadline, &started);
	pthread_mutex_unlock(&u->send_lock);
	if (rc == 0)
		return 0;
	v->rc = -ENODEV;
	snprintf(v->text, sizeof(v->text), "the server does not take replies");
	return -1;
}

/*
 * Memory reaches the device as file descriptors only, so DMA by message is refused, like commands
 * that are unknown here. The payload is dropped unread.
 */
static int
take_command(struct user_dev *u, const struct vfu_hdr *h, struct user_fds *fds, struct verdict *v)
{
	bool dma = h->cmd == VFU_DMA_READ || h->cmd == VFU_DMA_WRITE;

	if (h->size - sizeof(*h) > sizeof(struct vfu_dma_access) + USER_MAX_DATA_XFER)
		return broken(v, "a command that is too long");
	if (received(user_skip(u->sock, h->size - sizeof(*h), fds), v) < 0)
		return -1;
	user_fds_close(fds);
	if (h->flags & VFU_F_NO_REPLY)
		return 0;
	return answer_error(u, h, dma ? ENOTSUP : EINVAL, v);
}

static int
take_message(struct user_dev *u, struct user_fds *fds, struct verdict *v)
{
	struct vfu_hdr h;

	if (receive(u, &h, sizeof(h), fds, v) < 0)
		return -1;
	if (h.size < sizeof(h))
		return broken(v, "a message shorter than its header");
	switch (h.flags & VFU_F_TYPE_MASK) {
	case VFU_F_TYPE_REPLY: return take_reply(u, &h, fds, v);
	case VFU_F_TYPE_CMD: return take_command(u, &h, fds, v);
	default: return broken(v, "a message of unknown type");
	}
}

static void *
reader_main(void *arg)
{
	struct user_dev *u = arg;
	struct user_fds fds = {0};
	struct verdict v = {0};

	while (take_message(u, &fds, &v) == 0)
		user_fds_close(&fds);
	user_fds_close(&fds);
	user_break(u, v.rc, v.text);
	return NULL;
}

int
user_reader_start(struct user_dev *u)
{
	sigset_t all, old;
	int rc;

	/* Signals are the application's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&u->reader, NULL, reader_main, u);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return vfio_fail(&u->base, -rc, "open: reader thread: %s", strerror(rc));
	u->reader_runs = true;
	(void)pthread_setname_np(u->reader, "steer-vfio");
	return 0;
}

void
user_reader_stop(struct user_dev *u)
{
	if (!u->reader_runs)
		return;
	pthread_mutex_lock(&u->lock);
	u->closing = true;
	pthread_mutex_unlock(&u->lock);
	shutdown(u->sock, SHUT_RDWR);
	pthread_join(u->reader, NULL);
	u->reader_runs = false;
}
