/* SPDX-License-Identifier: BSD-3-Clause */

/* A port turned on and off, and what is left of it when that fails. */

#include <errno.h>
#include <string.h>

#include "steer_fixture.h"

static void
turned_off_and_on(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	assert_int_equal(tph0.cpus[1], STEER_CPU_NONE);
	assert_int_equal(fx_pinfo().enabled, 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).tag, 0);
	assert_string_equal(fx_qinfo(STEER_RX, 0).why, "steering of the port is turned off");
	fx_polled(port, STEER_RX, 0, 1);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	assert_int_equal(tph0.disables, 1);
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(tph0.cpus[1], 2);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
	assert_int_equal(drv0.vector[STEER_RX][0], 2);
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(tph0.enables, 2);
	assert_int_equal(steer_port_enable(PORT + 1, 0), -ENODEV);
	steer_port_unregister(port);
}

static void
unknown_flags_do_nothing(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);
	int calls = tph0.calls;

	assert_int_equal(steer_port_disable(PORT, 2), -EINVAL);
	assert_int_equal(steer_port_disable(PORT, 1u << 31 | STEER_DISABLE_FORGET), -EINVAL);
	assert_int_equal(steer_port_enable(PORT, 4), -EINVAL);
	assert_int_equal(tph0.calls, calls);
	assert_int_equal(fx_pinfo().enabled, 1);
	steer_port_unregister(port);
}

/* Bound, automatic and unbound queues are what they were; also one bound in between. */
static void
bindings_outlive_off(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 3, 1);
	fx_polled(port, STEER_RX, 0, 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 1, 5, 0), 0);
	assert_int_equal(steer_queue_unbind(PORT, STEER_RX, 2), 0);
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_TX, 0, 2, 0), 0);
	assert_int_equal(fx_qinfo(STEER_TX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(fx_qinfo(STEER_RX, 1).cpu, 5);
	assert_int_equal(fx_qinfo(STEER_RX, 2).cpu, STEER_CPU_NONE);
	assert_int_equal(fx_qinfo(STEER_RX, 2).mode, STEER_Q_OFF);
	assert_int_equal(fx_qinfo(STEER_TX, 0).cpu, 2);
	steer_port_unregister(port);
}

static void
forgotten_bindings_are_automatic(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 2, 1);
	fx_polled(port, STEER_RX, 0, 0);
	fx_polled(port, STEER_RX, 1, 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), 0);
	assert_int_equal(steer_port_disable(PORT, STEER_DISABLE_FORGET), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).mode, STEER_Q_AUTO);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 1, 5, 0), 0);
	/* Also on a port that is off. */
	assert_int_equal(steer_port_disable(PORT, STEER_DISABLE_FORGET), 0);
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(fx_qinfo(STEER_RX, 1).cpu, 2);
	steer_port_unregister(port);
}

static void
enabled_without_a_tag(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_TX, 0, 5, 0), 0);
	/* The port is on since attach: the flag counts all the same. */
	assert_int_equal(steer_port_enable(PORT, STEER_ENABLE_UNBOUND), 0);
	assert_int_equal(fx_pinfo().enabled, 1);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(fx_qinfo(STEER_TX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(drv0.vector[STEER_TX][0], STEER_NO_VECTOR);
	fx_polled(port, STEER_RX, 0, 1);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(steer_queue_bind_lcore(PORT, STEER_RX, 0, 1, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
	steer_port_unregister(port);
}

/* On for hints alone: no queue has a tag, and bindings are kept. */
static void
on_without_tags(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), 0);
	assert_int_equal(steer_port_enable(PORT, STEER_ENABLE_NO_ST), 0);
	assert_int_equal(tph0.info.mode, STEER_PCI_TPH_MODE_NS);
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_STD);
	assert_int_equal(tph0.cpus[2], STEER_CPU_NONE);
	assert_int_equal(fx_qinfo(STEER_RX, 0).tag, 0);
	assert_int_equal(steer_scan(), 0);
	/* off in between: a mode does not change while TPH is on */
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(tph0.disables, 2);
	assert_int_equal(tph0.info.mode, STEER_PCI_TPH_MODE_IV);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
	assert_int_equal(steer_port_enable(PORT, STEER_ENABLE_NO_ST), 0);
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_OFF);
	steer_port_unregister(port);
}

static void
no_mode_without_tags(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	tph0.enable.rc = -ENOTSUP;
	assert_int_equal(steer_port_enable(PORT, STEER_ENABLE_NO_ST), -ENOTSUP);
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_OFF);
	tph0.enable.rc = 0;
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(fx_pinfo().enabled, 1);
	steer_port_unregister(port);
}

static void
assert_off(int enables)
{
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_OFF);
	assert_int_equal(tph0.cpus[1], STEER_CPU_NONE);
	assert_int_equal(tph0.cpus[2], STEER_CPU_NONE);
	assert_int_equal(fx_pinfo().enabled, 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(fx_qinfo(STEER_RX, 0).tag, 0);
	assert_int_equal(tph0.enables, enables);
}

/* TPH went on and the palette did not: neither stays. The errno is the one from below. */
static void
half_enabled_port_is_off_again(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	tph0.set.rc = -ENOSPC;
	assert_int_equal(steer_port_enable(PORT, 0), -ENOSPC);
	assert_off(2);
	/* The flag of a call that failed is not obeyed. */
	tph0.set.rc = 0;
	tph0.enable.rc = -EACCES;
	assert_int_equal(steer_port_enable(PORT, STEER_ENABLE_UNBOUND), -EACCES);
	assert_off(3);
	tph0.enable.rc = 0;
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(tph0.cpus[1], 2);
	steer_port_unregister(port);
}

static void
tph_that_stays_on_is_turned_off_by_another_call(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	tph0.disable.rc = -EIO;
	assert_int_equal(steer_port_disable(PORT, 0), -EIO);
	assert_int_equal(fx_pinfo().enabled, 1); /* as read back */
	tph0.disable.rc = 0;
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	assert_int_equal(fx_pinfo().enabled, 0);
	steer_port_unregister(port);
}

static void
registers_are_cleared(void **state)
{
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_TX, 0, 2, 0), 0);
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], 0);
	assert_int_equal(drv0.tag[STEER_TX][0], 0);
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(5));
	assert_int_equal(steer_queue_unbind(PORT, STEER_RX, 0), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], 0);
	assert_int_equal(drv0.tag[STEER_TX][0], fx_tag_of(2));
	steer_port_unregister(port);
}

/* Off, a register that keeps its tag does no harm; on, it would. */
static void
register_that_keeps_its_tag(void **state)
{
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), 0);
	drv0.tag_set.rc = -EIO;
	assert_int_equal(steer_port_disable(PORT, 0), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(5));
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(steer_queue_unbind(PORT, STEER_RX, 0), 0);
	assert_int_equal(steer_port_enable(PORT, 0), -EIO);
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_OFF);
	drv0.tag_set.rc = 0;
	assert_int_equal(steer_port_enable(PORT, 0), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], 0);
	steer_port_unregister(port);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turned_off_and_on),
		cmocka_unit_test(unknown_flags_do_nothing),
		cmocka_unit_test(bindings_outlive_off),
		cmocka_unit_test(forgotten_bindings_are_automatic),
		cmocka_unit_test(enabled_without_a_tag),
		cmocka_unit_test(on_without_tags),
		cmocka_unit_test(no_mode_without_tags),
		cmocka_unit_test(half_enabled_port_is_off_again),
		cmocka_unit_test(tph_that_stays_on_is_turned_off_by_another_call),
		cmocka_unit_test(registers_are_cleared),
		cmocka_unit_test(register_that_keeps_its_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
