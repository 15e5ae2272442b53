/* SPDX-License-Identifier: BSD-3-Clause */

/* The kernel's end of generic netlink with the family "pci-tsm", by --wrap of the calls. */

#ifndef FAKE_GENL_H
#define FAKE_GENL_H

#include <stdbool.h>

#include "genl.h"

#define FAKE_FAMILY 0x0021u
#define FAKE_TYPES  11u

enum fake_call { CALL_SOCKET, CALL_CONNECT, CALL_SEND, CALL_POLL, CALL_RECV, CALLS };

struct fake_genl {
	/* What the kernel has. */
	bool absent; /* no such family */
	uint16_t family;
	uint32_t version;
	struct {
		const uint8_t *data;
		size_t len;
	} object[FAKE_TYPES], digest[FAKE_TYPES];
	size_t chunk;        /* bytes of an object in one message */
	int nonce_rc;        /* of a request with a nonce */
	int read_rc;         /* at the end of each dump */
	unsigned int moving; /* so many dumps break off with EAGAIN */
	bool deaf;           /* no answer */
	/* One datagram in front of the answers of the family; its seq is put in. */
	const uint8_t *hostile;
	size_t hostile_len;
	bool hostile_only;
	/* The n-th of a call fails (1: the next). */
	unsigned int fail_nth[CALLS];
	int fail_errno;
	/* What was asked. */
	uint8_t request[512]; /* the last one */
	size_t request_len;
	unsigned int requests, nonces;
	int open;  /* descriptors */
	bool real; /* nothing of this: the machine's own kernel */
};
extern struct fake_genl fake_genl;

/* A kernel that has everything, each object 100 bytes of its type. */
void fake_genl_reset(void);

#endif /* FAKE_GENL_H */
