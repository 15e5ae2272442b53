/* SPDX-License-Identifier: BSD-3-Clause */

/* What is asked of the generator, and of lcores: mixes, exponents, noise, work. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "opts.h"
#include "traffic.h"
#include "work.h"

static void
mixes(void **state)
{
	static const char *const bad[] = {"",        "64",     "64:",          ":1", "64:0",
					  "59:1",    "9001:1", "64:-1",        "x",  "64:1:2",
					  "64:1/65", "imix2",  "64:4294967296"};
	struct steer_trace_gen gen;
	char name[64], eight[] = "60:1/61:1/62:1/63:1/64:1/65:1/66:1/67:1/68:1";

	memset(&gen, 0, sizeof(gen));
	assert_int_equal(traffic_mix_parse("imix", &gen), 0);
	assert_string_equal(traffic_mix_name(&gen, name, sizeof(name)), "64:7/594:4/1514:1");
	assert_int_equal(traffic_mix_parse("60:1/9000:4294967295", &gen), 0);
	assert_int_equal(gen.nmix, 2);
	assert_int_equal(gen.mix[1].len, 9000);
	assert_int_equal(gen.mix[1].weight, UINT32_MAX);
	assert_string_equal(traffic_mix_name(&gen, name, sizeof(name)), "60:1/9000:4294967295");
	assert_string_equal(traffic_mix_name(&gen, name, 8), "60:1/90");
	assert_int_equal(traffic_mix_parse(eight, &gen), -EINVAL);
	*strrchr(eight, '/') = '\0';
	assert_int_equal(traffic_mix_parse(eight, &gen), 0);
	assert_int_equal(gen.nmix, 8);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(traffic_mix_parse(bad[i], &gen), -EINVAL);
}

static void
exponents(void **state)
{
	static const struct {
		const char *text;
		uint32_t milli;
	} good[] = {{"0", 0},        {"1", 1000},    {"0.99", 990}, {"5", 5000},
		    {"5.000", 5000}, {"1.05", 1050}, {"0.001", 1},  {"00.5", 500}};
	static const char *const bad[] = {
		"",    ".5",  "1.",  "0.9999", "5.001", "6",   "-1",   "+1",
		"1e1", "0x1", "1,5", "1.2.3",  "1..2",  "nan", "0.9 ", "99999999999999999999"};
	uint32_t milli;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(traffic_zipf_parse(good[i].text, &milli), 0);
		assert_int_equal(milli, good[i].milli);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(traffic_zipf_parse(bad[i], &milli), -EINVAL);
}

static void
into_a_session(void **state)
{
	struct opts o = {0};
	struct steer_trace_gen gen = {.len = 1}, none = {0};

	assert_false(traffic_given(&o));
	assert_int_equal(traffic_gen_apply(&o, &gen), 0);
	assert_memory_equal(&gen, &none, sizeof(gen));
	o.traffic.len = 300;
	o.traffic.zipf_milli = 990;
	assert_true(traffic_given(&o));
	assert_int_equal(traffic_gen_apply(&o, &gen), 0);
	assert_memory_equal(&gen, &o.traffic, sizeof(gen));
	assert_int_equal(traffic_mix_parse("imix", &o.traffic), 0);
	assert_int_equal(traffic_gen_apply(&o, &gen), -EINVAL);
}

static void
noise(void **state)
{
	static const char *const bad[] = {"",    "@",   "1@",   "@1",      "0@1",
					  "1@x", "x@1", "1@-1", "65537@1", "1@1024"};
	struct noise_conf n;

	assert_int_equal(noise_parse("64@3", &n), 0);
	assert_int_equal(n.mib, 64);
	assert_int_equal(n.lcore, 3);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(noise_parse(bad[i], &n), -EINVAL);
}

static void
work(void **state)
{
	uint64_t x = 1;

	/* Each iteration counts: n and then m are n + m, and none is nothing. */
	assert_true(work_do(5, 0) == 5);
	assert_true(work_do(work_do(7, 10), 13) == work_do(7, 23));
	for (unsigned int i = 0; i < 1000; i++) {
		assert_true(work_do(x, 1) != x);
		x = work_do(x, 1);
	}
	assert_true(x == work_do(1, 1000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mixes),          cmocka_unit_test(exponents),
		cmocka_unit_test(into_a_session), cmocka_unit_test(noise),
		cmocka_unit_test(work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
