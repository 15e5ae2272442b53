/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A port that a TSM locks: after steer_port_lock() no call of whatever kind writes TPH control or
 * an ST entry, and queues still move.
 */

#include <errno.h>
#include <string.h>

#include "steer_fixture.h"

/* Calls that write, all of them. */
static int
writes(void)
{
	return tph0.sets + tph0.enables + tph0.disables + tph0.restores;
}

static struct steer_port *
locked_port(enum steer_mode mode)
{
	struct steer_port_conf conf = fx_world(mode);
	struct steer_port *port;

	conf.will_lock = 1;
	port = fx_up(&conf);
	assert_int_equal(steer_port_lock(port), 0);
	return port;
}

static void
end(struct steer_port *port)
{
	steer_port_unlock(port);
	steer_port_unregister(port);
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_OFF);
}

static void
queues_move_within_the_palette(void **state)
{
	struct steer_port *port = locked_port(STEER_MODE_AUTO);
	int before = writes(), allocs = drv0.allocs;

	fx_conf_run(port, 2, 2);
	fx_polled(port, STEER_RX, 0, 0);
	fx_polled(port, STEER_RX, 1, 1);
	assert_int_equal(steer_scan(), 2);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(fx_qinfo(STEER_RX, 1).cpu, 5);
	fx_polled(port, STEER_RX, 0, 1);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
	assert_int_equal(drv0.vector[STEER_RX][0], drv0.vector[STEER_RX][1]);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_TX, 1, 2, 0), 0);
	assert_int_equal(fx_qinfo(STEER_TX, 1).tag, fx_tag_of(2));
	assert_int_equal(steer_queue_unbind(PORT, STEER_TX, 1), 0);
	assert_int_equal(fx_qinfo(STEER_TX, 1).tag, 0);
	assert_int_equal(writes(), before);
	assert_int_equal(drv0.allocs, allocs);
	end(port);
}

static void
stopped_and_configured_anew(void **state)
{
	struct steer_port *port = locked_port(STEER_MODE_PALETTE);
	int before = writes(), allocs = drv0.allocs;

	fx_conf_run(port, 1, 1);
	steer_port_stop(port);
	fx_run(port, 1, 1);
	steer_port_stop(port);
	fx_conf_run(port, 4, 4);
	fx_polled(port, STEER_RX, 3, 1);
	steer_scan();
	assert_int_equal(fx_qinfo(STEER_RX, 3).cpu, 5);
	assert_int_equal(steer_port_irqs_done(port), 0);
	assert_int_equal(writes(), before);
	assert_int_equal(drv0.allocs, allocs);
	end(port);
}

static void
no_tag_outside_the_palette(void **state)
{
	struct steer_port *port = locked_port(STEER_MODE_AUTO);
	int before = writes();

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 7, 0), -ERANGE);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "locked by the TSM"));
	/* It is steered as before. */
	assert_int_equal(fx_qinfo(STEER_RX, 0).mode, STEER_Q_AUTO);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	/* An lcore that comes there later has none either. */
	fx_lcore(4, 7);
	fx_polled(port, STEER_RX, 0, 4);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(fx_qinfo(STEER_RX, 0).last_error, -ERANGE);
	assert_int_equal(writes(), before);
	end(port);
}

static void
not_turned_on_or_off(void **state)
{
	struct steer_port *port = locked_port(STEER_MODE_AUTO);
	int before = writes();

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_port_disable(PORT, 0), -EBUSY);
	assert_int_equal(steer_port_disable(PORT, STEER_DISABLE_FORGET), -EBUSY);
	assert_int_equal(steer_port_enable(PORT, STEER_ENABLE_NO_ST), -EBUSY);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	/* It is on: nothing to write. */
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(steer_port_enable(PORT, STEER_ENABLE_UNBOUND), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(steer_port_disable(PORT, 64), -EINVAL);
	assert_int_equal(writes(), before);
	end(port);
}

static void
state_says_so(void **state)
{
	struct steer_port *port = locked_port(STEER_MODE_AUTO);

	assert_int_equal(fx_pinfo().locked, 1);
	assert_int_equal(fx_pinfo().enabled, 1);
	assert_string_equal(fx_pinfo().why, "locked by the TSM");
	steer_port_unlock(port);
	assert_int_equal(fx_pinfo().locked, 0);
	assert_string_equal(fx_pinfo().why, "");
	end(port);
}

/* A refused move has no per-queue way out. */
static void
refused_move_stays_a_palette(void **state)
{
	struct steer_port *port = locked_port(STEER_MODE_AUTO);
	int before = writes();

	fx_conf_run(port, 1, 1);
	drv0.move = (struct fake_fault){.rc = -EBUSY};
	fx_polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(fx_qinfo(STEER_RX, 0).last_error, -EBUSY);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_PALETTE);
	drv0.move.rc = 0;
	assert_int_equal(writes(), before);
	end(port);
}

static void
reset_needs_the_lock_undone(void **state)
{
	struct steer_port *port = locked_port(STEER_MODE_AUTO);
	int before = writes();

	fx_conf_run(port, 1, 1);
	steer_port_stop(port);
	assert_int_equal(steer_port_reset_done(port), -EBUSY);
	assert_int_equal(writes(), before);
	steer_port_unlock(port);
	fx_reset_device();
	assert_int_equal(steer_port_reset_done(port), 0);
	assert_true(writes() > before);
	assert_int_equal(tph0.cpus[1], 2);
	assert_int_equal(steer_port_lock(port), 0);
	before = writes();
	fx_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 1);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(writes(), before);
	end(port);
}

static void
rx_interrupts_are_refused(void **state)
{
	struct steer_port *port = locked_port(STEER_MODE_AUTO);
	int before = writes(), allocs = drv0.allocs;

	assert_int_equal(steer_port_configure(port, 1, 1, 1), -EBUSY);
	assert_int_equal(writes(), before);
	assert_int_equal(drv0.allocs, allocs);
	assert_int_equal(steer_port_configure(port, 1, 1, 0), 0);
	end(port);
}

/* What falls back to another way elsewhere is refused here. */
static void
palette_or_nothing(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = NULL;

	conf.will_lock = 1;
	conf.max_vectors = 2; /* for two CPUs it takes three */
	assert_int_equal(steer_port_register(&conf, &port), -ENOSPC);
	conf.mode = STEER_MODE_PER_QUEUE;
	conf.max_vectors = 64;
	assert_int_equal(steer_port_register(&conf, &port), -ENOTSUP);
	conf = fx_ds_world(STEER_MODE_AUTO);
	conf.will_lock = 1;
	assert_int_equal(steer_port_register(&conf, &port), -ENOTSUP);
	assert_null(port);
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_OFF);
}

static void
nothing_to_steer_can_be_locked(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_OFF);
	struct steer_port *port;

	conf.will_lock = 1;
	port = fx_up(&conf);
	assert_int_equal(steer_port_lock(port), 0);
	end(port);
	conf = fx_world(STEER_MODE_AUTO);
	conf.will_lock = 1;
	tph0.usable = -ENOTSUP;
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_NONE);
	assert_int_equal(steer_port_lock(port), 0);
	/* Rx interrupts have no palette to spoil. */
	assert_int_equal(steer_port_configure(port, 1, 1, 1), 0);
	end(port);
}

/* Nobody said that a lock would come, so another way was chosen. */
static void
other_ways_are_not_locked(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);

	assert_int_equal(steer_port_lock(port), -ENOTSUP);
	assert_int_equal(fx_pinfo().locked, 0);
	steer_port_gone(port);
	assert_int_equal(steer_port_lock(port), -ENODEV);
	steer_port_unregister(port);
	steer_port_unlock(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queues_move_within_the_palette),
		cmocka_unit_test(stopped_and_configured_anew),
		cmocka_unit_test(no_tag_outside_the_palette),
		cmocka_unit_test(not_turned_on_or_off),
		cmocka_unit_test(state_says_so),
		cmocka_unit_test(refused_move_stays_a_palette),
		cmocka_unit_test(reset_needs_the_lock_undone),
		cmocka_unit_test(rx_interrupts_are_refused),
		cmocka_unit_test(palette_or_nothing),
		cmocka_unit_test(nothing_to_steer_can_be_locked),
		cmocka_unit_test(other_ways_are_not_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
