/* SPDX-License-Identifier: BSD-3-Clause */

/* What a queue is steered to, who says so, and what is told when it cannot be. */

#include <errno.h>
#include <string.h>

#include "steer_fixture.h"

static void
unpinned_lcores_and_foreign_threads_get_no_tag(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port;

	fx_lcore(7, 3);
	CPU_SET(4, &fx_lcore_set[7]);
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().nb_slots, 2);
	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	fx_polled(port, STEER_RX, 0, 7);
	steer_scan();
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(fx_qinfo(STEER_RX, 0).tag, 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).lcore, 7);
	assert_int_equal(drv0.vector[STEER_RX][0], STEER_NO_VECTOR);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "lcore 7 may run on 2 CPUs"));
	fx_polled(port, STEER_RX, 0, LCORE_ID_ANY);
	steer_scan();
	assert_int_equal(fx_qinfo(STEER_RX, 0).lcore, STEER_LCORE_NONE);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "not an EAL thread"));
	assert_int_equal(steer_lcore_cpu(0), 2);
	assert_int_equal(steer_lcore_cpu(7), STEER_CPU_NONE);
	assert_int_equal(steer_lcore_cpu(9), STEER_CPU_NONE);
	assert_int_equal(steer_lcore_cpu(LCORE_ID_ANY), STEER_CPU_NONE);
	steer_port_unregister(port);
}

static void
binding(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_queue_bind_lcore(PORT, STEER_RX, 0, 1, 0), 0);
	assert_int_equal(drv0.vector[STEER_RX][0], 2);
	assert_int_equal(fx_qinfo(STEER_RX, 0).mode, STEER_Q_BOUND);
	assert_int_equal(steer_scan(), 0); /* polling elsewhere does not matter */
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 4, 0), -ERANGE);
	assert_int_equal(drv0.vector[STEER_RX][0], STEER_NO_VECTOR);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "not in the palette"));
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, STEER_CPU_NONE, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).mode, STEER_Q_OFF);
	assert_int_equal(fx_qinfo(STEER_RX, 0).tag, 0);
	assert_int_equal(steer_queue_auto(PORT, STEER_RX, 0, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 1, 2, 0), -EINVAL);
	assert_int_equal(steer_queue_bind_lcore(PORT, STEER_RX, 0, 9, 0), -EINVAL);
	assert_int_equal(steer_queue_bind_cpu(PORT + 1, STEER_RX, 0, 2, 0), -ENODEV);
	/* Bound while stopped: in force from the start. */
	steer_port_stop(port);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5, 0), 0);
	fx_run(port, 1, 1);
	assert_int_equal(drv0.vector[STEER_RX][0], 2);
	steer_port_unregister(port);
}

static void
refused_cpu_is_said_once_and_leaves_no_tag(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);
	int sets;

	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	tph0.bad_cpu = 5;
	fx_polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(tph0.cpus[1], STEER_CPU_NONE);
	assert_int_equal(fx_qinfo(STEER_RX, 0).last_error, -ENOENT);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "no tag for CPU 5"));
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	sets = tph0.sets;
	steer_scan();
	assert_int_equal(tph0.sets, sets); /* not again every scan */
	steer_port_unregister(port);
}

static void
findings_and_dialect_are_shown(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port;

	tph0.info.dialect = STEER_TPH_DIALECT_IOCTL_V8;
	port = fx_up(&conf);
	assert_string_equal(fx_pinfo().dialect, "ioctl-v8");
	assert_int_equal(fx_pinfo().nb_findings, 0);
	steer_port_unregister(port);
	tph0.usable = -ENOTSUP;
	tph0.info.dialect = STEER_TPH_DIALECT_NONE;
	tph0.info.nb_findings = 2;
	tph0.info.findings[0] = (struct steer_tph_finding){.what = "_DSM", .text = "not visible"};
	tph0.info.findings[1] = (struct steer_tph_finding){.what = "dialect", .text = "none"};
	port = fx_up(&conf);
	assert_string_equal(fx_pinfo().dialect, "none");
	assert_int_equal(fx_pinfo().nb_findings, 2);
	assert_string_equal(fx_pinfo().findings[0], "_DSM: not visible");
	assert_string_equal(fx_pinfo().findings[1], "dialect: none");
	steer_port_unregister(port);
}

static void
names(void **state)
{
	assert_int_equal(steer_mode_parse("auto"), STEER_MODE_AUTO);
	assert_int_equal(steer_mode_parse("per-queue"), STEER_MODE_PER_QUEUE);
	assert_int_equal(steer_mode_parse("palette"), STEER_MODE_PALETTE);
	assert_int_equal(steer_mode_parse("off"), STEER_MODE_OFF);
	assert_int_equal(steer_mode_parse("on"), -EINVAL);
	assert_int_equal(steer_mode_parse(NULL), -EINVAL);
	assert_string_equal(steer_strategy_name(STEER_STRATEGY_DS_REG), "ds-reg");
	assert_string_equal(steer_mode_name(STEER_MODE_PER_QUEUE), "per-queue");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpinned_lcores_and_foreign_threads_get_no_tag),
		cmocka_unit_test(binding),
		cmocka_unit_test(refused_cpu_is_said_once_and_leaves_no_tag),
		cmocka_unit_test(findings_and_dialect_are_shown),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
