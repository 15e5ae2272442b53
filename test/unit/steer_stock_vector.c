/* SPDX-License-Identifier: BSD-3-Clause */

/* Tags by the vectors that another driver bound, and what it does to them behind our back. */

#include <pthread.h>

#include "stock_fixture.h"

static void
tags_of_the_drivers_vectors(void **state)
{
	struct steer_port_info info;

	st_vectors_up(IV_CAP);
	info = st_pinfo();
	assert_int_equal(info.strategy, STEER_STRATEGY_VECTOR);
	assert_string_equal(info.dialect, "feature");
	st_has(info.why, "3 of 3 Rx and 0 of 2 Tx queues have an interrupt vector");
	assert_int_equal(entry(0), 0);
	assert_int_equal(entry(1), tag_of(2));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(entry(3), 0);
	assert_int_equal(st_qinfo(STEER_RX, 1).vector, 2);
	assert_int_equal(st_qinfo(STEER_RX, 1).tag, tag_of(5));
	assert_int_equal(st_qinfo(STEER_TX, 0).tag, 0);
	st_has(st_qinfo(STEER_TX, 0).why, "no interrupt vector to this tx queue");
	/* A queue that moves. */
	st_polled(STEER_RX, 1, 0);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(entry(2), tag_of(2));
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	assert_int_equal(entry(1) | entry(2), 0);
	assert_int_equal(ctrl(), 0);
}

static void
who_asks_for_the_impossible_is_refused(void **state)
{
	st_vectors_up(IV_CAP);
	assert_int_equal(steer_queue_bind_cpu(FE_PORT, STEER_RX, 2, 5, 0), 0);
	assert_int_equal(entry(3), tag_of(5));
	assert_int_equal(steer_queue_bind_cpu(FE_PORT, STEER_TX, 1, 5, 0), -ENOTSUP);
	st_has(st_qinfo(STEER_TX, 1).why, "no interrupt vector");
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static void
no_rx_interrupts(void **state)
{
	st_world(IV_CAP, 0x1af4, 0x1041);
	fe_configure(2, 2, 0);
	fe_start();
	assert_int_equal(st_attach(0), 0);
	st_polled(STEER_RX, 0, 0);
	assert_int_equal(steer_scan(), 0);
	st_has(st_pinfo().why, "no queue has an interrupt vector");
	st_has(st_pinfo().why, "intr_conf.rxq");
	st_has(st_qinfo(STEER_RX, 0).why, "no interrupt vector to this rx queue");
	assert_int_equal(st_qinfo(STEER_RX, 0).vector, -1);
	assert_int_equal(k.sets, 0);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

/* More queues than event fds: drivers give the last vector to the rest. */
static void
queues_that_share_a_vector(void **state)
{
	static const int shared[] = {1, 2, 2};

	st_world(IV_CAP, 0x1af4, 0x1041);
	fe_configure(3, 0, 1);
	fe_vectors(2, shared, 3);
	fe_start();
	assert_int_equal(st_attach(0), 0);
	st_polled(STEER_RX, 1, 0);
	st_polled(STEER_RX, 2, 1);
	steer_scan();
	assert_int_equal(entry(2), tag_of(2));
	assert_int_equal(st_qinfo(STEER_RX, 2).tag, tag_of(2));
	st_has(st_qinfo(STEER_RX, 2).why, "shares vector 2 with rx queue 1 and has its tag");
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static void
vectors_that_no_table_entry_goes_with(void **state)
{
	static const int high[] = {1, ENTRIES};

	st_world(IV_CAP, 0x1af4, 0x1041);
	fe_configure(2, 0, 1);
	fe_vectors(2, high, 2);
	fe_start();
	assert_int_equal(st_attach(0), 0);
	st_polled(STEER_RX, 1, 0);
	steer_scan();
	st_has(st_qinfo(STEER_RX, 1).why, "no ST entry left");
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static void
vectors_that_come_and_go(void **state)
{
	static const int other[] = {4, 5};

	st_vectors_up(IV_CAP);
	fe_stop();
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	/* Fewer queues, on other vectors. */
	fe_configure(2, 2, 1);
	fe_vectors(2, other, 2);
	fe_start();
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	st_polled(STEER_RX, 0, 1);
	st_polled(STEER_RX, 1, 0);
	steer_scan();
	assert_int_equal(entry(1) | entry(2) | entry(3), 0);
	assert_int_equal(entry(4), tag_of(5));
	assert_int_equal(entry(5), tag_of(2));
	/* And none at all. */
	fe_stop();
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	fe_configure(2, 2, 0);
	fe_vectors(0, NULL, 0);
	fe_start();
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	steer_scan();
	assert_int_equal(entry(4) | entry(5), 0);
	st_has(st_pinfo().why, "no queue has an interrupt vector");
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static void
a_stop_takes_nothing_away_and_moves_nothing(void **state)
{
	int sets;

	st_vectors_up(IV_CAP);
	fe_stop();
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	sets = k.sets;
	st_polled(STEER_RX, 0, 1);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(k.sets, sets);
	fe_start();
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	assert_int_equal(entry(1), tag_of(5));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

/* SET_IRQS of the driver empties a table in MSI-X; a stop and start may go unseen. */
static void
a_table_that_the_driver_emptied(void **state)
{
	st_vectors_up(IV_MSIX);
	assert_int_equal(steer_stock_sync(FE_PORT), 0);
	memset(k.vector_ctrl, 0, sizeof(k.vector_ctrl));
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	assert_int_equal(entry(1), tag_of(2));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(steer_stock_sync(FE_PORT), 0);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static void
a_device_that_the_driver_reset(void **state)
{
	st_vectors_up(IV_CAP);
	put16(CTRL_OFF, 0);
	set_entry(1, 0);
	set_entry(2, 0);
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(entry(1), tag_of(2));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static void
turned_off_stays_off(void **state)
{
	st_vectors_up(IV_CAP);
	assert_int_equal(steer_port_disable(FE_PORT, 0), 0);
	assert_int_equal(ctrl(), 0);
	fe_stop();
	steer_stock_sync(FE_PORT);
	fe_start();
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	steer_scan();
	assert_int_equal(steer_stock_sync(FE_PORT), 0);
	assert_int_equal(ctrl(), 0);
	assert_int_equal(entry(1), 0);
	assert_int_equal(steer_port_enable(FE_PORT, 0), 0);
	assert_int_equal(entry(1), tag_of(2));
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

/* With nothing new the kernel is asked nothing, and the device only when its time has come. */
static void
a_look_is_cheap(void **state)
{
	const struct steer_stock_conf conf = {.scan_us = STOCK_NEVER, .check_us = UINT32_MAX};
	int sets, gets, writes;

	st_world(IV_CAP, 0x1af4, 0x1041);
	fe_configure(2, 2, 1);
	fe_vectors(2, (const int[]){1, 2}, 2);
	fe_start();
	assert_int_equal(steer_stock_attach(FE_PORT, &conf, &st_port), 0);
	st_polled(STEER_RX, 0, 0);
	steer_scan();
	sets = k.sets;
	gets = k.gets;
	writes = k.ctrl_writes;
	set_entry(1, 0);
	assert_int_equal(steer_stock_sync(FE_PORT), 0);
	assert_int_equal(entry(1), 0);
	assert_int_equal(k.sets - sets + k.gets - gets + k.ctrl_writes - writes, 0);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static bool moving;

/* What an application's threads do meanwhile. */
static void *
mover(void *arg)
{
	struct steer_queue_info info;
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		st_polled(STEER_RX, i % 3, i % 2);
		steer_queue_bind_cpu(FE_PORT, STEER_RX, 1, i % 5 == 0 ? 2 : 5, 0);
		steer_queue_info_get(FE_PORT, STEER_RX, i % 3, &info);
		steer_queue_auto(FE_PORT, STEER_RX, 1, 0);
	}
	__atomic_store_n(&moving, false, __ATOMIC_RELEASE);
	return NULL;
}

static void
looks_and_moves_at_the_same_time(void **state)
{
	const struct steer_stock_conf conf = {.scan_us = 50, .check_us = 1};
	unsigned int looks = 0;
	pthread_t thread;

	st_world(IV_MSIX, 0x1af4, 0x1041);
	fe_configure(3, 2, 1);
	fe_vectors(3, (const int[]){1, 2, 3}, 3);
	fe_start();
	assert_int_equal(steer_stock_attach(FE_PORT, &conf, &st_port), 0);
	__atomic_store_n(&moving, true, __ATOMIC_RELEASE);
	assert_int_equal(pthread_create(&thread, NULL, mover, NULL), 0);
	while (__atomic_load_n(&moving, __ATOMIC_ACQUIRE)) {
		if (looks++ % 2 == 0)
			fe_stop();
		else
			fe_start();
		assert_in_range(steer_stock_sync(FE_PORT), 0, 1);
	}
	pthread_join(thread, NULL);
	fe_start();
	steer_stock_sync(FE_PORT);
	st_polled(STEER_RX, 0, 1);
	st_polled(STEER_RX, 1, 0);
	steer_scan();
	assert_int_equal(st_qinfo(STEER_RX, 0).tag, tag_of(5));
	assert_int_equal(st_qinfo(STEER_RX, 1).tag, tag_of(2));
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	assert_int_equal(entry(1) | entry(2) | entry(3), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STOCK_TEST(tags_of_the_drivers_vectors),
		STOCK_TEST(who_asks_for_the_impossible_is_refused),
		STOCK_TEST(no_rx_interrupts),
		STOCK_TEST(queues_that_share_a_vector),
		STOCK_TEST(vectors_that_no_table_entry_goes_with),
		STOCK_TEST(vectors_that_come_and_go),
		STOCK_TEST(a_stop_takes_nothing_away_and_moves_nothing),
		STOCK_TEST(a_table_that_the_driver_emptied),
		STOCK_TEST(a_device_that_the_driver_reset),
		STOCK_TEST(turned_off_stays_off),
		STOCK_TEST(a_look_is_cheap),
		STOCK_TEST(looks_and_moves_at_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
