// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steering tags the user asked for, by CPU, and their way into the device.
 * The store keeps wishes while TPH is off; the hardware's table then is clean.
 */

#include <linux/bitfield.h>
#include <linux/cpumask.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "uapi.h"
#include "vfio_pci_tph.h"

static u16 table_size(struct pci_dev *pdev, enum tph_loc loc, u32 capreg)
{
	int size = FIELD_GET(TPH_CAP_SIZE, capreg) + 1;

	if (loc == TPH_LOC_CAP)
		return size;
	if (loc == TPH_LOC_MSIX)
		return min(size, max(pci_msix_vec_count(pdev), 0));
	return 0;
}

static void find(struct tph_dev *t)
{
	struct pci_dev *pdev = t->core.pdev;
	u32 loc;

	t->cap = pci_find_ext_capability(pdev, TPH_CAP_ID);
	t->capreg = 0;
	if (t->cap)
		pci_read_config_dword(pdev, t->cap + TPH_REG_CAP, &t->capreg);
	loc = FIELD_GET(TPH_CAP_LOC, t->capreg);
	t->loc = loc <= TPH_LOC_MSIX ? loc : TPH_LOC_NONE;
	t->entries = table_size(pdev, t->loc, t->capreg);
}

/**
 * tph_st_init() - at open: find the capability, empty store, clean hardware
 * @t: device, locked
 *
 * Return: 0 or -ENOMEM.
 */
int tph_st_init(struct tph_dev *t)
{
	u16 i;

	find(t);
	t->on = false;
	t->live = false;
	if (!tph_allowed(t))
		return 0;
	t->store = kvcalloc(max_t(u16, t->entries, 1), sizeof(*t->store), GFP_KERNEL_ACCOUNT);
	if (!t->store)
		return -ENOMEM;
	for (i = 0; i < t->entries; i++) {
		t->store[i].cpu = TPH_CPU_CLEAR;
		t->store[i].index = i;
	}
	if (!tph_hw_begin(t)) {
		tph_hw_clean(t);
		tph_hw_disable(t);
		tph_hw_end(t);
	}
	return 0;
}

void tph_st_free(struct tph_dev *t)
{
	kvfree(t->store);
	t->store = NULL;
}

/**
 * tph_cpu_check() - may the caller name this CPU?
 * @cpu: logical CPU
 *
 * A tag places data in a CPU's cache, so it takes the right to run there.
 *
 * Return: 0; -EINVAL: no such CPU; -EPERM: the caller may not run on it.
 */
int tph_cpu_check(u32 cpu)
{
	if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return -EINVAL;
	return cpumask_test_cpu(cpu, current->cpus_ptr) ? 0 : -EPERM;
}

/**
 * tph_st_translate() - the tags of CPUs, in the width in force
 * @t: device, locked and live
 * @e: entries, tag is filled in
 * @n: their number
 *
 * Return: 0; -ENOENT: firmware has no tag for a CPU; -ENODEV: it knows none at
 * all; -EIO: its answer makes no sense.
 */
int tph_st_translate(struct tph_dev *t, struct tph_entry *e, size_t n)
{
	size_t i;
	int ret;

	for (i = 0; i < n; i++) {
		e[i].tag = 0;
		if (e[i].cpu == TPH_CPU_CLEAR)
			continue;
		if (i && e[i].cpu == e[i - 1].cpu && e[i].persistent == e[i - 1].persistent) {
			e[i].tag = e[i - 1].tag;
			continue;
		}
		ret = tph_hw_cpu_tag(t, e[i].persistent, e[i].cpu, &e[i].tag);
		if (ret)
			return ret;
		if (!e[i].tag)
			return -ENOENT;
	}
	return 0;
}

/**
 * tph_st_load() - write the whole store into the hardware, and TPH is on
 * @t: device, locked and live, in tph_hw_begin()
 *
 * Return: as tph_st_translate() and tph_hw_write().
 */
int tph_st_load(struct tph_dev *t)
{
	int ret = tph_st_translate(t, t->store, t->entries);

	return ret ? ret : tph_hw_write(t, t->store, t->entries);
}

static int check(struct tph_dev *t, const struct tph_entry *e, size_t n)
{
	size_t i;
	int ret;

	if (!t->entries)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		if (e[i].index >= t->entries)
			return -ENXIO;
		if (e[i].cpu == TPH_CPU_CLEAR)
			continue;
		ret = tph_cpu_check(e[i].cpu);
		if (ret)
			return ret;
		if (tph_writes_table(t) && !tph_st_reachable(t, e[i].index))
			return -ENXIO;
	}
	return 0;
}

/* All or nothing: the store still has the entries as they were before. */
static int write_or_restore(struct tph_dev *t, const struct tph_entry *e, size_t n)
{
	int ret = tph_hw_begin(t), undo;

	if (ret)
		return ret;
	ret = -EIO;
	if (t->loc == TPH_LOC_MSIX && !tph_memory_enabled(t))
		goto end;
	ret = tph_hw_write(t, e, n);
	if (!ret)
		goto end;
	undo = tph_hw_enable(t);
	if (!undo)
		undo = tph_st_load(t);
	if (undo) {
		pci_warn(t->core.pdev, "TPH entries not restored (%d): off\n", undo);
		tph_hw_disable(t);
		t->live = false;
	}
end:
	tph_hw_end(t);
	return ret;
}

/**
 * tph_st_set() - set entries, all of them or none
 * @t: device, locked
 * @e: entries in any order; tags are filled in while TPH is on
 * @n: their number
 *
 * While TPH is off the entries wait in the store.
 *
 * Return: 0; -EINVAL: no table, or no such CPU; -ENXIO: index too big, or of an
 * MSI-X vector without interrupt; -EPERM: a CPU the caller may not run on;
 * -ENOENT, -ENODEV, -EIO.
 */
int tph_st_set(struct tph_dev *t, struct tph_entry *e, size_t n)
{
	size_t i;
	int ret;

	if (t->on && !t->live)
		tph_reapply(t);
	if (t->on && !t->live)
		return -EIO;
	ret = check(t, e, n);
	if (!ret && t->live)
		ret = tph_st_translate(t, e, n);
	if (!ret && tph_writes_table(t))
		ret = write_or_restore(t, e, n);
	if (ret)
		return ret;
	for (i = 0; i < n; i++)
		t->store[e[i].index] = e[i];
	return 0;
}
