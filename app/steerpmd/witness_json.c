/* SPDX-License-Identifier: BSD-3-Clause */

/* What was witnessed, as JSON. */

#include "result.h"

static bool
median_of(const struct summary *s, unsigned int fig, double *v)
{
	*v = s->fig[FIG_WITNESS + fig].median;
	return s->fig[FIG_WITNESS + fig].n != 0;
}

json_t *
witness_round_json(const struct witness_figures *f)
{
	json_t *o;
	double v;

	if (f->packets == 0)
		return json_null();
	o = json_object();
	for (unsigned int i = 0; i < WITNESS_FIGURES; i++)
		json_object_set_new(o, witness_name(i),
				    witness_figure(f, i, &v) ? json_real(v) : json_null());
	return o;
}

json_t *
witness_summary_json(const struct summary *s)
{
	json_t *o = json_object();
	bool any = false;
	double v;

	for (unsigned int i = 0; i < WITNESS_FIGURES; i++) {
		bool known = median_of(s, i, &v);

		any |= known;
		json_object_set_new(o, witness_name(i), known ? json_real(v) : json_null());
	}
	if (any)
		return o;
	json_decref(o);
	return json_null();
}

json_t *
witness_json(const struct result *r)
{
	struct witness_verdict v;

	witness_check(r, &v);
	return json_pack("{s:s, s:s, s:s}", "verdict", witness_state_name(v.state), "why", v.why,
			 "label", WITNESS_LABEL);
}
