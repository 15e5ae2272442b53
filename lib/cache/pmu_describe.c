/* SPDX-License-Identifier: BSD-3-Clause */

/* What a reader needs to judge the figures: events, formulas, doubts, and the self-check. */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "pmu.h"

static json_t *
hex(uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)n);
	return json_string(text);
}

static json_t *
event(const struct pmu_event *ev)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(ev->name));
	json_object_set_new(o, "config", hex(ev->config));
	if (ev->config1 != 0)
		json_object_set_new(o, "config1", hex(ev->config1));
	json_object_set_new(o, "confirmed", json_boolean(!ev->doubtful));
	return o;
}

static json_t *
sets(const struct pmu_source *s)
{
	json_t *a = json_array();

	for (unsigned int i = 0; i < s->nb_sets; i++) {
		const struct pmu_event *ev[PMU_SET_MAX];
		unsigned int n = pmu_table_set(s->table, i, ev);
		json_t *set = json_array();

		for (unsigned int k = 0; k < n; k++)
			json_array_append_new(set, event(ev[k]));
		json_array_append_new(a, set);
	}
	return a;
}

static json_t *
levels(const struct pmu_reading *r)
{
	json_t *o = json_object();

	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		json_object_set_new(o, steer_cache_level_name(l), json_null());
	for (unsigned int i = 0; i < r->nb; i++)
		if (r->rows[i].level >= 0)
			json_object_set_new(o, steer_cache_level_name(r->rows[i].level),
					    json_string(r->rows[i].formula));
	return o;
}

static json_t *
beside(const struct pmu_reading *r)
{
	json_t *o = json_object();

	for (unsigned int i = 0; i < r->nb; i++)
		if (r->rows[i].level < 0)
			json_object_set_new(o, r->rows[i].name, json_string(r->rows[i].formula));
	return o;
}

static json_t *
merged(const struct pmu_reading *r)
{
	json_t *a = json_array();

	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		if (r->merged & 1u << l)
			json_array_append_new(a, json_string(steer_cache_level_name(l)));
	return a;
}

static json_t *
loop(const struct steer_figures *f)
{
	json_t *o = json_object();

	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		if (f->known & 1u << l)
			json_object_set_new(o, steer_cache_level_name(l),
					    json_real(f->per_packet[l]));
	return o;
}

static json_t *
check(const struct pmu_source *s)
{
	json_t *o = json_object();

	json_object_set_new(o, "l2_loop", loop(&s->check[PMU_LOOP_L2]));
	json_object_set_new(o, "memory_loop", loop(&s->check[PMU_LOOP_MEMORY]));
	return o;
}

static json_t *
whole(const struct pmu_source *s)
{
	const struct pmu_table *t = s->table;
	json_t *o = json_object();

	json_object_set_new(o, "table", json_string(t->name));
	json_object_set_new(o, "cpu", json_string(t->desc));
	json_object_set_new(o, "unit", json_string(steer_source_unit_name(STEER_UNIT_LOADS)));
	json_object_set_new(o, "counts", json_string(t->counts));
	json_object_set_new(o, "codes_from", json_string(t->source));
	json_object_set_new(o, "read_by", json_string(s->user ? "rdpmc" : "read"));
	json_object_set_new(o, "passes", sets(s));
	json_object_set_new(o, "level_passes", json_integer(t->level_sets));
	json_object_set_new(o, "levels", levels(s->reading));
	json_object_set_new(o, "merged", merged(s->reading));
	if (s->reading->note != NULL)
		json_object_set_new(o, "merged_why", json_string(s->reading->note));
	json_object_set_new(o, "rows", beside(s->reading));
	if (s->left_out.pass != 0)
		json_object_set_new(o, "left_out", json_string(s->left_out.why));
	json_object_set_new(o, "self_check", check(s));
	return o;
}

int
pmu_describe(const struct pmu_source *s, char *json, size_t len)
{
	json_t *o = whole(s);
	size_t n = json_dumpb(o, json, len, JSON_COMPACT | JSON_REAL_PRECISION(4));

	json_decref(o);
	if (n == 0)
		return -ENOMEM;
	if (n >= len)
		return -ENOSPC;
	json[n] = '\0';
	return (int)n;
}
