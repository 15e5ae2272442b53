/* SPDX-License-Identifier: BSD-3-Clause */

/* evidence.json: what was asked, and all that evidence was judged by. */

#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "store.h"

static json_t *
hex(const uint8_t *p, size_t len)
{
	char text[2 * STEER_TSM_NONCE_MAX + 1];

	tsm_hex(p, len, text);
	return json_string(text);
}

/* Only the BARs have one byte, and -1 for none. */
static json_int_t
number_get(const struct steer_tsm_device *d, const struct store_number *n)
{
	const uint8_t *at = (const uint8_t *)d + n->at;
	uint32_t u32;
	uint16_t u16;

	if (n->size == 1)
		return (int8_t)*at;
	if (n->size == 2) {
		memcpy(&u16, at, sizeof(u16));
		return u16;
	}
	memcpy(&u32, at, sizeof(u32));
	return u32;
}

static json_t *
device(const struct steer_tsm_device *d)
{
	json_t *root = json_object(), *bars = json_array();
	int rc = 0;
	unsigned int i;

	for (i = 0; i < d->nb_bars && i < 6; i++)
		rc |= json_array_append_new(bars,
					    json_pack("{s:i, s:I}", "bar", (int)d->bars[i].bar,
						      "size", (json_int_t)d->bars[i].size));
	rc |= json_object_set_new(root, "bars", bars);
	for (i = 0; i < STORE_NUMBERS; i++)
		rc |= json_object_set_new(root, store_numbers[i].name,
					  json_integer(number_get(d, &store_numbers[i])));
	if (rc == 0)
		return root;
	json_decref(root);
	return NULL;
}

static json_t *
digests(const struct steer_tsm_evidence *e)
{
	json_t *root = json_object();
	const uint8_t *base = (const uint8_t *)e;
	int rc = 0;
	unsigned int i;

	for (i = 0; i < STORE_DIGESTS; i++) {
		const struct store_digest *d = &store_digests[i];

		if (*(const bool *)(base + d->has))
			rc |= json_object_set_new(root, d->name,
						  hex(base + d->at, STEER_TSM_DIGEST));
	}
	if (rc == 0)
		return root;
	json_decref(root);
	return NULL;
}

/* Text that another part of the library made, as JSON. Takes the text. */
static json_t *
from_text(char *text)
{
	json_t *v = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

	free(text);
	return v;
}

/* The device says what its TSM is called; what is no ASCII would be no JSON. */
static json_t *
tsm_name(const struct steer_tsm_evidence *e)
{
	char name[sizeof(e->tsm)];
	size_t i;

	for (i = 0; i < sizeof(name) - 1 && e->tsm[i] != '\0'; i++)
		name[i] = e->tsm[i] >= ' ' && e->tsm[i] < 0x7f ? e->tsm[i] : '?';
	name[i] = '\0';
	return json_string(name);
}

json_t *
store_json(const char *name, const struct steer_tsm_evidence *e, const struct steer_tsm_device *d,
	   const struct steer_tsm_policy *p, const struct steer_tsm_verdict *v)
{
	json_t *root = json_object();
	size_t nonce_len = e->nonce_len < sizeof(e->nonce) ? e->nonce_len : sizeof(e->nonce);
	int rc = json_object_set_new(root, "version", json_integer(STORE_VERSION));

	/* A name that is no UTF-8 is a path: without it the evidence is as good. */
	json_object_set_new(root, "name", json_string(name));
	rc |= json_object_set_new(root, "tsm", tsm_name(e));
	rc |= json_object_set_new(root, "simulated", json_boolean(e->simulated));
	rc |= json_object_set_new(root, "arch", json_string(steer_tsm_arch_name(e->arch)));
	rc |= json_object_set_new(root, "time", json_integer((json_int_t)e->time));
	rc |= json_object_set_new(root, "nonce", hex(e->nonce, nonce_len));
	rc |= json_object_set_new(root, "digests", digests(e));
	rc |= json_object_set_new(root, "device", device(d));
	rc |= json_object_set_new(root, "mode", json_string(steer_tsm_mode_name(p->mode)));
	rc |= json_object_set_new(root, "policy", from_text(steer_tsm_policy_text(p)));
	rc |= json_object_set_new(root, "verdict", from_text(steer_tsm_verdict_json(v)));
	if (rc == 0)
		return root;
	json_decref(root);
	return NULL;
}
