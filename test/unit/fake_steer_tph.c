/* SPDX-License-Identifier: BSD-3-Clause */

/* A made-up lib/tph: what it programs is in tph0 and tph1. */

#include <errno.h>
#include <string.h>

#include "steer_fixture.h"

struct fake_tph tph0, tph1;

int
fx_fault(struct fake_fault *fault)
{
	int rc = fault->rc;

	if (rc == 0)
		return 0;
	if (fault->after > 0) {
		fault->after--;
		return 0;
	}
	fault->hits++;
	if (fault->once)
		fault->rc = 0;
	return rc;
}

uint16_t
fx_tag_of(uint32_t cpu)
{
	return cpu == STEER_CPU_NONE ? 0 : (uint16_t)(0x20 + 7 * cpu);
}

const struct steer_tph_info *
steer_tph_info(const struct steer_tph *tph)
{
	const struct fake_tph *f = (const struct fake_tph *)tph;

	return &f->info;
}

int
steer_tph_usable(const struct steer_tph *tph)
{
	const struct fake_tph *f = (const struct fake_tph *)tph;

	return f->usable;
}

int
steer_tph_enable(struct steer_tph *tph, enum steer_pci_tph_mode mode)
{
	struct fake_tph *f = (struct fake_tph *)tph;
	int rc;

	f->calls++;
	f->enables++;
	rc = fx_fault(&f->enable);
	if (rc != 0)
		return rc;
	f->info.mode = mode;
	f->info.req = STEER_PCI_TPH_REQ_STD;
	return 0;
}

int
steer_tph_disable(struct steer_tph *tph)
{
	struct fake_tph *f = (struct fake_tph *)tph;
	int rc;

	f->calls++;
	f->disables++;
	memset(f->cpus, 0xff, sizeof(f->cpus));
	memset(f->record, 0xff, sizeof(f->record));
	rc = fx_fault(&f->disable);
	if (rc != 0)
		return rc;
	f->info.mode = STEER_PCI_TPH_MODE_NS;
	f->info.req = STEER_PCI_TPH_REQ_OFF;
	return 0;
}

int
steer_tph_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	struct fake_tph *f = (struct fake_tph *)tph;
	cpu_set_t set;
	uint16_t i;
	int rc;

	f->calls++;
	f->sets++;
	f->last_index = index;
	f->last_count = count;
	assert_true(index + count <= f->info.cap.entries);
	assert_int_not_equal(f->info.req, STEER_PCI_TPH_REQ_OFF);
	if (f->check_affinity) {
		pthread_getaffinity_np(pthread_self(), sizeof(set), &set);
		f->had_affinity = CPU_ISSET(cpus[0], &set);
	}
	f->by = pthread_self();
	if (f->refuse_outside && pthread_getaffinity_np(pthread_self(), sizeof(set), &set) == 0)
		for (i = 0; i < count; i++)
			if (cpus[i] != STEER_CPU_NONE && !CPU_ISSET(cpus[i], &set))
				return -EPERM;
	for (i = 0; i < count; i++)
		if (cpus[i] == f->bad_cpu)
			return -ENOENT;
	rc = fx_fault(&f->set);
	if (rc != 0)
		return rc;
	memcpy(&f->cpus[index], cpus, count * sizeof(*cpus));
	memcpy(&f->record[index], cpus, count * sizeof(*cpus));
	return 0;
}

int
steer_tph_get(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags)
{
	struct fake_tph *f = (struct fake_tph *)tph;
	uint16_t i;

	f->calls++;
	for (i = 0; i < count; i++)
		tags[i] = fx_tag_of(f->cpus[index + i]);
	return fx_fault(&f->get);
}

int
steer_tph_cpu_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	struct fake_tph *f = (struct fake_tph *)tph;

	f->calls++;
	f->cpu_tags++;
	*tag = fx_tag_of(cpu);
	return cpu == f->bad_cpu ? -ENOENT : fx_fault(&f->cpu_tag);
}

int
steer_tph_restore(struct steer_tph *tph)
{
	struct fake_tph *f = (struct fake_tph *)tph;
	int rc = fx_fault(&f->restore);

	f->calls++;
	f->restores++;
	f->info.req = STEER_PCI_TPH_REQ_STD;
	/* One that fails has come half way. */
	memcpy(f->cpus, f->record, sizeof(f->cpus) / (rc == 0 ? 1 : 2));
	return rc;
}
