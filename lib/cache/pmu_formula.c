/* SPDX-License-Identifier: BSD-3-Clause */

/* Counts into figures. The formula that is printed is the one that is calculated. */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pmu.h"

void
pmu_rates(const struct pmu_table *t, const struct pmu_set *sets, unsigned int nb_sets,
	  double rate[PMU_EVENTS_MAX])
{
	double cycles = 0, packets = 0;

	for (unsigned int i = 0; i < PMU_EVENTS_MAX; i++)
		rate[i] = NAN;
	for (unsigned int s = 0; s < nb_sets; s++) {
		const struct pmu_event *ev[PMU_SET_MAX];
		unsigned int n = pmu_table_set(t, s, ev);

		if (sets[s].state != PMU_VALID || sets[s].packets == 0)
			continue;
		cycles += (double)sets[s].delta[0];
		packets += (double)sets[s].packets;
		for (unsigned int i = 1; i < n; i++)
			rate[ev[i] - t->events] =
				(double)sets[s].delta[i] / (double)sets[s].packets;
	}
	if (packets > 0)
		rate[0] = cycles / packets;
}

static int
event_of(const struct pmu_table *t, const char *name, size_t len)
{
	for (unsigned int i = 0; i < t->nb_events; i++)
		if (strlen(t->events[i].name) == len && memcmp(t->events[i].name, name, len) == 0)
			return (int)i;
	return -EINVAL;
}

int
pmu_formula(const struct pmu_table *t, const char *formula, const double rate[PMU_EVENTS_MAX],
	    double *value)
{
	double sign = 1;

	*value = 0;
	for (;;) {
		size_t len = strcspn(formula, " ");
		int ev = event_of(t, formula, len);

		if (ev < 0)
			return ev;
		if (isnan(rate[ev]))
			return -ENODATA;
		*value += sign * rate[ev];
		formula += len;
		if (*formula == '\0')
			break;
		if (strncmp(formula, " + ", 3) != 0 && strncmp(formula, " - ", 3) != 0)
			return -EINVAL;
		sign = formula[1] == '+' ? 1 : -1;
		formula += 3;
	}
	/* The parts of a difference may come from windows of their own, or be counted on paths
	 * that did not retire: a little below nothing is nothing. */
	if (*value < 0)
		*value = 0;
	return 0;
}

/* A level that cannot be counted makes the round void; a row beside them is left out. */
static int
levels_counted(const struct pmu_source *s, const struct pmu_thread *t, char *why, size_t len)
{
	uint64_t packets = 0;

	for (unsigned int i = 0; i < s->table->level_sets; i++) {
		const struct pmu_set *set = &t->set[i];

		packets += set->packets;
		if (set->state == PMU_VALID && set->packets > 0)
			continue;
		if (set->state == PMU_VALID) {
			snprintf(why, len, "no packet in pass %u of %u", i + 1, s->nb_sets);
			return -ENODATA;
		}
		snprintf(why, len, "pass %u of %u: %s", i + 1, s->nb_sets,
			 pmu_void_why(set->state));
		return -EIO;
	}
	return packets > 0 ? 0 : -ENODATA;
}

static void
put(const struct pmu_reading *r, unsigned int i, double value, struct pmu_thread *t,
    struct steer_figures *f)
{
	if (r->rows[i].level < 0) {
		t->row[i] = value;
		t->row_known |= 1u << i;
		return;
	}
	f->per_packet[r->rows[i].level] = value;
	f->known |= 1u << r->rows[i].level;
}

int
pmu_figures(const struct pmu_source *s, struct pmu_thread *t, struct steer_figures *f, char *why,
	    size_t len)
{
	const struct pmu_reading *r = s->reading;
	double rate[PMU_EVENTS_MAX], value;
	int rc = levels_counted(s, t, why, len);

	memset(f, 0, sizeof(*f));
	t->row_known = 0;
	if (rc < 0)
		return rc;
	f->source = STEER_SOURCE_PMU;
	f->unit = STEER_UNIT_LOADS;
	f->merged = r->merged;
	for (unsigned int i = 0; i < s->nb_sets; i++)
		f->packets += t->set[i].packets;
	pmu_rates(s->table, t->set, s->nb_sets, rate);
	f->cycles = rate[0];
	f->cycles_known = true;
	for (unsigned int i = 0; i < r->nb; i++)
		if (pmu_formula(s->table, r->rows[i].formula, rate, &value) == 0)
			put(r, i, value, t, f);
	return 0;
}
