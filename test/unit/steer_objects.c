/* SPDX-License-Identifier: BSD-3-Clause */

/* What of a queue's DMA has its tag, and what is said of a device that cannot tell objects apart.
 */

#include <errno.h>
#include <string.h>

#include "steer_fixture.h"

#define RX_DESC_AND_HEADER (STEER_OBJ_RX_DESC | STEER_OBJ_RX_HEADER)

/* As the ethdev proposal of May 2026 has them. */
static void
bits_are_those_of_the_proposal(void **state)
{
	assert_int_equal(STEER_OBJ_RX_DESC, 0x01);
	assert_int_equal(STEER_OBJ_TX_DESC, 0x02);
	assert_int_equal(STEER_OBJ_RX_HEADER, 0x04);
	assert_int_equal(STEER_OBJ_TX_HEADER, 0x08);
	assert_int_equal(STEER_OBJ_RX_PAYLOAD, 0x10);
	assert_int_equal(STEER_OBJ_TX_PAYLOAD, 0x20);
	assert_int_equal(STEER_OBJ_RX, 0x15);
	assert_int_equal(STEER_OBJ_TX, 0x2a);
	assert_string_equal(steer_object_name(STEER_OBJ_TX_HEADER), "tx-header");
	assert_string_equal(steer_object_name(STEER_OBJ_RX), "unknown");
	assert_string_equal(steer_object_name(0x40), "unknown");
}

static void
device_that_tells_them_apart(void **state)
{
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_AUTO);
	struct steer_port *port;
	uint64_t generation;

	conf.objects = STEER_OBJ_ALL & ~(uint32_t)STEER_OBJ_TX_PAYLOAD;
	conf.objects_apart = 1;
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().objects, conf.objects);
	assert_int_equal(fx_pinfo().objects_apart, 1);
	fx_conf_run(port, 1, 1);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, RX_DESC_AND_HEADER), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(5));
	assert_int_equal(drv0.objects[STEER_RX][0], RX_DESC_AND_HEADER);
	assert_int_equal(fx_qinfo(STEER_RX, 0).objects, RX_DESC_AND_HEADER);
	/* 0 is what the device has for the direction; another choice is another state. */
	generation = fx_qinfo(STEER_RX, 0).generation;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), 0);
	assert_int_equal(drv0.objects[STEER_RX][0], STEER_OBJ_RX);
	assert_int_equal(fx_qinfo(STEER_RX, 0).generation, generation + 1);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_TX, 0, 5, 0), 0);
	assert_int_equal(drv0.objects[STEER_TX][0], STEER_OBJ_TX_DESC | STEER_OBJ_TX_HEADER);
	/* A queue that follows keeps its choice from move to move, and over a stop. */
	assert_int_equal(steer_queue_auto(PORT, STEER_RX, 0, STEER_OBJ_RX_DESC), 0);
	fx_polled(port, STEER_RX, 0, 0);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(2));
	assert_int_equal(drv0.objects[STEER_RX][0], STEER_OBJ_RX_DESC);
	steer_port_stop(port);
	drv0.tag[STEER_RX][0] = 0;
	fx_run(port, 1, 1);
	assert_int_equal(drv0.objects[STEER_RX][0], STEER_OBJ_RX_DESC);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, STEER_CPU_NONE, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).objects, 0);
	steer_port_unregister(port);
}

static void
refused(enum steer_dir dir, uint32_t objects, int rc, const char *why)
{
	struct steer_queue_info before = fx_qinfo(dir, 0), after;
	int writes = drv0.tag_writes, sets = tph0.sets, moves = drv0.moves;

	assert_int_equal(steer_queue_bind_cpu(PORT, dir, 0, 5, objects), rc);
	after = fx_qinfo(dir, 0);
	assert_int_equal(after.last_error, rc);
	assert_non_null(strstr(after.why, why));
	/* Nothing was touched. */
	assert_int_equal(after.mode, before.mode);
	assert_int_equal(after.cpu, before.cpu);
	assert_int_equal(after.generation, before.generation);
	assert_int_equal(drv0.tag_writes, writes);
	assert_int_equal(tph0.sets, sets);
	assert_int_equal(drv0.moves, moves);
}

static void
objects_of_the_other_direction(void **state)
{
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_AUTO);
	struct steer_port *port;

	conf.objects_apart = 1;
	port = fx_up(&conf);
	fx_conf_run(port, 1, 1);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_TX, 0, 2, STEER_OBJ_TX_DESC), 0);
	refused(STEER_TX, STEER_OBJ_RX_DESC, -EINVAL, "objects 0x1 are none of tx queues");
	refused(STEER_TX, STEER_OBJ_TX_DESC | STEER_OBJ_RX_HEADER, -EINVAL, "none of tx queues");
	refused(STEER_RX, STEER_OBJ_TX, -EINVAL, "none of rx queues");
	refused(STEER_RX, 0x40, -EINVAL, "objects 0x40");
	assert_int_equal(drv0.objects[STEER_TX][0], STEER_OBJ_TX_DESC);
	/* The next call that is right clears the complaint. */
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_TX, 0, 5, 0), 0);
	assert_int_equal(fx_qinfo(STEER_TX, 0).last_error, 0);
	assert_string_equal(fx_qinfo(STEER_TX, 0).why, "");
	steer_port_unregister(port);
}

/* A register for all of the queue: its objects are one. */
static void
register_without_a_choice(void **state)
{
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_AUTO);
	struct steer_port *port;

	conf.objects = RX_DESC_AND_HEADER | STEER_OBJ_TX;
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().objects_apart, 0);
	fx_conf_run(port, 1, 1);
	refused(STEER_RX, STEER_OBJ_RX_DESC, -ENOTSUP, "cannot tell its objects 0x5 apart");
	refused(STEER_RX, STEER_OBJ_RX, -ENOTSUP, "does not tag rx-payload");
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, RX_DESC_AND_HEADER), 0);
	assert_int_equal(drv0.objects[STEER_RX][0], RX_DESC_AND_HEADER);
	steer_port_unregister(port);
}

/* The tag of a vector is on all that the queue moves, whatever the driver says of registers. */
static void
vectors_have_no_choice(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port;

	conf.objects_apart = 1;
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().objects, STEER_OBJ_ALL);
	assert_int_equal(fx_pinfo().objects_apart, 0);
	fx_conf_run(port, 1, 1);
	refused(STEER_RX, STEER_OBJ_RX_HEADER, -ENOTSUP, "ask for all");
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, STEER_OBJ_RX), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).objects, STEER_OBJ_RX);
	steer_port_unregister(port);
}

/* Rx only: its Tx queues are left alone, and say so. */
static void
direction_that_the_device_does_not_tag(void **state)
{
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_AUTO);
	struct steer_port *port;
	int writes;

	conf.objects = STEER_OBJ_RX;
	port = fx_up(&conf);
	fx_conf_run(port, 1, 1);
	writes = drv0.tag_writes;
	fx_polled(port, STEER_TX, 0, 0);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(drv0.tag_writes, writes);
	assert_string_equal(fx_qinfo(STEER_TX, 0).why, "the device tags nothing of tx queues");
	refused(STEER_TX, 0, -ENOTSUP, "the device tags nothing of tx queues");
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	assert_int_equal(drv0.tag[STEER_TX][0], 0);
	steer_port_unregister(port);
}

static void
port_that_is_not_steered_has_none(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_OFF);
	struct steer_port *port = fx_up(&conf);

	assert_int_equal(fx_pinfo().objects, 0);
	assert_int_equal(fx_pinfo().objects_apart, 0);
	fx_conf_run(port, 1, 1);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), -ENOTSUP);
	steer_port_unregister(port);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_are_those_of_the_proposal),
		cmocka_unit_test(device_that_tells_them_apart),
		cmocka_unit_test(objects_of_the_other_direction),
		cmocka_unit_test(register_without_a_choice),
		cmocka_unit_test(vectors_have_no_choice),
		cmocka_unit_test(direction_that_the_device_does_not_tag),
		cmocka_unit_test(port_that_is_not_steered_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
