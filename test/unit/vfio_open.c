/* SPDX-License-Identifier: BSD-3-Clause */

/* Opening a device: connecting, VERSION, DEVICE_GET_INFO. */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vfio_fixture.h"

static void
defaults(void **state)
{
	struct step steps[] = {VERSION_STEP, INFO_STEP};
	uint32_t regions, irqs;
	int reset;

	vfio_must_open(steps, 2);
	assert_int_equal(steer_vfio_info(ctx.dev, &regions, &irqs, &reset), 0);
	assert_int_equal(regions, 9);
	assert_int_equal(irqs, 5);
	assert_int_equal(reset, 1);
	assert_string_equal(steer_vfio_name(ctx.dev), "nic0");
	assert_int_equal(steer_vfio_tph_feature(ctx.dev), -ENOENT);
	assert_int_equal(steer_vfio_is_gone(ctx.dev), 0);
	vfio_done();
}

static void
without_socket(void **state)
{
	const struct steer_vfio_open_args args = {.name = "nic"};
	struct steer_vfio_dev *dev = (void *)&ctx;
	char err[128];

	assert_int_equal(steer_vfio_open(&args, &dev, err, sizeof(err)), -EINVAL);
	assert_null(dev);
	assert_string_equal(err, "nic: open: neither a socket nor a PCI address (0000:01:00.0)");
	assert_int_equal(steer_vfio_open(&args, &dev, NULL, 0), -EINVAL);
	steer_vfio_close(NULL);
}

static int
open_path(const char *path)
{
	const struct steer_vfio_open_args args = {.name = "nic0", .sock = path, .timeout_ms = 200};
	struct steer_vfio_dev *dev;

	return steer_vfio_open(&args, &dev, NULL, 0);
}

static void
nobody_there(void **state)
{
	char dir[] = "/tmp/steer-open-XXXXXX", path[64], longer[200];
	int fd;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	assert_int_equal(open_path(path), -ENOENT);
	vfio_assert_error("start the server");
	/* A file that is no socket, then a socket without listener. */
	fd = creat(path, 0600);
	close(fd);
	assert_int_equal(open_path(path), -ECONNREFUSED);
	vfio_assert_error("nothing listens there");
	unlink(path);
	rmdir(dir);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(open_path(longer), -ENAMETOOLONG);
	vfio_assert_error("use a shorter path");
}

/* The listener's queue is full and nobody accepts. */
static void
busy_listener(void **state)
{
	char dir[] = "/tmp/steer-busy-XXXXXX";
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int l = socket(AF_UNIX, SOCK_STREAM, 0), first = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_non_null(mkdtemp(dir));
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/s", dir);
	assert_int_equal(bind(l, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(l, 0), 0);
	assert_int_equal(connect(first, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(open_path(sa.sun_path), -ETIMEDOUT);
	vfio_assert_error("busy with another client");
	close(first);
	close(l);
	unlink(sa.sun_path);
	rmdir(dir);
}

/* The server's thread reads steps and their bytes after open_with_text() has returned: none may be
 * on its stack. */
static uint8_t text_reply[8300];
static struct step text_steps[2] = {{.want = VERSION_WANT}, INFO_STEP};

/* VERSION reply with this text (its NUL included); what open then says. */
static int
open_with_text(const char *text, size_t len, const char *part)
{
	const uint8_t head[] = {REPLY(0, 1, 20 + len), L2(0), L2(0)};
	struct step *steps = text_steps;
	int rc;

	memcpy(text_reply, head, sizeof(head));
	memcpy(text_reply + 20, text, len);
	steps[0].reply.p = text_reply;
	steps[0].reply.n = 20 + len;
	rc = vfio_try_open(steps, part == NULL ? 2 : 1, 5000);
	if (part != NULL)
		vfio_assert_error(part);
	return rc;
}

#define CAPS(s) "{\"capabilities\":{" s "}}"

static void
keys_taken(void **state)
{
	static const char text[] = CAPS("\"max_msg_fds\":8,\"max_data_xfer_size\":8,"
					"\"max_dma_maps\":2,\"pgsizes\":8192,"
					"\"write_multiple\":false,\"migration\":{\"pgsize\":4096},"
					"\"steer_tph_feature\":65024");
	struct steer_vfio_dma m = {.iova = 0, .size = 4096, .fd = 0, .prot = 3};

	assert_int_equal(open_with_text(text, sizeof(text), NULL), 0);
	assert_int_equal(steer_vfio_tph_feature(ctx.dev), 0xfe00);
	/* Page size 8192: half a page is refused here. */
	assert_int_equal(steer_vfio_dma_map(ctx.dev, &m), -EINVAL);
	vfio_assert_error("0x2000");
	vfio_done();
}

static void
keys_of_no_interest(void **state)
{
	static const char *const good[] = {
		"{}",
		CAPS(""),
		CAPS("\"steer_tph_feature\":false"),
		CAPS("\"max_msg_fds\":0"),
		CAPS("\"twin_socket\":{\"supported\":true}"),
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(open_with_text(good[i], strlen(good[i]) + 1, NULL), 0);
		assert_int_equal(steer_vfio_tph_feature(ctx.dev), -ENOENT);
		vfio_done();
	}
}

static void
keys_out_of_range(void **state)
{
	static const struct {
		const char *text, *part;
	} bad[] = {
		{CAPS("\"max_msg_fds\":17"), "max_msg_fds"},
		{CAPS("\"max_msg_fds\":-1"), "max_msg_fds"},
		{CAPS("\"max_msg_fds\":\"8\""), "max_msg_fds"},
		{CAPS("\"max_msg_fds\":8.0"), "max_msg_fds"},
		{CAPS("\"max_data_xfer_size\":0"), "max_data_xfer_size"},
		{CAPS("\"max_data_xfer_size\":67108865"), "max_data_xfer_size"},
		{CAPS("\"max_dma_maps\":65536"), "max_dma_maps"},
		{CAPS("\"max_dma_maps\":0"), "max_dma_maps"},
		{CAPS("\"pgsizes\":0"), "pgsizes"},
		{CAPS("\"pgsizes\":6144"), "pages below 4096"},
		{CAPS("\"steer_tph_feature\":65536"), "steer_tph_feature"},
		{CAPS("\"steer_tph_feature\":-2"), "steer_tph_feature"},
		{CAPS("\"max_msg_fds\":99999999999999999999"), "JSON"},
		{CAPS("\"max_msg_fds\":1,\"max_msg_fds\":2"), "JSON"},
		{"{\"capabilities\":7}", "not an object"},
		{"[]", "not an object"},
		{"{\"capabilities\":", "JSON"},
		{"\xff\xfe", "JSON"},
		{"", "JSON"},
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(open_with_text(bad[i].text, strlen(bad[i].text) + 1, bad[i].part),
				 -EPROTO);
		fake_stop(&ctx.fake);
	}
}

static void
text_malformed(void **state)
{
	static const char two[] = "{}\0{}";
	static char longest[8192];

	assert_int_equal(open_with_text("{}", 2, "NUL"), -EPROTO);
	fake_stop(&ctx.fake);
	assert_int_equal(open_with_text(two, sizeof(two), "JSON"), -EPROTO);
	fake_stop(&ctx.fake);
	memset(longest, '[', sizeof(longest));
	assert_int_equal(open_with_text(longest, 4097, "too long"), -EPROTO);
	fake_stop(&ctx.fake);
	longest[4095] = '\0';
	assert_int_equal(open_with_text(longest, 4096, "JSON"), -EPROTO);
	fake_stop(&ctx.fake);
}

static void
refused_with(struct step *steps, unsigned int n, int rc, const char *part)
{
	assert_int_equal(vfio_try_open(steps, n, rc == -ETIMEDOUT ? 300 : 5000), rc);
	vfio_assert_error(part);
	assert_string_equal(ctx.err, steer_vfio_error());
	assert_null(ctx.dev);
	fake_stop(&ctx.fake);
}

static void
version_refused(void **state)
{
	struct step minor = {.want = VERSION_WANT, .reply = BYTES(REPLY(0, 1, 20), L2(0), L2(1))};
	struct step major = {.want = VERSION_WANT, .reply = BYTES(REPLY(0, 1, 20), L2(1), L2(0))};
	struct step error = {.want = VERSION_WANT, .reply = BYTES(ERROR_REPLY(0, 1, 16))};
	struct step brief = {.want = VERSION_WANT, .reply = BYTES(REPLY(0, 1, 18), L2(0))};
	struct step hangup = {.want = VERSION_WANT, .end = STEP_HANGUP};
	struct step silent = {.want = VERSION_WANT};

	refused_with(&minor, 1, -EPROTO, "speaks 0.1");
	refused_with(&major, 1, -EPROTO, "speaks 1.0");
	refused_with(&error, 1, -EBUSY, "refused by the device");
	refused_with(&brief, 1, -EPROTO, "too short");
	refused_with(&hangup, 1, -ECONNREFUSED, "another client");
	refused_with(&silent, 1, -ETIMEDOUT, "no reply in time");
}

static void
info_refused(void **state)
{
	static const struct {
		uint8_t flags, regions, irqs;
		const char *part;
	} bad[] = {
		{1, 9, 5, "not a PCI device"}, {2, 7, 5, "7 regions"},
		{2, 101, 5, "101 regions"},    {2, 9, 2, "2 interrupts"},
		{2, 9, 51, "51 interrupts"},
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct step steps[] = {VERSION_STEP, INFO_STEP};
		uint8_t reply[] = {REPLY(1, 4, 32), L4(16), L4(bad[i].flags), L4(bad[i].regions),
				   L4(bad[i].irqs)};

		steps[1].reply.p = reply;
		refused_with(steps, 2, -EPROTO, bad[i].part);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(defaults),        T(without_socket),      T(nobody_there),      T(busy_listener),
		T(keys_taken),      T(keys_of_no_interest), T(keys_out_of_range), T(text_malformed),
		T(version_refused), T(info_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
