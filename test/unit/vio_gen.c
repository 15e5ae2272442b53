/* SPDX-License-Identifier: BSD-3-Clause */

/* The generator's frame, byte by byte, and what its check finds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "gen.h"

static uint8_t pattern[GEN_MAX];

static void
make(uint8_t *dst, const struct gen_conf *conf, uint32_t flow, uint64_t seq, uint16_t size)
{
	static const uint8_t mac[6] = {0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x01};
	struct gen_head head;
	uint32_t sum;

	gen_pattern(pattern);
	gen_head_make(conf, mac, pattern, flow, size, &head, &sum);
	gen_write(dst, &head, sum, seq, size, pattern);
}

/** RFC 1071 over big-endian words: 0xffff when the checksum inside is right. */
static uint32_t
ones_sum(const uint8_t *p, uint32_t n, uint32_t sum)
{
	for (; n > 1; n -= 2, p += 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	if (n)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void
golden_bytes(void **state)
{
	/* Written by hand from the table in gen.h; what is mixed, and the checksums, stand as 0. */
	static const uint8_t want[64] = {
		0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x01, 0x02, 0x53, 0x47, 0x45, 0x4e, 0x00, 0x08,
		0x00, 0x45, 0x00, 0x00, 0x32, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00,
		0xc6, 0x12, 0x01, 0x02, 0xc6, 0x13, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x00,
		0x1e, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x53, 0x47, 0x01, 0x02, 0x03, 0x04,
		0x05, 0x06, 0x07, 0x08, 0x00, 0x00, 0x00, 0x40, 0xa7, 0xae, 0xb5, 0xbc};
	struct gen_conf conf = {.flows = 1000, .seed = 1};
	uint8_t f[64];

	make(f, &conf, 0x102, 0x0102030405060708ull, 64);
	assert_int_equal(ones_sum(f + 14, 20, 0), 0xffff);
	assert_int_equal(ones_sum(f + 34, 30, ones_sum(f + 26, 8, 17 + 30)), 0xffff);
	assert_in_range((uint32_t)f[34] << 8 | f[35], 1024, 61023);
	memset(f + 24, 0, 2);
	memset(f + 32, 0, 4);
	memset(f + 40, 0, 2);
	assert_memory_equal(f, want, 64);
}

static void
checksums_at_every_size(void **state)
{
	struct gen_conf conf = {.flows = 1000, .seed = 9};
	static uint8_t f[GEN_MAX];
	uint64_t seq = 0xfffffffffffffff0ull;
	uint16_t size;

	for (size = GEN_MIN; size < 1600; size++, seq += 0x0123456789ull) {
		make(f, &conf, size % 1000, seq, size);
		assert_int_equal(ones_sum(f + 34, size - 34u, ones_sum(f + 26, 8, size - 17u)),
				 0xffff);
		assert_true(f[40] || f[41]);
	}
}

static void
check_finds_every_flipped_byte(void **state)
{
	struct gen_conf conf = {.flows = 8, .seed = 1};
	uint8_t f[100];
	uint32_t flow, i;
	uint64_t seq;

	make(f, &conf, 5, 77, 100);
	assert_int_equal(gen_check(&conf, f, 100, pattern, &flow, &seq), GEN_GOOD);
	assert_int_equal(flow, 5);
	assert_int_equal(seq, 77);
	for (i = 0; i < 100; i++) {
		enum gen_verdict got;

		f[i] ^= 0x10;
		got = gen_check(&conf, f, 100, pattern, &flow, &seq);
		if (i < 12)
			assert_int_equal(got, GEN_GOOD);
		else if (i == 46 || i == 47)
			assert_int_equal(got, GEN_FOREIGN);
		else
			assert_int_equal(got, GEN_DAMAGED);
		f[i] ^= 0x10;
	}
	assert_int_equal(gen_check(&conf, f, 99, pattern, &flow, &seq), GEN_DAMAGED);
	assert_int_equal(gen_check(&conf, f, 20, pattern, &flow, &seq), GEN_FOREIGN);
}

static void
options(void **state)
{
	static const char *const bad[] = {"gen,size",
					  "gen,size=",
					  "gen,size=59",
					  "gen,size=9019",
					  "gen,flows=65537",
					  "gen,flows=-1",
					  "gen,rate=1x",
					  "gen,mix=",
					  "gen,mix=64",
					  "gen,mix=64:",
					  "gen,mix=64:0",
					  "gen,mix=59:1",
					  "gen,mix=64:1/x:2",
					  "gen,mix=64:4294967296",
					  "gen,zipf=",
					  "gen,zipf=5.001",
					  "gen,zipf=1.",
					  "gen,zipf=.5",
					  "gen,zipf=0.9999",
					  "gen,zipf=-1",
					  "gen,zipf=99999999999",
					  "gen,x=1",
					  "gem",
					  "gen,count=99999999999G"};
	struct gen_conf conf;
	char err[100];
	size_t i;

	assert_int_equal(gen_conf_parse("gen", &conf, err, sizeof(err)), 0);
	assert_int_equal(conf.sizes[0], 64);
	assert_int_equal(gen_conf_parse("gen,size=imix,flows=9,seed=3,rate=2M,count=5k", &conf, err,
					sizeof(err)),
			 0);
	assert_int_equal(conf.nr_sizes, 12);
	assert_int_equal(conf.rate, 2000000);
	assert_int_equal(conf.count, 5000);
	assert_int_equal(gen_conf_parse("gen,size=60+1514", &conf, err, sizeof(err)), 0);
	assert_int_equal(conf.nr_sizes, 2);
	assert_false(conf.mixed);
	assert_int_equal(gen_conf_parse("gen,mix=64:7/1k:2,zipf=0.99", &conf, err, sizeof(err)), 0);
	assert_true(conf.mixed);
	assert_int_equal(conf.nr_sizes, 2);
	assert_int_equal(conf.sizes[1], 1000);
	assert_int_equal(conf.weights[0], 7);
	assert_int_equal(conf.weights[1], 2);
	assert_int_equal(conf.zipf_milli, 990);
	assert_int_equal(gen_conf_parse("gen,mix=imix,zipf=5", &conf, err, sizeof(err)), 0);
	assert_int_equal(conf.nr_sizes, 3);
	assert_int_equal(conf.zipf_milli, 5000);
	for (i = 0; i < RTE_DIM(bad); i++) {
		err[0] = 0;
		assert_true(gen_conf_parse(bad[i], &conf, err, sizeof(err)) < 0);
		assert_true(err[0]);
	}
}

static void
what_a_session_wants(void **state)
{
	static const struct steer_trace_gen bad[] = {
		{.len = 59},
		{.len = 9001},
		{.flows = 65537},
		{.zipf_milli = 5001},
		{.nmix = 9},
		{.nmix = UINT32_MAX},
		{.nmix = 1, .mix = {{64, 0}}},
		{.nmix = 1, .mix = {{59, 1}}},
		{.nmix = 2, .mix = {{64, 1}, {9001, 1}}},
		{.len = 64, .nmix = 1, .mix = {{64, 1}}},
	};
	struct steer_trace_gen want = {.zipf_milli = 900};
	struct gen_conf conf, line;
	char err[100];
	size_t i;

	assert_int_equal(gen_conf_parse("gen,size=100,flows=9,zipf=2", &line, err, sizeof(err)), 0);
	conf = line;
	assert_int_equal(gen_conf_session(&conf, &(struct steer_trace_gen){0}), 0);
	assert_memory_equal(&conf, &line, sizeof(conf));
	assert_int_equal(gen_conf_session(&conf, &want), 0);
	assert_int_equal(conf.zipf_milli, 900);
	assert_int_equal(conf.sizes[0], 100);
	assert_int_equal(conf.flows, 9);
	want = (struct steer_trace_gen){.flows = 5, .nmix = 2, .mix = {{64, 3}, {1500, 1}}};
	assert_int_equal(gen_conf_session(&conf, &want), 0);
	assert_true(conf.mixed);
	assert_int_equal(conf.flows, 5);
	assert_int_equal(conf.zipf_milli, 0);
	assert_int_equal(conf.sizes[1], 1500);
	assert_int_equal(conf.weights[0], 3);
	want = (struct steer_trace_gen){.len = 9000};
	assert_int_equal(gen_conf_session(&conf, &want), 0);
	assert_false(conf.mixed);
	assert_int_equal(conf.nr_sizes, 1);
	assert_int_equal(conf.sizes[0], 9000);
	for (i = 0; i < RTE_DIM(bad); i++)
		assert_int_equal(gen_conf_session(&conf, &bad[i]), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_bytes),
		cmocka_unit_test(checksums_at_every_size),
		cmocka_unit_test(check_finds_every_flipped_byte),
		cmocka_unit_test(options),
		cmocka_unit_test(what_a_session_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
