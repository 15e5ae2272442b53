/* SPDX-License-Identifier: BSD-3-Clause */

/* What traffic the generator makes: from the command line, and from a model session. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "gen.h"

#define SESSION_MAX 9000u /* steer_trace.h's largest frame */

/* 7:4:1 of 64, 594 and 1514 bytes, spread as evenly as it goes. */
static const uint16_t imix[] = {64, 594, 64, 64, 594, 64, 1514, 64, 594, 64, 64, 594};
#define IMIX_WEIGHTS "64:7/594:4/1514:1"

static int
fail(char *err, size_t errlen, const char *what, const char *value)
{
	snprintf(err, errlen, "%s \"%s\"", what, value);
	return -EINVAL;
}

/** Unsigned number, optional k, M or G (decimal), nothing after it. */
static bool
number(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t scale = 1;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 0);
	if (*end == 'k')
		scale = 1000;
	else if (*end == 'M')
		scale = 1000000;
	else if (*end == 'G')
		scale = 1000000000;
	if (scale > 1)
		end++;
	if (errno || *end || *out > max / scale)
		return false;
	*out *= scale;
	return true;
}

/** Number with at most three decimals, in thousandths. */
static bool
thousandths(const char *text, uint32_t max, uint32_t *out)
{
	uint32_t v = 0, unit = 1000;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && v <= max; p++)
		v = 10 * v + 1000 * (uint32_t)(*p - '0');
	if (p == text)
		return false;
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++) {
			unit /= 10;
			v += unit * (uint32_t)(*p - '0');
		}
	}
	*out = v;
	return *p == '\0' && p[-1] != '.' && v <= max;
}

/** "imix", or sizes joined by '+'. */
static int
parse_sizes(char *text, struct gen_conf *conf, char *err, size_t errlen)
{
	char *save = NULL, *one;
	uint64_t v;

	conf->mixed = false;
	if (strcmp(text, "imix") == 0) {
		memcpy(conf->sizes, imix, sizeof(imix));
		conf->nr_sizes = RTE_DIM(imix);
		return 0;
	}
	conf->nr_sizes = 0;
	for (one = strtok_r(text, "+", &save); one; one = strtok_r(NULL, "+", &save)) {
		if (!number(one, GEN_MAX, &v) || v < GEN_MIN)
			return fail(err, errlen, "size must be imix or 60..9018, not", one);
		if (conf->nr_sizes == GEN_MAX_SIZES)
			return fail(err, errlen, "more than 16 sizes, from", one);
		conf->sizes[conf->nr_sizes++] = (uint16_t)v;
	}
	return conf->nr_sizes ? 0 : fail(err, errlen, "size is empty", "");
}

/** SIZE:WEIGHT joined by '/'. */
static int
parse_mix(char *text, struct gen_conf *conf, char *err, size_t errlen)
{
	char imix_copy[] = IMIX_WEIGHTS, *save = NULL, *one, *weight;
	uint64_t size, w;

	if (strcmp(text, "imix") == 0)
		text = imix_copy;
	conf->mixed = true;
	conf->nr_sizes = 0;
	for (one = strtok_r(text, "/", &save); one; one = strtok_r(NULL, "/", &save)) {
		weight = strchr(one, ':');
		if (!weight)
			return fail(err, errlen, "mix must be imix or SIZE:WEIGHT/..., not", one);
		*weight++ = '\0';
		if (!number(one, GEN_MAX, &size) || size < GEN_MIN)
			return fail(err, errlen, "sizes of a mix must be 60..9018, not", one);
		if (!number(weight, UINT32_MAX, &w) || w == 0)
			return fail(err, errlen, "weights of a mix must be above 0, not", weight);
		if (conf->nr_sizes == GEN_MAX_SIZES)
			return fail(err, errlen, "more than 16 sizes, from", one);
		conf->sizes[conf->nr_sizes] = (uint16_t)size;
		conf->weights[conf->nr_sizes++] = (uint32_t)w;
	}
	return conf->nr_sizes ? 0 : fail(err, errlen, "mix is empty", "");
}

static int
parse_one(char *key, char *value, struct gen_conf *conf, char *err, size_t errlen)
{
	uint64_t v;

	if (strcmp(key, "size") == 0)
		return parse_sizes(value, conf, err, errlen);
	if (strcmp(key, "mix") == 0)
		return parse_mix(value, conf, err, errlen);
	if (strcmp(key, "flows") == 0) {
		if (!number(value, GEN_MAX_FLOWS, &v) || v == 0)
			return fail(err, errlen, "flows must be 1..65536, not", value);
		conf->flows = (uint32_t)v;
		return 0;
	}
	if (strcmp(key, "zipf") == 0) {
		if (!thousandths(value, GEN_MAX_ZIPF, &conf->zipf_milli))
			return fail(err, errlen, "zipf must be 0..5 as in 0.99, not", value);
		return 0;
	}
	if (strcmp(key, "seed") == 0 && number(value, UINT64_MAX, &conf->seed))
		return 0;
	if (strcmp(key, "rate") == 0 && number(value, UINT32_MAX, &conf->rate))
		return 0;
	if (strcmp(key, "count") == 0 && number(value, UINT64_MAX, &conf->count))
		return 0;
	return fail(err, errlen, "unknown or bad option", key);
}

int
gen_conf_parse(const char *text, struct gen_conf *conf, char *err, size_t errlen)
{
	char copy[512], *save = NULL, *item, *value;
	int ret;

	*conf = (struct gen_conf){
		.sizes = {64}, .nr_sizes = 1, .flows = GEN_DEF_FLOWS, .seed = GEN_DEF_SEED};
	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return fail(err, errlen, "text too long", "");
	item = strtok_r(copy, ",", &save);
	if (!item || strcmp(item, "gen") != 0)
		return fail(err, errlen, "not a generator", text);
	while ((item = strtok_r(NULL, ",", &save)) != NULL) {
		value = strchr(item, '=');
		if (!value)
			return fail(err, errlen, "option without a value", item);
		*value++ = '\0';
		ret = parse_one(item, value, conf, err, errlen);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static bool
frame_fits(uint32_t len)
{
	return len >= GEN_MIN && len <= SESSION_MAX;
}

static int
session_mix(struct gen_conf *conf, const struct steer_trace_gen *want)
{
	uint32_t i;

	if (want->nmix > STEER_TRACE_MIX_MAX || want->len != 0)
		return -EINVAL;
	conf->mixed = true;
	conf->nr_sizes = (uint16_t)want->nmix;
	for (i = 0; i < want->nmix; i++) {
		if (!frame_fits(want->mix[i].len) || want->mix[i].weight == 0)
			return -EINVAL;
		conf->sizes[i] = (uint16_t)want->mix[i].len;
		conf->weights[i] = want->mix[i].weight;
	}
	return 0;
}

int
gen_conf_session(struct gen_conf *conf, const struct steer_trace_gen *want)
{
	static const struct steer_trace_gen none;

	if (memcmp(want, &none, sizeof(none)) == 0)
		return 0;
	if (want->flows > GEN_MAX_FLOWS || want->zipf_milli > GEN_MAX_ZIPF)
		return -EINVAL;
	if (want->flows != 0)
		conf->flows = want->flows;
	conf->zipf_milli = want->zipf_milli;
	if (want->nmix != 0)
		return session_mix(conf, want);
	if (want->len == 0)
		return 0;
	if (!frame_fits(want->len))
		return -EINVAL;
	conf->mixed = false;
	conf->nr_sizes = 1;
	conf->sizes[0] = (uint16_t)want->len;
	return 0;
}
