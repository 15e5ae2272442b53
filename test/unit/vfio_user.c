/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * lib/vfio over a scripted server. Bytes are written by hand from the vfio-user specification:
 * header = id 2, command 2, size 4, flags 4 (1 reply, 0x20 error), error 4.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_server.h"
#include "steer_vfio.h"

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

/* No text: every key has its default, so one descriptor a message. */
#define VERSION_STEP                                                                               \
	{                                                                                          \
		.want = BYTES(CMD(0, 1, 16 + 4 + 90), L2(0), L2(0), CLIENT_TEXT),                  \
		.reply = BYTES(REPLY(0, 1, 20), L2(0), L2(0))                                      \
	}
/* flags 3: reset, PCI; 9 regions, 5 interrupt indexes */
#define INFO_STEP                                                                                  \
	{                                                                                          \
		.want = BYTES(CMD(1, 4, 32), L4(16), L4(0), L4(0), L4(0)),                         \
		.reply = BYTES(REPLY(1, 4, 32), L4(16), L4(3), L4(9), L4(5))                       \
	}

struct ctx {
	struct fake fake;
	struct steer_vfio_dev *dev;
	char err[256];
	int fds;
};

static struct ctx ctx;

static int
setup(void **state)
{
	memset(&ctx, 0, sizeof(ctx));
	ctx.fds = fd_count();
	return 0;
}

/* Every test leaves as many descriptors as it found. */
static int
teardown(void **state)
{
	int now = fd_count();

	if (now != ctx.fds)
		print_error("descriptors: %d before, %d after\n", ctx.fds, now);
	return now == ctx.fds ? 0 : -1;
}

static int
try_open(struct step *steps, unsigned int n, unsigned int timeout_ms)
{
	const struct steer_vfio_open_args args = {
		.name = "nic0",
		.sock = ctx.fake.path,
		.timeout_ms = timeout_ms,
		.reset_timeout_ms = timeout_ms,
	};

	fake_start(&ctx.fake, steps, n);
	return steer_vfio_open(&args, &ctx.dev, ctx.err, sizeof(ctx.err));
}

static void
must_open(struct step *steps, unsigned int n)
{
	int rc = try_open(steps, n, 5000);

	if (rc != 0)
		fail_msg("open: %d %s; %s", rc, ctx.err, ctx.fake.fail);
}

#define OPEN(...)                                                                                  \
	struct step steps_[] = {VERSION_STEP, INFO_STEP, __VA_ARGS__};                             \
	must_open(steps_, sizeof(steps_) / sizeof(steps_[0]))

static void
done(void)
{
	steer_vfio_close(ctx.dev);
	fake_stop(&ctx.fake);
}

#define assert_error(text)                                                                         \
	do {                                                                                       \
		if (strstr(steer_vfio_error(), text) == NULL)                                      \
			fail_msg("error text is: %s", steer_vfio_error());                         \
		assert_null(strchr(steer_vfio_error(), '\n'));                                     \
	} while (0)

/* ---- open ---- */

static void
open_defaults(void **state)
{
	struct step steps[] = {VERSION_STEP, INFO_STEP};
	uint32_t regions, irqs;
	int reset;

	must_open(steps, 2);
	assert_int_equal(steer_vfio_info(ctx.dev, &regions, &irqs, &reset), 0);
	assert_int_equal(regions, 9);
	assert_int_equal(irqs, 5);
	assert_int_equal(reset, 1);
	assert_string_equal(steer_vfio_name(ctx.dev), "nic0");
	assert_int_equal(steer_vfio_tph_feature(ctx.dev), -ENOENT);
	assert_int_equal(steer_vfio_is_gone(ctx.dev), 0);
	done();
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(open_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
