/* SPDX-License-Identifier: BSD-3-Clause */

/* evidence.json back into what it was written from. Strict: a folder may come from anybody. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "policy.h"
#include "store.h"

struct parse {
	char *err;
	size_t errlen;
};

static int
bad(struct parse *p, const char *key)
{
	snprintf(p->err, p->errlen, STORE_JSON ": %s: missing, or not what it should be", key);
	return -EINVAL;
}

static int
integer(struct parse *p, const json_t *o, const char *key, json_int_t min, json_int_t max,
	json_int_t *out)
{
	const json_t *v = json_object_get(o, key);

	*out = json_integer_value(v);
	return json_is_integer(v) && *out >= min && *out <= max ? 0 : bad(p, key);
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal digits into at most max bytes. @return bytes or -EINVAL. */
static int
unhex(const char *text, uint8_t *out, size_t max)
{
	size_t len = text != NULL ? strlen(text) : 1, i;

	if (len % 2 != 0 || len / 2 > max)
		return -EINVAL;
	for (i = 0; i < len / 2; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return (int)i;
}

static int
digests(struct parse *p, const json_t *root, struct steer_tsm_evidence *e)
{
	const json_t *o = json_object_get(root, "digests"), *v;
	uint8_t *base = (uint8_t *)e;
	unsigned int i;

	if (!json_is_object(o))
		return bad(p, "digests");
	for (i = 0; i < STORE_DIGESTS; i++) {
		v = json_object_get(o, store_digests[i].name);
		if (v == NULL)
			continue;
		if (unhex(json_string_value(v), base + store_digests[i].at, STEER_TSM_DIGEST) !=
		    (int)STEER_TSM_DIGEST)
			return bad(p, store_digests[i].name);
		*(bool *)(base + store_digests[i].has) = true;
	}
	return 0;
}

/* As this side writes one: it is printed, and stays on its line. */
static bool
tsm_name(const char *text)
{
	size_t i;

	for (i = 0; text != NULL && text[i] >= ' ' && text[i] < 0x7f; i++)
		;
	return text != NULL && text[i] == '\0' && i < sizeof(((struct steer_tsm_evidence *)0)->tsm);
}

static int
evidence(struct parse *p, const json_t *root, struct steer_tsm_evidence *e)
{
	const char *tsm = json_string_value(json_object_get(root, "tsm"));
	const json_t *simulated = json_object_get(root, "simulated");
	json_int_t n;
	int arch = steer_tsm_arch_parse(json_string_value(json_object_get(root, "arch")));
	int len = unhex(json_string_value(json_object_get(root, "nonce")), e->nonce,
			sizeof(e->nonce));

	if (!tsm_name(tsm))
		return bad(p, "tsm");
	if (!json_is_boolean(simulated))
		return bad(p, "simulated");
	if (arch < 0)
		return bad(p, "arch");
	if (len < 0)
		return bad(p, "nonce");
	if (integer(p, root, "time", 0, INT64_MAX, &n) < 0)
		return -EINVAL;
	strcpy(e->tsm, tsm);
	e->simulated = json_is_true(simulated);
	e->arch = (enum steer_tsm_arch)arch;
	e->nonce_len = (uint16_t)len;
	e->time = (uint64_t)n;
	return digests(p, root, e);
}

static void
number_set(struct steer_tsm_device *d, const struct store_number *n, json_int_t v)
{
	uint8_t *at = (uint8_t *)d + n->at;
	uint16_t u16 = (uint16_t)v;
	uint32_t u32 = (uint32_t)v;

	if (n->size == 1)
		*at = (uint8_t)v;
	else if (n->size == 2)
		memcpy(at, &u16, sizeof(u16));
	else
		memcpy(at, &u32, sizeof(u32));
}

static int
bars(struct parse *p, const json_t *list, struct steer_tsm_device *d)
{
	json_int_t bar, size;
	const json_t *v;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > 6)
		return bad(p, "bars");
	json_array_foreach((json_t *)list, i, v) {
		if (integer(p, v, "bar", 0, 5, &bar) < 0 ||
		    integer(p, v, "size", 0, INT64_MAX, &size) < 0)
			return -EINVAL;
		d->bars[i] = (struct steer_tsm_bar){.bar = (uint8_t)bar, .size = (uint64_t)size};
	}
	d->nb_bars = (unsigned int)json_array_size(list);
	return 0;
}

static int
device(struct parse *p, const json_t *o, struct steer_tsm_device *d)
{
	json_int_t v;
	unsigned int i;

	*d = (struct steer_tsm_device){0};
	if (!json_is_object(o))
		return bad(p, "device");
	for (i = 0; i < STORE_NUMBERS; i++) {
		const struct store_number *n = &store_numbers[i];

		if (integer(p, o, n->name, n->min, n->max, &v) < 0)
			return -EINVAL;
		number_set(d, n, v);
	}
	return bars(p, json_object_get(o, "bars"), d);
}

static int
policy(struct parse *ctx, const json_t *root, struct steer_tsm_policy *p)
{
	int mode = steer_tsm_mode_parse(json_string_value(json_object_get(root, "mode"))), rc;
	const json_t *o = json_object_get(root, "policy");
	char *text, why[128] = "";

	if (mode < 0)
		return bad(ctx, "mode");
	if (!json_is_object(o))
		return bad(ctx, "policy");
	text = tsm_json_text(json_incref((json_t *)o));
	if (text == NULL)
		return -ENOMEM;
	steer_tsm_policy_init(p);
	rc = steer_tsm_policy_parse(text, strlen(text), NULL, p, why, sizeof(why));
	p->mode = (enum steer_tsm_mode)mode;
	free(text);
	if (rc < 0)
		snprintf(ctx->err, ctx->errlen, STORE_JSON ": policy: %s", why);
	return rc;
}

int
store_parse(const json_t *root, struct steer_tsm_evidence *e, struct steer_tsm_device *d,
	    struct steer_tsm_policy *p, char *err, size_t errlen)
{
	struct parse ctx = {.err = err, .errlen = errlen};
	json_int_t version;
	int rc = integer(&ctx, root, "version", STORE_VERSION, STORE_VERSION, &version);

	if (rc == 0)
		rc = evidence(&ctx, root, e);
	if (rc == 0 && d != NULL)
		rc = device(&ctx, json_object_get(root, "device"), d);
	if (rc == 0 && p != NULL)
		rc = policy(&ctx, root, p);
	return rc;
}
