/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "gen.h"

static const uint8_t src_mac[6] = {0x02, 0x53, 0x47, 0x45, 0x4e, 0x00};
/* 7:4:1 of 64, 594 and 1514 bytes, spread as evenly as it goes. */
static const uint16_t imix[] = {64, 594, 64, 64, 594, 64, 1514, 64, 594, 64, 64, 594};

void
gen_pattern(uint8_t pattern[GEN_MAX])
{
	uint32_t i;

	for (i = 0; i < GEN_MAX; i++)
		pattern[i] = (uint8_t)(7 * i + 3);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/** Sum of 16-bit words as they lie in memory; RFC 1071 needs no byte order. */
static uint32_t
sum16(const uint8_t *p, uint32_t len, uint32_t sum)
{
	uint16_t word;

	for (; len > 1; len -= 2, p += 2) {
		memcpy(&word, p, 2);
		sum += word;
	}
	if (len) {
		word = 0;
		memcpy(&word, p, 1);
		sum += word;
	}
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/** Bits that look random: two flows differ in more than their number, whatever the hash. */
static uint64_t
flow_bits(const struct gen_conf *conf, uint32_t flow)
{
	uint64_t h = (conf->seed + 1) * 0x9e3779b97f4a7c15ull + flow;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ull;
	h = (h ^ h >> 27) * 0x94d049bb133111ebull;
	return h ^ h >> 31;
}

void
gen_head_make(const struct gen_conf *conf, const uint8_t mac[6], const uint8_t *pattern,
	      uint32_t flow, uint16_t size, struct gen_head *head, uint32_t *sum)
{
	uint8_t *b = head->bytes;
	const uint64_t bits = flow_bits(conf, flow);
	uint16_t csum, pseudo[2];

	memset(b, 0, GEN_HEAD);
	memcpy(b, mac, 6);
	memcpy(b + 6, src_mac, 6);
	put16(b + 12, 0x0800);
	b[14] = 0x45;
	put16(b + 16, size - 14u);
	put16(b + 20, 0x4000);
	b[22] = 64;
	b[23] = 17;
	put32(b + 26, 0xc6120000u + flow);
	put32(b + 30, 0xc6130000u + (uint32_t)(bits >> 48));
	csum = fold(sum16(b + 14, 20, 0));
	memcpy(b + 24, &csum, 2);
	put16(b + 34, (uint32_t)(1024 + bits % 60000));
	put16(b + 36, 9);
	put16(b + 38, size - 34u);
	put32(b + GEN_OFF_FLOW, flow);
	put16(b + 46, GEN_MAGIC);
	put32(b + 56, size);
	memcpy(b + 60, pattern + 60, 4);
	put16((uint8_t *)&pseudo[0], 17);
	put16((uint8_t *)&pseudo[1], size - 34u);
	*sum = sum16(b + 26, 8, (uint32_t)pseudo[0] + pseudo[1]);
	*sum = sum16(b + 34, RTE_MIN(size, (uint16_t)GEN_HEAD) - 34u, *sum);
	if (size > GEN_HEAD)
		*sum = sum16(pattern + GEN_HEAD, size - GEN_HEAD, *sum);
}

enum gen_verdict
gen_check(const struct gen_conf *conf, const uint8_t *frame, uint32_t len, const uint8_t *pattern,
	  uint32_t *flow, uint64_t *seq)
{
	uint8_t want[GEN_MAX];
	struct gen_head head;
	uint64_t be;
	uint32_t sum;

	if (len < GEN_MIN || frame[46] != GEN_MAGIC >> 8 || frame[47] != (GEN_MAGIC & 0xff))
		return GEN_FOREIGN;
	*flow = get32(frame + GEN_OFF_FLOW);
	if (*flow >= conf->flows || len != get32(frame + 56) || len > GEN_MAX)
		return GEN_DAMAGED;
	memcpy(&be, frame + GEN_OFF_SEQ, sizeof(be));
	*seq = rte_be_to_cpu_64(be);
	gen_head_make(conf, frame, pattern, *flow, (uint16_t)len, &head, &sum);
	gen_write(want, &head, sum, *seq, len, pattern);
	return memcmp(frame + 12, want + 12, len - 12) == 0 ? GEN_GOOD : GEN_DAMAGED;
}

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

/** "imix", or sizes joined by '+'. */
static int
parse_sizes(char *text, struct gen_conf *conf, char *err, size_t errlen)
{
	char *save = NULL, *one;
	uint64_t v;

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

static int
parse_one(char *key, char *value, struct gen_conf *conf, char *err, size_t errlen)
{
	uint64_t v;

	if (strcmp(key, "size") == 0)
		return parse_sizes(value, conf, err, errlen);
	if (strcmp(key, "flows") == 0) {
		if (!number(value, GEN_MAX_FLOWS, &v) || v == 0)
			return fail(err, errlen, "flows must be 1..65536, not", value);
		conf->flows = (uint32_t)v;
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
