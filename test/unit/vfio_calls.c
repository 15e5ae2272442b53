/* SPDX-License-Identifier: BSD-3-Clause */

/* Interrupts, DMA maps, features, reset. */

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio_fixture.h"

#define SET_IRQS(id, flags, start, count)                                                          \
	CMD(id, 8, 36), L4(20), L4(flags), L4(2), L4(start), L4(count)
#define SET_IRQS_STEP(id, flags, start, count, fds)                                                \
	{                                                                                          \
		.want = BYTES(SET_IRQS(id, flags, start, count)), .want_fds = fds,                 \
		.reply = BYTES(REPLY(id, 8, 16))                                                   \
	}

static void
irq_info(void **state)
{
	struct steer_vfio_irq irq;

	OPEN(IRQ_STEP(2, 257),
	     {.want = IRQ_WANT(3), .reply = BYTES(REPLY(3, 7, 32), L4(16), L4(9), L4(2), L4(2049))},
	     {.want = IRQ_WANT(4), .reply = BYTES(REPLY(4, 7, 32), L4(16), L4(9), L4(1), L4(1))});
	assert_int_equal(steer_vfio_irq_info(ctx.dev, 2, &irq), 0);
	assert_int_equal(irq.count, 257);
	assert_int_equal(irq.flags, 9);
	assert_int_equal(steer_vfio_irq_info(ctx.dev, 2, &irq), -EPROTO);
	assert_int_equal(steer_vfio_irq_info(ctx.dev, 2, &irq), -EPROTO);
	assert_int_equal(steer_vfio_irq_info(ctx.dev, 5, &irq), -EINVAL);
	vfio_done();
}

/* One descriptor a message: 0x24 is eventfd data with the trigger action. */
static void
irqs_set_in_pieces(void **state)
{
	int fds[2] = {eventfd(0, EFD_CLOEXEC), eventfd(0, EFD_CLOEXEC)};
	uint64_t n = 0;

	OPEN(IRQ_STEP(2, 8), SET_IRQS_STEP(3, 0x24, 6, 1, 1), SET_IRQS_STEP(4, 0x24, 7, 1, 1),
	     SET_IRQS_STEP(5, 0x21, 0, 0, 0));
	assert_int_equal(steer_vfio_irqs_set(ctx.dev, 2, 6, 2, fds), 0);
	assert_int_equal(steer_vfio_irqs_disable(ctx.dev, 2), 0);
	/* The last descriptor that the server got is our second eventfd. */
	assert_int_equal(eventfd_write(ctx.fake.keep_fd, 3), 0);
	assert_int_equal(eventfd_read(fds[1], &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(steer_vfio_irqs_disable(ctx.dev, 5), -EINVAL);
	vfio_done();
	close(fds[0]);
	close(fds[1]);
}

static void
irqs_set_sixteen_a_message(void **state)
{
	static const uint8_t text[] = "{\"capabilities\":{\"max_msg_fds\":16}}";
	uint8_t version[20 + sizeof(text)] = {REPLY(0, 1, 20 + sizeof(text)), L2(0), L2(0)};
	struct step steps[] = {
		{.want = VERSION_WANT, .reply = {version, sizeof(version)}},
		INFO_STEP,
		IRQ_STEP(2, 40),
		SET_IRQS_STEP(3, 0x24, 0, 16, 16),
		SET_IRQS_STEP(4, 0x24, 16, 16, 16),
		SET_IRQS_STEP(5, 0x24, 32, 1, 1),
	};
	int fds[33], i;

	memcpy(version + 20, text, sizeof(text));
	for (i = 0; i < 33; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC);
	vfio_must_open(steps, 6);
	assert_int_equal(steer_vfio_irqs_set(ctx.dev, 2, 0, 33, fds), 0);
	vfio_done();
	for (i = 0; i < 33; i++)
		close(fds[i]);
}

/* The third of three is refused: the first two are taken back, the first reason is told. */
static void
irqs_set_all_or_none(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	int fds[3] = {fd, fd, fd};

	OPEN(IRQ_STEP(2, 8), SET_IRQS_STEP(3, 0x24, 2, 1, 1), SET_IRQS_STEP(4, 0x24, 3, 1, 1),
	     {.want = BYTES(SET_IRQS(5, 0x24, 4, 1)),
	      .want_fds = 1,
	      .reply = BYTES(ERROR_REPLY(5, 8, ENOSPC))},
	     {.want = BYTES(SET_IRQS(6, 0x24, 2, 2)), .reply = BYTES(ERROR_REPLY(6, 8, EIO))});
	assert_int_equal(steer_vfio_irqs_set(ctx.dev, 2, 2, 3, fds), -ENOSPC);
	vfio_assert_error("No space left");
	vfio_done();
	close(fd);
}

static void
irqs_arguments(void **state)
{
	int fds[2] = {eventfd(0, EFD_CLOEXEC), STDERR_FILENO};

	OPEN(IRQ_STEP(2, 2), IRQ_STEP(3, 2), IRQ_STEP(4, 2), IRQ_STEP(5, 2), IRQ_STEP(6, 2),
	     SET_IRQS_STEP(7, 0x21, 1, 1, 0));
	assert_int_equal(steer_vfio_irqs_set(ctx.dev, 2, 0, 2, fds), -EBADF);
	vfio_assert_error("fd 2 is not an eventfd");
	assert_int_equal(steer_vfio_irqs_set(ctx.dev, 2, 1, 2, fds), -EINVAL);
	assert_int_equal(steer_vfio_irqs_set(ctx.dev, 2, UINT32_MAX, 2, fds), -EINVAL);
	assert_int_equal(steer_vfio_irqs_trigger(ctx.dev, 2, 0, 0), -EINVAL);
	assert_int_equal(steer_vfio_irqs_trigger(ctx.dev, 2, 1, 1), 0);
	vfio_done();
	close(fds[0]);
}

/* argsz 32, flags 3 or 1, offset, IOVA, size */
#define MAP_CMD(id, flags, off, iova, size)                                                        \
	CMD(id, 2, 48), L4(32), L4(flags), L8(off), L8(iova), L8(size)
#define MAP_STEP(id, flags, off, iova, size)                                                       \
	{                                                                                          \
		.want = BYTES(MAP_CMD(id, flags, off, iova, size)), .want_fds = 1,                 \
		.reply = BYTES(REPLY(id, 2, 16))                                                   \
	}
#define UNMAP_STEP(id, flags, iova, size)                                                          \
	{                                                                                          \
		.want = BYTES(CMD(id, 3, 40), L4(24), L4(flags), L8(iova), L8(size)),              \
		.reply = BYTES(REPLY(id, 3, 40), L4(24), L4(flags), L8(iova), L8(size))            \
	}

static int
map(uint64_t iova, uint64_t size, int fd, uint32_t prot)
{
	const struct steer_vfio_dma m = {
		.iova = iova, .size = size, .fd = fd, .offset = 0x2000, .prot = prot};

	return steer_vfio_dma_map(ctx.dev, &m);
}

static void
dma_map_and_unmap(void **state)
{
	int fd = memfd_create("mem", MFD_CLOEXEC);

	OPEN(MAP_STEP(2, 3, 0x2000, 0x7f0000000000, 0x10000),
	     MAP_STEP(3, 1, 0x2000, 0x1000, 0x1000),
	     MAP_STEP(4, 2, 0x2000, 0xfffffffffffff000, 0x1000),
	     UNMAP_STEP(5, 0, 0x7f0000000000, 0x10000), UNMAP_STEP(6, 0, 0x1000, 0x1000),
	     MAP_STEP(7, 3, 0x2000, 0x1000, 0x2000), UNMAP_STEP(8, 2, 0, 0));
	assert_int_equal(map(0x7f0000000000, 0x10000, fd, 3), 0);
	assert_int_equal(map(0x1000, 0x1000, fd, 1), 0);
	assert_int_equal(map(0xfffffffffffff000, 0x1000, fd, 2), 0);
	/* Overlaps never reach the server. */
	assert_int_equal(map(0x1000, 0x1000, fd, 3), -EEXIST);
	assert_int_equal(map(0x0000, 0x2000, fd, 3), -EEXIST);
	assert_int_equal(map(0x7f000000f000, 0x2000, fd, 3), -EEXIST);
	assert_int_equal(map(0x7efffffff000, 0x20000, fd, 3), -EEXIST);
	vfio_assert_error("overlaps the map at 0x7f0000000000");
	assert_int_equal(map(0xffffffffffffe000, 0x2000, fd, 3), -EEXIST);
	/* Only whole maps go. */
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x7f0000000000, 0x8000), -ENOENT);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x7f0000001000, 0xf000), -ENOENT);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x2000, 0x1000), -ENOENT);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x1000, 0), -ENOENT);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x7f0000000000, 0x10000), 0);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x7f0000000000, 0x10000), -ENOENT);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x1000, 0x1000), 0);
	assert_int_equal(map(0x1000, 0x2000, fd, 3), 0);
	/* Two are left: close lets them all go at once (flag 2). */
	vfio_done();
	close(fd);
}

static void
dma_arguments(void **state)
{
	struct step steps[] = {VERSION_STEP, INFO_STEP};

	vfio_must_open(steps, 2);
	assert_int_equal(map(0x1000, 0x1000, -1, 3), -ENOTSUP);
	vfio_assert_error("instead of external memory");
	assert_int_equal(map(0x1000, 0, 0, 3), -EINVAL);
	assert_int_equal(map(0x1000, 0x800, 0, 3), -EINVAL);
	assert_int_equal(map(0x1800, 0x1000, 0, 3), -EINVAL);
	assert_int_equal(map(0xfffffffffffff000, 0x2000, 0, 3), -EINVAL);
	assert_int_equal(map(0x1000, 0x1000, 0, 0), -EINVAL);
	assert_int_equal(map(0x1000, 0x1000, 0, 4), -EINVAL);
	vfio_done();
}

static void
dma_refused(void **state)
{
	int fd = memfd_create("mem", MFD_CLOEXEC);

	OPEN({.want = BYTES(MAP_CMD(2, 3, 0x2000, 0x1000, 0x1000)),
	      .want_fds = 1,
	      .reply = BYTES(ERROR_REPLY(2, 2, EINVAL))},
	     MAP_STEP(3, 3, 0x2000, 0x1000, 0x1000),
	     {.want = BYTES(CMD(4, 3, 40), L4(24), L4(0), L8(0x1000), L8(0x1000)),
	      .reply = BYTES(REPLY(4, 3, 40), L4(24), L4(0), L8(0x2000), L8(0x1000))},
	     UNMAP_STEP(5, 0, 0x1000, 0x1000));
	assert_int_equal(map(0x1000, 0x1000, fd, 3), -EINVAL);
	/* A refused map left no record. */
	assert_int_equal(map(0x1000, 0x1000, fd, 3), 0);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x1000, 0x1000), -EPROTO);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x1000, 0x1000), 0);
	/* A descriptor that is none: nothing was sent and the device lives. */
	assert_int_equal(map(0x1000, 0x1000, 1000, 3), -EBADF);
	assert_int_equal(steer_vfio_is_gone(ctx.dev), 0);
	vfio_done();
	close(fd);
}

static void
dma_many_sorted(void **state)
{
	struct step steps[2 + 40 + 1] = {VERSION_STEP, INFO_STEP};
	uint8_t reply[40][16];
	int fd = memfd_create("mem", MFD_CLOEXEC);
	struct step last = UNMAP_STEP(42, 2, 0, 0);
	unsigned int i;

	for (i = 0; i < 40; i++) {
		const uint8_t r[16] = {REPLY(2 + i, 2, 16)};

		memcpy(reply[i], r, 16);
		steps[2 + i] = (struct step){.want_fds = 1, .reply = {reply[i], 16}};
	}
	steps[42] = last;
	vfio_must_open(steps, 43);
	/* In an order that is neither up nor down; then each one is known. */
	for (i = 0; i < 40; i++)
		assert_int_equal(map((uint64_t)(i * 7 % 40) << 13, 0x1000, fd, 3), 0);
	for (i = 0; i < 40; i++) {
		assert_int_equal(map((uint64_t)i << 13, 0x1000, fd, 3), -EEXIST);
		assert_int_equal(map((uint64_t)i << 13, 0x2000, fd, 3), -EEXIST);
	}
	vfio_done();
	close(fd);
}

static void
dma_map_limit(void **state)
{
	static const uint8_t text[] = "{\"capabilities\":{\"max_dma_maps\":1}}";
	uint8_t version[20 + sizeof(text)] = {REPLY(0, 1, 20 + sizeof(text)), L2(0), L2(0)};
	int fd = memfd_create("mem", MFD_CLOEXEC);
	struct step steps[] = {
		{.want = VERSION_WANT, .reply = {version, sizeof(version)}},
		INFO_STEP,
		MAP_STEP(2, 3, 0x2000, 0, 0x1000),
		UNMAP_STEP(3, 2, 0, 0),
	};

	memcpy(version + 20, text, sizeof(text));
	vfio_must_open(steps, 4);
	assert_int_equal(map(0, 0x1000, fd, 3), 0);
	assert_int_equal(map(0x1000, 0x1000, fd, 3), -ENOSPC);
	vfio_done();
	close(fd);
}

/* Feature 0xfe00; GET is bit 16, SET bit 17, PROBE bit 18. */
static void
feature_calls(void **state)
{
	uint32_t d[3] = {0, 0x00010000, 3};

	OPEN({.want = BYTES(CMD(2, 16, 24), L4(8), L4(0x7fe00)),
	      .reply = BYTES(REPLY(2, 16, 24), L4(8), L4(0x7fe00))},
	     {.want = BYTES(CMD(3, 16, 36), L4(20), L4(0x2fe00), L4(0), L4(0x10000), L4(3)),
	      .reply = BYTES(REPLY(3, 16, 36), L4(20), L4(0x2fe00), L4(9), L4(9), L4(9))},
	     {.want = BYTES(CMD(4, 16, 36), L4(20), L4(0x1fe00), L4(0), L4(0x10000), L4(3)),
	      .reply = BYTES(REPLY(4, 16, 36), L4(20), L4(0x1fe00), L4(0), L4(0x10000), L4(0x35))});
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x7fe00, NULL, 0), 0);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x2fe00, d, sizeof(d)), 0);
	assert_int_equal(d[0], 0);
	assert_int_equal(d[2], 3);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x1fe00, d, sizeof(d)), 0);
	assert_int_equal(d[2], 0x35);
	vfio_done();
}

static void
feature_refused(void **state)
{
	uint32_t d = 7;
#define GET(id) BYTES(CMD(id, 16, 28), L4(12), L4(0x10001), L4(7))

	OPEN({.want = GET(2), .reply = BYTES(ERROR_REPLY(2, 16, ENOTTY))},
	     {.want = GET(3), .reply = BYTES(ERROR_REPLY(3, 16, ENOSYS))},
	     {.want = GET(4), .reply = BYTES(ERROR_REPLY(4, 16, EINVAL))},
	     {.want = BYTES(CMD(5, 16, 24), L4(8), L4(0x40001)),
	      .reply = BYTES(ERROR_REPLY(5, 16, EINVAL))},
	     {.want = GET(6), .reply = BYTES(REPLY(6, 16, 26), L4(10), L4(0x10001), L2(1))},
	     {.want = GET(7), .reply = BYTES(REPLY(7, 16, 28), L4(12), L4(0x10002), L4(1))});
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x10001, &d, 4), -ENOTTY);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x10001, &d, 4), -ENOTTY);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x10001, &d, 4), -EINVAL);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x40001, NULL, 0), -ENOTTY);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x10001, &d, 4), -EPROTO);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x10001, &d, 4), -EPROTO);
	assert_int_equal(d, 7);
	/* Never sent: both or none of GET and SET, unknown bits, no data. */
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x30001, &d, 4), -EINVAL);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x00001, &d, 4), -EINVAL);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x90001, &d, 4), -EINVAL);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x20001, NULL, 4), -EINVAL);
	assert_int_equal(steer_vfio_feature(ctx.dev, 0x20001, &d, 2u << 20), -EINVAL);
	vfio_done();
}

static void
reset(void **state)
{
	OPEN({.want = BYTES(CMD(2, 13, 16)), .reply = BYTES(REPLY(2, 13, 16))},
	     {.want = BYTES(CMD(3, 13, 16)), .reply = BYTES(ERROR_REPLY(3, 13, EIO))});
	assert_int_equal(steer_vfio_reset(ctx.dev), 0);
	assert_int_equal(steer_vfio_reset(ctx.dev), -EIO);
	vfio_assert_error("reset: refused by the device");
	vfio_done();
}

static void
reset_not_offered(void **state)
{
	struct step steps[] = {
		VERSION_STEP,
		{.reply = BYTES(REPLY(1, 4, 32), L4(16), L4(2), L4(9), L4(5))},
	};

	vfio_must_open(steps, 2);
	assert_int_equal(steer_vfio_reset(ctx.dev), -ENOTSUP);
	vfio_done();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(irq_info),
		T(irqs_set_in_pieces),
		T(irqs_set_sixteen_a_message),
		T(irqs_set_all_or_none),
		T(irqs_arguments),
		T(dma_map_and_unmap),
		T(dma_arguments),
		T(dma_refused),
		T(dma_many_sorted),
		T(dma_map_limit),
		T(feature_calls),
		T(feature_refused),
		T(reset),
		T(reset_not_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
