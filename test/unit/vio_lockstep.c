/* SPDX-License-Identifier: BSD-3-Clause */

/* The window protocol of steer_trace.h with a client that this file plays. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include <rte_cycles.h>

#include "lockstep_fixture.h"
#include "wire_gen.h"

/** Take so many packets of those that are there, and give their buffers back. */
static void
take(uint32_t pair, uint32_t n)
{
	struct guest_queue *g = &rx[pair];
	uint32_t i;

	for (i = 0; i < n; i++, g->seen++) {
		assert_int_not_equal(g->seen, g->used->idx);
		guest_offer(g, (uint16_t)g->used->ring[g->seen & (RING - 1)].id);
	}
	steer_trace_publish(&rings[pair], n);
}

static void
run(bool send)
{
	uint32_t spins;

	for (spins = 0; spins < 1000 && area()->state == STEER_TRACE_RUNNING; spins++) {
		if (!model_poll(fake.vio)) {
			consume(0, send);
			consume(1, send);
		}
	}
	assert_int_equal(area()->state, STEER_TRACE_IDLE);
}

static void
windows_wait_for_the_client(void **state)
{
	session("gen,size=64,flows=16", 40);
	assert_int_equal(area()->state, STEER_TRACE_IDLE);
	assert_false(model_poll(fake.vio));
	assert_int_equal(rx[0].used->idx, 0);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	assert_int_equal(area()->state, STEER_TRACE_RUNNING);
	assert_true(model_poll(fake.vio));
	assert_int_equal(rx[0].used->idx, WINDOW);
	assert_int_equal(rx[1].used->idx, WINDOW);
	assert_int_equal(steer_trace_pending(&rings[0]), WINDOW);
	assert_int_equal(consume(0, false), WINDOW);
	assert_false(model_poll(fake.vio));
	assert_int_equal(area()->windows, 0);
	assert_int_equal(consume(1, false), WINDOW);
	assert_true(model_poll(fake.vio));
	assert_int_equal(area()->windows, 1);
	assert_int_equal(area()->remaining, 24);
	assert_int_equal(rings[0].q->packets, WINDOW);
	run(false);
	/* 16 + 16, and the last 8 are queue 0's. */
	assert_int_equal(area()->windows, 3);
	assert_int_equal(area()->remaining, 0);
	assert_int_equal(rings[0].q->packets, 24);
	assert_int_equal(rings[1].q->packets, 16);
	assert_int_equal(area()->bad_records, 0);
	fake_stop();
}

static struct steer_cache_counters
counters_with(uint16_t tag0, uint16_t tag1, bool ds)
{
	struct steer_cache_counters ctr;

	session("gen,size=64,flows=16", 160);
	fake.tag_cpu[5] = 4;
	fake.tag_cpu[6] = 7;
	if (ds) {
		uint32_t tags[3] = {tag0, 0, tag1};

		fake.opts.tph = NIC_TPH_DS_REG;
		assert_int_equal(vio_bar_write(fake.vio, MODEL_BAR, MODEL_ST_OFF, tags, 12), 0);
	} else {
		fake.tags[1] = tag0;
		fake.tags[2] = tag1;
	}
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	run(true);
	assert_int_equal(area()->bad_records, 0);
	ctr = rings[0].q->ctr;
	assert_int_equal(rings[0].q->packets, 80);
	fake_stop();
	return ctr;
}

static void
tags_decide_where_lines_are(void **state)
{
	const struct steer_cache_counters right = counters_with(5, 6, false);
	const struct steer_cache_counters wrong = counters_with(6, 5, false);
	const struct steer_cache_counters off = counters_with(0, 0, false);
	const struct steer_cache_counters unknown = counters_with(9, 9, false);
	const struct steer_cache_counters ds = counters_with(5, 6, true);
	struct steer_cache_counters again;

	assert_int_equal(right.first_touch[STEER_CACHE_L2], 80);
	assert_int_equal(wrong.first_touch[STEER_CACHE_OTHER], 80);
	assert_int_equal(off.first_touch[STEER_CACHE_L2] + off.first_touch[STEER_CACHE_OTHER], 0);
	assert_memory_equal(&off, &unknown, sizeof(off));
	assert_memory_equal(&right, &ds, sizeof(ds));
	again = counters_with(5, 6, false);
	assert_memory_equal(&right, &again, sizeof(again));
}

static void
transmit_is_done_in_the_window(void **state)
{
	session("gen,size=64,flows=16", 16);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	assert_true(model_poll(fake.vio));
	consume(0, true);
	consume(1, true);
	assert_int_equal(tx[0].used->idx, 0);
	assert_true(model_poll(fake.vio));
	assert_int_equal(tx[0].used->idx, WINDOW);
	assert_int_equal(tx[1].used->idx, WINDOW);
	fake_stop();
}

static void
a_backlog_waits_behind_the_window(void **state)
{
	struct steer_trace_conf conf = conf_of(40);

	session("gen,size=64,flows=16", 40);
	conf.backlog = 12;
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	assert_true(model_poll(fake.vio));
	/* In the ring: window and backlog; delivered is the window alone. */
	assert_int_equal(rx[0].used->idx, WINDOW + 12);
	assert_int_equal(steer_trace_pending(&rings[0]), WINDOW);
	take(0, WINDOW);
	take(1, WINDOW);
	assert_true(model_poll(fake.vio));
	assert_int_equal(rings[0].q->packets, WINDOW);
	assert_int_equal(area()->remaining, 40 - 2 * WINDOW);
	/* What was taken is made good. */
	assert_true(model_poll(fake.vio));
	assert_int_equal(rx[0].used->idx, 2 * WINDOW + 12);
	take(0, WINDOW);
	take(1, WINDOW);
	assert_true(model_poll(fake.vio));
	/* 8 are left: all of them queue 0's. */
	assert_true(model_poll(fake.vio));
	assert_int_equal(steer_trace_pending(&rings[0]), 8);
	take(0, 8);
	take(1, 0);
	assert_true(model_poll(fake.vio));
	assert_true(model_poll(fake.vio));
	assert_int_equal(area()->state, STEER_TRACE_IDLE);
	assert_int_equal(rings[0].q->packets + rings[1].q->packets, 40);
	assert_int_equal(rx[0].used->idx, 3 * WINDOW + 12);
	/* As many as the ring has room for, however long the backlog shall be. */
	conf.backlog = UINT32_MAX;
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	assert_true(model_poll(fake.vio));
	assert_int_equal((uint16_t)(rx[0].used->idx - rx[0].seen), RING);
	fake_stop();
}

static void
a_backlog_ends_with_the_wire(void **state)
{
	struct steer_trace_conf conf = conf_of(1000);

	session("gen,size=64,flows=16,count=50", 1000);
	conf.backlog = 20;
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	for (unsigned int i = 0; i < 100 && area()->state == STEER_TRACE_RUNNING; i++) {
		if (!model_poll(fake.vio)) {
			take(0, (uint32_t)steer_trace_pending(&rings[0]));
			take(1, (uint32_t)steer_trace_pending(&rings[1]));
		}
	}
	assert_int_equal(area()->state, STEER_TRACE_IDLE);
	assert_int_equal(rings[0].q->packets + rings[1].q->packets, 50);
	fake_stop();
}

static void
the_devices_hits_are_shown(void **state)
{
	const struct steer_cache_dma_stats *dma;
	const struct model_shown *shown;

	session("gen,size=64,flows=16", 32);
	dma = &area()->dma;
	assert_int_equal(dma->writes, 0);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	run(true);
	shown = model_shown(fake.vio);
	/* At least a line of each packet, and all of this round. */
	assert_true(dma->writes >= 32);
	assert_true(dma->reads > 0 && dma->read_hits > 0);
	assert_memory_equal(dma, &shown->session, sizeof(*dma));
	assert_memory_equal(dma, &shown->round, sizeof(*dma));
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	run(true);
	assert_true(shown->round.writes > 0);
	assert_int_equal(shown->session.writes, dma->writes);
	assert_true(shown->session.writes > shown->round.writes);
	/* The last round can still be read when the client is gone. */
	assert_int_equal(command(STEER_TRACE_CMD_STOP), 0);
	assert_true(model_shown(fake.vio)->round.writes > 0);
	assert_string_equal(model_shown(fake.vio)->conf.platform, "zen5");
	fake_stop();
}

static void
rings_of_another_shape(void **state)
{
	/* Without network header and with completions shared, the device writes fewer lines. */
	uint64_t writes[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct steer_trace_conf conf = conf_of(64);

		session("gen,size=64,flows=16", 64);
		snprintf(conf.rings, sizeof(conf.rings), "%s", i ? "mlx5" : "virtio");
		conf_write(&conf);
		assert_int_equal(command(STEER_TRACE_CMD_START), 0);
		assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
		run(false);
		assert_int_equal(area()->bad_records, 0);
		writes[i] = area()->dma.writes;
		fake_stop();
	}
	/* mlx5: 64 packets of a line (two where a buffer is not on a line) and 8 completions. */
	assert_true(writes[1] < writes[0]);
	assert_in_range(writes[1], 64 + 8, 2 * 64 + 16);
}

static void
bad_records_are_counted(void **state)
{
	struct steer_trace_rec bad[] = {
		{.iova = 0x1000, .len = 64, .cpu = 4},
		{.iova = UINT64_MAX - 3, .len = 64, .cpu = 4},
		{.iova = FAKE_IOVA + FAKE_SIZE - 1, .len = 2, .cpu = 4},
		{.iova = FAKE_IOVA, .len = 0, .cpu = 4},
		{.iova = FAKE_IOVA, .len = UINT32_MAX, .cpu = 4},
		{.iova = FAKE_IOVA, .len = 64, .cpu = 5},
		{.iova = FAKE_IOVA, .len = 64, .cpu = 65535},
		{.iova = FAKE_IOVA, .len = 64, .cpu = 4, .op = 3},
	};

	session("gen,size=64,flows=16", 32);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	assert_true(model_poll(fake.vio));
	memcpy(rings[0].recs, bad, sizeof(bad));
	rings[0].head = RTE_DIM(bad);
	consume(0, false);
	consume(1, false);
	assert_true(model_poll(fake.vio));
	assert_int_equal(area()->bad_records, RTE_DIM(bad));
	assert_int_equal(rings[0].q->tail, rings[0].head);
	assert_true(model_poll(fake.vio));
	rings[0].q->head += 1ull << 40;
	rings[1].q->head -= 5;
	__atomic_store_n(&rings[0].q->consumed, rings[0].q->delivered, __ATOMIC_RELEASE);
	__atomic_store_n(&rings[1].q->consumed, rings[1].q->delivered, __ATOMIC_RELEASE);
	assert_true(model_poll(fake.vio));
	assert_int_equal(area()->bad_records, RTE_DIM(bad) + 2);
	fake_stop();
}

static void
conf_is_checked(void **state)
{
	struct steer_trace_conf conf;
	int i;

	fake_start("gen", 1);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), -EINVAL);
	assert_int_equal(command(77), -EINVAL);
	for (i = 0; i < 6; i++) {
		conf = conf_of(1);
		if (i == 0)
			memset(conf.platform, 'x', sizeof(conf.platform));
		else if (i == 1)
			conf.window = 0;
		else if (i == 2)
			conf.window = 1025;
		else if (i == 3)
			conf.ncpus = 129;
		else if (i == 4)
			conf.ncpus = 0;
		else
			conf.cpus[1] = conf.cpus[0];
		conf_write(&conf);
		assert_int_equal(command(STEER_TRACE_CMD_START), -EINVAL);
		assert_false(model_on(fake.vio));
	}
	conf = conf_of(1);
	strcpy(conf.rings, "i8086");
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), -ENOENT);
	memset(conf.rings, 'x', sizeof(conf.rings));
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), -ENOENT);
	conf = conf_of(1);
	strcpy(conf.platform, "zen5:tag_ways=17");
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), -EINVAL);
	strcpy(conf.platform, "zen5:tag_ways=2");
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	conf = conf_of(1);
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	assert_int_equal(command(STEER_TRACE_CMD_STOP), 0);
	assert_int_equal(area()->state, STEER_TRACE_OFF);
	fake_stop();
}

/** First frame's length and the packets of each queue in a session of this traffic. */
static uint32_t
traffic_session(const char *wire, uint64_t packets[PAIRS])
{
	uint32_t len;

	session(wire, 400);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	assert_true(model_poll(fake.vio));
	len = rx[0].used->ring[0].len;
	run(false);
	packets[0] = rings[0].q->packets;
	packets[1] = rings[1].q->packets;
	return len;
}

static void
a_session_has_its_own_traffic(void **state)
{
	struct steer_trace_conf conf;
	uint64_t packets[PAIRS];

	traffic = (struct steer_trace_gen){.len = 300};
	assert_int_equal(traffic_session("gen,size=64,flows=16", packets), 312);
	assert_int_equal(packets[0], 200);
	assert_int_equal(command(STEER_TRACE_CMD_STOP), 0);
	assert_int_equal(((struct gen *)fake.vio->wire)->t.kind_size[0], 64);
	traffic = (struct steer_trace_gen){0};
	conf = conf_of(1);
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	assert_int_equal(((struct gen *)fake.vio->wire)->t.kind_size[0], 64);
	conf.gen = (struct steer_trace_gen){.len = 1515};
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), -EINVAL); /* above the MTU */
	assert_false(model_on(fake.vio));
	fake_stop();
}

static void
queues_of_popular_flows_get_more(void **state)
{
	uint64_t packets[PAIRS], again[PAIRS], mass[PAIRS] = {0};
	const struct gen *g;
	uint32_t f, busy;

	traffic = (struct steer_trace_gen){.flows = 100, .zipf_milli = 1000};
	traffic_session("gen,size=64,flows=16", packets);
	g = (const struct gen *)fake.vio->wire;
	for (f = 0; f < 100; f++)
		mass[g->t.pair_of[f]] += 1000000 / (f + 1);
	busy = mass[1] > mass[0];
	assert_int_equal(packets[0] + packets[1], 400);
	assert_true(fabs((double)packets[busy] / 400 -
			 (double)mass[busy] / (double)(mass[0] + mass[1])) < 0.02);
	fake_stop();
	traffic_session("gen,size=64,flows=16", again);
	assert_memory_equal(packets, again, sizeof(packets));
	traffic = (struct steer_trace_gen){0};
	fake_stop();
}

static void
stamps_by_buffer_id(void **state)
{
	const struct steer_trace_stamps *st;
	uint64_t before, clock, *at;
	uint32_t i, id;

	session("gen,size=64,flows=16", 16);
	assert_int_equal(area()->stamp_off % 64, 0);
	st = RTE_PTR_ADD(area(), area()->stamp_off);
	assert_int_equal(st->entries, fake.opts.ring_size);
	at = (uint64_t *)(uintptr_t)(st + 1);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	assert_true(model_poll(fake.vio));
	for (i = 0; i < PAIRS * st->entries; i++)
		assert_int_equal(at[i], 0);
	consume(0, false);
	consume(1, false);
	assert_true(model_poll(fake.vio));
	assert_int_equal(command(STEER_TRACE_CMD_STOP), 0);
	assert_int_equal(command(STEER_TRACE_CMD_STAMPS_ON), 0);
	before = rte_rdtsc();
	assert_int_equal(fake.vio->wire->ops->rx(fake.vio->wire, 1, vio_rxq(fake.vio, 1), 4), 4);
	vq_publish(vio_rxq(fake.vio, 1));
	assert_int_equal(
		vio_bar_read(fake.vio, MODEL_BAR, STEER_TRACE_CLOCK_AT, &clock, sizeof(clock)), 0);
	for (i = 0; i < 4; i++) {
		id = rx[1].used->ring[(WINDOW + i) & (RING - 1)].id;
		assert_in_range(at[st->entries + id], before, clock);
		before = at[st->entries + id];
	}
	for (i = 0; i < st->entries; i++)
		assert_int_equal(at[i], 0);
	assert_int_equal(command(STEER_TRACE_CMD_STAMPS_OFF), 0);
	assert_null(vio_rxq(fake.vio, 1)->stamps);
	assert_int_equal(command(STEER_TRACE_CMD_STAMPS_ON), 0);
	vio_pause(fake.vio);
	vio_client_gone(fake.vio);
	vio_resume(fake.vio);
	assert_null(vio_rxq(fake.vio, 1)->stamps);
	fake_stop();
}

static void
wire_end_ends_the_round(void **state)
{
	session("gen,size=64,flows=16,count=20", 1000);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	run(false);
	assert_int_equal(area()->remaining, 0);
	assert_int_equal(rings[0].q->packets + rings[1].q->packets, 20);
	fake_stop();
}

static void
reset_in_a_window(void **state)
{
	session("gen,size=64,flows=16", 64);
	assert_int_equal(command(STEER_TRACE_CMD_CREDIT), 0);
	assert_true(model_poll(fake.vio));
	guest_write(20, 0, 1);
	assert_false(model_poll(fake.vio));
	assert_int_equal(steer_trace_pending(&rings[0]), 0);
	vio_pause(fake.vio);
	vio_client_gone(fake.vio);
	vio_resume(fake.vio);
	assert_int_equal(area()->state, STEER_TRACE_OFF);
	fake_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_wait_for_the_client),
		cmocka_unit_test(tags_decide_where_lines_are),
		cmocka_unit_test(transmit_is_done_in_the_window),
		cmocka_unit_test(a_backlog_waits_behind_the_window),
		cmocka_unit_test(a_backlog_ends_with_the_wire),
		cmocka_unit_test(the_devices_hits_are_shown),
		cmocka_unit_test(rings_of_another_shape),
		cmocka_unit_test(bad_records_are_counted),
		cmocka_unit_test(conf_is_checked),
		cmocka_unit_test(a_session_has_its_own_traffic),
		cmocka_unit_test(queues_of_popular_flows_get_more),
		cmocka_unit_test(stamps_by_buffer_id),
		cmocka_unit_test(wire_end_ends_the_round),
		cmocka_unit_test(reset_in_a_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
