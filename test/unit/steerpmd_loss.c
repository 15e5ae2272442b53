/* SPDX-License-Identifier: BSD-3-Clause */

/* Gaps in the generator's numbers, with frames written from the layout in the guide. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loss.h"

#define FRAMES 8

static const struct fwd_engine engine = {.rx = true};
static struct fwd_stream streams[3];
static struct app app = {.streams = streams, .nb_streams = 3};
static uint8_t data[FRAMES][64];
static struct rte_mbuf mbufs[FRAMES], *pkts[FRAMES];

static int
setup(void **state)
{
	memset(streams, 0, sizeof(streams));
	for (unsigned int i = 0; i < 3; i++) {
		streams[i].engine = &engine;
		streams[i].rx_port = i / 2; /* 0, 0, 1 */
	}
	for (unsigned int i = 0; i < FRAMES; i++)
		pkts[i] = &mbufs[i];
	return 0;
}

static int
teardown(void **state)
{
	loss_fini(&app);
	return 0;
}

static void
frame(unsigned int i, uint32_t flow, uint64_t seq)
{
	memset(data[i], 0, sizeof(data[i]));
	data[i][44] = (uint8_t)(flow >> 8);
	data[i][45] = (uint8_t)flow;
	data[i][46] = 0x53;
	data[i][47] = 0x47;
	for (unsigned int b = 0; b < 8; b++)
		data[i][48 + b] = (uint8_t)(seq >> (56 - 8 * b));
	mbufs[i] = (struct rte_mbuf){.buf_addr = data[i], .data_len = 64};
}

static void
expect(uint16_t port, uint64_t seen, uint64_t lost)
{
	struct loss_count c = loss_read(&app, port);

	assert_int_equal(c.seen, seen);
	assert_int_equal(c.lost, lost);
}

static void
gaps_are_counted_by_flow(void **state)
{
	assert_int_equal(loss_begin(&app, 0), 0);
	/* where a flow stands at first is not known */
	frame(0, 5, 1000);
	frame(1, 6, 7);
	loss_burst(&streams[0], pkts, 2);
	expect(0, 2, 0);
	frame(0, 5, 1001);
	frame(1, 6, 10); /* 8 and 9 are missing */
	frame(2, 5, 1003);
	loss_burst(&streams[0], pkts, 3);
	expect(0, 5, 3);
	/* of another queue of the port, and from the end of the number range */
	frame(0, 65535, UINT64_MAX - 1);
	loss_burst(&streams[1], pkts, 1);
	frame(0, 65535, UINT64_MAX);
	loss_burst(&streams[1], pkts, 1);
	expect(0, 7, 3);
	/* a wire that began again has lost nothing */
	frame(0, 5, 0);
	frame(1, 5, 1);
	loss_burst(&streams[0], pkts, 2);
	expect(0, 9, 3);
}

static void
other_packets_are_passed_over(void **state)
{
	assert_int_equal(loss_begin(&app, 0), 0);
	frame(0, 1, 1);
	data[0][46] = 0;
	frame(1, 65536, 1);
	data[1][43] = 1; /* flow 65536 */
	frame(2, 1, 1);
	mbufs[2].data_len = 59;
	loss_burst(&streams[0], pkts, 3);
	expect(0, 0, 0);
}

static void
each_look_begins_anew(void **state)
{
	assert_int_equal(loss_begin(&app, 0), 0);
	frame(0, 1, 1);
	frame(1, 1, 5);
	loss_burst(&streams[0], pkts, 2);
	expect(0, 2, 3);
	loss_end(&app, 0);
	assert_int_equal(streams[0].loss_epoch, 0);
	loss_burst(&streams[0], pkts, 2);
	assert_int_equal(loss_begin(&app, 0), 0);
	/* before this look's first packet the numbers of the other do not count */
	expect(0, 0, 0);
	frame(0, 1, 100);
	loss_burst(&streams[0], pkts, 1);
	expect(0, 1, 0);
}

static void
ports_are_apart(void **state)
{
	assert_int_equal(loss_begin(&app, 1), 0);
	assert_null(streams[0].loss);
	assert_int_equal(streams[0].loss_epoch, 0);
	frame(0, 1, 1);
	frame(1, 1, 3);
	loss_burst(&streams[2], pkts, 2);
	expect(1, 2, 1);
	expect(0, 0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gaps_are_counted_by_flow, setup, teardown),
		cmocka_unit_test_setup_teardown(other_packets_are_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(each_look_begins_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(ports_are_apart, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
