/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "opts.h"
#include "traffic.h"

/* "Simple IMIX", 7:4:1, frames without FCS, as the card's own. */
#define IMIX "64:7/594:4/1514:1"

int
traffic_mix_parse(const char *text, struct steer_trace_gen *gen)
{
	char copy[128], *save = NULL, *weight;
	uint64_t size, w;

	if (strcmp(text, "imix") == 0)
		text = IMIX;
	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return -EINVAL;
	gen->nmix = 0;
	for (char *one = strtok_r(copy, "/", &save); one != NULL;
	     one = strtok_r(NULL, "/", &save)) {
		weight = strchr(one, ':');
		if (weight == NULL || gen->nmix == STEER_TRACE_MIX_MAX)
			return -EINVAL;
		*weight++ = '\0';
		if (number_parse(one, TRAFFIC_MIN, TRAFFIC_MAX, &size) != 0 ||
		    number_parse(weight, 1, UINT32_MAX, &w) != 0)
			return -EINVAL;
		gen->mix[gen->nmix].len = size;
		gen->mix[gen->nmix++].weight = w;
	}
	return gen->nmix != 0 ? 0 : -EINVAL;
}

int
traffic_zipf_parse(const char *text, uint32_t *milli)
{
	static const uint64_t unit[] = {1000, 100, 10, 1};
	const char *point = strchr(text, '.');
	size_t whole = point != NULL ? (size_t)(point - text) : strlen(text);
	size_t decimals = point != NULL ? strlen(point + 1) : 0;
	char digits[16] = "";
	uint64_t n, part = 0;

	if (whole == 0 || whole >= sizeof(digits) || decimals > 3 ||
	    (point != NULL && decimals == 0))
		return -EINVAL;
	memcpy(digits, text, whole);
	if (strspn(text, "0123456789.") != strlen(text) || number_parse(digits, 0, 5, &n) != 0)
		return -EINVAL;
	for (size_t i = 0; i < decimals; i++) {
		if (point[1 + i] == '.')
			return -EINVAL;
		part += unit[1 + i] * (uint64_t)(point[1 + i] - '0');
	}
	n = n * unit[0] + part;
	if (n > TRAFFIC_ZIPF_MAX)
		return -EINVAL;
	*milli = n;
	return 0;
}

const char *
traffic_mix_name(const struct steer_trace_gen *gen, char *buf, size_t len)
{
	size_t n = 0;

	if (len != 0)
		buf[0] = '\0';
	for (uint32_t i = 0; i < gen->nmix && n < len; i++)
		n += snprintf(buf + n, len - n, "%s%" PRIu32 ":%" PRIu32, i != 0 ? "/" : "",
			      gen->mix[i].len, gen->mix[i].weight);
	return buf;
}

bool
traffic_given(const struct opts *o)
{
	static const struct steer_trace_gen none;

	return memcmp(&o->traffic, &none, sizeof(none)) != 0;
}

int
traffic_refused(const struct opts *o, char *why, size_t len)
{
	if (!traffic_given(o))
		return 0;
	snprintf(why, len,
		 "--size, --mix, --flows and --zipf are for the model: here the wire has the "
		 "traffic that it has");
	return -ENOTSUP;
}

int
traffic_gen_apply(const struct opts *o, struct steer_trace_gen *gen)
{
	if (o->traffic.len != 0 && o->traffic.nmix != 0)
		return -EINVAL;
	*gen = o->traffic;
	return 0;
}
