/* SPDX-License-Identifier: BSD-3-Clause */

/* The configuration that a result was measured with. */

#include "result.h"
#include "traffic.h"

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

static json_t *
count_or_null(uint32_t n)
{
	return n == 0 ? json_null() : json_integer(n);
}

static json_t *
noise_json(const struct noise_conf *noise)
{
	char text[32];

	if (noise->mib == 0)
		return json_null();
	snprintf(text, sizeof(text), "%u@%u", noise->mib, noise->lcore);
	return json_string(text);
}

/* A neighbour of live lcores has its own pace. */
static json_t *
noise_lines_json(const struct result *r)
{
	bool walks = r->opts.noise.mib != 0 && r->source == STEER_SOURCE_MODEL;

	return walks ? json_integer(r->opts.noise_lines) : json_null();
}

/* null: as the wire is. */
static json_t *
traffic_json(const struct opts *o)
{
	const struct steer_trace_gen *gen = &o->traffic;
	char mix[160];

	traffic_mix_name(gen, mix, sizeof(mix));
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:b}", "work", (int)o->work, "noise",
			 noise_json(&o->noise), "size", count_or_null(gen->len), "mix",
			 text_or_null(mix[0] == '\0' ? NULL : mix), "flows",
			 count_or_null(gen->flows), "zipf",
			 gen->zipf_milli == 0 ? json_null() : json_real(gen->zipf_milli / 1000.0),
			 "latency", (int)o->latency);
}

static json_t *
experiment_json(const struct result *r)
{
	const struct opts *o = &r->opts;
	bool model = r->source == STEER_SOURCE_MODEL;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:I, s:i, s:I, s:I, s:o}",
			 "noise_lines", noise_lines_json(r), "lockstep",
			 model ? json_integer(o->lockstep) : json_null(), "backlog",
			 model ? json_integer(o->backlog) : json_null(), "platform",
			 text_or_null(model ? o->platform : NULL), "rings",
			 text_or_null(model ? o->rings : NULL), "mbcache",
			 o->mbcache == MBCACHE_DEFAULT ? json_null() : json_integer(o->mbcache),
			 "model_lcores", (int)o->model_lcores, "seed", (json_int_t)o->seed,
			 "rounds", (int)o->rounds, "round_packets", (json_int_t)o->round_packets,
			 "warmup_packets", (json_int_t)o->warmup_packets, "modes", modes_json(o));
}

json_t *
config_json(const struct result *r)
{
	json_t *config = forwarding_json(r);
	json_t *traffic = traffic_json(&r->opts), *more = experiment_json(r);

	if (config == NULL || json_object_update(config, traffic) != 0 ||
	    json_object_update(config, more) != 0) {
		json_decref(config);
		config = NULL;
	}
	json_decref(traffic);
	json_decref(more);
	/* of a test: a reader has to see it, and no other result has the key */
	if (r->opts.invert_control)
		json_object_set_new(config, "invert_control", json_true());
	return config;
}
