/* SPDX-License-Identifier: BSD-3-Clause */

/* What stands behind --vdev=steer. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <plugin.h>

static struct plugin_args
good(const char *text)
{
	struct plugin_args args;
	char err[192];

	assert_int_equal(plugin_args_parse(text, &args, err, sizeof(err)), 0);
	return args;
}

static void
bad(const char *text, const char *reason)
{
	struct plugin_args args;
	char err[192] = "";

	assert_int_equal(plugin_args_parse(text, &args, err, sizeof(err)), -EINVAL);
	assert_string_equal(err, reason);
}

/* Ports as a set of bits. */
static uint64_t
ports(const struct plugin_args *args)
{
	uint64_t set = 0;
	unsigned int p;

	for (p = 0; p < RTE_MAX_ETHPORTS; p++)
		set |= (uint64_t)args->port[p] << p;
	return set;
}

#define ALL (UINT64_MAX >> (64 - RTE_MAX_ETHPORTS))

static void
every_port_each_two_milliseconds(void **state)
{
	static const char *const texts[] = {NULL, "", "ports=all"};
	unsigned int i;

	for (i = 0; i < RTE_DIM(texts); i++) {
		struct plugin_args args = good(texts[i]);

		assert_int_equal(ports(&args), ALL);
		assert_int_equal(args.scan_us, 2000);
	}
}

static void
some_ports(void **state)
{
	struct plugin_args args = good("ports=0:2");

	assert_int_equal(ports(&args), 0x5);
	args = good("ports=31");
	assert_int_equal(ports(&args), 0x80000000);
	args = good("scan=100,ports=1:1:0");
	assert_int_equal(ports(&args), 0x3);
	assert_int_equal(args.scan_us, 100);
}

static void
ports_that_are_none(void **state)
{
#define NEITHER(v) "ports=" v " is neither all nor port numbers, 0 to 31, with : between"
	bad("ports=", NEITHER(""));
	bad("ports=ALL", NEITHER("ALL"));
	bad("ports=32", NEITHER("32"));
	bad("ports=-1", NEITHER("-1"));
	bad("ports=0x1", NEITHER("0x1"));
	bad("ports=0:", NEITHER("0:"));
	bad("ports=:0", NEITHER(":0"));
	bad("ports=0:all", NEITHER("0:all"));
	bad("ports=0-2", NEITHER("0-2"));
	bad("ports=99999999999999999999", NEITHER("99999999999999999999"));
}

static void
periods(void **state)
{
	assert_int_equal(good("scan=1").scan_us, 1);
	assert_int_equal(good("scan=10000000").scan_us, 10000000);
#define NO_TIME(v) "scan=" v " is not a number of microseconds, 1 to 10000000"
	bad("scan=0", NO_TIME("0"));
	bad("scan=10000001", NO_TIME("10000001"));
	bad("scan=2ms", NO_TIME("2ms"));
	bad("scan=-5", NO_TIME("-5"));
	bad("scan= 5", NO_TIME(" 5"));
	bad("scan=", NO_TIME(""));
}

static void
keys_that_are_not_known(void **state)
{
	bad("port=0", "port= is not known; ports= and scan= are");
	bad("ports=0,steer=auto", "steer= is not known; ports= and scan= are");
	bad("Ports=0", "Ports= is not known; ports= and scan= are");
	bad("ports=0,ports=1", "ports= is given twice");
	bad("scan=1,ports=0,scan=1", "scan= is given twice");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_port_each_two_milliseconds),
		cmocka_unit_test(some_ports),
		cmocka_unit_test(ports_that_are_none),
		cmocka_unit_test(periods),
		cmocka_unit_test(keys_that_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
