/* SPDX-License-Identifier: BSD-3-Clause */

/* Stop, reset, more vectors, and a device that is gone. */

#include <errno.h>
#include <string.h>

#include "steer_fixture.h"

static void
stopped_and_gone_ports_are_left_alone(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);
	int calls, moves;

	fx_conf_run(port, 1, 1);
	steer_port_stop(port);
	fx_polled(port, STEER_RX, 0, 1);
	moves = drv0.moves;
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(drv0.moves, moves);
	fx_run(port, 1, 1);
	steer_port_gone(port);
	calls = tph0.calls;
	moves = drv0.moves;
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_port_disable(PORT, 0), -ENODEV);
	assert_int_equal(steer_port_configure(port, 1, 1, 0), -ENODEV);
	assert_int_equal(steer_port_reset_done(port), -ENODEV);
	assert_int_equal(steer_port_queue_vector(port, STEER_RX, 0), STEER_NO_VECTOR);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), 0);
	steer_port_unregister(port);
	assert_int_equal(tph0.calls, calls);
	assert_int_equal(drv0.moves, moves);
	steer_port_unregister(NULL);
}

static void
reset_brings_everything_back(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 1);
	steer_scan();
	steer_port_stop(port);
	drv0.allocs = 0;
	assert_int_equal(steer_port_reset_done(port), 0);
	assert_int_equal(drv0.allocs, 1);
	assert_int_equal(drv0.vectors, 3);
	assert_int_equal(tph0.restores, 1);
	fx_run(port, 1, 1);
	assert_int_equal(drv0.vector[STEER_RX][0], 2);
	steer_port_unregister(port);
}

static void
more_vectors_later(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(steer_port_configure(port, 4, 4, 0), 0);
	assert_int_equal(drv0.vectors, 9);
	/* The vectors mean other queues now, so the table starts empty. */
	assert_int_equal(tph0.cpus[1], STEER_CPU_NONE);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 3, 2, 0), 0);
	fx_run(port, 4, 4);
	assert_int_equal(drv0.vector[STEER_RX][3], 7);
	assert_int_equal(tph0.cpus[7], 2);
	assert_int_equal(steer_port_configure(port, QUEUES + 1, 1, 0), -EINVAL);
	steer_port_unregister(port);
}

/* The reset went well and the tags did not come back: they do as soon as they can. */
static void
tags_that_do_not_come_back_at_once(void **state)
{
	static const enum steer_mode modes[] = {STEER_MODE_PALETTE, STEER_MODE_PER_QUEUE};
	struct steer_port_conf conf;
	struct steer_port *port;
	unsigned int i;

	for (i = 0; i < RTE_DIM(modes); i++) {
		conf = fx_world(modes[i]);
		port = fx_up(&conf);
		fx_conf_run(port, 1, 1);
		fx_polled(port, STEER_RX, 0, 1);
		steer_scan();
		steer_port_stop(port);
		fx_reset_device();
		/* Restoring fails, starting anew does not. */
		tph0.restore.rc = -EIO;
		assert_int_equal(steer_port_reset_done(port), 0);
		fx_run(port, 1, 1);
		assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
		assert_int_equal(tph0.cpus[drv0.vector[STEER_RX][0]], 5);
		steer_port_stop(port);
		fx_reset_device();
		/* Nor does starting anew work. */
		tph0.enable.rc = -EPERM;
		assert_int_equal(steer_port_reset_done(port), -EPERM);
		tph0.enables = 0;
		fx_run(port, 1, 1);
		assert_int_equal(tph0.enables, 1); /* one try with each start */
		assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
		assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "could not be programmed again"));
		assert_int_equal(fx_pinfo().enabled, 0);
		steer_port_stop(port);
		fx_run(port, 1, 1);
		assert_int_equal(tph0.enables, 2);
		tph0.enable.rc = tph0.restore.rc = 0;
		steer_port_stop(port);
		fx_run(port, 1, 1);
		assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
		assert_string_equal(fx_qinfo(STEER_RX, 0).why, "");
		steer_port_unregister(port);
	}
}

static void
vectors_that_do_not_come_back_at_once(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 1);
	steer_port_stop(port);
	fx_reset_device();
	drv0.alloc.rc = -ENOMEM;
	assert_int_equal(steer_port_reset_done(port), -ENOMEM);
	assert_int_equal(fx_pinfo().enabled, 0);
	drv0.alloc.rc = 0;
	fx_run(port, 1, 1);
	assert_int_equal(drv0.vectors, 3);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
	/* Turned off, it needs its vectors all the same. */
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	steer_port_stop(port);
	fx_reset_device();
	drv0.alloc.rc = -ENOMEM;
	assert_int_equal(steer_port_reset_done(port), -ENOMEM);
	drv0.alloc.rc = 0;
	fx_run(port, 1, 1);
	assert_int_equal(drv0.vectors, 3);
	assert_int_equal(fx_pinfo().enabled, 0);
	steer_port_unregister(port);
}

static void
other_listeners_restore_a_table_in_the_msix_table(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(steer_port_irqs_done(port), 0);
	assert_int_equal(tph0.restores, 0);
	tph0.info.cap.loc = STEER_PCI_TPH_LOC_MSIX;
	assert_int_equal(steer_port_irqs_done(port), 0);
	assert_int_equal(tph0.restores, 1);
	/* One that fails starts anew, and the queues follow. */
	tph0.restore.rc = -EIO;
	assert_int_equal(steer_port_irqs_done(port), 0);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(tph0.cpus[1], 5);
	tph0.restores = 1;
	steer_port_gone(port);
	assert_int_equal(steer_port_irqs_done(port), -ENODEV);
	assert_int_equal(tph0.restores, 1);
	steer_port_unregister(port);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stopped_and_gone_ports_are_left_alone),
		cmocka_unit_test(reset_brings_everything_back),
		cmocka_unit_test(tags_that_do_not_come_back_at_once),
		cmocka_unit_test(vectors_that_do_not_come_back_at_once),
		cmocka_unit_test(more_vectors_later),
		cmocka_unit_test(other_listeners_restore_a_table_in_the_msix_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
