/* SPDX-License-Identifier: BSD-3-Clause */

/* Which event table is for which CPU. */

#include "pmu.h"

static const struct pmu_table *
at(unsigned int i)
{
	if (i < pmu_nb_intel)
		return &pmu_intel[i];
	i -= pmu_nb_intel;
	if (i < pmu_nb_amd)
		return &pmu_amd[i];
	i -= pmu_nb_amd;
	return i < pmu_nb_arm ? &pmu_arm[i] : NULL;
}

const struct pmu_table *
pmu_table_next(const struct pmu_table *t)
{
	unsigned int i = 0;

	if (t == NULL)
		return at(0);
	while (at(i) != t)
		i++;
	return at(i + 1);
}

static bool
is(const struct pmu_ident *id, const struct pmu_cpu *cpu)
{
	if (id->vendor != cpu->vendor || cpu->model < id->first || cpu->model > id->last)
		return false;
	return id->vendor == PMU_ARM || id->family == cpu->family;
}

const struct pmu_table *
pmu_table_find(const struct pmu_cpu *cpu)
{
	for (const struct pmu_table *t = NULL; (t = pmu_table_next(t)) != NULL;)
		for (unsigned int i = 0; i < t->nb_idents; i++)
			if (is(&t->idents[i], cpu))
				return t;
	return NULL;
}

unsigned int
pmu_table_set(const struct pmu_table *t, unsigned int set, const struct pmu_event *ev[PMU_SET_MAX])
{
	unsigned int n = 0;

	ev[n++] = &t->events[0];
	for (unsigned int i = 1; i < t->nb_events && n < PMU_SET_MAX; i++)
		if (t->events[i].set == set)
			ev[n++] = &t->events[i];
	return n;
}
