/* SPDX-License-Identifier: BSD-3-Clause */

/* Broken and hostile servers: framing, descriptors, silence, hang-up, their own commands. */

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio_fixture.h"

static int
ask(void)
{
	struct steer_vfio_irq irq;

	return steer_vfio_irq_info(ctx.dev, 2, &irq);
}

/* This reply to "interrupt index 2" ends the connection. */
static void
ends_with(struct bytes reply, const int *fds, unsigned int nr_fds, const char *part)
{
	OPEN({.want = IRQ_WANT(2), .reply = reply, .fds = fds, .nr_fds = nr_fds});
	assert_int_equal(ask(), -EPROTO);
	vfio_assert_error(part);
	vfio_assert_gone();
	vfio_done();
}

#define ENDS_WITH(part, ...)                                                                       \
	do {                                                                                       \
		const struct bytes b_ = BYTES(__VA_ARGS__);                                        \
		ends_with(b_, NULL, 0, part);                                                      \
	} while (0)

#define BODY L4(16), L4(9), L4(2), L4(8)

static void
framing(void **state)
{
	ENDS_WITH("nobody waits for", REPLY(3, 7, 32), BODY);
	ENDS_WITH("another command", REPLY(2, 4, 32), BODY);
	ENDS_WITH("too short", REPLY(2, 7, 16));
	ENDS_WITH("too short", REPLY(2, 7, 31), L8(0), L4(0), 0, 0, 0);
	ENDS_WITH("too long", REPLY(2, 7, 33), BODY, 0);
	ENDS_WITH("too long", REPLY(2, 7, 0xffffffff), BODY);
	ENDS_WITH("too long", L2(2), L2(7), L4(33), L4(0x21), L4(5), BODY, 0);
	ENDS_WITH("shorter than its header", REPLY(2, 7, 15));
	ENDS_WITH("shorter than its header", REPLY(2, 7, 0));
	ENDS_WITH("unknown type", L2(2), L2(7), L4(32), L4(2), L4(0), BODY);
	ENDS_WITH("command that is too long", CMD(2, 12, 16 + 16 + (1 << 20) + 1));
}

/* The same reply twice: nobody waits for the second. */
static void
reply_twice(void **state)
{
	OPEN({.want = IRQ_WANT(2), .reply = BYTES(REPLY(2, 7, 32), BODY, REPLY(2, 7, 32), BODY)});
	assert_true(ask() == 0 || steer_vfio_is_gone(ctx.dev));
	vfio_assert_gone();
	vfio_done();
}

static void
error_values(void **state)
{
	OPEN({.want = IRQ_WANT(2), .reply = BYTES(ERROR_REPLY(2, 7, 0))},
	     {.want = IRQ_WANT(3), .reply = BYTES(ERROR_REPLY(3, 7, 5000))},
	     {.want = IRQ_WANT(4), .reply = BYTES(ERROR_REPLY(4, 7, 0xfffffffb))},
	     {.want = IRQ_WANT(5), .reply = BYTES(ERROR_REPLY(5, 7, 4095))},
	     {.want = IRQ_WANT(6), .reply = BYTES(ERROR_REPLY(6, 7, EIO))},
	     /* an error reply with a payload, and one that says an error without the flag */
	     {.want = IRQ_WANT(7), .reply = BYTES(L2(7), L2(7), L4(32), L4(0x21), L4(5), BODY)},
	     {.want = IRQ_WANT(8), .reply = BYTES(L2(8), L2(7), L4(32), L4(1), L4(5), BODY)});
	assert_int_equal(ask(), -EINVAL);
	assert_int_equal(ask(), -EINVAL);
	assert_int_equal(ask(), -EINVAL);
	assert_int_equal(ask(), -4095);
	assert_int_equal(ask(), -EIO);
	assert_int_equal(ask(), -EIO);
	assert_int_equal(ask(), 0);
	vfio_done();
}

static void
descriptors_unasked(void **state)
{
	const struct bytes good = BYTES(REPLY(2, 7, 32), BODY);
	const struct bytes error = BYTES(ERROR_REPLY(2, 7, 5));
	int fds[32], i;

	for (i = 0; i < 32; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC);
	ends_with(good, fds, 1, "nobody asked for");
	ends_with(good, fds, 16, "nobody asked for");
	ends_with(good, fds, 17, "too many file descriptors");
	ends_with(good, fds, 32, "too many file descriptors");
	ends_with(error, fds, 1, "nobody asked for");
	for (i = 0; i < 32; i++)
		close(fds[i]);
}

static void
two_descriptors_for_a_region(void **state)
{
	int fds[2] = {memfd_create("a", MFD_CLOEXEC), memfd_create("b", MFD_CLOEXEC)};
	struct steer_vfio_region r;

	OPEN({.want = REGION_WANT(2, 0),
	      .reply = BYTES(REPLY(2, 5, 48), L4(32), L4(7), L4(0), L4(0), L8(0x1000), L8(0)),
	      .fds = fds,
	      .nr_fds = 2});
	assert_int_equal(steer_vfio_region_info(ctx.dev, 0, &r), -EPROTO);
	vfio_assert_gone();
	vfio_done();
	close(fds[0]);
	close(fds[1]);
}

static const uint8_t bar_reply[] = {REPLY(2, 5, 80), L4(64), L4(0xf), L4(0),     L4(32),
				    L8(0x1000),      L8(0),  L2(1),   L2(1),     L4(0),
				    L4(1),           L4(0),  L8(0),   L8(0x1000)};

static int
sealed(void)
{
	int fd = memfd_create("bar", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, 0x1000), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	return fd;
}

static void
split_at_each_byte(void **state)
{
	int fd = sealed();
	size_t at;
	void *p;

	for (at = 1; at < sizeof(bar_reply); at++) {
		OPEN({.want = REGION_WANT(2, 0),
		      .reply = {bar_reply, sizeof(bar_reply)},
		      .fds = &fd,
		      .nr_fds = 1,
		      .split = at});
		assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0, 0x1000, &p), 0);
		vfio_done();
	}
	close(fd);
}

static void
hangup_at_each_byte(void **state)
{
	struct steer_vfio_region r;
	int fd = sealed();
	size_t at;

	for (at = 0; at < sizeof(bar_reply); at++) {
		OPEN({.want = REGION_WANT(2, 0),
		      .reply = {bar_reply, at},
		      .fds = &fd,
		      .nr_fds = at > 0,
		      .end = STEP_HANGUP});
		assert_int_equal(steer_vfio_region_info(ctx.dev, 0, &r), -ENODEV);
		vfio_assert_error("closed the connection");
		vfio_assert_gone();
		vfio_done();
	}
	close(fd);
}

static void
hangup_while_idle(void **state)
{
	struct step steps[] = {VERSION_STEP, INFO_STEP};

	steps[1].end = STEP_HANGUP;
	vfio_must_open(steps, 2);
	vfio_assert_gone();
	vfio_done();
}

/* Nothing, or only a part, comes in time. */
static void
silence(void **state)
{
	size_t part;

	for (part = 0; part < 32; part += 8) {
		static const uint8_t reply[] = {REPLY(2, 7, 32), BODY};
		struct step steps[] = {
			VERSION_STEP, INFO_STEP, {.want = IRQ_WANT(2), .reply = {reply, part}}};

		assert_int_equal(vfio_try_open(steps, 3, 1000), 0);
		assert_int_equal(ask(), -ETIMEDOUT);
		vfio_assert_error("no reply in time");
		vfio_assert_gone();
		vfio_done();
	}
}

/* The server's own commands are answered while one of ours waits. */
static void
server_commands(void **state)
{
	OPEN({.want = IRQ_WANT(2),
	      .reply = BYTES(CMD(2, 11, 32), L8(0x1000), L8(64),            /* DMA_READ */
			     CMD(2, 12, 36), L8(0x1000), L8(4), 1, 2, 3, 4, /* DMA_WRITE */
			     L2(9), L2(99), L4(16), L4(0x10), L4(0),        /* no reply */
			     CMD(0x1234, 99, 17), 7)},
	     {.want = BYTES(ERROR_REPLY(2, 11, ENOTSUP))},
	     {.want = BYTES(ERROR_REPLY(2, 12, ENOTSUP))},
	     {.want = BYTES(ERROR_REPLY(0x1234, 99, EINVAL)),
	      .reply = BYTES(REPLY(2, 7, 32), BODY)},
	     IRQ_STEP(3, 8));
	assert_int_equal(ask(), 0);
	assert_int_equal(ask(), 0);
	vfio_done();
}

/* Its command carries descriptors: they are closed (the teardown counts). */
static void
server_command_with_descriptors(void **state)
{
	int fds[3] = {sealed(), sealed(), sealed()};

	OPEN({.want = IRQ_WANT(2),
	      .reply = BYTES(CMD(5, 11, 32), L8(0), L8(64)),
	      .fds = fds,
	      .nr_fds = 3},
	     {.want = BYTES(ERROR_REPLY(5, 11, ENOTSUP)), .reply = BYTES(REPLY(2, 7, 32), BODY)});
	assert_int_equal(ask(), 0);
	vfio_done();
	close(fds[0]);
	close(fds[1]);
	close(fds[2]);
}

static void *
ask_thread(void *arg)
{
	*(int *)arg = ask();
	return NULL;
}

/* Two callers at once, answered in the other order. */
static void
replies_in_any_order(void **state)
{
	pthread_t t[2];
	int rc[2] = {1, 1}, i;

	OPEN({.reply = {NULL, 0}}, {.reply = BYTES(REPLY(3, 7, 32), BODY, REPLY(2, 7, 32), BODY)});
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, ask_thread, &rc[i]), 0);
	for (i = 0; i < 2; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(rc[i], 0);
	}
	vfio_done();
}

/* A hang-up wakes every caller. */
static void
hangup_wakes_all(void **state)
{
	pthread_t t[3];
	int rc[3], i;

	OPEN({.reply = {NULL, 0}}, {.reply = {NULL, 0}}, {.end = STEP_HANGUP});
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&t[i], NULL, ask_thread, &rc[i]), 0);
	for (i = 0; i < 3; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(rc[i], -ENODEV);
	}
	vfio_assert_gone();
	vfio_done();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(framing),
		T(reply_twice),
		T(error_values),
		T(descriptors_unasked),
		T(two_descriptors_for_a_region),
		T(split_at_each_byte),
		T(hangup_at_each_byte),
		T(hangup_while_idle),
		T(silence),
		T(server_commands),
		T(server_command_with_descriptors),
		T(replies_in_any_order),
		T(hangup_wakes_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
