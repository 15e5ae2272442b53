/* SPDX-License-Identifier: BSD-3-Clause */

/* What a sweep's file says of the sweep and its points. */

#include "result.h"
#include "sweep.h"
#include "sweep_file.h"

static json_t *
value_json(const char *text)
{
	uint64_t v;

	return number_parse(text, 0, INT64_MAX, &v) == 0 ? json_integer((json_int_t)v)
							 : json_string(text);
}

json_t *
sweep_point_json(const struct sweep_axes *s, unsigned long point)
{
	json_t *o = json_object();

	for (unsigned int a = 0; a < s->n; a++)
		json_object_set_new(o, s->axes[a].name,
				    value_json(s->axes[a].values[sweep_axes_index(s, point, a)]));
	return o;
}

static json_t *
axes_json(const struct sweep_axes *s)
{
	json_t *o = json_object(), *values;

	for (unsigned int a = 0; a < s->n; a++) {
		values = json_array();
		for (unsigned int i = 0; i < s->axes[a].n; i++)
			json_array_append_new(values, value_json(s->axes[a].values[i]));
		json_object_set_new(o, s->axes[a].name, values);
	}
	return o;
}

/* Everything that makes two sweeps' numbers one series or two; not the machine: a user may know
 * better. */
static json_t *
identity_json(const struct opts *o, const char *source)
{
	const struct result r = {
		.opts = *o,
		.source = (enum steer_source_id)steer_source_parse(source),
		.nb_rxd = o->nb_rxd,
		.nb_txd = o->nb_txd,
		.nb_cores = o->nb_cores,
	};

	return json_pack("{s:o, s:o, s:s, s:s, s:b}", "axes", axes_json(&o->sweep), "config",
			 config_json(&r), "source", source, "input", o->input_name, "inverted",
			 (int)o->invert_control);
}

json_t *
sweep_head_json(const struct opts *o, const char *source)
{
	json_t *identity = identity_json(o, source);
	char fingerprint[17];

	if (identity == NULL)
		return NULL;
	sweep_fingerprint(identity, fingerprint);
	json_decref(identity);
	return json_pack("{s:i, s:i, s:s, s:o, s:o, s:s, s:s, s:o, s:o, s:o}", "schema", 1,
			 "revision", RESULT_REVISION, "kind", "sweep", "axes", axes_json(&o->sweep),
			 "preset", o->preset != NULL ? json_string(o->preset) : json_null(),
			 "source", source, "fingerprint", fingerprint, "tool", tool_json(),
			 "machine", machine_json(), "time", time_json());
}
