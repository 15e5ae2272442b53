/* SPDX-License-Identifier: BSD-3-Clause */

/* Ports of other drivers, from attach to detach: which are steered, and what is told when not. */

#include "stock_fixture.h"

static void
no_pci_device(void **state)
{
	st_world(IV_CAP, 0x1af4, 0x1041);
	fe_bus("vdev");
	st_unsteerable("no PCI device behind it (bus vdev)");
	assert_int_equal(fe.adopted, 0);
}

static void
the_kernel_keeps_the_device(void **state)
{
	st_world(IV_CAP, 0x15b3, 0x1017);
	fe.pci.kdrv = RTE_PCI_KDRV_NONE;
	st_unsteerable("its kernel driver keeps the device");
	st_world(IV_CAP, 0x15b3, 0x1017);
	fe.pci.kdrv = RTE_PCI_KDRV_UNKNOWN;
	st_unsteerable("see lib/verbs");
	st_world(IV_CAP, 0x1af4, 0x1041);
	fe.pci.kdrv = RTE_PCI_KDRV_UIO_GENERIC;
	st_unsteerable("bind it to vfio-pci");
	assert_int_equal(fe.adopted, 0);
}

static void
no_device_file(void **state)
{
	st_world(IV_CAP, 0x1af4, 0x1041);
	assert_int_equal(rte_intr_dev_fd_set(fe.pci.intr_handle, -1), 0);
	st_unsteerable("no VFIO device file");
	st_world(IV_CAP, 0x1af4, 0x1041);
	fe.adopt_rc = -EPROTO;
	st_unsteerable("adopt: refused");
	st_world(IV_CAP, 0x1af4, 0x1041);
	fe.adopt_rc = -ENOMEM;
	assert_int_equal(st_attach(0), -ENOMEM);
	assert_int_equal(steer_stock_sync(FE_PORT), -ENODEV);
}

static void
silicon_with_dca_only(void **state)
{
	st_world(DS_TABLE, 0x8086, 0x10c9);
	st_unsteerable("no TPH: Intel 82576: it has only DCA");
	st_world(DS_TABLE, 0x8086, 0x1528);
	st_unsteerable("no TPH: Intel X540: it has only DCA");
	assert_int_equal(fe.adopted, 0);
}

static void
nothing_in_device_or_kernel(void **state)
{
	st_world(0, 0x1af4, 0x1041);
	put16(CAP_POS, 0);
	st_unsteerable("no TPH capability");
	st_world(IV_CAP, 0x1af4, 0x1041);
	k.absent = 1;
	k.told_feature = -ENOENT;
	st_unsteerable("unsupported: ");
	st_world(IV_CAP, 0x1af4, 0x1041);
	k.tph_switch = 0;
	st_unsteerable("enable_unsafe_tph");
	/* A device-specific register of silicon that we do not know. */
	st_world(DS_TABLE, 0x8086, 0x15ad);
	st_unsteerable("there is no profile that knows them");
}

static void
calls_that_are_wrong(void **state)
{
	st_world(IV_CAP, 0x1af4, 0x1041);
	assert_int_equal(steer_stock_attach(FE_PORT + 1, NULL, NULL), -ENODEV);
	assert_int_equal(st_attach(STEER_STOCK_WIDE_TAGS << 1), -EINVAL);
	assert_int_equal(steer_stock_sync(FE_PORT), -ENODEV);
	assert_int_equal(steer_stock_detach(FE_PORT), -ENODEV);
	assert_int_equal(st_attach(0), 0);
	assert_int_equal(st_attach(0), -EEXIST);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	assert_int_equal(steer_stock_detach(FE_PORT), -ENODEV);
}

/* A driver that knows lib/steer has registered the port by itself. */
static void
a_port_that_is_steered_by_its_own_driver(void **state)
{
	const struct steer_port_ops none = {.vectors_alloc = NULL};
	const struct steer_port_conf conf = {
		.port_id = FE_PORT, .name = "own", .ops = &none, .max_rxq = 1, .max_txq = 1};
	struct steer_port *own = NULL;

	st_world(IV_CAP, 0x1af4, 0x1041);
	assert_int_equal(steer_port_register(&conf, &own), 0);
	assert_int_equal(st_attach(0), -EEXIST);
	assert_int_equal(fe.adopted, 0);
	steer_port_unregister(own);
}

static void
a_port_that_was_closed_before(void **state)
{
	uint32_t was;

	st_registers_up(0);
	was = fe.bar[RXCTL];
	fe_close();
	assert_int_equal(steer_stock_sync(FE_PORT), -ENODEV);
	assert_int_equal(steer_stock_sync(FE_PORT), -ENODEV);
	st_polled(STEER_RX, 0, 1);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	assert_int_equal(fe.bar[RXCTL], was);
	assert_int_equal(fe.closed, 1);
}

/* Drivers close the device first, and then ethdev tells of it: nothing is touched any more. */
static void
a_device_that_was_closed_unseen(void **state)
{
	uint32_t was;

	st_registers_up(0);
	was = fe.bar[RXCTL];
	fe_close_device();
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	assert_int_equal(fe.bar[RXCTL], was);
	assert_int_equal(fe.closed, 1);
}

/* The number is another port's by now. */
static void
a_port_number_that_was_taken_again(void **state)
{
	static struct rte_device other;

	st_vectors_up(IV_CAP);
	rte_eth_devices[FE_PORT].device = &other;
	assert_int_equal(steer_stock_sync(FE_PORT), -ENODEV);
	assert_int_equal(st_attach(0), -EEXIST);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	rte_eth_devices[FE_PORT].device = &fe.pci.device;
	assert_int_equal(st_attach(0), 0);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STOCK_TEST(no_pci_device),
		STOCK_TEST(the_kernel_keeps_the_device),
		STOCK_TEST(no_device_file),
		STOCK_TEST(silicon_with_dca_only),
		STOCK_TEST(nothing_in_device_or_kernel),
		STOCK_TEST(calls_that_are_wrong),
		STOCK_TEST(a_port_that_is_steered_by_its_own_driver),
		STOCK_TEST(a_port_that_was_closed_before),
		STOCK_TEST(a_device_that_was_closed_unseen),
		STOCK_TEST(a_port_number_that_was_taken_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
