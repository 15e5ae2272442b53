/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Signalling a client's eventfd without ever blocking on it.
 *
 * The descriptor is the client's open file: O_NONBLOCK is its to set and to clear, it can fill the
 * counter between a poll and a write, and eventfds take neither RWF_NOWAIT nor a second open file
 * by /proc/self/fd. So nothing is written at all: an empty read of a file of our own is submitted
 * as Linux AIO with IOCB_FLAG_RESFD, and the kernel signals the eventfd when that is done, which it
 * is at once. That is the kernel's eventfd_signal(), the one of its own interrupts: it adds up to
 * the highest count and never waits.
 */

#include <errno.h>
#include <linux/aio_abi.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "nic_priv.h"

/* Completions that may wait to be taken: they are, by the thread that finds no room. */
#define EVENTS 64

int
nic_events_init(struct nic_events *e)
{
	aio_context_t ctx = 0;

	e->ctx = 0;
	e->file = memfd_create("vfu-nic-events", MFD_CLOEXEC);
	if (e->file < 0 || syscall(SYS_io_setup, EVENTS, &ctx) < 0)
		return -errno;
	e->ctx = ctx;
	return 0;
}

void
nic_events_fini(struct nic_events *e)
{
	if (e->ctx != 0)
		syscall(SYS_io_destroy, e->ctx);
	if (e->file >= 0)
		close(e->file);
}

void
nic_event_signal(const struct nic_events *e, int fd)
{
	struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)e->file,
		.aio_flags = IOCB_FLAG_RESFD,
		.aio_resfd = (uint32_t)fd,
	};
	struct iocb *list = &cb;
	struct io_event done[EVENTS];
	struct timespec now = {0};

	/* EAGAIN: no room for the completion, so nothing was signalled. Others may take the room.
	 */
	while (syscall(SYS_io_submit, e->ctx, 1L, &list) < 0 && errno == EAGAIN)
		syscall(SYS_io_getevents, e->ctx, 0L, (long)EVENTS, done, &now);
}
