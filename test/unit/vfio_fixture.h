/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * lib/vfio over a scripted server: what all vfio_*.c tests share. Bytes are written by hand from
 * the vfio-user specification and from linux/vfio.h; nothing of the code under test is used.
 */

#ifndef VFIO_FIXTURE_H
#define VFIO_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_server.h"
#include "steer_vfio.h"

/* Header: id 2, command 2, size 4, flags 4 (type reply 1, error 0x20), error 4. */
#define CMD(id, cmd, size)         L2(id), L2(cmd), L4(size), L4(0), L4(0)
#define REPLY(id, cmd, size)       L2(id), L2(cmd), L4(size), L4(1), L4(0)
#define ERROR_REPLY(id, cmd, errn) L2(id), L2(cmd), L4(16), L4(0x21), L4(errn)

/* {"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576,"steer_tph_feature":true}} */
#define CLIENT_TEXT                                                                                \
	'{', '"', 'c', 'a', 'p', 'a', 'b', 'i', 'l', 'i', 't', 'i', 'e', 's', '"', ':', '{', '"',  \
		'm', 'a', 'x', '_', 'm', 's', 'g', '_', 'f', 'd', 's', '"', ':', '1', '6', ',',    \
		'"', 'm', 'a', 'x', '_', 'd', 'a', 't', 'a', '_', 'x', 'f', 'e', 'r', '_', 's',    \
		'i', 'z', 'e', '"', ':', '1', '0', '4', '8', '5', '7', '6', ',', '"', 's', 't',    \
		'e', 'e', 'r', '_', 't', 'p', 'h', '_', 'f', 'e', 'a', 't', 'u', 'r', 'e', '"',    \
		':', 't', 'r', 'u', 'e', '}', '}', 0
#define VERSION_WANT BYTES(CMD(0, 1, 16 + 4 + 90), L2(0), L2(0), CLIENT_TEXT)

/* Without text every key has its default, so a message may carry one descriptor. */
#define VERSION_STEP                                                                               \
	{                                                                                          \
		.want = VERSION_WANT, .reply = BYTES(REPLY(0, 1, 20), L2(0), L2(0))                \
	}
/* flags 3: reset, PCI; 9 regions, 5 interrupt indexes. */
#define INFO_STEP                                                                                  \
	{                                                                                          \
		.want = BYTES(CMD(1, 4, 32), L4(16), L4(0), L4(0), L4(0)),                         \
		.reply = BYTES(REPLY(1, 4, 32), L4(16), L4(3), L4(9), L4(5))                       \
	}
/* Interrupt index 2 asked for: eventfd and noresize, so many vectors. */
#define IRQ_WANT(id) BYTES(CMD(id, 7, 32), L4(16), L4(0), L4(2), L4(0))
#define IRQ_STEP(id, vectors)                                                                      \
	{                                                                                          \
		.want = IRQ_WANT(id),                                                              \
		.reply = BYTES(REPLY(id, 7, 32), L4(16), L4(9), L4(2), L4(vectors))                \
	}
/* GET_REGION_INFO with room for 4096 bytes of capabilities. */
#define REGION_WANT(id, index)                                                                     \
	BYTES(CMD(id, 5, 48), L4(4128), L4(0), L4(index), L4(0), L8(0), L8(0))
/* A region without mappings: read and write, by messages. */
#define REGION_STEP(id, index, size)                                                               \
	{                                                                                          \
		.want = REGION_WANT(id, index),                                                    \
		.reply = BYTES(REPLY(id, 5, 48), L4(32), L4(3), L4(index), L4(0), L8(size), L8(0)) \
	}

struct vfio_ctx {
	struct fake fake;
	struct steer_vfio_dev *dev;
	char err[256];
	int fds;
};
extern struct vfio_ctx ctx;

/* Setup and teardown of each test: as many descriptors after it as before. */
int vfio_setup(void **state);
int vfio_teardown(void **state);

int vfio_try_open(struct step *steps, unsigned int n, unsigned int timeout_ms);
void vfio_must_open(struct step *steps, unsigned int n);
/* Close the device and end the script. */
void vfio_done(void);
/* The device is gone, says so in every way, and the later calls answer -ENODEV. */
void vfio_assert_gone(void);
void vfio_assert_error(const char *part);

#define OPEN(...)                                                                                  \
	struct step steps_[] = {VERSION_STEP, INFO_STEP, __VA_ARGS__};                             \
	vfio_must_open(steps_, sizeof(steps_) / sizeof(steps_[0]))

#define T(f) cmocka_unit_test_setup_teardown(f, vfio_setup, vfio_teardown)

#endif /* VFIO_FIXTURE_H */
