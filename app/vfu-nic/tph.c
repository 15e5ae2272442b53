/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * TPH as the device has it: control register, ST table, tags in force by vector; and the firmware's
 * part, the fixed map CPU -> tag (a real one is the _DSM of the host bridge). Tags are no identity
 * and keep clear of 0, which is "no tag"; 8-bit and 16-bit tags are different name spaces.
 */

#include <errno.h>
#include <string.h>

#include "nic_priv.h"

#define STD_CPUS 208u /* injective: 7 and 208 have no common factor */
#define STD_TAG  0x20u
#define EXT_CPUS 4096u
#define EXT_TAG  0x1000u
#define EXT_SPAN 0x8000u

static uint16_t
std_tag(uint32_t cpu)
{
	return (uint16_t)(STD_TAG + cpu * 7 % STD_CPUS);
}

static uint16_t
ext_tag(uint32_t cpu)
{
	return (uint16_t)(EXT_TAG + cpu * 29 % EXT_SPAN);
}

static void
build_reverse(struct nic *nic)
{
	int16_t *map = nic->tph.cpu_of_tag, tmp;
	uint32_t i;

	for (i = 0; i < NIC_TAGS; i++)
		map[i] = -1;
	for (i = 0; i < STD_CPUS; i++)
		map[std_tag(i)] = (int16_t)i;
	for (i = 0; i < EXT_CPUS; i++)
		map[ext_tag(i)] = (int16_t)i;
	if (nic->opts.tph_swap) {
		tmp = map[nic->opts.swap_a];
		map[nic->opts.swap_a] = map[nic->opts.swap_b];
		map[nic->opts.swap_b] = tmp;
	}
}

static uint32_t
mode(const struct nic *nic)
{
	return atomic_load(&nic->tph.ctrl) & STEER_PCI_TPH_CTRL_MODE_MASK;
}

static uint32_t
req(const struct nic *nic)
{
	return (atomic_load(&nic->tph.ctrl) & STEER_PCI_TPH_CTRL_REQ_MASK) >>
	       STEER_PCI_TPH_CTRL_REQ_SHIFT;
}

bool
nic_tph_on(const struct nic *nic)
{
	return req(nic) != STEER_PCI_TPH_REQ_OFF;
}

/* With --tph-log: what arrives in the registers, in order. */
static void
log_st(const struct nic *nic, uint16_t index, uint16_t was)
{
	if (nic->opts.tph_log && nic->tph.st[index] != was)
		nic_log(nic, "tph: st[%u] = 0x%x", index, nic->tph.st[index]);
}

static void
log_ctrl(const struct nic *nic, uint32_t was)
{
	const uint32_t now = atomic_load(&nic->tph.ctrl);

	if (nic->opts.tph_log && now != was)
		nic_log(nic, "tph: control = 0x%x", now);
}

/* What workers see of control and table. */
static void
publish(struct nic *nic)
{
	const bool iv = nic_tph_on(nic) && mode(nic) == STEER_PCI_TPH_MODE_IV;
	const uint16_t bits = req(nic) == STEER_PCI_TPH_REQ_EXT ? 0xffff : 0xff;
	uint32_t v;

	for (v = 0; v < NIC_MAX_VECTORS; v++)
		atomic_store_explicit(&nic->tph.vtag[v],
				      iv && v < nic->tph.entries ? nic->tph.st[v] & bits : 0,
				      memory_order_relaxed);
	atomic_store(&nic->tph.ds_on, nic_tph_on(nic) && mode(nic) == STEER_PCI_TPH_MODE_DS);
}

void
nic_tph_table(struct nic *nic)
{
	const enum nic_tph kind = nic->opts.tph;

	nic->tph.entries = 0;
	if (kind == NIC_TPH_IV_CAP || kind == NIC_TPH_IV_MSIX)
		nic->tph.entries = nic->opts.tph_entries;
	nic->tph.store = kind == NIC_TPH_DS_REG ? NIC_TPH_STORE : nic->tph.entries;
	nic_tph_reset(nic);
}

void
nic_tph_init(struct nic *nic)
{
	build_reverse(nic);
	nic_tph_table(nic);
}

void
nic_tph_reset(struct nic *nic)
{
	if (nic->opts.tph_log)
		nic_log(nic, "tph: reset");
	memset(nic->tph.cpu, 0xff, sizeof(nic->tph.cpu));
	memset(nic->tph.st, 0, sizeof(nic->tph.st));
	atomic_store(&nic->tph.ctrl, 0);
	publish(nic);
}

int
nic_tph_cpu_tag(const struct nic *nic, uint32_t cpu, uint16_t *tag)
{
	const bool ext =
		nic_tph_on(nic) ? req(nic) == STEER_PCI_TPH_REQ_EXT : nic->opts.tph_extended;

	if (cpu >= (ext ? EXT_CPUS : STD_CPUS))
		return -EINVAL;
	*tag = ext ? ext_tag(cpu) : std_tag(cpu);
	return 0;
}

int
nic_tph_st_write(struct nic *nic, uint16_t index, uint16_t tag)
{
	uint16_t was;

	if (index >= nic->tph.entries)
		return -ENXIO;
	if (nic->opts.tph == NIC_TPH_IV_MSIX && atomic_load(&nic->irq.fd[index]) < 0)
		return -ENXIO;
	nic_tsm_on_st(nic);
	was = nic->tph.st[index];
	nic->tph.st[index] = tag;
	log_st(nic, index, was);
	atomic_fetch_add(&nic->tph.st_writes, 1);
	publish(nic);
	return 0;
}

uint16_t
nic_tph_st(const struct nic *nic, uint16_t index)
{
	return index < nic->tph.entries ? nic->tph.st[index] : 0;
}

/* What was SET while TPH was off goes into the table before TPH goes on. */
static void
load_store(struct nic *nic)
{
	uint16_t tag, i;

	for (i = 0; i < nic->tph.entries; i++)
		if (nic->tph.cpu[i] != VFU_TPH_CPU_CLEAR &&
		    nic_tph_cpu_tag(nic, nic->tph.cpu[i], &tag) == 0)
			nic_tph_st_write(nic, i, tag);
}

uint32_t
nic_tph_ctrl(struct nic *nic, uint32_t value)
{
	const uint32_t best =
		nic->opts.tph_extended ? STEER_PCI_TPH_REQ_EXT : STEER_PCI_TPH_REQ_STD;
	const uint32_t has =
		nic->opts.tph == NIC_TPH_DS_REG ? STEER_PCI_TPH_MODE_DS : STEER_PCI_TPH_MODE_IV;
	uint32_t m = value & STEER_PCI_TPH_CTRL_MODE_MASK;
	uint32_t r = (value & STEER_PCI_TPH_CTRL_REQ_MASK) >> STEER_PCI_TPH_CTRL_REQ_SHIFT;
	const bool was_on = nic_tph_on(nic);
	const uint32_t was = atomic_load(&nic->tph.ctrl);

	if ((m != STEER_PCI_TPH_MODE_NS && m != has) || r == 2)
		m = r = 0;
	if (r > best)
		r = best;
	atomic_store(&nic->tph.ctrl, m | r << STEER_PCI_TPH_CTRL_REQ_SHIFT);
	log_ctrl(nic, was);
	if (!was_on && r != 0 && nic->opts.tph_get == NIC_TPH_GET_BY_INDEX)
		load_store(nic);
	publish(nic);
	return m | r << STEER_PCI_TPH_CTRL_REQ_SHIFT;
}

void
nic_tph_msix_wipe(struct nic *nic, uint32_t first, uint32_t count)
{
	if (nic->opts.tph != NIC_TPH_IV_MSIX)
		return;
	memset(&nic->tph.st[first], 0, count * sizeof(nic->tph.st[0]));
	publish(nic);
}

uint16_t
nic_tph_vector_tag(const struct nic *nic, uint16_t vector)
{
	return vector < NIC_MAX_VECTORS
		       ? atomic_load_explicit(&nic->tph.vtag[vector], memory_order_relaxed)
		       : 0;
}

bool
nic_tph_ds_on(const struct nic *nic)
{
	return atomic_load_explicit(&nic->tph.ds_on, memory_order_relaxed);
}

int
nic_tag_cpu(const struct nic *nic, uint16_t tag)
{
	return nic->tph.cpu_of_tag[tag];
}
