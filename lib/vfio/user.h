/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Inside the vfio-user transport.
 *
 * One reader thread per device owns receiving. A caller puts its struct user_call on the list,
 * sends the command under send_lock and sleeps until the reader has filled the reply in. Anything
 * that breaks the stream (hang-up, a malformed or unexpected message, a reply that does not come in
 * time) ends the connection for good: user_break() marks the device gone and wakes every caller.
 */

#ifndef VFIO_USER_H
#define VFIO_USER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include <time.h>

#include "user_proto.h"
#include "vfio_ops.h"

/* What this side announces in VERSION. */
#define USER_MAX_MSG_FDS   VFU_LIM_MSG_FDS
#define USER_MAX_DATA_XFER VFU_DEF_MAX_DATA_XFER
/* Longest VERSION text accepted. */
#define USER_VERSION_MAX   4096u

/* The peer's VERSION capabilities, in range. */
struct user_caps {
	uint32_t max_msg_fds;
	uint32_t max_data_xfer;
	uint32_t max_dma_maps;
	uint64_t pgsizes;
	int tph_feature; /* or -ENOENT */
	int tsm_feature; /* the same; never without the key in our own text. -EPROTO: there is one,
			  * and nobody says where */
};

/* File descriptors that came with a message; whoever takes one leaves -1. */
struct user_fds {
	unsigned int n;
	int fd[VFU_LIM_MSG_FDS];
};

/* One command and its reply; lives on the caller's stack. */
struct user_call {
	/* Command: payload is req, then req_data. */
	uint16_t cmd;
	const void *req;
	size_t req_len;
	const void *req_data;
	size_t req_data_len;
	const int *req_fds;
	unsigned int nr_req_fds;
	unsigned int timeout_ms; /* 0: the device's */

	/* Reply: exactly rsp_len bytes to rsp, then up to data_cap bytes to data. */
	void *rsp;
	size_t rsp_len;
	void *data;
	size_t data_cap;
	size_t data_len; /* out */
	unsigned int max_fds;
	struct user_fds fds; /* out */

	bool no_reply; /* sent is done */

	/* Of the exchange, under user_dev.lock. */
	uint16_t id;
	bool busy; /* the reader is writing into the buffers above */
	bool done;
	int rc;
	char why[96];
	struct user_call *next;
};

struct user_dev {
	struct steer_vfio_dev base; /* first */
	int sock;
	unsigned int timeout_ms;
	unsigned int reset_timeout_ms;
	bool ask_tsm;
	struct user_caps caps;

	pthread_t reader;
	bool reader_runs;

	pthread_mutex_t send_lock;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t cond;
	struct user_call *calls;
	uint16_t next_id;
	bool closing;
	bool broken;
	char why[96];
};

static inline struct user_dev *
user_dev(struct steer_vfio_dev *dev)
{
	return (struct user_dev *)dev;
}

/* user_sock.c: framing. deadline is on CLOCK_MONOTONIC. */
struct timespec user_deadline(unsigned int ms);
/*
 * Send all of iov (which is used up), the fds with its first byte.
 * started tells after a failure whether the peer got a part, which breaks the stream.
 */
int user_send(int sock, struct iovec *iov, unsigned int iovcnt, const int *fds, unsigned int nr_fds,
	      const struct timespec *deadline, bool *started);
/*
 * Receive exactly len bytes, collecting fds.
 * @return 1, 0 on end of stream before the first byte, -EPROTO, or what recvmsg failed with.
 */
int user_recv(int sock, void *buf, size_t len, struct user_fds *fds);
/* Same, and drop them. */
int user_skip(int sock, size_t len, struct user_fds *fds);
void user_fds_close(struct user_fds *fds);

/* user_call.c: one command and its reply. @return 0 or negative errno with call->why set. */
int user_exchange(struct user_dev *u, struct user_call *call);
/* Error text "NAME: step: why". Returns rc. */
int user_fail(const struct user_dev *u, const struct user_call *call, int rc, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The stream is no longer to be trusted: end it, wake every caller with rc. */
void user_break(struct user_dev *u, int rc, const char *why);

/* user_reader.c */
int user_reader_start(struct user_dev *u);
void user_reader_stop(struct user_dev *u);

/* user_version.c */
int user_negotiate(struct user_dev *u);
/* Parse the text after struct vfu_version (len may be 0). @return 0 or -EPROTO with why set. */
int user_caps_parse(const char *text, size_t len, struct user_caps *caps, char *why, size_t whylen);

/* user_open.c: on an already connected socket, which is owned from here on, also on failure. */
int user_open_fd(const struct steer_vfio_open_args *args, int sock, struct steer_vfio_dev **dev);

/* The operations. */
int user_device_info(struct user_dev *u);
int user_region_query(struct steer_vfio_dev *dev, uint32_t index, struct vfio_region *r);
int user_region_read(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, void *buf,
		     size_t len);
int user_region_write(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, const void *buf,
		      size_t len);
int user_region_post(struct steer_vfio_dev *dev, uint32_t index, uint64_t offset, const void *buf,
		     size_t len);
int user_region_io_fds(struct steer_vfio_dev *dev, uint32_t index, uint64_t region_size,
		       struct steer_vfio_io_fd *fds, unsigned int max);
int user_irq_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_irq *info);
int user_irqs_set(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count,
		  const int *eventfds);
int user_irqs_disable(struct steer_vfio_dev *dev, uint32_t index);
int user_irqs_trigger(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count);
int user_dma_map(struct steer_vfio_dev *dev, const struct steer_vfio_dma *map);
int user_dma_unmap(struct steer_vfio_dev *dev, uint64_t iova, uint64_t size);
int user_dma_unmap_all(struct steer_vfio_dev *dev);
int user_reset(struct steer_vfio_dev *dev);
int user_feature(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len);
int user_feature_timed(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len,
		       unsigned int timeout_ms);

#endif /* VFIO_USER_H */
