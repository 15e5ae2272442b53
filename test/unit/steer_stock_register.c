/* SPDX-License-Identifier: BSD-3-Clause */

/* Tags in the registers of a device that another driver drives. */

#include "stock_fixture.h"

static void
tags_in_the_queues_registers(void **state)
{
	struct steer_port_info info;

	st_registers_up(0);
	info = st_pinfo();
	assert_int_equal(info.strategy, STEER_STRATEGY_DS_REG);
	assert_string_equal(info.why, "");
	assert_int_equal(info.objects_apart, 1);
	assert_int_equal(info.objects, 0x17);
	assert_int_equal(ctrl(), 0x0102); /* device-specific mode, requester enabled */
	assert_int_equal(fe.bar[RXCTL], 0xa20e | tag_of(2) << 24);
	assert_int_equal(fe.bar[RXCTL + QUEUE], 0xa20e | tag_of(5) << 24);
	assert_int_equal(fe.bar[TXCTL], 0x2a00);
	assert_int_equal(fe.bar[TXCTL + QUEUE], 0x2a02 | tag_of(5) << 24);
	assert_int_equal(st_qinfo(STEER_TX, 1).tag, tag_of(5));
	assert_int_equal(st_qinfo(STEER_TX, 1).vector, -1);
	assert_int_equal(steer_queue_bind_cpu(FE_PORT, STEER_RX, 0, 5, STEER_OBJ_RX_DESC), 0);
	assert_int_equal(fe.bar[RXCTL], 0xa202 | tag_of(5) << 24);
	assert_int_equal(steer_queue_bind_cpu(FE_PORT, STEER_TX, 0, 5, STEER_OBJ_TX_PAYLOAD),
			 -ENOTSUP);
	/* The port runs on without us, and without tags. */
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	assert_int_equal(fe.bar[RXCTL], 0xa200);
	assert_int_equal(fe.bar[RXCTL + QUEUE], 0xa200);
	assert_int_equal(fe.bar[TXCTL + QUEUE], 0x2a00);
	assert_int_equal(ctrl(), 0);
}

/* Its driver's start resets the controller, registers and all. */
static void
registers_that_the_driver_reset(void **state)
{
	st_registers_up(0);
	assert_int_equal(steer_stock_sync(FE_PORT), 0);
	memset(fe.bar, 0, sizeof(fe.bar));
	fe.bar[RXCTL] = 0xa200;
	assert_int_equal(steer_stock_sync(FE_PORT), 1);
	assert_int_equal(fe.bar[RXCTL], 0xa20e | tag_of(2) << 24);
	assert_int_equal(fe.bar[TXCTL + QUEUE], 0x2 | tag_of(5) << 24);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static void
tags_wider_than_the_datasheet_has_them(void **state)
{
	st_registers_up(0);
	k.small_tags = 0; /* 0x2e and 0x43 from now on */
	assert_int_equal(steer_queue_bind_cpu(FE_PORT, STEER_RX, 0, 5, 0), -ERANGE);
	assert_int_equal(fe.bar[RXCTL], 0xa200);
	assert_int_equal(st_qinfo(STEER_RX, 0).tag, 0);
	assert_int_equal(st_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	st_has(st_qinfo(STEER_RX, 0).why,
	       "0x43 of CPU 5 is more than the device's tag register takes");
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	st_registers_up(STEER_STOCK_WIDE_TAGS);
	assert_int_equal(fe.bar[RXCTL], 0x2e00a20e);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

static void
registers_that_are_not_mapped(void **state)
{
	st_world(DS_TABLE, 0x8086, 0x1521);
	k.bar0 = NULL;
	st_unsteerable("the tag registers of Intel I350 cannot be mapped");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STOCK_TEST(tags_in_the_queues_registers),
		STOCK_TEST(registers_that_the_driver_reset),
		STOCK_TEST(tags_wider_than_the_datasheet_has_them),
		STOCK_TEST(registers_that_are_not_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
