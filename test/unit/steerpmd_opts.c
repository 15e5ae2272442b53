/* SPDX-License-Identifier: BSD-3-Clause */

/* Command line of dpdk-steerpmd: values, limits, messages and exit codes. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpus.h"
#include "opts.h"

static struct opts o;
static char err[256];

static int
parse(const char *const *args)
{
	char words[16][64], *argv[17] = {words[0]};
	int argc = 1;

	strcpy(words[0], "app");
	for (; args[argc - 1] != NULL; argc++) {
		strcpy(words[argc], args[argc - 1]);
		argv[argc] = words[argc];
	}
	err[0] = '\0';
	return opts_parse(argc, argv, &o, err, sizeof(err));
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void
defaults(void **state)
{
	const char *const none[] = {NULL};

	assert_int_equal(parse(none), PMD_EXIT_OK);
	assert_int_equal(o.nb_rxq, 1);
	assert_int_equal(o.nb_txq, 1);
	assert_int_equal(o.burst, 32);
	assert_int_equal(o.fwd_mode, FWD_IO);
	assert_int_equal(o.touch.kind, TOUCH_NONE);
	assert_int_equal(o.steer, STEERING_AUTO);
	assert_int_equal(o.nb_modes, 0);
	assert_string_equal(o.platform, "zen5");
	assert_string_equal(o.rings, "virtio");
	assert_int_equal(o.backlog, 0);
	assert_int_equal(o.mbcache, MBCACHE_DEFAULT);
	assert_false(o.interactive);
}

static void
testpmd_names(void **state)
{
	assert_int_equal(PARSE("-i", "--forward-mode=mac", "--rxq=4", "--txq", "4", "--nb-cores=2",
			       "--burst=64", "--rxd=512", "--txd=1024", "--mbuf-size=4096",
			       "--total-num-mbufs=8192", "--stats-period=5", "--tx-first", "-a"),
			 PMD_EXIT_OK);
	assert_true(o.interactive);
	assert_true(o.auto_start);
	assert_true(o.tx_first);
	assert_int_equal(o.fwd_mode, FWD_MAC);
	assert_int_equal(o.nb_rxq, 4);
	assert_int_equal(o.nb_txq, 4);
	assert_int_equal(o.nb_cores, 2);
	assert_int_equal(o.burst, 64);
	assert_int_equal(o.nb_rxd, 512);
	assert_int_equal(o.nb_txd, 1024);
	assert_int_equal(o.mbuf_size, 4096);
	assert_int_equal(o.total_num_mbufs, 8192);
	assert_int_equal(o.stats_period, 5);
}

static void
experiment(void **state)
{
	assert_int_equal(PARSE("--experiment=wrong,off", "--rounds=10", "--round-packets=100",
			       "--seed=0xffffffffffffffff", "--lockstep=16",
			       "--platform=clx:io_ways=4", "--rings=mlx5", "--backlog=224",
			       "--mbcache=256"),
			 PMD_EXIT_OK);
	assert_int_equal(o.nb_modes, 2);
	assert_int_equal(o.modes[0], STEERING_WRONG);
	assert_int_equal(o.modes[1], STEERING_OFF);
	assert_int_equal(o.rounds, 10);
	assert_int_equal(o.round_packets, 100);
	assert_true(o.seed == UINT64_MAX);
	assert_int_equal(o.lockstep, 16);
	assert_true(o.lockstep_given);
	assert_string_equal(o.platform, "clx:io_ways=4");
	assert_string_equal(o.rings, "mlx5");
	assert_int_equal(o.backlog, 224);
	assert_int_equal(o.mbcache, 256);
	/* something has to be read, or there is nothing to see */
	assert_int_equal(o.touch.kind, TOUCH_HEADER);
	assert_int_equal(PARSE("--experiment=off", "--touch=none"), PMD_EXIT_OK);
	assert_int_equal(o.touch.kind, TOUCH_NONE);
	assert_int_equal(o.rounds, 10);
	assert_int_equal(PARSE("--experiment=off,right,wrong,no-st"), PMD_EXIT_OK);
	assert_int_equal(o.nb_modes, 4);
	assert_int_equal(o.modes[3], STEERING_NO_ST);
	assert_false(o.model_lcores);
	assert_int_equal(PARSE("--experiment=off", "--model-cores=lcore"), PMD_EXIT_OK);
	assert_true(o.model_lcores);
	assert_int_equal(PARSE("--steer=off", "--model-cores=lcore"), PMD_EXIT_OK);
	assert_int_equal(PARSE("--experiment=off,right", "--model-cores=lcore"), PMD_EXIT_USAGE);
}

static void
touches(void **state)
{
	char name[32];

	assert_int_equal(PARSE("--touch=payload:1400"), PMD_EXIT_OK);
	assert_int_equal(o.touch.kind, TOUCH_PAYLOAD);
	assert_int_equal(o.touch.payload, 1400);
	assert_string_equal(touch_name(&o.touch, name, sizeof(name)), "payload:1400");
	assert_int_equal(PARSE("--touch=rw"), PMD_EXIT_OK);
	assert_string_equal(touch_name(&o.touch, name, sizeof(name)), "rw");
	assert_int_equal(PARSE("--touch=payload"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--touch=payload:0"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--touch=payload:-1"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--touch=everything"), PMD_EXIT_USAGE);
}

static void
load(void **state)
{
	assert_int_equal(PARSE("--work=400", "--noise=32@3", "--latency"), PMD_EXIT_OK);
	assert_int_equal(o.work, 400);
	assert_int_equal(o.noise.mib, 32);
	assert_int_equal(o.noise.lcore, 3);
	assert_int_equal(o.noise_lines, 16);
	assert_true(o.latency);
	/* in either order */
	assert_int_equal(PARSE("--noise-lines=1024", "--noise=32@3"), PMD_EXIT_OK);
	assert_int_equal(o.noise_lines, 1024);
	assert_int_equal(o.noise.mib, 32);
	assert_int_equal(PARSE("--noise=32@3", "--noise-lines=1"), PMD_EXIT_OK);
	assert_int_equal(o.noise_lines, 1);
	assert_int_equal(PARSE("--noise=32@3", "--noise-lines=0"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--noise=32@3", "--noise-lines=1025"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--noise-lines=8", "-i"), PMD_EXIT_OK); /* 'set noise' may follow */
	assert_int_equal(o.noise_lines, 8);
	assert_int_equal(PARSE("--noise-lines=8"), PMD_EXIT_USAGE);
	assert_string_equal(err, "--noise-lines: there is no neighbour without --noise");
	assert_int_equal(PARSE("--lockstep=8", "--mix=64:3/1500:1", "--flows=1000", "--zipf=0.99"),
			 PMD_EXIT_OK);
	assert_int_equal(o.traffic.nmix, 2);
	assert_int_equal(o.traffic.flows, 1000);
	assert_int_equal(o.traffic.zipf_milli, 990);
	assert_int_equal(PARSE("--experiment=off", "--size=1500"), PMD_EXIT_OK);
	assert_int_equal(o.traffic.len, 1500);
	/* nobody could take it */
	assert_int_equal(PARSE("--size=1500"), PMD_EXIT_USAGE);
	assert_non_null(strstr(err, "only a model session"));
	assert_int_equal(PARSE("--lockstep=8", "--size=64", "--mix=imix"), PMD_EXIT_USAGE);
	assert_string_equal(err, "--size and --mix: give one of them");
	assert_int_equal(PARSE("--work=1000001"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--noise=3"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--lockstep=8", "--flows=0"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--lockstep=8", "--size=59"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--lockstep=8", "--mix=64"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--lockstep=8", "--zipf=x"), PMD_EXIT_USAGE);
}

static void
refused(void **state)
{
	static const struct {
		const char *arg, *message;
	} cases[] = {
		{"--foo", "--foo: unknown option (--help lists the options)"},
		{"-x", "-x: unknown option (--help lists the options)"},
		{"--rxq", "--rxq: needs an argument (--help lists the options)"},
		{"--rxq=0", "--rxq: '0' is not a number in 1..128"},
		{"--rxq=129", "--rxq: '129' is not a number in 1..128"},
		{"--burst=3x", "--burst: '3x' is not a number in 1..512"},
		{"--rounds=-1", "--rounds: '-1' is not a number in 1..1000"},
		{"--seed=18446744073709551616",
		 "--seed: '18446744073709551616' is not a number in 0..18446744073709551615"},
		{"--lockstep=1025", "--lockstep: '1025' is not a number in 1..1024"},
		{"--forward-mode=flowgen",
		 "--forward-mode: no mode 'flowgen' (io, mac, macswap, rxonly, txonly)"},
		{"--experiment=off,auto", "--experiment: 'auto' is not off, right, wrong or no-st"},
		{"--experiment=off,off", "--experiment: 'off' is there twice"},
		{"--experiment=,", "--experiment: the list is empty"},
		{"--platform=vax",
		 "--platform: no platform 'vax', known: clx skl-6140 icx spr zen4 "
		 "zen5 neoverse-n1 neoverse-v2"},
		{"--platform=clx:io_ways=12",
		 "--platform: platform 'clx': 'io_ways=12' is not io_ways, shared, tag_ways, "
		 "slices, declined (of 1000) or tags (0 or 1) with a number that fits"},
		{"--platform=neoverse-v2:tag_ways=2,slices=36",
		 "--platform: longer than 31 characters"},
		{"--rings=", "--rings: no shape '', known: virtio mlx5 mlx5-cqe64"},
		{"--rings=i8086", "--rings: no shape 'i8086', known: virtio mlx5 mlx5-cqe64"},
		{"--model-cores=socket", "--model-cores: 'socket' is not cpu or lcore"},
		{"--model-cores=lcore", "--model-cores=lcore: tags name CPUs: only with "
					"--experiment=off or --steer=off"},
		{"--mbcache=513", "--mbcache: '513' is not a number in 0..512"},
		{"--backlog=32769", "--backlog: '32769' is not a number in 0..32768"},
		{"--source=guess", "--source: 'guess' is not auto, all, model, pmu or timing"},
		{"--json=", "--json: empty"},
		{"--steer=no-st", "--steer: 'no-st' is not auto, off, right or wrong"},
		{"--preset=x",
		 "--preset: no preset 'x', known: atc20 (packet size x ring of the ATC 2020 paper "
		 "on DDIO)"},
		{"--warmup-packets=x", "--warmup-packets: 'x' is not a number in 0..4294967295"},
		{"--out=x", "--out is the file of a sweep: use --json, or add --sweep"},
		{"--dry-run", "--dry-run tells of an experiment: add --experiment or --sweep"},
		{"--sweep=ring=64", "--sweep needs --out=FILE"},
		{"word", "word: not an option (--help lists them)"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(PARSE(cases[i].arg), PMD_EXIT_USAGE);
		assert_string_equal(err, cases[i].message);
	}
}

static void
sources(void **state)
{
	const char *const none[] = {NULL};

	assert_int_equal(parse(none), PMD_EXIT_OK);
	assert_int_equal(o.source, SOURCE_AUTO);
	assert_int_equal(PARSE("--source=pmu"), PMD_EXIT_OK);
	assert_int_equal(o.source, SOURCE_PMU);
	assert_int_equal(PARSE("--source=all"), PMD_EXIT_OK);
	assert_int_equal(o.source, SOURCE_ALL);
	assert_string_equal(source_choice_name(o.source), "all");
}

static void
sweep_in_words(void **state)
{
	char text[64];

	assert_int_equal(PARSE("--sweep", "ring=64..256", "queues=1,2", "--out=f", "--rounds=2"),
			 PMD_EXIT_OK);
	assert_int_equal(o.sweep.n, 2);
	assert_int_equal(sweep_axes_points(&o.sweep), 6);
	assert_string_equal(sweep_axes_text(&o.sweep, 0, text, sizeof(text)), "ring=64 queues=1");
	assert_string_equal(sweep_axes_text(&o.sweep, 5, text, sizeof(text)), "ring=256 queues=2");
	/* the three modes, when none was named */
	assert_int_equal(o.nb_modes, 3);
	assert_int_equal(PARSE("--sweep=ring=64 burst=1,2", "--out=f"), PMD_EXIT_OK);
	assert_int_equal(sweep_axes_points(&o.sweep), 2);
	assert_int_equal(PARSE("--sweep=ring=64", "word", "--out=f"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--sweep=ring=64,40000", "--out=f"), PMD_EXIT_USAGE);
	assert_string_equal(err, "--rxd: '40000' is not a number in 1..32768");
	assert_int_equal(PARSE("--sweep=ring=64", "--out=f", "--json=x"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--sweep=ring=64", "--out=f", "--source=all"), PMD_EXIT_USAGE);
}

static void
contradictions(void **state)
{
	assert_int_equal(PARSE("--experiment=off", "-i"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--experiment=off", "--forward-mode=txonly"), PMD_EXIT_USAGE);
	assert_int_equal(PARSE("--experiment=off", "--rxq=2"), PMD_EXIT_USAGE);
	assert_string_equal(err, "--experiment needs as many Tx as Rx queues (--rxq 2 --txq 1)");
}

static void
cpus_sorted_once(void **state)
{
	struct cpus c = {0};

	assert_int_equal(cpus_add(&c, 7), 0);
	assert_int_equal(cpus_add(&c, 2), 0);
	assert_int_equal(cpus_add(&c, 7), 0);
	assert_int_equal(cpus_add(&c, 300), 0);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.cpu[0], 2);
	assert_int_equal(c.cpu[1], 7);
	assert_int_equal(c.cpu[2], 300);
	assert_int_equal(cpus_other(&c, 2), 7);
	assert_int_equal(cpus_other(&c, 7), 300);
	assert_int_equal(cpus_other(&c, 300), 2);
	assert_int_equal(cpus_add(&c, 65536), -EINVAL);
}

static void
cpus_full(void **state)
{
	struct cpus c = {0};

	for (uint32_t i = 0; i < STEER_TRACE_MAX_CPUS; i++)
		assert_int_equal(cpus_add(&c, 2 * i), 0);
	assert_int_equal(cpus_add(&c, 1), -ENOSPC);
	assert_int_equal(cpus_add(&c, 2), 0);
	assert_int_equal(c.n, STEER_TRACE_MAX_CPUS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),       cmocka_unit_test(testpmd_names),
		cmocka_unit_test(experiment),     cmocka_unit_test(touches),
		cmocka_unit_test(load),           cmocka_unit_test(refused),
		cmocka_unit_test(sources),        cmocka_unit_test(sweep_in_words),
		cmocka_unit_test(contradictions), cmocka_unit_test(cpus_sorted_once),
		cmocka_unit_test(cpus_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
