/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What changes a locked device sends it to ERROR, what does not; and that a device that is not in
 * RUN does no DMA.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vfu_tsm_world.h"

#define EVENTFD (VFU_IRQS_DATA_EVENTFD | VFU_IRQS_TRIGGER)
#define NONE    (VFU_IRQS_DATA_NONE | VFU_IRQS_TRIGGER)
#define BAR0    CFG_BAR0
#define FLR     0x8000u

static void
bar_moves(struct nic *nic)
{
	cfg_write(nic, BAR0, 0xfe000000, 4);
}

static void
bar_is_sized(struct nic *nic)
{
	cfg_write(nic, BAR0 + 16, UINT32_MAX, 4);
}

static void
bar_high_half_moves(struct nic *nic)
{
	cfg_write(nic, BAR0 + 4, 1, 4);
}

static void
bar_is_written_as_it_is(struct nic *nic)
{
	cfg_write(nic, BAR0, 0, 4);
	cfg_write(nic, BAR0, 0xf, 1); /* bits that are fixed */
}

static void
memory_space_off(struct nic *nic)
{
	cfg_write(nic, CFG_CMD, 4, 2);
}

static void
bus_master_off(struct nic *nic)
{
	cfg_write(nic, CFG_CMD, 2, 1);
}

static void
command_is_written_as_it_is(struct nic *nic)
{
	cfg_write(nic, CFG_CMD, 6, 2);
	cfg_write(nic, CFG_CMD, 0x406, 2); /* INTx off is nobody's concern */
	cfg_write(nic, CFG_CMD + 1, 0, 1);
}

static void
flr(struct nic *nic)
{
	cfg_write(nic, CFG_EXP_DEVCTL, FLR | 0x2810, 2);
}

static void
device_reset(struct nic *nic)
{
	struct nic_msg m = {0};

	assert_int_equal(nic_msg_reset(nic, &m), 0);
}

static void
tph_control(struct nic *nic)
{
	cfg_write(nic, CFG_TPH_CTRL, 0x101, 4); /* the same value: a write all the same */
}

static void
tph_control_high_byte(struct nic *nic)
{
	cfg_write(nic, CFG_TPH_CTRL + 1, 0, 1);
}

static void
msix_control(struct nic *nic)
{
	cfg_write(nic, CFG_MSIX_CTRL + 1, 0x80, 1);
}

static void
msix_table(struct nic *nic)
{
	const uint32_t v = 0;

	assert_int_equal(nic_bar_write(nic, MSIX_BAR, 16 * 4 + 12, (const uint8_t *)&v, 4), 0);
}

static void
behind_the_table_and_pba(struct nic *nic)
{
	const uint32_t v = 0;

	assert_int_equal(nic_bar_write(nic, MSIX_BAR, 16 * 5, (const uint8_t *)&v, 4), 0);
	assert_int_equal(nic_bar_write(nic, MSIX_BAR, MSIX_PBA_OFF, (const uint8_t *)&v, 4), 0);
}

static void
vector_assigned(struct nic *nic)
{
	assert_int_equal(set_irqs(nic, EVENTFD, 4, 1, true), 0);
}

static void
vector_taken_away(struct nic *nic)
{
	assert_int_equal(set_irqs(nic, EVENTFD, 4, 1, false), 0);
}

static void
vectors_off(struct nic *nic)
{
	assert_int_equal(set_irqs(nic, NONE, 0, 0, false), 0);
}

static void
vector_fired(struct nic *nic)
{
	assert_int_equal(set_irqs(nic, NONE, 0, 1, false), 0);
}

static void
vectors_refused(struct nic *nic)
{
	assert_int_equal(set_irqs(nic, EVENTFD, 5, 1, true), -EINVAL);
}

/* ST entry 1, by TPH_ST: the kernel writes the table. */
static void
st_entry(struct nic *nic)
{
	const uint32_t data[] = {0, 1 | 1 << 16, 3};

	assert_int_equal(nic_tph_feature_set(nic, (const uint8_t *)data, sizeof(data)), 0);
}

/* And by configuration space, where the table is open. */
static void
st_by_config(struct nic *nic)
{
	cfg_write(nic, CFG_TPH_ST + 2, 0x35, 2);
}

static void
st_is_read(struct nic *nic)
{
	uint8_t buf[64];

	nic_cfg_read(nic, 0, buf, 64);
	nic_cfg_read(nic, CFG_TPH, buf, 32);
	nic_irq_bar_read(nic, 0, buf, 64);
}

static void
other_registers(struct nic *nic)
{
	cfg_write(nic, CFG_EXP_DEVCTL, 0x2810, 2);
	cfg_write(nic, 0x3c, 5, 1);
	cfg_write(nic, CFG_VIO_PCICFG + 8, 0, 4);
}

static const struct change {
	void (*make)(struct nic *nic);
	const char *why; /* NULL: no change that counts */
} changes[] = {
	{bar_moves, "BAR moved"},
	{bar_is_sized, "BAR moved"},
	{bar_high_half_moves, "BAR moved"},
	{bar_is_written_as_it_is, NULL},
	{memory_space_off, "memory space disabled"},
	{bus_master_off, "bus master disabled"},
	{command_is_written_as_it_is, NULL},
	{flr, "function reset"},
	{device_reset, "function reset"},
	{tph_control, "TPH control written"},
	{tph_control_high_byte, "TPH control written"},
	{msix_control, "MSI-X control written"},
	{msix_table, "MSI-X table written"},
	{behind_the_table_and_pba, NULL},
	{vector_assigned, "MSI-X table written"},
	{vector_taken_away, "MSI-X table written"},
	{vectors_off, "MSI-X table written"},
	{vector_fired, NULL},
	{vectors_refused, NULL},
	{st_entry, "ST table written"},
	{st_by_config, "ST table written"},
	{st_is_read, NULL},
	{other_registers, NULL},
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

/* Under lock and in RUN alike; and there is no DMA any more when the write is answered. */
static void
changes_under_lock(void **state)
{
	struct nic_tsm_show s;
	struct nic *nic;
	unsigned int i, at;

	for (i = 0; i < CHANGES; i++)
		for (at = ST_LOCKED; at <= ST_RUN; at++) {
			nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
			bring_to(nic, at);
			assert_int_equal(nic_bus_master(nic), at == ST_RUN);
			changes[i].make(nic);
			assert_true(nic_tsm_show(nic, &s));
			assert_int_equal(state_of(nic), changes[i].why != NULL ? ST_ERROR : at);
			if (changes[i].why != NULL)
				assert_string_equal(s.why, changes[i].why);
			assert_int_equal(nic_bus_master(nic),
					 changes[i].why == NULL && at == ST_RUN);
			world_destroy(nic);
		}
}

/* Not locked, nothing is an error, and everything takes effect. */
static void
changes_without_a_lock(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	unsigned int i;

	for (i = 0; i < CHANGES; i++) {
		bring_to(nic, ST_UNLOCKED);
		changes[i].make(nic);
		assert_int_equal(state_of(nic), ST_UNLOCKED);
		assert_int_equal(ask_op(nic, 0x102), 0);
	}
	world_destroy(nic);
}

/* --tsm-st-write=ignore: the entry is written, and that is no change; the control register is one.
 */
static void
st_writes_ignored(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_TDX, NIC_TSM_HONEST);

	nic->opts.tsm_st_ignore = true;
	bring_to(nic, ST_RUN);
	st_entry(nic);
	assert_int_equal(nic_tph_st(nic, 1), 0x20 + 7 * 3);
	st_by_config(nic);
	assert_int_equal(nic_tph_st(nic, 1), 0x35);
	assert_int_equal(state_of(nic), ST_RUN);
	assert_true(nic_bus_master(nic));
	tph_control(nic);
	assert_int_equal(state_of(nic), ST_ERROR);
	world_destroy(nic);
}

/* Tags in the MSI-X table are under its lock, whatever is said of the capability. */
static void
st_in_the_msix_table(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_TDX, NIC_TSM_HONEST);
	struct nic_tsm_show s;

	nic->opts.tsm_st_ignore = true;
	nic->opts.tph = NIC_TPH_IV_MSIX;
	nic_tph_table(nic);
	bring_to(nic, ST_LOCKED);
	st_entry(nic);
	assert_true(nic_tsm_show(nic, &s));
	assert_string_equal(s.why, "MSI-X table written");
	assert_int_equal(state_of(nic), ST_ERROR);
	world_destroy(nic);
}

/* What was programmed before the lock is what the report has. */
static void
report_is_of_the_lock(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	uint8_t r[512];
	int64_t len;

	cfg_write(nic, CFG_BAR0, 0xfe000000, 4);
	cfg_write(nic, CFG_BAR0 + 4, 0x7, 4);
	bring_to(nic, ST_LOCKED);
	len = object_of(nic, OBJ_REPORT, r, sizeof(r));
	/* By hand: 16 + 6 ranges + 4 + 13 bytes. info 3, MSI-X 0x8004, TPH control 0x101. */
	assert_int_equal(len, 16 + 6 * 16 + 4 + 13);
	assert_memory_equal(
		r, ((const uint8_t[]){3, 0, 0, 0, 4, 0x80, 0, 0, 1, 1, 0, 0, 6, 0, 0, 0}), 16);
	/* BAR 0 at 0x7fe000000, behind the reporting offset of 0x400000000000, 4 pages. */
	assert_memory_equal(
		r + 16, ((const uint8_t[]){0, 0, 0, 0xfe, 7, 0x40, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0}),
		16);
	/* BAR 2 has no address: 2 * 4 GiB. Table, a page, PBA, a page. */
	assert_memory_equal(
		r + 32, ((const uint8_t[]){0, 0, 0, 0, 2, 0x40, 0, 0, 1, 0, 0, 0, 1, 0, 2, 0}), 16);
	assert_memory_equal(r + 48,
			    ((const uint8_t[]){0, 16, 0, 0, 2, 0x40, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0}),
			    16);
	assert_memory_equal(r + 64,
			    ((const uint8_t[]){0, 32, 0, 0, 2, 0x40, 0, 0, 1, 0, 0, 0, 2, 0, 2, 0}),
			    16);
	assert_memory_equal(r + 80,
			    ((const uint8_t[]){0, 48, 0, 0, 2, 0x40, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0}),
			    16);
	/* BAR 4 of the fake device: 64 KiB. */
	assert_memory_equal(r + 96,
			    ((const uint8_t[]){0, 0, 0, 0, 4, 0x40, 0, 0, 16, 0, 0, 0, 0, 0, 4, 0}),
			    16);
	assert_memory_equal(r + 112, "\15\0\0\0\0\0\0\0simulated", 17);
	world_destroy(nic);
}

static int
dma_map(struct nic *nic)
{
	struct vfu_dma_map map = {.argsz = sizeof(map), .flags = 3, .size = 4096};
	struct vfu_dma_unmap unmap = {.argsz = sizeof(unmap), .size = 4096};
	uint8_t out[64];
	struct nic_msg m = {.data = (uint8_t *)&map, .len = sizeof(map), .out = out};
	struct nic_msg u = {.data = (uint8_t *)&unmap, .len = sizeof(unmap), .out = out};
	int rc = nic_msg_dma_map(nic, &m);

	assert_int_equal(nic_msg_dma_unmap(nic, &u), 0);
	return rc;
}

static uint64_t
early(struct nic *nic)
{
	struct nic_tsm_show s;

	assert_true(nic_tsm_show(nic, &s));
	return s.maps_before_run;
}

static void
maps_before_run_are_counted(void **state)
{
	static const uint32_t states[] = {ST_UNLOCKED, ST_LOCKED, ST_ERROR, ST_RUN};
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		bring_to(nic, states[i]);
		assert_int_equal(dma_map(nic), 0); /* they are taken all the same */
		assert_int_equal(early(nic), i < 3 ? i + 1 : 3);
		assert_int_equal(ask_op(nic, 0x102), 0);
	}
	world_destroy(nic);
}

static void
dma_follows_the_state(void **state)
{
	unsigned int arch, sev;
	struct nic *nic;

	for (arch = T_CCA; arch <= T_TDX; arch++) {
		nic = world_plain((enum nic_tsm_arch)arch, NIC_TSM_HONEST);
		sev = arch == T_SEV;
		bring_to(nic, ST_LOCKED);
		assert_false(nic_bus_master(nic));
		if (sev) /* too early */
			assert_int_equal(ask_op(nic, 6), 4);
		assert_int_equal(ask_state(nic, ST_RUN), 0);
		assert_int_equal(nic_bus_master(nic), !sev);
		if (sev)
			assert_int_equal(ask_op(nic, 6), 0);
		assert_true(nic_bus_master(nic));
		if (sev) {
			assert_int_equal(ask_op(nic, 7), 0);
			assert_false(nic_bus_master(nic));
			assert_int_equal(ask_op(nic, 6), 0);
		}
		assert_int_equal(ask_state(nic, ST_UNLOCKED), 0);
		assert_false(nic_bus_master(nic));
		/* What SEV had opened is shut by the next lock. */
		assert_int_equal(ask_state(nic, ST_LOCKED), 0);
		assert_int_equal(ask_state(nic, ST_RUN), 0);
		assert_int_equal(nic_bus_master(nic), !sev);
		world_destroy(nic);
	}
}

static void
client_gone_leaves_nothing(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	struct nic_tsm_show s;

	bring_to(nic, ST_RUN);
	nic_client_gone(nic);
	assert_true(nic_tsm_show(nic, &s));
	assert_string_equal(s.state, "CONFIG_UNLOCKED");
	assert_false(s.bound);
	assert_int_equal(s.transitions, 3);
	assert_int_equal(s.locks, 1);
	assert_int_equal(size_of(nic, OBJ_VCA), -ENXIO);
	assert_false(nic_bus_master(nic));
	bring_to(nic, ST_RUN); /* and the next one starts anew */
	world_destroy(nic);
}

/* Without --tsm: no gate, no capability bit, nothing to show. */
static void
nothing_changes_without_a_tsm(void **state)
{
	const struct nic_opts opts = {.sock = "test",
				      .pairs = 2,
				      .vectors = 5,
				      .tph = NIC_TPH_IV_CAP,
				      .tph_entries = 5,
				      .tph_open = true};
	struct nic *nic = world_create(&opts);
	struct nic_tsm_show s;
	unsigned int i;

	assert_int_equal(nic->cfg.val[CFG_EXP_DEVCAP + 3] & 0x40, 0);
	cfg_write(nic, CFG_CMD, 6, 2);
	assert_true(nic_bus_master(nic));
	for (i = 0; i < CHANGES; i++) {
		cfg_write(nic, CFG_TPH_CTRL, 0x101, 4);
		changes[i].make(nic);
	}
	cfg_write(nic, CFG_CMD, 6, 2);
	assert_int_equal(dma_map(nic), 0);
	assert_true(nic_bus_master(nic));
	assert_false(nic_tsm_show(nic, &s));
	assert_int_equal(nic_tsm_index(nic), 0);
	world_destroy(nic);
	nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	assert_int_equal(nic->cfg.val[CFG_EXP_DEVCAP + 3] & 0x40, 0x40);
	world_destroy(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_under_lock),
		cmocka_unit_test(changes_without_a_lock),
		cmocka_unit_test(st_writes_ignored),
		cmocka_unit_test(st_in_the_msix_table),
		cmocka_unit_test(report_is_of_the_lock),
		cmocka_unit_test(maps_before_run_are_counted),
		cmocka_unit_test(dma_follows_the_state),
		cmocka_unit_test(client_gone_leaves_nothing),
		cmocka_unit_test(nothing_changes_without_a_tsm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
