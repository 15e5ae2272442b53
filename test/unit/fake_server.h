/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A vfio-user server that follows a script: each step says which bytes must come and which bytes go
 * back. It knows nothing of the protocol but that bytes 4..7 of a message are its length.
 */

#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* Little-endian bytes of a number. */
#define L2(x) (uint8_t)(x), (uint8_t)((x) >> 8)
#define L4(x) L2(x), L2((uint32_t)(x) >> 16)
#define L8(x) L4((uint32_t)(x)), L4((uint64_t)(x) >> 32)

struct bytes {
	const uint8_t *p;
	size_t n;
};
#define BYTES(...)                                                                                 \
	{                                                                                          \
		(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})             \
	}

enum step_end {
	STEP_ON,     /* go on with the next step */
	STEP_HANGUP, /* close after the reply */
};

struct step {
	struct bytes want; /* n 0: take any message */
	int want_fds;
	struct bytes reply;  /* n 0: say nothing */
	const int *fds;      /* go with the first byte of the reply */
	unsigned int nr_fds; /* up to 32 */
	size_t split;        /* send so many bytes, pause, then the rest */
	enum step_end end;
};

struct fake {
	char dir[32];
	char path[48];
	int listener;
	pthread_t thread;
	struct step *steps;
	unsigned int nr_steps, done;
	int keep_fd; /* last descriptor that came, owned by the fake */
	char fail[256];
};

/* Listen, and play these steps to the first client; the steps must outlive the fake. */
void fake_start(struct fake *f, struct step *steps, unsigned int n);
/* Join; asserts that every step was played and matched. */
void fake_stop(struct fake *f);
/* The part of fake_stop() after the join. */
void fake_cleanup(struct fake *f);
/* Is this the server's thread? */
int fake_is_self(void);
/* Number of open descriptors of this process. */
int fd_count(void);

#endif /* FAKE_SERVER_H */
