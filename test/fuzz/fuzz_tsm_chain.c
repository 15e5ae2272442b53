/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The bytes are a certificate chain. What is inside a certificate is OpenSSL's, and takes it a
 * hundred times as long: one input in 64 goes there. Its path is not walked, for signatures are
 * slower still.
 */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

/* FNV-1a: an input goes the same way each time. */
static bool
chosen(const uint8_t *data, size_t size)
{
	uint32_t hash = 2166136261u;

	while (size-- > 0)
		hash = (hash ^ data[size]) * 16777619u;
	return hash % 64 == 0;
}

static void
load(const struct tsm_chain *c)
{
	struct tsm_certs certs = {0};
	char why[160] = "";
	int rc = tsm_certs_load(c, &certs, why, sizeof(why));

	must(rc == 0 || rc == -EPROTO);
	must(certs.nb == c->nb || (rc != 0 && certs.nb < c->nb));
	if (rc == 0) {
		rc = tsm_certs_leaf(&certs, why, sizeof(why));
		must(rc == 0 || rc == -EKEYREJECTED);
		for (const char *at = why; *at != '\0'; at++)
			must(*at >= ' ' && *at < 0x7f);
	}
	tsm_certs_free(&certs);
	must(certs.nb == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[160] = "";
	const uint8_t *at = data + 52;
	struct tsm_chain c;
	unsigned int i;
	int rc = tsm_chain_parse(data, size, &c, why, sizeof(why));

	must(rc == 0 || rc == -EPROTO);
	must(memchr(why, '\0', sizeof(why)) != NULL && (why[0] != '\0') == (rc != 0));
	if (rc != 0)
		return 0;
	must(c.nb >= 1 && c.nb <= TSM_CERTS_MAX && c.root_hash == data + 4);
	for (i = 0; i < c.nb; at += c.certs[i].len, i++)
		must(c.certs[i].p == at && c.certs[i].len >= 2);
	must(at == data + size);
	if (chosen(data, size))
		load(&c);
	return 0;
}
