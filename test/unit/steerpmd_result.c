/* SPDX-License-Identifier: BSD-3-Clause */

/* Results of dpdk-steerpmd: order of rounds, medians, table, JSON and CSV, on figures made by
 * hand. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "result.h"

static const struct steer_platform platform = {
	.name = "toy",
	.latency = {1, 10, 100, 50, 200},
};

static void
make_queue(struct queue_result *qr, unsigned int q, bool tagged, unsigned int level, uint64_t far)
{
	struct steer_cache_counters ctr = {{0}, {0}};

	*qr = (struct queue_result){
		.rx_queue = q, .lcore = q + 1, .cpu = 4 * q, .tag = tagged ? 0x27 : 0};
	ctr.lines[STEER_CACHE_L1] = 100;
	ctr.lines[level] = ctr.first_touch[level] = far;
	figures_of_counters(&platform, &ctr, 100, &qr->fig);
}

static void
sum(struct round_result *round, unsigned int level, uint64_t far)
{
	struct steer_cache_counters ctr = {{0}, {0}};

	ctr.lines[STEER_CACHE_L1] = 200;
	ctr.lines[level] = ctr.first_touch[level] = far;
	figures_of_counters(&platform, &ctr, 200, &round->fig);
}

/* Two queues; off: 2 lines from memory per packet, right: 2 from L2, and one L1 line always. */
static void
make(struct result *r)
{
	static const enum steering modes[] = {STEERING_OFF, STEERING_RIGHT};
	/* lines from the far level in a round's queue 0: the spread */
	static const uint64_t far[3] = {200, 220, 190};

	*r = (struct result){.platform = &platform,
			     .source = STEER_SOURCE_MODEL,
			     .unit = STEER_UNIT_LINES,
			     .steered = true,
			     .complete = true};
	r->opts = (struct opts){
		.input_name = "gen:64", .platform = "toy", .nb_modes = 2, .rounds = 3, .seed = 1};
	memcpy(r->opts.modes, modes, sizeof(modes));
	assert_int_equal(result_init(r, 2, 6), 0);
	for (unsigned int i = 0; i < 6; i++) {
		struct round_result *round = &r->rounds[r->nb_rounds++];
		unsigned int level = i % 2 == 0 ? STEER_CACHE_MEMORY : STEER_CACHE_L2;

		*round = (struct round_result){
			.mode = modes[i % 2], .round = i / 2, .queues = round->queues};
		for (unsigned int q = 0; q < 2; q++)
			make_queue(&round->queues[q], q, i % 2, level, q == 0 ? far[i / 2] : 200);
		sum(round, level, far[i / 2] + 200);
	}
}

static void
order_is_balanced(void **state)
{
	unsigned int place[3][3] = {{0}}, after[3][3] = {{0}};

	for (unsigned int r = 0; r < 6; r++) {
		for (unsigned int i = 0; i < 3; i++) {
			place[order_mode(3, r, i)][i]++;
			if (i > 0)
				after[order_mode(3, r, i - 1)][order_mode(3, r, i)]++;
		}
	}
	for (unsigned int m = 0; m < 3; m++) {
		for (unsigned int i = 0; i < 3; i++) {
			assert_int_equal(place[m][i], 2);
			assert_int_equal(after[m][i], m == i ? 0 : 2);
		}
	}
	assert_int_equal(order_mode(1, 5, 0), 0);
}

static void
three_rounds_have_each_mode_in_each_place(void **state)
{
	for (unsigned int i = 0; i < 3; i++) {
		unsigned int seen = 0;

		for (unsigned int r = 0; r < 3; r++)
			seen |= 1u << order_mode(3, r, i);
		assert_int_equal(seen, 7);
	}
}

static void
four_modes_are_balanced_in_four_rounds(void **state)
{
	unsigned int place[4][4] = {{0}}, after[4][4] = {{0}};

	for (unsigned int r = 0; r < 4; r++) {
		for (unsigned int i = 0; i < 4; i++) {
			place[order_mode(4, r, i)][i]++;
			if (i > 0)
				after[order_mode(4, r, i - 1)][order_mode(4, r, i)]++;
		}
	}
	for (unsigned int m = 0; m < 4; m++) {
		for (unsigned int i = 0; i < 4; i++) {
			assert_int_equal(place[m][i], 1);
			assert_int_equal(after[m][i], m == i ? 0 : 1);
		}
	}
	assert_int_not_equal(order_mode(2, 0, 0), order_mode(2, 1, 0));
}

static void
summary_by_hand(void **state)
{
	struct result r;
	struct summary s;

	make(&r);
	assert_int_equal(summarize(&r, STEERING_OFF, -1, &s), 0);
	assert_int_equal(s.rounds, 3);
	assert_int_equal(s.packets, 600);
	/* rounds: 400, 420, 390 lines from memory and 200 from L1 for 200 packets */
	assert_true(s.fig[FIG_LINES + STEER_CACHE_MEMORY].median == 2.0);
	assert_true(s.fig[FIG_LINES + STEER_CACHE_L1].median == 1.0);
	assert_true(s.fig[FIG_CYCLES].median == 1.0 + 400);
	assert_true(s.fig[FIG_CYCLES].min == 1.0 + 390);
	assert_true(s.fig[FIG_CYCLES].max == 1.0 + 420);
	assert_true(s.fig[FIG_CYCLES].q1 == 1.0 + 395);
	assert_true(s.fig[FIG_CYCLES].q3 == 1.0 + 410);
	assert_true(s.fig[FIG_TOUCH + STEER_CACHE_MEMORY].median == 1.0);
	assert_true(s.fig[FIG_NEAR].median == 0.0);
	assert_int_equal(s.fig[FIG_MPPS].n, 0);
	assert_int_equal(s.stability, STEER_STAT_FEW);
	assert_int_equal(summarize(&r, STEERING_RIGHT, 0, &s), 0);
	assert_int_equal(s.packets, 300);
	assert_true(s.fig[FIG_LINES + STEER_CACHE_L2].median == 2.0);
	assert_true(s.fig[FIG_LINES + STEER_CACHE_L2].min == 1.9);
	assert_true(s.fig[FIG_LINES + STEER_CACHE_L2].max == 2.2);
	assert_true(s.fig[FIG_NEAR].median == 1.0);
	result_free(&r);
}

static void
nothing_counted_is_null(void **state)
{
	const struct steer_cache_counters zero = {{0}, {0}};
	struct steer_figures f;
	struct result r;
	json_t *o, *q;

	figures_of_counters(&platform, &zero, 0, &f);
	assert_int_equal(f.known, 0);
	assert_int_equal(f.touch_known, 0);
	make(&r);
	r.rounds[0].queues[1].fig = f;
	r.rounds[0].queues[1].tag = RESULT_NO_TAG;
	o = result_json(&r);
	q = json_array_get(
		json_object_get(json_array_get(json_object_get(o, "rounds"), 0), "per_queue"), 1);
	assert_true(json_is_null(json_object_get(q, "tag")));
	assert_true(json_is_null(json_object_get(q, "cycles_per_packet")));
	assert_true(json_is_null(json_object_get(json_object_get(q, "lines"), "other_core")));
	assert_true(json_is_null(json_object_get(json_object_get(q, "first_touch"), "l1")));
	json_decref(o);
	result_free(&r);
}

static void
json_as_agreed(void **state)
{
	struct result r;
	json_t *o, *off;

	make(&r);
	o = result_json(&r);
	assert_non_null(o);
	assert_int_equal(json_integer_value(json_object_get(o, "schema")), 1);
	assert_string_equal(json_string_value(json_object_get(o, "source")), "model");
	assert_string_equal(json_string_value(json_object_get(o, "platform")), "toy");
	assert_int_equal(json_integer_value(json_object_get(o, "queues")), 2);
	assert_int_equal(json_array_size(json_object_get(o, "rounds")), 6);
	off = json_object_get(json_object_get(o, "summary"), "off");
	assert_string_equal(json_string_value(json_object_get(off, "source")), "model");
	assert_true(json_real_value(json_object_get(off, "cycles_per_packet")) == 401.0);
	assert_null(json_object_get(json_object_get(o, "summary"), "wrong"));
	json_decref(o);
	result_free(&r);
}

static void
revision_two_of_the_json(void **state)
{
	static const char *const keys[] = {"tool",        "time",    "machine", "config",
					   "comparisons", "control", "resteer", "source_detail"};
	json_t *o, *off, *c;
	struct result r;

	make(&r);
	o = result_json(&r);
	assert_int_equal(json_integer_value(json_object_get(o, "revision")), 2);
	assert_string_equal(json_string_value(json_object_get(o, "label")), "modelled");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_non_null(json_object_get(o, keys[i]));
	off = json_object_get(json_object_get(o, "summary"), "off");
	c = json_object_get(json_object_get(off, "iqr"), "cycles_per_packet");
	assert_true(json_real_value(json_array_get(c, 0)) == 396);
	assert_true(json_real_value(json_array_get(c, 1)) == 411);
	assert_true(json_is_null(json_object_get(off, "mpps")));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(off, "stability"), "verdict")),
		"few");
	c = json_array_get(json_object_get(o, "comparisons"), 1);
	assert_string_equal(json_string_value(json_object_get(c, "figure")), "cycles_per_packet");
	assert_true(json_real_value(json_object_get(c, "difference")) == 21 - 401);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(o, "control"), "verdict")),
		"absent");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(o, "config"), "platform")),
		"toy");
	json_decref(o);
	result_free(&r);
}

/* Title of the table, and config, of a result with a neighbour. */
static json_t *
with_noise(enum steer_source_id source, char *title, size_t len)
{
	struct result r;
	FILE *f;
	json_t *o, *config;

	make(&r);
	r.source = source;
	r.opts.noise = (struct noise_conf){.mib = 64, .lcore = 3};
	r.opts.noise_lines = 24;
	f = fmemopen(title, len, "w");
	assert_non_null(f);
	assert_int_equal(table_print(&r, f), 0);
	fclose(f);
	o = result_json(&r);
	config = json_incref(json_object_get(o, "config"));
	json_decref(o);
	result_free(&r);
	return config;
}

static void
a_neighbour_is_named(void **state)
{
	char table[8192];
	json_t *config = with_noise(STEER_SOURCE_MODEL, table, sizeof(table));

	assert_non_null(strstr(table, "beside a walk through 64 MiB (24 lines a packet), "));
	assert_string_equal(json_string_value(json_object_get(config, "noise")), "64@3");
	assert_int_equal(json_integer_value(json_object_get(config, "noise_lines")), 24);
	json_decref(config);
	/* Live, it has its own pace. */
	config = with_noise(STEER_SOURCE_TIMING, table, sizeof(table));
	assert_non_null(strstr(table, "beside a walk through 64 MiB, "));
	assert_string_equal(json_string_value(json_object_get(config, "noise")), "64@3");
	assert_true(json_is_null(json_object_get(config, "noise_lines")));
	json_decref(config);
}

static const char golden_table[] =
	"\n"
	"== gen:64 on toy, cache lines per packet by level, modelled: medians of 3 rounds per"
	" mode\n"
	"  mode                                 own L1   own L2    other      LLC   memory  L"
	"2 first     cycles/packet    packets\n"
	"  off      all queues                    1.00     0.00     0.00     0.00     2.00   "
	"  0.0 %     401 [396-411]        600\n"
	"    q0     lcore 1 cpu 0 tag none        1.00     0.00     0.00     0.00     2.00   "
	"  0.0 %     401 [391-421]        300\n"
	"    q1     lcore 2 cpu 4 tag none        1.00     0.00     0.00     0.00     2.00   "
	"  0.0 %     401 [401-401]        300\n"
	"  right    all queues                    1.00     2.00     0.00     0.00     0.00   "
	"100.0 %        21 [21-22]        600\n"
	"    q0     lcore 1 cpu 0 tag 0x27        1.00     2.00     0.00     0.00     0.00   "
	"100.0 %        21 [20-22]        300\n"
	"    q1     lcore 2 cpu 4 tag 0x27        1.00     2.00     0.00     0.00     0.00   "
	"100.0 %        21 [21-21]        300\n"
	"  L2 first: first touches of lines written by the device that the polling CPU had in"
	" its own L1 or L2.\n"
	"  [ ]: first and third quartile over rounds.\n"
	"  right - off     L2 first, points          100  95 % [100, 100]  gain\n"
	"  right - off     cycles per packet        -380  95 % [-400.5, -369]  gain\n"
	"  negative control absent: it takes off, right and wrong, and at least 2 rounds of e"
	"ach\n";

static void
table_is_golden(void **state)
{
	char *text = NULL;
	size_t len;
	struct result r;
	FILE *f = open_memstream(&text, &len);

	make(&r);
	assert_int_equal(table_print(&r, f), 0);
	fclose(f);
	assert_string_equal(text, golden_table);
	free(text);
	result_free(&r);
}

/* First three lines of what is written: the head, and the two queues of the first round. */
static void
csv_lines(const struct result *r, char lines[3][1024])
{
	char path[] = "steerpmd-csv-XXXXXX";
	json_t *list = json_pack("[o]", result_json(r));
	int fd = mkstemp(path);
	FILE *f;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(csv_write(list, path), 0);
	json_decref(list);
	f = fopen(path, "r");
	for (unsigned int i = 0; i < 3; i++)
		assert_non_null(fgets(lines[i], 1024, f));
	fclose(f);
	unlink(path);
}

static void
csv_is_golden(void **state)
{
	static const char head[] = "source,platform,input,mode,round,queue,lcore,cpu,tag,packets,"
				   "lines_l1,lines_l2,lines_other_core,lines_llc,lines_memory,"
				   "first_touch_l1,first_touch_l2,first_touch_other_core,"
				   "first_touch_llc,first_touch_memory,cycles_per_packet,unit,"
				   "round_mpps,round_cycles_per_packet,round_latency_p50_ns,"
				   "round_latency_p99_ns,round_latency_p999_ns,"
				   "witness_system_pmu_write_hit_lines_per_packet,"
				   "witness_system_pmu_write_miss_lines_per_packet,"
				   "witness_system_pmu_io_writes_lines_per_packet,"
				   "witness_system_pmu_dram_writes_lines_per_packet,"
				   "witness_system_pmu_stash_sent_lines_per_packet,"
				   "witness_system_pmu_stash_pulled_lines_per_packet,"
				   "witness_system_pmu_write_hit_share,"
				   "witness_system_pmu_stash_taken_share\n";
	static const char second[] = "model,toy,\"a\"\"b\",off,0,1,2,4,0,100,1,0,0,0,2,0,0,0,0,1,"
				     "401,lines,,401,,,,,,,,,,,\n";
	char lines[3][1024];
	struct result r;

	make(&r);
	r.opts.input_name = "a\"b";
	csv_lines(&r, lines);
	assert_string_equal(lines[0], head);
	assert_string_equal(lines[2], second);
	result_free(&r);
}

/* A CPU has some of the witnesses; the cells of the others are empty. */
static void
csv_has_what_was_witnessed(void **state)
{
	static const struct {
		struct steer_pmu_witness_figures sys;
		const char *end;
	} cpus[] = {
		{{.known = 1u << STEER_PMU_WRITE_HIT | 1u << STEER_PMU_WRITE_MISS,
		  .count = {[STEER_PMU_WRITE_HIT] = 300, [STEER_PMU_WRITE_MISS] = 100}},
		 ",1.5,0.5,,,,,0.75,\n"},
		{{.known = 1u << STEER_PMU_IO_WRITES | 1u << STEER_PMU_DRAM_WRITES,
		  .count = {[STEER_PMU_IO_WRITES] = 400, [STEER_PMU_DRAM_WRITES] = 50}},
		 ",,,2,0.25,,,,\n"},
	};
	char lines[3][1024];
	struct result r;

	make(&r);
	for (unsigned int i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
		r.rounds[0].witness = (struct witness_figures){.packets = 200, .sys = cpus[i].sys};
		csv_lines(&r, lines);
		/* after the fields of the latency, in the lines of both queues */
		for (unsigned int q = 1; q < 3; q++)
			assert_string_equal(strstr(lines[q], ",lines,") + strlen(",lines,,401,,,"),
					    cpus[i].end);
	}
	result_free(&r);
}

static void
files_appear_whole_or_not_at_all(void **state)
{
	char dir[] = "steerpmd-dir-XXXXXX", path[64];
	json_t *o = json_object();
	struct stat st;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(json_write(o, "no-such-folder/x.json"), -ENOENT);
	assert_int_equal(json_write(o, dir), -EISDIR);
	snprintf(path, sizeof(path), "%s/x.json", dir);
	assert_int_equal(json_write(o, path), 0);
	assert_int_equal(unlink(path), 0);
	/* nothing else was left in it */
	assert_int_equal(rmdir(dir), 0);
	/* what is no file stays what it is */
	assert_int_equal(symlink("/dev/null", dir), 0);
	assert_int_equal(json_write(o, dir), 0);
	assert_int_equal(lstat(dir, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	unlink(dir);
	assert_int_equal(json_write(NULL, dir), -ENOMEM);
	json_decref(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_modes_are_balanced_in_four_rounds),
		cmocka_unit_test(order_is_balanced),
		cmocka_unit_test(three_rounds_have_each_mode_in_each_place),
		cmocka_unit_test(summary_by_hand),
		cmocka_unit_test(nothing_counted_is_null),
		cmocka_unit_test(json_as_agreed),
		cmocka_unit_test(revision_two_of_the_json),
		cmocka_unit_test(a_neighbour_is_named),
		cmocka_unit_test(table_is_golden),
		cmocka_unit_test(csv_is_golden),
		cmocka_unit_test(csv_has_what_was_witnessed),
		cmocka_unit_test(files_appear_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
