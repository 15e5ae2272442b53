/* SPDX-License-Identifier: BSD-3-Clause */

/* The configuration that a result was measured with. */

#include "result.h"

static json_t *
text_or_null(const char *text)
{
	return text == NULL ? json_null() : json_string(text);
}

static json_t *
modes_json(const struct opts *o)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < o->nb_modes; i++)
		json_array_append_new(list, json_string(steering_name(o->modes[i])));
	return list;
}

static json_t *
forwarding_json(const struct result *r)
{
	const struct opts *o = &r->opts;
	char touch[32];

	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:s}", "forward_mode",
			 fwd_mode_name(o->fwd_mode), "rxq", (int)o->nb_rxq, "txq", (int)o->nb_txq,
			 "rxd", (int)r->nb_rxd, "txd", (int)r->nb_txd, "burst", (int)o->burst,
			 "nb_cores", (int)r->nb_cores, "touch",
			 touch_name(&o->touch, touch, sizeof(touch)));
}

/* null: as the wire is. */
static int
traffic_add(json_t *config, const struct opts *o)
{
	static const char *const keys[] = {"work",  "noise", "size", "mix",
					   "flows", "zipf",  "rings"};

	(void)o;
	for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_object_set_new(config, keys[i], json_null()) != 0)
			return -1;
	return 0;
}

static json_t *
experiment_json(const struct result *r)
{
	const struct opts *o = &r->opts;
	bool model = r->source == STEER_SOURCE_MODEL;

	return json_pack("{s:o, s:o, s:I, s:i, s:I, s:I, s:o}", "lockstep",
			 model ? json_integer(o->lockstep) : json_null(), "platform",
			 text_or_null(model ? o->platform : NULL), "seed", (json_int_t)o->seed,
			 "rounds", (int)o->rounds, "round_packets", (json_int_t)o->round_packets,
			 "warmup_packets", (json_int_t)o->warmup_packets, "modes", modes_json(o));
}

json_t *
config_json(const struct result *r)
{
	json_t *config = forwarding_json(r), *more = experiment_json(r);

	if (config == NULL || more == NULL || traffic_add(config, &r->opts) != 0 ||
	    json_object_update(config, more) != 0) {
		json_decref(config);
		config = NULL;
	}
	json_decref(more);
	return config;
}
