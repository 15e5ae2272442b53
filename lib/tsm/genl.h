/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Evidence inside a confidential guest: the generic netlink family "pci-tsm" as it was posted in
 * 2026-03, version 1. One command, EVIDENCE_READ, is a dump of objects; each begins with a message
 * that has its TYPE, and its bytes are the VALs of that message and of those behind it.
 *
 * The client is our own and small: a dump is all that is needed, with a limit of time and of bytes,
 * against a peer that a test plays; libnl would be two libraries more in every process for a third
 * of this code. A socket that is connected to the kernel's address hears nobody else.
 */

#ifndef TSM_GENL_H
#define TSM_GENL_H

#include "steer_tsm_evidence.h"

#define TSM_GENL_NAME    "pci-tsm"
#define TSM_GENL_VERSION 1u

enum tsm_genl_cmd { TSM_GENL_EVIDENCE_READ = 1 };
enum tsm_genl_attr {
	TSM_GENL_TYPE = 1,      /* u32, of the answer */
	TSM_GENL_TYPE_MASK = 2, /* u32 */
	TSM_GENL_FLAGS = 3,     /* u32 */
	TSM_GENL_DEV_NAME = 4,  /* string */
	TSM_GENL_NONCE = 5,     /* at most TSM_GENL_NONCE_MAX bytes; makes evidence anew */
	TSM_GENL_VAL = 6,
};
/* Objects; a bit each in TYPE_MASK. */
enum tsm_genl_type {
	TSM_GENL_CERT0 = 0, /* chain of slot 0; 1..7 are the other slots */
	TSM_GENL_VCA = 8,
	TSM_GENL_MEASUREMENTS = 9,
	TSM_GENL_REPORT = 10,
};
#define TSM_GENL_FLAG_DIGEST 1u /* the TSM's digest instead of the object */
#define TSM_GENL_NONCE_MAX   256u

struct tsm_genl {
	int fd;
	uint16_t family;
	uint32_t seq;
	uint32_t timeout_ms; /* of one call */
};

struct tsm_genl_ask {
	const char *dev; /* PCI address */
	enum tsm_genl_type type;
	uint32_t flags;
	const uint8_t *nonce; /* NULL: none */
	size_t nonce_len;
};

/**
 * @return 0, -ENOENT this kernel has no such family, -EPROTONOSUPPORT another version of it,
 *   -EPROTO, -ETIMEDOUT, -ENOMEM or negative errno; then nothing is left open.
 */
int tsm_genl_open(struct tsm_genl *g, uint32_t timeout_ms);
void tsm_genl_close(struct tsm_genl *g);
/**
 * One object, or its digest, malloc'ed; len 0 and data NULL when the kernel has none. Evidence that
 * is made anew meanwhile is read again from its start, a bounded number of times.
 * @return 0, -EAGAIN it never stood still, -EFBIG, -EPROTO, -ETIMEDOUT, -ENOMEM, or the kernel's.
 */
int tsm_genl_read(struct tsm_genl *g, const struct tsm_genl_ask *ask, struct steer_tsm_bytes *out);

/* ---- genl_parse.c: what is in a datagram; no system call ---- */

struct tsm_genl_take {
	uint16_t type; /* of the messages: a family's id, or GENL_ID_CTRL */
	uint32_t seq;
	/* Answer of the controller. */
	uint16_t family;
	uint32_t version;
	/* Answer of the family. */
	enum tsm_genl_type object;
	bool begun; /* its TYPE was seen */
	struct steer_tsm_bytes out;
	size_t room;
};
/**
 * Take one datagram. Messages that answer another request are passed over.
 * @return 0 more to come, 1 this was the end, -EPROTO, -EFBIG, -ENOMEM, -EAGAIN the kernel says
 *   that the dump is of two generations, or the kernel's errno.
 */
int tsm_genl_take(struct tsm_genl_take *k, const uint8_t *buf, size_t len);

#endif /* TSM_GENL_H */
