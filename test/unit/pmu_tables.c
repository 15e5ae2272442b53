/* SPDX-License-Identifier: BSD-3-Clause */

/* Event tables: which CPU has which, and that what they say can be counted and calculated. */

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "fake_pmu.h"
#include "pmu_texts.h"
#include "pmu_witness.h"

static const char *
table_of(const char *text)
{
	const struct pmu_table *t;
	struct pmu_cpu cpu;

	assert_int_equal(pmu_cpu_parse(text, strlen(text), &cpu), 0);
	t = pmu_table_find(&cpu);
	return t != NULL ? t->name : "none";
}

static void
each_cpu_finds_its_table(void **state)
{
	static const struct {
		const char *text, *table;
	} cpus[] = {
		{TEXT_SKX, "skx"},        {TEXT_CLX, "skx"},        {TEXT_ICX, "icx"},
		{TEXT_ICXD, "icx"},       {TEXT_SPR, "spr"},        {TEXT_EMR, "emr"},
		{TEXT_GNR, "gnr"},        {TEXT_GNRD, "gnr"},       {TEXT_ZEN3, "zen3"},
		{TEXT_ZEN4, "zen4"},      {TEXT_BERG, "zen4"},      {TEXT_ZEN5, "zen5"},
		{TEXT_TURD, "zen5"},      {TEXT_N1, "neoverse-n1"}, {TEXT_V1, "neoverse-v1"},
		{TEXT_N2, "neoverse-n2"}, {TEXT_V2, "neoverse-v2"}, {TEXT_ATOM, "none"},
		{TEXT_ZEN2, "none"},      {TEXT_A72, "none"},
	};

	for (size_t i = 0; i < PMU_N(cpus); i++)
		assert_string_equal(table_of(cpus[i].text), cpus[i].table);
}

/* No CPU has two tables, and every table is somebody's. */
static void
tables_do_not_overlap(void **state)
{
	for (const struct pmu_table *t = NULL; (t = pmu_table_next(t)) != NULL;) {
		assert_true(t->nb_idents > 0);
		for (unsigned int i = 0; i < t->nb_idents; i++) {
			const struct pmu_ident *id = &t->idents[i];

			for (uint32_t m = id->first; m <= id->last; m++) {
				struct pmu_cpu cpu = {
					.vendor = id->vendor, .family = id->family, .model = m};

				assert_ptr_equal(pmu_table_find(&cpu), t);
			}
		}
	}
}

/* Can these events be on counters at once? Each has a mask of the general ones; any: 0. */
static void
fits(const struct pmu_table *t, unsigned int set)
{
	const struct pmu_event *ev[PMU_SET_MAX];
	unsigned int n = pmu_table_set(t, set, ev), restricted = 0, offcore = 0, in_set = 1;

	for (unsigned int i = 1; i < t->nb_events; i++)
		in_set += t->events[i].set == set;
	assert_int_equal(n, in_set); /* none was cut off */
	assert_in_range(n, 2, PMU_SET_MAX);
	assert_true(n <= t->counters);
	for (unsigned int i = 0; i < n; i++) {
		restricted += ev[i]->counters != 0;
		offcore += ev[i]->config1 != 0;
		assert_true(ev[i]->counters == 0 || ev[i]->counters == 0x0f);
	}
	assert_true(restricted <= 4);
	assert_true(offcore <= 2);
}

static void
sets_fit_the_counters(void **state)
{
	for (const struct pmu_table *t = NULL; (t = pmu_table_next(t)) != NULL;) {
		assert_true(t->nb_events <= PMU_EVENTS_MAX);
		assert_in_range(t->nb_sets, t->level_sets, PMU_SETS_MAX);
		assert_true(t->level_sets >= 1);
		for (unsigned int i = 0; i < t->nb_events; i++)
			assert_true(t->events[i].set < t->nb_sets);
		for (unsigned int i = 0; i < t->nb_sets; i++)
			fits(t, i);
	}
}

static void
no_event_twice(void **state)
{
	for (const struct pmu_table *t = NULL; (t = pmu_table_next(t)) != NULL;)
		for (unsigned int i = 0; i < t->nb_events; i++)
			for (unsigned int k = 0; k < i; k++) {
				assert_string_not_equal(t->events[i].name, t->events[k].name);
				assert_true(t->events[i].config != t->events[k].config ||
					    t->events[i].config1 != t->events[k].config1);
			}
}

/* Formulas name events of the table; those of levels need the level sets alone; a level has one
 * formula, and of merged ones only the nearest has. */
static void
reading_adds_up(const struct pmu_table *t, const struct pmu_reading *r)
{
	double rate[PMU_EVENTS_MAX], value;
	uint32_t known = 0, nearest = r->merged & -r->merged;

	assert_true(r->nb <= 32);
	for (unsigned int i = 0; i < r->nb; i++) {
		bool level = r->rows[i].level >= 0;

		for (unsigned int k = 0; k < t->nb_events; k++)
			rate[k] = t->events[k].set < t->level_sets || !level ? 1 : (double)NAN;
		assert_int_equal(pmu_formula(t, r->rows[i].formula, rate, &value), 0);
		assert_int_equal(level, r->rows[i].name == NULL);
		if (level) {
			assert_int_equal(known & 1u << r->rows[i].level, 0);
			known |= 1u << r->rows[i].level;
		}
	}
	assert_int_equal(known, 0x1f & ~(r->merged & ~nearest));
}

static void
formulas_name_events(void **state)
{
	for (const struct pmu_table *t = NULL; (t = pmu_table_next(t)) != NULL;) {
		reading_adds_up(t, &t->reading);
		if (t->fallback.nb > 0)
			reading_adds_up(t, &t->fallback);
	}
}

static void
formula_refuses(void **state)
{
	const struct pmu_table *t = pmu_table_next(NULL);
	double rate[PMU_EVENTS_MAX] = {[1] = 3, [2] = 5, [3] = (double)NAN}, value;
	char text[256];

	assert_int_equal(pmu_formula(t, "no.such", rate, &value), -EINVAL);
	assert_int_equal(pmu_formula(t, "", rate, &value), -EINVAL);
	snprintf(text, sizeof(text), "%s * %s", t->events[1].name, t->events[2].name);
	assert_int_equal(pmu_formula(t, text, rate, &value), -EINVAL);
	assert_int_equal(pmu_formula(t, t->events[3].name, rate, &value), -ENODATA);
	snprintf(text, sizeof(text), "%s + %s", t->events[1].name, t->events[2].name);
	assert_int_equal(pmu_formula(t, text, rate, &value), 0);
	assert_true(value > 7.999 && value < 8.001);
	snprintf(text, sizeof(text), "%s - %s", t->events[1].name, t->events[2].name);
	assert_int_equal(pmu_formula(t, text, rate, &value), 0);
	assert_true(value >= 0 && value <= 0); /* not below nothing */
}

static void
witnesses_are_whole(void **state)
{
	for (const struct pmu_table *t = NULL; (t = pmu_table_next(t)) != NULL;)
		for (unsigned int i = 0; i < t->nb_witness; i++) {
			assert_non_null(t->witness[i].name);
			assert_non_null(t->witness[i].pmu);
			assert_non_null(t->witness[i].fields[0].name);
			assert_in_range(t->witness[i].kind, 0, STEER_PMU_WITNESS_KINDS - 1);
		}
}

/* Every table's description is whole JSON of the promised size, and has each event once. */
static void
descriptions(void **state)
{
	char json[8192];

	for (const struct pmu_table *t = NULL; (t = pmu_table_next(t)) != NULL;) {
		struct pmu_source s = {.table = t, .reading = &t->reading, .nb_sets = t->nb_sets};
		size_t events = 0, i;
		json_t *o, *set;

		assert_true(pmu_describe(&s, json, sizeof(json)) > 0);
		o = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(o);
		json_array_foreach(json_object_get(o, "passes"), i, set)
			events += json_array_size(set) - 1;
		assert_int_equal(events, t->nb_events - 1);
		json_decref(o);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cpu_finds_its_table), cmocka_unit_test(tables_do_not_overlap),
		cmocka_unit_test(sets_fit_the_counters),    cmocka_unit_test(no_event_twice),
		cmocka_unit_test(formulas_name_events),     cmocka_unit_test(formula_refuses),
		cmocka_unit_test(witnesses_are_whole),      cmocka_unit_test(descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
