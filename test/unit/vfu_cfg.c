/* SPDX-License-Identifier: BSD-3-Clause */

/* Configuration space: byte masks and the registers that act. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_vio.h"

static struct nic *
create(enum nic_tph tph)
{
	struct nic_opts opts = {
		.sock = "test", .pairs = 2, .vectors = 5, .tph = tph, .tph_entries = 5};
	struct nic *nic;

	assert_int_equal(nic_create(&opts, &nic), 0);
	assert_int_equal(vio_create(nic, &nic->vio), 0);
	nic_cfg_build(nic);
	return nic;
}

static void
destroy(struct nic *nic)
{
	struct vio *vio = nic->vio;

	nic_destroy(nic);
	vio_destroy(vio);
}

static uint8_t
byte(struct nic *nic, uint32_t off)
{
	uint8_t b;

	nic_cfg_read(nic, off, &b, 1);
	return b;
}

/* By hand: plain bits keep, masked bits change, a written 1 clears, a written 0 does not. */
static void
store_obeys_the_masks(void **state)
{
	static struct nic_cfg c;
	const uint8_t ones = 0xff, some = 0x30;

	c.val[9] = 0xa5;
	c.mask[9] = 0x0f;
	c.w1c[9] = 0xf0;
	nic_cfg_store(&c, 9, &some, 1);
	assert_int_equal(c.val[9], 0x80); /* high: bit 5 cleared; low: replaced */
	nic_cfg_store(&c, 9, &ones, 1);
	assert_int_equal(c.val[9], 0x0f);
	assert_int_equal(c.val[8], 0);
	assert_int_equal(c.val[10], 0);
}

/* A write of n bytes is n writes of one byte wherever nothing acts. */
static void
splitting_a_write_changes_nothing(void **state)
{
	struct nic_cfg a, b;
	struct nic *nic = create(NIC_TPH_IV_CAP);
	uint8_t buf[16];
	uint32_t i, off, n, round;

	srand(1);
	memcpy(&a, &nic->cfg, sizeof(a));
	memcpy(&b, &nic->cfg, sizeof(b));
	for (round = 0; round < 20000; round++) {
		n = 1 + (uint32_t)rand() % sizeof(buf);
		off = (uint32_t)rand() % (STEER_PCI_CFG_SIZE - n + 1);
		if (round % 2)
			off %= 0x200 - n;
		for (i = 0; i < n; i++)
			buf[i] = (uint8_t)rand();
		nic_cfg_store(&a, off, buf, n);
		for (i = 0; i < n; i++)
			nic_cfg_store(&b, off + i, &buf[i], 1);
	}
	assert_memory_equal(a.val, b.val, sizeof(a.val));
	for (i = 0; i < STEER_PCI_CFG_SIZE; i++)
		assert_int_equal(a.val[i] & ~(a.mask[i] | a.w1c[i]),
				 a.init[i] & ~(a.mask[i] | a.w1c[i]));
	destroy(nic);
}

static void
command_gates_bus_mastering(void **state)
{
	struct nic *nic = create(NIC_TPH_NONE);
	const uint8_t on = 6, off = 2;

	assert_false(nic_bus_master(nic));
	nic_cfg_write(nic, CFG_CMD, &on, 1);
	assert_true(nic_bus_master(nic));
	nic_cfg_write(nic, CFG_CMD, &off, 1);
	assert_false(nic_bus_master(nic));
	destroy(nic);
}

static void
flr_needs_its_byte_and_its_bit(void **state)
{
	struct nic *nic = create(NIC_TPH_NONE);
	const uint8_t low[] = {0xff}, both[] = {0x10, 0xa8}, high_only[] = {0x7f};
	const unsigned int before = fake_vio_calls.reset;

	nic_cfg_write(nic, CFG_EXP_DEVCTL, low, 1);
	nic_cfg_write(nic, CFG_EXP_DEVCTL + 1, high_only, 1);
	assert_int_equal(fake_vio_calls.reset, before);
	nic_cfg_write(nic, CFG_EXP_DEVCTL, both, 2);
	assert_int_equal(fake_vio_calls.reset, before + 1);
	assert_int_equal(byte(nic, CFG_EXP_DEVCTL), 0x10);
	assert_int_equal(byte(nic, CFG_EXP_DEVCTL + 1), 0x28);
	destroy(nic);
}

/* The decoder of lib/pci was written on its own: it must read what we build. */
static void
decoder_reads_what_is_built(void **state)
{
	struct nic *nic = create(NIC_TPH_IV_MSIX);
	struct steer_pci_msix msix;
	struct steer_pci_vsec vsec;
	struct steer_pci_exp exp;
	struct steer_pci_tph tph;
	uint8_t img[STEER_PCI_CFG_SIZE];

	nic_cfg_read(nic, 0, img, sizeof(img));
	assert_int_equal(steer_pci_msix_decode(img, sizeof(img), &msix), 0);
	assert_int_equal(msix.entries, 5);
	assert_int_equal(msix.table_bar, MSIX_BAR);
	assert_int_equal(msix.pba_off, MSIX_PBA_OFF);
	assert_int_equal(steer_pci_exp_decode(img, sizeof(img), &exp), 0);
	assert_true((exp.devcap & 1u << 28) != 0);
	assert_int_equal(steer_pci_tph_decode(img, sizeof(img), &tph), 0);
	assert_int_equal(tph.loc, STEER_PCI_TPH_LOC_MSIX);
	assert_int_equal(tph.entries, 5);
	assert_int_equal(tph.modes, 3);
	assert_int_equal(steer_pci_vsec_decode(img, sizeof(img), &vsec), 0);
	assert_int_equal(vsec.bar, MODEL_BAR);
	assert_int_equal(vsec.trace_len, 0x1000);
	destroy(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store_obeys_the_masks),
		cmocka_unit_test(splitting_a_write_changes_nothing),
		cmocka_unit_test(command_gates_bus_mastering),
		cmocka_unit_test(flr_needs_its_byte_and_its_bit),
		cmocka_unit_test(decoder_reads_what_is_built),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
