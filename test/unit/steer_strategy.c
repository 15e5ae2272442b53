/* SPDX-License-Identifier: BSD-3-Clause */

/* Which way a port is steered, and what each way writes. */

#include <errno.h>
#include <string.h>

#include "steer_fixture.h"

static void
auto_takes_the_palette(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port = fx_up(&conf);
	struct steer_port_info info = fx_pinfo();

	assert_int_equal(info.strategy, STEER_STRATEGY_PALETTE);
	assert_string_equal(info.why, "");
	assert_string_equal(info.dialect, "feature");
	assert_int_equal(info.nb_slots, 2);
	assert_int_equal(info.enabled, 1);
	assert_int_equal(info.st_writes, 1);
	assert_int_equal(drv0.vectors, 3);
	assert_int_equal(tph0.cpus[0], STEER_CPU_NONE); /* the configuration interrupt */
	assert_int_equal(tph0.cpus[1], 2);
	assert_int_equal(tph0.cpus[2], 5);
	steer_port_unregister(port);
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_OFF);
	assert_int_equal(steer_port_info_get(PORT, &info), -ENODEV);
}

static void
palette_moves_write_no_entries(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PALETTE);
	struct steer_port *port = fx_up(&conf);
	struct steer_queue_info info;
	int i;

	fx_conf_run(port, 2, 2);
	assert_int_equal(drv0.vector[STEER_RX][0], STEER_NO_VECTOR);
	assert_string_equal(fx_qinfo(STEER_RX, 0).why, "not polled yet");
	fx_polled(port, STEER_RX, 0, 0);
	fx_polled(port, STEER_TX, 1, 1);
	assert_int_equal(steer_scan(), 2);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(drv0.vector[STEER_RX][0], 1);
	assert_int_equal(drv0.vector[STEER_TX][1], 2);
	info = fx_qinfo(STEER_RX, 0);
	assert_int_equal(info.mode, STEER_Q_AUTO);
	assert_int_equal(info.lcore, 0);
	assert_int_equal(info.cpu, 2);
	assert_int_equal(info.tag, 0x20 + 14);
	assert_int_equal(info.vector, 1);
	assert_int_equal(info.generation, 1);
	assert_string_equal(info.why, "");
	for (i = 0; i < 10; i++) {
		fx_polled(port, STEER_RX, 0, (i & 1) == 0);
		assert_int_equal(steer_scan(), 1);
	}
	assert_int_equal(fx_qinfo(STEER_RX, 0).generation, 11);
	assert_int_equal(fx_pinfo().st_writes, 1);
	assert_int_equal(tph0.sets, 1);
	/* Stop, start and configure anew: still the entries of attach. */
	steer_port_stop(port);
	fx_run(port, 2, 2);
	assert_int_equal(drv0.vector[STEER_RX][0], 1);
	fx_conf_run(port, 1, 1);
	assert_int_equal(tph0.sets, 1);
	steer_port_unregister(port);
}

static void
palette_that_does_not_fit(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PALETTE);
	struct steer_port *port = NULL;

	conf.max_vectors = 2;
	assert_int_equal(steer_port_register(&conf, &port), -ENOSPC);
	conf = fx_world(STEER_MODE_AUTO);
	tph0.info.cap.entries = 2;
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_PER_QUEUE);
	assert_non_null(strstr(fx_pinfo().why, "no palette: 2 CPUs need 3"));
	steer_port_unregister(port);
}

static void
per_queue_rewrites_one_entry(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);
	int sets;

	fx_conf_run(port, 2, 2);
	assert_int_equal(drv0.vectors, 5);
	assert_int_equal(drv0.vector[STEER_RX][0], 1);
	assert_int_equal(drv0.vector[STEER_TX][0], 2);
	assert_int_equal(drv0.vector[STEER_RX][1], 3);
	assert_int_equal(drv0.vector[STEER_TX][1], 4);
	fx_polled(port, STEER_RX, 1, 0);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(tph0.cpus[3], 2);
	sets = tph0.sets;
	fx_polled(port, STEER_RX, 1, 1);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(tph0.sets, sets + 1);
	assert_int_equal(tph0.last_index, 3);
	assert_int_equal(tph0.last_count, 1);
	assert_int_equal(tph0.cpus[3], 5);
	assert_int_equal(fx_qinfo(STEER_RX, 1).tag, fx_tag_of(5));
	assert_int_equal(drv0.moves, 0);
	steer_port_unregister(port);
}

static void
too_few_vectors_are_shared_by_pairs(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port;

	conf.max_vectors = 4;
	port = fx_up(&conf);
	fx_conf_run(port, 4, 2);
	assert_non_null(strstr(fx_pinfo().why, "share a vector"));
	assert_int_equal(drv0.vector[STEER_RX][1], 2);
	assert_int_equal(drv0.vector[STEER_TX][1], 2);
	assert_int_equal(drv0.vector[STEER_RX][3], STEER_NO_VECTOR);
	fx_polled(port, STEER_RX, 1, 0);
	fx_polled(port, STEER_TX, 1, 1);
	fx_polled(port, STEER_RX, 3, 0);
	steer_scan();
	assert_int_equal(tph0.cpus[2], 2); /* Rx rules */
	assert_int_equal(fx_qinfo(STEER_TX, 1).cpu, 2);
	assert_non_null(strstr(fx_qinfo(STEER_TX, 1).why, "shares vector 2 with rx queue 1"));
	assert_int_equal(fx_qinfo(STEER_RX, 3).cpu, STEER_CPU_NONE);
	assert_int_equal(fx_qinfo(STEER_RX, 3).last_error, -ENOSPC);
	fx_polled(port, STEER_RX, 1, 1);
	steer_scan();
	assert_int_equal(fx_qinfo(STEER_TX, 1).cpu, 5);
	assert_string_equal(fx_qinfo(STEER_TX, 1).why, "");
	steer_port_unregister(port);
}

static void
refused_live_move_falls_back_to_per_queue(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PALETTE);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 2, 0);
	fx_polled(port, STEER_RX, 0, 0);
	fx_polled(port, STEER_RX, 1, 0);
	steer_scan();
	drv0.move.rc = -EBUSY;
	fx_polled(port, STEER_RX, 1, 1);
	steer_scan();
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_PER_QUEUE);
	assert_non_null(strstr(fx_pinfo().why, "per-queue instead of palette"));
	/* Until the next start both queues have slot 0's vector: queue 0 keeps its tag. */
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(fx_qinfo(STEER_RX, 1).cpu, 2);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 1).why, "shares vector 1 with rx queue 0"));
	steer_port_stop(port);
	fx_run(port, 2, 0);
	assert_int_equal(drv0.vector[STEER_RX][0], 1);
	assert_int_equal(drv0.vector[STEER_RX][1], 3);
	assert_int_equal(drv0.vectors, 5);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(fx_qinfo(STEER_RX, 1).cpu, 5);
	assert_int_equal(tph0.cpus[3], 5);
	steer_port_unregister(port);
}

static void
rx_interrupts_exclude_the_palette(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PALETTE);
	struct steer_port *port = fx_up(&conf);

	assert_int_equal(steer_port_configure(port, 2, 2, 1), -ENOTSUP);
	assert_int_equal(steer_port_configure(port, 2, 2, 0), 0);
	steer_port_unregister(port);

	conf = fx_world(STEER_MODE_AUTO);
	port = fx_up(&conf);
	assert_int_equal(steer_port_configure(port, 2, 2, 1), 0);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_PER_QUEUE);
	assert_non_null(strstr(fx_pinfo().why, "Rx interrupts"));
	assert_int_equal(tph0.cpus[1], STEER_CPU_NONE); /* the palette is gone */
	fx_run(port, 2, 2);
	assert_int_equal(drv0.vector[STEER_RX][1], 3);
	assert_int_equal(steer_port_configure(port, 2, 2, 0), 0);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_PALETTE);
	assert_string_equal(fx_pinfo().why, "");
	assert_int_equal(tph0.cpus[1], 2);
	steer_port_unregister(port);
}

static void
ds_registers_hold_the_tag(void **state)
{
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_PALETTE);
	struct steer_port *port = NULL;

	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_DS_REG);
	assert_non_null(strstr(fx_pinfo().why, "registers"));
	assert_int_equal(tph0.info.mode, STEER_PCI_TPH_MODE_DS);
	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(5));
	assert_int_equal(fx_qinfo(STEER_RX, 0).tag, fx_tag_of(5));
	assert_int_equal(fx_qinfo(STEER_RX, 0).vector, -1);
	tph0.bad_cpu = 2;
	fx_polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(drv0.tag[STEER_RX][0], 0); /* not the tag of the other CPU */
	assert_int_equal(fx_qinfo(STEER_RX, 0).last_error, -ENOENT);
	fx_polled(port, STEER_RX, 0, 1);
	steer_scan();
	/* A restart empties the registers. */
	steer_port_stop(port);
	drv0.tag[STEER_RX][0] = 0;
	fx_run(port, 1, 1);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(5));
	steer_port_unregister(port);

	conf.ops = &fx_ops_no_tag;
	assert_int_equal(steer_port_register(&conf, &port), -ENOTSUP);
}

static void
port_without_tph_says_so(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port;

	tph0.usable = -ENOTSUP;
	tph0.info.dialect = STEER_TPH_DIALECT_NONE;
	strcpy(tph0.info.why, "no TPH capability");
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_NONE);
	assert_string_equal(fx_pinfo().why, "unsupported: no TPH capability");
	assert_int_equal(drv0.vectors, 1);
	fx_conf_run(port, 2, 2);
	assert_int_equal(drv0.vector[STEER_RX][0], STEER_NO_VECTOR);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 2, 0), -ENOTSUP);
	assert_int_equal(steer_port_enable(PORT, 0), -ENOTSUP);
	assert_int_equal(steer_port_configure(port, 2, 2, 1), 0);
	fx_run(port, 2, 2);
	assert_int_equal(drv0.vectors, 3);
	assert_int_equal(drv0.vector[STEER_RX][1], 2);
	assert_int_equal(drv0.vector[STEER_TX][1], STEER_NO_VECTOR);
	assert_int_equal(tph0.calls, 0);
	steer_port_unregister(port);
	conf.mode = STEER_MODE_PER_QUEUE;
	assert_int_equal(steer_port_register(&conf, &port), -ENOTSUP);
	conf.mode = STEER_MODE_OFF;
	port = fx_up(&conf);
	assert_string_equal(fx_pinfo().why, "");
	steer_port_unregister(port);
}

static void
control_register_that_drops_writes(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port;

	tph0.enable.rc = -EIO;
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_NONE);
	assert_int_equal(strncmp(fx_pinfo().why, "unsupported: ", 13), 0);
	assert_int_equal(tph0.sets, 0);
	steer_port_unregister(port);
}

static void
palette_slot_without_a_tag(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port;

	tph0.bad_cpu = 5;
	port = fx_up(&conf);
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_PALETTE);
	assert_non_null(strstr(fx_pinfo().why, "CPU 5 has no steering tag"));
	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 1);
	fx_polled(port, STEER_TX, 0, 0);
	steer_scan();
	assert_int_equal(fx_qinfo(STEER_RX, 0).vector, -1);
	assert_int_equal(fx_qinfo(STEER_RX, 0).last_error, -ERANGE);
	assert_int_equal(fx_qinfo(STEER_TX, 0).cpu, 2);
	steer_port_unregister(port);
}

/* Refused for a passing reason: the next start fills the slot, and leaves the others alone. */
static void
palette_slot_is_filled_later(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PALETTE);
	struct steer_port *port;
	int sets;

	tph0.bad_cpu = 5;
	port = fx_up(&conf);
	tph0.bad_cpu = 0xdead;
	assert_int_equal(tph0.cpus[1], 2);
	assert_int_equal(tph0.cpus[2], STEER_CPU_NONE);
	fx_polled(port, STEER_RX, 0, 1);
	fx_conf_run(port, 1, 1);
	assert_int_equal(tph0.cpus[2], 5);
	sets = tph0.sets;
	fx_polled(port, STEER_RX, 0, 1);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
	steer_port_stop(port);
	fx_run(port, 1, 1);
	assert_int_equal(tph0.sets, sets);
	steer_port_unregister(port);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(auto_takes_the_palette),
		cmocka_unit_test(palette_moves_write_no_entries),
		cmocka_unit_test(palette_that_does_not_fit),
		cmocka_unit_test(per_queue_rewrites_one_entry),
		cmocka_unit_test(too_few_vectors_are_shared_by_pairs),
		cmocka_unit_test(refused_live_move_falls_back_to_per_queue),
		cmocka_unit_test(rx_interrupts_exclude_the_palette),
		cmocka_unit_test(ds_registers_hold_the_tag),
		cmocka_unit_test(port_without_tph_says_so),
		cmocka_unit_test(control_register_that_drops_writes),
		cmocka_unit_test(palette_slot_without_a_tag),
		cmocka_unit_test(palette_slot_is_filled_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
