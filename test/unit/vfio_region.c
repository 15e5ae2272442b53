/* SPDX-License-Identifier: BSD-3-Clause */

/* Regions: information, sparse areas, mappings, reads and writes, I/O fds. */

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio_fixture.h"

static int
memfd(off_t size, int seals)
{
	int fd = memfd_create("bar", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	if (seals != 0)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

/* BAR0 of 0x4000 bytes, file offset 0x1000, areas 0..0xfff and 0x3000..0x3fff. */
#define SPARSE_LEN 96
static const uint8_t sparse[SPARSE_LEN] = {
	REPLY(2, 5, SPARSE_LEN), L4(80), L4(0xf), L4(0), L4(32), L8(0x4000), L8(0x1000),
	/* capability at 32: id 1, version 1, no next; 2 areas */
	L2(1), L2(1), L4(0), L4(2), L4(0), L8(0), L8(0x1000), L8(0x3000), L8(0x1000)};
/* Offsets in that message. */
enum {
	AT_ARGSZ = 16,
	AT_FLAGS = 20,
	AT_INDEX = 24,
	AT_CAP = 28,
	AT_SIZE = 32,
	AT_OFFSET = 40,
	AT_ID = 48,
	AT_NEXT = 52,
	AT_NR = 56,
	AT_AREA0 = 64,
	AT_SIZE0 = 72,
	AT_AREA1 = 80,
	AT_SIZE1 = 88,
};

static void
sparse_mapped(void **state)
{
	int fd = memfd(0x5000, F_SEAL_SHRINK);
	struct steer_vfio_region r;
	uint32_t word = 0;
	void *a, *b, *c;

	OPEN({.want = REGION_WANT(2, 0), .reply = {sparse, SPARSE_LEN}, .fds = &fd, .nr_fds = 1});
	assert_int_equal(steer_vfio_region_info(ctx.dev, 0, &r), 0);
	assert_int_equal(r.size, 0x4000);
	assert_int_equal(r.flags, 7);
	assert_int_equal(r.nr_areas, 2);
	assert_int_equal(r.areas[1].offset, 0x3000);
	assert_int_equal(r.areas[1].size, 0x1000);

	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0, 0x1000, &a), 0);
	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0x3008, 4, &b), 0);
	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0x3000, 0x1000, &c), 0);
	assert_ptr_equal((char *)c + 8, b);
	*(uint32_t *)b = 0x12345678;
	assert_int_equal(pread(fd, &word, 4, 0x1000 + 0x3008), 4);
	assert_int_equal(word, 0x12345678);

	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0x1000, 4, &a), -ENOTSUP);
	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0xffe, 4, &a), -ENOTSUP);
	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0x3ffe, 4, &a), -EINVAL);
	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, UINT64_MAX, 4, &a), -EINVAL);
	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0, 0, &a), -EINVAL);
	vfio_done();
	close(fd);
}

static void
whole_region_mapped(void **state)
{
	int fd = memfd(0x2000, F_SEAL_SHRINK);
	struct steer_vfio_region r;
	void *p;

	OPEN({.want = REGION_WANT(2, 4),
	      .reply = BYTES(REPLY(2, 5, 48), L4(32), L4(5), L4(4), L4(0), L8(0x2000), L8(0)),
	      .fds = &fd,
	      .nr_fds = 1});
	assert_int_equal(steer_vfio_region_info(ctx.dev, 4, &r), 0);
	assert_int_equal(r.flags, STEER_VFIO_REGION_F_READ | STEER_VFIO_REGION_F_MMAP);
	assert_int_equal(r.nr_areas, 1);
	assert_int_equal(r.areas[0].size, 0x2000);
	assert_int_equal(steer_vfio_region_map(ctx.dev, 4, 0, 0x2000, &p), 0);
	assert_int_equal(steer_vfio_region_write(ctx.dev, 4, 0, "x", 1), -EACCES);
	vfio_done();
	close(fd);
}

/* The same reply, with a file that must not or cannot be mapped: messages are used instead. */
static void
not_mapped_but_usable(int fd, unsigned int nr_fds, uint8_t flags)
{
	uint8_t reply[SPARSE_LEN];
	struct steer_vfio_region r;
	void *p;

	memcpy(reply, sparse, SPARSE_LEN);
	reply[AT_FLAGS] = flags;
	OPEN({.want = REGION_WANT(2, 0),
	      .reply = {reply, SPARSE_LEN},
	      .fds = &fd,
	      .nr_fds = nr_fds});
	assert_int_equal(steer_vfio_region_info(ctx.dev, 0, &r), 0);
	assert_int_equal(r.flags, 3);
	assert_int_equal(r.nr_areas, 0);
	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0, 4, &p), -ENOTSUP);
	vfio_assert_error("not mappable");
	vfio_done();
	close(fd);
}

static void
unsafe_files_are_not_mapped(void **state)
{
	not_mapped_but_usable(memfd(0x5000, 0), 1, 0xf);
	not_mapped_but_usable(memfd(0x5000, F_SEAL_GROW), 1, 0xf);
	not_mapped_but_usable(memfd(0x5000, F_SEAL_SHRINK), 0, 0xf); /* no file came */
	not_mapped_but_usable(memfd(0x5000, F_SEAL_SHRINK), 1, 0xb); /* flag says no */
	not_mapped_but_usable(eventfd(0, EFD_CLOEXEC), 1, 0xf);
}

static void
mmap_refused_by_kernel(void **state)
{
	int fd = memfd(0x5000, F_SEAL_SHRINK | F_SEAL_WRITE);
	void *p;

	OPEN({.want = REGION_WANT(2, 0), .reply = {sparse, SPARSE_LEN}, .fds = &fd, .nr_fds = 1});
	assert_int_equal(steer_vfio_region_map(ctx.dev, 0, 0, 4, &p), -ENOTSUP);
	vfio_assert_error("mmap");
	vfio_done();
	close(fd);
}

struct patch {
	uint8_t at, len;
	uint64_t val;
	const char *part;
};

static void
info_hostile(void **state)
{
	static const struct patch bad[] = {
		{AT_INDEX, 4, 1, "another region"},
		{AT_ARGSZ, 4, 31, "argsz"},
		{AT_ARGSZ, 4, 4129, "argsz"},
		{AT_SIZE, 8, 0x5000, "power of two"},
		{AT_CAP, 4, 4, "capability"},
		{AT_CAP, 4, 73, "capability"},
		{AT_CAP, 4, 0xffffffff, "capability"},
		{AT_NEXT, 4, 32, "capability"}, /* loops to itself */
		{AT_NEXT, 4, 8, "capability"},
		{AT_NEXT, 4, 0xfffffff0, "capability"},
		{AT_NR, 4, 3, "capability"}, /* more than came */
		{AT_NR, 4, 65, "capability"},
		{AT_NR, 4, 0x10000001, "capability"},
		{AT_AREA0, 8, 0x800, "areas"},
		{AT_SIZE0, 8, 0x1800, "areas"},
		{AT_SIZE0, 8, 0, "areas"},
		{AT_SIZE0, 8, 0x4000, "areas"}, /* overlaps the second */
		{AT_AREA1, 8, 0x4000, "areas"},
		{AT_AREA1, 8, 0xfffffffffffff000, "areas"},
		{AT_SIZE1, 8, 0x2000, "areas"},
		{AT_SIZE1, 8, 0xfffffffffffff000, "areas"},
		{AT_OFFSET, 8, 0x2000, "smaller"},
		{AT_OFFSET, 8, 0x0800, "smaller"},
		{AT_OFFSET, 8, 0xfffffffffffff000, "smaller"},
	};
	int fd = memfd(0x5000, F_SEAL_SHRINK);
	struct steer_vfio_region r;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t reply[SPARSE_LEN];

		memcpy(reply, sparse, SPARSE_LEN);
		memcpy(reply + bad[i].at, &bad[i].val, bad[i].len);
		OPEN({.want = REGION_WANT(2, 0),
		      .reply = {reply, SPARSE_LEN},
		      .fds = &fd,
		      .nr_fds = 1});
		assert_int_equal(steer_vfio_region_info(ctx.dev, 0, &r), -EPROTO);
		vfio_assert_error(bad[i].part);
		vfio_done();
	}
	close(fd);
}

static void
info_chain_with_unknown_capability(void **state)
{
	struct steer_vfio_region r;
	int fd = memfd(0x1000, F_SEAL_SHRINK);

	OPEN({.want = REGION_WANT(2, 2),
	      .reply = BYTES(REPLY(2, 5, 16 + 32 + 8 + 32), L4(72), L4(0xf), L4(2), L4(32),
			     L8(0x1000), L8(0), L2(3), L2(1), L4(40), L2(1), L2(1), L4(0), L4(1),
			     L4(0), L8(0), L8(0x1000)),
	      .fds = &fd,
	      .nr_fds = 1});
	assert_int_equal(steer_vfio_region_info(ctx.dev, 2, &r), 0);
	assert_int_equal(r.nr_areas, 1);
	assert_int_equal(steer_vfio_region_info(ctx.dev, 9, &r), -EINVAL);
	vfio_done();
	close(fd);
}

static void
absent_region(void **state)
{
	struct steer_vfio_region r;
	uint8_t b;

	OPEN({.want = REGION_WANT(2, 1),
	      .reply = BYTES(REPLY(2, 5, 48), L4(32), L4(0), L4(1), L4(0), L8(0), L8(0))});
	assert_int_equal(steer_vfio_region_info(ctx.dev, 1, &r), 0);
	assert_int_equal(r.size, 0);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 1, 0, &b, 1), -EINVAL);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 1, 0, &b, 0), -EACCES);
	vfio_done();
}

static void
read_and_write(void **state)
{
	uint32_t v = 0xaabbccdd;

	OPEN(REGION_STEP(2, 7, 4096),
	     {.want = BYTES(CMD(3, 9, 32), L8(0x10), L4(7), L4(4)),
	      .reply = BYTES(REPLY(3, 9, 36), L8(0x10), L4(7), L4(4), 1, 2, 3, 4)},
	     {.want = BYTES(CMD(4, 10, 34), L8(0xffe), L4(7), L4(2), 0xdd, 0xcc),
	      .reply = BYTES(REPLY(4, 10, 32), L8(0xffe), L4(7), L4(2))},
	     {.want = BYTES(CMD(5, 10, 36), L8(0), L4(7), L4(4), 0xdd, 0xcc, 0xbb, 0xaa),
	      .reply = BYTES(ERROR_REPLY(5, 10, 13))});
	assert_int_equal(steer_vfio_region_write(ctx.dev, 7, 0xfff, &v, 2), -EINVAL);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 7, UINT64_MAX, &v, 2), -EINVAL);
	assert_int_equal(v, 0xaabbccdd);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 7, 0x10, &v, 4), 0);
	assert_int_equal(v, 0x04030201);
	v = 0xaabbccdd;
	assert_int_equal(steer_vfio_region_write(ctx.dev, 7, 0xffe, &v, 2), 0);
	assert_int_equal(steer_vfio_region_write(ctx.dev, 7, 0, &v, 4), -EACCES);
	vfio_assert_error("region 7: write of 4 bytes at 0x0: refused by the device");
	assert_int_equal(steer_vfio_is_gone(ctx.dev), 0);
	vfio_done();
}

/* The server takes 8 bytes a message. */
static void
read_and_write_in_pieces(void **state)
{
	static const uint8_t text[] = "{\"capabilities\":{\"max_data_xfer_size\":8}}";
	uint8_t version[20 + sizeof(text)] = {REPLY(0, 1, 20 + sizeof(text)), L2(0), L2(0)};
	struct step steps[] = {
		{.want = VERSION_WANT, .reply = {version, sizeof(version)}},
		INFO_STEP,
		REGION_STEP(2, 7, 256),
		{.want = BYTES(CMD(3, 9, 32), L8(1), L4(7), L4(8)),
		 .reply = BYTES(REPLY(3, 9, 40), L8(1), L4(7), L4(8), L8(0x0807060504030201))},
		{.want = BYTES(CMD(4, 9, 32), L8(9), L4(7), L4(3)),
		 .reply = BYTES(REPLY(4, 9, 35), L8(9), L4(7), L4(3), 9, 10, 11)},
		{.want = BYTES(CMD(5, 10, 40), L8(0), L4(7), L4(8), 1, 2, 3, 4, 5, 6, 7, 8),
		 .reply = BYTES(REPLY(5, 10, 32), L8(0), L4(7), L4(8))},
		{.want = BYTES(CMD(6, 10, 35), L8(8), L4(7), L4(3), 9, 10, 11),
		 .reply = BYTES(REPLY(6, 10, 32), L8(8), L4(7), L4(3))},
	};
	static const uint8_t want[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
	uint8_t buf[11];

	memcpy(version + 20, text, sizeof(text));
	vfio_must_open(steps, 7);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 7, 1, buf, 11), 0);
	assert_memory_equal(buf, want, 11);
	assert_int_equal(steer_vfio_region_write(ctx.dev, 7, 0, buf, 11), 0);
	vfio_done();
}

/* Flag 4 of the command: no reply. What comes back next is that of the read. */
static void
posted_write(void **state)
{
	const uint32_t v = 0xaabbccdd;
	uint32_t back;

	OPEN(REGION_STEP(2, 7, 4096),
	     {.want = BYTES(L2(3), L2(10), L4(36), L4(0x10), L4(0), L8(0x10), L4(7), L4(4), 0xdd,
			    0xcc, 0xbb, 0xaa)},
	     {.want = BYTES(L2(4), L2(10), L4(33), L4(0x10), L4(0), L8(0x14), L4(7), L4(1), 0xdd)},
	     {.want = BYTES(CMD(5, 9, 32), L8(0x10), L4(7), L4(4)),
	      .reply = BYTES(REPLY(5, 9, 36), L8(0x10), L4(7), L4(4), 1, 2, 3, 4)});
	assert_int_equal(steer_vfio_region_post(ctx.dev, 7, 0xfff, &v, 2), -EINVAL);
	assert_int_equal(steer_vfio_region_post(ctx.dev, 7, 0x10, &v, 0), 0);
	assert_int_equal(steer_vfio_region_post(ctx.dev, 7, 0x10, &v, 4), 0);
	assert_int_equal(steer_vfio_region_post(ctx.dev, 7, 0x14, &v, 1), 0);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 7, 0x10, &back, 4), 0);
	assert_int_equal(back, 0x04030201);
	vfio_done();
}

/* A server that answers all the same, and one that is gone. */
static void
posted_write_to_a_bad_server(void **state)
{
	const uint8_t v = 1;
	uint8_t back;

	OPEN(REGION_STEP(2, 7, 4096),
	     {.want = BYTES(L2(3), L2(10), L4(33), L4(0x10), L4(0), L8(4), L4(7), L4(1), 1)},
	     {.want = BYTES(CMD(4, 9, 32), L8(4), L4(7), L4(1)),
	      .reply = BYTES(REPLY(3, 10, 32), L8(4), L4(7), L4(1))});
	assert_int_equal(steer_vfio_region_post(ctx.dev, 7, 4, &v, 1), 0);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 7, 4, &back, 1), -EPROTO);
	vfio_assert_error("a reply that nobody waits for");
	assert_int_equal(steer_vfio_region_post(ctx.dev, 7, 4, &v, 1), -ENODEV);
	vfio_done();
}

static void
read_about_other_bytes(void **state)
{
	uint8_t b[4];

	OPEN(REGION_STEP(2, 7, 256),
	     {.want = BYTES(CMD(3, 9, 32), L8(0), L4(7), L4(4)),
	      .reply = BYTES(REPLY(3, 9, 36), L8(4), L4(7), L4(4), L4(0))},
	     {.want = BYTES(CMD(4, 9, 32), L8(0), L4(7), L4(4)),
	      .reply = BYTES(REPLY(4, 9, 34), L8(0), L4(7), L4(2), L2(0))},
	     {.want = BYTES(CMD(5, 9, 32), L8(0), L4(7), L4(4)),
	      .reply = BYTES(REPLY(5, 9, 34), L8(0), L4(7), L4(4), L2(0))});
	assert_int_equal(steer_vfio_region_read(ctx.dev, 7, 0, b, 4), -EPROTO);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 7, 0, b, 4), -EPROTO);
	assert_int_equal(steer_vfio_region_read(ctx.dev, 7, 0, b, 4), -EPROTO);
	vfio_done();
}

#define IO_WANT(id)                   BYTES(CMD(id, 6, 32), L4(16 + 64 * 40), L4(0), L4(0), L4(0))
#define IO_ELEM(off, size, fd, match) L8(off), L8(size), L4(fd), L4(0), L4(0), L4(0), L8(match)

static void
io_fds(void **state)
{
	int fds[2] = {eventfd(0, EFD_CLOEXEC), eventfd(0, EFD_CLOEXEC)};
	struct steer_vfio_io_fd io[3];
	uint64_t n = 0;
	int i;

	/* Three elements on two descriptors, asked for twice. */
	OPEN(REGION_STEP(2, 0, 0x4000),
	     {.want = IO_WANT(3),
	      .reply = BYTES(REPLY(3, 6, 16 + 16 + 120), L4(136), L4(0), L4(0), L4(3),
			     IO_ELEM(0x3000, 2, 0, 0), IO_ELEM(0x3004, 2, 1, 1),
			     IO_ELEM(0x3008, 2, 1, 2)),
	      .fds = fds,
	      .nr_fds = 2},
	     {.want = IO_WANT(4),
	      .reply = BYTES(REPLY(4, 6, 16 + 16 + 80), L4(96), L4(0), L4(0), L4(2),
			     IO_ELEM(0x3000, 2, 0, 0), IO_ELEM(0x3004, 2, 1, 1)),
	      .fds = fds,
	      .nr_fds = 2});
	assert_int_equal(steer_vfio_region_io_fds(ctx.dev, 0, io, 3), 3);
	assert_int_equal(io[1].offset, 0x3004);
	assert_int_equal(io[2].datamatch, 2);
	assert_int_equal(eventfd_write(io[2].fd, 5), 0);
	assert_int_equal(eventfd_read(fds[1], &n), 0);
	assert_int_equal(n, 5);
	for (i = 0; i < 3; i++)
		close(io[i].fd);
	assert_int_equal(steer_vfio_region_io_fds(ctx.dev, 0, io, 1), 1);
	assert_int_equal(io[0].offset, 0x3000);
	close(io[0].fd);
	vfio_done();
	close(fds[0]);
	close(fds[1]);
}

static void
io_fds_refused(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct steer_vfio_io_fd io[4];
	unsigned int i;

	OPEN(REGION_STEP(2, 0, 0x4000),
	     {.want = IO_WANT(3),
	      .reply = BYTES(REPLY(3, 6, 72), L4(56), L4(0), L4(0), L4(1), IO_ELEM(0, 2, 1, 0)),
	      .fds = &fd,
	      .nr_fds = 1},
	     {.want = IO_WANT(4),
	      .reply =
		      BYTES(REPLY(4, 6, 72), L4(56), L4(0), L4(0), L4(1), IO_ELEM(0x3fff, 2, 0, 0)),
	      .fds = &fd,
	      .nr_fds = 1},
	     {.want = IO_WANT(5),
	      .reply = BYTES(REPLY(5, 6, 72), L4(56), L4(0), L4(0), L4(2), IO_ELEM(0, 2, 0, 0)),
	      .fds = &fd,
	      .nr_fds = 1},
	     {.want = IO_WANT(6),
	      .reply = BYTES(REPLY(6, 6, 32), L4(16), L4(0), L4(0), L4(0x66666667))},
	     {.want = IO_WANT(7), .reply = BYTES(REPLY(7, 6, 32), L4(16), L4(0), L4(0), L4(0))},
	     {.want = IO_WANT(8), .reply = BYTES(ERROR_REPLY(8, 6, ENOSYS))});
	for (i = 0; i < 4; i++)
		assert_int_equal(steer_vfio_region_io_fds(ctx.dev, 0, io, 4), -EPROTO);
	assert_int_equal(steer_vfio_region_io_fds(ctx.dev, 0, io, 4), -ENOTSUP);
	assert_int_equal(steer_vfio_region_io_fds(ctx.dev, 0, io, 4), -ENOTSUP);
	assert_int_equal(steer_vfio_region_io_fds(ctx.dev, 0, io, 0), -EINVAL);
	vfio_done();
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(sparse_mapped),
		T(whole_region_mapped),
		T(unsafe_files_are_not_mapped),
		T(mmap_refused_by_kernel),
		T(info_hostile),
		T(info_chain_with_unknown_capability),
		T(absent_region),
		T(read_and_write),
		T(posted_write),
		T(posted_write_to_a_bad_server),
		T(read_and_write_in_pieces),
		T(read_about_other_bytes),
		T(io_fds),
		T(io_fds_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
