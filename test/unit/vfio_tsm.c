/* SPDX-License-Identifier: BSD-3-Clause */

/* What a TSM's envelope needs of lib/vfio: the key in VERSION, a time limit, a size, nothing
 * mapped. */

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "vfio_fixture.h"

#define OFFER                                                                                      \
	"{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,"                    \
	"\"steer_tph_feature\":true,\"steer_tsm_feature\":true}}"

/* At file scope: its bytes outlive the call, and the server reads them when it likes. */
static const struct step info_step = INFO_STEP;

/* Open with tsm=1 and play: VERSION (this answer), INFO, then more. */
static int
open_asking(const char *answer, struct step *more, unsigned int nb_more)
{
	static uint8_t want[20 + sizeof(OFFER)], reply[512];
	static struct step steps[8];
	const uint8_t want_head[20] = {CMD(0, 1, sizeof(want)), L2(0), L2(0)};
	const size_t n = strlen(answer) + 1;
	const uint8_t reply_head[20] = {REPLY(0, 1, 20 + n), L2(0), L2(0)};
	struct steer_vfio_open_args args = {.name = "nic0", .tsm = 1, .timeout_ms = 20000};

	memcpy(want, want_head, 20);
	memcpy(want + 20, OFFER, sizeof(OFFER));
	memcpy(reply, reply_head, 20);
	memcpy(reply + 20, answer, n);
	steps[0] = (struct step){.want = {want, sizeof(want)}, .reply = {reply, 20 + n}};
	steps[1] = info_step;
	if (nb_more > 0)
		memcpy(&steps[2], more, nb_more * sizeof(*more));
	fake_start(&ctx.fake, steps, 2 + nb_more);
	args.sock = ctx.fake.path;
	return steer_vfio_open(&args, &ctx.dev, ctx.err, sizeof(ctx.err));
}

static void
asked_for_and_told(void **state)
{
	assert_int_equal(open_asking("{\"capabilities\":{\"steer_tsm_feature\":65025}}", NULL, 0),
			 0);
	assert_int_equal(steer_vfio_tsm_feature(ctx.dev), 0xfe01);
	assert_int_equal(steer_vfio_tph_feature(ctx.dev), -ENOENT);
	assert_int_equal(steer_vfio_feature_max(ctx.dev), 1048576);
	vfio_done();
}

static void
asked_for_and_not_there(void **state)
{
	static const char *const answers[] = {
		"{}",
		"{\"capabilities\":{\"steer_tph_feature\":65024}}",
		"{\"capabilities\":{\"steer_tsm_feature\":false}}",
	};
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		assert_int_equal(open_asking(answers[i], NULL, 0), 0);
		assert_int_equal(steer_vfio_tsm_feature(ctx.dev), -ENOENT);
		vfio_done();
	}
}

/* A server that tells it unasked is not believed: nobody here wants a TSM. */
static void
told_unasked(void **state)
{
	static const uint8_t text[] = "{\"capabilities\":{\"steer_tsm_feature\":65025}}";
	uint8_t version[20 + sizeof(text)] = {REPLY(0, 1, 20 + sizeof(text)), L2(0), L2(0)};
	struct step steps[] = {
		{.want = VERSION_WANT, .reply = {version, sizeof(version)}},
		INFO_STEP,
	};

	memcpy(version + 20, text, sizeof(text));
	vfio_must_open(steps, 2);
	assert_int_equal(steer_vfio_tsm_feature(ctx.dev), -ENOENT);
	vfio_done();
}

/* Asked, and not understood. */
static void
answer_refused(const char *text)
{
	static uint8_t want[20 + sizeof(OFFER)], reply[128];
	const size_t len = strlen(text) + 1;
	const uint8_t want_head[20] = {CMD(0, 1, sizeof(want)), L2(0), L2(0)};
	const uint8_t head[20] = {REPLY(0, 1, 20 + len), L2(0), L2(0)};
	struct step steps[] = {{.want = {want, sizeof(want)}, .reply = {reply, 20 + len}}};
	struct steer_vfio_open_args args = {.name = "nic0", .tsm = 1};

	memcpy(want, want_head, 20);
	memcpy(want + 20, OFFER, sizeof(OFFER));
	memcpy(reply, head, 20);
	memcpy(reply + 20, text, len);
	fake_start(&ctx.fake, steps, 1);
	args.sock = ctx.fake.path;
	assert_int_equal(steer_vfio_open(&args, &ctx.dev, ctx.err, sizeof(ctx.err)), -EPROTO);
	vfio_assert_error("steer_tsm_feature");
	fake_stop(&ctx.fake);
}

/* 0xffff is the last index; what is above it, or no number, is no protocol. A server that says
 * "true" has a TSM and does not say where: half of one, and no absence. */
static void
no_index(void **state)
{
	answer_refused("{\"capabilities\":{\"steer_tsm_feature\":65536}}");
	answer_refused("{\"capabilities\":{\"steer_tsm_feature\":null}}");
	answer_refused("{\"capabilities\":{\"steer_tsm_feature\":true}}");
}

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The device's own limit is 20 s; the test ends long before it. */
static void
limit_of_its_own(void **state)
{
	struct step silent = {.want = BYTES(CMD(2, 16, 28), L4(12), L4(0x1fe01), L4(7))};
	uint64_t begin;
	uint32_t d = 7;

	assert_int_equal(
		open_asking("{\"capabilities\":{\"steer_tsm_feature\":65025}}", &silent, 1), 0);
	begin = now_ms();
	assert_int_equal(steer_vfio_feature_timed(ctx.dev, 0x1fe01, &d, 4, 50), -ETIMEDOUT);
	assert_true(now_ms() - begin >= 50);
	assert_true(now_ms() - begin < 15000);
	assert_int_equal(d, 7);
	vfio_assert_error("no reply in time");
	vfio_assert_gone();
	assert_int_equal(steer_vfio_feature_timed(ctx.dev, 0x1fe01, &d, 4, 50), -ENODEV);
	vfio_done();
}

static void
answer_within_the_limit(void **state)
{
	struct step answers[] = {
		{.want = BYTES(CMD(2, 16, 28), L4(12), L4(0x1fe01), L4(7)),
		 .reply = BYTES(REPLY(2, 16, 28), L4(12), L4(0x1fe01), L4(8))},
		{.want = BYTES(CMD(3, 16, 28), L4(12), L4(0x1fe01), L4(8)),
		 .reply = BYTES(REPLY(3, 16, 28), L4(12), L4(0x1fe01), L4(9))},
	};
	uint32_t d = 7;

	assert_int_equal(
		open_asking("{\"capabilities\":{\"steer_tsm_feature\":65025}}", answers, 2), 0);
	assert_int_equal(steer_vfio_feature_timed(ctx.dev, 0x1fe01, &d, 4, 5000), 0);
	assert_int_equal(d, 8);
	assert_int_equal(steer_vfio_feature_timed(ctx.dev, 0x1fe01, &d, 4, 0), 0);
	assert_int_equal(d, 9);
	assert_int_equal(steer_vfio_feature_timed(ctx.dev, 0x3fe01, &d, 4, 5000), -EINVAL);
	vfio_done();
}

/* What the peer takes counts, and never more than what we announce. */
static void
most_bytes(void **state)
{
	uint8_t d[256] = {0};

	assert_int_equal(open_asking("{\"capabilities\":{\"max_data_xfer_size\":128}}", NULL, 0),
			 0);
	assert_int_equal(steer_vfio_feature_max(ctx.dev), 128);
	assert_int_equal(steer_vfio_feature_timed(ctx.dev, 0x1fe01, d, 129, 100), -EINVAL);
	vfio_done();
	assert_int_equal(
		open_asking("{\"capabilities\":{\"max_data_xfer_size\":67108864}}", NULL, 0), 0);
	assert_int_equal(steer_vfio_feature_max(ctx.dev), 1048576);
	vfio_done();
}

#define MAP_STEP(id, iova)                                                                         \
	{                                                                                          \
		.want = BYTES(CMD(id, 2, 48), L4(32), L4(3), L8(0), L8(iova), L8(0x1000)),         \
		.want_fds = 1, .reply = BYTES(REPLY(id, 2, 16))                                    \
	}
#define UNMAP_WANT(id, iova) BYTES(CMD(id, 3, 40), L4(24), L4(0), L8(iova), L8(0x1000))
#define UNMAP_STEP(id, iova)                                                                       \
	{                                                                                          \
		.want = UNMAP_WANT(id, iova),                                                      \
		.reply = BYTES(REPLY(id, 3, 40), L4(24), L4(0), L8(iova), L8(0x1000))              \
	}

static void
map_page(uint64_t iova, int fd)
{
	const struct steer_vfio_dma m = {.iova = iova, .size = 0x1000, .fd = fd, .prot = 3};

	assert_int_equal(steer_vfio_dma_map(ctx.dev, &m), 0);
}

static void
all_unmapped(void **state)
{
	int fd = memfd_create("mem", MFD_CLOEXEC);

	OPEN(MAP_STEP(2, 0x3000), MAP_STEP(3, 0x1000), UNMAP_STEP(4, 0x3000),
	     UNMAP_STEP(5, 0x1000));
	assert_int_equal(steer_vfio_dma_unmap_all(ctx.dev), 0);
	map_page(0x3000, fd);
	map_page(0x1000, fd);
	assert_int_equal(steer_vfio_dma_unmap_all(ctx.dev), 0);
	assert_int_equal(steer_vfio_dma_unmap_all(ctx.dev), 0);
	vfio_done();
	close(fd);
}

/* One is refused: the others go, and it is still counted as mapped. */
static void
all_unmapped_but_one(void **state)
{
	int fd = memfd_create("mem", MFD_CLOEXEC);

	OPEN(MAP_STEP(2, 0x1000), MAP_STEP(3, 0x3000), MAP_STEP(4, 0x5000), UNMAP_STEP(5, 0x5000),
	     {.want = UNMAP_WANT(6, 0x3000), .reply = BYTES(ERROR_REPLY(6, 3, EBUSY))},
	     UNMAP_STEP(7, 0x1000), UNMAP_STEP(8, 0x3000));
	map_page(0x1000, fd);
	map_page(0x3000, fd);
	map_page(0x5000, fd);
	assert_int_equal(steer_vfio_dma_unmap_all(ctx.dev), -EBUSY);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0x1000, 0x1000), -ENOENT);
	assert_int_equal(steer_vfio_dma_unmap_all(ctx.dev), 0);
	vfio_done();
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(asked_for_and_told),   T(asked_for_and_not_there),
		T(told_unasked),         T(no_index),
		T(limit_of_its_own),     T(answer_within_the_limit),
		T(most_bytes),           T(all_unmapped),
		T(all_unmapped_but_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
