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

/* Two queues; off: 2 lines from memory per packet, right: 2 from L2, and one L1 line always. */
static void
make(struct result *r)
{
	static const enum steering modes[] = {STEERING_OFF, STEERING_RIGHT};
	/* lines from the far level in a round's queue 0: the spread */
	static const uint64_t far[3] = {200, 220, 190};

	*r = (struct result){.platform = &platform, .input = "gen:64", .nb_modes = 2};
	memcpy(r->modes, modes, sizeof(modes));
	assert_int_equal(result_init(r, 2, 6), 0);
	for (unsigned int i = 0; i < 6; i++) {
		struct round_result *round = &r->rounds[r->nb_rounds++];
		unsigned int level = i % 2 == 0 ? STEER_CACHE_MEMORY : STEER_CACHE_L2;

		*round = (struct round_result){.mode = modes[i % 2],
					       .round = i / 2,
					       .packets = 200,
					       .queues = round->queues};
		for (unsigned int q = 0; q < 2; q++) {
			struct queue_result *qr = &round->queues[q];

			*qr = (struct queue_result){.queue = q,
						    .lcore = q + 1,
						    .cpu = 4 * q,
						    .tag = i % 2 == 0 ? 0 : 0x27,
						    .packets = 100};
			qr->ctr.lines[STEER_CACHE_L1] = 100;
			qr->ctr.lines[level] = q == 0 ? far[i / 2] : 200;
			qr->ctr.first_touch[level] = qr->ctr.lines[level];
		}
	}
}

static void
median_of(void **state)
{
	double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2}, one[] = {7};

	assert_true(median(odd, 3) == 2);
	assert_true(median(even, 4) == 2.5);
	assert_true(median(one, 1) == 7);
	assert_true(median(NULL, 0) == 0);
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
summary_by_hand(void **state)
{
	struct result r;
	struct summary s;

	make(&r);
	assert_int_equal(summarize(&r, STEERING_OFF, &s), 0);
	assert_int_equal(s.rounds, 3);
	assert_int_equal(s.packets, 600);
	/* rounds: 400, 420, 390 lines from memory and 200 from L1 for 200 packets */
	assert_true(s.median.lines[STEER_CACHE_MEMORY] == 2.0);
	assert_true(s.median.lines[STEER_CACHE_L1] == 1.0);
	assert_true(s.median.cycles == 1.0 + 400);
	assert_true(s.cycles_span.min == 1.0 + 390);
	assert_true(s.cycles_span.max == 1.0 + 420);
	assert_true(s.median.first_touch[STEER_CACHE_MEMORY] == 1.0);
	assert_true(s.l2_or_better == 0.0);
	assert_int_equal(summarize_queue(&r, STEERING_RIGHT, 0, &s), 0);
	assert_int_equal(s.packets, 300);
	assert_true(s.median.lines[STEER_CACHE_L2] == 2.0);
	assert_true(s.lines_span[STEER_CACHE_L2].min == 1.9);
	assert_true(s.lines_span[STEER_CACHE_L2].max == 2.2);
	assert_true(s.l2_or_better == 1.0);
	result_free(&r);
}

static void
nothing_counted_is_null(void **state)
{
	const struct steer_cache_counters zero = {{0}, {0}};
	struct figures f;
	struct result r;
	json_t *o, *q;

	figures_of(&platform, &zero, 0, &f);
	assert_false(f.valid);
	assert_false(f.touch_valid);
	make(&r);
	r.rounds[0].queues[1].packets = 0;
	r.rounds[0].queues[1].ctr = zero;
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

static const char golden_table[] =
	"\n"
	"== gen:64 on toy, cache lines per packet by level, modelled: medians of 3 rounds per "
	"mode\n"
	"  mode                                 own L1   own L2    other      LLC   memory  L2 "
	"first   cycles/packet    packets\n"
	"  off      all queues                    1.00     0.00     0.00     0.00     2.00     0.0 "
	"%      401 +-15.0        600\n"
	"    q0     lcore 1 cpu 0 tag none        1.00     0.00     0.00     0.00     2.00     0.0 "
	"%      401 +-30.0        300\n"
	"    q1     lcore 2 cpu 4 tag none        1.00     0.00     0.00     0.00     2.00     0.0 "
	"%       401 +-0.0        300\n"
	"  right    all queues                    1.00     2.00     0.00     0.00     0.00   100.0 "
	"%        21 +-0.8        600\n"
	"    q0     lcore 1 cpu 0 tag 0x27        1.00     2.00     0.00     0.00     0.00   100.0 "
	"%        21 +-1.5        300\n"
	"    q1     lcore 2 cpu 4 tag 0x27        1.00     2.00     0.00     0.00     0.00   100.0 "
	"%        21 +-0.0        300\n"
	"  L2 first: first touches of lines written by the device that the polling CPU had in its "
	"own L1 or L2.\n"
	"  +-: half of max - min over rounds.\n";

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

static void
csv_is_golden(void **state)
{
	static const char head[] = "source,platform,input,mode,round,queue,lcore,cpu,tag,packets,"
				   "lines_l1,lines_l2,lines_other_core,lines_llc,lines_memory,"
				   "first_touch_l1,first_touch_l2,first_touch_other_core,"
				   "first_touch_llc,first_touch_memory,cycles_per_packet\n";
	static const char second[] =
		"model,toy,\"a\"\"b\",off,0,1,2,4,0,100,1,0,0,0,2,0,0,0,0,1,401\n";
	char path[] = "steerpmd-csv-XXXXXX", line[512];
	int fd = mkstemp(path);
	struct result r;
	FILE *f;

	assert_true(fd >= 0);
	close(fd);
	make(&r);
	r.input = "a\"b";
	assert_int_equal(result_write_csv(&r, path), 0);
	f = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), f));
	assert_string_equal(line, head);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(fgets(line, sizeof(line), f));
	assert_string_equal(line, second);
	fclose(f);
	unlink(path);
	result_free(&r);
}

static void
files_appear_whole_or_not_at_all(void **state)
{
	char dir[] = "steerpmd-dir-XXXXXX", path[64];
	struct result r;
	struct stat st;

	make(&r);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(result_write_json(&r, "no-such-folder/x.json"), -ENOENT);
	assert_int_equal(result_write_json(&r, dir), -EISDIR);
	snprintf(path, sizeof(path), "%s/x.json", dir);
	assert_int_equal(result_write_json(&r, path), 0);
	assert_int_equal(unlink(path), 0);
	/* nothing else was left in it */
	assert_int_equal(rmdir(dir), 0);
	/* what is no file stays what it is */
	assert_int_equal(symlink("/dev/null", dir), 0);
	assert_int_equal(result_write_json(&r, dir), 0);
	assert_int_equal(lstat(dir, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	unlink(dir);
	result_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(median_of),
		cmocka_unit_test(order_is_balanced),
		cmocka_unit_test(three_rounds_have_each_mode_in_each_place),
		cmocka_unit_test(summary_by_hand),
		cmocka_unit_test(nothing_counted_is_null),
		cmocka_unit_test(json_as_agreed),
		cmocka_unit_test(table_is_golden),
		cmocka_unit_test(csv_is_golden),
		cmocka_unit_test(files_appear_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
