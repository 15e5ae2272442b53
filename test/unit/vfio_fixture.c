/* SPDX-License-Identifier: BSD-3-Clause */

#include <poll.h>

#include "vfio_fixture.h"

struct vfio_ctx ctx;

int
vfio_setup(void **state)
{
	memset(&ctx, 0, sizeof(ctx));
	ctx.fds = fd_count();
	return 0;
}

int
vfio_teardown(void **state)
{
	int now = fd_count();

	if (now != ctx.fds)
		print_error("descriptors: %d before, %d after\n", ctx.fds, now);
	return now == ctx.fds ? 0 : -1;
}

int
vfio_try_open(struct step *steps, unsigned int n, unsigned int timeout_ms)
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

void
vfio_must_open(struct step *steps, unsigned int n)
{
	int rc = vfio_try_open(steps, n, 5000);

	if (rc != 0)
		fail_msg("open: %d %s; %s", rc, ctx.err, ctx.fake.fail);
}

void
vfio_done(void)
{
	steer_vfio_close(ctx.dev);
	ctx.dev = NULL;
	fake_stop(&ctx.fake);
}

void
vfio_assert_gone(void)
{
	struct pollfd p = {.fd = steer_vfio_gone_fd(ctx.dev), .events = POLLIN};
	struct steer_vfio_irq irq;
	uint32_t a, b;
	int c;

	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(p.revents, POLLIN);
	assert_int_equal(steer_vfio_is_gone(ctx.dev), 1);
	assert_int_equal(steer_vfio_info(ctx.dev, &a, &b, &c), -ENODEV);
	assert_int_equal(steer_vfio_irq_info(ctx.dev, 2, &irq), -ENODEV);
	vfio_assert_error("nic0: device is gone (");
	assert_int_equal(steer_vfio_reset(ctx.dev), -ENODEV);
	assert_int_equal(steer_vfio_dma_unmap(ctx.dev, 0, 4096), -ENODEV);
	assert_int_equal(poll(&p, 1, 0), 1);
}

void
vfio_assert_error(const char *part)
{
	if (strstr(steer_vfio_error(), part) == NULL)
		fail_msg("error text is: %s", steer_vfio_error());
	assert_null(strchr(steer_vfio_error(), '\n'));
	assert_memory_equal(steer_vfio_error(), "nic0: ", 6);
}
